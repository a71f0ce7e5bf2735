//! SMS by Alibaba Cloud (阿里云短信服务): `SendSms` of the API version 2017-05-25, RPC style, signature version 1.0.
//!
//! The gateway has no idempotency key. `OutId` carries our message id and comes back in the status report,
//! which is how a message left unknown is cleared up later.

mod errors;
mod payload;
mod receipts;
pub mod stand_in;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use weft_outbound_http::{Client, Request};

use super::{Capabilities, OutMessage, Provider, SendOutcome, config_error};
use crate::kernel::{Millis, Result, Sensitive};

pub use payload::{percent_encode, signature};
pub use receipts::{RECEIPTS_TAKEN, Receipt, read_receipts};

pub const CAPABILITIES: Capabilities = Capabilities { idempotent: false, channel: "sms" };

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub access_key_id: String,
    pub access_key_secret: Sensitive<String>,
    /// The approved signature (短信签名), without brackets.
    pub sign_name: String,
    /// Used when the message names no template.
    #[serde(default)]
    pub template_code: Option<String>,
    #[serde(default = "hangzhou")]
    pub region: String,
    #[serde(default = "public_endpoint")]
    pub endpoint: String,
    #[serde(default = "ten_seconds")]
    pub timeout_ms: u64,
}

fn hangzhou() -> String {
    "cn-hangzhou".into()
}
fn public_endpoint() -> String {
    "https://dysmsapi.aliyuncs.com/".into()
}
fn ten_seconds() -> u64 {
    10_000
}

pub struct SmsAliyun {
    config: Config,
    http: Arc<Client>,
}

impl SmsAliyun {
    pub fn new(config: Config, http: Arc<Client>) -> Result<Self> {
        for (field, value) in [("access_key_id", &config.access_key_id), ("access_key_secret", &config.access_key_secret.0), ("sign_name", &config.sign_name)] {
            if value.trim().is_empty() {
                return Err(config_error(field, "is missing"));
            }
        }
        http.check_form(&config.endpoint).map_err(|e| config_error("endpoint", e.detail))?;
        Ok(Self { config, http })
    }
}

#[async_trait]
impl Provider for SmsAliyun {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, message: &OutMessage, now: Millis) -> SendOutcome {
        let (form, phone) = match payload::form(message, &self.config, now) {
            Ok(made) => made,
            Err((code, detail)) => return SendOutcome::rejected(code, detail, false),
        };
        let request = Request::post(&self.config.endpoint, "application/x-www-form-urlencoded", form)
            .timeout(Duration::from_millis(self.config.timeout_ms))
            .header("accept", "application/json");
        errors::read(self.http.send(request).await, &phone)
    }
}

#[cfg(test)]
mod tests;
