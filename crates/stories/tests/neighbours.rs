//! Two workspaces in one house, with the same names, the same people's ids and the same message ids: neither sees, counts,
//! changes or reaches anything of the other.
//!
//! The API makes one workspace; the second is laid into the rows here, as an operator would have to.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

mod support;

use std::path::Path;

use base64::Engine;
use futures::StreamExt;
use reqwest::Method;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::picture::{View, all_of, must_be_same, picture_of};
use support::receiver::{Receiver, Temper};
use support::at_rest;
use weft_kernel::{Actor, Clock, Scope, SystemClock, WorkspaceId};
use weft_meta_store::Rows;
use weft_stories::{API_KEY, EMAIL, PASSWORD, WRITE_KEY, Weft, eventually};

const NEXT_DOOR: &str = "wk_nB7xQ2vL9sKd4Fh8Jm3Rt6Yz1Wc5Gp0E";
const PEOPLE: usize = 20;

/// A workspace of its own, with a key that may everything in it; the administrator of the first works in both.
async fn found_second_workspace(folder: &Path) -> u32 {
    let rows = Rows::open(&format!("sqlite:{}", folder.join("rows.db").display())).await.unwrap();
    let now = SystemClock.now();
    let mut unit = rows.begin(&Scope { workspace: WorkspaceId(0), actor: Actor::System }, "found_workspace", now).await.unwrap();
    let sql = |text: &str, values: Vec<sea_orm::Value>| Statement::from_sql_and_values(DbBackend::Sqlite, text, values);
    let insert = sql("insert into workspaces (name, time_zone, currency, created_at) values (?, ?, ?, ?)", vec!["Next door".into(), "Asia/Shanghai".into(), "CNY".into(), now.0.into()]);
    let id = unit.tx().execute_raw(insert).await.unwrap().last_insert_id();
    let workspace = WorkspaceId(u32::try_from(id).unwrap());
    unit.move_to(workspace).await.unwrap();
    let digest = hex::encode(Sha256::digest(NEXT_DOOR));
    let key = "insert into api_keys (id, workspace, name, prefix, digest, permissions, created_by, created_at) values (?, ?, 'next door', 'wk_nB7', ?, '[\"*\"]', 'system', ?)";
    unit.tx().execute_raw(sql(key, vec!["key_nextdoor".into(), (id as i64).into(), digest.into(), now.0.into()])).await.unwrap();
    let member = "insert into members (workspace, user, role, created_at) select ?, user, role, created_at from members";
    unit.tx().execute_raw(sql(member, vec![(id as i64).into()])).await.unwrap();
    unit.announce("workspace", "workspace_defined", json!({"name": "Next door", "time_zone": "Asia/Shanghai", "currency": "CNY"}));
    unit.commit().await.unwrap();
    rows.close().await.unwrap();
    workspace.0
}

