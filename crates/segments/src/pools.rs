//! Segments that keep people from marketing: exclusion pools, and control pools, whom marketing as a whole is compared with.

use serde::{Deserialize, Serialize};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::{Atom, Error, Result, SegmentId, WorkspaceId};
use crate::membership;

/// segment → what it is used as
const POOLS: &str = "segment_pools";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pool {
    /// Nobody in it gets marketing.
    Exclusion,
    /// Held out, so that it can be seen what marketing is worth.
    Control,
}

impl Pool {
    pub fn name(self) -> &'static str {
        match self {
            Pool::Exclusion => "exclusion",
            Pool::Control => "control",
        }
    }
    pub(crate) fn of_name(name: &str) -> Result<Self> {
        let known = [Pool::Exclusion, Pool::Control].into_iter().find(|pool| pool.name() == name);
        known.ok_or_else(|| Error::bug("segments.pool_unknown", format!("a row holds the pool {name}")))
    }
}

/// What the log says of a segment: that it is a pool, or one no longer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UsedAs {
    pub id: SegmentId,
    pub pool: Option<Pool>,
}

fn key(workspace: WorkspaceId, id: &SegmentId) -> Key {
    Key::of(workspace).text(id.as_str())
}

pub(crate) fn use_as(work: &mut Work, workspace: WorkspaceId, used: &UsedAs) {
    let key = key(workspace, &used.id);
    match used.pool {
        Some(pool) => work.put(POOLS, key, pool.name().as_bytes().to_vec()),
        None => work.delete(POOLS, key),
    }
}

/// The pool that a person is in. Of one in both kinds it is exclusion: she would get nothing in any case, so there is nothing to compare.
pub fn pool_of(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Option<Pool>> {
    let mut pools = Vec::new();
    let prefix = Key::of(workspace);
    read.scan_prefix(POOLS, prefix.as_slice(), &mut |key, value| {
        if let Some(id) = Parts(&key[prefix.0.len()..]).text() {
            pools.push((Pool::of_name(&String::from_utf8_lossy(value))?, SegmentId(id)));
        }
        Ok(true)
    })?;
    pools.sort_unstable();
    for (pool, segment) in pools {
        if membership::contains(read, workspace, &segment, person)? {
            return Ok(Some(pool));
        }
    }
    Ok(None)
}
