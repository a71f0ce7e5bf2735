//! The brand's people at their mail: they open, click and leave by the real links of the real messages, when the brand says so.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::http::Method;
use weft_brand::{Brand, Message};
use weft_channels::smtp_sink::{Mail, SmtpSink};
use weft_profile_kv::Read;

use crate::kernel::{Identifier, MessageId, Millis, Result, TemplateId, WorkspaceId};

/// A link that somebody follows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Follow {
    pub at: Millis,
    pub method: Method,
    pub path: String,
}

pub(super) struct Readers {
    sink: Arc<SmtpSink>,
    /// Where links in messages begin.
    base: String,
    messages: HashMap<TemplateId, Message>,
    seen: u64,
    to_follow: BTreeMap<(Millis, u64), Follow>,
    number: u64,
    left: u64,
}

impl Readers {
    pub(super) fn new(sink: Arc<SmtpSink>, base: &str, messages: HashMap<TemplateId, Message>) -> Self {
        Self { sink, base: base.trim_end_matches('/').to_owned(), messages, seen: 0, to_follow: BTreeMap::new(), number: 0, left: 0 }
    }

    /// Hands new mails to the people they are for. `at` is the brand's time.
    pub(super) fn take_mail(&mut self, brand: &mut Brand, read: &dyn Read, workspace: WorkspaceId, at: Millis) -> Result<()> {
        let newest = self.sink.received();
        let new = self.sink.list(None, newest.saturating_sub(self.seen) as usize);
        let mut new: Vec<u64> = new.iter().map(|s| s.id).filter(|id| *id > self.seen).collect();
        new.sort_unstable();
        for id in new {
            self.seen = id;
            if let Some(mail) = self.sink.get(id) {
                self.read_mail(brand, read, workspace, &mail, at)?;
            }
        }
        Ok(())
    }

    fn read_mail(&mut self, brand: &mut Brand, read: &dyn Read, workspace: WorkspaceId, mail: &Mail, at: Millis) -> Result<()> {
        let Some(id) = mail.header("X-Weft-Message").map(MessageId::from) else { return Ok(()) };
        // A test from the editor stands in no ledger.
        let Some(delivery) = weft_channels::delivery(read, workspace, &id)? else { return Ok(()) };
        // What a visitor of the demo has written herself is taken for a promotion.
        let says = self.messages.get(&delivery.intent.template).copied().unwrap_or(Message::Promotion);
        let Some(to) = mail.summary.to.first() else { return Ok(()) };
        let Some(reaction) = brand.got(&Identifier::new("email", to.clone()), "email", says, at) else { return Ok(()) };
        let html = mail.html.as_deref().unwrap_or_default();
        let leave = mail.header("List-Unsubscribe").unwrap_or_default();
        self.later(reaction.opens_at, Method::GET, self.link(html, "/t/o/"));
        self.later(reaction.clicks_at, Method::GET, self.link(html, "/t/c/"));
        self.later(reaction.unsubscribes_at, Method::POST, self.link(leave, "/u/"));
        Ok(())
    }

    /// The first link of this kind, without our own address.
    fn link(&self, text: &str, kind: &str) -> Option<String> {
        let begin = format!("{}{kind}", self.base);
        let at = text.find(&begin)? + self.base.len();
        Some(text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "/-_.".contains(*c)).collect())
    }

    fn later(&mut self, at: Option<Millis>, method: Method, path: Option<String>) {
        if let (Some(at), Some(path)) = (at, path) {
            self.number += 1;
            self.to_follow.insert((at, self.number), Follow { at, method, path });
        }
    }

    /// Links followed before `until`, in the order of time.
    pub(super) fn due(&mut self, until: Millis) -> Vec<Follow> {
        let later = self.to_follow.split_off(&(until, 0));
        let due: Vec<Follow> = std::mem::replace(&mut self.to_follow, later).into_values().collect();
        self.left += due.iter().filter(|f| f.method == Method::POST).count() as u64;
        due
    }

    /// How many have left by the link of a message.
    pub(super) fn unsubscribed(&self) -> u64 {
        self.left
    }
}
