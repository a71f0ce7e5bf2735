//! Is the workspace's record whole?

use axum::Json;
use axum::extract::State;
use weft_http_kit::{Answer, Caller};

use crate::Room;
use crate::verify::{Verdict, verify_chain};

pub(crate) async fn verify_audit(State(room): State<Room>, caller: Caller) -> Answer<Verdict> {
    Ok(Json(verify_chain(room.parts.rows.connection(), caller.workspace()).await?))
}
