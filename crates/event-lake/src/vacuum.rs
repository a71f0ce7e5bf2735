//! Files that no version needs any more are deleted.

use std::collections::HashSet;

use futures::TryStreamExt;
use object_store::ObjectStoreExt;

use crate::failed;
use crate::kernel::{Millis, Result};
use crate::table::Table;

/// What a vacuum did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vacuumed {
    pub files: usize,
    pub bytes: u64,
}

impl Table {
    /// Deletes files that the table removed, or that a crash left without a commit, more than `older_than` milliseconds
    /// before `now`. Queries that run longer than that on an old version would miss their files: give them hours.
    pub async fn vacuum(&self, older_than: i64, now: Millis) -> Result<Vacuumed> {
        let table = &self.0;
        let limit = now.minus(older_than.max(0)).0;
        self.refresh().await?;
        let snapshot = table.snapshot();
        let active: HashSet<&str> = snapshot.files.iter().map(|f| f.path.as_str()).collect();
        let tombstones = table.log.tombstones(snapshot.version).await?;
        let skip = table.log.root().parts().count();
        let mut done = Vacuumed::default();
        let mut files = table.store().list(Some(table.log.root()));
        while let Some(meta) = files.try_next().await.map_err(failed)? {
            let path = object_store::path::Path::from_iter(meta.location.parts().skip(skip));
            let hidden = path.parts().any(|p| p.as_ref().starts_with(['_', '.']));
            let since = tombstones.get(path.as_ref()).copied().unwrap_or(meta.last_modified.timestamp_millis());
            if hidden || active.contains(path.as_ref()) || since >= limit {
                continue;
            }
            table.store().delete(&meta.location).await.map_err(failed)?;
            done.files += 1;
            done.bytes += meta.size;
        }
        table.blobs.sweep(Millis(limit)).await?;
        Ok(done)
    }
}
