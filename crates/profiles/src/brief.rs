//! A person in short, as every list shows her; and how one is found.

use serde::Serialize;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::Read;

use crate::document::{Document, document, open_document};
use crate::kernel::{Atom, Error, Identifier, PersonId, Result, WorkspaceId};
use crate::people;
use crate::rules::trait_rules;

/// Traits that hold what people would call her, the best first.
const NAMES: [&str; 4] = ["name", "$name", "full_name", "nickname"];
/// To as many people a list is narrowed down by a search; who means somebody writes more of her name.
pub const MOST_FOUND: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct IdentifierBrief {
    #[serde(rename = "type")]
    pub id_type: String,
    pub value: String,
}

impl From<Identifier> for IdentifierBrief {
    fn from(id: Identifier) -> Self {
        Self { id_type: id.id_type, value: id.value }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PersonBrief {
    #[schema(value_type = String)]
    pub id: PersonId,
    pub name: Option<String>,
    pub identifiers: Vec<IdentifierBrief>,
}

pub(crate) fn name_in(traits: &Document) -> Option<String> {
    NAMES.iter().find_map(|n| traits.get(n)?.as_str()).map(str::to_owned)
}

/// What people would call her.
pub fn name(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Option<String>> {
    Ok(name_in(&open_document(read, workspace, person)?))
}

pub fn brief(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<PersonBrief> {
    let identifiers = weft_identity::identifiers(read, workspace, person)?.into_iter().map(|k| k.identifier.into()).collect();
    Ok(PersonBrief { id: PersonId::of(workspace, person), name: name(read, workspace, person)?, identifiers })
}

/// The person of an id, also of one from before a merge.
pub fn find(read: &dyn Read, workspace: WorkspaceId, id: &str) -> Result<Atom> {
    weft_identity::person(read, workspace, &PersonId::from(id))?
        .ok_or_else(|| Error::not_found("profiles.person_not_found", format!("there is no person {id} in this workspace")).param("id", id))
}

/// People whose id this is, or whose identifier, name, e-mail or phone begins so.
pub fn search(read: &dyn Read, workspace: WorkspaceId, q: &str, limit: usize) -> Result<Vec<Atom>> {
    let mut atoms: Vec<Atom> = weft_identity::person(read, workspace, &PersonId::from(q))?.into_iter().collect();
    atoms.extend(weft_identity::beginning_with(read, workspace, q, limit)?);
    let rules = trait_rules(read, workspace)?;
    for person in people::by_word(read, workspace, q, limit)? {
        // What may not be seen is not found letter by letter either.
        if people::is_found_by(&document(read, workspace, person)?, &rules, q) {
            atoms.push(person);
        }
    }
    let mut once = std::collections::BTreeSet::new();
    atoms.retain(|a| once.insert(*a));
    atoms.truncate(limit);
    Ok(atoms)
}
