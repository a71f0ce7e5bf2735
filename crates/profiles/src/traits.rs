//! Rules of traits and the history of one, over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::{Value, json};
use weft_context_kit::{Parts, blocking};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_http_kit::{Answer, Body, Caller, Lock, Routes};
use weft_profile_kv::Read;

use crate::brief::find;
use crate::document::{document, tellings};
use crate::kernel::{Error, EventKind, Millis, Page, Result};
use crate::rules::{ROOM, TRAIT_RULES_DEFINED, TraitRules, trait_rules};

type Room = Arc<Parts>;
const READ: Lock = Lock::Permission("people:read");
const WRITE: Lock = Lock::Permission("people:write");
pub(crate) const SENSITIVE: &str = "people:sensitive";

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .get("get_trait_rules", "/traits/rules", READ, get_trait_rules, parts)
        .summary("Whose word counts about a trait, and which traits are sensitive")
        .gives::<TraitRules>()
        .put("set_trait_rules", "/traits/rules", WRITE, set_trait_rules, parts)
        .summary("Change them; everybody's traits are folded anew")
        .takes::<TraitRules>()
        .gives::<TraitRules>()
        .get("list_trait_history", "/people/{id}/traits/{name}/history", READ, list_trait_history, parts)
        .summary("Everything that was ever told of one trait of a person, newest first")
        .lists_whole::<Telling>()
}

async fn get_trait_rules(State(parts): State<Room>, caller: Caller) -> Answer<TraitRules> {
    Ok(Json(blocking(move || trait_rules(&*parts.state, caller.workspace())).await?))
}

async fn set_trait_rules(State(parts): State<Room>, caller: Caller, Body(rules): Body<TraitRules>) -> Answer<TraitRules> {
    rules.check()?;
    let before = trait_rules(&*parts.state, caller.workspace())?;
    if rules.hides_differently(&before) && !caller.may(SENSITIVE) {
        return Err(Error::denied("profiles.sensitive_only", "what is sensitive is said by who may see it").into());
    }
    let mut unit = parts.rows.begin(&caller.scope, "set_trait_rules", parts.clock.now()).await?;
    unit.change(Some(json!(before)), Some(json!(rules)));
    unit.announce(ROOM, TRAIT_RULES_DEFINED, json!(rules));
    parts.commit(unit).await?;
    Ok(Json(rules))
}

/// One thing that was told.
#[derive(Serialize, ToSchema)]
#[schema(as = TraitTelling)]
struct Telling {
    /// Null where the trait was taken away, or may not be seen.
    value: Value,
    #[schema(value_type = String)]
    kind: EventKind,
    #[schema(value_type = String)]
    ts: Millis,
    source: String,
    /// It is what stands now.
    stands: bool,
}

async fn list_trait_history(State(parts): State<Room>, caller: Caller, Path((id, name)): Path<(String, String)>) -> Answer<Page<Telling>> {
    let workspace = caller.workspace();
    let items = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let person = find(read, workspace, &id)?;
        let is_hidden = trait_rules(read, workspace)?.is_sensitive(&name) && !caller.may(SENSITIVE);
        let stands = document(read, workspace, person)?.traits.get(&name).cloned();
        let atoms = weft_identity::atoms(read, workspace, person)?;
        let mut items = Vec::new();
        for (_, told) in tellings(read, workspace, &atoms)?.into_iter().rev() {
            let value = match told.traits.get(&name) {
                _ if told.kind == EventKind::ProfileDelete || told.kind == EventKind::ProfileUnset => Value::Null,
                Some(value) => value.clone(),
                None => continue,
            };
            if told.kind == EventKind::ProfileUnset && !told.traits.contains_key(&name) {
                continue;
            }
            let is_it = stands.as_ref().is_some_and(|s| s.ts == told.ts && s.source == told.source) && !items.iter().any(|t: &Telling| t.stands);
            items.push(Telling { value: if is_hidden { Value::Null } else { value }, kind: told.kind, ts: told.ts, source: told.source, stands: is_it });
        }
        Ok(items)
    })
    .await?;
    Ok(Json(Page { items, next: None }))
}

/// The names of what is hidden from this caller.
pub(crate) fn hidden(read: &dyn Read, caller: &Caller) -> Result<TraitRules> {
    if caller.may(SENSITIVE) { Ok(TraitRules::default()) } else { trait_rules(read, caller.workspace()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::TraitRule;

    #[test]
    fn what_is_not_listed_counts_least() {
        let rule = TraitRule { sources: vec!["crm".into(), "shop".into()], is_sensitive: true };
        let rules = TraitRules { traits: [("city".to_owned(), rule)].into() };
        assert_eq!(["crm", "shop", "web"].map(|s| rules.rank("city", s)), [0, 1, 2]);
        assert_eq!(rules.rank("age", "web"), 0);
        assert!(rules.is_sensitive("city") && !rules.is_sensitive("age"));
        assert!(rules.ranked_differently(&TraitRules::default()) && !rules.ranked_differently(&rules));
        let twice = TraitRules { traits: [("city".to_owned(), TraitRule { sources: vec!["a".into(), "a".into()], is_sensitive: false })].into() };
        assert_eq!(twice.check().unwrap_err().code, "profiles.trait_rules_invalid");
    }
}
