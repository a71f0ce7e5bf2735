//! Every door of the API is locked as its description says: tried one by one, with no key, the wrong kinds of key, a key that
//! may nothing, and a key of each role.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

use std::collections::BTreeSet;

use reqwest::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use weft_stories::{API_KEY, EMAIL, PASSWORD, WRITE_KEY, Weft};

/// Doors that stand open on purpose. Whoever opens another one has to write it down here, and say why at the door.
const OPEN: [(&str, &str); 3] = [("GET", "/api/v1/setup"), ("POST", "/api/v1/setup"), ("POST", "/api/v1/session")];
/// One's own affairs: for anybody who is signed in.
const SIGNED_IN: [(&str, &str); 5] = [
    ("GET", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("PUT", "/api/v1/session/password"),
    ("GET", "/api/v1/roles"),
    ("GET", "/api/v1/home"),
];
/// Outside of the API, without a key. Collection and links check their own.
const SIGNS_OF_LIFE: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"];

/// Answers of which the document says nothing: a file, and a stream without end.
const WITHOUT_A_SHAPE: [&str; 2] = ["get_rejected", "watch_events"];

#[derive(Clone, Debug)]
struct Door {
    method: Method,
    path: String,
    /// As the document says it: a permission, `signed in`, or nothing for an open door.
    lock: Option<String>,
}

impl Door {
    fn name(&self) -> (String, String) {
        (self.method.to_string(), self.path.clone())
    }
    fn is_open(&self) -> bool {
        self.lock.is_none()
    }
    fn is_own_affair(&self) -> bool {
        self.lock.as_deref() == Some("signed in")
    }
    fn permission(&self) -> Option<&str> {
        self.lock.as_deref().filter(|_| !self.is_own_affair())
    }
    fn changes(&self) -> bool {
        self.method != Method::GET
    }
    /// With something in the place of each name, and something to read as a body.
    fn knock(&self, weft: &Weft) -> RequestBuilder {
        let request = weft.request(self.method.clone(), &self.path.replace(['{', '}'], ""));
        if self.changes() { request.json(&json!({})) } else { request }
    }
}

async fn document(weft: &Weft) -> Value {
    weft.request(Method::GET, "/api/v1/openapi.json").send().await.unwrap().json().await.unwrap()
}

async fn doors(weft: &Weft) -> Vec<Door> {
    let document = document(weft).await;
    let mut doors = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let lock = operation["x-permission"].as_str().map(str::to_owned);
            if lock.is_none() {
                assert!(operation["x-open-because"].as_str().is_some_and(|why| why.len() > 10), "{method} {path} stands open and does not say why");
            }
            doors.push(Door { method: method.to_uppercase().parse().unwrap(), path: path.clone(), lock });
        }
    }
    assert!(doors.len() > 60, "only {} doors are described", doors.len());
    doors
}

