//! The local disk as an object store whose writes have survived a power cut when they return.
//!
//! `LocalFileSystem` writes and renames without fsync: after a power cut a name may point to nothing. So all that
//! writes is done here (stage, fsync, name, fsync the folder), and all that reads is left to it.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyMode, CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, RenameTargetMode, Result, UploadPart,
};
use uuid::Uuid;

use crate::kernel;

/// Folder under the root where files lie until they have their name: on the same disk, so that naming is a rename.
pub const STAGING: &str = ".staging";

#[derive(Debug)]
pub struct DurableDisk {
    read: LocalFileSystem,
    staging: PathBuf,
}

impl DurableDisk {
    /// Paths start at the root of the disk; only the staging area lies in `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self { read: LocalFileSystem::new(), staging: folder.join(STAGING) }
    }

    /// Removes staged files last written before `before`.
    pub fn sweep(&self, before: kernel::Millis) -> kernel::Result<usize> {
        let limit = UNIX_EPOCH + Duration::from_millis(before.0.max(0).unsigned_abs());
        let entries = match std::fs::read_dir(&self.staging) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(0),
            Err(e) => return Err(e.into()),
        };
        let mut swept = 0;
        for entry in entries {
            let entry = entry?;
            if entry.metadata()?.modified()? < limit {
                std::fs::remove_file(entry.path())?;
                swept += 1;
            }
        }
        Ok(swept)
    }

    fn target(&self, location: &Path) -> Result<PathBuf> {
        self.read.path_to_filesystem(location)
    }
}

impl fmt::Display for DurableDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DurableDisk")
    }
}

/// A file without a name yet. Dropped without one, it is gone.
#[derive(Debug)]
struct Staged {
    file: File,
    path: PathBuf,
    named: bool,
}

impl Staged {
    fn create(staging: &FilePath) -> std::io::Result<Self> {
        let path = staging.join(Uuid::new_v4().simple().to_string());
        let open = || OpenOptions::new().write(true).create_new(true).open(&path);
        let file = match open() {
            Err(e) if e.kind() == ErrorKind::NotFound => {
                create_folder(staging)?;
                open()?
            }
            other => other?,
        };
        Ok(Self { file, path, named: false })
    }

    /// Makes the bytes durable, then the name.
    fn name(mut self, target: &FilePath, replace: bool) -> std::io::Result<()> {
        self.file.sync_all()?;
        if let Some(folder) = target.parent() {
            create_folder(folder)?;
        }
        if replace {
            std::fs::rename(&self.path, target)?;
        } else {
            // A link fails where the name is taken; a rename would replace it.
            std::fs::hard_link(&self.path, target)?;
            std::fs::remove_file(&self.path)?;
        }
        self.named = true;
        sync_folder_of(target)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.named {
            // Nobody waits for it and `sweep` takes what stays.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Creates a folder and all above it, each durable in the one above it.
pub fn create_folder(folder: &FilePath) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        create_folder(above)?;
    }
    match std::fs::create_dir(folder) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(e) => Err(e),
        Ok(()) => sync_folder_of(folder),
    }
}

fn sync_folder_of(path: &FilePath) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// An IO error in the words of the store, which tells "taken" and "absent" from the rest.
fn said(path: &FilePath, e: std::io::Error) -> Error {
    let shown = path.to_string_lossy().into_owned();
    match e.kind() {
        ErrorKind::AlreadyExists => Error::AlreadyExists { path: shown, source: e.into() },
        ErrorKind::NotFound => Error::NotFound { path: shown, source: e.into() },
        _ => Error::Generic { store: "disk", source: e.into() },
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::Generic { store: "disk", source: e.into() })?
}

fn unsupported(what: &str) -> Error {
    Error::NotSupported { source: format!("the disk has no {what}").into() }
}

#[async_trait]
impl ObjectStore for DurableDisk {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let replace = match opts.mode {
            PutMode::Overwrite => true,
            PutMode::Create => false,
            PutMode::Update(_) => return Err(unsupported("conditional update")),
        };
        let target = self.target(location)?;
        let staging = self.staging.clone();
        blocking(move || {
            let write = || {
                let mut staged = Staged::create(&staging)?;
                payload.iter().try_for_each(|part| staged.file.write_all(part))?;
                staged.name(&target, replace)
            };
            write().map_err(|e| said(&target, e))?;
            Ok(PutResult { e_tag: None, version: None })
        })
        .await
    }

    async fn put_multipart_opts(&self, location: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        let target = self.target(location)?;
        let staging = self.staging.clone();
        blocking(move || {
            let staged = Staged::create(&staging).map_err(|e| said(&target, e))?;
            Ok(Box::new(DurableUpload { staged: Some(Arc::new(staged)), target, length: 0 }) as Box<dyn MultipartUpload>)
        })
        .await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.read.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.read.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let read = self.read.clone();
        locations
            .then(move |location| {
                let read = read.clone();
                async move {
                    let location = location?;
                    let path = read.path_to_filesystem(&location)?;
                    read.delete(&location).await?;
                    blocking(move || sync_folder_of(&path).map_err(|e| said(&path, e))).await?;
                    Ok(location)
                }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.read.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.read.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.read.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let (source, target) = (self.target(from)?, self.target(to)?);
        let staging = self.staging.clone();
        blocking(move || {
            let copy = || {
                let mut staged = Staged::create(&staging)?;
                std::io::copy(&mut File::open(&source)?, &mut staged.file)?;
                staged.name(&target, matches!(options.mode, CopyMode::Overwrite))
            };
            copy().map_err(|e| said(&source, e))
        })
        .await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        let (source, target) = (self.target(from)?, self.target(to)?);
        blocking(move || {
            let rename = || {
                if let Some(folder) = target.parent() {
                    create_folder(folder)?;
                }
                match options.target_mode {
                    RenameTargetMode::Overwrite => std::fs::rename(&source, &target)?,
                    RenameTargetMode::Create => {
                        std::fs::hard_link(&source, &target)?;
                        std::fs::remove_file(&source)?;
                    }
                }
                sync_folder_of(&target)?;
                sync_folder_of(&source)
            };
            rename().map_err(|e| said(&source, e))
        })
        .await
    }
}

/// A file that grows part by part and has its name only at the end.
#[derive(Debug)]
struct DurableUpload {
    staged: Option<Arc<Staged>>,
    target: PathBuf,
    length: u64,
}

#[async_trait]
impl MultipartUpload for DurableUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let staged = self.staged.clone();
        let start = self.length;
        self.length += data.content_length() as u64;
        let target = self.target.clone();
        Box::pin(blocking(move || {
            let staged = staged.ok_or_else(|| unsupported("upload that goes on after its end"))?;
            let mut offset = start;
            for part in &data {
                staged.file.write_all_at(part, offset).map_err(|e| said(&target, e))?;
                offset += part.len() as u64;
            }
            Ok(())
        }))
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let staged = self.staged.take().and_then(Arc::into_inner);
        let target = self.target.clone();
        blocking(move || {
            let staged = staged.ok_or_else(|| unsupported("upload that ends twice or while parts are on their way"))?;
            staged.name(&target, true).map_err(|e| said(&target, e))?;
            Ok(PutResult { e_tag: None, version: None })
        })
        .await
    }

    async fn abort(&mut self) -> Result<()> {
        self.staged = None;
        Ok(())
    }
}
