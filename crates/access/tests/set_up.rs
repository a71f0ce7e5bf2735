//! The first hour: set-up by the one-time token, or by four settings.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod bench;

use axum::http::StatusCode;
use bench::{Bench, EMAIL, NOON, PASSWORD, Who, setup};
use serde_json::{Value, json};
use weft_access::{BootstrapInput, bootstrap};
use weft_kernel::{Error, WorkspaceId};
use weft_meta_store::testing::on_each_engine;

#[tokio::test]
async fn the_token_opens_once() {
    on_each_engine(|store| async move {
        let bench = Bench::on(store.rows).await;
        assert_eq!(bench.get(Who::Nobody, "/setup").await.ok().body, json!({"needed": true}));
        let token = bench.access.setup_token().await.unwrap().unwrap();
        bench.ask(Who::Nobody, "POST", "/setup", setup("wrong")).await.refused(StatusCode::FORBIDDEN, "setup.token_wrong");

        let done = bench.ask(Who::Nobody, "POST", "/setup", setup(&token)).await.ok();
        assert_eq!(done.body["user"]["email"], EMAIL);
        assert_eq!(done.body["user"]["name"], "ada");
        assert_eq!(done.body["workspace"], json!({"id": "wsp_1", "name": "织造", "time_zone": "Asia/Shanghai", "currency": "CNY"}));
        assert_eq!(done.body["permissions"], json!(["*"]));
        let cookie = done.set_cookie.clone().unwrap();
        assert!(cookie.starts_with("weft_session=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800"), "{cookie}");
        assert_eq!(bench.get(Who::Cookie(&done.cookie()), "/session").await.ok().body, done.body);

        bench.ask(Who::Nobody, "POST", "/setup", setup(&token)).await.refused(StatusCode::CONFLICT, "setup.done");
        assert_eq!(bench.get(Who::Nobody, "/setup").await.ok().body, json!({"needed": false}));
        assert_eq!(bench.access.setup_token().await.unwrap(), None);

        let told = bench.told();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].workspace, told[0].room.as_str(), told[0].what.as_str()), (WorkspaceId(1), "workspace", "workspace_defined"));
        assert_eq!(told[0].body, json!({"name": "织造", "time_zone": "Asia/Shanghai", "currency": "CNY"}));
    })
    .await;
}

