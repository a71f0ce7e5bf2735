//! Every door of the room is locked, and nobody reaches into another workspace.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod bench;

use axum::http::{Method, StatusCode};
use bench::{Bench, EMAIL, PASSWORD, Who};
use serde_json::{Value, json};
use weft_access::{ROLES, context};
use weft_http_kit::{Document, Info, Lock};
use weft_kernel::{Millis, WorkspaceId};
use weft_meta_store::sea_orm::ConnectionTrait;
use weft_meta_store::statement;
use weft_meta_store::testing::on_each_engine;

/// Goes over the room's own list, so that a door added tomorrow is tried too.
#[tokio::test]
async fn every_door_is_denied_without_its_permission() {
    let bench = Bench::new().await;
    let cookie = bench.set_up().await;
    let (id, _) = bench.key(&cookie, &["*"]).await;
    let mut locked = 0;
    for operation in context(&bench.parts, &bench.access).routes.operations {
        let path = operation.path.replace("{id}", &id);
        let change = operation.method != Method::GET;
        if matches!(operation.lock, Lock::Open(_)) {
            assert!(["get_setup", "run_setup", "create_session"].contains(&operation.id), "{} stands open", operation.id);
            continue;
        }
        locked += 1;
        let method = operation.method.as_str();
        for (who, code) in [
            (Who::Nobody, "access.not_signed_in"),
            (Who::Key("weft_nobody"), "access.key_unknown"),
            (Who::Cookie("weft_session=nobody"), "access.session_ended"),
        ] {
            bench.ask(who, method, &path, json!({})).await.refused(StatusCode::UNAUTHORIZED, code);
        }
        if change {
            bench.ask(Who::BareCookie(&cookie), method, &path, json!({})).await.refused(StatusCode::FORBIDDEN, "access.forged");
        }
        if let Lock::Permission(permission) = operation.lock {
            // All that there is but this one.
            let (room, verb) = permission.split_once(':').unwrap();
            let other = format!("{room}:{}", if verb == "read" { "write" } else { "read" });
            let (_, key) = bench.key(&cookie, &[&other, "segments:*", "journeys:*"]).await;
            let denied = bench.ask(Who::Key(&key), method, &path, json!({})).await.refused(StatusCode::FORBIDDEN, "access.denied");
            assert_eq!(denied.body["params"]["permission"], permission);
        }
    }
    assert_eq!(locked, 12);
    bench.get(Who::Cookie(&cookie), "/keys").await.ok();
}

#[tokio::test]
async fn every_operation_is_described() {
    let bench = Bench::new().await;
    let routes = context(&bench.parts, &bench.access).routes;
    for operation in &routes.operations {
        assert!(!operation.summary.is_empty() && operation.gives.is_some(), "{}", operation.id);
        assert_eq!(operation.takes.is_some(), matches!(operation.method, Method::POST | Method::PUT), "{}", operation.id);
    }
    let document = Document::of(&Info { title: "t", version: "1", description: "d" }, &routes).0.to_string();
    for schema in ["SessionView", "NewKey", "CreatedKey", "MemberView", "WorkspaceView", "UserView", "Role"] {
        assert!(document.contains(&format!("\"{schema}\":{{")), "{schema}");
    }
}

#[tokio::test]
async fn a_deleted_key_is_refused_at_once() {
    on_each_engine(|store| async move {
        let bench = Bench::on(store.rows).await;
        let cookie = bench.set_up().await;
        let (id, key) = bench.key(&cookie, &["keys:read"]).await;
        let listed = bench.get(Who::Key(&key), "/keys").await.ok().body["items"][0].clone();
        assert_eq!((&listed["id"], &listed["name"], &listed["permissions"]), (&json!(id), &json!("program"), &json!(["keys:read"])));
        assert_eq!(listed["prefix"].as_str().unwrap(), &key[..11]);
        assert!(listed["last_used_at"].is_string() && !listed.to_string().contains(&key));
        bench.ask(Who::Cookie(&cookie), "DELETE", &format!("/keys/{id}"), Value::Null).await.ok();
        bench.get(Who::Key(&key), "/keys").await.refused(StatusCode::UNAUTHORIZED, "access.key_unknown");
        assert_eq!(bench.get(Who::Cookie(&cookie), "/keys").await.ok().body, json!({"items": []}));
        bench.ask(Who::Cookie(&cookie), "DELETE", &format!("/keys/{id}"), Value::Null).await.refused(StatusCode::NOT_FOUND, "access.key_not_found");
        // Its name stays with what it did.
        let names = weft_access::actor_names(bench.rows.clone());
        assert_eq!(names.names(WorkspaceId(1), &[id.clone(), "usr_x".into()]).await.unwrap(), [(id.clone(), "program".to_owned())].into());
        assert!(names.names(WorkspaceId(2), &[id]).await.unwrap().is_empty());
    })
    .await;
}

