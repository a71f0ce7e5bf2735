//! What happens to an event, in order. Read it aloud.

use weft_event_pipeline::Step;

use crate::lake::QueueForLake;

/// Grows when a step writes its keys or values otherwise than before: a folder of the older kind gets its state anew from
/// the log at the next start.
pub const STATE_FORMAT: u32 = 5;

pub fn steps() -> Vec<Box<dyn Step>> {
    vec![
        Box::new(weft_context_kit::RememberWorkspace),
        Box::new(weft_collect::CountRefusals),
        Box::new(weft_quality::CheckAgainstTrackingPlan::default()),
        Box::new(weft_quality::DropDuplicates::default()),
        Box::new(weft_privacy::ApplyConsent),
        Box::new(weft_identity::ResolvePerson::default()),
        Box::new(weft_profiles::FoldIntoProfile::default()),
        Box::new(weft_catalog::KeepCatalog::default()),
        Box::new(QueueForLake),
        Box::new(weft_channels::KeepLedger),
        Box::new(weft_tags::ApplyTags::default()),
        Box::new(weft_segments::UpdateMembership::default()),
        Box::new(weft_journeys::WakeJourneys::default()),
    ]
}
