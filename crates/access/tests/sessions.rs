//! Signing in and out, locking out, and when a session ends.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod bench;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use bench::{Bench, EMAIL, NOON, PASSWORD, Who};
use serde_json::{Value, json};
use weft_access::reset_password;
use weft_kernel::Millis;
use weft_meta_store::sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use weft_meta_store::statement;
use weft_meta_store::testing::on_each_engine;

const NEW_PASSWORD: &str = "shuttles fly by day";

#[tokio::test]
async fn signing_in_and_out() {
    on_each_engine(|store| async move {
        let bench = Bench::on(store.rows).await;
        bench.set_up().await;
        let session = bench.sign_in(" ADA@example.com ", PASSWORD).await.ok();
        let cookie = session.cookie();
        assert_eq!(bench.get(Who::Cookie(&cookie), "/session").await.ok().body["demo"], false);
        bench.get(Who::BareCookie(&cookie), "/session").await.ok();
        let out = bench.ask(Who::Cookie(&cookie), "DELETE", "/session", Value::Null).await.ok();
        assert_eq!(out.body, json!({}));
        assert!(out.set_cookie.unwrap().contains("Max-Age=0"));
        bench.get(Who::Cookie(&cookie), "/session").await.refused(StatusCode::UNAUTHORIZED, "access.session_ended");
        bench.get(Who::Nobody, "/session").await.refused(StatusCode::UNAUTHORIZED, "access.not_signed_in");
    })
    .await;
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let bench = Bench::new().await;
    bench.set_up().await;
    let wrong = bench.sign_in(EMAIL, "not her password").await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
    let unknown = bench.sign_in("eve@example.com", "not her password").await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
    assert_eq!((&wrong.body["detail"], &wrong.body["fields"]), (&unknown.body["detail"], &unknown.body["fields"]));
    assert!(wrong.set_cookie.is_none() && unknown.set_cookie.is_none());
}

#[tokio::test]
async fn five_wrong_passwords_lock_for_a_quarter_of_an_hour() {
    on_each_engine(|store| async move {
        let bench = Bench::on(store.rows).await;
        bench.set_up().await;
        for _ in 0..5 {
            bench.sign_in(EMAIL, "wrong").await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
        }
        let locked = bench.sign_in(EMAIL, PASSWORD).await.refused(StatusCode::TOO_MANY_REQUESTS, "access.locked_out");
        assert!(locked.body["params"]["minutes"].is_string());
        bench.sign_in("Ada@Example.com", PASSWORD).await.refused(StatusCode::TOO_MANY_REQUESTS, "access.locked_out");
        // Another place, another account: not locked.
        bench.sign_in_from("203.0.113.2", EMAIL, PASSWORD).await.ok();
        bench.sign_in("eve@example.com", "wrong").await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
        bench.clock.advance(15 * Millis::MINUTE - 1);
        bench.sign_in(EMAIL, PASSWORD).await.refused(StatusCode::TOO_MANY_REQUESTS, "access.locked_out");
        bench.clock.advance(1);
        bench.sign_in(EMAIL, PASSWORD).await.ok();
        // The right password forgave the wrong ones.
        for _ in 0..4 {
            bench.sign_in(EMAIL, "wrong").await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
        }
        bench.sign_in(EMAIL, PASSWORD).await.ok();
    })
    .await;
}

#[tokio::test]
async fn accounts_that_do_not_exist_lock_too() {
    let bench = Bench::new().await;
    bench.set_up().await;
    for _ in 0..5 {
        bench.sign_in("eve@example.com", "wrong").await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
    }
    bench.sign_in("eve@example.com", "wrong").await.refused(StatusCode::TOO_MANY_REQUESTS, "access.locked_out");
    // And what was counted long ago does not lie about for ever.
    bench.clock.advance(Millis::HOUR);
    bench.sign_in("mallory@example.com", "wrong").await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
    let db = bench.rows.connection();
    let count = db.query_one_raw(statement(db, "SELECT count(*) AS n FROM login_attempts", [])).await.unwrap().unwrap();
    assert_eq!(count.try_get::<i64>("", "n").unwrap(), 1);
}

#[tokio::test]
async fn wrong_passwords_long_ago_do_not_count() {
    let bench = Bench::new().await;
    bench.set_up().await;
    for _ in 0..4 {
        bench.sign_in(EMAIL, "wrong").await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
    }
    bench.clock.advance(15 * Millis::MINUTE);
    for _ in 0..4 {
        bench.sign_in(EMAIL, "wrong").await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
    }
    bench.sign_in(EMAIL, PASSWORD).await.ok();
}

