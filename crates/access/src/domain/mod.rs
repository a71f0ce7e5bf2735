//! What access means, without a database.

pub(crate) mod email;
pub(crate) mod password;
pub mod permission;
pub(crate) mod secret;
pub(crate) mod session;
pub(crate) mod workspace;
