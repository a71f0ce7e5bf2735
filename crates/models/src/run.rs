//! A run: people are read, something is learnt, everybody's value is told to the log, and what was found is kept.

use std::sync::Arc;

use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use weft_condition::Condition;
use weft_context_kit::long_work::{LongWork, Running, Ticket};
use weft_context_kit::{Parts, workspace_of};
use weft_http_kit::Caller;
use weft_meta_store::{At, Json, db_error};
use weft_tags::Named;

use crate::evaluation::UsesAbove;
use crate::kernel::{Atom, Error, Result, RunId, Scope, WorkspaceId};
use crate::kinds::{APPLYING, Kind, Outcome, Plan, STAGES, Work};
use crate::operations::tag_of;
use crate::people::{Feature, Reading, sources};
use crate::store::{Model, runs};
use crate::suggest;

/// People whose value one unit tells.
const AT_ONCE: usize = 20_000;
/// Runs that keep their result.
const KEPT: u64 = 30;

/// Runs under way, and how to begin one.
#[derive(Clone)]
pub struct Runs {
    pub(crate) parts: Parts,
    pub(crate) above: Arc<dyn UsesAbove>,
    work: LongWork,
    /// One at a time reads everybody: the house has other things to do.
    turn: Arc<tokio::sync::Semaphore>,
}

/// What a run needs to know of its model.
struct Job {
    model: Model,
    plan: Plan,
    population: Option<Condition>,
    features: Vec<Feature>,
}

impl Job {
    fn of(model: Model) -> Result<Self> {
        let kind: Kind = serde_json::from_value(json!(model.kind))?;
        let plan = Plan::parse(kind, &model.settings.0)?;
        let population = match &model.population.0 {
            Value::Null => None,
            written => Some(weft_condition::parse(written).map_err(|faults| weft_condition::error_of(&faults))?),
        };
        let features = serde_json::from_value(model.features.0.clone())?;
        Ok(Self { plan, population, features, model })
    }

    fn run(&self, parts: &Parts, workspace: WorkspaceId, running: &Running) -> Result<Outcome> {
        let features = if self.features.is_empty() {
            suggest::chosen(parts, workspace, self.plan.outcome(&*parts.state, workspace)?.as_ref())?
        } else {
            self.features.clone()
        };
        let zone = workspace_of(&*parts.state, workspace)?.zone();
        let reading = Reading { store: &*parts.state, workspace, zone: &zone, at: parts.clock.now(), is_past: false, running };
        let work = Work { reading, population: self.population.clone(), sources: sources(&features)?, features, tag: self.model.name.clone() };
        self.plan.run(&work)
    }
}

impl Runs {
    pub(crate) fn new(parts: &Parts, above: Arc<dyn UsesAbove>) -> Self {
        Self { parts: parts.clone(), above, work: LongWork::default(), turn: Arc::new(tokio::sync::Semaphore::new(1)) }
    }
    pub(crate) fn of(&self, workspace: WorkspaceId, model: &str) -> Option<Arc<Running>> {
        self.work.of(workspace, model)
    }
    pub(crate) fn cancel_all(&self) {
        self.work.cancel_all();
    }

    /// Nobody else runs the model while the ticket is held.
    pub(crate) fn hold(&self, workspace: WorkspaceId, model: &str) -> Result<Ticket> {
        let ticket = self.work.begin(workspace, model, &STAGES, self.parts.clock.now());
        ticket.ok_or_else(|| Error::conflict("models.running", "this model is running; wait for it, or cancel it"))
    }

    /// Begins a run; it goes on by itself.
    pub(crate) async fn start(&self, scope: &Scope, model: Model) -> Result<()> {
        let ticket = self.hold(scope.workspace, &model.id)?;
        let job = Job::of(model)?;
        let mut unit = self.parts.rows.begin(scope, "run_model", self.parts.clock.now()).await?;
        unit.target(&job.model.id);
        unit.commit().await?;
        let (parts, scope, turn) = (self.parts.clone(), scope.clone(), self.turn.clone());
        tokio::spawn(async move {
            let _turn = turn.acquire().await;
            if let Err(e) = whole(&parts, &scope, job, ticket).await {
                tracing::error!(code = e.code, detail = %e.detail, "what a model found could not be kept");
            }
        });
        Ok(())
    }
}

async fn whole(parts: &Parts, scope: &Scope, job: Job, ticket: Ticket) -> Result<()> {
    let job = Arc::new(job);
    let running = ticket.running.clone();
    let learnt = {
        let (parts, job, running, workspace) = (parts.clone(), job.clone(), running.clone(), scope.workspace);
        tokio::task::spawn_blocking(move || job.run(&parts, workspace, &running)).await.unwrap_or_else(|e| Err(Error::internal(e)))
    };
    let applied = match learnt {
        Ok(outcome) => apply(parts, scope, &job.model, &outcome, &running).await.map(|tagged| (outcome, tagged)),
        Err(e) => Err(e),
    };
    keep(parts, scope, &job.model, applied, &running).await
}

