//! Two steps: is it what the plan expects, and has it been here before?

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use weft_event_pipeline::{Cx, Flow, InFlight, Outcome, Step};
use weft_profile_kv::Read;
use weft_profile_kv::key::Key;

use crate::catalogue::{self, Familiar, SensitiveTraits};
use crate::kernel::{Control, Event, EventKind, Result, WorkspaceId, id};
use crate::plan::Plan;
use crate::quarantine;

pub(crate) const ROOM: &str = "quality";
pub(crate) const PLAN_DEFINED: &str = "tracking_plan_defined";
/// How `profiles` says that it changed what is sensitive.
const TRAIT_RULES: (&str, &str) = ("profiles", "trait_rules_defined");
const PLANS: &str = "tracking_plans";
pub(crate) const RETRIED: &str = "quarantine_retried";
/// event id → position where it was first seen
const SEEN: &str = "seen";

#[derive(Default)]
pub struct CheckAgainstTrackingPlan {
    plans: RwLock<HashMap<WorkspaceId, Arc<Plan>>>,
}

impl CheckAgainstTrackingPlan {
    fn plan(&self, read: &dyn Read, workspace: WorkspaceId) -> Result<Arc<Plan>> {
        if let Some(plan) = self.plans.read().get(&workspace) {
            return Ok(plan.clone());
        }
        let plan = Arc::new(stored_plan(read, workspace)?);
        self.plans.write().insert(workspace, plan.clone());
        Ok(plan)
    }
}

pub(crate) fn stored_plan(read: &dyn Read, workspace: WorkspaceId) -> Result<Plan> {
    Ok(read.get(PLANS, Key::of(workspace).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?.unwrap_or_default())
}

impl Step for CheckAgainstTrackingPlan {
    fn name(&self) -> &'static str {
        "check_against_tracking_plan"
    }
    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let plan = self.plan(&cx.work, flight.event.workspace)?;
        let Some(reason) = plan.objection(&flight.event) else { return Ok(Flow::Continue) };
        quarantine::keep(&mut cx.work, flight.position, &reason, &flight.event)?;
        Ok(Flow::End(Outcome::Quarantined(reason)))
    }
    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        if control.room == ROOM && control.what == PLAN_DEFINED {
            let plan: Plan = serde_json::from_value(control.body.clone())?;
            cx.work.put(PLANS, Key::of(control.workspace), serde_json::to_vec(&plan)?);
            self.plans.write().insert(control.workspace, Arc::new(plan));
        }
        if control.room == ROOM && control.what == RETRIED {
            quarantine::retry(cx, control)?;
        }
        Ok(())
    }
    fn forget(&self) {
        self.plans.write().clear();
    }
}

/// Drops an event whose id stands at another position already; also keeps the catalogue of what comes in.
#[derive(Default)]
pub struct DropDuplicates {
    familiar: Mutex<Familiar>,
}

fn seen_key(workspace: WorkspaceId, event_id: &str) -> Vec<u8> {
    let mut key = Key::of(workspace).0;
    key.extend_from_slice(&id::derived(&[event_id.as_bytes()]).to_be_bytes());
    key
}

/// Is this event id in the state? An import asks, so that a second run appends nothing.
pub fn was_seen(read: &dyn Read, workspace: WorkspaceId, event_id: &str) -> Result<bool> {
    Ok(read.get(SEEN, &seen_key(workspace, event_id))?.is_some())
}

impl Step for DropDuplicates {
    fn name(&self) -> &'static str {
        "drop_duplicates"
    }
    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let key = seen_key(flight.event.workspace, &flight.event.id);
        let position = flight.position.to_be_bytes();
        if let Some(at) = cx.work.get(SEEN, &key)?
            && at.as_ref() != position
        {
            return Ok(Flow::End(Outcome::Duplicate));
        }
        cx.work.put(SEEN, key, position.to_vec());
        self.note(&flight.event, cx)?;
        Ok(Flow::Continue)
    }
    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        if (control.room.as_str(), control.what.as_str()) == TRAIT_RULES {
            let rules: SensitiveTraits = serde_json::from_value(control.body.clone())?;
            catalogue::withhold_examples(&mut cx.work, control.workspace, &rules)?;
            self.forget();
        }
        Ok(())
    }
    fn forget(&self) {
        *self.familiar.lock() = Familiar::default();
    }
}

impl DropDuplicates {
    fn note(&self, event: &Event, cx: &mut Cx) -> Result<()> {
        let mut familiar = self.familiar.lock();
        catalogue::count(&mut cx.work, event.workspace, &event.name, event.ts)?;
        familiar.observe_properties(&mut cx.work, event.workspace, &event.name, &event.properties)?;
        // What is taken away comes as `true`, which is nobody's value.
        if event.kind.changes_profile() && event.kind != EventKind::ProfileUnset {
            familiar.observe_traits(&mut cx.work, event)?;
        }
        Ok(())
    }
}
