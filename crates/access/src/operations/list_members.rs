//! Who works in the workspace, by e-mail.

use axum::Json;
use axum::extract::State;
use weft_http_kit::{Answer, Caller, ListQuery, QueryOf};

use super::wire::MemberView;
use crate::Room;
use crate::kernel::{Page, Result};
use crate::store::{members, users};

pub(crate) async fn list_members(State(room): State<Room>, caller: Caller, QueryOf(list): QueryOf<ListQuery>) -> Answer<Page<MemberView>> {
    let db = room.parts.rows.connection();
    let page = users::page_of(db, caller.workspace(), &list.q, list.cursor.as_deref(), list.limit()).await?;
    let ids: Vec<String> = page.items.iter().map(|user| user.id.clone()).collect();
    let roles = members::among(db, caller.workspace(), &ids).await?;
    // Whoever was removed between the two questions is not shown.
    let shown = page.items.into_iter().filter_map(|user| roles.get(&user.id).map(|member| MemberView::of(user, member)));
    Ok(Json(Page { items: shown.collect::<Result<_>>()?, next: page.next }))
}
