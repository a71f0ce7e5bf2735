//! Does the house still have to be set up?

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use weft_http_kit::Answer;

use crate::Room;
use crate::store::users;

#[derive(Serialize, ToSchema)]
pub(crate) struct SetupState {
    /// Nobody is there yet.
    needed: bool,
}

pub(crate) async fn get_setup(State(room): State<Room>) -> Answer<SetupState> {
    Ok(Json(SetupState { needed: !users::any(room.parts.rows.connection()).await? }))
}