/// Tells the log who is called what from now on, some thousands at a time. Once begun it is not cancelled: half a tag is none. What a break
/// leaves behind the next run puts right.
async fn apply(parts: &Parts, scope: &Scope, model: &Model, outcome: &Outcome, running: &Running) -> Result<u64> {
    running.check()?;
    label(parts, scope, model, &outcome.named).await?;
    let changes = {
        let (parts, workspace, name, values) = (parts.clone(), scope.workspace, model.name.clone(), outcome.values.clone());
        weft_context_kit::blocking(move || changes(&parts, workspace, &name, values)).await?
    };
    running.tell(APPLYING, 0, changes.len() as u64);
    let mut tagged = 0;
    for some in changes.chunks(AT_ONCE) {
        let mut unit = parts.rows.begin(scope, "apply_model", parts.clock.now()).await?;
        unit.target(&model.id);
        tagged += weft_tags::assign(parts, &mut unit, scope.workspace, &model.name, some, None)?;
        parts.commit(unit).await?;
        running.add(some.len() as u64);
    }
    Ok(tagged)
}

/// The tag's values are those of this run.
async fn label(parts: &Parts, scope: &Scope, model: &Model, named: &[Named]) -> Result<()> {
    let caller = Caller { scope: scope.clone(), permissions: Default::default(), by_cookie: false };
    // It may have been renamed while it ran.
    let model = &crate::operations::active(parts, &caller, &model.id).await?;
    let names = crate::operations::names_of(&model.settings.0);
    let named: Vec<Named> = named.iter().cloned().map(|n| crate::operations::renamed(n, &names)).collect();
    let mut unit = parts.rows.begin(scope, "label_model", parts.clock.now()).await?;
    unit.target(&model.id);
    weft_tags::relabel_in(parts, &mut unit, &caller, &model.tag, tag_of(&model.title, &model.description, Some(named))).await?;
    parts.commit(unit).await
}

/// Whose value differs from the one she has, and who has one that nobody gives her any more.
fn changes(parts: &Parts, workspace: WorkspaceId, tag: &str, values: Vec<(Atom, Option<String>)>) -> Result<Vec<(Atom, Option<Value>)>> {
    let mut wanted: std::collections::BTreeMap<Atom, Option<String>> = values.into_iter().collect();
    let mut changes = Vec::new();
    weft_tags::each(&*parts.state, workspace, tag, 0, &mut |person, stands| {
        match wanted.remove(&person).flatten() {
            Some(value) if stands.value == value => {}
            other => changes.push((person, other.map(Value::String))),
        }
        Ok(true)
    })?;
    changes.extend(wanted.into_iter().filter_map(|(person, value)| value.map(|v| (person, Some(Value::String(v))))));
    changes.sort_unstable_by_key(|(person, _)| *person);
    Ok(changes)
}

async fn keep(parts: &Parts, scope: &Scope, model: &Model, applied: Result<(Outcome, u64)>, running: &Running) -> Result<()> {
    let (state, error) = match &applied {
        Ok(_) => ("done", None),
        Err(_) if !running.goes_on() => ("cancelled", None),
        Err(e) => ("failed", Some(json!({"code": e.code, "detail": e.detail, "params": e.params}).to_string())),
    };
    let (outcome, tagged) = applied.ok().unzip();
    let mut unit = parts.rows.begin(scope, "keep_model_run", parts.clock.now()).await?;
    let result = outcome.as_ref().map_or(Value::Null, |o| {
        let mut result = o.result.clone();
        if let Some(map) = result.as_object_mut() {
            map.insert("feature_notes".into(), json!(o.notes));
            map.insert("named".into(), json!(o.named));
        }
        result
    });
    let row = runs::Model {
        id: RunId::new().0,
        workspace: unit.workspace_column(),
        model: model.id.clone(),
        state: state.into(),
        people: outcome.as_ref().map_or(0, |o| o.people as i64),
        tagged: tagged.unwrap_or(0) as i64,
        error,
        started_by: scope.actor.to_string(),
        started_at: At(running.progress().started_at),
        finished_at: At(unit.now()),
        result: Json(result),
    };
    unit.target(&model.id);
    unit.change(None, Some(json!({"state": row.state, "people": row.people, "tagged": row.tagged})));
    runs::Entity::insert(row.into_active_model()).exec_without_returning(unit.tx()).await.map_err(db_error)?;
    forget_old(&unit, model).await?;
    unit.commit().await.map(drop)
}

async fn forget_old(unit: &weft_meta_store::Unit, model: &Model) -> Result<()> {
    let hers = || runs::Entity::find().filter(runs::Column::Workspace.eq(model.workspace)).filter(runs::Column::Model.eq(&model.id));
    let first_old = hers().order_by_desc(runs::Column::StartedAt).offset(KEPT).limit(1).one(unit.tx()).await.map_err(db_error)?;
    if let Some(old) = first_old {
        let gone = runs::Entity::delete_many().filter(runs::Column::Workspace.eq(model.workspace)).filter(runs::Column::Model.eq(&model.id));
        gone.filter(runs::Column::StartedAt.lte(old.started_at)).exec(unit.tx()).await.map_err(db_error)?;
    }
    Ok(())
}
