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
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use weft_channels::Total;
use weft_context_kit::{EventView, blocking, workspace_of};
use weft_event_pipeline::{Observer, OutcomeFilter, Processed, list_outcomes};
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};
use weft_http_kit::{Answer, Caller, Lock, QueryOf, Routes};
use weft_journeys::JourneyLine;
use weft_profile_kv::StateStore;

use crate::house::House;
use crate::kernel::{Error, Millis, Page, PersonId, Result, WorkspaceId};

const KEPT: usize = 1_000;
const MINUTES: usize = 60;
const JOURNEYS_AT_HOME: usize = 5;

/// Keeps the last events of all workspaces, and sends new ones to whoever watches.
pub(crate) struct Live {
    recent: Mutex<VecDeque<Arc<Processed>>>,
    sender: broadcast::Sender<Arc<Processed>>,
    pulse: Mutex<Pulse>,
}

/// An event and what became of it.
#[derive(Serialize, ToSchema)]
struct LiveEvent {
    #[serde(flatten)]
    event: EventView,
    #[schema(value_type = Option<String>)]
    person: Option<PersonId>,
    /// `stored`, `duplicate`, `quarantined` or `withheld`
    outcome: &'static str,
    reason: String,
}

impl LiveEvent {
    fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
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
    fn batch(&self, processed: &[Arc<Processed>]) {
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
        let skip = processed.len().saturating_sub(KEPT);
        let mut recent = self.recent.lock();
        for p in &processed[skip..] {
            recent.push_back(p.clone());
            // Nobody watches: nothing to do.
            let _ = self.sender.send(p.clone());
        }
        let surplus = recent.len().saturating_sub(KEPT);
        recent.drain(..surplus);
    }
}

fn shown(p: &Processed) -> LiveEvent {
    let e = &p.in_flight.event;
    LiveEvent {
        person: p.in_flight.person.map(|a| PersonId::of(e.workspace, a)),
        event: e.clone().into(),
        outcome: p.outcome.name(),
        reason: p.outcome.reason().to_owned(),
    }
}

fn belongs_to(p: &Processed, workspace: WorkspaceId) -> bool {
    p.in_flight.event.workspace == workspace
}

type This = Arc<House>;

pub(crate) fn routes(house: &This) -> Routes {
    Routes::new()
        .get("watch_events", "/events/live", Lock::Permission("events:read"), watch_events, house)
        .summary("Events as they are worked off (server-sent events)")
        .get("list_events", "/events", Lock::Permission("events:read"), list_events, house)
        .summary("The last events, newest first")
        .lists::<LiveEvent>()
        .asks::<EventsQuery>()
        .get("get_home", "/home", Lock::SignedIn, get_home, house)
        .summary("How it is going")
        .gives::<Home>()
        .get("get_system", "/system", Lock::Permission("system:read"), get_system, house)
        .summary("How the house is")
        .gives::<System>()
}

