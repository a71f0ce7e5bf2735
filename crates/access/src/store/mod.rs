//! The rows of this room, one file per table. Nobody else reads them.

pub(crate) mod api_keys;
pub(crate) mod login_attempts;
pub(crate) mod members;
pub(crate) mod sessions;
pub(crate) mod setup_tokens;
pub(crate) mod users;
pub(crate) mod workspaces;

use weft_meta_store::{Migration, MigrationTrait, Table};

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let workspaces = Table::new("workspaces").serial_id().text("name").text("time_zone").text("currency").millis("created_at");
    let users = Table::new("users").id().text("email").text("name").text("password_hash").millis("created_at").unique(&["email"]);
    let members = Table::new("members").workspace().text("user").text("role").millis("created_at").primary(&["workspace", "user"]).index(&["user"]);
    let api_keys = Table::new("api_keys")
        .id()
        .workspace()
        .text("name")
        .text("prefix")
        .text("digest")
        .json("permissions")
        .text("created_by")
        .millis("created_at")
        .millis_or_null("last_used_at")
        .millis_or_null("disabled_at")
        .unique(&["digest"])
        .index(&["workspace", "created_at"]);
    let sessions = Table::new("sessions")
        .id()
        .text("digest")
        .text("user")
        .workspace()
        .millis("created_at")
        .millis("last_seen_at")
        .unique(&["digest"])
        .index(&["user"]);
    let attempts = Table::new("login_attempts").id().integer("count").millis("since").millis("locked_until").index(&["since"]);
    let setup = Table::new("setup_tokens").integer("id").text("digest").millis("created_at").primary(&["id"]);
    vec![
        Migration::new("m0001_create_access")
            .table(workspaces)
            .table(users.index(&["created_at"]))
            .table(members.references("workspace", "workspaces", "id").references("user", "users", "id"))
            .table(api_keys.references("workspace", "workspaces", "id"))
            .table(sessions.references("workspace", "workspaces", "id").references("user", "users", "id"))
            .table(attempts)
            .table(setup)
            .boxed(),
    ]
}
