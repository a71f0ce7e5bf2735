//! How identifiers are weighed, and the guard rails: told by the workspace, kept in the state.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::key::Key;
use weft_profile_kv::{Read, Work};

use crate::kernel::{Error, EventKind, Result, WorkspaceId, event::id_types};

/// workspace → settings
const SETTINGS: &str = "identity_settings";

/// A kind of identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdType {
    /// As events name it: `user_id`, `openid`, `phone`, …
    pub name: String,
    /// 0 to 100. The heaviest identifier of an event says whose event it is.
    pub weight: u8,
    /// How many of this kind one person may have.
    pub per_person: u32,
    /// Does it join people at all? What does not (a session) belongs to whoever it came with.
    #[serde(default = "yes")]
    pub joins: bool,
    /// May several people use one of it, as they do a device? If several claim it, it belongs to none of them.
    #[serde(default)]
    pub may_be_shared: bool,
    /// Somebody with another login claims one that has an owner: does the newest claim win, or does the owner keep it?
    #[serde(default)]
    pub newest_wins: bool,
}

fn yes() -> bool {
    true
}

/// Rules by which identifiers become people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IdentityRules)]
pub struct Settings {
    pub types: Vec<IdType>,
    /// All identifiers of one person, of all kinds.
    pub identifiers_per_person: u32,
    /// New links of one person within a minute; more come from a fault, or from somebody who tries.
    pub links_per_minute: u32,
    /// Claimed by so many people, what may be shared is taken to be shared and belongs to nobody.
    pub shared_after: u32,
}

const fn kind(name: &'static str, weight: u8, per_person: u32) -> (&'static str, u8, u32) {
    (name, weight, per_person)
}

/// Logins first, then what a person is reached by, then what she carries.
const PEOPLES: [(&str, u8, u32); 12] = [
    kind(id_types::USER, 100, 1),
    kind("member_id", 95, 1),
    kind("unionid", 95, 1),
    kind("external_userid", 85, 5),
    kind("openid", 80, 20),
    kind("id_number_hash", 80, 1),
    kind("phone", 70, 5),
    kind("phone_hash", 70, 5),
    kind("email", 65, 5),
    kind("email_hash", 65, 5),
    kind("alipay_id", 80, 3),
    kind("card_number", 60, 20),
];
const DEVICES: [(&str, u8, u32); 9] = [
    kind("idfa", 40, 20),
    kind("oaid", 40, 20),
    kind("caid", 40, 20),
    kind("imei_md5", 40, 20),
    kind("android_id", 35, 20),
    kind("device_id", 30, 50),
    kind("distinct_id", 25, 50),
    kind(id_types::ANONYMOUS, 20, 50),
    kind("cookie", 20, 50),
];
/// What nobody has told us about.
const UNKNOWN: (u8, u32) = (30, 50);
/// An alias says on purpose that two accounts are one person.
const ACCOUNTS_BY_ALIAS: u32 = 5;
const MOST_TYPES: usize = 200;

impl Default for Settings {
    fn default() -> Self {
        let of = |may_be_shared| move |(name, weight, per_person): (&str, u8, u32)| IdType { name: name.to_owned(), weight, per_person, joins: true, may_be_shared, newest_wins: false };
        let mut types: Vec<IdType> = PEOPLES.into_iter().map(of(false)).chain(DEVICES.into_iter().map(of(true))).collect();
        types.push(IdType { name: "session_id".into(), weight: 5, per_person: 1, joins: false, may_be_shared: true, newest_wins: false });
        Self { types, identifiers_per_person: 200, links_per_minute: 120, shared_after: 3 }
    }
}

