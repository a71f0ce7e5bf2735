//! A POST to somebody's URL, signed as Standard Webhooks asks (standardwebhooks.com, specification 1.0).
//!
//! `webhook-id` is our message id and the same for every attempt, so a receiver can drop what it has seen:
//! that makes the channel idempotent.

mod errors;
mod payload;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use weft_outbound_http::{Client, Request};

use super::{Address, Capabilities, OutMessage, Provider, SendOutcome, config_error};
use crate::kernel::{Millis, Result, Sensitive};

pub use payload::{Key, sign};

pub const CAPABILITIES: Capabilities = Capabilities { idempotent: true, channel: "webhook" };

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to, when the message does not say.
    #[serde(default)]
    pub url: Option<String>,
    /// `whsec_` and 24 to 64 bytes in base64.
    pub secret: Sensitive<String>,
    /// While a secret is being changed: signatures of both are sent.
    #[serde(default)]
    pub previous_secret: Option<Sensitive<String>>,
    /// Sent with every request.
    #[serde(default)]
    pub headers: BTreeMap<String, Sensitive<String>>,
    #[serde(default = "fifteen_seconds")]
    pub timeout_ms: u64,
}

fn fifteen_seconds() -> u64 {
    15_000
}

pub struct Webhook {
    config: Config,
    keys: Vec<Key>,
    http: Arc<Client>,
}

impl Webhook {
    pub fn new(config: Config, http: Arc<Client>) -> Result<Self> {
        let key = |field: &str, secret: &Sensitive<String>| Key::parse(&secret.0).map_err(|why| config_error(field, why));
        let mut keys = vec![key("secret", &config.secret)?];
        if let Some(previous) = &config.previous_secret {
            keys.push(key("previous_secret", previous)?);
        }
        if let Some(url) = &config.url {
            http.check_form(url).map_err(|e| config_error("url", e.detail))?;
        }
        Ok(Self { config, keys, http })
    }
}

#[async_trait]
impl Provider for Webhook {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, message: &OutMessage, now: Millis) -> SendOutcome {
        let url = match (&message.to, &self.config.url) {
            (Address::Url(url), _) if !url.is_empty() => url,
            (_, Some(url)) => url,
            _ => return SendOutcome::rejected("no_url", "neither the message nor the provider names a URL", false),
        };
        let body = payload::body(message);
        let mut request = Request::post(url, "application/json", body.clone()).idempotent(true).timeout(Duration::from_millis(self.config.timeout_ms));
        for (name, value) in payload::headers(&self.keys, &message.id, now, &body) {
            request = request.header(name, value);
        }
        for (name, value) in &self.config.headers {
            request = request.header(name, value.0.clone());
        }
        errors::read(self.http.send(request).await, now)
    }
}

#[cfg(test)]
mod tests;
