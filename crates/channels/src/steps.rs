//! The step that keeps the ledger: it hears what the sender did and what came back.

use weft_event_pipeline::{Cx, Flow, InFlight, Step};
use weft_profile_kv::Read;
use weft_profile_kv::key::Key;

use crate::delivery::{Delivery, State};
use crate::gate::{self, suppress};
use crate::kernel::event::names;
use crate::kernel::{Control, Event, JourneyId, MessageId, Millis, Result, WorkspaceId};
use crate::settings::{self, Settings};
use crate::{ROOM, STEP, ledger};

const HOLDS: &str = "journey_holds";
pub(crate) const SENDING_DEFINED: &str = "sending_defined";
pub(crate) const ATTEMPTED: &str = "attempted";
pub(crate) const TRY_LATER: &str = "try_later";
pub(crate) const WITHDRAWN: &str = "withdrawn";

/// What a journey's owner said of its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    None,
    /// They wait.
    Paused,
    /// They will not go.
    Stopped,
}

/// Holds back, lets go, or ends the messages of a journey that have not left.
pub fn hold(cx: &mut Cx, workspace: WorkspaceId, journey: &JourneyId, hold: Hold) -> Result<()> {
    let key = Key::of(workspace).text(journey.as_str());
    match hold {
        Hold::None => cx.work.delete(HOLDS, key),
        Hold::Paused => cx.work.put(HOLDS, key, b"p".to_vec()),
        Hold::Stopped => {
            cx.work.put(HOLDS, key, b"s".to_vec());
            return end_waiting(cx, workspace, journey);
        }
    }
    Ok(())
}

pub(crate) fn held(read: &dyn Read, workspace: WorkspaceId, journey: Option<&JourneyId>) -> Result<Hold> {
    let Some(journey) = journey else { return Ok(Hold::None) };
    let value = read.get(HOLDS, Key::of(workspace).text(journey.as_str()).as_slice())?;
    Ok(match value.as_deref() {
        Some(b"p") => Hold::Paused,
        Some(_) => Hold::Stopped,
        None => Hold::None,
    })
}

fn end_waiting(cx: &mut Cx, workspace: WorkspaceId, journey: &JourneyId) -> Result<()> {
    let mut theirs = Vec::new();
    ledger::waiting(&cx.work, &mut |d| {
        if d.intent.workspace == workspace && d.intent.journey.as_ref() == Some(journey) {
            theirs.push(d);
        }
        Ok(true)
    })?;
    for mut delivery in theirs {
        suppress(cx, &mut delivery, "journey_stopped");
        ledger::release(&mut cx.work, &delivery)?;
        ledger::put(&mut cx.work, &delivery)?;
    }
    Ok(())
}

pub struct KeepLedger;

impl Step for KeepLedger {
    fn name(&self) -> &'static str {
        STEP
    }

    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let event = &flight.event;
        // Anybody with a write key could say that a message was sent, or opened.
        if !event.name.starts_with("message_") || !event.is_ours() {
            return Ok(Flow::Continue);
        }
        let Some(id) = event.text("message_id").map(MessageId::from) else { return Ok(Flow::Continue) };
        if let Some(mut delivery) = ledger::get(&cx.work, event.workspace, &id)?
            && hear(&mut delivery, event, &mut cx.work)?
        {
            ledger::put(&mut cx.work, &delivery)?;
        }
        Ok(Flow::Continue)
    }

    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        if control.room != ROOM {
            return Ok(());
        }
        match control.what.as_str() {
            SENDING_DEFINED => {
                let new: Settings = serde_json::from_value(control.body.clone())?;
                settings::put(&mut cx.work, control.workspace, &new)
            }
            ATTEMPTED => self.attempted(control, cx),
            TRY_LATER => self.try_later(control, cx),
            WITHDRAWN => self.withdrawn(control, cx),
            _ => Ok(()),
        }
    }

    /// Quiet hours are over, or a gateway asked us to come back now.
    fn timer(&self, workspace: WorkspaceId, key: &[u8], _due: Millis, cx: &mut Cx) -> Result<()> {
        let id = MessageId(String::from_utf8_lossy(key).into_owned());
        let Some(mut delivery) = ledger::get(&cx.work, workspace, &id)? else { return Ok(()) };
        if delivery.state != State::Deferred {
            return Ok(());
        }
        delivery.due = None;
        if held(&cx.work, workspace, delivery.intent.journey.as_ref())? == Hold::Stopped {
            suppress(cx, &mut delivery, "journey_stopped");
            ledger::release(&mut cx.work, &delivery)?;
            return ledger::put(&mut cx.work, &delivery);
        }
        if delivery.attempts == 0 {
            return gate::pass(cx, delivery).map(|_| ());
        }
        // It was through the gate and reserved before its first attempt.
        let at = cx.now;
        delivery.become_(State::Queued, "", at);
        ledger::put(&mut cx.work, &delivery)
    }
}

