//! The step that counts what was refused at the door.

use crate::kernel::{Control, Result};
use crate::pipeline::{Cx, Outcome, Step, count_outcome};
use crate::refusals::{REFUSED, ROOM, RefusedCount};

/// Turns the controls of the door into counted outcomes.
pub struct CountRefusals;

impl Step for CountRefusals {
    fn name(&self) -> &'static str {
        "count_refusals"
    }

    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        if control.room != ROOM || control.what != REFUSED {
            return Ok(());
        }
        let told: RefusedCount = serde_json::from_value(control.body.clone())?;
        count_outcome(&mut cx.work, control.workspace, &told.source, control.at, &Outcome::Rejected(told.reason), told.count)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use weft_profile_kv::{MemoryStore, StateStore, Work};

    use super::*;
    use crate::kernel::{Millis, Record, SourceId, WorkspaceId};
    use crate::pipeline::{OutcomeFilter, list_outcomes};

    fn told(store: &MemoryStore, control: &Control) -> Result<()> {
        let mut cx = Cx::new(Work::over(store), control.at, 1);
        CountRefusals.control(control, &mut cx)?;
        store.apply(cx.work.into_changes(), 1)
    }

    #[test]
    fn refusals_become_outcomes_of_their_source_and_hour() {
        let store = MemoryStore::default();
        let source = SourceId::from("src_web");
        for count in [2, 3] {
            let record = crate::refusals::record(WorkspaceId(4), &source, "collect.wrong_type", count, Millis(7_200_001)).unwrap();
            let Ok(Record::Control(control)) = Record::decode(&record) else { panic!("not a control") };
            told(&store, &control).unwrap();
        }
        let counts = list_outcomes(&store, WorkspaceId(4), &OutcomeFilter::default()).unwrap();
        assert_eq!(counts.len(), 1);
        assert_eq!((counts[0].hour, counts[0].count), (Millis(7_200_000), 5));
        assert_eq!((counts[0].outcome.as_str(), counts[0].reason.as_str()), ("rejected", "collect.wrong_type"));
        assert_eq!(counts[0].source, source);
        assert!(list_outcomes(&store, WorkspaceId(0), &OutcomeFilter::default()).unwrap().is_empty());
    }

    #[test]
    fn other_controls_are_not_ours() {
        let store = MemoryStore::default();
        let (workspace, at) = (WorkspaceId(1), Millis(0));
        let control = |room: &str, what: &str, body| Control { id: "c".into(), workspace, at, room: room.into(), what: what.into(), body };
        told(&store, &control("segments", "refused", json!({}))).unwrap();
        told(&store, &control("collect", "source_created", json!({}))).unwrap();
        assert!(told(&store, &control("collect", "refused", json!({"count": "many"}))).is_err());
        assert!(list_outcomes(&store, WorkspaceId(1), &OutcomeFilter::default()).unwrap().is_empty());
    }
}
