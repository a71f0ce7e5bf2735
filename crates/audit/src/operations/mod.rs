//! The verbs, one file each; file, function and operation id have one name.

mod get_audit_entry;
mod list_audit;
mod verify_audit;

use weft_http_kit::{Lock, Routes};

use crate::Room;
use crate::verify::Verdict;
use get_audit_entry::{EntryDetail, get_audit_entry};
use list_audit::{EntryList, list_audit};
use verify_audit::verify_audit;

const READ: Lock = Lock::Permission("audit:read");

#[rustfmt::skip]
pub(crate) fn routes(room: &Room) -> Routes {
    Routes::new()
        .get("list_audit", "/audit", READ, list_audit, room)
        .summary("Who did what, newest first; filters: q, actor, operation, target, from, to").gives::<EntryList>()
        .get("get_audit_entry", "/audit/{id}", READ, get_audit_entry, room)
        .summary("One entry with what it was before and after").gives::<EntryDetail>()
        .post("verify_audit", "/audit:verify", READ, verify_audit, room)
        .summary("Walk the chain of entries and say whether it is whole").gives::<Verdict>()
}
