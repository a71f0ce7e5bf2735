//! A disk that is really full: a small file system in memory, where we may mount one.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod setup;

use std::io::Write;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use setup::{code, image_of, open};
use weft_stream_bus::promises::read_all;

/// A file system of one MiB, unmounted when dropped.
struct Tiny(tempfile::TempDir);

impl Tiny {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "none"]).arg(dir.path()).output();
        mounted.is_ok_and(|o| o.status.success()).then_some(Self(dir))
    }
    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.path()).output());
    }
}

/// Takes all room that is left.
fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
}

fn record(n: u64) -> Bytes {
    Bytes::from(format!("{n} {}", "r".repeat(900)))
}

#[tokio::test]
async fn a_full_disk_refuses_appends_loses_nothing_and_is_forgotten_when_there_is_room() {
    let Some(tiny) = Tiny::mount() else {
        println!("SKIPPED: a file system of one MiB could not be mounted (that needs root)");
        return;
    };
    let dir = tiny.path().join("log");
    let ballast = tiny.path().join("ballast");
    let bus = open(&dir).unwrap();
    let mut next = 1;
    for _ in 0..3 {
        fill(&ballast);
        let refused = loop {
            match bus.append(vec![record(next), record(next + 1)]).await {
                Ok(first) => next = first + 2,
                Err(e) => break e,
            }
        };
        assert_eq!(refused.code, "stream_bus.disk_full");
        assert_eq!(bus.failed(), None);
        assert_eq!(bus.next(), next);
        assert_eq!(bus.append(vec![Bytes::new()]).await.unwrap(), next, "a small one still fits");
        next += 1;
        assert_eq!(read_all(&*bus).len() as u64, next - 1);
        std::fs::remove_file(&ballast).unwrap();
        assert_eq!(bus.append(vec![record(next)]).await.unwrap(), next, "there is room again");
        next += 1;
    }
    fill(&ballast);
    let before = read_all(&*bus);
    drop(bus);
    let bus = open(&dir).unwrap();
    assert_eq!(read_all(&*bus), before, "it opens and reads on a full disk");
    drop(bus);
    std::fs::remove_file(&ballast).unwrap();

    let bus = open(&dir).unwrap();
    let all = image_of(&dir).len();
    bus.trim(next).unwrap();
    assert!(image_of(&dir).len() < all, "trimming gives room back");
    let fresh = tiny.path().join("fresh");
    fill(&ballast);
    assert_eq!(code(open(&fresh)), "stream_bus.disk_full");
}
