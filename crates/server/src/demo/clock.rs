//! The demo's clock: it stands in the past while the past is told, and becomes everybody's clock after that.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::kernel::{Clock, Millis, SystemClock};

/// No moment of the past: the clock goes by itself.
const REAL: i64 = i64::MIN;

pub struct DemoClock(AtomicI64);

impl DemoClock {
    pub fn at(then: Millis) -> Self {
        Self(AtomicI64::new(then.0))
    }
    /// Never back.
    pub fn set(&self, then: Millis) {
        self.0.fetch_max(then.0, Ordering::SeqCst);
    }
    /// From now on it is now.
    pub fn go(&self) {
        self.0.store(REAL, Ordering::SeqCst);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Millis {
        match self.0.load(Ordering::SeqCst) {
            REAL => SystemClock.now(),
            then => Millis(then),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_where_it_is_set_until_it_goes() {
        let clock = DemoClock::at(Millis(1_000));
        clock.set(Millis(5_000));
        clock.set(Millis(4_000));
        assert_eq!(clock.now(), Millis(5_000));
        clock.go();
        assert!(clock.now() > Millis::parse("2024-01-01T00:00:00Z").unwrap());
    }
}
