//! The promises on the local disk, and what only a disk can break.

use std::fs;

use tempfile::TempDir;
use url::Url;
use weft_blob_store::{Blobs, promises};
use weft_kernel::Millis;

fn url(folder: &std::path::Path) -> String {
    Url::from_directory_path(folder).unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_disk_keeps_every_promise() {
    let folder = TempDir::new().unwrap();
    promises::all(async |name| Blobs::open(&url(&folder.path().join(name))).await.unwrap()).await;
}

#[tokio::test]
async fn nothing_half_written_stays_behind() {
    let folder = TempDir::new().unwrap();
    let blobs = Blobs::open(&url(folder.path())).await.unwrap();
    blobs.put("a/b", "whole").await.unwrap();
    // A name that is a folder cannot be a file: the write fails, and leaves nothing.
    blobs.put("a", "x").await.unwrap_err();
    assert_eq!(fs::read_dir(folder.path().join(".staging")).unwrap().count(), 0);
    assert_eq!(blobs.list("").await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_crash_left_is_invisible_and_swept() {
    let folder = TempDir::new().unwrap();
    let blobs = Blobs::open(&url(folder.path())).await.unwrap();
    blobs.put("kept", "x").await.unwrap();
    fs::write(folder.path().join(".staging/left"), "half").unwrap();
    assert_eq!(blobs.list("").await.unwrap().len(), 1);
    assert_eq!(blobs.sweep(Millis(0)).await.unwrap(), 0, "younger than the limit");
    assert_eq!(blobs.sweep(Millis(i64::MAX / 4)).await.unwrap(), 1);
    assert_eq!(blobs.get("kept").await.unwrap(), "x");
}

#[tokio::test]
async fn folders_may_have_any_name() {
    let folder = TempDir::new().unwrap();
    let deep = folder.path().join("数据 100% #1");
    let blobs = Blobs::open(&url(&deep)).await.unwrap();
    blobs.put("x/y.txt", "here").await.unwrap();
    assert_eq!(fs::read(deep.join("x/y.txt")).unwrap(), b"here");
    assert_eq!(blobs.get("x/y.txt").await.unwrap(), "here");
    assert_eq!(blobs.list("x").await.unwrap()[0].key, "x/y.txt");
}

#[tokio::test]
async fn a_long_upload_has_its_name_only_at_the_end() {
    use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
    let folder = TempDir::new().unwrap();
    let blobs = Blobs::open(&url(folder.path())).await.unwrap();
    let path = blobs.path("long").unwrap();
    let store = blobs.store();
    let mut upload = store.put_multipart_opts(&path, Default::default()).await.unwrap();
    upload.put_part(PutPayload::from_static(b"one ")).await.unwrap();
    upload.put_part(PutPayload::from_static(b"two")).await.unwrap();
    assert!(store.head(&path).await.is_err());
    upload.complete().await.unwrap();
    assert_eq!(blobs.get("long").await.unwrap(), "one two");

    let mut dropped = store.put_multipart_opts(&path, Default::default()).await.unwrap();
    dropped.put_part(PutPayload::from_static(b"never")).await.unwrap();
    drop(dropped);
    assert_eq!(blobs.get("long").await.unwrap(), "one two");
    assert_eq!(fs::read_dir(folder.path().join(".staging")).unwrap().count(), 0);
}
