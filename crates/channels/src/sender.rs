//! The sender: takes what the gate let through, tells the log that it tries, tries, and tells what came of it.
//!
//! Between the other side's "accepted" and our "sent" lies a crash that no transaction of ours can cover. So the attempt
//! is in the log before the first byte leaves. What is found attempted and unfinished at the next start is tried
//! again where the other side recognises a repetition, and is *unknown* where it does not.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use parking_lot::RwLock;
use serde_json::json;
use tokio::sync::{Notify, watch};
use weft_content::Template;
use weft_context_kit::{Parts, blocking};
use weft_outbound_http::Client;

use crate::delivery::{Delivery, State};
use crate::gate::told;
use crate::kernel::event::names;
use crate::kernel::{Control, Error, Event, Millis, Result, TemplateId, WorkspaceId, id};
use crate::links::Links;
use crate::message::compose;
use crate::providers::{self, OutMessage, Provider, SendOutcome};
use crate::steps::{ATTEMPTED, Hold, TRY_LATER, WITHDRAWN, held};
use crate::{ROOM, ledger, store};

/// Told to the log together, and on their way together: a stop is felt after at most so many.
const BATCH: usize = 128;
const AT_ONCE: usize = 16;
const MOST_ATTEMPTS: u32 = 5;
const LOOK_AGAIN: Duration = Duration::from_millis(200);

type Ready = HashMap<String, Arc<dyn Provider>>;

pub struct Sender {
    parts: Parts,
    links: Links,
    http: Arc<Client>,
    is_live: Arc<dyn Fn() -> bool + Send + Sync>,
    providers: RwLock<HashMap<WorkspaceId, Arc<Ready>>>,
    nudge: Notify,
}

/// One message on its way.
struct OnItsWay {
    delivery: Delivery,
    provider: Arc<dyn Provider>,
    message: OutMessage,
}

impl Sender {
    pub(crate) fn new(parts: Parts, links: Links, http: Arc<Client>, is_live: Arc<dyn Fn() -> bool + Send + Sync>) -> Self {
        Self { parts, links, http, is_live, providers: RwLock::default(), nudge: Notify::new() }
    }

    /// Something may be waiting.
    pub fn nudge(&self) {
        self.nudge.notify_one();
    }
    pub(crate) fn http_client(&self) -> Arc<Client> {
        self.http.clone()
    }
    pub(crate) fn forget_providers(&self, workspace: WorkspaceId) {
        self.providers.write().remove(&workspace);
    }

    /// Runs until `stop`.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut is_settled = false;
        while !*stop.borrow() {
            let worked = if (self.is_live)() { self.turn(&mut is_settled).await } else { Ok(0) };
            match worked {
                Ok(0) => {
                    tokio::select! {
                        _ = tokio::time::timeout(LOOK_AGAIN, self.nudge.notified()) => {}
                        _ = stop.changed() => {}
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    // Something may have left, and the log may not have heard of it: as after a crash.
                    is_settled = false;
                    tracing::error!(code = error.code, detail = %error.detail, "the sender could not go on; trying again");
                    let _ = tokio::time::timeout(Duration::from_secs(1), stop.changed()).await;
                }
            }
        }
    }

    async fn turn(&self, is_settled: &mut bool) -> Result<usize> {
        // A state that does not hear what was sent would show it as waiting for ever.
        if let Some(error) = self.parts.caught_up.failed() {
            return Err(error);
        }
        if !*is_settled {
            self.settle_interrupted().await?;
            *is_settled = true;
        }
        self.send_waiting().await
    }

    /// Sends what waits, once; returns how many deliveries were touched.
    pub async fn send_waiting(&self) -> Result<usize> {
        let picked = self.pick().await?;
        if picked.is_empty() {
            return Ok(0);
        }
        let count = picked.len();
        let (ready, withdrawn) = self.prepare(picked).await?;
        for control in withdrawn {
            self.parts.door.control(control).await?;
        }
        self.deliver(ready).await?;
        Ok(count)
    }

    async fn pick(&self) -> Result<Vec<Delivery>> {
        let state = self.parts.state.clone();
        blocking(move || {
            let mut picked = Vec::new();
            ledger::waiting(&*state, &mut |delivery| {
                if held(&*state, delivery.intent.workspace, delivery.intent.journey.as_ref())? == Hold::None {
                    picked.push(delivery);
                }
                Ok(picked.len() < BATCH)
            })?;
            Ok(picked)
        })
        .await
    }

