//! Three marketers and an administrator ask the same questions of the same segments: each sees and changes what is shared with her,
//! by whichever door she comes.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

use reqwest::Method;
use serde_json::{Value, json};
use weft_stories::{EMAIL, PASSWORD, Weft};

/// Somebody at the console.
struct User<'a> {
    weft: &'a Weft,
    id: String,
    cookie: String,
}

impl User<'_> {
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.weft.request(method, &format!("/api/v1{path}")).header("cookie", &self.cookie).header("x-weft-console", "1");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, None).await
    }
    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, Some(body)).await
    }
    async fn must(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.post(path, body).await;
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    }
    async fn names(&self, path: &str) -> Vec<String> {
        let (status, answer) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {answer}");
        let mut names: Vec<String> = answer["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap_or_default().to_owned()).collect();
        names.sort_unstable();
        names
    }
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

async fn sign_in<'a>(weft: &'a Weft, email: &str, password: &str) -> User<'a> {
    let answer = weft.request(Method::POST, "/api/v1/session").json(&json!({"email": email, "password": password})).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{email}");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let user = User { weft, id: String::new(), cookie };
    let session = user.get("/session").await.1;
    User { id: session["user"]["id"].as_str().unwrap().to_owned(), ..user }
}

async fn marketer<'a>(weft: &'a Weft, name: &str) -> User<'a> {
    let email = format!("{name}@example.com");
    let added = weft.post("/members", json!({"email": email, "name": name, "role": "marketer"})).await;
    sign_in(weft, &email, added["first_password"].as_str().unwrap()).await
}

/// What each door of the room would take from somebody who may.
fn body_for(path: &str, person: &str) -> Value {
    match path.rsplit_once(':').map_or("", |(_, verb)| verb) {
        "explain" => json!({"person": person}),
        "add" | "remove" => json!({"id_type": "user_id", "ids": ["u1"]}),
        "share" => json!({"with": "workspace", "can": "edit"}),
        "hand_over" => json!({"owner": "usr_nobody"}),
        "use_as" => json!({"pool": null}),
        "archive" => json!({}),
        _ => json!({"name": "renamed", "condition": {"event": {"name": "Signed Up"}}}),
    }
}

/// Every door of the room that names a segment: method and path.
async fn doors(weft: &Weft) -> Vec<(Method, String)> {
    let document: Value = weft.request(Method::GET, "/api/v1/openapi.json").send().await.unwrap().json().await.unwrap();
    let mut doors = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.trim_start_matches("/api/v1");
        if path.starts_with("/segments/{id}") {
            doors.extend(methods.as_object().unwrap().keys().map(|method| (method.to_uppercase().parse().unwrap(), path.to_owned())));
        }
    }
    assert!(doors.len() >= 12, "only {} doors", doors.len());
    doors
}