/// A key disabled by another process is believed for five seconds at most.
#[tokio::test]
async fn what_is_remembered_is_soon_forgotten() {
    let bench = Bench::new().await;
    let cookie = bench.set_up().await;
    let (id, key) = bench.key(&cookie, &["keys:read"]).await;
    bench.get(Who::Key(&key), "/keys").await.ok();
    let db = bench.rows.connection();
    db.execute_raw(statement(db, "UPDATE api_keys SET disabled_at = 1 WHERE id = ?", [id.into()])).await.unwrap();
    bench.clock.advance(5 * Millis::SECOND - 1);
    bench.get(Who::Key(&key), "/keys").await.ok();
    bench.clock.advance(1);
    bench.get(Who::Key(&key), "/keys").await.refused(StatusCode::UNAUTHORIZED, "access.key_unknown");
}

#[tokio::test]
async fn nobody_gives_away_more_than_her_own() {
    let bench = Bench::new().await;
    let cookie = bench.set_up().await;
    let (_, key) = bench.key(&cookie, &["keys:*", "members:*", "segments:read"]).await;
    for more in [json!(["*"]), json!(["segments:*"]), json!(["segments:read", "journeys:read"])] {
        let body = json!({"name": "more", "permissions": more});
        bench.ask(Who::Key(&key), "POST", "/keys", body).await.refused(StatusCode::FORBIDDEN, "access.more_than_own");
    }
    bench.ask(Who::Key(&key), "POST", "/keys", json!({"name": "less", "permissions": ["segments:read"]})).await.ok();
    for role in ["administrator", "viewer"] {
        let body = json!({"email": "eve@example.com", "role": role});
        bench.ask(Who::Key(&key), "POST", "/members", body).await.refused(StatusCode::FORBIDDEN, "access.more_than_own");
    }
    // Nor takes away from those who hold more.
    let ada = bench.get(Who::Cookie(&cookie), "/session").await.body["user"]["id"].as_str().unwrap().to_owned();
    let path = format!("/members/{ada}");
    bench.ask(Who::Key(&key), "DELETE", &path, Value::Null).await.refused(StatusCode::FORBIDDEN, "access.more_than_own");
    bench.ask(Who::Key(&key), "PUT", &path, json!({"role": "viewer"})).await.refused(StatusCode::FORBIDDEN, "access.more_than_own");
    for (wrong, code) in [(json!([]), "access.permissions_invalid"), (json!(["segments"]), "access.permissions_invalid"), (json!("*"), "http.body_invalid")] {
        bench.ask(Who::Cookie(&cookie), "POST", "/keys", json!({"name": "k", "permissions": wrong})).await.refused(StatusCode::BAD_REQUEST, code);
    }
    bench.ask(Who::Cookie(&cookie), "POST", "/keys", json!({"name": "", "permissions": ["*"]})).await.refused(StatusCode::BAD_REQUEST, "access.name_invalid");
}

