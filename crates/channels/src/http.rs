//! Ledger, settings, previews and the links that come back, over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use weft_content::render::{self, Bounds, Rendered, Warning};
use weft_content::{Body as TemplateBody, Channel};
use weft_context_kit::{Parts, blocking};
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};
use weft_http_kit::{Answer, Body, Caller, Lock, QueryOf, Routes, items_on_a_page};
use weft_privacy::Consent;
use weft_profile_kv::Read;
use weft_profiles::{MOST_FOUND, find_person, person_name, search_people};

use crate::delivery::{Delivery, State};
use crate::gate::told;
use crate::kernel::event::names;
use crate::kernel::{Atom, Error, JourneyId, MessageId, Millis, Page, PersonId, Pii, Result, Scope, TemplateId, WorkspaceId};
use crate::ledger::{self, Filter, Total};
use crate::links::{CLICK, Links, OPEN, Said, UNSUBSCRIBE};
use crate::message;
use crate::providers::{self, Address, OutMessage, SendOutcome};
use crate::sender::Sender;
use crate::settings::{Settings, settings};
use crate::steps::SENDING_DEFINED;
use crate::{ROOM, store};

pub struct Room {
    pub parts: Parts,
    pub links: Links,
    pub sender: Arc<Sender>,
}
type This = Arc<Room>;

const READ: Lock = Lock::Permission("channels:read");
const WRITE: Lock = Lock::Permission("channels:write");

pub(crate) fn routes(room: &This) -> Routes {
    Routes::new()
        .get("list_deliveries", "/deliveries", READ, list_deliveries, room)
        .summary("The ledger: every message and what became of it, newest first")
        .lists::<DeliveryLine>()
        .asks::<DeliveryQuery>()
        .get("get_delivery_summary", "/deliveries/summary", READ, get_delivery_summary, room)
        .summary("How many deliveries stand in which state, and why")
        .gives::<DeliverySummary>()
        .asks::<SummaryQuery>()
        .get("get_delivery", "/deliveries/{id}", READ, get_delivery, room)
        .summary("One delivery with its steps and the message")
        .gives::<DeliveryView>()
        .get("list_person_consents", "/people/{id}/consents", Lock::Permission("privacy:read"), list_person_consents, room)
        .summary("What a person said, the last word per purpose and channel")
        .lists_whole::<Consent>()
        .get("get_sending_settings", "/settings/sending", READ, get_sending_settings, room)
        .summary("Caps, quiet hours, consent rule, providers (without their secrets)")
        .gives::<SendingSettings>()
        .put("define_sending", "/settings/sending", WRITE, define_sending, room)
        .summary("Replace caps, quiet hours, consent rule and providers; a provider that is not named is removed")
        .takes::<SendingSettings>()
        .gives::<SendingSettings>()
        .post("preview_template", "/templates:preview", Lock::Permission("content:read"), preview_template, room)
        .summary("A template for a person, or for a sample, with warnings")
        .takes::<PreviewRequest>()
        .gives::<TemplatePreview>()
        .post("test_template", "/templates/{id}:test", WRITE, test_template, room)
        .summary("Send one test message to an address of one's own")
        .takes::<TestRequest>()
        .gives::<TestOutcome>()
}