/// Ten at once are not ten first tries.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tries_made_at_once_are_counted_each() {
    on_each_engine(|store| async move {
        let bench = Bench::on(store.rows).await;
        bench.set_up().await;
        let tries = (0..10).map(|_| bench.sign_in(EMAIL, "wrong"));
        let answers = futures::future::join_all(tries).await;
        let failed = answers.iter().filter(|a| a.code() == "access.login_failed").count();
        let locked = answers.iter().filter(|a| a.code() == "access.locked_out").count();
        assert_eq!((failed, locked), (5, 5));
    })
    .await;
}

#[tokio::test]
async fn a_lock_out_is_on_record() {
    let bench = Bench::new().await;
    bench.set_up().await;
    for _ in 0..7 {
        bench.sign_in(EMAIL, "wrong").await;
    }
    let entries = weft_meta_store::audit_entry::Entity::find().all(bench.rows.connection()).await.unwrap();
    let operations: Vec<_> = entries.iter().map(|e| (e.operation.as_str(), e.actor.as_str())).collect();
    assert_eq!(operations, [("run_setup", "system"), ("lock_out", "system")]);
    let all = format!("{entries:?}");
    assert!(!all.contains(EMAIL) && !all.contains("argon2") && !all.contains(PASSWORD), "{all}");
}

