//! All that can be asked of a house, so that two houses can be compared.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use weft_stories::{API_KEY, Weft};

/// By what was asked.
pub type Picture = BTreeMap<String, Value>;

/// People whose time line, identity, consents and journeys are looked at one by one.
const LOOKED_AT: usize = 40;

/// A house, asked with one key: what one workspace sees of it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub weft: &'a Weft,
    pub key: &'a str,
}

impl View<'_> {
    pub async fn ask(self, method: Method, path: &str, body: Option<Value>) -> Value {
        let answer = self.weft.call_as(self.key, method.clone(), path, body).await;
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.body);
        answer.body
    }
    pub async fn get(self, path: &str) -> Value {
        self.ask(Method::GET, path, None).await
    }
    pub async fn post(self, path: &str, body: Value) -> Value {
        self.ask(Method::POST, path, Some(body)).await
    }
    pub async fn put(self, path: &str, body: Value) -> Value {
        self.ask(Method::PUT, path, Some(body)).await
    }
    pub async fn query(self, sql: &str) -> Value {
        self.post("/query", json!({"sql": sql})).await["rows"].clone()
    }
}

/// Everything on a list, page by page.
pub async fn all(weft: &Weft, path: &str) -> Vec<Value> {
    all_of(View { weft, key: API_KEY }, path).await
}

pub async fn picture(weft: &Weft) -> Picture {
    picture_of(View { weft, key: API_KEY }).await
}

pub async fn all_of(weft: View<'_>, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let from = cursor.map(|c| format!("&cursor={c}")).unwrap_or_default();
        let page = weft.get(&format!("{path}{sign}limit=500{from}")).await;
        items.extend(page["items"].as_array().cloned().unwrap_or_default());
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return items,
        }
    }
}

/// The answer's own time is not part of the picture.
fn without_clock(mut value: Value) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.remove("as_of");
    }
    value
}

fn by_id(items: &[Value]) -> Value {
    items.iter().map(|i| (i["id"].as_str().unwrap_or_default().to_owned(), without_clock(i.clone()))).collect::<serde_json::Map<_, _>>().into()
}

pub async fn picture_of(weft: View<'_>) -> Picture {
    let mut seen = Picture::new();
    let people = all_of(weft, "/people").await;
    for path in ["/outcomes", "/events/names", "/traits", "/deliveries/summary", "/blacklist", "/settings/sending", "/quality/quarantine"] {
        seen.insert(path.to_owned(), weft.get(path).await);
    }
    seen.insert("people".into(), by_id(&people));
    let deliveries = all_of(weft, "/deliveries").await;
    seen.insert("deliveries".into(), by_id(&deliveries));
    for delivery in deliveries.iter().step_by((deliveries.len() / LOOKED_AT).max(1)) {
        let path = format!("/deliveries/{}", delivery["id"].as_str().unwrap_or_default());
        let steps = weft.get(&path).await["steps"].clone();
        seen.insert(path, steps);
    }
    segments(weft, &mut seen).await;
    catalog(weft, &mut seen).await;
    all_journeys(weft, &mut seen).await;
    // Evenly among the newest and the oldest.
    let step = (people.len() / LOOKED_AT).max(1);
    let journeys: Vec<String> = all_of(weft, "/journeys").await.iter().filter_map(|j| j["id"].as_str().map(str::to_owned)).collect();
    for person in people.iter().step_by(step) {
        let id = person["id"].as_str().unwrap_or_default();
        for journey in &journeys {
            let path = format!("/journeys/{journey}/people/{id}");
            let answer = weft.get(&path).await;
            seen.insert(path, answer);
        }
        for part in ["timeline", "identity", "consents", "journeys", "segments", "tags"] {
            let path = format!("/people/{id}/{part}");
            let answer = weft.get(&path).await;
            seen.insert(path, answer);
        }
    }
    for sql in [
        "select name, kind, count(*), count(distinct event_id), min(ts), max(ts) from events group by 1, 2 order by 1, 2",
        "select segment, count(*), count(distinct person) from memberships group by 1 order by 1",
        "select state, reason, count(*), count(distinct person) from deliveries group by 1, 2 order by 1, 2",
        "select type, count(*), count(distinct person) from identifiers group by 1 order by 1",
        // The lake keeps numbers of people; they must still mean the same people.
        "select i.person = e.person, count(*) from events e join identifiers i on i.type = 'user_id' and i.value = e.user_id group by 1",
    ] {
        seen.insert(sql.to_owned(), weft.query(sql).await);
    }
    seen
}

