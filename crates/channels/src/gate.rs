//! The one gate for all that goes out. It runs in the pipeline, one message after another, so no cap is ever one over.

use jiff::tz::TimeZone;
use serde_json::Value;
use weft_event_pipeline::Cx;
use weft_profile_kv::Read;

use crate::delivery::{Delivery, Intent, State};
use crate::kernel::event::{id_types, names};
use crate::kernel::{Atom, Event, Identifier, MessageId, Millis, PersonId, Result, SourceId, WorkspaceId, id};
use crate::settings::{Settings, settings};
use crate::{STEP, ledger};

/// How the gate decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Go,
    /// Not before this moment.
    Wait(Millis, String),
    Never(String),
}

/// Asks the gate, and writes the answer into the ledger. A repeated wish is answered by what became of the first.
pub fn request_send(cx: &mut Cx, intent: Intent) -> Result<State> {
    if let Some(known) = ledger::get(&cx.work, intent.workspace, &intent.id)? {
        return Ok(known.state);
    }
    let to = address(&cx.work, intent.workspace, intent.person, &intent.channel)?.unwrap_or_default();
    let mut delivery = Delivery::new(intent, to, cx.now);
    let at = cx.now;
    delivery.step(at, "requested", "");
    pass(cx, delivery)
}

/// Through the gate, or not, or later.
pub(crate) fn pass(cx: &mut Cx, mut delivery: Delivery) -> Result<State> {
    let at = cx.now;
    match verdict(&cx.work, &delivery, at)? {
        Verdict::Go => {
            delivery.become_(State::Queued, "", at);
            ledger::reserve(&mut cx.work, &delivery, at);
        }
        Verdict::Wait(until, reason) => {
            delivery.become_(State::Deferred, &reason, at);
            delivery.due = Some(until.0);
            cx.set_timer(STEP, delivery.intent.workspace, until, delivery.intent.id.as_str().as_bytes());
        }
        Verdict::Never(reason) => suppress(cx, &mut delivery, &reason),
    }
    ledger::put(&mut cx.work, &delivery)?;
    Ok(delivery.state)
}

pub(crate) fn suppress(cx: &mut Cx, delivery: &mut Delivery, reason: &str) {
    let at = cx.now;
    delivery.become_(State::Suppressed, reason, at);
    let event = told(delivery, names::MESSAGE_SUPPRESSED, at).with_property("reason", reason);
    cx.emit(event);
}

/// An event of ours about a delivery. Its id is made from the delivery and the name: it happens once.
pub(crate) fn told(delivery: &Delivery, name: &str, at: Millis) -> Event {
    let intent = &delivery.intent;
    let id = format!("dlv_{}", id::base32(id::derived(&[intent.id.as_str().as_bytes(), name.as_bytes()])));
    let mut event = Event::track(intent.workspace, SourceId::from("channels"), id, name, at)
        .with_property("message_id", intent.id.as_str())
        .with_property("channel", intent.channel.clone())
        .with_property("template", intent.template.as_str())
        .with_property("purpose", intent.purpose.clone());
    event.channel = Some(intent.channel.clone());
    if let Some(journey) = &intent.journey {
        event = event.with_property("journey", journey.as_str());
    }
    if let Some(node) = &intent.node {
        event = event.with_property("node", node.clone());
    }
    event.with_identifier(id_types::PERSON, PersonId::of(intent.workspace, intent.person).0)
}