#[tokio::test]
async fn a_session_ends_by_idleness_and_by_age() {
    let bench = Bench::new().await;
    let idle = bench.set_up().await;
    bench.clock.advance(12 * Millis::HOUR - 1);
    bench.get(Who::Cookie(&idle), "/session").await.ok();
    bench.clock.advance(12 * Millis::HOUR - 1);
    bench.get(Who::Cookie(&idle), "/session").await.ok();
    bench.clock.advance(12 * Millis::HOUR);
    bench.get(Who::Cookie(&idle), "/session").await.refused(StatusCode::UNAUTHORIZED, "access.session_ended");

    let busy = bench.sign_in(EMAIL, PASSWORD).await.ok().cookie();
    for _ in 0..(7 * 24 / 8 - 1) {
        bench.clock.advance(8 * Millis::HOUR);
        bench.get(Who::Cookie(&busy), "/session").await.ok();
    }
    bench.clock.advance(8 * Millis::HOUR);
    bench.get(Who::Cookie(&busy), "/session").await.refused(StatusCode::UNAUTHORIZED, "access.session_ended");
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_but_hands_out_a_new_one() {
    let bench = Bench::new().await;
    let here = bench.set_up().await;
    let elsewhere = bench.sign_in(EMAIL, PASSWORD).await.ok().cookie();
    let change = |current: &str, new: &str| json!({"current_password": current, "password": new});

    let wrong = bench.ask(Who::Cookie(&here), "PUT", "/session/password", change("wrong", NEW_PASSWORD)).await;
    assert!(wrong.refused(StatusCode::BAD_REQUEST, "access.password_wrong").body["fields"]["current_password"].is_string());
    let weak = bench.ask(Who::Cookie(&here), "PUT", "/session/password", change(PASSWORD, "password1234")).await;
    assert!(weak.refused(StatusCode::BAD_REQUEST, "access.password_weak").body["fields"]["password"].is_string());
    bench.get(Who::Cookie(&elsewhere), "/session").await.ok();

    let changed = bench.ask(Who::Cookie(&here), "PUT", "/session/password", change(PASSWORD, NEW_PASSWORD)).await.ok();
    for old in [&here, &elsewhere] {
        bench.get(Who::Cookie(old), "/session").await.refused(StatusCode::UNAUTHORIZED, "access.session_ended");
    }
    bench.get(Who::Cookie(&changed.cookie()), "/session").await.ok();
    bench.sign_in(EMAIL, PASSWORD).await.refused(StatusCode::UNAUTHORIZED, "access.login_failed");
    bench.sign_in(EMAIL, NEW_PASSWORD).await.ok();
}

#[tokio::test]
async fn the_current_password_cannot_be_tried_at_leisure() {
    let bench = Bench::new().await;
    let cookie = bench.set_up().await;
    let body = json!({"current_password": "wrong", "password": NEW_PASSWORD});
    for _ in 0..5 {
        bench.ask(Who::Cookie(&cookie), "PUT", "/session/password", body.clone()).await.refused(StatusCode::BAD_REQUEST, "access.password_wrong");
    }
    bench.ask(Who::Cookie(&cookie), "PUT", "/session/password", body).await.refused(StatusCode::TOO_MANY_REQUESTS, "access.locked_out");
}

#[tokio::test]
async fn the_machine_can_reset_a_password() {
    let bench = Bench::new().await;
    let cookie = bench.set_up().await;
    assert_eq!(reset_password(&bench.access, "nobody@example.com", NEW_PASSWORD, NOON).await.unwrap_err().code, "access.user_not_found");
    assert_eq!(reset_password(&bench.access, EMAIL, "short", NOON).await.unwrap_err().code, "access.password_weak");
    reset_password(&bench.access, EMAIL, NEW_PASSWORD, NOON).await.unwrap();
    bench.get(Who::Cookie(&cookie), "/session").await.refused(StatusCode::UNAUTHORIZED, "access.session_ended");
    bench.sign_in(EMAIL, NEW_PASSWORD).await.ok();
}

#[tokio::test]
async fn a_cookie_without_the_console_changes_nothing() {
    let bench = Bench::new().await;
    let cookie = bench.set_up().await;
    for (method, path, body) in [
        ("DELETE", "/session", Value::Null),
        ("POST", "/keys", json!({"name": "stolen", "permissions": ["*"]})),
        ("PUT", "/session/password", json!({"current_password": PASSWORD, "password": NEW_PASSWORD})),
    ] {
        bench.ask(Who::BareCookie(&cookie), method, path, body).await.refused(StatusCode::FORBIDDEN, "access.forged");
    }
    let session = bench.get(Who::Cookie(&cookie), "/session").await.ok();
    assert_eq!(session.body["user"]["email"], EMAIL);
    assert_eq!(bench.get(Who::Cookie(&cookie), "/keys").await.ok().body, json!({"items": []}));
}

#[tokio::test]
async fn a_foreign_page_cannot_sign_somebody_in() {
    let bench = Bench::new().await;
    bench.set_up().await;
    for path in ["/session", "/setup"] {
        let request = Request::builder().method("POST").uri(format!("/api/v1{path}")).header("sec-fetch-site", "cross-site");
        let body = json!({"email": EMAIL, "password": PASSWORD, "token": "", "workspace_name": "", "time_zone": ""});
        bench.send(request.body(Body::from(body.to_string())).unwrap()).await.refused(StatusCode::FORBIDDEN, "access.forged");
    }
}

#[tokio::test]
async fn a_key_is_no_session_and_a_session_no_key() {
    let bench = Bench::new().await;
    let cookie = bench.set_up().await;
    let (_, key) = bench.key(&cookie, &["*"]).await;
    let token = cookie.trim_start_matches("weft_session=").to_owned();
    bench.get(Who::Key(&token), "/session").await.refused(StatusCode::UNAUTHORIZED, "access.key_unknown");
    bench.get(Who::Cookie(&format!("weft_session={key}")), "/session").await.refused(StatusCode::UNAUTHORIZED, "access.session_ended");
    bench.ask(Who::Key(&key), "DELETE", "/session", Value::Null).await.refused(StatusCode::FORBIDDEN, "access.session_needed");
    let body = json!({"current_password": PASSWORD, "password": NEW_PASSWORD});
    bench.ask(Who::Key(&key), "PUT", "/session/password", body).await.refused(StatusCode::FORBIDDEN, "access.session_needed");
    for malformed in ["", "Basic", "Bearer", "Basic YTpi"] {
        let request = Request::builder().uri("/api/v1/session").header("authorization", malformed);
        bench.send(request.body(Body::empty()).unwrap()).await.refused(StatusCode::UNAUTHORIZED, "access.key_unknown");
    }
}

#[tokio::test]
async fn no_secret_lies_in_the_rows() {
    let bench = Bench::new().await;
    let cookie = bench.set_up().await;
    let (_, key) = bench.key(&cookie, &["*"]).await;
    let token = cookie.trim_start_matches("weft_session=");
    for table in ["users", "sessions", "api_keys", "setup_tokens", "login_attempts", "audit_entries", "outbox"] {
        let sql = format!("SELECT * FROM {table}");
        let db = bench.rows.connection();
        for row in db.query_all_raw(statement(db, &sql, [])).await.unwrap() {
            for column in row.column_names() {
                let Ok(text) = row.try_get::<String>("", &column) else { continue };
                assert!(![PASSWORD, key.as_str(), token].iter().any(|secret| text.contains(secret)), "{table}.{column}");
            }
        }
    }
    assert!(weft_meta_store::audit_entry::Entity::find().count(bench.rows.connection()).await.unwrap() >= 2);
}
