//! Mail by SMTP (RFC 5321), through any relay: one's own Postfix, a provider's submission port.
//!
//! lettre makes the message and speaks the protocol; the steps of a transaction are taken here one by one,
//! because only then it is known how far it came when it failed. SMTP knows no idempotency key: a connection
//! lost after the last byte of the message leaves the message unknown.

mod config;
mod connection;
mod dkim;
mod errors;
mod payload;

use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::commands::{Mail, Rcpt};
use lettre::transport::smtp::extension::MailParameter;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::{Capabilities, OutMessage, Provider, SendOutcome};
use crate::kernel::{Millis, Result};

pub use config::{Config, Dkim, Tls};
use connection::{Connection, Stage, Step};

pub const CAPABILITIES: Capabilities = Capabilities { idempotent: false, channel: "email" };

pub struct Smtp {
    config: Config,
    dialler: connection::Dialler,
    signer: Option<dkim::Signer>,
    /// As many transactions at once as connections are allowed.
    free: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Smtp {
    pub fn new(config: Config) -> Result<Self> {
        config.check()?;
        let signer = config.dkim.as_ref().map(dkim::Signer::new).transpose()?;
        let dialler = connection::Dialler::new(&config)?;
        Ok(Self { free: Semaphore::new(config.connections), dialler, signer, idle: Mutex::new(Vec::new()), config })
    }

    /// The freshest connection that is still good.
    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock();
        idle.retain(|c| c.is_fresh(&self.config));
        idle.pop()
    }

    async fn attempt(&self, parcel: &payload::Parcel) -> SendOutcome {
        if let Some(connection) = self.take_idle() {
            match self.transact(connection, parcel).await {
                // A kept connection the server had closed: nothing of the message left, so it costs nothing to begin anew.
                Err(step) if step.is_stale() => {}
                other => return self.outcome(other, parcel),
            }
        }
        match self.dialler.open().await {
            Ok(connection) => {
                let result = self.transact(connection, parcel).await;
                self.outcome(result, parcel)
            }
            Err(step) => self.outcome(Err(step), parcel),
        }
    }

    async fn transact(&self, mut connection: Connection, parcel: &payload::Parcel) -> Result<Option<String>, Step> {
        let mut parameters = Vec::new();
        if [&parcel.from, &parcel.to].iter().any(|a| !AsRef::<str>::as_ref(*a).is_ascii()) {
            if !connection.speaks_utf8() {
                self.keep(connection);
                return Err(Step::local(Stage::Rcpt, "the server takes no addresses beyond ASCII (SMTPUTF8)"));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let envelope = connection.envelope(Mail::new(Some(parcel.from.clone()), parameters), Rcpt::new(parcel.to.clone(), Vec::new())).await;
        if let Err(step) = envelope {
            // After a plain no the connection is as good as before.
            if step.is_plain_no() && connection.reset().await {
                self.keep(connection);
            }
            return Err(step);
        }
        let result = connection.content(&parcel.bytes, Duration::from_millis(self.config.final_timeout_ms)).await;
        if result.is_ok() || result.as_ref().is_err_and(Step::is_plain_no) {
            self.keep(connection);
        }
        result
    }

    fn keep(&self, mut connection: Connection) {
        connection.served();
        if connection.is_fresh(&self.config) {
            self.idle.lock().push(connection);
        }
    }

    fn outcome(&self, result: Result<Option<String>, Step>, parcel: &payload::Parcel) -> SendOutcome {
        match result {
            Ok(provider_id) => SendOutcome::Accepted { provider_id },
            Err(step) => errors::read(&step, parcel.to.as_ref()),
        }
    }
}

#[async_trait]
impl Provider for Smtp {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, message: &OutMessage, now: Millis) -> SendOutcome {
        let parcel = match payload::parcel(message, &self.config, self.signer.as_ref(), now) {
            Ok(parcel) => parcel,
            Err((code, detail)) => return SendOutcome::rejected(code, detail, false),
        };
        // The semaphore is never closed; if it were, nothing would have been sent.
        let Ok(_permit) = self.free.acquire().await else { return SendOutcome::rejected("closed", "the provider is shut", true) };
        self.attempt(&parcel).await
    }
}

#[cfg(test)]
mod tests;
