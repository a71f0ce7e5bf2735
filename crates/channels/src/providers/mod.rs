//! Those who carry a message the last yard. One list of kinds, one shape for what goes in and what comes back.

pub mod smtp;
pub mod webhook;
pub mod sms_aliyun;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use weft_outbound_http::{Client, Failure, Retry};

use crate::kernel::{Error, MessageId, Millis, Pii, Result};

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Email(Pii<String>),
    /// As the person wrote it or in E.164; the provider brings it into its own form.
    Phone(Pii<String>),
    Url(String),
}

/// How a person leaves a list by one click (RFC 8058).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsubscribe {
    /// https; answers a POST.
    pub url: String,
    /// An address, without `mailto:`.
    pub mailto: Option<String>,
}

/// A finished message for one recipient. Which fields count depends on the channel.
#[derive(Clone, PartialEq)]
pub struct OutMessage {
    /// Also the idempotency key: every attempt at one message carries the same.
    pub id: MessageId,
    pub to: Address,
    pub subject: Option<String>,
    pub html: Option<String>,
    /// Mail: the plain alternative. SMS by free text: the text.
    pub text: Option<String>,
    /// `None`: as configured at the provider.
    pub from_name: Option<String>,
    pub from_address: Option<String>,
    pub reply_to: Option<String>,
    pub unsubscribe: Option<Unsubscribe>,
    /// The gateway's own template, such as `SMS_71390007`.
    pub template_code: Option<String>,
    pub template_params: BTreeMap<String, String>,
    /// What a webhook tells.
    pub payload: Option<Value>,
    /// When the house decided to send.
    pub at: Millis,
}

impl OutMessage {
    pub fn new(id: MessageId, to: Address, at: Millis) -> Self {
        Self {
            id,
            to,
            subject: None,
            html: None,
            text: None,
            from_name: None,
            from_address: None,
            reply_to: None,
            unsubscribe: None,
            template_code: None,
            template_params: BTreeMap::new(),
            payload: None,
            at,
        }
    }
}

/// Only the id: all else is about a person.
impl std::fmt::Debug for OutMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutMessage").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What became of one attempt. There is no fourth case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The other side took it over.
    Accepted { provider_id: Option<String> },
    /// The other side certainly did not take it over.
    Rejected {
        /// Stable and short: `rcpt.550`, `isv.MOBILE_NUMBER_ILLEGAL`, `410`, `not_connected`.
        code: String,
        /// For people, without the recipient's address.
        detail: String,
        /// May the same message be tried again? `false` is final.
        retry: bool,
        /// Not before this has passed, when the other side said so.
        after: Option<Duration>,
    },
    /// It may have been taken over: bytes were handed over, and no answer came.
    Unknown { detail: String },
}

impl SendOutcome {
    pub fn rejected(code: impl Into<String>, detail: impl Into<String>, retry: bool) -> Self {
        Self::Rejected { code: code.into(), detail: detail.into(), retry, after: None }
    }

    /// Reads a failure of the HTTP door.
    pub(crate) fn of_failure(failure: &Failure) -> Self {
        if !failure.definitely_not_sent {
            return Self::Unknown { detail: failure.to_string() };
        }
        let code = match failure.kind {
            weft_outbound_http::FailureKind::Forbidden => "forbidden_address",
            weft_outbound_http::FailureKind::Malformed => "malformed",
            weft_outbound_http::FailureKind::NameNotFound => "name_not_found",
            weft_outbound_http::FailureKind::Tls => "tls",
            _ => "not_connected",
        };
        Self::rejected(code, failure.detail.clone(), failure.retry != Retry::Never)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// Does the other side recognise a message it got before? Only then may an `Unknown` be tried again.
    pub idempotent: bool,
    /// `email`, `sms` or `webhook`.
    pub channel: &'static str,
}

#[async_trait]
pub trait Provider: Send + Sync {
    fn capabilities(&self) -> Capabilities;
    /// One attempt; never retries once anything may have arrived.
    async fn send(&self, message: &OutMessage, now: Millis) -> SendOutcome;
}

/// One kind of provider, for the console and for [`build`].
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Kind {
    pub name: &'static str,
    pub capabilities: Capabilities,
    #[serde(skip)]
    build: Build,
}

type Build = fn(&Value, Arc<Client>) -> Result<Arc<dyn Provider>>;

/// All kinds there are.
pub fn all() -> [Kind; 3] {
    [
        Kind { name: "smtp", capabilities: smtp::CAPABILITIES, build: |config, _| Ok(Arc::new(smtp::Smtp::new(read_config(config)?)?)) },
        Kind { name: "webhook", capabilities: webhook::CAPABILITIES, build: |config, http| Ok(Arc::new(webhook::Webhook::new(read_config(config)?, http)?)) },
        Kind {
            name: "sms_aliyun",
            capabilities: sms_aliyun::CAPABILITIES,
            build: |config, http| Ok(Arc::new(sms_aliyun::SmsAliyun::new(read_config(config)?, http)?)),
        },
    ]
}

/// A provider of this kind, ready to send. `config` is the kind's own; unknown keys are refused by name.
pub fn build(kind: &str, config: &Value, http: Arc<Client>) -> Result<Arc<dyn Provider>> {
    let Some(found) = all().into_iter().find(|k| k.name == kind) else {
        let known: Vec<&str> = all().iter().map(|k| k.name).collect();
        let what = format!("no provider is called {kind}; there are {}", known.join(", "));
        return Err(Error::invalid("channels.unknown_provider", what.clone()).field("kind", what));
    };
    (found.build)(config, http)
}

fn read_config<T: DeserializeOwned>(config: &Value) -> Result<T> {
    serde_path_to_error::deserialize(config).map_err(|e| {
        let (path, what) = (e.path().to_string(), e.inner().to_string());
        // What is missing has no path; its name stands in what is said.
        let missing = what.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
        let place: Vec<&str> = [path.as_str()].into_iter().filter(|p| *p != ".").chain(missing).collect();
        config_error(&place.join("."), what.as_str())
    })
}

/// A complaint of a field of a provider's configuration, or (without one) of the whole of it.
pub(crate) fn config_error(field: &str, what: impl Into<String>) -> Error {
    let what = what.into();
    let place = ["config", field].join(".");
    let place = place.trim_end_matches('.');
    Error::invalid("channels.provider_config", format!("{place}: {what}")).field(place, what)
}

/// Text of the other side, fit to be kept: one short line that does not name the recipient.
pub(crate) fn tidy(text: &str, recipient: &str) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if !recipient.is_empty() {
        line = replace_ignoring_case(&line, recipient, "<recipient>");
    }
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(300).collect()
}

