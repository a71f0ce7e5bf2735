//! People as records to be compared: the traits that say who somebody is, under the names that brands use.

use std::collections::BTreeMap;

use serde_json::Value;
use weft_linkage::{Kind, Records};
use weft_profile_kv::Read;

use crate::kernel::{Atom, Error, Result, WorkspaceId};

/// A column, what it holds, and the traits it is read from; the first that is there.
const COLUMNS: [(&str, Kind, &[&str]); 10] = [
    ("name", Kind::Name, &["name", "$name", "full_name", "real_name"]),
    ("given_name", Kind::GivenName, &["first_name", "firstName", "given_name"]),
    ("surname", Kind::Surname, &["last_name", "lastName", "surname", "family_name"]),
    ("phone", Kind::Phone, &["phone", "$phone", "mobile", "tel"]),
    ("email", Kind::Mail, &["email", "$email", "mail"]),
    ("birthday", Kind::Birthday, &["birthday", "birth_date", "date_of_birth"]),
    ("address", Kind::Address, &["address", "street", "address.street"]),
    ("city", Kind::City, &["city", "$city", "address.city"]),
    ("postcode", Kind::Postcode, &["postcode", "postal_code", "zip", "address.postalCode"]),
    ("id_number", Kind::IdNumber, &["id_number", "id_card"]),
];
/// Identifiers of which a person has one; two different ones are two people.
const ACCOUNT: &str = "user_id";

pub(crate) struct People {
    pub records: Records,
    /// By record.
    pub atoms: Vec<Atom>,
}

/// Everybody of whom anything is known that could be compared.
pub(crate) fn people(read: &dyn Read, workspace: WorkspaceId, keep_on: &dyn Fn(u64) -> bool) -> Result<People> {
    let columns = COLUMNS.iter().map(|(name, kind, _)| (*name, *kind)).chain([(ACCOUNT, Kind::UserId)]);
    let mut people = People { records: Records::new(columns), atoms: Vec::new() };
    let mut seen = 0;
    weft_profiles::all_people(read, workspace, 0, &mut |person, _| {
        seen += 1;
        if !keep_on(seen) {
            return Ok(false);
        }
        let document = weft_profiles::document(read, workspace, person)?;
        let mut values: Vec<Option<String>> = COLUMNS.iter().map(|(_, _, names)| names.iter().find_map(|name| text(document.get(name)?))).collect();
        if values.iter().all(Option::is_none) {
            return Ok(true);
        }
        let known = weft_identity::identifiers(read, workspace, person)?;
        values.push(known.into_iter().find(|k| k.identifier.id_type == ACCOUNT).map(|k| k.identifier.value));
        let values: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
        people.records.push(&values).map_err(Error::internal)?;
        people.atoms.push(person);
        Ok(true)
    })?;
    Ok(people)
}

/// What a person says in each column, as she says it.
pub(crate) fn values(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<BTreeMap<&'static str, String>> {
    let document = weft_profiles::open_document(read, workspace, person)?;
    Ok(COLUMNS.iter().filter_map(|(column, _, names)| Some((*column, names.iter().find_map(|name| text(document.get(name)?))?))).collect())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
