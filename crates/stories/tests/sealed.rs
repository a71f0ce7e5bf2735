//! What is sensitive is nowhere on the disk to be read: whoever takes the folder away has the people, and not their illnesses.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use reqwest::Method;
use serde_json::{Value, json};
use weft_stories::{WRITE_KEY, Weft, eventually};

/// Told by each way in; nobody else writes such words. The last stands in a trait that people are found by.
const SECRETS: [&str; 5] = ["Xq7-Herzfehler", "Zk4-Nierenstein", "Vw9-Migräne", "Jp2-Asthma", "+8613900Kt5555"];
/// Told beside them, of a trait that is not sensitive: what looks for a word on the disk must find this one.
const OPEN: &str = "Rr3-Stadtbewohner";

/// Files below a folder in which a word stands.
fn where_it_stands(folder: &Path, word: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(where_it_stands(&path, word));
        } else if std::fs::read(&path).unwrap().windows(word.len()).any(|part| part == word.as_bytes()) {
            found.push(path);
        }
    }
    found
}

fn identify(user: &str, traits: Value) -> Value {
    json!({"type": "identify", "userId": user, "messageId": format!("identify-{user}"), "traits": traits})
}

async fn person(weft: &Weft, user: &str) -> Value {
    let found = weft.get(&format!("/people?identifier=user_id:{user}")).await;
    weft.get(&format!("/people/{}", found["items"][0]["id"].as_str().unwrap())).await
}

async fn sensors(weft: &Weft, call: &Value) {
    let data = B64.encode(json!([call]).to_string());
    let sent = weft.request(Method::POST, &format!("/sa?token={WRITE_KEY}")).form(&[("data_list", data.as_str()), ("gzip", "0")]).send().await.unwrap();
    assert_eq!(sent.status(), 200);
}

async fn import(folder: &Path) {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), format!("user_id,illness,city\nu3,{},{OPEN}\n", SECRETS[2])).unwrap();
    let path = file.path().to_str().unwrap();
    let (is_ok, said, complained) = Weft::run(folder, &[], &["import", "--json", "people", path, "--map", "user_id=user_id,illness=illness,city=city"]).await;
    assert!(is_ok, "{said} {complained}");
}

#[tokio::test]
async fn what_is_sensitive_cannot_be_read_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let weft = Weft::start_in(folder.path(), &[]).await;
    weft.send(&[identify("u0", json!({"illness": "Schnupfen", "phone": "+8613800000000"}))]).await;
    weft.settled().await;
    assert_eq!(weft.get("/people?q=%2B86138").await["items"].as_array().unwrap().len(), 1);
    assert_eq!(examples(&weft).await, ["Schnupfen"]);
    weft.put("/traits/rules", json!({"traits": {"illness": {"is_sensitive": true}, "phone": {"is_sensitive": true}}})).await;

    let ill = weft.post("/segments", json!({"name": "ill", "condition": {"trait": {"name": "illness", "starts_with": "Xq7"}}})).await["id"].as_str().unwrap().to_owned();
    weft.send(&[identify("u1", json!({"illness": SECRETS[0], "city": OPEN, "phone": SECRETS[4]}))]).await;
    let time = weft.get("/system").await["now"].as_i64().unwrap_or(1_780_000_000_000);
    sensors(&weft, &json!({"type": "profile_set", "distinct_id": "u2", "time": time, "properties": {"illness": SECRETS[1], "$is_login_id": true}})).await;
    sensors(&weft, &json!({"type": "profile_append", "distinct_id": "u2", "time": time, "properties": {"illness": [SECRETS[3]], "$is_login_id": true}})).await;
    weft.settled().await;
    assert!(weft.stop().await);
    import(folder.path()).await;

    // Whoever may see it sees it, and conditions hear it.
    let weft = Weft::start_in(folder.path(), &[]).await;
    weft.settled().await;
    assert_eq!(person(&weft, "u1").await["traits"]["illness"]["value"], SECRETS[0]);
    assert_eq!(person(&weft, "u2").await["traits"]["illness"]["value"], json!([SECRETS[1], SECRETS[3]]));
    assert_eq!(person(&weft, "u3").await["traits"]["illness"]["value"], SECRETS[2]);
    assert_eq!(person(&weft, "u0").await["traits"]["illness"]["value"], "Schnupfen");
    assert_eq!(weft.get(&format!("/segments/{ill}")).await["count"], 1);
    assert_eq!(examples(&weft).await, [""; 0]);
    // It is no way to find somebody; and what was found by it before is so no more.
    for beginning in ["%2B86138", "%2B86139"] {
        assert_eq!(weft.get(&format!("/people?q={beginning}")).await["items"], json!([]));
    }
    weft.send(&[identify("u4", json!({"illness": SECRETS[0], "city": OPEN}))]).await;
    weft.settled().await;
    let shown = weft.get("/events?limit=50").await;
    let shown = shown["items"].as_array().unwrap().iter().find(|seen| seen["id"] == "identify-u4").unwrap().clone();
    assert_eq!((&shown["traits"], &shown["sealed_traits"]), (&json!({"city": OPEN}), &json!(["illness"])));

    // In the lake too it is sealed, not left out.
    let told = eventually("the lake to have all of them", || async {
        let rows = weft.query("select traits from events where traits is not null and kind <> 'profile_append' order by ts").await;
        (rows.len() == 5).then_some(rows)
    })
    .await;
    let told: Vec<Value> = told.iter().map(|row| serde_json::from_str(row[0].as_str().unwrap()).unwrap()).collect();
    assert_eq!(told.iter().filter(|traits| traits["illness"]["$sealed"].is_string()).count(), 4, "{told:?}");
    assert!(weft.stop().await);
    for secret in SECRETS {
        assert!(where_it_stands(folder.path(), secret).is_empty(), "{secret}: {:?}", where_it_stands(folder.path(), secret));
    }
    for part in ["log", "state"] {
        assert!(!where_it_stands(&folder.path().join(part), OPEN).is_empty(), "a word in {part} would be found");
    }
}