    async fn prepare(&self, picked: Vec<Delivery>) -> Result<(Vec<OnItsWay>, Vec<Control>)> {
        let mut templates: HashMap<(WorkspaceId, TemplateId), Option<Arc<Template>>> = HashMap::new();
        let (mut ready, mut withdrawn) = (Vec::new(), Vec::new());
        for delivery in picked {
            let key = (delivery.intent.workspace, delivery.intent.template.clone());
            if !templates.contains_key(&key) {
                let found = match weft_content::load(&self.parts, key.0, &key.1).await {
                    Ok(template) => Some(Arc::new(template)),
                    Err(e) if e.code == "content.template_not_found" => None,
                    Err(e) => return Err(e),
                };
                templates.insert(key.clone(), found);
            }
            let provider = self.provider(delivery.intent.workspace, &delivery.intent.channel).await?;
            match (templates.get(&key).cloned().flatten(), provider) {
                (None, _) => withdrawn.push(self.control(&delivery, WITHDRAWN, json!({"reason": "template_gone"}))),
                (_, None) => withdrawn.push(self.control(&delivery, WITHDRAWN, json!({"reason": "no_provider"}))),
                (Some(template), Some(provider)) => match self.composed(template, delivery.clone()).await {
                    Ok(message) => ready.push(OnItsWay { delivery, provider, message }),
                    Err(e) if e.kind == crate::kernel::ErrorKind::Unavailable => return Err(e),
                    Err(e) => withdrawn.push(self.control(&delivery, WITHDRAWN, json!({"reason": format!("not_rendered:{}", e.code)}))),
                },
            }
        }
        Ok((ready, withdrawn))
    }

    async fn composed(&self, template: Arc<Template>, delivery: Delivery) -> Result<OutMessage> {
        let (state, links, now) = (self.parts.state.clone(), self.links.clone(), self.parts.clock.now());
        blocking(move || compose(&*state, &links, &template, &delivery, now)).await
    }

