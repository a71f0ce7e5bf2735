//! The shapes of this room on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};

use crate::kernel::Millis;
use crate::rule::Draft;
use crate::thing::{How, State};
use crate::types::{Counts, Settings};

#[derive(Serialize, ToSchema)]
#[schema(as = ThingType)]
pub(super) struct TypeView {
    #[serde(rename = "type")]
    pub of: String,
    pub settings: Settings,
    pub counts: Counts,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ThingsQuery {
    /// Find by a part of the name, or of the id.
    #[serde(default)]
    #[param(required = false)]
    pub q: String,
    /// Only those that have this tag, or, as `tag:value`, are called so.
    #[serde(default)]
    #[param(required = false)]
    pub tag: String,
    /// `described`, `seen` or `archived`; those that are not archived when nothing is said.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub state: Option<State>,
    /// Items on a page: 50 if nothing is said, 500 at most.
    pub limit: Option<usize>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// A thing in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct ThingLine {
    pub id: String,
    pub name: String,
    pub state: State,
    /// Texts, numbers, true or false, and lists of these.
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
    /// Its values by the name of the tag.
    pub tags: BTreeMap<String, String>,
    /// Events that ever named it.
    pub events: u64,
    #[schema(value_type = Option<String>)]
    pub last_seen: Option<Millis>,
    #[schema(value_type = String)]
    pub updated_at: Millis,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ThingDraft {
    #[serde(default)]
    pub name: String,
    /// Texts, numbers, true or false, and lists of these; 100 at most.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ThingsImport)]
pub(super) struct Things {
    /// Each `{"id", "name", "attributes"}`.
    #[schema(value_type = Vec<Object>)]
    pub things: Vec<Value>,
    /// Each line is all there is of its thing. If not, what is named is set, null takes away, and the rest stays.
    #[serde(default)]
    pub replace: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ThingsImported)]
pub(super) struct Imported {
    pub created: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub refused: Vec<RefusedThing>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RefusedThing {
    /// From 1 on.
    pub line: usize,
    pub id: Option<String>,
    pub code: &'static str,
    pub detail: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FiguresQuery {
    /// Of how many days figures are told, today among them: 30 if nothing is said, 400 at most.
    pub days: Option<u32>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Thing)]
pub(super) struct ThingView {
    #[serde(rename = "type")]
    pub of: String,
    pub id: String,
    pub name: String,
    pub state: State,
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
    #[schema(value_type = String)]
    pub created_at: Millis,
    #[schema(value_type = String)]
    pub updated_at: Millis,
    pub tags: Vec<ThingTag>,
    pub seen: Option<ThingSeen>,
    pub figures: ThingFigures,
    /// What was told of it, newest first; the last hundred.
    pub changes: Vec<ThingChange>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ThingTag {
    pub name: String,
    pub value: String,
    #[schema(value_type = String)]
    pub since: Millis,
}

/// Events that ever named it.
#[derive(Serialize, ToSchema)]
pub(super) struct ThingSeen {
    pub events: u64,
    #[schema(value_type = String)]
    pub first: Millis,
    #[schema(value_type = String)]
    pub last: Millis,
}

/// Events that name the thing, by the day on which they happened in UTC.
#[derive(Serialize, ToSchema)]
pub(super) struct ThingFigures {
    /// `2026-11-22`, both included.
    pub from: String,
    pub to: String,
    pub totals: Vec<ThingTotal>,
    pub days: Vec<ThingDay>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ThingTotal {
    pub event: String,
    pub events: u64,
    /// A decimal as text.
    pub quantity: String,
    /// Price times quantity; a decimal as text.
    pub amount: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ThingDay {
    pub day: String,
    #[serde(flatten)]
    pub total: ThingTotal,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ThingChange {
    #[schema(value_type = String)]
    pub at: Millis,
    /// `usr_…`, `key_…` or `src_…`
    pub by: String,
    /// Null when nobody knows it.
    pub by_name: Option<String>,
    pub how: How,
    pub fields: Vec<ThingFieldChange>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ThingFieldChange {
    pub name: String,
    pub before: Value,
    pub after: Value,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewThingTag)]
pub(super) struct NewTag {
    /// Letters, digits and `_`; it never changes.
    pub name: String,
    /// The type of the things it is of; it never changes.
    #[serde(rename = "type")]
    pub of: String,
    pub title: String,
    #[serde(default)]
    pub category: String,
    /// A user who works in the workspace; who makes it, or who it was, when left out.
    #[serde(default)]
    pub owner: String,
    #[serde(default)]
    pub description: String,
    pub rule: Draft,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ThingTagDraft)]
pub(super) struct TagDraft {
    pub title: String,
    #[serde(default)]
    pub category: String,
    /// A user who works in the workspace; who makes it, or who it was, when left out.
    #[serde(default)]
    pub owner: String,
    #[serde(default)]
    pub description: String,
    pub rule: Draft,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ThingTagView)]
pub(super) struct TagView {
    pub id: String,
    pub name: String,
    #[serde(rename = "type")]
    pub of: String,
    pub title: String,
    pub category: String,
    pub owner: String,
    /// Null when nobody knows it.
    pub owner_name: Option<String>,
    pub description: String,
    #[schema(value_type = Draft)]
    pub rule: Value,
    pub version: i64,
    pub state: String,
    /// How many things are called what, the most frequent value first.
    pub values: Vec<ThingTagCount>,
    /// False while things are still being judged by a new rule.
    pub is_filled: bool,
    /// When all things are judged again; null where time changes nothing.
    #[schema(value_type = Option<String>)]
    pub next_night: Option<Millis>,
    pub created_by: String,
    #[schema(value_type = String)]
    pub created_at: Millis,
    #[schema(value_type = String)]
    pub updated_at: Millis,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ThingTagCount {
    pub value: String,
    pub count: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ThingTagTemplate)]
pub(super) struct TagTemplate {
    pub name: String,
    pub title_zh: String,
    pub title_en: String,
    pub category: String,
    #[serde(rename = "type")]
    pub of: String,
    #[schema(value_type = Draft)]
    pub rule: Value,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ThingTagPreview)]
pub(super) struct Preview {
    #[serde(rename = "type")]
    pub of: String,
    pub rule: Draft,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ThingTagAssignment)]
pub(super) struct Assignment {
    /// Ids of things, at most 1,000.
    pub things: Vec<String>,
    /// Null takes the value away.
    pub value: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ThingTagAssigned)]
pub(super) struct Assigned {
    pub changed: u64,
    pub unchanged: u64,
    /// Ids of which there is no thing.
    pub unknown: Vec<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// Items on a page: 50 if nothing is said, 500 at most.
    pub limit: Option<usize>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}
