//! Why there is no answer: whose fault, whether to try again, and whether anything can have arrived.

use std::time::Duration;

use crate::kernel::{Error, ErrorKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The guard said no.
    Forbidden,
    /// The request cannot be sent as it is: a bad URL or header.
    Malformed,
    NameNotFound,
    /// Refused, unreachable, or not connected in time.
    NotConnected,
    /// The peer's certificate or TLS is not acceptable.
    Tls,
    /// No complete answer in time.
    TimedOut,
    /// The connection broke after it was made, or what came was not HTTP.
    BrokenOff,
    /// The answer is longer than we read.
    TooLarge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Our code or configuration.
    Ours,
    /// The peer, or the way to it.
    Theirs,
    /// Whoever gave us this request.
    Callers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    Never,
    /// When it suits the job runner.
    Later,
    /// Not before this has passed.
    After(Duration),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: FailureKind,
    pub fault: Fault,
    /// `Never` for a request that is not idempotent and may have arrived: trying again could do the thing twice.
    pub retry: Retry,
    /// True only when it is certain that the peer never got the request. In doubt false.
    pub definitely_not_sent: bool,
    /// The status, when the head of the answer came and its body did not.
    pub status: Option<u16>,
    /// English, without the URL (which may carry personal data) and without bodies.
    pub detail: String,
}

impl Failure {
    pub(crate) fn refused(error: Error) -> Self {
        let kind = if error.kind == ErrorKind::Denied { FailureKind::Forbidden } else { FailureKind::Malformed };
        Self::before_sending(kind, error.detail)
    }

    pub(crate) fn before_sending(kind: FailureKind, detail: impl Into<String>) -> Self {
        let (fault, retry) = match kind {
            FailureKind::Forbidden | FailureKind::Malformed => (Fault::Callers, Retry::Never),
            _ => (Fault::Theirs, Retry::Later),
        };
        Self { kind, fault, retry, definitely_not_sent: true, status: None, detail: detail.into() }
    }

    pub(crate) fn in_doubt(kind: FailureKind, idempotent: bool, status: Option<u16>, detail: impl Into<String>) -> Self {
        let retry = if idempotent { Retry::Later } else { Retry::Never };
        Self { kind, fault: Fault::Theirs, retry, definitely_not_sent: false, status, detail: detail.into() }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.detail)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let (kind, code) = match failure.kind {
            FailureKind::Forbidden => (ErrorKind::Denied, "outbound_http.private_address"),
            FailureKind::Malformed => (ErrorKind::Invalid, "outbound_http.url_refused"),
            FailureKind::NameNotFound => (ErrorKind::Unavailable, "outbound_http.name_not_found"),
            FailureKind::NotConnected => (ErrorKind::Unavailable, "outbound_http.not_connected"),
            FailureKind::Tls => (ErrorKind::Unavailable, "outbound_http.tls_failed"),
            FailureKind::TimedOut => (ErrorKind::TimedOut, "outbound_http.timed_out"),
            FailureKind::BrokenOff => (ErrorKind::Unavailable, "outbound_http.broken_off"),
            FailureKind::TooLarge => (ErrorKind::Limited, "outbound_http.answer_too_large"),
        };
        Error::new(kind, code, failure.detail)
    }
}
