//! One line of the audit: who did what to what, and what it was before and after. Chained by hashes.

use sea_orm::entity::prelude::*;
use sha2::{Digest, Sha256};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub workspace: i64,
    /// 1, 2, 3, … within the workspace, without gaps.
    pub number: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// `usr_…`, `key_…` or `system`.
    pub actor: String,
    /// The operation's id.
    pub operation: String,
    pub target: String,
    /// JSON text, kept as written: the hash covers these very bytes.
    pub before: Option<String>,
    pub after: Option<String>,
    /// The hash of the entry before; empty for the first.
    pub previous: String,
    pub hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

/// SHA-256 over everything in the entry, the hash before it included, each part led by its length. Hexadecimal.
pub fn hash_of(entry: &Model) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    add(entry.previous.as_bytes());
    for number in [entry.workspace, entry.number, entry.at] {
        add(&number.to_be_bytes());
    }
    for text in [&entry.actor, &entry.operation, &entry.target] {
        add(text.as_bytes());
    }
    for json in [&entry.before, &entry.after] {
        // Absent is not the same as empty.
        add(if json.is_some() { b"1" } else { b"0" });
        add(json.as_deref().unwrap_or_default().as_bytes());
    }
    hex::encode(hash.finalize())
}
