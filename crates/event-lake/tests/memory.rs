//! Joining files takes memory by the row group, not by the file.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::arrow::array::RecordBatch;
use weft_event_lake::{Lake, events};
use weft_kernel::{Event, FakeClock, Millis, WorkspaceId};

/// Counts what is held, and the most that ever was.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed to the system's allocator as it came.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        MOST.fetch_max(HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const NOW: Millis = Millis(1_795_316_412_000);
const ROWS: u64 = 20_000;

fn batch(file: u64) -> RecordBatch {
    let mut rows = events::Rows::new();
    for position in file * ROWS..(file + 1) * ROWS {
        let mut event = Event::track(WorkspaceId(1), "src_1".into(), format!("{:032x}", u128::from(position) * 0x9e37_79b9_7f4a_7c15), "view_item", NOW.plus(position as i64))
            .with_identifier("user_id", format!("user-{:06}", position % 1_600))
            .with_property("item_id", format!("sku-{:05}", position * 7 % 10_000))
            .with_property("category", "tea")
            .with_property("price", "128.50");
        event.context.insert("userAgent".into(), "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile".into());
        event.context.insert("page".into(), format!("/goods/tea/{position}").into());
        rows.push(&event, position, Some(position as u32 % 1_600)).unwrap();
    }
    rows.finish().unwrap()
}

#[tokio::test]
async fn compaction_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let url = url::Url::from_directory_path(folder.path()).unwrap().to_string();
    let lake = Lake::open_with_clock(&url, Arc::new(FakeClock::at(NOW))).await.unwrap();
    let table = lake.table(events::TABLE, events::schema(), events::PARTITION_BY).await.unwrap();
    for file in 0..16 {
        table.append(&[batch(file)], "events", file as i64 + 1).await.unwrap();
    }
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let done = table.compact(128 << 20).await.unwrap();
    assert_eq!((done.files_before, done.files_after), (16, 1));
    let grown = (MOST.load(Ordering::Relaxed) - before) >> 20;
    println!("{} rows, {} MB on disk, {grown} MB of memory", 16 * ROWS, done.bytes_after >> 20);
    assert!(grown < 96, "{grown} MB to join {} MB", done.bytes_before >> 20);
}
