//! A search: everybody's records, compared; the pairs kept for people to decide.

use std::ops::ControlFlow;
use std::sync::Arc;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, Iterable, sea_query::OnConflict};
use serde_json::json;
use weft_context_kit::Parts;
use weft_context_kit::long_work::{LongWork, Progress, Running};
use weft_http_kit::Caller;
use weft_linkage::{Outcome, Pair, Settings, Stage, dedupe};
use weft_meta_store::{At, Json, db_error};
use weft_profile_kv::Read;

use crate::kernel::{Error, Millis, PersonId, Result, Scope, WorkspaceId, id};
use crate::records::{People, people};
use crate::store::{self, pairs};

/// Pairs that are kept, the surest first; more is no list that people read.
const MOST_PAIRS: usize = 10_000;
const AT_ONCE: usize = 200;
const ROOM: &str = "duplicates";
static STAGES: [&str; 5] = ["reading", "blocking", "training", "comparing", "clustering"];

/// Searches under way.
#[derive(Clone, Default)]
pub(crate) struct Searches(LongWork);

impl Searches {
    pub fn of(&self, workspace: WorkspaceId) -> Option<Arc<Running>> {
        self.0.of(workspace, ROOM)
    }

    pub async fn start(&self, parts: &Parts, caller: &Caller) -> Result<Progress> {
        let ticket = self.0.begin(caller.workspace(), ROOM, &STAGES, parts.clock.now());
        let ticket = ticket.ok_or_else(|| Error::conflict("duplicates.running", "a search is under way; wait for it, or cancel it"))?;
        parts.rows.begin(&caller.scope, "find_duplicates", parts.clock.now()).await?.commit().await?;
        let progress = ticket.running.progress();
        let (parts, scope) = (parts.clone(), caller.scope.clone());
        tokio::spawn(async move {
            if let Err(e) = search(&parts, &scope, ticket.running.clone()).await {
                tracing::error!(code = e.code, detail = %e.detail, "the search for duplicates could not be written down");
            }
        });
        Ok(progress)
    }
}

/// What came of it.
struct Found {
    people: u64,
    compared: u64,
    left_out: u64,
    pairs: Vec<pairs::Model>,
}

async fn search(parts: &Parts, scope: &Scope, running: Arc<Running>) -> Result<()> {
    let (workspace, now) = (scope.workspace, parts.clock.now());
    let found = {
        let (parts, running) = (parts.clone(), running.clone());
        tokio::task::spawn_blocking(move || find(&*parts.state, workspace, now, &running)).await.map_err(Error::internal)?
    };
    let (state, error) = match &found {
        Ok(_) => ("done", None),
        Err(_) if !running.goes_on() => ("cancelled", None),
        Err(e) => ("failed", Some(e.detail.clone())),
    };
    let row = |found: Option<&Found>| store::Model {
        workspace: i64::from(workspace.0),
        state: state.into(),
        people: found.map_or(0, |f| f.people as i64),
        pairs: found.map_or(0, |f| f.pairs.len() as i64),
        left_out: found.map_or(0, |f| f.left_out as i64),
        compared: found.map_or(0, |f| f.compared as i64),
        error,
        started_by: scope.actor.to_string(),
        started_at: At(running.progress().started_at),
        finished_at: At(parts.clock.now()),
    };
    let mut unit = parts.rows.begin(scope, "keep_duplicates", parts.clock.now()).await?;
    let row = row(found.as_ref().ok());
    unit.change(None, Some(json!({"state": row.state, "people": row.people, "pairs": row.pairs})));
    let newest = OnConflict::column(store::Column::Workspace).update_columns(store::Column::iter().filter(|c| !matches!(c, store::Column::Workspace))).to_owned();
    store::Entity::insert(row.into_active_model()).on_conflict(newest).exec_without_returning(unit.tx()).await.map_err(db_error)?;
    if let Ok(found) = found {
        let open = pairs::Entity::delete_many().filter(pairs::Column::Workspace.eq(i64::from(workspace.0))).filter(pairs::Column::State.eq(pairs::OPEN));
        open.exec(unit.tx()).await.map_err(db_error)?;
        let mut rest = found.pairs;
        while !rest.is_empty() {
            let next: Vec<_> = rest.drain(..rest.len().min(AT_ONCE)).map(IntoActiveModel::into_active_model).collect();
            pairs::Entity::insert_many(next).exec_without_returning(unit.tx()).await.map_err(db_error)?;
        }
    }
    unit.commit().await.map(drop)
}

