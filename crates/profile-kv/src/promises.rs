//! The numbered promises, as tests that any engine must pass.

use weft_bitmap::{Bitmap, Expression};

use crate::kernel::Result;
use crate::key::Key;
use crate::pieces::{self, Name};
use crate::{Frozen, MemoryStore, Read, StateStore, Work};
use std::sync::Arc;

const A: &str = "promise_a";
const B: &str = "promise_b";

/// `open` is called again and again on the same place.
pub fn all(open: &dyn Fn() -> Arc<dyn StateStore>) -> Result<()> {
    p1_changes_and_position_are_one(open)?;
    p2_applied_is_read(open)?;
    p4_positions_do_not_go_back(open)?;
    p4_nor_when_two_apply_at_once(open)?;
    p5_scans_are_ordered(open)?;
    p5_a_queue_may_be_taken_from_its_front(open)?;
    work_reads_its_own_writes(open)?;
    work_stands_on_what_is_being_written(open)?;
    p8_sets_are_as_they_were_written(open)?;
    p8_sets_are_of_one_moment(open)
}

fn p1_changes_and_position_are_one(open: &dyn Fn() -> Arc<dyn StateStore>) -> Result<()> {
    {
        let store = open();
        store.clear()?;
        store.apply(vec![(A, b"k".to_vec(), Some(b"1".to_vec())), (B, b"k".to_vec(), Some(b"2".to_vec()))], 7)?;
    }
    let store = open();
    assert_eq!(store.position(), 7);
    assert_eq!(store.get(A, b"k")?.as_deref(), Some(b"1".as_slice()));
    assert_eq!(store.get(B, b"k")?.as_deref(), Some(b"2".as_slice()));
    Ok(())
}

fn p2_applied_is_read(open: &dyn Fn() -> Arc<dyn StateStore>) -> Result<()> {
    let store = open();
    store.clear()?;
    store.apply(vec![(A, b"x".to_vec(), Some(b"1".to_vec()))], 1)?;
    assert_eq!(store.get(A, b"x")?.as_deref(), Some(b"1".as_slice()));
    store.apply(vec![(A, b"x".to_vec(), None)], 2)?;
    assert_eq!(store.get(A, b"x")?, None);
    Ok(())
}

fn p4_positions_do_not_go_back(open: &dyn Fn() -> Arc<dyn StateStore>) -> Result<()> {
    let store = open();
    store.clear()?;
    store.apply(vec![], 9)?;
    store.apply(vec![], 3)?;
    assert_eq!(store.position(), 9);
    store.clear()?;
    assert_eq!(store.position(), 0);
    Ok(())
}

/// The pipeline moves on while somebody else tidies up without a position of its own.
fn p4_nor_when_two_apply_at_once(open: &dyn Fn() -> Arc<dyn StateStore>) -> Result<()> {
    const LAST: u64 = 2_000;
    let store = open();
    store.clear()?;
    let (tidy, is_done) = (store.clone(), Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let done = is_done.clone();
    let tidying = std::thread::spawn(move || -> Result<()> {
        while !done.load(std::sync::atomic::Ordering::SeqCst) {
            tidy.apply(vec![(B, b"tidied".to_vec(), None)], 0)?;
        }
        Ok(())
    });
    for position in 1..=LAST {
        store.apply(vec![(A, b"k".to_vec(), Some(position.to_be_bytes().to_vec()))], position)?;
        assert_eq!(store.position(), position);
    }
    is_done.store(true, std::sync::atomic::Ordering::SeqCst);
    tidying.join().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))?;
    assert_eq!(store.position(), LAST);
    drop(store);
    assert_eq!(open().position(), LAST);
    Ok(())
}

fn keys(read: &dyn Read, from: &[u8], to: &[u8], back: bool) -> Result<Vec<Vec<u8>>> {
    let mut out = Vec::new();
    let mut visit = |k: &[u8], _: &[u8]| {
        out.push(k.to_vec());
        Ok(true)
    };
    if back { read.scan_back(A, from, to, &mut visit)? } else { read.scan(A, from, to, &mut visit)? }
    Ok(out)
}

fn p5_scans_are_ordered(open: &dyn Fn() -> Arc<dyn StateStore>) -> Result<()> {
    let store = open();
    store.clear()?;
    store.apply([b"b", b"a", b"d", b"c"].iter().map(|k| (A, k.to_vec(), Some(k.to_vec()))).collect(), 1)?;
    let read: &dyn Read = &Work::over(&*store);
    assert_eq!(keys(read, b"a", b"d", false)?, [b"a", b"b", b"c"]);
    assert_eq!(keys(read, b"a", b"d", true)?, [b"c", b"b", b"a"]);
    assert!(keys(read, b"d", b"a", false)?.is_empty());
    Ok(())
}

