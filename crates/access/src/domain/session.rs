//! How long a session lives.

use crate::kernel::Millis;

/// Without a request.
pub(crate) const IDLE: i64 = 12 * Millis::HOUR;
/// In all, however busy.
pub(crate) const ABSOLUTE: i64 = 7 * Millis::DAY;
