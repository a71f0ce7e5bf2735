//! What every room must know of a workspace: its time zone and currency. Announced when it is made or changed.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use weft_event_pipeline::{Cx, Step};
use weft_profile_kv::Read;
use weft_profile_kv::key::Key;

use crate::kernel::{Control, Result, WorkspaceId};

const WORKSPACES: &str = "workspaces";
pub const ROOM: &str = "workspace";
pub const WORKSPACE_DEFINED: &str = "workspace_defined";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub name: String,
    /// IANA name: `Asia/Shanghai`.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
}

impl Workspace {
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self { name: String::new(), time_zone: "UTC".into(), currency: "CNY".into() }
    }
}

pub fn workspace(read: &dyn Read, id: WorkspaceId) -> Result<Workspace> {
    Ok(read.get(WORKSPACES, Key::of(id).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?.unwrap_or_default())
}

/// Every workspace that was ever announced.
pub fn workspaces(read: &dyn Read) -> Result<Vec<WorkspaceId>> {
    let mut found = Vec::new();
    read.scan(WORKSPACES, &[], &[0xff; 8], &mut |key, _| {
        found.extend(weft_profile_kv::key::Parts(key).u32().map(WorkspaceId));
        Ok(true)
    })?;
    Ok(found)
}

/// The step that remembers them.
pub struct RememberWorkspace;

impl Step for RememberWorkspace {
    fn name(&self) -> &'static str {
        "remember_workspace"
    }
    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        if control.room == ROOM && control.what == WORKSPACE_DEFINED {
            let settings: Workspace = serde_json::from_value(control.body.clone())?;
            cx.work.put(WORKSPACES, Key::of(control.workspace), serde_json::to_vec(&settings)?);
        }
        Ok(())
    }
}
