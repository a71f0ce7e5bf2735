//! One connection to a relay, and how far a transaction on it has come.

use std::fmt::{Display, Formatter};
use std::future::Future;
use std::time::{Duration, Instant};

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension};
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;

use super::config::{Config, Tls};
use crate::kernel::Result;
use crate::providers::config_error;

/// Where a transaction stood when it failed. Only in `Content` has anything of the message left us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Connect,
    Mail,
    Rcpt,
    Data,
    Content,
}

#[derive(Debug)]
pub(super) enum Cause {
    Smtp(SmtpError),
    /// No connection came about.
    Unreached(std::io::Error),
    TimedOut,
    /// We did not even ask.
    Local(&'static str),
}

/// A step that failed.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) stage: Stage,
    pub(super) cause: Cause,
}

impl Step {
    pub(super) fn local(stage: Stage, why: &'static str) -> Self {
        Self { stage, cause: Cause::Local(why) }
    }
    /// The server's code, if it answered.
    pub(super) fn code(&self) -> Option<u16> {
        match &self.cause {
            Cause::Smtp(e) => e.status().map(u16::from),
            _ => None,
        }
    }
    /// The server said no, and goes on listening.
    pub(super) fn is_plain_no(&self) -> bool {
        self.code().is_some_and(|code| code != 421)
    }
    /// A connection that had died unnoticed, before anything of the message was on it.
    pub(super) fn is_stale(&self) -> bool {
        self.stage == Stage::Mail && matches!(&self.cause, Cause::Smtp(_)) && !self.is_plain_no()
    }
}

/// Makes connections.
pub(super) struct Dialler {
    host: String,
    port: u16,
    mode: Tls,
    tls: Option<TlsParameters>,
    hello: ClientId,
    credentials: Option<Credentials>,
    timeout: Duration,
}

impl Dialler {
    pub(super) fn new(config: &Config) -> Result<Self> {
        let tls = match config.tls {
            Tls::None => None,
            Tls::Starttls | Tls::Tls => Some(tls_parameters(config)?),
        };
        Ok(Self {
            host: config.host.clone(),
            port: config.port(),
            mode: config.tls,
            tls,
            hello: config.hello_name.clone().map_or_else(ClientId::default, ClientId::Domain),
            credentials: config.user.clone().zip(config.password.clone()).map(|(u, p)| Credentials::new(u, p.0)),
            timeout: Duration::from_millis(config.timeout_ms),
        })
    }

    pub(super) async fn open(&self) -> Result<Connection, Step> {
        let plain = match self.mode {
            Tls::Tls => None,
            Tls::None | Tls::Starttls => Some(self.reach().await?),
        };
        timed(Stage::Connect, self.timeout * 3, self.greet(plain)).await
    }

    /// Small writes leave at once: a message and the dot that ends it are two, and the second would wait for the other side
    /// to acknowledge the first, which it puts off by 40 ms.
    async fn reach(&self) -> Result<TcpStream, Step> {
        let step = |cause| Step { stage: Stage::Connect, cause };
        let reached = tokio::time::timeout(self.timeout, TcpStream::connect((self.host.as_str(), self.port))).await;
        let stream = reached.map_err(|_| step(Cause::TimedOut))?.map_err(|e| step(Cause::Unreached(e)))?;
        stream.set_nodelay(true).map_err(|e| step(Cause::Unreached(e)))?;
        Ok(stream)
    }

    async fn greet(&self, plain: Option<TcpStream>) -> Result<Connection, SmtpError> {
        let mut wire = match plain {
            Some(stream) => AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await?,
            None => AsyncSmtpConnection::connect_tokio1((self.host.as_str(), self.port), Some(self.timeout), &self.hello, self.tls.clone(), None).await?,
        };
        if let Some(tls) = self.tls.clone().filter(|_| self.mode == Tls::Starttls) {
            wire.starttls(tls, &self.hello).await?;
        }
        // lettre does not tell of PIPELINING, so the greeting is asked for once more and read here.
        let greeting = wire.command(Ehlo::new(self.hello.clone())).await?;
        let pipelines = greeting.message().any(|line| line.trim().eq_ignore_ascii_case("PIPELINING"));
        if let Some(credentials) = &self.credentials {
            wire.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(Connection { wire, pipelines, is_spoiled: false, messages: 0, used_at: Instant::now(), timeout: self.timeout })
    }
}

fn tls_parameters(config: &Config) -> Result<TlsParameters> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(pem) = &config.ca_pem {
        builder = builder.add_root_certificate(Certificate::from_pem(pem.as_bytes()).map_err(|e| config_error("ca_pem", e.to_string()))?);
    }
    builder.build().map_err(|e| config_error("tls", e.to_string()))
}