/// Whatever an engine remembers of what was taken: what comes in behind it is seen, and what comes in before it too.
fn p5_a_queue_may_be_taken_from_its_front(open: &dyn Fn() -> Arc<dyn StateStore>) -> Result<()> {
    let store = open();
    store.clear()?;
    let put = |keys: &[&[u8]]| store.apply(keys.iter().map(|k| (A, k.to_vec(), Some(Vec::new()))).collect(), 1);
    let take = |keys: &[&[u8]]| store.apply(keys.iter().map(|k| (A, k.to_vec(), None)).collect(), 1);
    let all = || keys(&*store, b"", b"\xff", false);
    assert!(all()?.is_empty());
    put(&[b"b", b"c", b"d", b"e"])?;
    assert_eq!(all()?, [b"b", b"c", b"d", b"e"]);
    take(&[b"b", b"c"])?;
    assert_eq!((all()?, keys(&*store, b"", b"d", false)?.len()), (vec![b"d".to_vec(), b"e".to_vec()], 0));
    assert_eq!((keys(&*store, b"c", b"e", false)?, keys(&*store, b"e", b"f", false)?), (vec![b"d".to_vec()], vec![b"e".to_vec()]));
    put(&[b"a"])?;
    assert_eq!(all()?, [b"a", b"d", b"e"]);
    take(&[b"a", b"d", b"e"])?;
    assert!(all()?.is_empty());
    put(&[b"c"])?;
    assert_eq!((all()?, keys(&*store, b"", b"\xff", true)?), (vec![b"c".to_vec()], vec![b"c".to_vec()]));
    store.clear()?;
    put(&[b"0"])?;
    assert_eq!(all()?, [b"0"]);
    a_reader_beside_a_writer_misses_nothing(&store)
}

/// One puts things in, now at the back and now before the front; another takes them out as they come.
fn a_reader_beside_a_writer_misses_nothing(store: &Arc<dyn StateStore>) -> Result<()> {
    const THINGS: u32 = 3_000;
    store.clear()?;
    let writer = store.clone();
    let writing = std::thread::spawn(move || -> Result<()> {
        for n in 0..THINGS {
            let key = if n % 7 == 0 { THINGS - n } else { THINGS + n };
            writer.apply(vec![(A, key.to_be_bytes().to_vec(), Some(Vec::new()))], 0)?;
        }
        Ok(())
    });
    let mut taken = 0;
    while taken < THINGS {
        let is_over = writing.is_finished();
        let found = keys(&**store, b"", b"\xff", false)?;
        assert!(!(is_over && found.is_empty()), "{taken} of {THINGS} were found");
        taken += found.len() as u32;
        store.apply(found.into_iter().map(|key| (A, key, None)).collect(), 0)?;
    }
    writing.join().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))
}

fn work_reads_its_own_writes(open: &dyn Fn() -> Arc<dyn StateStore>) -> Result<()> {
    let store = open();
    store.clear()?;
    store.apply([b"b", b"d", b"f"].iter().map(|k| (A, k.to_vec(), Some(b"old".to_vec()))).collect(), 1)?;
    let mut work = Work::over(&*store);
    work.put(A, b"a".to_vec(), b"new".to_vec());
    work.put(A, b"d".to_vec(), b"new".to_vec());
    work.put(A, b"z".to_vec(), b"new".to_vec());
    work.delete(A, b"f".to_vec());
    assert_eq!(keys(&work, b"", b"zz", false)?, [b"a", b"b", b"d", b"z"]);
    assert_eq!(keys(&work, b"", b"zz", true)?, [b"z", b"d", b"b", b"a"]);
    assert_eq!(work.get(A, b"d")?.as_deref(), Some(b"new".as_slice()));
    assert_eq!(store.get(A, b"d")?.as_deref(), Some(b"old".as_slice()));
    work.mark();
    work.put(A, b"a".to_vec(), b"wrong".to_vec());
    work.put(A, b"b".to_vec(), b"wrong".to_vec());
    work.put(A, b"a".to_vec(), b"wrong again".to_vec());
    work.roll_back();
    assert_eq!(work.get(A, b"a")?.as_deref(), Some(b"new".as_slice()));
    assert_eq!(work.get(A, b"b")?.as_deref(), Some(b"old".as_slice()));
    store.apply(work.into_changes(), 2)?;
    assert_eq!(store.get(A, b"f")?, None);
    Ok(())
}

