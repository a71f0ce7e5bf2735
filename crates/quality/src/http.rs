//! The plan, the catalogue and the outcomes over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use weft_context_kit::{EventView, Parts, blocking};
use weft_event_pipeline::{OutcomeCount, OutcomeFilter, list_outcomes as counts};
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};
use weft_http_kit::{Answer, Body, Caller, Lock, QueryOf, Routes, cursor_of, items_on_a_page};

use crate::catalogue::{self, EventName, PropertyUse};
use crate::kernel::{Error, Millis, Page, SourceId};
use crate::plan::Plan;
use crate::quarantine::{self, Kept, Retry};
use crate::steps::{PLAN_DEFINED, RETRIED, ROOM, stored_plan};

type Room = Arc<Parts>;

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .get("list_event_names", "/events/names", Lock::Permission("quality:read"), list_event_names, parts)
        .summary("Event names seen, most frequent first")
        .lists_whole::<EventName>()
        .get("list_event_properties", "/events/properties", Lock::Permission("quality:read"), list_event_properties, parts)
        .summary("Properties seen on an event name, with kinds and examples")
        .lists::<PropertyUse>()
        .asks::<OfEvent>()
        .get("list_traits", "/traits", Lock::Permission("quality:read"), list_traits, parts)
        .summary("Traits seen on people, with kinds and examples")
        .lists_whole::<PropertyUse>()
        .get("list_outcomes", "/outcomes", Lock::Permission("quality:read"), list_outcomes, parts)
        .summary("What became of every event, per source and hour, with reasons")
        .gives::<Outcomes>()
        .asks::<Period>()
        .get("list_quarantine", "/quality/quarantine", Lock::Permission("quality:read"), list_quarantine, parts)
        .summary("Events set apart, with the reason, newest first")
        .lists::<Quarantined>()
        .asks::<QuarantineQuery>()
        .post("retry_quarantine", "/quality/quarantine:retry", Lock::Permission("quality:write"), retry_quarantine, parts)
        .summary("Send events set apart through the front door again, under the tracking plan as it is now")
        .takes::<RetryRequest>()
        .gives::<Retried>()
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

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfEvent {
    /// The event's name.
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

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Period {
    #[param(value_type = Option<String>)]
    from: Option<Millis>,
    /// Exclusive.
    #[param(value_type = Option<String>)]
    to: Option<Millis>,
    #[param(value_type = Option<String>)]
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

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct QuarantineQuery {
    /// Part of the event's name, id, reason or an identifier.
    #[serde(default)]
    #[param(required = false)]
    q: String,
    /// The beginning of the reason, for example `plan.missing_property`.
    #[serde(default)]
    #[param(required = false)]
    reason: String,
    limit: Option<usize>,
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Quarantined {
    /// Its place in the log; names it for a retry.
    position: u64,
    /// `plan.unknown_event`, `plan.blocked_event`, `plan.missing_property:NAME` or `plan.wrong_type:NAME`.
    reason: String,
    event: EventView,
}

async fn list_quarantine(State(parts): State<Room>, caller: Caller, QueryOf(query): QueryOf<QuarantineQuery>) -> Answer<Page<Quarantined>> {
    let before = cursor_of(query.cursor.as_deref())?;
    let limit = items_on_a_page(query.limit);
    let page = blocking(move || quarantine::list(&*parts.state, caller.workspace(), &query.q, &query.reason, before, limit)).await?;
    Ok(Json(page.map(|(position, Kept { reason, event })| Quarantined { position, reason, event: event.into() })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RetryRequest {
    /// Which, by their position.
    #[serde(default)]
    positions: Vec<u64>,
    /// All there are, up to 100,000 in one call, oldest first.
    #[serde(default)]
    all: bool,
}

#[derive(Serialize, ToSchema)]
struct Retried {
    /// How many were sent through the front door again.
    retried: usize,
}

const MOST_RETRIED: usize = 100_000;
/// Events in one change of the log, so that none is too large to be worked off at once.
const RETRIED_TOGETHER: usize = 1_000;

async fn retry_quarantine(State(parts): State<Room>, caller: Caller, Body(request): Body<RetryRequest>) -> Answer<Retried> {
    if request.all != request.positions.is_empty() {
        return Err(Error::invalid("quality.retry_unclear", "say either which (`positions`) or `all`").field("positions", "name some, or set `all`").into());
    }
    let (state, workspace) = (parts.state.clone(), caller.workspace());
    let positions = match request.all {
        true => blocking(move || quarantine::positions(&*state, workspace, MOST_RETRIED)).await?,
        false => request.positions.into_iter().take(MOST_RETRIED).collect(),
    };
    let mut unit = parts.rows.begin(&caller.scope, "retry_quarantine", parts.clock.now()).await?;
    unit.target("quarantine");
    unit.change(None, Some(serde_json::json!({"all": request.all, "events": positions.len()})));
    for together in positions.chunks(RETRIED_TOGETHER) {
        unit.announce(ROOM, RETRIED, serde_json::to_value(Retry { positions: together.to_vec() }).map_err(Error::from)?);
    }
    parts.commit(unit).await?;
    Ok(Json(Retried { retried: positions.len() }))
}

async fn get_tracking_plan(State(parts): State<Room>, caller: Caller) -> Answer<Plan> {
    Ok(Json(blocking(move || stored_plan(&*parts.state, caller.workspace())).await?))
}

async fn define_tracking_plan(State(parts): State<Room>, caller: Caller, Body(plan): Body<Plan>) -> Answer<Plan> {
    let mut unit = parts.rows.begin(&caller.scope, "define_tracking_plan", parts.clock.now()).await?;
    unit.target("tracking_plan");
    unit.change(None, Some(serde_json::to_value(&plan).map_err(Error::from)?));
    unit.announce(ROOM, PLAN_DEFINED, serde_json::to_value(&plan).map_err(Error::from)?);
    parts.commit(unit).await?;
    Ok(Json(plan))
}
