//! The Segment HTTP tracking API: six calls, and the batch of them. See the README for how fields map.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::kernel::event::{id_types, names};
use crate::kernel::id::{base32, derived};
use crate::kernel::{Error, EventKind, Millis, Result};
use crate::protocols::json::{self, Reading, Text};
use crate::protocols::record::{Draft, Records, Wrong};
use crate::protocols::time::{self, Moment};
use crate::protocols::{Parsed, Stamp, identifier, may_claim, moment, name, object, optional};

/// Largest event, in bytes of JSON.
pub const MAX_EVENT: usize = 32 * 1024;
/// Largest request, in bytes after decompression.
pub const MAX_BODY: usize = 500 * 1024;
/// Longest message id that is kept as it is; a longer one is replaced by its hash.
const MAX_MESSAGE_ID: usize = 100;

/// What a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    One(EventKind),
    Batch,
}

impl Call {
    /// The last part of the path: the long names of servers, the short ones of browsers, `import` of old clients.
    pub fn of_path(name: &str) -> Option<Self> {
        Some(match name {
            "b" | "batch" | "import" => Self::Batch,
            "t" => Self::One(EventKind::Track),
            "i" => Self::One(EventKind::Identify),
            "p" => Self::One(EventKind::Page),
            "s" => Self::One(EventKind::Screen),
            "g" => Self::One(EventKind::Group),
            "a" => Self::One(EventKind::Alias),
            long => Self::One(kind(long)?),
        })
    }
}

fn kind(name: &str) -> Option<EventKind> {
    Some(match name {
        "track" => EventKind::Track,
        "identify" => EventKind::Identify,
        "page" => EventKind::Page,
        "screen" => EventKind::Screen,
        "group" => EventKind::Group,
        "alias" => EventKind::Alias,
        _ => return None,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch<'a> {
    #[serde(borrow)]
    batch: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    sent_at: Option<&'a RawValue>,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    integrations: Option<&'a RawValue>,
}

/// One call, every field still as it stands in the request. Null is the same as nothing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow, rename = "type")]
    call: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    category: Option<&'a RawValue>,
    #[serde(borrow)]
    user_id: Option<&'a RawValue>,
    #[serde(borrow)]
    anonymous_id: Option<&'a RawValue>,
    #[serde(borrow)]
    previous_id: Option<&'a RawValue>,
    #[serde(borrow)]
    group_id: Option<&'a RawValue>,
    #[serde(borrow)]
    message_id: Option<&'a RawValue>,
    #[serde(borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    original_timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    sent_at: Option<&'a RawValue>,
    #[serde(borrow)]
    properties: Option<&'a RawValue>,
    #[serde(borrow)]
    traits: Option<&'a RawValue>,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    integrations: Option<&'a RawValue>,
    #[serde(borrow)]
    channel: Option<&'a RawValue>,
}

/// The write key in the body, where browsers put it too.
pub fn write_key(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Key {
        write_key: Option<String>,
    }
    serde_json::from_slice::<Key>(body).ok()?.write_key
}

/// Reads a request. An error means that nothing in it could be read.
pub fn parse(call: Call, body: &[u8], stamp: &Stamp) -> Result<Parsed> {
    let text = std::str::from_utf8(body).map_err(|e| bad_json(&e))?;
    let mut parsed = Parsed::default();
    let mut records = Records::with_capacity(text.len() + text.len() / 4 + 256);
    match call {
        Call::One(kind) => {
            let raw: &RawValue = serde_json::from_str(text).map_err(|e| bad_json(&e))?;
            let shared = Shared { stamp, sent_at: None, context: None, integrations: None };
            if let Err(wrong) = one(Some(kind), raw.get(), &shared, &mut records) {
                parsed.refused.push(wrong.at(0));
            }
        }
        Call::Batch => {
            let batch: Batch = serde_json::from_str(text).map_err(|e| bad_json(&e))?;
            let events = batch.batch.ok_or_else(|| Error::invalid("collect.batch_missing", "batch must be a list of calls"))?;
            let shared = Shared {
                stamp,
                sent_at: batch.sent_at.and_then(|raw| time::read(raw.get())),
                context: batch.context.map(RawValue::get).filter(|raw| json::is_object(raw)),
                integrations: batch.integrations.map(RawValue::get).filter(|raw| json::is_object(raw)),
            };
            for (index, raw) in events.into_iter().enumerate() {
                if let Err(wrong) = one(None, raw.get(), &shared, &mut records) {
                    parsed.refused.push(wrong.at(index));
                }
            }
        }
    }
    parsed.accepted = records.finish();
    Ok(parsed)
}

fn bad_json(error: &dyn std::fmt::Display) -> Error {
    Error::invalid("collect.bad_json", format!("the body is not the JSON of this call: {error}"))
}

/// What a batch says for all its events.
struct Shared<'a> {
    stamp: &'a Stamp,
    sent_at: Option<i64>,
    context: Option<&'a str>,
    integrations: Option<&'a str>,
}