/// Batch upon batch, each made on top of the one before while that is applied, gives what one after the other gives.
fn work_stands_on_what_is_being_written(open: &dyn Fn() -> Arc<dyn StateStore>) -> Result<()> {
    const BATCHES: u64 = 60;
    let (store, plain) = (open(), MemoryStore::default());
    store.clear()?;
    // No chance, but no order either.
    let mixed = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let write = |work: &mut Work, batch: u64| {
        for n in 0..40 {
            let luck = mixed(batch * 40 + n);
            let key = ((luck % 97) as u32).to_be_bytes();
            if luck % 5 == 0 { work.delete(A, key) } else { work.put(A, key, luck.to_be_bytes()) }
        }
    };
    let mut below: Option<Arc<Frozen>> = None;
    for batch in 0..BATCHES {
        let mut expected = Work::over(&plain);
        write(&mut expected, batch);
        let next = std::thread::scope(|scope| -> Result<_> {
            let (store, below) = (&*store, below.as_deref());
            let applied = scope.spawn(move || below.map_or(Ok(()), |written| store.apply(written.changes(), batch)));
            let layered = below.map(|written| written.over(store));
            let mut work = Work::over(layered.as_ref().map_or(store as &dyn Read, |layered| layered));
            write(&mut work, batch);
            for n in 0..97u32 {
                let key = n.to_be_bytes();
                assert_eq!(work.get(A, &key)?, expected.get(A, &key)?, "batch {batch}");
            }
            for back in [false, true] {
                assert_eq!(keys(&work, b"", &[0xff; 4], back)?, keys(&expected, b"", &[0xff; 4], back)?, "batch {batch}");
                let (from, to) = ((batch as u32 % 50).to_be_bytes(), (batch as u32 % 50 + 30).to_be_bytes());
                assert_eq!(keys(&work, &from, &to, back)?, keys(&expected, &from, &to, back)?, "batch {batch}");
            }
            let written = work.freeze();
            applied.join().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))?;
            Ok(written)
        })?;
        plain.apply(expected.into_changes(), batch)?;
        below = Some(Arc::new(next));
    }
    if let Some(last) = below {
        store.apply(last.changes(), BATCHES)?;
    }
    assert_eq!(keys(&*store, b"", &[0xff; 4], false)?, keys(&plain, b"", &[0xff; 4], false)?);
    Ok(())
}

fn set_name(set: &str) -> Name {
    Name::of(A, Key::raw().text(set))
}

/// Also those that were asked for before, and those whose pieces come and go.
fn p8_sets_are_as_they_were_written(open: &dyn Fn() -> Arc<dyn StateStore>) -> Result<()> {
    let store = open();
    store.clear()?;
    let mut expected = std::collections::BTreeMap::from([("one", roaring::RoaringBitmap::new()), ("two", roaring::RoaringBitmap::new())]);
    for round in 0..40u32 {
        let mut work = Work::over(&*store);
        for n in 0..50u32 {
            let number = (n * 7_919 + round * 104_729) % 300_000;
            let (set, is_in) = (if n % 3 == 0 { "one" } else { "two" }, (n + round) % 4 != 0);
            pieces::set(&mut work, A, &Key::raw().text(set), number, is_in)?;
            if let Some(set) = expected.get_mut(set) {
                if is_in { set.insert(number) } else { set.remove(number) };
            }
        }
        if round == 30 {
            work.delete_prefix(A, Key::raw().text("two").as_slice())?;
            expected.insert("two", Default::default());
        }
        store.apply(work.into_changes(), u64::from(round))?;
        let read = store.sets(&[set_name("one"), set_name("two"), set_name("none")])?;
        assert_eq!((&*read[0], &*read[1], read[2].is_empty()), (&Bitmap::from(&expected["one"]), &Bitmap::from(&expected["two"]), true), "round {round}");
    }
    store.clear()?;
    assert!(store.sets(&[set_name("one")])?[0].is_empty());
    Ok(())
}

/// Everybody is in one of two sets, whoever moves meanwhile.
fn p8_sets_are_of_one_moment(open: &dyn Fn() -> Arc<dyn StateStore>) -> Result<()> {
    const PEOPLE: u32 = 70_000;
    const MOVES: u32 = 400;
    let store = open();
    store.clear()?;
    let (left, right) = (Key::raw().text("left"), Key::raw().text("right"));
    let mut work = Work::over(&*store);
    pieces::write(&mut work, A, &left, &(0..PEOPLE).collect())?;
    store.apply(work.into_changes(), 1)?;
    let writer = store.clone();
    let writing = std::thread::spawn(move || -> Result<()> {
        for n in 0..MOVES {
            let mut work = Work::over(&*writer);
            pieces::set(&mut work, A, &left, n * 170, false)?;
            pieces::set(&mut work, A, &right, n * 170, true)?;
            writer.apply(work.into_changes(), 0)?;
        }
        Ok(())
    });
    loop {
        let is_over = writing.is_finished();
        let sets = store.sets(&[set_name("left"), set_name("right")])?;
        let both = Expression::All { with: vec![Expression::Set(0), Expression::Set(1)], without: vec![] };
        assert_eq!((sets[0].len() + sets[1].len(), both.count(&sets)), (u64::from(PEOPLE), 0));
        if is_over {
            break;
        }
    }
    writing.join().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))
}