#[tokio::test]
async fn each_sees_and_changes_what_is_shared_with_her() {
    let weft = Weft::start().await;
    let (ann, bob, eve) = (marketer(&weft, "ann").await, marketer(&weft, "bob").await, marketer(&weft, "eve").await);
    let administrator = sign_in(&weft, EMAIL, PASSWORD).await;
    weft.send(&[json!({"type": "track", "userId": "u1", "messageId": "s1", "event": "Signed Up"})]).await;
    weft.settled().await;
    let person = weft.get("/people?identifier=user_id:u1").await["items"][0]["id"].as_str().unwrap().to_owned();
    let make = |name: &str| json!({"name": name, "condition": {"event": {"name": "Signed Up"}}});

    // By default everybody sees and changes it, and it is its maker's.
    let open = ann.must("/segments", make("open")).await;
    assert_eq!((open["owner"].as_str(), open["owner_name"].as_str(), open["right"].as_str()), (Some(ann.id.as_str()), Some("ann"), Some("own")));
    assert_eq!(open["sharing"], json!({"with": "workspace", "can": "edit"}));
    let path = format!("/segments/{}", open["id"].as_str().unwrap());
    assert_eq!(bob.get(&path).await.1["right"], "edit");
    assert_eq!(bob.ask(Method::PUT, &path, Some(make("open to all"))).await.0, 200);
    assert_eq!(code(&bob.post(&format!("{path}:share"), json!({"with": "workspace", "can": "read"})).await), (403, "segments.not_yours"));

    // Shared by name: Bob may look at one and change the other, Eve sees neither.
    let read = ann.must("/segments", make("to read")).await["id"].as_str().unwrap().to_owned();
    let edit = ann.must("/segments", make("to edit")).await["id"].as_str().unwrap().to_owned();
    for (id, can) in [(&read, "read"), (&edit, "edit")] {
        ann.must(&format!("/segments/{id}:share"), json!({"with": "named", "users": [{"id": bob.id, "can": can}]})).await;
    }
    let stranger = json!({"with": "named", "users": [{"id": "usr_nobody", "can": "read"}]});
    assert_eq!(code(&ann.post(&format!("/segments/{read}:share"), stranger).await), (400, "segments.user_not_found"));
    let all = ["open to all", "to edit", "to read"];
    for (user, names) in [(&ann, &all[..]), (&bob, &all), (&administrator, &all), (&eve, &all[..1])] {
        assert_eq!(user.names("/segments").await, names);
        let mut of_person = user.names(&format!("/people/{person}/segments")).await;
        of_person.sort_unstable();
        assert_eq!(of_person, names);
    }
    assert_eq!(weft.get("/segments").await["items"].as_array().unwrap().len(), 3, "a key acts for the workspace");
    assert_eq!(eve.names("/segments?owner=me").await, Vec::<String>::new());
    assert_eq!(ann.names("/segments?owner=me").await, all);
    assert_eq!(bob.names(&format!("/segments?owner={}", ann.id)).await, all);

    // By every door: not there for Eve; to be looked at by Bob, and not changed.
    for (method, door) in doors(&weft).await {
        let path = door.replace("{id}", &read);
        let body = (method != Method::GET).then(|| body_for(&door, &person));
        let hers = eve.ask(method.clone(), &path, body.clone()).await;
        assert_eq!(code(&hers), (404, "segments.not_found"), "{method} {door}");
        let nothing = eve.ask(method.clone(), &door.replace("{id}", "seg_nothing"), body.clone()).await;
        assert_eq!(nothing.1["code"], hers.1["code"], "{method} {door}");
        let is_question = method == Method::GET || door.ends_with(":explain");
        let his = bob.ask(method.clone(), &path, body).await;
        assert_eq!(code(&his), if is_question { (200, "") } else { (403, "segments.not_yours") }, "{method} {door}: {}", his.1);
    }
    // What is shared to edit may be changed, and not given away.
    assert_eq!(bob.ask(Method::PUT, &format!("/segments/{edit}"), Some(make("to edit"))).await.0, 200);
    assert_eq!(code(&bob.post(&format!("/segments/{edit}:hand_over"), json!({"owner": bob.id})).await), (403, "segments.not_yours"));

    // Naming it in a question, in a condition, in another room.
    let open = open["id"].as_str().unwrap();
    let hidden = json!({"segment": read});
    let plan = json!({"entry": {"segment": read}, "start": "x", "nodes": [{"id": "x", "type": "exit"}]});
    let branch = json!({"entry": {"event": {"name": "x"}}, "start": "b", "nodes": [{"id": "b", "type": "branch", "branches": [{"name": "in", "condition": hidden}]}]});
    let asked = [
        ("/segments:count", json!({"condition": {"not": hidden}}), (400, "segments.segment_not_found")),
        ("/segments", json!({"name": "on it", "condition": {"any": [hidden, {"segment": open}]}}), (400, "segments.segment_not_found")),
        ("/segments", json!({"name": "frozen", "list": {"snapshot_of": read}}), (400, "segments.segment_not_found")),
        ("/segments:overlap", json!({"segments": [open, read]}), (404, "segments.not_found")),
        ("/segments:portrait", json!({"segment": read}), (400, "portraits.segment_not_found")),
        ("/segments:portrait", json!({"segment": open, "against": read}), (400, "portraits.segment_not_found")),
        ("/segments:portrait", json!({"condition": hidden}), (400, "segments.segment_not_found")),
        ("/journeys", json!({"name": "begins with it", "plan": plan}), (400, "segments.segment_not_found")),
        ("/journeys", json!({"name": "asks for it", "plan": branch}), (400, "segments.segment_not_found")),
        ("/models", json!({"name": "alike", "title": "Alike", "kind": "look_alike", "settings": {"seed": read, "size": 1}}), (400, "segments.segment_not_found")),
        ("/models", json!({"name": "groups", "title": "Groups", "kind": "clusters", "population": hidden, "settings": {}}), (400, "segments.segment_not_found")),
        ("/analytics/funnels:run", json!({"steps": [{"name": "Signed Up"}], "within": "7d", "segment": read}), (404, "segments.not_found")),
        ("/analytics/trends:run", json!({"event": {"name": "Signed Up"}, "interval": "day", "from": "2026-01-01T00:00:00Z", "to": "2026-01-03T00:00:00Z", "segment": read}), (404, "segments.not_found")),
    ];
    for (path, body, refused) in &asked {
        assert_eq!(code(&eve.post(path, body.clone()).await), *refused, "{path} {body}");
    }
    assert!(!eve.must("/segments:describe", json!({"condition": hidden, "lang": "en"})).await.to_string().contains("to read"));
    for (path, body, _) in asked {
        let (status, answer) = bob.post(path, body.clone()).await;
        assert_eq!(status, 200, "{path} {body}: {answer}");
    }
    // What he made of it is everybody's, and goes on; who may not read it keeps what stands there, and no more.
    let on_it = bob.get("/segments?q=on it").await.1["items"][0].clone();
    let (path, condition) = (format!("/segments/{}", on_it["id"].as_str().unwrap()), on_it["condition"].clone());
    assert_eq!(eve.ask(Method::PUT, &path, Some(json!({"name": "built on it", "condition": condition}))).await.0, 200);
    assert_eq!(code(&eve.ask(Method::PUT, &path, Some(json!({"name": "built on it", "condition": hidden}))).await), (400, "segments.segment_not_found"));
    assert_eq!(eve.get(&path).await.1["count"], 1);
    // Portraits of it are as hidden as it is.
    let portraits = bob.get("/portraits").await.1["items"].as_array().unwrap().clone();
    assert_eq!((portraits.len(), eve.get("/portraits").await.1["items"].as_array().unwrap().len()), (3, 0));
    for portrait in portraits {
        let path = format!("/portraits/{}", portrait["id"].as_str().unwrap());
        assert_eq!((code(&eve.get(&path).await), bob.get(&path).await.0), ((404, "portraits.not_found"), 200));
    }

    // Handed over, it is Eve's; the audit keeps what was before.
    assert_eq!(administrator.post(&format!("/segments/{read}:hand_over"), json!({"owner": eve.id})).await.0, 200);
    assert_eq!(eve.get(&format!("/segments/{read}")).await.1["right"], "own");
    assert_eq!(ann.get(&format!("/segments/{read}")).await.0, 404);
    assert_eq!(code(&administrator.post(&format!("/segments/{read}:hand_over"), json!({"owner": "usr_nobody"})).await), (400, "segments.user_not_found"));
    let entries = weft.get(&format!("/audit?target={read}")).await["items"].as_array().unwrap().clone();
    for operation in ["share_segment", "hand_over_segment"] {
        let entry = entries.iter().find(|e| e["operation"] == operation).unwrap_or_else(|| panic!("{operation} is not in {entries:?}"));
        let entry = weft.get(&format!("/audit/{}", entry["id"])).await;
        assert!(!entry["before"].is_null() && entry["before"] != entry["after"], "{entry}");
    }
}

