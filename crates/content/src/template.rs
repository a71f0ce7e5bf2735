//! A template: what is said on one channel, before it is about somebody.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, Order};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use weft_context_kit::Parts;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_http_kit::{Caller, ListQuery};
use weft_meta_store::{At, Json, contains, db_error, page};

use crate::kernel::{Error, Page, Result, TemplateId, WorkspaceId};
use crate::render::{Bounds, Source, Warning, compile, lint, variables};
use crate::store::{ActiveModel, Column, Entity, Model};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    Sms,
    Webhook,
}

impl Channel {
    pub const ALL: [Channel; 3] = [Channel::Email, Channel::Sms, Channel::Webhook];
    pub fn name(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::Webhook => "webhook",
        }
    }
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// All that may be said; which parts count depends on the channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Body {
    pub subject: String,
    pub html: String,
    pub text: String,
    /// The gateway's own template, for SMS: `SMS_1234567`.
    pub sms_template_code: String,
    /// Parameters of an SMS template, fields of a webhook; each a Liquid template.
    pub fields: BTreeMap<String, String>,
    pub webhook_url: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub id: TemplateId,
    pub name: String,
    pub channel: Channel,
    pub body: Body,
    pub version: i64,
    pub created_at: crate::kernel::Millis,
    pub updated_at: crate::kernel::Millis,
}

impl Template {
    pub fn source(&self) -> Source {
        self.body.source()
    }
}

impl Body {
    pub(crate) fn source(&self) -> Source {
        let part = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
        Source { subject: part(&self.subject), html: part(&self.html), text: part(&self.text), fields: self.fields.clone() }
    }
}

impl From<Model> for Template {
    fn from(m: Model) -> Self {
        Self {
            id: TemplateId(m.id),
            name: m.name,
            channel: Channel::of(&m.channel).unwrap_or(Channel::Email),
            body: m.body.0,
            version: m.version,
            created_at: m.created_at.0,
            updated_at: m.updated_at.0,
        }
    }
}

pub(crate) struct Draft {
    pub name: String,
    pub channel: Channel,
    pub body: Body,
}

fn check(draft: &Draft) -> Result<()> {
    let missing = |field: &str, what: &str| Err(Error::invalid("content.part_missing", what.to_owned()).field(field, what));
    let body = &draft.body;
    if draft.name.trim().is_empty() {
        return missing("name", "give the template a name");
    }
    match draft.channel {
        Channel::Email if body.subject.trim().is_empty() => return missing("subject", "a mail needs a subject"),
        Channel::Email if body.html.trim().is_empty() && body.text.trim().is_empty() => return missing("html", "a mail needs a body"),
        Channel::Sms if body.text.trim().is_empty() && body.sms_template_code.trim().is_empty() => {
            return missing("text", "an SMS needs a text or the gateway's template code");
        }
        Channel::Webhook if body.webhook_url.trim().is_empty() => return missing("webhook_url", "a webhook needs an address"),
        _ => {}
    }
    compile(&body.source(), &Bounds::default()).map(|_| ())
}

fn taken(e: Error, name: &str) -> Error {
    if e.code == "meta_store.duplicate" {
        return Error::conflict("content.name_taken", format!("there is a template called {name} already")).field("name", "is taken");
    }
    e
}

pub async fn create_template(parts: &Parts, scope: &crate::kernel::Scope, name: &str, channel: Channel, body: Body) -> Result<Template> {
    let draft = Draft { name: name.trim().to_owned(), channel, body };
    check(&draft)?;
    let mut unit = parts.rows.begin(scope, "create_template", parts.clock.now()).await?;
    let at = At(unit.now());
    let model = Model {
        id: TemplateId::new().0,
        workspace: unit.workspace_column(),
        name: draft.name,
        channel: channel.name().into(),
        body: Json(draft.body),
        version: 1,
        created_at: at,
        updated_at: at,
    };
    unit.target(&model.id);
    unit.change(None, Some(json!({"name": model.name, "channel": model.channel})));
    Entity::insert(model.clone().into_active_model()).exec_without_returning(unit.tx()).await.map_err(|e| taken(db_error(e), &model.name))?;
    parts.commit(unit).await?;
    Ok(model.into())
}

/// The template as it stands now.
pub async fn load(parts: &Parts, workspace: WorkspaceId, id: &TemplateId) -> Result<Template> {
    let mine = Entity::find_by_id(id.as_str()).filter(Column::Workspace.eq(i64::from(workspace.0)));
    let found = mine.one(parts.rows.connection()).await.map_err(db_error)?;
    found
        .map(Template::from)
        .ok_or_else(|| Error::not_found("content.template_not_found", format!("there is no template {id} in this workspace")).param("id", id))
}

pub(crate) async fn update_template(parts: &Parts, caller: &Caller, id: &str, draft: Draft) -> Result<Template> {
    check(&draft)?;
    let before = load(parts, caller.workspace(), &TemplateId::from(id)).await?;
    let mut unit = parts.rows.begin(&caller.scope, "update_template", parts.clock.now()).await?;
    unit.target(id);
    unit.change(Some(json!({"name": before.name, "subject": before.body.subject})), Some(json!({"name": draft.name, "subject": draft.body.subject})));
    let model = Model {
        id: id.to_owned(),
        workspace: unit.workspace_column(),
        name: draft.name.trim().to_owned(),
        channel: draft.channel.name().into(),
        body: Json(draft.body),
        version: before.version + 1,
        created_at: At(before.created_at),
        updated_at: At(unit.now()),
    };
    let row: ActiveModel = model.clone().into();
    row.reset_all().update(unit.tx()).await.map_err(|e| taken(db_error(e), &model.name))?;
    parts.commit(unit).await?;
    Ok(model.into())
}

pub(crate) async fn delete_template(parts: &Parts, caller: &Caller, id: &str) -> Result<()> {
    load(parts, caller.workspace(), &TemplateId::from(id)).await?;
    let mut unit = parts.rows.begin(&caller.scope, "delete_template", parts.clock.now()).await?;
    unit.target(id);
    Entity::delete_by_id(id.to_owned()).exec(unit.tx()).await.map_err(db_error)?;
    parts.commit(unit).await
}

pub(crate) async fn list_templates(parts: &Parts, caller: &Caller, query: &ListQuery) -> Result<Page<Template>> {
    let mine = Entity::find().filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(contains(Column::Name, &query.q));
    let found = page(parts.rows.connection(), mine, &[Column::UpdatedAt, Column::Id], Order::Desc, query.cursor.as_deref(), query.limit()).await?;
    Ok(found.map(Template::from))
}

/// What a template can speak of besides traits, filled with examples.
pub fn sample_context() -> Value {
    json!({
        "person": {"id": "per_sample", "name": "李雷", "city": "上海", "email": "lilei@example.com"},
        "brand": {"name": ""},
        "unsubscribe_url": "https://example.com/u/sample",
        "event": {},
    })
}

/// What is wrong with a source, knowing which traits there are.
pub fn unknown_variables(source: &Source, traits: &[String]) -> Vec<Warning> {
    let mut known: Vec<String> = ["person.id", "unsubscribe_url", "brand.name", "event"].iter().map(|s| (*s).to_owned()).collect();
    known.extend(traits.iter().map(|t| format!("person.{t}")));
    // Properties of the event that began a journey differ from journey to journey.
    known.extend(variables(source).into_iter().filter(|v| v.starts_with("event.")));
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    lint(source, &known)
}