impl Settings {
    fn of(&self, id_type: &str) -> Option<&IdType> {
        self.types.iter().find(|t| t.name == id_type)
    }
    /// Our own person id is the surest of all.
    pub fn weight(&self, id_type: &str) -> u8 {
        if id_type == id_types::PERSON {
            return u8::MAX;
        }
        self.of(id_type).map_or(UNKNOWN.0, |t| t.weight)
    }
    pub(crate) fn per_person(&self, id_type: &str, kind: EventKind) -> u32 {
        let most = self.of(id_type).map_or(UNKNOWN.1, |t| t.per_person);
        if id_type == id_types::USER && kind == EventKind::Alias { most.max(ACCOUNTS_BY_ALIAS) } else { most }
    }
    pub(crate) fn joins(&self, id_type: &str) -> bool {
        self.of(id_type).is_none_or(|t| t.joins)
    }
    pub(crate) fn may_be_shared(&self, id_type: &str) -> bool {
        self.of(id_type).is_some_and(|t| t.may_be_shared)
    }
    pub(crate) fn newest_wins(&self, id_type: &str) -> bool {
        self.of(id_type).is_some_and(|t| t.newest_wins)
    }

    /// All that is wrong with them, or nothing.
    pub fn check(&self) -> Result<()> {
        let faults = self.faults();
        if faults.is_empty() {
            return Ok(());
        }
        let error = Error::invalid("identity.settings_invalid", "some of these rules cannot be kept");
        Err(faults.into_iter().fold(error, |error, (field, what)| error.field(field, what)))
    }

    fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let mut complain = |field: String, what: &str| faults.push((field, what.to_owned()));
        let mut seen = BTreeSet::new();
        for (i, t) in self.types.iter().enumerate() {
            if t.name.trim().is_empty() || t.name.len() > 64 || t.name == id_types::PERSON {
                complain(format!("types.{i}.name"), "must be 1 to 64 characters, and not `person`");
            }
            if !seen.insert(&t.name) {
                complain(format!("types.{i}.name"), "stands there twice");
            }
            if t.weight > 100 {
                complain(format!("types.{i}.weight"), "must be 0 to 100");
            }
            if t.newest_wins && t.may_be_shared {
                complain(format!("types.{i}.newest_wins"), "what may be shared is nobody's when several claim it: choose one of the two");
            }
            if t.per_person == 0 {
                complain(format!("types.{i}.per_person"), "must be at least 1");
            }
        }
        if self.types.len() > MOST_TYPES {
            complain("types".into(), "at most 200 kinds");
        }
        for (name, value, least, most) in [
            ("identifiers_per_person", self.identifiers_per_person, 2, 1_000),
            ("links_per_minute", self.links_per_minute, 1, 10_000),
            ("shared_after", self.shared_after, 2, 100),
        ] {
            if !(least..=most).contains(&value) {
                complain(name.into(), &format!("must be {least} to {most}"));
            }
        }
        faults
    }
}

/// What the workspace has told, or what everybody starts with.
pub fn settings(read: &dyn Read, workspace: WorkspaceId) -> Result<Settings> {
    Ok(read.get(SETTINGS, Key::of(workspace).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?.unwrap_or_default())
}

pub(crate) fn put(work: &mut Work, workspace: WorkspaceId, settings: &Settings) -> Result<()> {
    work.put(SETTINGS, Key::of(workspace), serde_json::to_vec(settings)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_settings_hold_and_wrong_ones_name_every_fault() {
        Settings::default().check().unwrap();
        let mut wrong = Settings { shared_after: 0, ..Settings::default() };
        wrong.types[1].name = "user_id".into();
        wrong.types[2].per_person = 0;
        (wrong.types[3].newest_wins, wrong.types[3].may_be_shared) = (true, true);
        let error = wrong.check().unwrap_err();
        let fields: Vec<&str> = error.fields.keys().map(String::as_str).collect();
        assert_eq!(fields, ["shared_after", "types.1.name", "types.2.per_person", "types.3.newest_wins"]);
    }

    #[test]
    fn an_alias_may_say_that_two_accounts_are_one() {
        let s = Settings::default();
        assert_eq!((s.per_person("user_id", EventKind::Identify), s.per_person("user_id", EventKind::Alias)), (1, 5));
        assert!(s.weight("person") > s.weight("user_id") && s.weight("user_id") > s.weight("cookie"));
    }
}
