//! Links in messages that come back to us: sealed, so that nobody else can make them or turn them elsewhere.

use serde::{Deserialize, Serialize};

use crate::kernel::{MessageId, WorkspaceId, sign};

pub(crate) const CLICK: &str = "click";
pub(crate) const OPEN: &str = "open";
pub(crate) const UNSUBSCRIBE: &str = "unsubscribe";

/// What a link says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    #[serde(rename = "w")]
    pub workspace: WorkspaceId,
    #[serde(rename = "m")]
    pub message: MessageId,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Makes and reads links; knows the house's address and its key.
#[derive(Clone)]
pub struct Links {
    base: String,
    key: Vec<u8>,
}

impl Links {
    /// `base` is where people reach this house: `https://weft.example.com`.
    pub fn new(base: &str, key: &[u8]) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), key: key.to_vec() }
    }
    fn seal(&self, purpose: &str, said: &Said) -> String {
        let payload = serde_json::to_vec(said).unwrap_or_default();
        sign::seal(&self.key, purpose, &payload)
    }
    pub(crate) fn read(&self, purpose: &str, text: &str) -> Option<Said> {
        serde_json::from_slice(&sign::unseal(&self.key, purpose, text)?).ok()
    }
    fn said(workspace: WorkspaceId, message: &MessageId, url: Option<&str>) -> Said {
        Said { workspace, message: message.clone(), url: url.map(str::to_owned) }
    }
    pub(crate) fn click(&self, workspace: WorkspaceId, message: &MessageId, url: &str) -> String {
        format!("{}/t/c/{}", self.base, self.seal(CLICK, &Self::said(workspace, message, Some(url))))
    }
    pub(crate) fn open(&self, workspace: WorkspaceId, message: &MessageId) -> String {
        format!("{}/t/o/{}", self.base, self.seal(OPEN, &Self::said(workspace, message, None)))
    }
    pub(crate) fn unsubscribe(&self, workspace: WorkspaceId, message: &MessageId) -> String {
        format!("{}/u/{}", self.base, self.seal(UNSUBSCRIBE, &Self::said(workspace, message, None)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_what_was_sealed_and_nothing_else() {
        let links = Links::new("https://w.example/", b"key");
        let message = MessageId::from("msg_1");
        let click = links.click(WorkspaceId(3), &message, "https://shop.example/a?b=c");
        let text = click.strip_prefix("https://w.example/t/c/").unwrap();
        assert_eq!(links.read(CLICK, text).unwrap().url.as_deref(), Some("https://shop.example/a?b=c"));
        assert_eq!(links.read(UNSUBSCRIBE, text), None);
        assert_eq!(Links::new("https://w.example", b"other").read(CLICK, text), None);
    }
}