/// The status; of a refusal also its code. An endless answer is not waited for.
async fn status(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    if status < 400 {
        return (status, String::new());
    }
    let problem: Value = answer.json().await.unwrap_or_default();
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

fn named(pairs: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    pairs.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect()
}

async fn key_with(weft: &Weft, name: &str, permissions: &[Value]) -> String {
    weft.post("/keys", json!({"name": name, "permissions": permissions})).await["key"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_door_opens_without_a_key_or_with_one_of_the_wrong_kind() {
    let weft = Weft::start().await;
    let doors = doors(&weft).await;
    let open: BTreeSet<_> = doors.iter().filter(|d| d.is_open()).map(Door::name).collect();
    assert_eq!(open, named(&OPEN), "these doors stand open");
    let own: BTreeSet<_> = doors.iter().filter(|d| d.is_own_affair()).map(Door::name).collect();
    assert_eq!(own, named(&SIGNED_IN), "these doors ask for nothing but a key");

    let basic = |key: &str| {
        use base64::Engine;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{key}:")))
    };
    let wrong = [
        format!("Bearer {WRITE_KEY}"),
        "Bearer ".to_owned(),
        format!("Bearer {}", &API_KEY[..API_KEY.len() - 1]),
        format!("Bearer {}", API_KEY.to_lowercase()),
        basic(API_KEY),
        basic(WRITE_KEY),
        API_KEY.to_owned(),
    ];
    for door in doors.iter().filter(|d| !d.is_open()) {
        let (bare, code) = status(door.knock(&weft)).await;
        assert_eq!((bare, code.as_str()), (401, "access.not_signed_in"), "{door:?} without a key");
        for credential in &wrong {
            let (answer, _) = status(door.knock(&weft).header(AUTHORIZATION, credential)).await;
            assert_eq!(answer, 401, "{door:?} with {credential}");
        }
        let (answer, code) = status(door.knock(&weft).header(COOKIE, "weft_session=c2hhbGwgbm90IHBhc3M; a=b")).await;
        assert_eq!((answer, code.as_str()), (401, "access.session_ended"), "{door:?} with a cookie that is not ours");
        // A key in the URL is no key: it would stand in everybody's logs.
        let url = door.knock(&weft).query(&[("api_key", API_KEY), ("token", API_KEY), ("writeKey", WRITE_KEY)]);
        assert_eq!(status(url).await.0, 401, "{door:?} with a key in the URL");
    }
    // What the verbs are called inside opens no other way in, and neither do other spellings.
    for path in ["/api/v1/journeys/x/~publish", "/api/v1/segments/~count", "/api/v1//people", "/api/v1/people/../people", "/api/v1/people/"] {
        let method = if path.contains('~') { Method::POST } else { Method::GET };
        let (answer, _) = status(weft.request(method, path)).await;
        assert!(answer == 401 || answer == 404, "{path}: {answer}");
    }
    for path in SIGNS_OF_LIFE {
        let answer = weft.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let told = answer.text().await.unwrap();
        assert!(!told.contains(EMAIL) && !told.contains(API_KEY) && !told.contains(WRITE_KEY), "{path} tells too much");
    }
    // After the set-up the one-time token is worth nothing, and there is none.
    assert_eq!(weft.setup_token, None);
    let setup = json!({"token": "x", "workspace_name": "mine", "time_zone": "UTC", "email": "a@example.com", "password": "no way to get in here"});
    let (answer, code) = status(weft.request(Method::POST, "/api/v1/setup").json(&setup)).await;
    assert_eq!((answer, code.as_str()), (409, "setup.done"));
    // Collection knows write keys only.
    for key in [API_KEY, "", "nobody"] {
        let batch = weft.request(Method::POST, "/v1/batch").header(AUTHORIZATION, basic(key)).json(&json!({"batch": [{"type": "page", "userId": "x"}]}));
        assert_eq!(status(batch).await.0, 401, "{key:?} opens collection");
    }
}

#[tokio::test]
async fn each_key_opens_the_doors_of_its_permissions_and_no_others() {
    let weft = Weft::start().await;
    let doors = doors(&weft).await;
    let nothing = key_with(&weft, "nothing", &[json!("none:none")]).await;
    for door in doors.iter().filter(|d| d.permission().is_some()) {
        let (answer, code) = status(door.knock(&weft).bearer_auth(&nothing)).await;
        assert_eq!((answer, code.as_str()), (403, "access.denied"), "{door:?} with a key that may nothing");
    }
    for door in doors.iter().filter(|d| d.is_own_affair()) {
        let (answer, code) = status(door.knock(&weft).bearer_auth(&nothing)).await;
        // A key has no session to end and no password to change.
        let is_for_people = answer == 403 && code == "access.session_needed" && door.changes();
        assert!(is_for_people || answer == 400 || (answer == 200 && !door.changes()), "{door:?}: {answer} {code}");
    }
    // It cannot make itself a better one, nor can one that may make keys.
    let locksmith = key_with(&weft, "locksmith", &[json!("keys:write"), json!("people:read")]).await;
    let more = weft.request(Method::POST, "/api/v1/keys").bearer_auth(&locksmith).json(&json!({"name": "more", "permissions": ["journeys:publish"]}));
    assert_eq!(status(more).await, (403, "access.more_than_own".into()));

    let roles = weft.get("/roles").await;
    let roles = roles["items"].as_array().unwrap();
    assert!(roles.len() >= 4, "{roles:?}");
    for role in roles {
        let permissions = role["permissions"].as_array().unwrap();
        let key = key_with(&weft, role["role"].as_str().unwrap(), permissions).await;
        let holds = |wanted: &str| {
            let room = wanted.split(':').next().unwrap();
            permissions.iter().filter_map(Value::as_str).any(|p| p == "*" || p == wanted || p == format!("{room}:*"))
        };
        for door in &doors {
            let Some(permission) = door.permission() else { continue };
            let (answer, code) = status(door.knock(&weft).bearer_auth(&key)).await;
            match holds(permission) {
                true => assert!(answer != 401 && (answer != 403 || code == "access.more_than_own") && answer < 500, "{door:?} for {role}: {answer} {code}"),
                false => assert_eq!((answer, code.as_str()), (403, "access.denied"), "{door:?} for {role}"),
            }
        }
    }
}

#[tokio::test]
async fn a_foreign_page_cannot_use_the_session_of_somebody_who_is_signed_in() {
    let weft = Weft::start().await;
    let doors = doors(&weft).await;
    let sign_in = || weft.request(Method::POST, "/api/v1/session").json(&json!({"email": EMAIL, "password": PASSWORD}));
    // A foreign page cannot sign her in as somebody else either.
    assert_eq!(status(sign_in().header("sec-fetch-site", "cross-site")).await, (403, "access.forged".into()));
    let answer = sign_in().send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let session = cookie.split(';').next().unwrap().to_owned();
    let with_cookie = |request: RequestBuilder| request.header(COOKIE, &session);

    assert_eq!(status(with_cookie(weft.request(Method::GET, "/api/v1/session"))).await.0, 200);
    for door in doors.iter().filter(|d| d.changes() && !d.is_open()) {
        let (answer, code) = status(with_cookie(door.knock(&weft))).await;
        assert_eq!((answer, code.as_str()), (403, "access.forged"), "{door:?} with the cookie alone");
        // As a form of another page would send it.
        let form = weft.request(door.method.clone(), &door.path.replace(['{', '}'], "")).header("content-type", "text/plain").body("{}");
        assert_eq!(status(with_cookie(form)).await, (403, "access.forged".into()), "{door:?} as a form");
    }
    // Nothing of that signed her out, and the console itself may.
    let audit = with_cookie(weft.request(Method::POST, "/api/v1/audit:verify")).header("x-weft-console", "1");
    assert_eq!(status(audit).await.0, 200);
    // No other origin is allowed to send that header: the API answers no preflight.
    let preflight = weft
        .request(Method::OPTIONS, "/api/v1/keys")
        .header("origin", "https://elsewhere.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "x-weft-console");
    let answer = preflight.send().await.unwrap();
    assert!(!answer.headers().contains_key("access-control-allow-origin"), "{:?}", answer.headers());

    // A session ends when it is ended, and a key when it is disabled.
    let out = with_cookie(weft.request(Method::DELETE, "/api/v1/session")).header("x-weft-console", "1");
    assert_eq!(status(out).await.0, 200);
    assert_eq!(status(with_cookie(weft.request(Method::GET, "/api/v1/session"))).await, (401, "access.session_ended".into()));
    let made = weft.post("/keys", json!({"name": "short-lived", "permissions": ["people:read"]})).await;
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let ask = || weft.request(Method::GET, "/api/v1/people").bearer_auth(key);
    assert_eq!(status(ask()).await.0, 200);
    assert_eq!(weft.call(Method::DELETE, &format!("/keys/{id}"), None).await.status, 200);
    assert_eq!(status(ask()).await, (401, "access.key_unknown".into()));
}

/// Every `$ref` below this value.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str));
            map.values().for_each(|v| references(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

/// What an operation takes behind the question mark: name, and whether it must be there.
fn asked(operation: &Value) -> Vec<(&str, bool)> {
    let parameters = operation["parameters"].as_array().unwrap();
    parameters.iter().filter(|p| p["in"] == "query").map(|p| (p["name"].as_str().unwrap(), p["required"] == true)).collect()
}

#[tokio::test]
async fn the_document_says_what_every_door_asks_and_answers() {
    let weft = Weft::start().await;
    let document = document(&weft).await;
    let mut named = BTreeSet::new();
    references(&document, &mut named);
    for reference in named {
        let name = reference.strip_prefix("#/components/schemas/").unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is named and not described");
    }
    let mut faults = Vec::new();
    let paths = document["paths"].as_object().unwrap().iter();
    for (path, method, operation) in paths.flat_map(|(path, methods)| methods.as_object().unwrap().iter().map(move |(m, o)| (path, m, o))) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{id} has no summary");
        let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        assert_eq!(answer.is_object(), !WITHOUT_A_SHAPE.contains(&id), "{id}: {answer}");
        if method != "get" {
            continue;
        }
        if id.starts_with("list_") && id != "list_outcomes" {
            assert_eq!(answer["properties"]["items"]["type"], "array", "{id}: {answer}");
        }
        // What is no number, and what is no time, is refused where the document says that one is read, and nowhere else.
        let asked = asked(operation);
        for (name, wrong) in [("limit", "many"), ("from", "yesterday")] {
            let mut query: Vec<(&str, &str)> = asked.iter().filter(|(_, must)| *must).map(|(name, _)| (*name, "x")).collect();
            query.push((name, wrong));
            let (answer, code) = status(weft.request(Method::GET, &path.replace(['{', '}'], "")).bearer_auth(API_KEY).query(&query)).await;
            let is_read = (answer, code.as_str()) == (400, "http.query_invalid");
            if is_read != asked.iter().any(|(described, _)| *described == name) {
                faults.push(format!("{id} with {name}={wrong}: {answer} {code}; described is {asked:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