#[tokio::test]
async fn members_come_change_and_go() {
    on_each_engine(|store| async move {
        let bench = Bench::on(store.rows).await;
        let admin = bench.set_up().await;
        let (bob, bobs) = bench.member(&admin, "Bob@example.com", "viewer").await;
        let list = bench.get(Who::Cookie(&admin), "/members").await.ok();
        let shown: Vec<_> = list.body["items"].as_array().unwrap().iter().map(|m| (m["email"].as_str().unwrap(), m["role"].as_str().unwrap())).collect();
        assert_eq!(shown, [(EMAIL, "administrator"), ("bob@example.com", "viewer")]);
        assert_eq!(bench.get(Who::Cookie(&admin), "/members?q=BOB").await.ok().body["items"].as_array().unwrap().len(), 1);
        let first = bench.get(Who::Cookie(&admin), "/members?limit=1").await.ok();
        let next = first.body["next"].as_str().unwrap();
        let second = bench.get(Who::Cookie(&admin), &format!("/members?limit=1&cursor={next}")).await.ok();
        assert_eq!((&second.body["items"][0]["id"], &second.body["next"]), (&json!(bob), &Value::Null));

        bench.get(Who::Cookie(&bobs), "/keys").await.refused(StatusCode::FORBIDDEN, "access.denied");
        bench.ask(Who::Cookie(&bobs), "PUT", &format!("/members/{bob}"), json!({"role": "administrator"})).await.refused(StatusCode::FORBIDDEN, "access.denied");
        let again = json!({"email": "bob@example.com", "role": "analyst"});
        bench.ask(Who::Cookie(&admin), "POST", "/members", again).await.refused(StatusCode::CONFLICT, "access.member_exists");

        // A new role counts from the next request on, for the session that is open.
        let changed = bench.ask(Who::Cookie(&admin), "PUT", &format!("/members/{bob}"), json!({"role": "administrator"})).await.ok();
        assert_eq!(changed.body["role"], "administrator");
        bench.get(Who::Cookie(&bobs), "/keys").await.ok();
        bench.ask(Who::Cookie(&admin), "DELETE", &format!("/members/{bob}"), Value::Null).await.ok();
        bench.get(Who::Cookie(&bobs), "/session").await.refused(StatusCode::UNAUTHORIZED, "access.session_ended");
        bench.ask(Who::Cookie(&admin), "DELETE", &format!("/members/{bob}"), Value::Null).await.refused(StatusCode::NOT_FOUND, "access.member_not_found");

        // Who comes back gets a new first password, for the old one may be forgotten.
        let (same, _) = bench.member(&admin, "bob@example.com", "viewer").await;
        assert_eq!(same, bob);
    })
    .await;
}

#[tokio::test]
async fn a_workspace_keeps_an_administrator() {
    let bench = Bench::new().await;
    let admin = bench.set_up().await;
    let ada = bench.get(Who::Cookie(&admin), "/session").await.body["user"]["id"].as_str().unwrap().to_owned();
    let path = format!("/members/{ada}");
    bench.ask(Who::Cookie(&admin), "DELETE", &path, Value::Null).await.refused(StatusCode::CONFLICT, "access.last_administrator");
    bench.ask(Who::Cookie(&admin), "PUT", &path, json!({"role": "viewer"})).await.refused(StatusCode::CONFLICT, "access.last_administrator");
    bench.ask(Who::Cookie(&admin), "PUT", &path, json!({"role": "administrator"})).await.ok();
    let (_, bobs) = bench.member(&admin, "bob@example.com", "administrator").await;
    bench.ask(Who::Cookie(&bobs), "DELETE", &path, Value::Null).await.ok();
    bench.sign_in(EMAIL, PASSWORD).await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
}

#[tokio::test]
async fn the_workspace_can_be_changed_and_the_log_is_told() {
    let bench = Bench::new().await;
    let admin = bench.set_up().await;
    let changed = bench.ask(Who::Cookie(&admin), "PUT", "/workspace", json!({"time_zone": "Europe/Berlin", "currency": "eur"})).await.ok();
    assert_eq!(changed.body, json!({"id": "wsp_1", "name": "织造", "time_zone": "Europe/Berlin", "currency": "EUR"}));
    assert_eq!(bench.get(Who::Cookie(&admin), "/session").await.ok().body["workspace"], changed.body);
    bench.ask(Who::Cookie(&admin), "PUT", "/workspace", json!({"time_zone": "nowhere"})).await.refused(StatusCode::BAD_REQUEST, "access.time_zone_unknown");
    let told: Vec<_> = bench.told().into_iter().map(|c| (c.what, c.body["time_zone"].clone())).collect();
    assert_eq!(told, [("workspace_defined".to_owned(), json!("Asia/Shanghai")), ("workspace_defined".to_owned(), json!("Europe/Berlin"))]);
}

#[tokio::test]
async fn roles_are_told_to_whoever_is_signed_in() {
    let bench = Bench::new().await;
    let admin = bench.set_up().await;
    let roles = bench.get(Who::Cookie(&admin), "/roles").await.ok();
    let names: Vec<_> = roles.body["items"].as_array().unwrap().iter().map(|r| r["role"].as_str().unwrap()).collect();
    assert_eq!(names, ROLES.map(|(_, name, _)| name));
}

