//! Memory for queries, in two purses: one for what can spill, one for what cannot.
//!
//! With one purse a sort fills it with rows and has nothing left to merge them with; and merging sorted rows takes twice
//! what the rows take (their keys and what stands ready to go out), and cannot spill. So what can spill gets a quarter:
//! it spills early, and what it does next finds room.

use datafusion::common::Result;
use datafusion::execution::memory_pool::{FairSpillPool, GreedyMemoryPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};

/// Share of what can spill, in percent: measured, sorts by several columns fail at 40.
const SPILLABLE_PERCENT: usize = 25;

#[derive(Debug)]
pub struct TwoPurses {
    spillable: FairSpillPool,
    rest: GreedyMemoryPool,
    bytes: usize,
}

impl TwoPurses {
    pub fn new(bytes: usize) -> Self {
        let spillable = bytes / 100 * SPILLABLE_PERCENT;
        Self { spillable: FairSpillPool::new(spillable), rest: GreedyMemoryPool::new(bytes - spillable), bytes }
    }

    fn of(&self, consumer: &MemoryConsumer) -> &dyn MemoryPool {
        if consumer.can_spill() { &self.spillable } else { &self.rest }
    }
}

impl std::fmt::Display for TwoPurses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TwoPurses({}, {})", self.spillable, self.rest)
    }
}

impl MemoryPool for TwoPurses {
    fn name(&self) -> &str {
        "two_purses"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.of(consumer).register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.of(consumer).unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.of(reservation.consumer()).grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.of(reservation.consumer()).shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        self.of(reservation.consumer()).try_grow(reservation, additional)
    }

    fn reserved(&self) -> usize {
        self.spillable.reserved() + self.rest.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.bytes)
    }
}