fn one(kind_of_path: Option<EventKind>, raw: &str, shared: &Shared, records: &mut Records) -> Result<(), Wrong> {
    if raw.len() > MAX_EVENT {
        return Err(Wrong::new("collect.event_too_large", format!("an event may have {MAX_EVENT} bytes, this one has {}", raw.len())));
    }
    if !json::is_object(raw) {
        return Err(Wrong::of_type("a call", "an object"));
    }
    let message: Message = serde_json::from_str(raw).map_err(|e| Wrong::new("collect.bad_json", e.to_string()))?;
    let kind = match kind_of_path {
        Some(kind) => kind,
        None => call(message.call)?,
    };
    let who = Who::of(&message, kind)?;
    let moment = when(&message, shared)?;
    let (name, id) = (event_name(&message, kind)?, message_id(get(message.message_id))?);
    records.event(|draft| {
        draft.what(&id, kind, &name);
        draft.stamp(shared.stamp);
        draft.moment(moment);
        properties(&message, kind, draft)?;
        if matches!(kind, EventKind::Identify | EventKind::Group) {
            copy(draft, "tr", object(get(message.traits), "traits")?)?;
        }
        let found = context(&message, shared, draft)?;
        identifiers(&who, &found, draft);
        channel(&message, &found, draft)
    })
}

fn get(raw: Option<&RawValue>) -> Option<&str> {
    raw.map(RawValue::get)
}

fn call(raw: Option<&RawValue>) -> Result<EventKind, Wrong> {
    let named = optional(get(raw), "type")?;
    let known = named.as_ref().and_then(|name| kind(name.as_str()));
    known.ok_or_else(|| Wrong::new("collect.unknown_call", "type must be one of track, identify, page, screen, group, alias"))
}

/// Whom a call is about, checked as its kind demands.
struct Who<'a> {
    user: Option<Text<'a>>,
    anonymous: Option<Text<'a>>,
    previous: Option<(&'static str, Text<'a>)>,
    group: Option<Text<'a>>,
}

impl<'a> Who<'a> {
    fn of(message: &Message<'a>, kind: EventKind) -> Result<Self, Wrong> {
        let user = identifier(get(message.user_id), "userId")?;
        let anonymous = identifier(get(message.anonymous_id), "anonymousId")?;
        if kind == EventKind::Track && is_about_a_thing(message) {
            return Ok(Self { user, anonymous, previous: None, group: None });
        }
        if user.is_none() && (anonymous.is_none() || kind == EventKind::Alias) {
            let needed = if kind == EventKind::Alias { "userId" } else { "userId or anonymousId" };
            return Err(Wrong::new("collect.identifier_missing", format!("this call needs {needed}")));
        }
        let mut who = Self { user, anonymous, previous: None, group: None };
        if kind == EventKind::Alias {
            who.previous = Some(who.previous(message)?);
        }
        if kind == EventKind::Group {
            let group = identifier(get(message.group_id), "groupId")?;
            who.group = Some(group.ok_or_else(|| Wrong::new("collect.group_missing", "a group call needs groupId"))?);
        }
        Ok(who)
    }

