//! The step that hears what people agree to, and keeps out what they did not agree to.

use serde_json::Value;
use weft_event_pipeline::{Cx, Flow, InFlight, Outcome, Step};

use crate::blacklist::{self, Blocked};
use crate::consent::{self, ANY, Grant, MARKETING, TRACKING};
use crate::kernel::event::names;
use crate::kernel::{Event, Identifier, Result};

pub struct ApplyConsent;

impl Step for ApplyConsent {
    fn name(&self) -> &'static str {
        "apply_consent"
    }

    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        match flight.event.name.as_str() {
            names::CONSENT_GRANTED => self.said(flight, cx, true),
            names::CONSENT_WITHDRAWN => self.said(flight, cx, false),
            // A write key is no secret: with it one may speak for oneself, and not have others silenced.
            names::BLACKLIST_ADDED | names::BLACKLIST_REMOVED if flight.event.is_ours() => blacklisted(&flight.event, cx),
            // What we did to a person is told whether or not she lets us watch her.
            _ if flight.event.is_ours() => Ok(Flow::Continue),
            _ => keep_out(&flight.event, cx),
        }
    }
}

impl ApplyConsent {
    fn said(&self, flight: &mut InFlight, cx: &mut Cx, granted: bool) -> Result<Flow> {
        let event = &flight.event;
        let grant =
            Grant { granted, at: event.ts, event_id: event.id.clone(), source: event.source.to_string(), position: flight.position };
        let purpose = event.text("purpose").unwrap_or(MARKETING);
        for channel in channels(event) {
            for id in &event.identifiers {
                consent::put(&mut cx.work, event.workspace, id, purpose, &channel, &grant)?;
            }
        }
        flight.changed.consent = true;
        Ok(Flow::Continue)
    }
}

/// `channel` is one, or a list, or absent for all.
fn channels(event: &Event) -> Vec<String> {
    match event.properties.get("channel") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(|c| c.as_str().map(str::to_owned)).collect(),
        _ => vec![ANY.to_owned()],
    }
}

fn blacklisted(event: &Event, cx: &mut Cx) -> Result<Flow> {
    let named = event.text("identifier_type").zip(event.text("value")).map(|(t, v)| Identifier::new(t, v));
    for id in event.identifiers.iter().chain(named.as_ref()) {
        if event.name == names::BLACKLIST_ADDED {
            let reason = event.text("reason").unwrap_or_default().to_owned();
            blacklist::add(&mut cx.work, event.workspace, id, &Blocked { reason, at: event.ts })?;
        } else {
            blacklist::remove(&mut cx.work, event.workspace, id);
        }
    }
    Ok(Flow::Continue)
}

fn keep_out(event: &Event, cx: &mut Cx) -> Result<Flow> {
    let word = consent::decide(&cx.work, event.workspace, &event.identifiers, TRACKING, ANY)?;
    match word {
        Some(grant) if !grant.granted && grant.at <= event.ts => Ok(Flow::End(Outcome::Withheld("tracking_withdrawn".into()))),
        _ => Ok(Flow::Continue),
    }
}