async fn watch_events(State(house): State<This>, caller: Caller) -> Sse<impl Stream<Item = Result<Sent, Infallible>>> {
    let workspace = caller.workspace();
    let events = BroadcastStream::new(house.live.sender.subscribe()).filter_map(move |processed| async move {
        let processed = processed.ok().filter(|p| belongs_to(p, workspace))?;
        Some(Ok(Sent::default().data(shown(&processed).json())))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// Only events of this name.
    #[serde(default)]
    #[param(required = false)]
    name: String,
    /// Part of anything that stands in the event.
    #[serde(default)]
    #[param(required = false)]
    q: String,
    /// A person's id.
    #[serde(default)]
    #[param(required = false)]
    person: String,
    /// Items: 100 if nothing is said, 1,000 at most.
    limit: Option<usize>,
}

impl EventsQuery {
    fn admits(&self, e: &LiveEvent) -> bool {
        (self.name.is_empty() || e.event.name == self.name)
            && (self.person.is_empty() || e.person.as_ref().is_some_and(|p| p.as_str() == self.person))
            && (self.q.is_empty() || e.json().contains(&self.q))
    }
}

async fn list_events(State(house): State<This>, caller: Caller, QueryOf(wanted): QueryOf<EventsQuery>) -> Answer<Page<LiveEvent>> {
    let workspace = caller.workspace();
    let recent: Vec<Arc<Processed>> = house.live.recent.lock().iter().rev().filter(|p| belongs_to(p, workspace)).cloned().collect();
    let fits = recent.iter().map(|p| shown(p)).filter(|event| wanted.admits(event));
    let items = fits.take(wanted.limit.unwrap_or(100).min(KEPT)).collect();
    Ok(Json(Page { items, next: None }))
}

/// How many messages stand where.
#[derive(Serialize, ToSchema)]
struct MessageCounts {
    sent: u64,
    suppressed: u64,
    failed: u64,
    unknown: u64,
    /// Queued or deferred.
    waiting: u64,
}

impl MessageCounts {
    fn of(totals: &[Total]) -> Self {
        let of = |name: &str| totals.iter().filter(|t| t.state == name).map(|t| t.count).sum::<u64>();
        Self { sent: of("sent"), suppressed: of("suppressed"), failed: of("failed"), unknown: of("unknown"), waiting: of("queued") + of("deferred") }
    }
}

#[derive(Serialize, ToSchema)]
struct Home {
    people: u64,
    /// Stored since midnight of the workspace's zone.
    events_today: u64,
    /// Of the last hour, the minute that runs at the end.
    events_per_minute: Vec<u64>,
    /// Those touched last, at most five.
    journeys: Vec<JourneyLine>,
    /// Since the beginning.
    messages: MessageCounts,
    /// Those asked for since midnight of the workspace's zone.
    messages_today: MessageCounts,
}

async fn get_home(State(house): State<This>, caller: Caller) -> Answer<Home> {
    let workspace = caller.workspace();
    let now = house.parts.clock.now();
    let state = house.parts.state.clone();
    let events_per_minute = house.live.per_minute(workspace, now);
    let journeys = weft_journeys::latest(&house.parts, workspace, JOURNEYS_AT_HOME).await?;
    let home = blocking(move || {
        let today = Some(midnight(&*state, workspace, now)?);
        let outcomes = list_outcomes(&*state, workspace, &OutcomeFilter { from: today, ..Default::default() })?;
        Ok(Home {
            people: weft_profiles::count_people(&*state, workspace)?,
            events_today: outcomes.iter().filter(|o| o.outcome == "stored").map(|o| o.count).sum(),
            events_per_minute,
            journeys,
            messages: MessageCounts::of(&weft_channels::totals(&*state, workspace)?),
            messages_today: MessageCounts::of(&weft_channels::totals_of(&*state, workspace, today, None)?),
        })
    })
    .await?;
    Ok(Json(home))
}

/// When the day began where the workspace is.
fn midnight(state: &dyn StateStore, workspace: WorkspaceId, now: Millis) -> Result<Millis> {
    let today = now.timestamp().to_zoned(workspace_of(state, workspace)?.zone()).start_of_day().map_err(Error::internal)?;
    Ok(Millis(today.timestamp().as_millisecond()))
}

#[derive(Serialize, ToSchema)]
struct LogState {
    first: u64,
    next: u64,
    /// Why it takes no more records.
    failed: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct System {
    version: &'static str,
    /// Last log position in the state.
    position: u64,
    /// Records in the log that are not in the state yet.
    lag: u64,
    is_live: bool,
    /// This is `weft demo`: nothing here is real.
    demo: bool,
    people: u64,
    log: LogState,
    lake_marker: Option<i64>,
    state_bytes: u64,
    uptime_ms: u64,
}

async fn get_system(State(house): State<This>, caller: Caller) -> Answer<System> {
    Ok(Json(System {
        version: env!("CARGO_PKG_VERSION"),
        position: house.pipeline.position(),
        lag: house.pipeline.lag(),
        is_live: house.pipeline.is_live(),
        demo: house.config.demo,
        people: weft_profiles::count_people(&*house.parts.state, caller.workspace())?,
        log: LogState { first: house.bus.first(), next: house.bus.next(), failed: house.bus.failed() },
        lake_marker: house.lake_marker().await?,
        state_bytes: house.parts.state.disk_bytes(),
        uptime_ms: house.started.elapsed().as_millis() as u64,
    }))
}
