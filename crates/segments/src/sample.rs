//! A fixed share of everybody, drawn by lot: the same split by person that journeys and experiments use.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use weft_http_kit::utoipa::{self, ToSchema};

use crate::kernel::{Atom, Error, PersonId, Result, SegmentId, WorkspaceId, money};

const EVERYBODY: u32 = 10_000;

/// Whoever is drawn by the smaller share is drawn by the larger one too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Of ten thousand.
    pub(crate) share: u32,
    pub(crate) salt: String,
}

/// As people say it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SegmentSample)]
pub(crate) struct SampleDraft {
    /// Of a hundred, with two decimals at most.
    #[schema(value_type = f64)]
    percent: Number,
    /// Another salt draws other people. Of a new one the segment's id; of one that is there what it was.
    #[serde(default)]
    salt: Option<String>,
}

impl Sample {
    pub(crate) fn of(draft: &SampleDraft, id: &SegmentId, before: Option<&Sample>) -> Result<Self> {
        let given = draft.salt.as_deref().map(str::trim).filter(|salt| !salt.is_empty());
        let salt = given.map_or_else(|| before.map_or_else(|| id.0.clone(), |b| b.salt.clone()), str::to_owned);
        let hundredths = money::decimal(&Value::Number(draft.percent.clone())).and_then(|p| p.checked_mul(Decimal::ONE_HUNDRED));
        let share = hundredths.filter(|h| h.fract().is_zero()).and_then(|h| h.to_u32()).filter(|share| (1..EVERYBODY).contains(share));
        let wrong = || Error::invalid("segments.sample_invalid", "a share is above 0 and below 100 percent, with two decimals at most").field("sample.percent", "0.01 … 99.99");
        if salt.chars().count() > 100 {
            return Err(Error::invalid("segments.sample_invalid", "a salt has 100 characters at most").field("sample.salt", "at most 100 characters"));
        }
        Ok(Self { share: share.ok_or_else(wrong)?, salt })
    }
    /// The lot is the person's: who stays when two are joined keeps hers.
    pub(crate) fn draws(&self, workspace: WorkspaceId, person: Atom) -> bool {
        weft_experiments::assign(&self.salt, &PersonId::of(workspace, person).0, &[self.share, EVERYBODY - self.share]) == 0
    }
    pub(crate) fn shown(&self) -> SampleDraft {
        let percent = f64::from(self.share) / 100.0;
        SampleDraft { percent: Number::from_f64(percent).unwrap_or_else(|| 0.into()), salt: Some(self.salt.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const W: WorkspaceId = WorkspaceId(1);

    fn draft(json: Value) -> SampleDraft {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_share_is_said_exactly_or_refused() {
        let id = SegmentId::from("seg_1");
        for (percent, share) in [(json!(5), 500), (json!(5.0), 500), (json!(0.01), 1), (json!(99.99), 9_999), (json!(33.33), 3_333)] {
            let sample = Sample::of(&draft(json!({"percent": percent})), &id, None).unwrap();
            assert_eq!(sample, Sample { share, salt: "seg_1".into() });
            assert_eq!(Sample::of(&sample.shown(), &id, None).unwrap(), sample);
        }
        for percent in [json!(0), json!(-1), json!(100), json!(5.005), json!(1e30)] {
            assert_eq!(Sample::of(&draft(json!({"percent": percent})), &id, None).unwrap_err().code, "segments.sample_invalid", "{percent}");
        }
        let before = Sample { share: 500, salt: "spring".into() };
        assert_eq!(Sample::of(&draft(json!({"percent": 10})), &id, Some(&before)).unwrap().salt, "spring");
    }

    #[test]
    fn the_share_holds() {
        let sample = Sample { share: 500, salt: "seg_1".into() };
        let drawn = (0..40_000).filter(|person| sample.draws(W, *person)).count();
        // 2,000 are expected; five standard deviations are 218.
        assert!((1_782..=2_218).contains(&drawn), "{drawn}");
    }

    proptest! {
        #[test]
        fn a_larger_share_keeps_whom_it_had(a in 1..EVERYBODY, b in 1..EVERYBODY, person in 0u32..1_000_000) {
            let sample = |share| Sample { share, salt: "seg_1".into() };
            prop_assert!(!sample(a.min(b)).draws(W, person) || sample(a.max(b)).draws(W, person));
        }
    }
}