pub(crate) fn open_router(room: This) -> axum::Router {
    axum::Router::new()
        .route("/t/o/{sealed}", get(opened))
        .route("/t/c/{sealed}", get(clicked))
        .route("/u/{sealed}", get(unsubscribe_page).post(unsubscribe))
        .route("/receipts/sms_aliyun/{workspace}/{sealed}", post(sms_receipts))
        .with_state(room)
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeliveryQuery {
    /// To people one of whose identifiers, or whose name, e-mail address or phone number begins so.
    q: Option<String>,
    /// One or several, with commas between them: `sent,failed`.
    state: Option<String>,
    channel: Option<String>,
    /// The beginning of the reason: `cap:`.
    reason: Option<String>,
    journey: Option<String>,
    /// A person's id.
    person: Option<String>,
    /// Asked for from this moment on …
    #[param(value_type = Option<String>)]
    from: Option<Millis>,
    /// … and before this one.
    #[param(value_type = Option<String>)]
    to: Option<Millis>,
    /// Items on a page: 50 if nothing is said, 500 at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

async fn list_deliveries(From(room): From<This>, caller: Caller, QueryOf(query): QueryOf<DeliveryQuery>) -> Answer<Page<DeliveryLine>> {
    let workspace = caller.workspace();
    let limit = items_on_a_page(query.limit);
    let page = blocking(move || {
        let read: &dyn Read = &*room.parts.state;
        let some = |text: Option<String>| text.filter(|t| !t.is_empty());
        let filter = Filter {
            atoms: wanted_atoms(read, workspace, some(query.person), some(query.q.map(|q| q.trim().to_owned())))?,
            states: some(query.state).map(|s| s.split(',').map(str::to_owned).collect()).unwrap_or_default(),
            channel: some(query.channel),
            reason: some(query.reason),
            journey: some(query.journey),
            from: query.from,
            to: query.to,
        };
        let page = ledger::list(read, workspace, &filter, limit, query.cursor.as_deref())?;
        let items = page.items.into_iter().map(|d| line(read, d)).collect::<Result<Vec<_>>>()?;
        Ok(Page { items, next: page.next })
    })
    .await?;
    Ok(Json(page))
}

/// All atoms of the people asked for; none if anybody will do.
fn wanted_atoms(read: &dyn Read, workspace: WorkspaceId, person: Option<String>, q: Option<String>) -> Result<Option<Vec<Atom>>> {
    let person = person.map(|id| find_person(read, workspace, &id)).transpose()?;
    let found = q.map(|q| search_people(read, workspace, &q, MOST_FOUND)).transpose()?;
    let people = match (person, found) {
        (None, None) => return Ok(None),
        (Some(person), None) => vec![person],
        (person, Some(found)) => found.into_iter().filter(|f| person.is_none_or(|p| p == *f)).collect(),
    };
    let atoms = people.into_iter().map(|root| weft_identity::atoms(read, workspace, root)).collect::<Result<Vec<_>>>()?;
    Ok(Some(atoms.concat()))
}

async fn list_person_consents(From(room): From<This>, caller: Caller, Path(id): Path<String>) -> Answer<Page<Consent>> {
    let workspace = caller.workspace();
    let items = blocking(move || {
        let read: &dyn Read = &*room.parts.state;
        let person = find_person(read, workspace, &id)?;
        weft_privacy::consents(read, workspace, &weft_identity::all_identifiers(read, workspace, person)?)
    })
    .await?;
    Ok(Json(Page { items, next: None }))
}

/// A delivery as the ledger lists it.
#[derive(Serialize, ToSchema)]
struct DeliveryLine {
    #[schema(value_type = String)]
    id: MessageId,
    #[schema(value_type = String)]
    person: PersonId,
    person_name: Option<String>,
    /// Enough of the address to recognise it.
    to: String,
    channel: String,
    #[schema(value_type = String)]
    template: TemplateId,
    purpose: String,
    #[schema(value_type = Option<String>)]
    journey: Option<JourneyId>,
    node: Option<String>,
    state: State,
    /// Why it is suppressed, deferred, failed or unknown.
    reason: String,
    attempts: u32,
    #[schema(value_type = String)]
    created_at: Millis,
    /// When it may be tried (again).
    #[schema(value_type = Option<String>)]
    due: Option<Millis>,
    #[schema(value_type = Option<String>)]
    sent_at: Option<Millis>,
    #[schema(value_type = Option<String>)]
    delivered_at: Option<Millis>,
    #[schema(value_type = Option<String>)]
    opened_at: Option<Millis>,
    #[schema(value_type = Option<String>)]
    clicked_at: Option<Millis>,
}

fn line(read: &dyn Read, d: Delivery) -> Result<DeliveryLine> {
    let intent = d.intent;
    let root = weft_identity::root(read, intent.workspace, intent.person)?;
    Ok(DeliveryLine {
        id: intent.id,
        person: PersonId::of(intent.workspace, root),
        person_name: person_name(read, intent.workspace, root)?,
        to: masked(&d.to),
        channel: intent.channel,
        template: intent.template,
        purpose: intent.purpose,
        journey: intent.journey,
        node: intent.node,
        state: d.state,
        reason: d.reason,
        attempts: d.attempts,
        created_at: d.created_at,
        due: d.due.map(Millis),
        sent_at: d.sent_at.map(Millis),
        delivered_at: d.delivered_at.map(Millis),
        opened_at: d.opened_at.map(Millis),
        clicked_at: d.clicked_at.map(Millis),
    })
}

/// Enough to recognise, not enough to use.
fn masked(to: &str) -> String {
    let stars = |text: &str, head: usize, tail: usize| {
        let chars: Vec<char> = text.chars().collect();
        if chars.len() <= head + tail {
            return "***".to_owned();
        }
        format!("{}***{}", chars[..head].iter().collect::<String>(), chars[chars.len() - tail..].iter().collect::<String>())
    };
    match to.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", stars(local, 1, 0)),
        None if to == "webhook" || to.is_empty() => to.to_owned(),
        None => stars(to, 3, 2),
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SummaryQuery {
    /// Asked for from this moment on, in whole hours (UTC) …
    #[param(value_type = Option<String>)]
    from: Option<Millis>,
    /// … and before this one.
    #[param(value_type = Option<String>)]
    to: Option<Millis>,
}

#[derive(Serialize, ToSchema)]
struct ReasonCount {
    state: String,
    reason: String,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct DeliverySummary {
    by_state: BTreeMap<String, u64>,
    by_channel: BTreeMap<String, u64>,
    /// Most frequent first.
    by_reason: Vec<ReasonCount>,
    total: u64,
}

impl DeliverySummary {
    fn of(totals: Vec<Total>) -> Self {
        let (mut by_state, mut by_channel, mut by_reason) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let total = totals.iter().map(|t| t.count).sum();
        for t in totals {
            *by_state.entry(t.state.clone()).or_insert(0) += t.count;
            *by_channel.entry(t.channel).or_insert(0) += t.count;
            if !t.reason.is_empty() {
                *by_reason.entry((t.state, t.reason)).or_insert(0) += t.count;
            }
        }
        let mut by_reason: Vec<ReasonCount> = by_reason.into_iter().map(|((state, reason), count)| ReasonCount { state, reason, count }).collect();
        by_reason.sort_by_key(|r| std::cmp::Reverse(r.count));
        Self { by_state, by_channel, by_reason, total }
    }
}

async fn get_delivery_summary(From(room): From<This>, caller: Caller, QueryOf(query): QueryOf<SummaryQuery>) -> Answer<DeliverySummary> {
    let totals = blocking(move || ledger::totals_of(&*room.parts.state, caller.workspace(), query.from, query.to)).await?;
    Ok(Json(DeliverySummary::of(totals)))
}

/// One step of a delivery.
#[derive(Serialize, ToSchema)]
struct DeliveryStep {
    #[schema(value_type = String)]
    at: Millis,
    what: String,
    reason: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Delivery)]
struct DeliveryView {
    #[serde(flatten)]
    line: DeliveryLine,
    steps: Vec<DeliveryStep>,
    /// The message; null when its template is gone.
    preview: Option<Rendered>,
}

async fn get_delivery(From(room): From<This>, caller: Caller, Path(id): Path<String>) -> Answer<DeliveryView> {
    let workspace = caller.workspace();
    let found = ledger::get(&*room.parts.state, workspace, &MessageId(id.clone()))?;
    let mut delivery = found.ok_or_else(|| Error::not_found("channels.delivery_not_found", format!("there is no delivery {id}")).param("id", &id))?;
    let preview = match weft_content::load(&room.parts, workspace, &delivery.intent.template).await {
        Ok(template) => rendered(&room, workspace, &template.source(), Some(delivery.intent.person), &delivery.intent.event).ok(),
        Err(_) => None,
    };
    let steps = std::mem::take(&mut delivery.steps).into_iter().map(|s| DeliveryStep { at: s.at, what: s.what, reason: s.reason }).collect();
    Ok(Json(DeliveryView { line: line(&*room.parts.state, delivery)?, steps, preview }))
}

fn rendered(room: &Room, workspace: WorkspaceId, source: &render::Source, person: Option<u32>, event: &serde_json::Map<String, Value>) -> Result<Rendered> {
    let now = room.parts.clock.now();
    let context = match person {
        Some(person) => message::context(&*room.parts.state, workspace, person, event, "#", now)?,
        None => weft_content::sample_context(),
    };
    render::render(source, &context, &Bounds::default())
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProviderSettings {
    /// `smtp`, `webhook` or `sms_aliyun`.
    kind: String,
    /// The kind's own settings. Secrets are never given out; `null` or `"***"` leaves them as they are.
    #[schema(value_type = Object)]
    config: Value,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
struct SendingSettings {
    #[serde(flatten)]
    rules: Settings,
    /// By channel.
    #[serde(default)]
    providers: BTreeMap<String, ProviderSettings>,
}

const SECRETS: [&str; 6] = ["password", "secret", "access_key_secret", "private_key", "private_key_pem", "dkim"];
const HIDDEN: &str = "***";

fn hide_secrets(mut config: Value) -> Value {
    if let Some(map) = config.as_object_mut() {
        for (name, value) in map.iter_mut().filter(|(_, v)| !v.is_null()) {
            if SECRETS.contains(&name.as_str()) {
                *value = HIDDEN.into();
            }
        }
    }
    config
}

async fn current(room: &Room, workspace: WorkspaceId) -> Result<SendingSettings> {
    let rows = store::all(&room.parts.rows, workspace).await?;
    let providers = rows.into_iter().map(|r| (r.channel, ProviderSettings { kind: r.kind, config: hide_secrets(r.config.0) })).collect();
    Ok(SendingSettings { rules: settings(&*room.parts.state, workspace)?, providers })
}

async fn get_sending_settings(From(room): From<This>, caller: Caller) -> Answer<SendingSettings> {
    Ok(Json(current(&room, caller.workspace()).await?))
}

async fn define_sending(From(room): From<This>, caller: Caller, Body(new): Body<SendingSettings>) -> Answer<SendingSettings> {
    let known = store::all(&room.parts.rows, caller.workspace()).await?;
    let mut chosen = BTreeMap::new();
    for (channel, provider) in new.providers {
        let before = known.iter().find(|r| r.channel == channel && r.kind == provider.kind).map(|r| &r.config.0);
        chosen.insert(channel, ProviderSettings { config: with_known_secrets(provider.config, before), kind: provider.kind });
    }
    configure(&room, &caller.scope, &new.rules, chosen).await?;
    Ok(Json(current(&room, caller.workspace()).await?))
}

fn with_known_secrets(mut config: Value, before: Option<&Value>) -> Value {
    if let Some(map) = config.as_object_mut() {
        for name in SECRETS {
            let is_hidden = map.get(name).is_some_and(|v| v == HIDDEN);
            if is_hidden {
                match before.and_then(|b| b.get(name)) {
                    Some(secret) => drop(map.insert(name.to_owned(), secret.clone())),
                    None => drop(map.remove(name)),
                }
            }
        }
    }
    config
}

async fn configure(room: &Room, scope: &Scope, rules: &Settings, chosen: BTreeMap<String, ProviderSettings>) -> Result<()> {
    rules.check()?;
    for (channel, provider) in &chosen {
        let built = providers::build(&provider.kind, &provider.config, room.sender.http_client()).map_err(|e| at_provider(channel, e))?;
        if built.capabilities().channel != channel {
            let what = format!("{} does not speak {channel}", provider.kind);
            return Err(at_provider(channel, Error::invalid("channels.wrong_channel", what.clone()).field("kind", what)));
        }
    }
    let mut unit = room.parts.rows.begin(scope, "define_sending", room.parts.clock.now()).await?;
    unit.target("sending");
    let rules = serde_json::to_value(rules).map_err(Error::from)?;
    let named: BTreeMap<&String, &String> = chosen.iter().map(|(channel, p)| (channel, &p.kind)).collect();
    unit.change(None, Some(json!({"rules": rules, "providers": named})));
    unit.announce(ROOM, SENDING_DEFINED, rules);
    store::keep_only(&unit, chosen.keys()).await?;
    for (channel, provider) in &chosen {
        store::put(&unit, channel, &provider.kind, provider.config.clone()).await?;
    }
    room.parts.commit(unit).await?;
    room.sender.forget_providers(scope.workspace);
    Ok(())
}

/// A fault of a provider, at its place in the settings.
fn at_provider(channel: &str, mut error: Error) -> Error {
    error.fields = error.fields.into_iter().map(|(field, what)| (format!("providers.{channel}.{field}"), what)).collect();
    error
}

#[derive(Deserialize, ToSchema)]
struct PreviewRequest {
    channel: Channel,
    #[serde(flatten)]
    body: TemplateBody,
    /// For whom; a sample person when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    person: Option<PersonId>,
}

#[derive(Serialize, ToSchema)]
struct TemplatePreview {
    #[serde(flatten)]
    shown: Rendered,
    warnings: Vec<Warning>,
}

async fn preview_template(From(room): From<This>, caller: Caller, Body(request): Body<PreviewRequest>) -> Answer<TemplatePreview> {
    let workspace = caller.workspace();
    let read: &dyn Read = &*room.parts.state;
    let person = match &request.person {
        Some(id) => weft_identity::person(read, workspace, id)?,
        None => None,
    };
    let source = weft_content::Template {
        id: TemplateId::from("preview"),
        name: String::new(),
        channel: request.channel,
        body: request.body,
        version: 0,
        created_at: Millis(0),
        updated_at: Millis(0),
    }
    .source();
    let shown = rendered(&room, workspace, &source, person, &serde_json::Map::new())?;
    let traits = weft_profiles::trait_names(read, workspace)?;
    let warnings = weft_content::unknown_variables(&source, &traits);
    Ok(Json(TemplatePreview { shown, warnings }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TestRequest {
    to: String,
}

/// What became of a test message.
#[derive(Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum TestOutcome {
    Accepted,
    Rejected { code: String, detail: String },
    Unknown { detail: String },
}

async fn test_template(From(room): From<This>, caller: Caller, Path(id): Path<String>, Body(request): Body<TestRequest>) -> Answer<TestOutcome> {
    let template = weft_content::load(&room.parts, caller.workspace(), &TemplateId(id)).await?;
    let shown = rendered(&room, caller.workspace(), &template.source(), None, &serde_json::Map::new())?;
    let to = match template.channel {
        Channel::Email => Address::Email(Pii(request.to)),
        Channel::Sms => Address::Phone(Pii(request.to)),
        Channel::Webhook => Address::Url(template.body.webhook_url.clone()),
    };
    let mut message = OutMessage::new(MessageId::new(), to, room.parts.clock.now());
    (message.subject, message.html, message.text, message.template_params) = (shown.subject, shown.html, shown.text, shown.fields);
    message.template_code = Some(template.body.sms_template_code.clone()).filter(|c| !c.is_empty());
    message.payload = Some(json!({"type": "test", "timestamp": message.at, "data": {"text": message.text}}));
    let outcome = match room.sender.send_test(caller.workspace(), template.channel.name(), &message).await? {
        SendOutcome::Accepted { .. } => TestOutcome::Accepted,
        SendOutcome::Rejected { code, detail, .. } => TestOutcome::Rejected { code, detail },
        SendOutcome::Unknown { detail } => TestOutcome::Unknown { detail },
    };
    Ok(Json(outcome))
}

/// The delivery a link speaks of, if the house sealed it.
fn delivery_of(room: &Room, purpose: &str, sealed: &str) -> Option<(Said, Delivery)> {
    let said = room.links.read(purpose, sealed)?;
    let delivery = ledger::get(&*room.parts.state, said.workspace, &said.message).ok()??;
    Some((said, delivery))
}

/// 43 bytes: the smallest picture there is.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

async fn opened(From(room): From<This>, Path(sealed): Path<String>) -> Response {
    if let Some((_, delivery)) = delivery_of(&room, OPEN, &sealed) {
        let event = told(&delivery, names::MESSAGE_OPENED, room.parts.clock.now());
        // A picture is shown whether or not the log takes the opening; the next opening will tell.
        if let Err(e) = room.parts.door.accept(vec![event]).await {
            tracing::warn!(code = e.code, "an opening could not be logged");
        }
    }
    ([(header::CONTENT_TYPE, "image/gif"), (header::CACHE_CONTROL, "no-store")], PIXEL).into_response()
}

async fn clicked(From(room): From<This>, Path(sealed): Path<String>) -> Response {
    let Some(said) = room.links.read(CLICK, &sealed) else { return wrong_link() };
    let Some(url) = said.url.clone() else { return wrong_link() };
    if let Ok(Some(delivery)) = ledger::get(&*room.parts.state, said.workspace, &said.message) {
        let mut event = told(&delivery, names::MESSAGE_CLICKED, room.parts.clock.now()).with_property("url", url.clone());
        // Each click is one; the first sets the delivery's own mark.
        event.id = format!("{}_{}", event.id, event.ts.0);
        if let Err(e) = room.parts.door.accept(vec![event]).await {
            tracing::warn!(code = e.code, "a click could not be logged");
        }
    }
    Redirect::to(&url).into_response()
}

fn wrong_link() -> Response {
    page(StatusCode::NOT_FOUND, "链接无效 · This link is not valid", "<p>链接不完整或已失效。</p><p>The link is incomplete or no longer valid.</p>")
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>body{{font:16px/1.6 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}button{{font:inherit;padding:.5rem 1.5rem}}</style>\
         <main><h1 style=\"font-size:1.25rem\">{title}</h1>{body}</main></html>"
    );
    (status, [(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")], Html(html)).into_response()
}

/// Nothing changes on GET: mail scanners follow links.
async fn unsubscribe_page(From(room): From<This>, Path(sealed): Path<String>) -> Response {
    if room.links.read(UNSUBSCRIBE, &sealed).is_none() {
        return wrong_link();
    }
    let form = "<p>不再接收此类消息？</p><p>Stop receiving messages of this kind?</p><form method=\"post\"><button>退订 · Unsubscribe</button></form>";
    page(StatusCode::OK, "退订 · Unsubscribe", form)
}

async fn unsubscribe(From(room): From<This>, Path(sealed): Path<String>) -> Response {
    let Some((_, delivery)) = delivery_of(&room, UNSUBSCRIBE, &sealed) else { return wrong_link() };
    let now = room.parts.clock.now();
    let mut event = told(&delivery, names::CONSENT_WITHDRAWN, now).with_property("via", "unsubscribe_link");
    event.id = format!("{}_{}", event.id, now.0);
    // Withdrawn must be true before we say so.
    match room.parts.tell(vec![event]).await {
        Ok(()) => page(StatusCode::OK, "已退订 · Unsubscribed", "<p>已为您退订。</p><p>You will not receive messages of this kind any more.</p>"),
        Err(_) => page(StatusCode::SERVICE_UNAVAILABLE, "请稍后再试 · Please try again", "<p>暂时无法处理。</p><p>We could not do this now.</p>"),
    }
}

/// Status reports of the SMS gateway. The address is sealed, since the gateway does not sign.
async fn sms_receipts(From(room): From<This>, Path((workspace, sealed)): Path<(u32, String)>, body: String) -> Response {
    let expected = room.links.read("receipts", &sealed).is_some_and(|s| s.workspace.0 == workspace);
    if !expected {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(receipts) = providers::sms_aliyun::read_receipts(body.as_bytes()) else { return StatusCode::BAD_REQUEST.into_response() };
    let mut events = Vec::new();
    for receipt in receipts {
        let Some(id) = receipt.message.clone() else { continue };
        if let Ok(Some(delivery)) = ledger::get(&*room.parts.state, WorkspaceId(workspace), &id) {
            let name = if receipt.is_delivered { names::MESSAGE_DELIVERED } else { names::MESSAGE_FAILED };
            let event = told(&delivery, name, room.parts.clock.now());
            events.push(if receipt.code.is_empty() { event } else { event.with_property("reason", receipt.code) });
        }
    }
    match room.parts.door.accept(events).await {
        // The gateway sends again until it reads this.
        Ok(_) => Json(json!({"code": 0, "msg": "OK"})).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