/// The questions of the gate, in the order in which a person would want them asked.
fn verdict(read: &dyn Read, delivery: &Delivery, now: Millis) -> Result<Verdict> {
    let intent = &delivery.intent;
    let workspace = intent.workspace;
    let person = weft_identity::root(read, workspace, intent.person)?;
    if delivery.to.is_empty() {
        return Ok(Verdict::Never("no_address".into()));
    }
    let mut ids = weft_identity::all_identifiers(read, workspace, person)?;
    let mut asked = ids.clone();
    asked.push(Identifier::new(address_type(&intent.channel), delivery.to.clone()));
    if weft_privacy::is_blocked(read, workspace, &asked)?.is_some() {
        return Ok(Verdict::Never("blacklisted".into()));
    }
    ids.append(&mut asked);
    let settings = settings(read, workspace)?;
    match weft_privacy::decide(read, workspace, &ids, &intent.purpose, &intent.channel)? {
        Some(word) if !word.granted => return Ok(Verdict::Never("consent_withdrawn".into())),
        None if settings.needs_consent => return Ok(Verdict::Never("no_consent".into())),
        _ => {}
    }
    if is_marketing(&intent.purpose)
        && let Some(pool) = weft_segments::pool_of(read, workspace, person)?
    {
        return Ok(Verdict::Never(format!("pool:{}", pool.name())));
    }
    let zone = zone(read, workspace, person)?;
    let atoms = weft_identity::atoms(read, workspace, person)?;
    if let Some(reason) = over_cap(read, &settings, intent, &atoms, now, &zone)? {
        return Ok(Verdict::Never(reason));
    }
    let quiet = settings.quiet_hours.as_ref().and_then(|q| q.until(&intent.channel, now, &zone));
    Ok(quiet.map_or(Verdict::Go, |until| Verdict::Wait(until, "quiet_hours".into())))
}

/// What a person has coming to her is no marketing: a receipt, a change of her booking. A purpose that we do not know is taken for marketing.
fn is_marketing(purpose: &str) -> bool {
    !matches!(purpose, "transactional" | "service")
}

fn over_cap(read: &dyn Read, settings: &Settings, intent: &Intent, atoms: &[Atom], now: Millis, zone: &TimeZone) -> Result<Option<String>> {
    for cap in settings.caps.iter().filter(|c| c.concerns(&intent.channel)) {
        let Some(after) = cap.begins(now, zone) else { continue };
        if ledger::reserved(read, intent.workspace, atoms, &cap.channel, after)? >= cap.limit {
            return Ok(Some(cap.name()));
        }
    }
    Ok(None)
}

/// The person's own zone where we know it, else the workspace's.
fn zone(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<TimeZone> {
    let document = weft_profiles::document(read, workspace, person)?;
    let own = ["time_zone", "timezone"].iter().find_map(|n| document.get(n)?.as_str().and_then(|z| TimeZone::get(z).ok()));
    match own {
        Some(zone) => Ok(zone),
        None => Ok(weft_context_kit::workspace_of(read, workspace)?.zone()),
    }
}

fn address_type(channel: &str) -> &'static str {
    match channel {
        "email" => "email",
        "sms" => "phone",
        _ => "webhook",
    }
}

/// Where a person is reached on a channel. A webhook goes to the template's address, for anybody.
pub(crate) fn address(read: &dyn Read, workspace: WorkspaceId, person: Atom, channel: &str) -> Result<Option<String>> {
    let (traits, types): (&[&str], &[&str]) = match channel {
        "email" => (&["email", "$email"], &["email"]),
        "sms" => (&["phone", "mobile", "$phone", "phone_number"], &["phone", "mobile"]),
        _ => return Ok(Some("webhook".to_owned())),
    };
    let document = weft_profiles::document(read, workspace, person)?;
    let of_trait = traits.iter().find_map(|n| document.get(n).and_then(text).filter(|a| looks_right(channel, a)));
    if of_trait.is_some() {
        return Ok(of_trait);
    }
    let known = weft_identity::identifiers(read, workspace, person)?;
    Ok(known.into_iter().map(|k| k.identifier).find(|i| types.contains(&i.id_type.as_str()) && looks_right(channel, &i.value)).map(|i| i.value))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.trim().to_owned()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

fn looks_right(channel: &str, address: &str) -> bool {
    match channel {
        "email" => {
            let parts = address.rsplit_once('@');
            parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !address.contains(char::is_whitespace)) && address.len() <= 254
        }
        _ => {
            let digits = address.bytes().filter(u8::is_ascii_digit).count();
            (5..=15).contains(&digits) && address.chars().all(|c| c.is_ascii_digit() || "+-() ".contains(c))
        }
    }
}

/// The ids of a message asked for by a cause.
pub fn message_id(cause: &[&[u8]]) -> MessageId {
    MessageId::derived(cause)
}
