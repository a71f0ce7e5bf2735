//! The rules of identity over HTTP. People, their links and what is done to them: the `profiles` room.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::json;
use weft_context_kit::{Parts, blocking};
use weft_http_kit::{Answer, Body, Caller, Lock, Routes};

use crate::by_hand::{ROOM, RULES_DEFINED};
use crate::settings::{Settings, settings};

const READ: Lock = Lock::Permission("people:read");
const WRITE: Lock = Lock::Permission("people:write");

pub(crate) fn routes(parts: &Arc<Parts>) -> Routes {
    Routes::new()
        .get("get_identity_rules", "/identity/rules", READ, get_identity_rules, parts)
        .summary("Kinds of identifiers with their weights, and the guard rails")
        .gives::<Settings>()
        .put("set_identity_rules", "/identity/rules", WRITE, set_identity_rules, parts)
        .summary("Change them; they hold for what comes in from now on")
        .takes::<Settings>()
        .gives::<Settings>()
}

async fn get_identity_rules(State(parts): State<Arc<Parts>>, caller: Caller) -> Answer<Settings> {
    Ok(Json(blocking(move || settings(&*parts.state, caller.workspace())).await?))
}

async fn set_identity_rules(State(parts): State<Arc<Parts>>, caller: Caller, Body(rules): Body<Settings>) -> Answer<Settings> {
    rules.check()?;
    let before = settings(&*parts.state, caller.workspace())?;
    let mut unit = parts.rows.begin(&caller.scope, "set_identity_rules", parts.clock.now()).await?;
    unit.change(Some(json!(before)), Some(json!(rules)));
    unit.announce(ROOM, RULES_DEFINED, json!(rules));
    parts.commit(unit).await?;
    Ok(Json(rules))
}
