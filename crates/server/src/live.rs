//! What goes on right now: the last events for the live page, the pulse of the last hour, and the state of the house.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event as Sent, KeepAlive};
use futures::{Stream, StreamExt};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use weft_event_pipeline::{Observer, Processed};
use weft_http_kit::{Answer, Caller, Lock, QueryOf, Routes};

use crate::house::House;
use crate::kernel::{Millis, Page, PersonId, WorkspaceId};

const KEPT: usize = 1_000;
const MINUTES: usize = 60;
const JOURNEYS_AT_HOME: usize = 5;

/// Keeps the last events of all workspaces, and sends new ones to whoever watches.
pub(crate) struct Live {
    recent: Mutex<VecDeque<Arc<Shown>>>,
    sender: broadcast::Sender<Arc<Shown>>,
    pulse: Mutex<Pulse>,
}

pub(crate) struct Shown {
    workspace: WorkspaceId,
    name: String,
    person: Option<String>,
    view: Value,
}

#[derive(Default)]
struct Pulse {
    /// (minute, workspace, events), newest last.
    minutes: VecDeque<(i64, WorkspaceId, u64)>,
}

impl Live {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { recent: Mutex::default(), sender: broadcast::channel(1_024).0, pulse: Mutex::default() })
    }
    fn per_minute(&self, workspace: WorkspaceId, now: Millis) -> Vec<u64> {
        let last = now.0.div_euclid(Millis::MINUTE);
        let mut counts = vec![0; MINUTES];
        for (minute, w, n) in &self.pulse.lock().minutes {
            let age = last - minute;
            if *w == workspace && (0..MINUTES as i64).contains(&age) {
                counts[MINUTES - 1 - age as usize] += n;
            }
        }
        counts
    }
}

impl Observer for Live {
    fn batch(&self, processed: &[Processed]) {
        let mut pulse = self.pulse.lock();
        for p in processed {
            let minute = p.in_flight.event.received_at.0.div_euclid(Millis::MINUTE);
            let workspace = p.in_flight.event.workspace;
            match pulse.minutes.back_mut() {
                Some((m, w, n)) if *m == minute && *w == workspace => *n += 1,
                _ => pulse.minutes.push_back((minute, workspace, 1)),
            }
        }
        let surplus = pulse.minutes.len().saturating_sub(MINUTES * 16);
        pulse.minutes.drain(..surplus);
        drop(pulse);
        // Only what can be shown is made into a picture: a bulk import would make millions of them.
        let skip = processed.len().saturating_sub(KEPT);
        let mut recent = self.recent.lock();
        for p in &processed[skip..] {
            let shown = Arc::new(shown(p));
            recent.push_back(shown.clone());
            // Nobody watches: nothing to do.
            let _ = self.sender.send(shown);
        }
        let surplus = recent.len().saturating_sub(KEPT);
        recent.drain(..surplus);
    }
}

fn shown(p: &Processed) -> Shown {
    let e = &p.in_flight.event;
    let person = p.in_flight.person.map(|a| PersonId::of(e.workspace, a).0);
    let view = json!({
        "id": e.id, "name": e.name, "kind": e.kind, "ts": e.ts, "received_at": e.received_at, "source": e.source, "channel": e.channel,
        "person": person, "identifiers": e.identifiers, "properties": e.properties, "traits": e.traits,
        "outcome": p.outcome.name(), "reason": p.outcome.reason(),
    });
    Shown { workspace: e.workspace, name: e.name.clone(), person, view }
}

type This = Arc<House>;

pub(crate) fn routes(house: &This) -> Routes {
    Routes::new()
        .get("watch_events", "/events/live", Lock::Permission("events:read"), watch_events, house)
        .summary("Events as they are worked off (server-sent events)")
        .get("list_events", "/events", Lock::Permission("events:read"), list_events, house)
        .summary("The last events, newest first")
        .get("get_home", "/home", Lock::SignedIn, get_home, house)
        .summary("How it is going")
        .get("get_system", "/system", Lock::Permission("system:read"), get_system, house)
        .summary("How the house is")
}

async fn watch_events(State(house): State<This>, caller: Caller) -> Sse<impl Stream<Item = Result<Sent, Infallible>>> {
    let workspace = caller.workspace();
    let events = BroadcastStream::new(house.live.sender.subscribe()).filter_map(move |shown| async move {
        let shown = shown.ok().filter(|s| s.workspace == workspace)?;
        Some(Ok(Sent::default().data(shown.view.to_string())))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    name: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    person: String,
    limit: Option<usize>,
}

async fn list_events(State(house): State<This>, caller: Caller, QueryOf(wanted): QueryOf<Wanted>) -> Answer<Page<Value>> {
    let workspace = caller.workspace();
    let fits = |s: &Shown| {
        s.workspace == workspace
            && (wanted.name.is_empty() || s.name == wanted.name)
            && (wanted.person.is_empty() || s.person.as_deref() == Some(wanted.person.as_str()))
            && (wanted.q.is_empty() || s.view.to_string().contains(&wanted.q))
    };
    let items = house.live.recent.lock().iter().rev().filter(|s| fits(s)).take(wanted.limit.unwrap_or(100).min(KEPT)).map(|s| s.view.clone()).collect();
    Ok(Json(Page { items, next: None }))
}

async fn get_home(State(house): State<This>, caller: Caller) -> Answer<Value> {
    let workspace = caller.workspace();
    let now = house.parts.clock.now();
    let state = house.parts.state.clone();
    let per_minute = house.live.per_minute(workspace, now);
    let journeys = weft_journeys::latest(&house.parts, workspace, JOURNEYS_AT_HOME).await?;
    let view = weft_context_kit::blocking(move || {
        let day = Millis(now.0.div_euclid(Millis::DAY) * Millis::DAY);
        let filter = weft_event_pipeline::OutcomeFilter { from: Some(day), ..Default::default() };
        let today: u64 = weft_event_pipeline::list_outcomes(&*state, workspace, &filter)?.iter().filter(|o| o.outcome == "stored").map(|o| o.count).sum();
        let totals = weft_channels::totals(&*state, workspace)?;
        let of = |name: &str| totals.iter().filter(|t| t.state == name).map(|t| t.count).sum::<u64>();
        Ok(json!({
            "people": weft_profiles::count_people(&*state, workspace)?,
            "events_today": today,
            "events_per_minute": per_minute,
            "journeys": journeys,
            "messages": {"sent": of("sent"), "suppressed": of("suppressed"), "failed": of("failed"), "unknown": of("unknown"), "waiting": of("queued") + of("deferred")},
        }))
    })
    .await?;
    Ok(Json(view))
}

async fn get_system(State(house): State<This>, caller: Caller) -> Answer<Value> {
    let people = weft_profiles::count_people(&*house.parts.state, caller.workspace())?;
    Ok(Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "position": house.pipeline.position(),
        "lag": house.pipeline.lag(),
        "is_live": house.pipeline.is_live(),
        "people": people,
        "log": {"first": house.bus.first(), "next": house.bus.next(), "failed": house.bus.failed()},
        "lake_marker": house.lake_marker().await?,
        "state_bytes": house.parts.state.disk_bytes(),
        "uptime_ms": house.started.elapsed().as_millis() as u64,
    })))
}