    /// The protocol does not say of what kind `previousId` is. It is the anonymous id, unless the call carries
    /// another one besides: then a known user gets a new name.
    fn previous(&self, message: &Message<'a>) -> Result<(&'static str, Text<'a>), Wrong> {
        let missing = || Wrong::new("collect.previous_missing", "an alias call needs previousId");
        let previous = identifier(get(message.previous_id), "previousId")?.ok_or_else(missing)?;
        let renamed = self.anonymous.as_ref().is_some_and(|anonymous| *anonymous != previous);
        Ok((if renamed { id_types::USER } else { id_types::ANONYMOUS }, previous))
    }
}

/// What a thing is, is nobody's event.
fn is_about_a_thing(message: &Message) -> bool {
    matches!(optional(get(message.event), "event"), Ok(Some(name)) if name.as_str() == names::ENTITY_CHANGED)
}

fn when(message: &Message, shared: &Shared) -> Result<Moment, Wrong> {
    let claimed = match moment(get(message.timestamp), "timestamp")? {
        Some(claimed) => Some(claimed),
        None => moment(get(message.original_timestamp), "originalTimestamp")?,
    };
    // A sentAt that cannot be read corrects nothing; that is no reason to lose the event.
    let sent_at = message.sent_at.and_then(|raw| time::read(raw.get())).or(shared.sent_at);
    let received_at: Millis = shared.stamp.received_at;
    Ok(time::corrected(received_at, claimed, sent_at))
}

fn event_name<'a>(message: &Message<'a>, kind: EventKind) -> Result<Text<'a>, Wrong> {
    Ok(match kind {
        EventKind::Track => return name(get(message.event), "event"),
        EventKind::Identify => Text::plain("identify"),
        EventKind::Page => Text::plain("page"),
        EventKind::Screen => Text::plain("screen"),
        EventKind::Group => Text::plain("group"),
        _ => Text::plain("alias"),
    })
}

fn message_id(raw: Option<&str>) -> Result<Text<'_>, Wrong> {
    Ok(match optional(raw, "messageId")? {
        Some(id) if id.as_str().chars().count() <= MAX_MESSAGE_ID => id,
        Some(long) => Text::owned(format!("mid_{}", base32(derived(&[b"segment", long.as_str().as_bytes()])))),
        None => Text::owned(format!("mid_{}", base32(uuid::Uuid::now_v7().as_u128()))),
    })
}

fn copy(draft: &mut Draft, key: &str, raw: Option<&str>) -> Result<(), Wrong> {
    if let Some(raw) = raw {
        let mut entries = draft.object(key);
        entries.all_of(raw, |_, _| true)?;
        entries.end();
    }
    Ok(())
}

/// Pages and screens carry their name beside their properties; it belongs among them.
fn properties(message: &Message, kind: EventKind, draft: &mut Draft) -> Result<(), Wrong> {
    let raw = object(get(message.properties), "properties")?;
    if !matches!(kind, EventKind::Page | EventKind::Screen) {
        return copy(draft, "p", raw);
    }
    let mut beside = [("name", optional(get(message.name), "name")?), ("category", optional(get(message.category), "category")?)];
    let mut entries = draft.object("p");
    if let Some(raw) = raw {
        entries.all_of(raw, |key, _| {
            beside.iter_mut().filter(|(name, _)| *name == key).for_each(|(_, value)| *value = None);
            true
        })?;
    }
    for (key, value) in beside {
        if let Some(value) = value {
            entries.add(key, |out| {
                value.write(out);
                Ok(())
            })?;
        }
    }
    entries.end();
    Ok(())
}

/// What the context says about the channel and about further identifiers.
#[derive(Default)]
struct Found<'a> {
    channel: Option<&'a str>,
    device: Option<&'a str>,
    external_ids: Option<&'a str>,
}

