//! People who are probably one, on labelled data: found by the running program, joined, kept apart, and not found again.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

use std::collections::BTreeMap;
use std::io::Read;

use reqwest::Method;
use serde_json::{Value, json};
use weft_stories::{Weft, data_set, eventually, missing};

/// Record and the person it truly is of.
fn records() -> Option<Vec<(BTreeMap<String, String>, String)>> {
    let file = data_set("linkage/splink_fake_1000.csv.gz")?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let head = rows.headers().unwrap().clone();
    let all = rows.records().map(|row| {
        let row: BTreeMap<String, String> = head.iter().map(str::to_owned).zip(row.unwrap().iter().map(str::to_owned)).collect();
        let truth = row["cluster"].clone();
        (row, truth)
    });
    Some(all.collect())
}

fn told(row: &BTreeMap<String, String>) -> Value {
    let traits: serde_json::Map<String, Value> = [("first_name", "first_name"), ("surname", "last_name"), ("dob", "birthday"), ("city", "city"), ("email", "email")]
        .into_iter()
        .filter_map(|(from, to)| Some((to.to_owned(), Value::from(row.get(from).filter(|v| !v.is_empty())?.as_str()))))
        .collect();
    let id = format!("r{}", row["unique_id"]);
    json!({"type": "identify", "anonymousId": id, "messageId": id, "traits": traits})
}

async fn search(weft: &Weft) -> Value {
    weft.post("/duplicates:find", json!({})).await;
    eventually("the search is over", || async {
        let now = weft.get("/duplicates/search").await;
        now["running"].is_null().then_some(now)
    })
    .await
}

async fn pairs(weft: &Weft, state: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = weft.get(&format!("/duplicates?state={state}&limit=500{cursor}")).await;
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

fn ends(pair: &Value) -> [String; 2] {
    ["a", "b"].map(|end| pair[end]["identifiers"][0]["value"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn people_who_are_probably_one_are_found_looked_at_and_decided() {
    let Some(records) = records() else { return missing("linkage/splink_fake_1000.csv.gz") };
    let weft = Weft::start().await;
    let calls: Vec<Value> = records.iter().map(|(row, _)| told(row)).collect();
    for batch in calls.chunks(200) {
        weft.send(batch).await;
    }
    weft.settled().await;
    let ended = search(&weft).await;
    assert_eq!((ended["last"]["state"].as_str(), ended["last"]["people"].as_u64()), (Some("done"), Some(records.len() as u64)), "{ended}");

    // Beside the truth: most of what is found is so, and most of what is so is found.
    let truth: BTreeMap<String, &str> = records.iter().map(|(row, truth)| (format!("r{}", row["unique_id"]), truth.as_str())).collect();
    let open = pairs(&weft, "open").await;
    let right = open.iter().filter(|p| ends(p).iter().map(|e| truth[e]).collect::<std::collections::BTreeSet<_>>().len() == 1).count();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    truth.values().for_each(|t| *sizes.entry(t).or_default() += 1);
    let all: usize = sizes.values().map(|n| n * (n - 1) / 2).sum();
    let (precision, recall) = (right as f64 / open.len() as f64, right as f64 / all as f64);
    println!("{} pairs, {right} of them right of {all}: precision {precision:.3}, recall {recall:.3}", open.len());
    assert!(precision > 0.9 && recall > 0.85, "precision {precision}, recall {recall}");
    // The surest come first, and the evidence adds up to the probability.
    assert!(open.is_sorted_by(|a, b| a["probability"].as_f64() >= b["probability"].as_f64()));
    for pair in open.iter().step_by(97) {
        let bits: f64 = pair["evidence"].as_array().unwrap().iter().map(|e| e["bits"].as_f64().unwrap()).sum();
        let (told, summed) = (pair["probability"].as_f64().unwrap(), 1.0 / (1.0 + (-bits).exp2()));
        assert!((told - summed).abs() < 0.1, "{pair}");
    }

    // One is joined, and is one person; one is kept apart, and is neither found again nor joined by events.
    let (first, second) = (&open[0], open.iter().find(|p| ends(p).iter().all(|e| !ends(&open[0]).contains(e))).unwrap());
    weft.post(&format!("/duplicates/{}:join", first["id"].as_str().unwrap()), json!({"reason": "seen in the shop"})).await;
    let of = async |anonymous: &str| weft.get(&format!("/people?identifier=anonymous_id:{anonymous}")).await["items"][0]["id"].as_str().unwrap().to_owned();
    let [a, b] = ends(first);
    assert_eq!(of(&a).await, of(&b).await);
    weft.post(&format!("/duplicates/{}:keep_apart", second["id"].as_str().unwrap()), json!({"reason": "mother and daughter"})).await;
    let again = weft.call(Method::POST, &format!("/duplicates/{}:join", second["id"].as_str().unwrap()), Some(json!({}))).await;
    assert_eq!((again.status, again.body["code"].as_str()), (409, Some("duplicates.decided")));
    let [c, d] = ends(second);
    weft.send(&[json!({"type": "alias", "userId": "late", "previousId": c, "messageId": "x1"}), json!({"type": "alias", "userId": "late", "previousId": d, "messageId": "x2"})]).await;
    weft.settled().await;
    assert_ne!(of(&c).await, of(&d).await, "somebody said that they are two");
    search(&weft).await;
    let found_again = pairs(&weft, "open").await;
    assert!(!found_again.iter().any(|p| p["a"]["id"] == second["a"]["id"] && p["b"]["id"] == second["b"]["id"]));
    assert_eq!((pairs(&weft, "joined").await.len(), pairs(&weft, "apart").await.len()), (1, 1));

    // Those that leave no doubt are joined at once; nobody becomes a person whom somebody kept apart.
    let sure = |p: &&Value| p["probability"].as_f64().unwrap() >= 0.99;
    let expected = found_again.iter().filter(sure).count() as u64;
    let counted = weft.post("/duplicates:join_surest", json!({"at_least": 0.99, "only_count": true})).await;
    assert!(expected > 100 && counted["left"].as_u64() == Some(expected), "{expected}, {counted}");
    let (mut joined, mut refused) = (0, 0);
    loop {
        let came = weft.post("/duplicates:join_surest", json!({"at_least": 0.99, "skip": refused, "reason": "no doubt"})).await;
        joined += came["joined"].as_u64().unwrap();
        refused += came["refused"].as_u64().unwrap();
        if came["left"] == 0 {
            break;
        }
    }
    assert_eq!(joined + refused, expected);
    let left = pairs(&weft, "open").await;
    assert_eq!((left.iter().filter(sure).count() as u64, left.len() as u64), (refused, found_again.len() as u64 - joined));
    assert_ne!(of(&c).await, of(&d).await);
    let doubtful = weft.call(Method::POST, "/duplicates:join_surest", Some(json!({"at_least": 0.3}))).await;
    assert_eq!((doubtful.status, doubtful.body["code"].as_str()), (400, Some("duplicates.threshold_invalid")));
    assert!(weft.stop().await, "weft leaves in order");
}