async fn collect(weft: &Weft, write_key: &str, calls: Vec<Value>) {
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{write_key}:"));
    let answer = weft.request(Method::POST, "/v1/batch").header("authorization", format!("Basic {basic}")).json(&json!({"batch": calls})).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

/// The same people by their ids, living another life: `mark` stands in every trait.
fn life(mark: &str, people: usize) -> Vec<Value> {
    let mut calls = Vec::new();
    for i in 0..people {
        let user = format!("u{i}");
        let traits = json!({"name": format!("{mark} {i}"), "email": format!("u{i}@example.com"), "city": mark});
        calls.push(json!({"type": "identify", "userId": user, "anonymousId": format!("a{i}"), "messageId": format!("i{i}"), "traits": traits}));
        calls.push(json!({"type": "track", "userId": user, "messageId": format!("s{i}"), "event": "Signed Up", "properties": {"mark": mark}}));
    }
    calls
}

/// Rooms furnished alike: what differs is whose they are.
async fn furnish(view: View<'_>, receiver: &Receiver) {
    view.put("/settings/sending", receiver.sending(false)).await;
    let template = view.post("/templates", receiver.template("hello")).await["id"].clone();
    let ladder = json!({"values": [{"value": "new", "condition": {"event": {"name": "Signed Up"}}}], "otherwise": "nobody"});
    view.put("/catalog/goods/cup", json!({"name": "Cup", "attributes": {"price": 10}})).await;
    view.post("/catalog/tags", json!({"name": "band", "type": "goods", "title": "Band", "rule": {"values": [{"value": "low", "condition": {"attribute": {"name": "price", "gte": 1}}}]}})).await;
    view.post("/models", json!({"name": "alike", "title": "Alike", "kind": "clusters", "settings": {}})).await;
    view.post("/tags", json!({"name": "stage", "title": "Stage", "rule": ladder})).await;
    let segment = view.post("/segments", json!({"name": "newcomers", "condition": {"event": {"name": "Signed Up"}}})).await["id"].clone();
    view.post("/segments:portrait", json!({"segment": segment})).await;
    let plan = json!({"entry": {"segment": segment}, "start": "send", "nodes": [{"id": "send", "type": "send", "channel": "webhook", "template": template, "next": null}]});
    let id = view.post("/journeys", json!({"name": "welcome", "plan": plan})).await["id"].as_str().unwrap().to_owned();
    view.post(&format!("/journeys/{id}:publish"), json!({})).await;
}

async fn first_id(view: View<'_>, path: &str) -> String {
    all_of(view, path).await[0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn neighbours_see_nothing_of_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, theirs) = (Receiver::start(Temper::always).await, Receiver::start(Temper::always).await);
    let weft = Weft::start_in(folder.path(), &[]).await;
    assert!(weft.stop().await);
    let second = found_second_workspace(folder.path()).await;
    assert_eq!(second, 2);
    let weft = Weft::start_in(folder.path(), &[]).await;
    let (ours, next_door) = (View { weft: &weft, key: API_KEY }, View { weft: &weft, key: NEXT_DOOR });

    furnish(ours, &receiver).await;
    ours.put("/catalog/goods/only-ours", json!({"name": "ours", "attributes": {"price": 99}})).await;
    collect(&weft, WRITE_KEY, life("ours", PEOPLE)).await;
    at_rest(&weft).await;
    assert_eq!(receiver.taken(), PEOPLE as u64);
    let before = picture_of(ours).await;
    let audit_before = all_of(ours, "/audit").await;

    // An empty house next door, until somebody moves in.
    for path in ["/people", "/segments", "/templates", "/journeys", "/deliveries", "/sources", "/events", "/events/names", "/traits", "/outcomes", "/imports", "/blacklist", "/catalog/goods", "/catalog/tags"] {
        assert_eq!(next_door.get(path).await["items"], json!([]), "{path}");
    }
    assert_eq!(next_door.get("/home").await["people"], 0);
    furnish(next_door, &theirs).await;
    let source = next_door.post("/sources", json!({"name": "default", "kind": "server"})).await;
    let their_key = source["write_key"].as_str().unwrap().to_owned();
    collect(&weft, &their_key, life("theirs", PEOPLE + 5)).await;
    eventually("their messages to arrive", || async { (theirs.taken() == PEOPLE as u64 + 5).then_some(()) }).await;
    at_rest(&weft).await;

    // The same ids were two events, two people and two messages; and we have noticed nothing.
    assert_eq!(receiver.taken(), PEOPLE as u64);
    must_be_same(&before, &picture_of(ours).await);
    let person = next_door.get("/people?identifier=user_id:u1").await["items"][0].clone();
    assert_eq!(person["traits"]["city"], "theirs", "{person}");
    for (view, mark, people) in [(ours, "ours", PEOPLE), (next_door, "theirs", PEOPLE + 5)] {
        assert_eq!(all_of(view, "/people").await.len(), people);
        assert_eq!(view.get("/home").await["people"], people);
        let found = view.get("/people?q=u1@example.com").await;
        assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
        assert_eq!(view.get("/people?q=ours").await["items"].as_array().unwrap().is_empty(), mark != "ours");
        assert_eq!(view.post("/segments:count", json!({"condition": {"trait": {"name": "city", "eq": mark}}})).await["count"], people);
        let recent = all_of(view, "/events").await;
        assert!(!recent.is_empty());
        let foreign = if mark == "ours" { "theirs" } else { "ours" };
        assert!(recent.iter().all(|e| !e.to_string().contains(&format!("\"{foreign}"))), "{mark} see events of {foreign}");
        for sql in [
            "select count(*) from events where name = 'Signed Up'",
            "select count(*) from (select person from people union all select person from people where false) as x",
            "select count(*) from identifiers where type = 'user_id'",
            "select count(*) from memberships",
            "select count(*) from deliveries",
            "with all_of_them as (select * from events) select count(distinct e.person) from all_of_them e join people p on p.person = e.person",
            "select count(distinct atom) from events where user_id is not null",
        ] {
            assert_eq!(view.query(sql).await, json!([[people]]), "{sql} for {mark}");
        }
        // However it is asked, no row of the other is among them.
        for sql in [
            format!("select count(*) from events where workspace <> {}", if mark == "ours" { 1 } else { second }),
            format!("select count(*) from events where workspace = {} or 1 = 1 and properties like '%\"{foreign}\"%'", if mark == "ours" { second } else { 1 }),
            format!("select count(*) from people where traits like '%{foreign}%'"),
        ] {
            let answer = weft.call_as(view.key, Method::POST, "/query", Some(json!({"sql": sql}))).await;
            assert!(answer.status == 400 || answer.body["rows"] == json!([[0]]), "{sql} for {mark}: {} {}", answer.status, answer.body);
        }
        let funnel = view.post("/analytics/funnels:run", json!({"steps": [{"name": "Signed Up"}], "within": "7d"})).await;
        assert_eq!(funnel["steps"][0]["people"], people, "{funnel}");
    }

    nothing_of_ours_can_be_touched(&weft, ours, next_door).await;
    must_be_same(&before, &picture_of(ours).await);
    assert_eq!(all_of(ours, "/audit").await.len(), audit_before.len(), "what they do is on their record, not on ours");
    for view in [ours, next_door] {
        assert_eq!(view.post("/audit:verify", json!({})).await["whole"], true);
    }
    each_watches_only_her_own(&weft, next_door, &their_key).await;
    a_member_of_both_works_in_one_at_a_time(&weft, second).await;

    // A rebuild keeps them apart too.
    at_rest(&weft).await;
    let pictures = (picture_of(ours).await, picture_of(next_door).await);
    assert!(weft.stop().await);
    let (is_rebuilt, _, said) = Weft::run(folder.path(), &[], &["rebuild"]).await;
    assert!(is_rebuilt, "{said}");
    let weft = Weft::start_in(folder.path(), &[]).await;
    at_rest(&weft).await;
    must_be_same(&pictures.0, &picture_of(View { weft: &weft, key: API_KEY }).await);
    must_be_same(&pictures.1, &picture_of(View { weft: &weft, key: NEXT_DOOR }).await);
}

/// Every door that names a thing, with a thing of ours, by the administrator of the neighbours: there is no such thing.
async fn nothing_of_ours_can_be_touched(weft: &Weft, ours: View<'_>, next_door: View<'_>) {
    let things = [
        ("/people/{id}", first_id(ours, "/people").await),
        ("/segments/{id}", first_id(ours, "/segments").await),
        ("/templates/{id}", first_id(ours, "/templates").await),
        ("/tags/{id}", first_id(ours, "/tags").await),
        ("/catalog/tags/{id}", first_id(ours, "/catalog/tags").await),
        ("/duplicates/{id}", "dup_ours".to_owned()),
        ("/models/{id}", first_id(ours, "/models").await),
        ("/portraits/{id}", first_id(ours, "/portraits").await),
        ("/journeys/{id}", first_id(ours, "/journeys").await),
        ("/deliveries/{id}", first_id(ours, "/deliveries").await),
        ("/sources/{id}", first_id(ours, "/sources").await),
        ("/keys/{id}", first_id(ours, "/keys").await),
        ("/imports/{id}", "imp_ours".to_owned()),
    ];
    let our_person = things[0].1.clone();
    let document: Value = weft.request(Method::GET, "/api/v1/openapi.json").send().await.unwrap().json().await.unwrap();
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.trim_start_matches("/api/v1");
        let Some((place, id)) = things.iter().find(|(place, _)| path.starts_with(place)) else { continue };
        let name = place.split('{').next().unwrap();
        let named = path.replacen(place, &format!("{name}{id}"), 1).replace("{person}", &our_person);
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let body = (method != Method::GET).then(|| body_for(&named, &our_person));
            let answer = weft.call_as(next_door.key, method.clone(), &named, body).await;
            tried += 1;
            if path == "/people/{id}:consent" {
                // A word said about nobody: it is taken, and changes nobody. The pictures show that.
                assert!(answer.status == 200 || answer.status == 404, "{method} {named}: {} {}", answer.status, answer.body);
                continue;
            }
            assert_eq!(answer.status, 404, "{method} {named}: {}", answer.body);
            // Not there at all is said in the same words.
            let absent = weft.call_as(next_door.key, method.clone(), &named.replace(id.as_str(), "nothing_at_all"), (method != Method::GET).then(|| body_for(&named, &our_person))).await;
            assert_eq!(absent.body["code"], answer.body["code"], "{method} {named}");
        }
    }
    assert!(tried > 30, "only {tried} doors were tried");
    // A thing is made by saying what it is, so only what is there already can be missed.
    for (method, path) in [(Method::GET, "/catalog/goods/only-ours"), (Method::POST, "/catalog/goods/only-ours:archive"), (Method::POST, "/catalog/goods/only-ours:restore")] {
        let answer = weft.call_as(next_door.key, method, path, None).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (404, Some("catalog.thing_not_found")), "{path}: {}", answer.body);
    }
    // Naming a thing of ours inside of a thing of theirs.
    let (segment, template) = (&things[1].1, &things[2].1);
    for plan in [
        json!({"entry": {"segment": segment}, "start": "x", "nodes": [{"id": "x", "type": "exit"}]}),
        json!({"entry": {"event": {"name": "x"}}, "start": "x", "nodes": [{"id": "x", "type": "send", "channel": "webhook", "template": template}]}),
    ] {
        let draft = next_door.post("/journeys", json!({"name": format!("borrowed {plan}")[..60], "plan": plan})).await;
        let publish = weft.call_as(next_door.key, Method::POST, &format!("/journeys/{}:publish", draft["id"].as_str().unwrap()), Some(json!({}))).await;
        assert_eq!((publish.status, publish.body["code"].as_str()), (400, Some("journeys.plan_invalid")), "{}", publish.body);
    }
    let counted = weft.call_as(next_door.key, Method::POST, "/segments:count", Some(json!({"condition": {"segment": segment}}))).await;
    assert!(counted.status == 400 || counted.body["count"] == 0, "{}", counted.body);
    let preview = json!({"channel": "webhook", "webhook_url": "https://example.com", "fields": {"name": "{{ person.name }}"}, "person": our_person});
    let preview = weft.call_as(next_door.key, Method::POST, "/templates:preview", Some(preview)).await;
    assert!(!preview.body.to_string().contains("ours"), "{}", preview.body);
}