impl<'a> Found<'a> {
    fn note(&mut self, key: &str, value: &'a str) {
        match key {
            "channel" => self.channel = Some(value),
            "device" => self.device = Some(value),
            "externalIds" => self.external_ids = Some(value),
            _ => {}
        }
    }
}

/// Copies the event's own context, then what only the batch says.
fn context<'a>(message: &Message<'a>, shared: &Shared<'a>, draft: &mut Draft) -> Result<Found<'a>, Wrong> {
    let mut found = Found::default();
    let mut own_keys = Vec::new();
    let mut entries = draft.object("c");
    if let Some(own) = object(get(message.context), "context")? {
        entries.all_of(own, |key, value| {
            found.note(key, value);
            if shared.context.is_some() {
                own_keys.push(key);
            }
            true
        })?;
    }
    if let Some(common) = shared.context {
        entries.all_of(common, |key, value| {
            let only_here = !own_keys.contains(&key);
            if only_here {
                found.note(key, value);
            }
            only_here
        })?;
    }
    let integrations = get(message.integrations).filter(|raw| json::is_object(raw)).or(shared.integrations);
    if let Some(raw) = integrations.filter(|raw| *raw != "{}") {
        entries.add("integrations", |out| json::copy_value(raw, out))?;
    }
    entries.end();
    Ok(found)
}

#[derive(Deserialize)]
struct ExternalId<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    id_type: Option<&'a RawValue>,
    #[serde(borrow)]
    collection: Option<&'a RawValue>,
    #[serde(borrow)]
    encoding: Option<&'a RawValue>,
}

fn identifiers(who: &Who, found: &Found, draft: &mut Draft) {
    let (user_type, anonymous_type) = (Text::plain(id_types::USER), Text::plain(id_types::ANONYMOUS));
    let external = found.external_ids.and_then(|raw| serde_json::from_str::<Vec<ExternalId>>(raw).ok()).unwrap_or_default();
    let external: Vec<(Text, Text)> = external.iter().filter_map(external_id).collect();
    let user = who.user.iter().map(|id| (&user_type, id));
    let anonymous = who.anonymous.iter().map(|id| (&anonymous_type, id));
    draft.identifiers(user.chain(anonymous).chain(external.iter().map(|(t, v)| (t, v))));
    if let Some((id_type, previous)) = &who.previous {
        draft.identifier("pv", &Text::plain(id_type), previous);
    }
    if let Some(group) = &who.group {
        draft.identifier("th", &Text::plain("group"), group);
    }
}

/// An entry of `context.externalIds`; what is malformed there is kept in the context, but identifies nobody.
fn external_id<'a>(entry: &ExternalId<'a>) -> Option<(Text<'a>, Text<'a>)> {
    let about_people = matches!(get(entry.collection), None | Some("\"users\"" | "\"user\""));
    let (Ok(Some(value)), Reading::Text(id_type)) = (identifier(get(entry.id), "id"), json::text(get(entry.id_type))) else { return None };
    if !about_people || !may_claim(id_type.as_str()) {
        return None;
    }
    Some(match json::text(get(entry.encoding)) {
        // A hash of an address is not the address.
        Reading::Text(encoding) if encoding.as_str() != "none" => (Text::owned(format!("{}_{}", id_type.as_str(), encoding.as_str())), value),
        _ => (id_type, value),
    })
}

fn channel(message: &Message, found: &Found, draft: &mut Draft) -> Result<(), Wrong> {
    #[derive(Deserialize)]
    struct Device<'a> {
        #[serde(borrow, rename = "type")]
        device_type: Option<&'a RawValue>,
    }
    let device = found.device.and_then(|raw| serde_json::from_str::<Device>(raw).ok()).and_then(|d| d.device_type);
    for raw in [found.channel, get(message.channel), get(device)] {
        if let Reading::Text(channel) = json::text(raw) {
            draft.text("ch", &channel);
            break;
        }
    }
    Ok(())
}
