//! Work on blocks of rows. Blocks do not depend on the number of threads and their answers come in order,
//! so a sum over them is the same to the last bit on one thread and on many.

use std::sync::{Mutex, PoisonError};

/// Rows per block: large enough that handing one out costs nothing, small enough that two threads end together.
pub const BLOCK: usize = 16_384;

/// `work` over all items, the answers in the order of the items.
pub fn map<I: Send, T: Send>(items: Vec<I>, threads: usize, work: impl Fn(I) -> T + Sync) -> Vec<T> {
    if threads <= 1 || items.len() <= 1 {
        return items.into_iter().map(work).collect();
    }
    let count = items.len();
    let queue = Mutex::new(items.into_iter().enumerate());
    let done = Mutex::new(Vec::with_capacity(count));
    let labour = || {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((place, item)) = next else { break };
            let answer = work(item);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((place, answer));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(count) {
            scope.spawn(labour);
        }
        labour();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, answer)| answer).collect()
}

/// The ranges of rows that blocks stand for.
pub fn blocks(rows: usize) -> Vec<std::ops::Range<usize>> {
    (0..rows).step_by(BLOCK).map(|start| start..(start + BLOCK).min(rows)).collect()
}

/// A fixed number of runs of rows, for sums too large to have one for every block.
pub fn shards(rows: usize) -> Vec<std::ops::Range<usize>> {
    let length = rows.div_ceil(16).max(BLOCK);
    (0..rows).step_by(length).map(|start| start..(start + length).min(rows)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_order_on_any_number_of_threads() {
        let wanted: Vec<usize> = (0..100).map(|i| i * i).collect();
        for threads in [0, 1, 2, 7, 200] {
            assert_eq!(map((0..100).collect(), threads, |i: usize| i * i), wanted);
        }
        assert!(map(Vec::<usize>::new(), 2, |i| i).is_empty());
    }

    #[test]
    fn blocks_cover_all_rows_once() {
        assert_eq!(blocks(BLOCK + 1), [0..BLOCK, BLOCK..BLOCK + 1]);
        assert!(blocks(0).is_empty() && shards(0).is_empty());
        assert_eq!(shards(10 * BLOCK * 16).len(), 16);
        assert_eq!(shards(BLOCK + 5), [0..BLOCK, BLOCK..BLOCK + 5]);
    }
}