/// Workspace 2, made as another brand on the same machine, with an administrator of its own.
async fn second_workspace(bench: &Bench) -> String {
    let db = bench.rows.connection();
    for sql in [
        "INSERT INTO workspaces (id, name, time_zone, currency, created_at) VALUES (2, 'B', 'UTC', 'EUR', 0)",
        "INSERT INTO users (id, email, name, password_hash, created_at) SELECT 'usr_b', 'b@example.com', 'B', password_hash, 0 FROM users",
        "INSERT INTO members (workspace, \"user\", role, created_at) VALUES (2, 'usr_b', 'administrator', 0)",
    ] {
        db.execute_raw(statement(db, sql, [])).await.unwrap();
    }
    bench.sign_in("b@example.com", PASSWORD).await.ok().cookie()
}

#[tokio::test]
async fn a_workspace_neither_sees_nor_touches_another() {
    on_each_engine(|store| async move {
        let bench = Bench::on(store.rows).await;
        let a = bench.set_up().await;
        let b = second_workspace(&bench).await;
        let (key_of_b, secret_of_b) = bench.key(&b, &["*"]).await;
        let (carol_of_b, carols) = bench.member(&b, "carol@example.com", "viewer").await;
        let (_, secret_of_a) = bench.key(&a, &["*"]).await;

        for who in [Who::Cookie(&a), Who::Key(&secret_of_a)] {
            assert_eq!(bench.get(who, "/keys?q=").await.ok().body["items"].as_array().unwrap().len(), 1);
            let members = bench.get(who, "/members").await.ok().body;
            assert!(!members.to_string().contains("carol") && !members.to_string().contains("b@example.com"));
            bench.ask(who, "DELETE", &format!("/keys/{key_of_b}"), Value::Null).await.refused(StatusCode::NOT_FOUND, "access.key_not_found");
            for id in [carol_of_b.as_str(), "usr_b"] {
                let path = format!("/members/{id}");
                bench.ask(who, "DELETE", &path, Value::Null).await.refused(StatusCode::NOT_FOUND, "access.member_not_found");
                bench.ask(who, "PUT", &path, json!({"role": "administrator"})).await.refused(StatusCode::NOT_FOUND, "access.member_not_found");
            }
        }
        assert_eq!(bench.get(Who::Key(&secret_of_b), "/session").await.ok().body["workspace"]["id"], "wsp_2");
        let mut viewer = ROLES[3].2.to_vec();
        viewer.sort_unstable();
        assert_eq!(bench.get(Who::Cookie(&carols), "/session").await.ok().body["permissions"], json!(viewer));

        // Somebody of B is added to A: A may show her its own rooms, and take those back, and no more.
        let added = bench.ask(Who::Cookie(&a), "POST", "/members", json!({"email": "carol@example.com", "role": "viewer"})).await.ok();
        assert_eq!((&added.body["id"], &added.body["first_password"]), (&json!(carol_of_b), &Value::Null));
        bench.ask(Who::Cookie(&a), "DELETE", &format!("/members/{carol_of_b}"), Value::Null).await.ok();
        assert_eq!(bench.get(Who::Cookie(&carols), "/session").await.ok().body["workspace"]["id"], "wsp_2");
        bench.ask(Who::Cookie(&a), "PUT", "/workspace", json!({"name": "A2"})).await.ok();
        assert_eq!(bench.get(Who::Cookie(&b), "/session").await.ok().body["workspace"]["name"], "B");
    })
    .await;
}

#[tokio::test]
async fn who_works_in_two_workspaces_chooses() {
    let bench = Bench::new().await;
    let a = bench.set_up().await;
    second_workspace(&bench).await;
    bench.ask(Who::Cookie(&a), "POST", "/members", json!({"email": "b@example.com", "role": "viewer"})).await.ok();
    for (workspace, expected) in [(Value::Null, "wsp_1"), (json!("wsp_2"), "wsp_2")] {
        let body = json!({"email": "b@example.com", "password": PASSWORD, "workspace": workspace});
        assert_eq!(bench.ask(Who::Nobody, "POST", "/session", body).await.ok().body["workspace"]["id"], expected);
    }
    let body = json!({"email": EMAIL, "password": PASSWORD, "workspace": "wsp_2"});
    bench.ask(Who::Nobody, "POST", "/session", body).await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
}
