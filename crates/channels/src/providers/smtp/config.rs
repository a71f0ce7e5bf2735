//! Settings of a mail relay.

use std::net::IpAddr;

use lettre::Address;
use serde::Deserialize;

use crate::kernel::{Result, Sensitive};
use crate::providers::config_error;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Plain text: for a relay on this machine or inside the house.
    None,
    /// Plain at first, then TLS, or nothing at all: never a fall back to plain.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub host: String,
    /// Default: 25 without TLS, 587 with STARTTLS, 465 with TLS.
    #[serde(default)]
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: Tls,
    #[serde(default)]
    pub user: Option<String>,
    #[serde(default)]
    pub password: Option<Sensitive<String>>,
    /// Certificates (PEM) trusted besides the machine's own.
    #[serde(default)]
    pub ca_pem: Option<String>,
    /// What we call ourselves in EHLO; default: the machine's name.
    #[serde(default)]
    pub hello_name: Option<String>,
    /// Sender when the message names none.
    #[serde(default)]
    pub from_address: Option<String>,
    #[serde(default)]
    pub from_name: Option<String>,
    /// Where bounces go (the envelope's sender); default: the sender.
    #[serde(default)]
    pub bounce_address: Option<String>,
    #[serde(default)]
    pub dkim: Option<Dkim>,
    /// Open at the same time.
    #[serde(default = "four")]
    pub connections: usize,
    /// Then a connection is replaced; relays dislike endless ones.
    #[serde(default = "hundred")]
    pub messages_per_connection: u32,
    /// A kept connection older than this is not used again.
    #[serde(default = "twenty_seconds")]
    pub idle_ms: u64,
    /// For connecting and for each command.
    #[serde(default = "half_a_minute")]
    pub timeout_ms: u64,
    /// For the answer to the whole message. Long, as RFC 5321 asks: giving up early makes messages unknown.
    #[serde(default = "ten_minutes")]
    pub final_timeout_ms: u64,
}

/// Signs outgoing mail (RFC 6376, RFC 8463).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dkim {
    pub domain: String,
    pub selector: String,
    /// PEM: RSA (PKCS#1 or PKCS#8, 2048 bits or more) or Ed25519 (PKCS#8).
    pub private_key: Sensitive<String>,
}

fn four() -> usize {
    4
}
fn hundred() -> u32 {
    100
}
fn twenty_seconds() -> u64 {
    20_000
}
fn half_a_minute() -> u64 {
    30_000
}
fn ten_minutes() -> u64 {
    600_000
}

impl Config {
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::None => 25,
            Tls::Starttls => 587,
            Tls::Tls => 465,
        })
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.host.trim().is_empty() {
            return Err(config_error("host", "the relay's name is missing"));
        }
        if self.user.is_some() != self.password.is_some() {
            return Err(config_error("password", "user and password go together"));
        }
        if self.tls == Tls::None && self.password.is_some() && !self.is_this_machine() {
            return Err(config_error("tls", "a password does not travel in plain text: use starttls or tls"));
        }
        for (field, address) in [("from_address", &self.from_address), ("bounce_address", &self.bounce_address)] {
            if let Some(address) = address {
                address.parse::<Address>().map_err(|e| config_error(field, format!("not a mail address: {e}")))?;
            }
        }
        for (field, zero) in [
            ("connections", self.connections == 0),
            ("messages_per_connection", self.messages_per_connection == 0),
            ("timeout_ms", self.timeout_ms == 0),
            ("final_timeout_ms", self.final_timeout_ms == 0),
        ] {
            if zero {
                return Err(config_error(field, "must be more than 0"));
            }
        }
        Ok(())
    }

    fn is_this_machine(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|a| a.is_loopback())
    }
}