/// What the catalogue of traits shows of this one.
async fn examples(weft: &Weft) -> Vec<String> {
    let traits = weft.get("/traits").await;
    let illness = traits["items"].as_array().unwrap().iter().find(|known| known["name"] == "illness").unwrap();
    serde_json::from_value(illness["examples"].clone()).unwrap()
}

#[tokio::test]
async fn with_another_key_the_house_does_not_start_and_goes_on_with_the_right_one() {
    let folder = tempfile::tempdir().unwrap();
    let weft = Weft::start_in(folder.path(), &[]).await;
    weft.put("/traits/rules", json!({"traits": {"illness": {"is_sensitive": true}}})).await;
    weft.send(&[identify("u1", json!({"illness": SECRETS[0]}))]).await;
    weft.settled().await;
    assert!(weft.stop().await);
    let key = folder.path().join("secret.key");
    let right = std::fs::read(&key).unwrap();

    for wrong in [b"short".to_vec(), vec![9; 32]] {
        std::fs::write(&key, wrong).unwrap();
        let said = Weft::try_start_in(folder.path(), &[]).await.err().unwrap();
        assert!(said.contains("is not the key that this folder was made with"), "{said}");
    }
    std::fs::remove_file(&key).unwrap();
    let said = Weft::try_start_in(folder.path(), &[]).await.err().unwrap();
    assert!(said.contains("put that one back") && !key.exists(), "no new one is made: {said}");

    // Whoever takes the check away too is not let through either: nothing is set aside, it waits for the right key.
    std::fs::write(&key, [9; 32]).unwrap();
    std::fs::remove_file(folder.path().join("secret.check")).unwrap();
    let weft = Weft::start_in(folder.path(), &[]).await;
    let found = weft.call(Method::GET, "/people?identifier=user_id:u1", None).await;
    assert_eq!((found.status, &found.body["code"]), (503, &json!("kernel.sealed_unreadable")), "{}", found.body);
    assert!(weft.stop().await);
    std::fs::remove_file(folder.path().join("secret.check")).unwrap();

    std::fs::write(&key, right).unwrap();
    let weft = Weft::start_in(folder.path(), &[]).await;
    assert_eq!(person(&weft, "u1").await["traits"]["illness"]["value"], SECRETS[0]);
}