async fn catalog(weft: View<'_>, seen: &mut Picture) {
    seen.insert("tags of things".into(), by_id(&all_of(weft, "/catalog/tags").await));
    for kind in all_of(weft, "/catalog/types").await {
        let path = format!("/catalog/{}", kind["type"].as_str().unwrap_or_default());
        let things = all_of(weft, &path).await;
        for thing in things.iter().take(LOOKED_AT) {
            let path = format!("{path}/{}", thing["id"].as_str().unwrap_or_default());
            let answer = weft.get(&path).await;
            seen.insert(path, answer);
        }
        seen.insert(path, by_id(&things));
    }
}

async fn segments(weft: View<'_>, seen: &mut Picture) {
    for tag in all_of(weft, "/tags").await {
        let id = tag["id"].as_str().unwrap_or_default().to_owned();
        seen.insert(format!("tag {id}"), without_clock(tag));
        seen.insert(format!("tag {id} people"), all_of(weft, &format!("/tags/{id}/people")).await.into());
    }
    for segment in all_of(weft, "/segments").await {
        let id = segment["id"].as_str().unwrap_or_default().to_owned();
        seen.insert(format!("segment {id}"), without_clock(segment));
        seen.insert(format!("segment {id} members"), all_of(weft, &format!("/segments/{id}/members")).await.into());
        seen.insert(format!("segment {id} growth"), weft.get(&format!("/segments/{id}/growth")).await);
    }
}

async fn all_journeys(weft: View<'_>, seen: &mut Picture) {
    for journey in all_of(weft, "/journeys").await {
        let id = journey["id"].as_str().unwrap_or_default().to_owned();
        seen.insert(format!("journey {id}"), journey);
        for part in ["counts", "result"] {
            seen.insert(format!("journey {id} {part}"), without_clock(weft.get(&format!("/journeys/{id}/{part}")).await));
        }
        seen.insert(format!("journey {id} people"), all_of(weft, &format!("/journeys/{id}/people")).await.into());
    }
}

/// Fails with the first things that differ, not with two whole houses.
pub fn must_be_same(before: &Picture, after: &Picture) {
    let asked: Vec<&String> = before.keys().filter(|k| !after.contains_key(*k)).chain(after.keys().filter(|k| !before.contains_key(*k))).collect();
    assert!(asked.is_empty(), "asked of one house only: {asked:?}");
    let mut differences = Vec::new();
    for (what, was) in before {
        differ(what, was, &after[what], &mut differences);
    }
    assert!(differences.is_empty(), "{} differences, the first:\n{}", differences.len(), differences[..differences.len().min(12)].join("\n"));
}

fn differ(place: &str, was: &Value, is: &Value, out: &mut Vec<String>) {
    match (was, is) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|k| !a.contains_key(*k))) {
                differ(&format!("{place} / {key}"), a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), out);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (n, (x, y)) in a.iter().zip(b).enumerate() {
                differ(&format!("{place} [{n}]"), x, y, out);
            }
        }
        (Value::Array(a), Value::Array(b)) => out.push(format!("{place}: {} things, now {}", a.len(), b.len())),
        _ if was == is => {}
        _ => out.push(format!("{place}: was {was}, is {is}")),
    }
}
