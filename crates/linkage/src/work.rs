//! Work in pieces on several threads, with a word on how far it is, and an ear for "stop".

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use crate::error::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Blocking,
    Training,
    Comparing,
    Clustering,
}

/// How far it is. `total` is known when the stage begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    /// Pairs.
    pub done: u64,
    pub total: u64,
}

/// Called from the calling thread only, between two pieces of work; `Break` stops everything.
pub type Watch<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

pub(crate) fn tell(watch: Watch, stage: Stage, done: u64, total: u64) -> Result<()> {
    match watch(Progress { stage, done, total }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Error::Cancelled),
    }
}

/// Pieces 0 to `sizes.len()` − 1 on `threads` threads; what each thread has gathered, in no order that means anything.
pub(crate) fn run<T: Send>(
    stage: Stage,
    sizes: &[u64],
    threads: usize,
    make: impl Fn() -> T + Sync,
    work: impl Fn(&mut T, usize) + Sync,
    watch: Watch,
) -> Result<Vec<T>> {
    let (next, done, stop) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let total = sizes.iter().sum();
    let piece = |gathered: &mut T| {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= sizes.len() || stop.load(Ordering::Relaxed) {
            return false;
        }
        work(gathered, number);
        done.fetch_add(sizes[number], Ordering::Relaxed);
        true
    };
    thread::scope(|scope| {
        let helper = || {
            let mut gathered = make();
            while piece(&mut gathered) {}
            gathered
        };
        let helpers: Vec<_> = (1..threads.min(sizes.len())).map(|_| scope.spawn(helper)).collect();
        let mut gathered = make();
        let mut told = tell(watch, stage, 0, total);
        while told.is_ok() && piece(&mut gathered) {
            told = tell(watch, stage, done.load(Ordering::Relaxed), total);
        }
        stop.store(told.is_err(), Ordering::Relaxed);
        let mut all = vec![gathered];
        for helper in helpers {
            // A panic over there is a panic here.
            all.push(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        told.map(|()| all)
    })
}
