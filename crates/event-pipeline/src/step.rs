//! What a step is, what it is given, and what it may do.

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::Arc;

use weft_profile_kv::Work;

use crate::kernel::{Atom, Control, Event, Millis, Result, WorkspaceId};
use crate::outcome::Outcome;
use crate::timers;

/// One event on its way through the steps, with what they have learnt of it so far.
#[derive(Clone, Debug)]
pub struct InFlight {
    pub event: Event,
    /// Its place in the log.
    pub position: u64,
    /// The atom its identifiers belong to; fixed for ever, also through merges.
    pub atom: Option<Atom>,
    /// The person as known now: the smallest atom of her component.
    pub person: Option<Atom>,
    /// Persons this event joined, in order.
    pub merges: Vec<Merge>,
    pub changed: Changed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    pub winner: Atom,
    pub loser: Atom,
}

/// One person turned out to be several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Who she was.
    pub whole: Atom,
    /// Who goes on being her: whoever was in the middle of something, it is this one.
    pub stays: Atom,
    /// Everybody who is there now, `stays` among them.
    pub parts: Vec<Atom>,
}

/// People changed while nothing happened to them: somebody decided it, or a guard rail did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Regrouped {
    Merged(Merge),
    Split(Split),
    /// What is known of her was put together anew, by other rules.
    Refolded(Atom),
}

/// Time alone, or a new definition, changed a person's tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retagged {
    pub person: Atom,
    pub tags: BTreeSet<String>,
    /// It happened now; false when a definition was told and everybody is judged by it for the first time.
    pub is_news: bool,
}

/// What may now be judged differently about the person.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    pub traits: BTreeSet<String>,
    pub tags: BTreeSet<String>,
    pub consent: bool,
    /// Everything: after a merge.
    pub all: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Flow {
    Continue,
    /// The step has regrouped people and cannot go on before everybody has heard of it: it is called again with the same event.
    Again,
    /// The event goes no further, and this is what became of it.
    End(Outcome),
}

/// The hands of a step: the batch it writes into, the time, and the door for what it causes.
pub struct Cx<'a> {
    pub work: Work<'a>,
    /// Time as the log knows it: never goes back, and is the same when replayed.
    pub now: Millis,
    pub position: u64,
    /// Every step hears of these before the next step is called.
    pub regrouped: Vec<Regrouped>,
    /// What is called otherwise than before with no event of the person's; every step hears of it, too.
    pub retagged: Vec<Retagged>,
    pub(crate) emitted: Vec<Event>,
    memo: Option<(Atom, Arc<dyn Any + Send + Sync>)>,
}

impl<'a> Cx<'a> {
    pub fn new(work: Work<'a>, now: Millis, position: u64) -> Self {
        Self { work, now, position, regrouped: Vec::new(), retagged: Vec::new(), emitted: Vec::new(), memo: None }
    }

    /// Sends an event out by the front door, once this batch is true. Its id must be made from its cause
    /// (`kernel::id::derived`), so that a replay emits the same event and not another.
    pub fn emit(&mut self, event: Event) {
        self.emitted.push(event);
    }
    /// What was emitted so far; for tests of single steps.
    pub fn emitted(&self) -> &[Event] {
        &self.emitted
    }

    /// What was read of this person for other questions, by this step or the one before, while the event at hand is worked off.
    /// Who changes what it holds does so before anybody asks, or in answer to a regrouping: then it begins empty.
    pub fn memo<T: Default + Send + Sync + 'static>(&mut self, person: Atom) -> Arc<T> {
        let known = self.memo.as_ref().filter(|(of, _)| *of == person).and_then(|(_, memo)| memo.clone().downcast().ok());
        known.unwrap_or_else(|| {
            let memo = Arc::<T>::default();
            self.remember(person, memo.clone());
            memo
        })
    }
    /// So that a memo need not begin empty: a step may keep it over events, as long as what it holds is true.
    pub fn remember<T: Send + Sync + 'static>(&mut self, person: Atom, memo: Arc<T>) {
        self.memo = Some((person, memo));
    }
    pub(crate) fn forget_memo(&mut self) {
        self.memo = None;
    }

    /// Calls `Step::timer` of the named step when the log's time has reached `due`. Setting it twice is setting it once.
    pub fn set_timer(&mut self, step: &'static str, workspace: WorkspaceId, due: Millis, key: &[u8]) {
        timers::set(&mut self.work, step, workspace, due, key);
    }
    pub fn cancel_timer(&mut self, step: &'static str, workspace: WorkspaceId, due: Millis, key: &[u8]) {
        timers::cancel(&mut self.work, step, workspace, due, key);
    }
}

/// One named step. Steps are called in the order in which `server/src/steps.rs` lists them,
/// each event through all of them before the next event. They must be functions of what they are given:
/// no clock, no chance, no network, or a rebuild would not equal what was lived.
pub trait Step: Send + Sync {
    /// Also the name its timers carry.
    fn name(&self) -> &'static str;

    fn event(&self, _event: &mut InFlight, _cx: &mut Cx) -> Result<Flow> {
        Ok(Flow::Continue)
    }
    /// A definition changed. Only those meant for this step's room matter.
    fn control(&self, _control: &Control, _cx: &mut Cx) -> Result<()> {
        Ok(())
    }
    /// What this step keeps of a person goes where she went. Nobody is told that she entered or left anything: a
    /// correction of what we believed is nothing that happened.
    fn regrouped(&self, _workspace: WorkspaceId, _change: &Regrouped, _cx: &mut Cx) -> Result<()> {
        Ok(())
    }
    fn retagged(&self, _workspace: WorkspaceId, _change: &Retagged, _cx: &mut Cx) -> Result<()> {
        Ok(())
    }
    fn timer(&self, _workspace: WorkspaceId, _key: &[u8], _due: Millis, _cx: &mut Cx) -> Result<()> {
        Ok(())
    }
    /// Drops what it remembers outside the store: the store was cleared or has moved under it, or an event was taken back.
    fn forget(&self) {}
}
