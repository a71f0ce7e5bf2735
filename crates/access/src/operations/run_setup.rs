//! Make the first workspace and its administrator, by the one-time token that the server printed.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use weft_context_kit::Workspace;
use weft_context_kit::workspace::{ROOM, WORKSPACE_DEFINED};
use weft_http_kit::Body;
use weft_meta_store::Unit;

use super::WithCookie;
use super::wire::SessionView;
use crate::Room;
use crate::authorizer::workspace as workspace_id;
use crate::cookie::Origin;
use crate::domain::permission::Role;
use crate::domain::{email, password, secret, workspace};
use crate::kernel::{Actor, Error, Result, Scope, Sensitive, WorkspaceId};
use crate::store::{members, sessions, setup_tokens, users, workspaces};

#[derive(Deserialize, ToSchema)]
pub(crate) struct Setup {
    /// Printed by the server at its first start.
    #[schema(value_type = String)]
    token: Sensitive<String>,
    workspace_name: String,
    time_zone: String,
    /// CNY when absent.
    currency: Option<String>,
    email: String,
    /// The part before the @ when absent.
    name: Option<String>,
    #[schema(value_type = String, format = Password)]
    password: Sensitive<String>,
}

/// What a first workspace is made of, checked.
pub(crate) struct Founding {
    pub workspace_name: String,
    pub time_zone: String,
    pub currency: String,
    pub name: String,
    pub email: String,
    pub password_hash: String,
}

pub(crate) async fn run_setup(State(room): State<Room>, origin: Origin, Body(setup): Body<Setup>) -> WithCookie<SessionView> {
    origin.refuse_foreign_pages()?;
    let db = room.parts.rows.connection();
    if users::any(db).await? {
        return Err(done().into());
    }
    let digest = secret::digest(&setup.token.0);
    if !setup_tokens::is(db, &digest).await? {
        return Err(token_wrong().into());
    }
    let founding = check(&room, setup).await?;

    let now = room.parts.clock.now();
    // Whoever sets up at the same moment waits for this unit, and then finds it done.
    let mut unit = room.parts.rows.begin(&Scope { workspace: WorkspaceId(0), actor: Actor::System }, "run_setup", now).await?;
    if users::any(unit.tx()).await? {
        return Err(done().into());
    }
    if !setup_tokens::is(unit.tx(), &digest).await? {
        return Err(token_wrong().into());
    }
    let (space, user) = found_workspace(&mut unit, founding).await?;
    let (_, token) = sessions::insert(unit.tx(), unit.workspace(), &user.id, now).await?;
    room.parts.commit(unit).await?;
    Ok((origin.set(&token, &room.access.0.settings), Json(SessionView::of(&room, user, space, Role::Administrator))))
}

fn done() -> Error {
    Error::conflict("setup.done", "the house has been set up; sign in")
}
fn token_wrong() -> Error {
    Error::denied("setup.token_wrong", "this is not the token that the server printed at its last start")
}

async fn check(room: &Room, setup: Setup) -> Result<Founding> {
    let email = email::parse(&setup.email)?;
    let workspace_name = workspace::name("workspace_name", &setup.workspace_name)?;
    let time_zone = workspace::time_zone(&setup.time_zone)?;
    let currency = workspace::currency(setup.currency.as_deref().unwrap_or(workspace::DEFAULT_CURRENCY))?;
    let name = workspace::name("name", setup.name.as_deref().unwrap_or(email::local_part(&email)))?;
    password::must_be_strong("password", &setup.password.0, &email)?;
    let password_hash = room.access.hash(setup.password.0).await?;
    Ok(Founding { workspace_name, time_zone, currency, name, email, password_hash })
}

/// The rows of a first workspace; from here on the unit belongs to it.
pub(crate) async fn found_workspace(unit: &mut Unit, founding: Founding) -> Result<(workspaces::Model, users::Model)> {
    let now = unit.now();
    let space = workspaces::insert(unit.tx(), &founding.workspace_name, &founding.time_zone, &founding.currency, now).await?;
    unit.move_to(workspace_id(space.id)).await?;
    let user = users::insert(unit.tx(), &founding.email, &founding.name, founding.password_hash, now).await?;
    members::insert(unit.tx(), unit.workspace(), &user.id, Role::Administrator, now).await?;
    setup_tokens::delete(unit.tx()).await?;
    unit.target(&unit.workspace().to_string());
    let settings = settings_of(&space);
    unit.change(None, Some(json!({"workspace": settings, "administrator": user.id})));
    unit.announce(ROOM, WORKSPACE_DEFINED, serde_json::to_value(settings)?);
    Ok((space, user))
}

/// What every room must know of the workspace, as it is announced.
pub(crate) fn settings_of(row: &workspaces::Model) -> Workspace {
    Workspace { name: row.name.clone(), time_zone: row.time_zone.clone(), currency: row.currency.clone() }
}
