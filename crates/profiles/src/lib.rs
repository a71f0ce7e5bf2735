#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod brief;
mod document;
mod facts;
mod history;
mod http;
mod people;
mod recall;
mod regroup;
mod rules;
mod sealing;
mod steps;
mod traits;

use std::sync::Arc;

use weft_context_kit::{Context, Parts};

pub use brief::{IdentifierBrief, MOST_FOUND, PersonBrief, brief, find as find_person, name as person_name, search as search_people};
pub use document::{Document, TraitValue, document, open_document, trait_names};
pub use facts::{Around, PersonFacts};
pub use history::{Happened, timeline};
pub use people::{Seen, all as all_people, count as count_people, newest_people, seen};
pub use recall::Recall;
pub use rules::{TraitRule, TraitRules, trait_rules};
pub use sealing::SealingDoor;
pub use steps::FoldIntoProfile;

pub fn context(parts: &Parts) -> Context {
    let parts = Arc::new(parts.clone());
    Context { routes: http::routes(&parts).and(regroup::routes(&parts)).and(traits::routes(&parts)), ..Context::new("profiles") }
}