    /// The attempt is durable before the first byte leaves.
    async fn deliver(&self, ready: Vec<OnItsWay>) -> Result<()> {
        let mut by_workspace: HashMap<WorkspaceId, Vec<&str>> = HashMap::new();
        for r in &ready {
            by_workspace.entry(r.delivery.intent.workspace).or_default().push(r.delivery.intent.id.as_str());
        }
        let mut end = 0;
        for (workspace, ids) in by_workspace {
            end = end.max(self.parts.door.control(self.control_for(workspace, ATTEMPTED, json!({"ids": ids}))).await?);
        }
        fail::fail_point!("channels.after_attempted");
        let now = self.parts.clock.now();
        let outcomes: Vec<(Delivery, SendOutcome)> = futures::stream::iter(ready)
            .map(|r| async move {
                let outcome = r.provider.send(&r.message, now).await;
                (r.delivery, outcome)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        fail::fail_point!("channels.after_sent");
        let told = self.tell(outcomes).await;
        if told.is_err() {
            // They must not look as if they still waited.
            self.parts.caught_up.wait_for(end.saturating_sub(1)).await;
        }
        told
    }

    async fn tell(&self, outcomes: Vec<(Delivery, SendOutcome)>) -> Result<()> {
        let now = self.parts.clock.now();
        let mut events = Vec::new();
        let mut end = 0;
        for (delivery, outcome) in outcomes {
            match self.reading(&delivery, outcome, now) {
                Told::Event(event) => events.push(*event),
                Told::Later(control) => end = self.parts.door.control(*control).await?,
            }
        }
        if !events.is_empty() {
            end = self.parts.door.accept(events).await?;
        }
        // Until the state has heard it, they would be picked again.
        self.parts.caught_up.wait_for(end.saturating_sub(1)).await;
        Ok(())
    }

    fn reading(&self, delivery: &Delivery, outcome: SendOutcome, now: Millis) -> Told {
        match outcome {
            SendOutcome::Accepted { provider_id } => {
                let event = told(delivery, names::MESSAGE_SENT, now);
                Told::event(match provider_id {
                    Some(id) => event.with_property("provider_id", id),
                    None => event,
                })
            }
            SendOutcome::Unknown { detail } => Told::event(told(delivery, names::MESSAGE_UNKNOWN, now).with_property("reason", "no_answer").with_property("detail", detail)),
            SendOutcome::Rejected { code, retry: true, after, .. } if delivery.attempts + 1 < MOST_ATTEMPTS => {
                let wait = after.map_or_else(|| backoff(delivery.attempts), |a| a.as_millis() as i64);
                Told::Later(Box::new(self.control(delivery, TRY_LATER, json!({"reason": format!("retry:{code}"), "due": now.plus(wait).0}))))
            }
            SendOutcome::Rejected { code, detail, .. } => {
                Told::event(told(delivery, names::MESSAGE_FAILED, now).with_property("reason", code).with_property("detail", detail))
            }
        }
    }

    /// What a crash left between attempt and end.
    async fn settle_interrupted(&self) -> Result<()> {
        let state = self.parts.state.clone();
        let left = blocking(move || {
            let mut left = Vec::new();
            ledger::attempting(&*state, &mut |d| {
                left.push(d);
                Ok(true)
            })?;
            Ok(left)
        })
        .await?;
        let (mut again, mut unknown) = (Vec::new(), Vec::new());
        for delivery in left {
            let provider = self.provider(delivery.intent.workspace, &delivery.intent.channel).await?;
            match provider.is_some_and(|p| p.capabilities().idempotent) {
                true => again.push(delivery),
                false => unknown.push(told(&delivery, names::MESSAGE_UNKNOWN, self.parts.clock.now()).with_property("reason", "interrupted")),
            }
        }
        if !unknown.is_empty() {
            tracing::warn!(count = unknown.len(), "messages were on their way when the house went down; listed as unknown");
            self.parts.tell(unknown).await?;
        }
        let (ready, withdrawn) = self.prepare(again).await?;
        for control in withdrawn {
            self.parts.door.control(control).await?;
        }
        self.deliver(ready).await
    }

    pub(crate) async fn provider(&self, workspace: WorkspaceId, channel: &str) -> Result<Option<Arc<dyn Provider>>> {
        if let Some(ready) = self.providers.read().get(&workspace) {
            return Ok(ready.get(channel).cloned());
        }
        let mut ready = Ready::new();
        for row in store::all(&self.parts.rows, workspace).await? {
            match providers::build(&row.kind, &row.config.0, self.http.clone()) {
                Ok(provider) => drop(ready.insert(row.channel, provider)),
                Err(e) => tracing::error!(%workspace, channel = row.channel, code = e.code, "a provider's configuration cannot be used"),
            }
        }
        let found = ready.get(channel).cloned();
        self.providers.write().insert(workspace, Arc::new(ready));
        Ok(found)
    }

    fn control(&self, delivery: &Delivery, what: &str, mut body: serde_json::Value) -> Control {
        body["id"] = delivery.intent.id.as_str().into();
        self.control_for(delivery.intent.workspace, what, body)
    }
    fn control_for(&self, workspace: WorkspaceId, what: &str, body: serde_json::Value) -> Control {
        let id = format!("ctl_{}", id::base32(uuid::Uuid::new_v4().as_u128()));
        Control { id, workspace, at: self.parts.clock.now(), room: ROOM.into(), what: what.into(), body }
    }

    /// One message now, past the gate, to an address of one's own: a test from the editor.
    pub(crate) async fn send_test(&self, workspace: WorkspaceId, channel: &str, message: &OutMessage) -> Result<SendOutcome> {
        let provider = self.provider(workspace, channel).await?;
        let provider = provider.ok_or_else(|| Error::conflict("channels.no_provider", format!("set up a provider for {channel} first")).param("channel", channel))?;
        Ok(provider.send(message, self.parts.clock.now()).await)
    }
}

enum Told {
    Event(Box<Event>),
    Later(Box<Control>),
}
impl Told {
    fn event(event: Event) -> Self {
        Self::Event(Box::new(event))
    }
}

/// 30 s, 2 min, 8 min, 32 min.
fn backoff(attempts: u32) -> i64 {
    30 * Millis::SECOND * 4i64.pow(attempts.min(4))
}

impl State {
    /// All that a stop can still hold back.
    pub fn has_left(self) -> bool {
        !matches!(self, State::Queued | State::Deferred | State::Suppressed)
    }
}
