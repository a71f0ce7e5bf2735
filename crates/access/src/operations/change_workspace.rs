//! Change what the workspace is called, its time zone and its currency. The log is told, for all rooms obey it.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use weft_context_kit::workspace::{ROOM, WORKSPACE_DEFINED};
use weft_http_kit::{Answer, Body, Caller};

use super::run_setup::settings_of;
use super::wire::WorkspaceView;
use crate::Room;
use crate::domain::workspace;
use crate::store::workspaces;

/// What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
pub(crate) struct WorkspaceChange {
    name: Option<String>,
    time_zone: Option<String>,
    currency: Option<String>,
}

pub(crate) async fn change_workspace(State(room): State<Room>, caller: Caller, Body(new): Body<WorkspaceChange>) -> Answer<WorkspaceView> {
    let name = new.name.map(|text| workspace::name("name", &text)).transpose()?;
    let time_zone = new.time_zone.map(|text| workspace::time_zone(&text)).transpose()?;
    let currency = new.currency.map(|text| workspace::currency(&text)).transpose()?;
    let mut unit = room.parts.rows.begin(&caller.scope, "change_workspace", room.parts.clock.now()).await?;
    let before = workspaces::get(unit.tx(), caller.workspace()).await?;
    let after = workspaces::Model {
        name: name.unwrap_or_else(|| before.name.clone()),
        time_zone: time_zone.unwrap_or_else(|| before.time_zone.clone()),
        currency: currency.unwrap_or_else(|| before.currency.clone()),
        ..before.clone()
    };
    workspaces::update(unit.tx(), after.clone()).await?;
    unit.target(&caller.workspace().to_string());
    let told = serde_json::to_value(settings_of(&after)).map_err(crate::kernel::Error::from)?;
    unit.change(Some(serde_json::to_value(settings_of(&before)).map_err(crate::kernel::Error::from)?), Some(told.clone()));
    unit.announce(ROOM, WORKSPACE_DEFINED, told);
    room.parts.commit(unit).await?;
    Ok(Json(after.into()))
}