/// Whatever each door would take from its own people.
fn body_for(path: &str, person: &str) -> Value {
    if path.ends_with(":explain") || path.ends_with(":simulate") {
        return json!({"person": person});
    }
    if path.ends_with(":consent") {
        return json!({"granted": false});
    }
    if path.ends_with(":unmerge") {
        return json!({"identifiers": [{"type": "user_id", "value": "u1"}]});
    }
    if path.ends_with(":merge") {
        return json!({"with": person});
    }
    if path.ends_with("members:add") || path.ends_with("members:remove") {
        return json!({"id_type": "user_id", "ids": ["u1"]});
    }
    if path.starts_with("/catalog/tags") && path.ends_with(":assign") {
        return json!({"things": ["cup"], "value": "low"});
    }
    if path.ends_with("people:assign") {
        return json!({"people": [], "value": "x"});
    }
    if path.ends_with(":share") {
        return json!({"with": "workspace", "can": "read"});
    }
    if path.ends_with(":hand_over") {
        return json!({"owner": "usr_nobody"});
    }
    if path.ends_with(":use_as") {
        return json!({"pool": "exclusion"});
    }
    if path.ends_with(":test") {
        return json!({"to": "https://example.com"});
    }
    match path.split('/').nth(1) {
        Some("segments") => json!({"name": "taken over", "condition": {"trait": {"name": "city", "exists": true}}}),
        Some("catalog") => json!({"title": "taken over", "rule": {"assigned": [{"value": "x"}]}}),
        Some("tags") => json!({"title": "taken over", "rule": {"values": [{"value": "x", "condition": {"event": {"name": "x"}}}]}}),
        Some("models") => json!({"title": "taken over", "kind": "clusters", "settings": {}}),
        Some("templates") => json!({"name": "taken over", "channel": "webhook", "webhook_url": "https://example.com"}),
        Some("journeys") => json!({"name": "taken over", "plan": {"entry": {"event": {"name": "x"}}, "nodes": [], "start": null}}),
        _ => json!({}),
    }
}