pub(super) struct Connection {
    wire: AsyncSmtpConnection,
    pipelines: bool,
    is_spoiled: bool,
    messages: u32,
    used_at: Instant,
    timeout: Duration,
}

impl Connection {
    /// By real time, whatever the house's clock says: the server does not see that one.
    pub(super) fn is_fresh(&self, config: &Config) -> bool {
        self.messages < config.messages_per_connection && self.used_at.elapsed() < Duration::from_millis(config.idle_ms)
    }
    pub(super) fn served(&mut self) {
        self.messages += 1;
        self.used_at = Instant::now();
    }
    pub(super) fn speaks_utf8(&self) -> bool {
        self.wire.server_info().supports_feature(Extension::SmtpUtfEight)
    }

    /// MAIL, RCPT and DATA; together in one go where the server takes that (RFC 2920).
    pub(super) async fn envelope(&mut self, mail: Mail, rcpt: Rcpt) -> Result<(), Step> {
        if !self.pipelines {
            timed(Stage::Mail, self.timeout, self.wire.command(mail)).await?;
            timed(Stage::Rcpt, self.timeout, self.wire.command(rcpt)).await?;
            timed(Stage::Data, self.timeout, self.wire.command(Data)).await?;
            return Ok(());
        }
        let first = timed(Stage::Mail, self.timeout, self.wire.command(Together(mail, rcpt))).await;
        if first.as_ref().is_err_and(|step| step.code().is_none()) {
            return first.map(|_| ());
        }
        let second = timed(Stage::Rcpt, self.timeout, self.wire.read_response()).await;
        if second.as_ref().is_err_and(|step| step.code().is_none()) {
            return first.and(second).map(|_| ());
        }
        let third = timed(Stage::Data, self.timeout, self.wire.read_response()).await;
        match first.and(second) {
            Ok(_) => third.map(|_| ()),
            Err(step) => {
                // If DATA went through all the same, the server waits for a message that will not come.
                self.is_spoiled = third.is_ok();
                Err(step)
            }
        }
    }

    /// The message itself. From the first byte on, every failure but a plain answer leaves it unknown.
    pub(super) async fn content(&mut self, bytes: &[u8], patience: Duration) -> Result<Option<String>, Step> {
        let answer = timed(Stage::Content, patience, self.wire.message(bytes)).await?;
        Ok(queue_id(&answer))
    }

    /// Back to the beginning after a refusal; false if the connection is of no more use.
    pub(super) async fn reset(&mut self) -> bool {
        !self.is_spoiled && timed(Stage::Mail, self.timeout, self.wire.command(Rset)).await.is_ok()
    }
}

/// Three commands in one write.
struct Together(Mail, Rcpt);
impl Display for Together {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}{Data}", self.0, self.1)
    }
}

async fn timed<T>(stage: Stage, patience: Duration, work: impl Future<Output = Result<T, SmtpError>>) -> Result<T, Step> {
    match tokio::time::timeout(patience, work).await {
        Ok(result) => result.map_err(|e| Step { stage, cause: Cause::Smtp(e) }),
        Err(_) => Err(Step { stage, cause: Cause::TimedOut }),
    }
}

/// `250 2.0.0 Ok: queued as 4ZxQ…`: the relay's own name for the message, where it tells.
fn queue_id(answer: &Response) -> Option<String> {
    let line = answer.first_line()?;
    let lower = line.to_ascii_lowercase();
    let start = ["queued as ", "queued mail for delivery ", "id="].iter().find_map(|mark| lower.find(mark).map(|at| at + mark.len()))?;
    let id: String = line[start..].chars().take_while(|c| c.is_ascii_graphic() && !matches!(c, ';' | ',' | ')')).take(100).collect();
    (!id.is_empty()).then_some(id)
}
