//! Goods over HTTP: described one by one and by the thousand, named by orders, called by rules and by hand.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::at_rest;
use support::picture::{View, all_of, must_be_same, picture_of};
use weft_stories::{API_KEY, Weft, eventually};

fn bought(user: &str, message: &str, lines: Value) -> Value {
    json!({"type": "track", "userId": user, "messageId": message, "event": "Order Completed", "properties": {"order_id": message, "total": "100", "store_id": "SH1", "products": lines}})
}

#[tokio::test]
async fn goods_are_described_counted_and_called() {
    let folder = tempfile::tempdir().unwrap();
    let weft = Weft::start_in(folder.path(), &[]).await;

    // One, whole; then a file's worth, of which two lines are wrong.
    let beans = weft.put("/catalog/goods/BEAN%2F1", json!({"name": "Beans", "attributes": {"price": "88.00", "colours": ["red"]}})).await;
    assert_eq!((beans["id"].as_str(), beans["state"].as_str(), beans["changes"][0]["how"].as_str()), (Some("BEAN/1"), Some("described"), Some("replace")), "{beans}");
    let mut lines: Vec<Value> = (0..997).map(|n| json!({"id": n, "name": format!("Cup {n}"), "attributes": {"price": n}})).collect();
    lines.push(json!({"id": "BEAN/1", "attributes": {"price": 90, "colours": null}}));
    lines.push(json!({"id": "", "name": "nobody"}));
    lines.push(json!({"id": "deep", "attributes": {"a": {"b": 1}}}));
    let taken = weft.post("/catalog/goods:import", json!({"things": lines})).await;
    assert_eq!((&taken["created"], &taken["changed"], &taken["unchanged"]), (&json!(997), &json!(1), &json!(0)), "{taken}");
    let refused: Vec<(u64, &str)> = taken["refused"].as_array().unwrap().iter().map(|r| (r["line"].as_u64().unwrap(), r["code"].as_str().unwrap())).collect();
    assert_eq!(refused, [(999, "catalog.id_invalid"), (1_000, "catalog.thing_invalid")]);
    let too_many = weft.call(Method::POST, "/catalog/goods:import", Some(json!({"things": vec![json!({"id": "x"}); 1_001]}))).await;
    assert_eq!((too_many.status, too_many.body["code"].as_str()), (400, Some("catalog.too_many_things")));
    let beans = weft.get("/catalog/goods/BEAN%2F1").await;
    assert_eq!((&beans["name"], &beans["attributes"]), (&json!("Beans"), &json!({"price": 90})));
    assert_eq!(beans["changes"][0]["fields"].as_array().unwrap().len(), 2, "{beans}");

    // Orders name goods and shops; also such as nobody described.
    weft.send(&[
        bought("u1", "o1", json!([{"product_id": "BEAN/1", "price": "90", "quantity": 2}, {"sku": "NEW", "price": 5}])),
        bought("u2", "o2", json!([{"product_id": "BEAN/1", "price": "80.50"}])),
        json!({"type": "track", "messageId": "m1", "event": "entity_changed", "properties": {"type": "goods", "id": "0", "name": "Cup zero", "attributes": {"stock": 3}}}),
    ])
    .await;
    at_rest(&weft).await;
    let beans = weft.get("/catalog/goods/BEAN%2F1?days=7").await;
    assert_eq!(beans["figures"]["totals"], json!([{"event": "Order Completed", "events": 2, "quantity": "3", "amount": "260.5"}]), "{beans}");
    let shop = weft.get("/catalog/store/SH1").await;
    assert_eq!((shop["state"].as_str(), &shop["figures"]["totals"][0]["amount"]), (Some("seen"), &json!("200")), "{shop}");
    assert_eq!(weft.get("/catalog/goods?state=seen").await["items"][0]["id"], "NEW");
    let zero = weft.get("/catalog/goods/0").await;
    assert_eq!((&zero["name"], &zero["attributes"]), (&json!("Cup zero"), &json!({"price": 0, "stock": 3})));
    // What says what a thing is, is nobody's event.
    assert_eq!(all_of(View { weft: &weft, key: API_KEY }, "/people").await.len(), 2);

    // Pages and search.
    let first = weft.get("/catalog/goods?limit=2").await;
    let second = weft.get(&format!("/catalog/goods?limit=2&cursor={}", first["next"].as_str().unwrap())).await;
    assert_eq!([&first["items"][0]["id"], &first["items"][1]["id"], &second["items"][0]["id"]], [&json!("0"), &json!("1"), &json!("10")]);
    assert_eq!(weft.get("/catalog/goods?q=beans").await["items"].as_array().unwrap().len(), 1);

    // Called by a rule over attributes and figures, by their share, by hand.
    let rule = json!({"values": [{"value": "star", "condition": {"all": [{"attribute": {"name": "price", "gte": 50}}, {"figure": {"event": "Order Completed", "of": "amount", "days": 30, "gte": 200}}]}}], "otherwise": "other"});
    let asked = weft.post("/catalog/tags:preview", json!({"type": "goods", "rule": rule})).await;
    assert_eq!((&asked["things"], &asked["values"][1]), (&json!(999), &json!({"value": "star", "count": 1, "some": ["Beans"]})), "{asked}");
    weft.post("/catalog/tags", json!({"name": "star", "type": "goods", "title": "Star", "rule": rule})).await;
    let share = json!({"share": {"event": "Order Completed", "of": "amount", "days": 90, "values": [{"value": "A", "to": 70}, {"value": "B", "to": 100}]}});
    weft.post("/catalog/tags", json!({"name": "abc", "type": "goods", "title": "ABC", "rule": share})).await;
    let role = weft.post("/catalog/tags", json!({"name": "role", "type": "goods", "title": "Role", "rule": {"assigned": [{"value": "image"}]}})).await;
    let said = weft.post(&format!("/catalog/tags/{}:assign", role["id"].as_str().unwrap()), json!({"things": ["BEAN/1", "nowhere"], "value": "image"})).await;
    assert_eq!(said, json!({"changed": 1, "unchanged": 0, "unknown": ["nowhere"]}));
    eventually("all things to be judged", || async {
        let tags = weft.get("/catalog/tags").await;
        tags["items"].as_array().unwrap().iter().all(|t| t["is_filled"] == true).then_some(())
    })
    .await;
    at_rest(&weft).await;
    let line = weft.get("/catalog/goods?tag=star:star").await;
    assert_eq!(line["items"][0]["tags"], json!({"abc": "A", "role": "image", "star": "star"}), "{line}");
    assert_eq!(line["items"].as_array().unwrap().len(), 1);
    assert_eq!(weft.get("/catalog/goods?tag=abc:B").await["items"][0]["id"], "NEW");
    let wrong = weft.call(Method::POST, "/catalog/tags", Some(json!({"name": "x", "type": "goods", "title": "X", "rule": {"values": [{"value": "a", "condition": {"trait": {"name": "city", "eq": 1}}}]}}))).await;
    assert_eq!((wrong.status, wrong.body["code"].as_str()), (400, Some("catalog.rule_invalid")), "{}", wrong.body);

    // Beside the events, in SQL.
    let mine = View { weft: &weft, key: API_KEY };
    assert_eq!(mine.query("select name, tags, events from things where type = 'goods' and id = 'BEAN/1'").await, json!([["Beans", r#"{"abc":"A","role":"image","star":"star"}"#, 2]]));

    // Put away and brought back; everything told is in the log.
    assert_eq!(weft.post("/catalog/goods/1:archive", json!({})).await["state"], "archived");
    assert_eq!(weft.post("/catalog/goods/1:restore", json!({})).await["state"], "described");
    let types = weft.get("/catalog/types").await;
    assert_eq!(types["items"][0]["counts"], json!({"described": 998, "seen": 1, "archived": 0}), "{types}");
    at_rest(&weft).await;
    let lived = picture_of(mine).await;
    assert!(weft.stop().await);
    let (is_rebuilt, _, told) = Weft::run(folder.path(), &[], &["rebuild"]).await;
    assert!(is_rebuilt, "{told}");
    let weft = Weft::start_in(folder.path(), &[]).await;
    at_rest(&weft).await;
    must_be_same(&lived, &picture_of(View { weft: &weft, key: API_KEY }).await);
}