async fn each_watches_only_her_own(weft: &Weft, next_door: View<'_>, their_key: &str) {
    let stream = weft.request(Method::GET, "/api/v1/events/live").bearer_auth(next_door.key).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    collect(weft, WRITE_KEY, vec![json!({"type": "track", "userId": "u1", "messageId": "secret-of-ours", "event": "Secret"})]).await;
    weft.settled().await;
    collect(weft, their_key, vec![json!({"type": "track", "userId": "u1", "messageId": "news-of-theirs", "event": "News"})]).await;
    let mut chunks = stream.bytes_stream();
    let mut heard = String::new();
    while !heard.contains("news-of-theirs") {
        let chunk = chunks.next().await.expect("the stream goes on").unwrap();
        heard.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert!(!heard.contains("secret-of-ours"), "{heard}");
}

async fn a_member_of_both_works_in_one_at_a_time(weft: &Weft, second: u32) {
    for (workspace, people) in [("wsp_1".to_owned(), PEOPLE), (format!("wsp_{second}"), PEOPLE + 5)] {
        let sign_in = json!({"email": EMAIL, "password": PASSWORD, "workspace": workspace});
        let answer = weft.request(Method::POST, "/api/v1/session").json(&sign_in).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{workspace}");
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let session: Value = weft.request(Method::GET, "/api/v1/session").header("cookie", &cookie).send().await.unwrap().json().await.unwrap();
        assert_eq!(session["workspace"]["id"], workspace.as_str(), "{session}");
        let home: Value = weft.request(Method::GET, "/api/v1/home").header("cookie", &cookie).send().await.unwrap().json().await.unwrap();
        assert_eq!(home["people"], people, "{workspace}");
    }
    let elsewhere = json!({"email": EMAIL, "password": PASSWORD, "workspace": "wsp_3"});
    let answer = weft.request(Method::POST, "/api/v1/session").json(&elsewhere).send().await.unwrap();
    assert_eq!(answer.status(), 401);
}
