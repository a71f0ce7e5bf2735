#![doc = include_str!("../README.md")]

mod durable;
#[cfg(feature = "testing")]
pub mod promises;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt};
use url::Url;
use weft_kernel as kernel;

use crate::durable::DurableDisk;
use crate::kernel::{Error, Millis, Result};

/// What one of the engines would have to escape, so that its list would show other names than were put.
const UNPORTABLE: &str = "\\{}^%`\"<>~#|*?[]:";

/// One file in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    pub key: String,
    /// Bytes.
    pub size: u64,
    pub modified: Millis,
}

/// A folder of blobs. Cheap to clone; clones are the same folder.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    disk: Arc<DurableDisk>,
    root: Path,
    url: Url,
}

impl Blobs {
    /// Opens the folder a URL names and creates it where it is absent. `file:/…` is the disk;
    /// `s3://…` is for a binary that was built with it.
    pub async fn open(url: &str) -> Result<Self> {
        let parsed = Url::parse(url)
            .map_err(|e| Error::invalid("blob_store.url_invalid", format!("{url} is not a URL: {e}")).param("url", url))?;
        match parsed.scheme() {
            "file" => Self::open_disk(&parsed).await,
            "s3" | "s3a" => Err(Error::unavailable("blob_store.engine_absent", "this binary was built without S3")
                .param("engine", parsed.scheme())),
            other => Err(Error::invalid("blob_store.url_invalid", format!("no engine for {other}: URLs, use file:/path"))
                .param("url", url)),
        }
    }

    async fn open_disk(url: &Url) -> Result<Self> {
        let invalid = || Error::invalid("blob_store.url_invalid", format!("{url} names no folder on this machine")).param("url", url);
        let folder = url.to_file_path().map_err(|()| invalid())?;
        let folder = blocking(move || {
            durable::create_folder(&folder)?;
            Ok(std::fs::canonicalize(&folder)?)
        })
        .await?;
        let url = Url::from_directory_path(&folder).map_err(|()| invalid())?;
        let root = Path::from_url_path(url.path()).map_err(|_| invalid())?;
        let disk = Arc::new(DurableDisk::new(folder));
        Ok(Self { store: disk.clone(), disk, root, url })
    }

    /// Writes a file, or replaces it at once. Durable when it returns.
    pub async fn put(&self, key: &str, bytes: impl Into<Bytes>) -> Result<()> {
        let path = self.path(key)?;
        self.store.put(&path, bytes.into().into()).await.map(drop).map_err(|e| failed(key, e))
    }

    pub async fn get(&self, key: &str) -> Result<Bytes> {
        let path = self.path(key)?;
        let found = self.store.get(&path).await.map_err(|e| failed(key, e))?;
        found.bytes().await.map_err(|e| failed(key, e))
    }

    /// The bytes of `range`, which must lie inside the file.
    pub async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Bytes> {
        let path = self.path(key)?;
        let outside = || {
            Error::invalid("blob_store.range_outside", format!("bytes {}..{} are not inside {key}", range.start, range.end))
                .param("key", key)
        };
        if range.start > range.end {
            return Err(outside());
        }
        let size = self.store.head(&path).await.map_err(|e| failed(key, e))?.size;
        if range.end > size {
            return Err(outside());
        }
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let options = GetOptions { range: Some(GetRange::Bounded(range.clone())), ..GetOptions::default() };
        let found = self.store.get_opts(&path, options).await.map_err(|e| failed(key, e))?;
        found.bytes().await.map_err(|e| failed(key, e))
    }

    /// Every file below a folder (`""` is all), sorted by key.
    pub async fn list(&self, folder: &str) -> Result<Vec<Blob>> {
        let prefix = if folder.is_empty() { self.root.clone() } else { self.path(folder.trim_end_matches('/'))? };
        let skip = self.root.parts().count();
        let staging = self.root.clone().join(durable::STAGING);
        let mut blobs: Vec<Blob> = self
            .store
            .list(Some(&prefix))
            .try_filter(|meta| futures::future::ready(meta.location.prefix_match(&staging).is_none()))
            .map_ok(|meta| Blob {
                key: Path::from_iter(meta.location.parts().skip(skip)).into(),
                size: meta.size,
                modified: Millis(meta.last_modified.timestamp_millis()),
            })
            .try_collect()
            .await
            .map_err(|e| failed(folder, e))?;
        blobs.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(blobs)
    }

    /// Deletes a file. That it was not there is no error.
    pub async fn delete(&self, key: &str) -> Result<()> {
        let path = self.path(key)?;
        match self.store.delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(failed(key, e)),
        }
    }

    /// Clears what crashes left half written, if it is older than `before`. Gives back how many files that were.
    pub async fn sweep(&self, before: Millis) -> Result<usize> {
        let disk = self.disk.clone();
        blocking(move || disk.sweep(before)).await
    }

    /// The folder as a URL that ends in `/`.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The durable store under this folder, for `event-lake`. Its paths start at the root of the disk (or bucket),
    /// as those of the query engine do.
    pub fn store(&self) -> Arc<dyn ObjectStore> {
        self.store.clone()
    }

    /// Where this folder lies in [`Self::store`].
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `key` as a path of [`Self::store`]. Refuses names that would leave the folder or that not every engine can hold.
    pub fn path(&self, key: &str) -> Result<Path> {
        let invalid = |why: String| Error::invalid("blob_store.key_invalid", why).param("key", key);
        if key.len() > 1024 {
            return Err(invalid("a key is at most 1024 bytes".into()));
        }
        if key.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(invalid(format!("{key:?} is not a key: segments are joined by one / and are never empty, . or ..")));
        }
        if let Some(c) = key.chars().find(|c| c.is_control() || UNPORTABLE.contains(*c)) {
            return Err(invalid(format!("{c:?} cannot stand in a key")));
        }
        let parsed = Path::parse(key).map_err(|e| invalid(format!("{key:?} is not a key: {e}")))?;
        if parsed.parts().next().is_some_and(|p| p.as_ref() == durable::STAGING) {
            return Err(invalid(format!("{} is the store's own folder", durable::STAGING)));
        }
        Ok(Path::from_iter(self.root.parts().chain(parsed.parts())))
    }
}

fn failed(key: &str, e: object_store::Error) -> Error {
    match e {
        object_store::Error::NotFound { .. } => {
            Error::not_found("blob_store.blob_absent", format!("there is no {key}")).param("key", key)
        }
        other => Error::unavailable("blob_store.failed", other.to_string()).param("key", key),
    }
}

/// Runs what blocks on the disk where it may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn engines_are_chosen_by_url() {
        assert_eq!(Blobs::open("s3://bucket/x").await.unwrap_err().code, "blob_store.engine_absent");
        assert_eq!(Blobs::open("ftp://host/x").await.unwrap_err().code, "blob_store.url_invalid");
        assert_eq!(Blobs::open("no url").await.unwrap_err().code, "blob_store.url_invalid");
    }
}
