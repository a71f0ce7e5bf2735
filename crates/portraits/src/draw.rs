//! Who is read for a portrait, and reading them.

use std::sync::Mutex;

use jiff::tz::TimeZone;
use roaring::RoaringBitmap;
use weft_condition::{Condition, holds};
use weft_context_kit::long_work::Running;
use weft_models::people::{Reading, sample};
use weft_profile_kv::StateStore;

use crate::kernel::{Atom, Error, Millis, Result, SegmentId, WorkspaceId};
use crate::lives::Life;

const THREADS: usize = 2;

/// Of whom a portrait is.
#[derive(Clone, Debug)]
pub enum Group {
    Segment(SegmentId),
    Condition(Condition),
}

pub struct Drawing<'a> {
    pub store: &'a dyn StateStore,
    pub workspace: WorkspaceId,
    pub zone: &'a TimeZone,
    pub now: Millis,
    pub running: &'a Running,
}

/// Both sides, as they were read.
pub struct Crowd {
    pub people: u64,
    pub others: u64,
    pub lives: Vec<Life>,
}

impl Drawing<'_> {
    pub fn crowd(&self, group: &Group, against: Option<&SegmentId>) -> Result<Crowd> {
        let members = self.members(group)?;
        if members.is_empty() {
            return Err(Error::conflict("portraits.nobody", "nobody belongs to this group, so there is nothing to show"));
        }
        let rest = match against {
            Some(segment) => weft_segments::bitmap(self.store, self.workspace, segment)? - &members,
            None => self.everybody()? - &members,
        };
        let chosen: Vec<(Atom, bool)> = {
            let mut chosen: Vec<(Atom, bool)> = sample(self.workspace, &members).into_iter().map(|p| (p, true)).collect();
            chosen.extend(sample(self.workspace, &rest).into_iter().map(|p| (p, false)));
            chosen.sort_unstable();
            chosen
        };
        Ok(Crowd { people: members.len(), others: rest.len(), lives: self.read(&chosen)? })
    }

    fn members(&self, group: &Group) -> Result<RoaringBitmap> {
        match group {
            Group::Segment(id) => weft_segments::bitmap(self.store, self.workspace, id),
            Group::Condition(condition) => {
                let reading = Reading { store: self.store, workspace: self.workspace, zone: self.zone, at: self.now, is_past: false, running: self.running };
                let found = reading.each(&|person, facts| Ok(holds(condition, facts, self.now).then_some(person)))?;
                Ok(found.into_iter().collect())
            }
        }
    }

    fn everybody(&self) -> Result<RoaringBitmap> {
        let mut all = RoaringBitmap::new();
        weft_profiles::all_people(self.store, self.workspace, 0, &mut |person, _| {
            all.insert(person);
            Ok(true)
        })?;
        Ok(all)
    }

    fn read(&self, chosen: &[(Atom, bool)]) -> Result<Vec<Life>> {
        self.running.tell(0, 0, chosen.len() as u64);
        let failed: Mutex<Option<Error>> = Mutex::new(None);
        let parts: Vec<Vec<Life>> = std::thread::scope(|scope| {
            let share = chosen.len().div_ceil(THREADS).max(1);
            let workers: Vec<_> = chosen.chunks(share).map(|some| scope.spawn(|| self.part(some))).collect();
            let found = workers.into_iter().map(|w| w.join().unwrap_or_else(|_| Err(Error::bug("portraits.reading_panicked", "reading people failed"))));
            found.filter_map(|part| part.map_err(|e| failed.lock().map(|mut f| *f = Some(e))).ok()).collect()
        });
        match failed.into_inner().unwrap_or_default() {
            Some(e) => Err(e),
            None => Ok(parts.into_iter().flatten().collect()),
        }
    }

    fn part(&self, some: &[(Atom, bool)]) -> Result<Vec<Life>> {
        let mut lives = Vec::with_capacity(some.len());
        for (person, is_member) in some {
            self.running.check()?;
            lives.push(Life::read(self.store, self.workspace, *person, *is_member, self.now, self.zone)?);
            self.running.add(1);
        }
        Ok(lives)
    }
}