impl KeepLedger {
    /// From here on the message may have reached the person.
    fn attempted(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        for id in texts(control, "ids") {
            let Some(mut delivery) = ledger::get(&cx.work, control.workspace, &MessageId(id))? else { continue };
            if !delivery.state.is_final() {
                delivery.attempts += 1;
                delivery.become_(State::Attempting, "", control.at);
                ledger::put(&mut cx.work, &delivery)?;
            }
        }
        Ok(())
    }

    /// The other side certainly did not take it, and may later.
    fn try_later(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let (Some(id), Some(due)) = (text(control, "id"), control.body.get("due").and_then(|d| d.as_i64())) else { return Ok(()) };
        let Some(mut delivery) = ledger::get(&cx.work, control.workspace, &MessageId(id))? else { return Ok(()) };
        if delivery.state == State::Attempting {
            delivery.become_(State::Deferred, text(control, "reason").as_deref().unwrap_or_default(), control.at);
            delivery.due = Some(due);
            cx.set_timer(STEP, control.workspace, Millis(due), delivery.intent.id.as_str().as_bytes());
            ledger::put(&mut cx.work, &delivery)?;
        }
        Ok(())
    }

    /// The sender found before trying that it cannot be sent: no provider, a template that is gone.
    fn withdrawn(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let (Some(id), Some(reason)) = (text(control, "id"), text(control, "reason")) else { return Ok(()) };
        let Some(mut delivery) = ledger::get(&cx.work, control.workspace, &MessageId(id))? else { return Ok(()) };
        if delivery.state == State::Queued {
            suppress(cx, &mut delivery, &reason);
            ledger::release(&mut cx.work, &delivery)?;
            ledger::put(&mut cx.work, &delivery)?;
        }
        Ok(())
    }
}

/// Says whether the event changed the delivery.
fn hear(delivery: &mut Delivery, event: &Event, work: &mut weft_profile_kv::Work) -> Result<bool> {
    let at = event.ts;
    let first = |slot: &mut Option<i64>| slot.is_none().then(|| *slot = Some(at.0)).is_some();
    let reason = event.text("reason").unwrap_or_default();
    // A receipt may settle what we did not know; what is settled stays settled.
    let is_open = !delivery.state.is_final() || delivery.state == State::Unknown;
    Ok(match event.name.as_str() {
        names::MESSAGE_SENT if is_open => {
            delivery.sent_at = Some(at.0);
            delivery.provider_id = event.text("provider_id").map(str::to_owned);
            delivery.become_(State::Sent, "", at);
            true
        }
        names::MESSAGE_FAILED if is_open => {
            delivery.become_(State::Failed, reason, at);
            ledger::release(work, delivery)?;
            true
        }
        names::MESSAGE_UNKNOWN if !delivery.state.is_final() => {
            delivery.become_(State::Unknown, reason, at);
            true
        }
        names::MESSAGE_DELIVERED => {
            if delivery.state == State::Unknown {
                delivery.sent_at.get_or_insert(at.0);
                delivery.become_(State::Sent, "reconciled_by_receipt", at);
            }
            first(&mut delivery.delivered_at)
        }
        names::MESSAGE_OPENED => first(&mut delivery.opened_at),
        names::MESSAGE_CLICKED => {
            let opened = first(&mut delivery.opened_at);
            first(&mut delivery.clicked_at) || opened
        }
        _ => false,
    })
}

fn text(control: &Control, name: &str) -> Option<String> {
    control.body.get(name)?.as_str().map(str::to_owned)
}
fn texts(control: &Control, name: &str) -> Vec<String> {
    let list = control.body.get(name).and_then(|v| v.as_array());
    list.into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}