#[tokio::test]
async fn a_tag_has_an_owner_who_hands_it_over() {
    let weft = Weft::start().await;
    let (ann, bob) = (marketer(&weft, "ann").await, marketer(&weft, "bob").await);
    let rule = json!({"values": [{"value": "x", "condition": {"event": {"name": "x"}}}]});
    let tag = ann.must("/tags", json!({"name": "stage", "title": "Stage", "rule": rule})).await;
    assert_eq!((tag["owner"].as_str(), tag["owner_name"].as_str()), (Some(ann.id.as_str()), Some("ann")));
    let path = format!("/tags/{}:hand_over", tag["id"].as_str().unwrap());
    assert_eq!(code(&bob.post(&path, json!({"owner": bob.id})).await), (403, "tags.not_yours"));
    assert_eq!(code(&ann.post(&path, json!({"owner": "usr_nobody"})).await), (400, "tags.user_not_found"));
    assert_eq!((ann.names("/tags?owner=me").await.len(), bob.names("/tags?owner=me").await.len()), (1, 0));
    assert_eq!(ann.must(&path, json!({"owner": bob.id})).await["owner_name"], "bob");
    assert_eq!((ann.names("/tags?owner=me").await.len(), bob.names("/tags?owner=me").await.len()), (0, 1));
}

#[tokio::test]
async fn a_pool_is_made_of_a_segment_and_kept_from_harm() {
    let weft = Weft::start().await;
    let held = weft.post("/segments", json!({"name": "held out", "sample": {"percent": 5.0}})).await;
    let id = held["id"].as_str().unwrap();
    assert_eq!((held["kind"].as_str(), &held["sample"], &held["pool"]), (Some("sample"), &json!({"percent": 5.0, "salt": id}), &Value::Null));
    let path = format!("/segments/{id}");
    assert_eq!(weft.post(&format!("{path}:use_as"), json!({"pool": "control"})).await["pool"], "control");
    let refused = weft.call(Method::POST, &format!("{path}:archive"), Some(json!({}))).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (409, Some("segments.is_pool")), "{}", refused.body);
    for (body, code) in [
        (json!({"name": "held out", "condition": {"event": {"name": "x"}}}), "segments.is_sample"),
        (json!({"name": "held out", "sample": {"percent": 100}}), "segments.sample_invalid"),
    ] {
        let refused = weft.call(Method::PUT, &path, Some(body)).await;
        assert_eq!((refused.status, refused.body["code"].as_str()), (400, Some(code)), "{}", refused.body);
    }
    // A larger share keeps its salt, and with it whom it had.
    let larger = weft.put(&path, json!({"name": "held out", "sample": {"percent": 7.5}})).await;
    assert_eq!((&larger["sample"], &larger["version"], &larger["pool"]), (&json!({"percent": 7.5, "salt": id}), &json!(2), &json!("control")));
    assert_eq!(weft.put(&path, json!({"name": "hold-out"})).await["sample"]["percent"], 7.5);
    weft.post(&format!("{path}:use_as"), json!({"pool": null})).await;
    assert_eq!(weft.post(&format!("{path}:archive"), json!({})).await["state"], "archived");
}