fn replace_ignoring_case(text: &str, search: &str, by: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let search = search.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(offset) = lower[at..].find(&search) {
        out.push_str(&text[at..at + offset]);
        out.push_str(by);
        at += offset + search.len();
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use weft_outbound_http::Options;

    fn http() -> Arc<Client> {
        Arc::new(Client::new(Options::default()).unwrap())
    }

    #[test]
    fn every_kind_is_built_from_its_configuration() {
        for (kind, config, channel, idempotent) in [
            ("smtp", json!({"host": "mail.example.com", "from_address": "news@example.com"}), "email", false),
            ("webhook", json!({"url": "https://example.com/hook", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}), "webhook", true),
            ("sms_aliyun", json!({"access_key_id": "id", "access_key_secret": "secret", "sign_name": "织云"}), "sms", false),
        ] {
            let provider = build(kind, &config, http()).unwrap();
            assert_eq!(provider.capabilities(), Capabilities { idempotent, channel }, "{kind}");
        }
        assert_eq!(build("pigeon", &json!({}), http()).err().unwrap().code, "channels.unknown_provider");
    }

    #[test]
    fn mistakes_in_a_configuration_are_named() {
        for (kind, config, field) in [
            ("smtp", json!({"host": "m", "form_address": "x"}), "config.form_address"),
            ("smtp", json!({}), "config.host"),
            ("smtp", json!("mail.example.com"), "config"),
            ("smtp", json!({"host": " "}), "config.host"),
            ("smtp", json!({"host": "m", "port": "25"}), "config.port"),
            ("smtp", json!({"host": "m", "dkim": {"domain": "m", "selector": 7}}), "config.dkim.selector"),
            ("smtp", json!({"host": "m", "dkim": {"domain": "m", "selector": "s"}}), "config.dkim.private_key"),
            ("smtp", json!({"host": "mail.example.com", "from_address": "a@b.c", "tls": "none", "user": "u", "password": "p"}), "config.tls"),
            ("smtp", json!({"host": "mail.example.com", "from_address": "not an address"}), "config.from_address"),
            ("webhook", json!({"url": "https://example.com/", "secret": "short"}), "config.secret"),
            ("webhook", json!({"url": "http://127.0.0.1/", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}), "config.url"),
            ("sms_aliyun", json!({"access_key_id": "", "access_key_secret": "s", "sign_name": "x"}), "config.access_key_id"),
            ("pigeon", json!({}), "kind"),
        ] {
            let error = build(kind, &config, http()).err().unwrap_or_else(|| panic!("{kind} {config} was taken"));
            assert_eq!(error.fields.keys().collect::<Vec<_>>(), [field], "{error}");
        }
    }

    #[test]
    fn the_recipient_is_not_in_what_we_keep() {
        assert_eq!(tidy("550 5.1.1 <Ann@Example.com>:\r\n unknown ", "ann@example.com"), "550 5.1.1 <<recipient>>: unknown");
        assert_eq!(format!("{:?}", Address::Email(Pii("ann@example.com".into()))), "Email(<pii>)");
        let message = OutMessage::new(MessageId::from("msg_1"), Address::Phone(Pii("13800138000".into())), Millis(0));
        assert_eq!(format!("{message:?}"), "OutMessage { id: MessageId(\"msg_1\"), .. }");
    }
}
