//! One error for the whole house: a code people can quote, a kind the edge can map, and what to do.

use std::collections::BTreeMap;

/// The nine kinds. HTTP status is decided from these once, in `http-kit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    Invalid,
    Unauthenticated,
    Denied,
    NotFound,
    Conflict,
    Limited,
    TimedOut,
    Unavailable,
    Bug,
}

/// `code` is `room.what_is_wrong` and has a page in docs/errors; the console says it in both languages,
/// filling `params` into its own sentence. `detail` is the English sentence for everybody else.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Error {
    pub kind: ErrorKind,
    pub code: &'static str,
    pub detail: String,
    /// Field path → what is wrong with it.
    pub fields: BTreeMap<String, String>,
    pub params: BTreeMap<String, String>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! kind {
    ($($make:ident => $kind:ident),* $(,)?) => {
        $(pub fn $make(code: &'static str, detail: impl Into<String>) -> Self {
            Self::new(ErrorKind::$kind, code, detail)
        })*
    };
}

impl Error {
    pub fn new(kind: ErrorKind, code: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, code, detail: detail.into(), fields: BTreeMap::new(), params: BTreeMap::new() }
    }
    kind! {
        invalid => Invalid, unauthenticated => Unauthenticated, denied => Denied, not_found => NotFound,
        conflict => Conflict, limited => Limited, timed_out => TimedOut, unavailable => Unavailable, bug => Bug,
    }
    /// A broken invariant or a failing part below us: logged where it is handled, answered without detail.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::bug("kernel.internal", cause.to_string())
    }
    pub fn field(mut self, path: impl Into<String>, what: impl Into<String>) -> Self {
        self.fields.insert(path.into(), what.into());
        self
    }
    pub fn param(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.params.insert(name.into(), value.to_string());
        self
    }
}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        Self::unavailable("kernel.io", e.to_string())
    }
}
impl From<serde_json::Error> for Error {
    fn from(e: serde_json::Error) -> Self {
        Self::bug("kernel.json", e.to_string())
    }
}
