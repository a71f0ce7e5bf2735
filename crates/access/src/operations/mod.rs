//! The verbs, one file each; file, function and operation id have one name.

pub(crate) mod add_member;
pub(crate) mod change_member_role;
pub(crate) mod change_password;
pub(crate) mod change_workspace;
pub(crate) mod create_key;
pub(crate) mod create_session;
pub(crate) mod delete_key;
pub(crate) mod delete_session;
pub(crate) mod get_session;
pub(crate) mod get_setup;
pub(crate) mod list_keys;
pub(crate) mod list_members;
pub(crate) mod list_roles;
pub(crate) mod remove_member;
pub(crate) mod run_setup;
pub(crate) mod wire;

use axum::Json;
use axum::http::HeaderName;
use weft_http_kit::{Done, Lock, Problem, Routes};

use crate::Room;
use add_member::{AddedMember, NewMember, add_member};
use change_member_role::{NewRole, change_member_role};
use change_password::{NewPassword, change_password};
use change_workspace::{WorkspaceChange, change_workspace};
use create_key::{CreatedKey, NewKey, create_key};
use create_session::{SignIn, create_session};
use delete_key::delete_key;
use delete_session::delete_session;
use get_session::get_session;
use get_setup::{SetupState, get_setup};
use list_keys::{KeyView, list_keys};
use list_members::list_members;
use list_roles::{RoleView, list_roles};
use remove_member::remove_member;
use run_setup::{Setup, run_setup};
use wire::{MemberView, SessionView, WorkspaceView};

/// An answer that also sets or clears the session cookie.
pub(crate) type WithCookie<T> = Result<([(HeaderName, String); 1], Json<T>), Problem>;

const READ_KEYS: Lock = Lock::Permission("keys:read");
const WRITE_KEYS: Lock = Lock::Permission("keys:write");
const READ_MEMBERS: Lock = Lock::Permission("members:read");
const WRITE_MEMBERS: Lock = Lock::Permission("members:write");

#[rustfmt::skip]
pub(crate) fn routes(room: &Room) -> Routes {
    Routes::new()
        .get("get_setup", "/setup", Lock::Open("before the first set-up there is nobody to sign in"), get_setup, room)
        .summary("Whether the house still has to be set up").gives::<SetupState>()
        .post("run_setup", "/setup", Lock::Open("guarded by the one-time token that the server prints"), run_setup, room)
        .summary("Make the first workspace and its administrator, and sign in").takes::<Setup>().gives::<SessionView>()
        .post("create_session", "/session", Lock::Open("this is where one signs in"), create_session, room)
        .summary("Sign in with e-mail and password").takes::<SignIn>().gives::<SessionView>()
        .get("get_session", "/session", Lock::SignedIn, get_session, room)
        .summary("Who one is and what one may").gives::<SessionView>()
        .delete("delete_session", "/session", Lock::SignedIn, delete_session, room)
        .summary("Sign out").gives::<Done>()
        .put("change_password", "/session/password", Lock::SignedIn, change_password, room)
        .summary("Change one's own password; all other sessions end").takes::<NewPassword>().gives::<SessionView>()
        .get("list_keys", "/keys", READ_KEYS, list_keys, room)
        .summary("The API keys of the workspace").lists::<KeyView>()
        .post("create_key", "/keys", WRITE_KEYS, create_key, room)
        .summary("Make an API key; it is shown once").takes::<NewKey>().gives::<CreatedKey>()
        .delete("delete_key", "/keys/{id}", WRITE_KEYS, delete_key, room)
        .summary("Disable an API key at once").gives::<Done>()
        .get("list_members", "/members", READ_MEMBERS, list_members, room)
        .summary("Who works in the workspace").lists::<MemberView>()
        .post("add_member", "/members", WRITE_MEMBERS, add_member, room)
        .summary("Add somebody; a new account's first password is shown once").takes::<NewMember>().gives::<AddedMember>()
        .put("change_member_role", "/members/{id}", WRITE_MEMBERS, change_member_role, room)
        .summary("Give a member another role").takes::<NewRole>().gives::<MemberView>()
        .delete("remove_member", "/members/{id}", WRITE_MEMBERS, remove_member, room)
        .summary("Remove somebody from the workspace; her sessions in it end").gives::<Done>()
        .put("change_workspace", "/workspace", Lock::Permission("workspace:write"), change_workspace, room)
        .summary("Change the workspace's name, time zone or currency").takes::<WorkspaceChange>().gives::<WorkspaceView>()
        .get("list_roles", "/roles", Lock::SignedIn, list_roles, room)
        .summary("The roles and what each of them may").lists_whole::<RoleView>()
}