#[tokio::test]
async fn a_new_start_makes_the_old_token_void() {
    let bench = Bench::new().await;
    let first = bench.access.setup_token().await.unwrap().unwrap();
    let second = bench.access.setup_token().await.unwrap().unwrap();
    bench.ask(Who::Nobody, "POST", "/setup", setup(&first)).await.refused(StatusCode::FORBIDDEN, "setup.token_wrong");
    bench.ask(Who::Nobody, "POST", "/setup", setup(&second)).await.ok();
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field_and_leaves_nothing() {
    let bench = Bench::new().await;
    let token = bench.access.setup_token().await.unwrap().unwrap();
    for (field, value, code) in [
        ("password", json!("short"), "access.password_weak"),
        ("password", json!("password12345"), "access.password_weak"),
        ("password", json!("my ada@example.com!"), "access.password_weak"),
        ("email", json!("ada"), "access.email_invalid"),
        ("time_zone", json!("Mars/Olympus"), "access.time_zone_unknown"),
        ("workspace_name", json!(" "), "access.name_invalid"),
        ("currency", json!("yuan"), "access.currency_invalid"),
    ] {
        let mut body = setup(&token);
        body[field] = value;
        let refused = bench.ask(Who::Nobody, "POST", "/setup", body).await.refused(StatusCode::BAD_REQUEST, code);
        assert!(refused.body["fields"][field].is_string(), "{}", refused.body);
        assert!(refused.set_cookie.is_none());
    }
    assert_eq!(bench.get(Who::Nobody, "/setup").await.ok().body, json!({"needed": true}));
    bench.ask(Who::Nobody, "POST", "/setup", setup(&token)).await.ok();
}

#[tokio::test]
async fn of_two_who_set_up_at_once_one_does() {
    on_each_engine(|store| async move {
        let bench = Bench::on(store.rows).await;
        let token = bench.access.setup_token().await.unwrap().unwrap();
        let mut second = setup(&token);
        second["email"] = json!("eve@example.com");
        let (a, b) = tokio::join!(bench.ask(Who::Nobody, "POST", "/setup", setup(&token)), bench.ask(Who::Nobody, "POST", "/setup", second));
        let mut answers = [(a.status, a.code().to_owned()), (b.status, b.code().to_owned())];
        answers.sort_by_key(|(status, _)| status.as_u16());
        assert_eq!(answers[0].0, StatusCode::OK);
        assert_eq!(answers[1], (StatusCode::CONFLICT, "setup.done".to_owned()));
    })
    .await;
}

const API_KEY: &str = "8f3K2mQx7Lr9Tz4Vb6Nc1Wp5Hd0Sg3Jk";
const WRITE_KEY: &str = "d41d8cd98f00b204e9800998ecf8427e";

fn input(change: impl FnOnce(&mut [Option<String>; 4])) -> weft_kernel::Result<Option<BootstrapInput>> {
    let mut all = [EMAIL, PASSWORD, API_KEY, WRITE_KEY].map(|text| Some(text.to_owned()));
    change(&mut all);
    let [email, password, api_key, write_key] = all;
    BootstrapInput::of(email, password, api_key, write_key)
}

#[tokio::test]
async fn four_settings_make_a_house_that_works_without_a_hand() {
    on_each_engine(|store| async move {
        let bench = Bench::on(store.rows).await;
        let made = bootstrap(&bench.rows, input(|_| {}).unwrap().unwrap(), NOON, |unit, made| {
            Box::pin(async move {
                assert_eq!((unit.workspace(), made.workspace, made.write_key.0.as_str()), (WorkspaceId(1), WorkspaceId(1), WRITE_KEY));
                Ok(())
            })
        });
        let made = made.await.unwrap().unwrap();
        let me = bench.get(Who::Key(API_KEY), "/session").await.ok();
        assert_eq!((&me.body["permissions"], &me.body["user"]), (&json!(["*"]), &Value::Null));
        let signed_in = bench.sign_in(EMAIL, PASSWORD).await.ok();
        assert_eq!(signed_in.body["user"]["id"], made.user.as_str());
        assert_eq!(bench.get(Who::Nobody, "/setup").await.body, json!({"needed": false}));

        // The settings stay in the environment; the next start does nothing.
        let again = bootstrap(&bench.rows, input(|_| {}).unwrap().unwrap(), NOON, |_, _| panic!("the house is not empty"));
        assert!(again.await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn bootstrap_without_a_source_has_not_happened() {
    let bench = Bench::new().await;
    let failed = bootstrap(&bench.rows, input(|_| {}).unwrap().unwrap(), NOON, |_, _| Box::pin(async { Err(Error::unavailable("collect.away", "no")) }));
    assert_eq!(failed.await.unwrap_err().code, "collect.away");
    assert_eq!(bench.get(Who::Nobody, "/setup").await.body, json!({"needed": true}));
    bench.get(Who::Key(API_KEY), "/session").await.refused(StatusCode::UNAUTHORIZED, "access.key_unknown");
}

#[tokio::test]
async fn bootstrap_takes_all_or_none_and_nothing_weak() {
    assert!(input(|all| *all = [None, None, None, None]).unwrap().is_none());
    assert!(input(|all| *all = [Some(String::new()), None, None, None]).unwrap().is_none());
    let error = input(|all| all[1] = None).unwrap_err();
    assert_eq!((error.code, error.fields.keys().map(String::as_str).collect::<Vec<_>>()), ("access.bootstrap_incomplete", vec!["password"]));

    let bench = Bench::new().await;
    for (at, value, code) in [
        (0, "ada", "access.email_invalid"),
        (1, "password1234", "access.password_weak"),
        (2, "short", "access.key_weak"),
        (2, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "access.key_weak"),
        (3, "changeme-changeme-changeme-changeme", "access.key_weak"),
        (3, API_KEY, "access.key_weak"),
    ] {
        let weak = input(|all| all[at] = Some(value.to_owned())).unwrap().unwrap();
        let error = bootstrap(&bench.rows, weak, NOON, |_, _| panic!("too weak for that")).await.unwrap_err();
        assert_eq!(error.code, code, "{value}");
    }
    assert_eq!(bench.get(Who::Nobody, "/setup").await.body, json!({"needed": true}));
    assert!(!format!("{:?}", input(|_| {}).unwrap().unwrap()).contains(PASSWORD), "secrets cannot be printed");
}
