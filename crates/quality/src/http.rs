//! The plan, the catalogue and the outcomes over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use weft_context_kit::{Parts, blocking};
use weft_event_pipeline::{OutcomeCount, OutcomeFilter, list_outcomes as counts};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_http_kit::{Answer, Body, Caller, Lock, QueryOf, Routes};
use weft_profile_kv::key::Key;

use crate::catalogue::{self, EventName, PropertyUse};
use crate::kernel::{Millis, Page, SourceId};
use crate::plan::Plan;
use crate::steps::{PLAN_DEFINED, QUARANTINE, ROOM, stored_plan};

type Room = Arc<Parts>;

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .get("list_event_names", "/events/names", Lock::Permission("quality:read"), list_event_names, parts)
        .summary("Event names seen, most frequent first")
        .get("list_event_properties", "/events/properties", Lock::Permission("quality:read"), list_event_properties, parts)
        .summary("Properties seen on an event name, with kinds and examples")
        .get("list_traits", "/traits", Lock::Permission("quality:read"), list_traits, parts)
        .summary("Traits seen on people, with kinds and examples")
        .get("list_outcomes", "/outcomes", Lock::Permission("quality:read"), list_outcomes, parts)
        .summary("What became of every event, per source and hour, with reasons")
        .get("list_quarantine", "/quality/quarantine", Lock::Permission("quality:read"), list_quarantine, parts)
        .summary("Events set apart, with the reason, newest first")
        .get("get_tracking_plan", "/tracking-plan", Lock::Permission("quality:read"), get_tracking_plan, parts)
        .summary("The tracking plan")
        .gives::<Plan>()
        .put("define_tracking_plan", "/tracking-plan", Lock::Permission("quality:write"), define_tracking_plan, parts)
        .summary("Replace the tracking plan")
        .takes::<Plan>()
        .gives::<Plan>()
}

async fn list_event_names(State(parts): State<Room>, caller: Caller) -> Answer<Page<EventName>> {
    let items = blocking(move || catalogue::event_names(&*parts.state, caller.workspace())).await?;
    Ok(Json(Page { items, next: None }))
}

#[derive(Deserialize)]
struct OfEvent {
    name: String,
}

async fn list_event_properties(State(parts): State<Room>, caller: Caller, QueryOf(of): QueryOf<OfEvent>) -> Answer<Page<PropertyUse>> {
    let items = blocking(move || catalogue::properties(&*parts.state, caller.workspace(), &of.name)).await?;
    Ok(Json(Page { items, next: None }))
}

async fn list_traits(State(parts): State<Room>, caller: Caller) -> Answer<Page<PropertyUse>> {
    let items = blocking(move || catalogue::traits(&*parts.state, caller.workspace())).await?;
    Ok(Json(Page { items, next: None }))
}

#[derive(Deserialize)]
struct Period {
    from: Option<Millis>,
    to: Option<Millis>,
    source: Option<SourceId>,
}

#[derive(Serialize, ToSchema)]
struct Outcomes {
    #[schema(value_type = Vec<Object>)]
    items: Vec<OutcomeCount>,
    totals: BTreeMap<String, u64>,
}

async fn list_outcomes(State(parts): State<Room>, caller: Caller, QueryOf(period): QueryOf<Period>) -> Answer<Outcomes> {
    let filter = OutcomeFilter { from: period.from, to: period.to, source: period.source };
    let items = blocking(move || counts(&*parts.state, caller.workspace(), &filter)).await?;
    let mut totals = BTreeMap::new();
    for item in &items {
        *totals.entry(item.outcome.clone()).or_default() += item.count;
    }
    Ok(Json(Outcomes { items, totals }))
}

async fn list_quarantine(State(parts): State<Room>, caller: Caller) -> Answer<Page<serde_json::Value>> {
    let items = blocking(move || {
        let mut items = Vec::new();
        let from = Key::of(caller.workspace());
        let to = weft_profile_kv::key::after_prefix(from.as_slice());
        parts.state.scan_back(QUARANTINE, from.as_slice(), &to, &mut |_, value| {
            items.push(serde_json::from_slice(value)?);
            Ok(items.len() < 200)
        })?;
        Ok(items)
    })
    .await?;
    Ok(Json(Page { items, next: None }))
}

async fn get_tracking_plan(State(parts): State<Room>, caller: Caller) -> Answer<Plan> {
    Ok(Json(blocking(move || stored_plan(&*parts.state, caller.workspace())).await?))
}

async fn define_tracking_plan(State(parts): State<Room>, caller: Caller, Body(plan): Body<Plan>) -> Answer<Plan> {
    let mut unit = parts.rows.begin(&caller.scope, "define_tracking_plan", parts.clock.now()).await?;
    unit.target("tracking_plan");
    unit.change(None, Some(serde_json::to_value(&plan).map_err(crate::kernel::Error::from)?));
    unit.announce(ROOM, PLAN_DEFINED, serde_json::to_value(&plan).map_err(crate::kernel::Error::from)?);
    parts.commit(unit).await?;
    Ok(Json(plan))
}