fn find(read: &dyn Read, workspace: WorkspaceId, now: Millis, running: &Running) -> Result<Found> {
    let people = people(read, workspace, &|seen| {
        running.tell(0, seen, 0);
        running.goes_on()
    })?;
    running.check()?;
    if people.atoms.len() < 2 {
        return Ok(Found { people: people.atoms.len() as u64, compared: 0, left_out: 0, pairs: Vec::new() });
    }
    let inferred = Settings::infer(&people.records).map_err(Error::internal)?;
    // Events keep coming in meanwhile.
    let settings = Settings { review_pairs: MOST_PAIRS, threads: inferred.threads.saturating_sub(1).max(1), ..inferred };
    let outcome = dedupe(&people.records, &settings, &mut |p| {
        let stage = match p.stage {
            Stage::Blocking => 1,
            Stage::Training => 2,
            Stage::Comparing => 3,
            Stage::Clustering => 4,
        };
        running.tell(stage, p.done, p.total);
        if running.goes_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(weft_linkage::Error::Cancelled) => return Err(running.check().err().unwrap_or_else(|| Error::internal("stopped"))),
        Err(e) => return Err(Error::internal(e)),
    };
    kept(read, workspace, now, &people, &outcome)
}

/// The surest pairs of people whom nothing speaks against joining.
fn kept(read: &dyn Read, workspace: WorkspaceId, now: Millis, people: &People, outcome: &Outcome) -> Result<Found> {
    let rules = weft_identity::settings(read, workspace)?;
    let mut found = Found {
        people: people.atoms.len() as u64,
        compared: outcome.rules.iter().map(|r| r.compared).sum(),
        left_out: outcome.review_left_out,
        pairs: Vec::new(),
    };
    for pair in outcome.accepted.iter().chain(&outcome.review) {
        let (a, b) = (people.atoms[pair.a as usize], people.atoms[pair.b as usize]);
        if weft_identity::are_apart(read, workspace, a, b)? || weft_identity::obstacle(read, workspace, a, b, &rules)?.is_some() {
            continue;
        }
        if found.pairs.len() == MOST_PAIRS {
            found.left_out += 1;
            continue;
        }
        found.pairs.push(row(workspace, now, people, outcome, *pair));
    }
    Ok(found)
}

fn row(workspace: WorkspaceId, now: Millis, people: &People, outcome: &Outcome, pair: Pair) -> pairs::Model {
    let why = outcome.model.explain(&people.records, pair.a, pair.b);
    let part = |p: &weft_linkage::Part| json!({"comparison": p.comparison, "level": p.level, "bits": rounded(p.bits + p.frequency_bits)});
    let mut parts: Vec<_> = why.parts.iter().filter(|p| p.values.0.is_some() && p.values.1.is_some()).map(part).collect();
    if why.household_bits.abs() >= 0.05 {
        parts.push(json!({"comparison": "household", "level": "relatives", "bits": rounded(why.household_bits)}));
    }
    parts.push(json!({"comparison": "prior", "level": "", "bits": rounded(why.prior_bits)}));
    let (a, b) = (people.atoms[pair.a as usize], people.atoms[pair.b as usize]);
    pairs::Model {
        id: format!("dup_{}", id::base32(id::derived(&[&workspace.0.to_be_bytes(), &a.to_be_bytes(), &b.to_be_bytes(), &now.0.to_be_bytes()]))),
        workspace: i64::from(workspace.0),
        a: PersonId::of(workspace, a).0,
        b: PersonId::of(workspace, b).0,
        probability: (pair.probability() * 1_000_000.0).floor() as i64,
        parts: Json(json!(parts)),
        state: pairs::OPEN.into(),
        found_at: At(now),
        decided_by: None,
        decided_at: None,
    }
}

fn rounded(bits: f64) -> f64 {
    (bits * 10.0).round() / 10.0
}

/// Marks what was decided, in the unit that tells the log.
pub(crate) async fn decided(unit: &weft_meta_store::Unit, pair: pairs::Model, state: &str, by: String) -> Result<pairs::Model> {
    let mut row = pair.into_active_model();
    row.state = Set(state.into());
    row.decided_by = Set(Some(by));
    row.decided_at = Set(Some(At(unit.now())));
    row.update(unit.tx()).await.map_err(db_error)
}
