//! The verbs, one file each; file, function and operation id have one name.

mod get_audit_entry;
mod list_audit;
mod verify_audit;

use weft_context_kit::Parts;
use weft_http_kit::{Lock, Routes};

use crate::verify::Verdict;
use get_audit_entry::{EntryDetail, get_audit_entry};
use list_audit::{AuditQuery, EntryView, list_audit};
use verify_audit::verify_audit;

const READ: Lock = Lock::Permission("audit:read");

#[rustfmt::skip]
pub(crate) fn routes(parts: &Parts) -> Routes {
    Routes::new()
        .get("list_audit", "/audit", READ, list_audit, parts)
        .summary("Who did what, newest first").lists::<EntryView>().asks::<AuditQuery>()
        .get("get_audit_entry", "/audit/{id}", READ, get_audit_entry, parts)
        .summary("One entry with what it was before and after").gives::<EntryDetail>()
        .post("verify_audit", "/audit:verify", READ, verify_audit, parts)
        .summary("Walk the chain of entries and say whether it is whole").gives::<Verdict>()
}
