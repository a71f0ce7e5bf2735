//! Two wrappers that cannot be printed: what is about a person, and what must stay secret.

use serde::Deserialize;

/// Personal data on its way through code that also logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pii<T>(pub T);
impl<T> std::fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<pii>")
    }
}
impl<T> std::fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<pii>")
    }
}

/// Passwords and keys: not printable, not serialisable.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Sensitive<T>(pub T);
impl<T> std::fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<secret>")
    }
}
