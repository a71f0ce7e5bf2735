//! Is the workspace's record whole?

use axum::Json;
use axum::extract::State;
use weft_context_kit::Parts;
use weft_http_kit::{Answer, Caller};

use crate::verify::{Verdict, verify_chain};

pub(crate) async fn verify_audit(State(parts): State<Parts>, caller: Caller) -> Answer<Verdict> {
    Ok(Json(verify_chain(parts.rows.connection(), caller.workspace()).await?))
}
