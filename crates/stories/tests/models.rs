//! Models on a brand whose people are of three planted sorts: what is learnt is what was planted, it becomes a tag, and the tag is as good as any.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use weft_stories::{Weft, eventually};

const PEOPLE: usize = 600;
const DAY: i64 = 86_400_000;

/// One in six buys coffee often, two in six look at tea, the others hardly come.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Sort {
    Buyer,
    Looker,
    Rare,
}

fn sort(n: usize) -> Sort {
    match n % 6 {
        0 => Sort::Buyer,
        1 | 2 => Sort::Looker,
        _ => Sort::Rare,
    }
}

fn happened(n: usize, name: &str, days_ago: i64, properties: Value, count: &mut usize) -> Value {
    *count += 1;
    let at = jiff::Timestamp::now().as_millisecond() - days_ago * DAY - (*count as i64 % 3_600) * 1_000;
    let at = jiff::Timestamp::from_millisecond(at).unwrap().to_string();
    json!({"type": "track", "userId": format!("u{n}"), "messageId": format!("m{count}"), "event": name, "timestamp": at, "properties": properties})
}

/// What each of them lives through.
fn lives() -> Vec<Value> {
    let mut count = 0;
    let mut all = Vec::new();
    for n in 0..PEOPLE {
        let city = if sort(n) == Sort::Buyer { "上海" } else { "杭州" };
        // Gold is given to people whom the sorts do not tell: it decides who shares.
        let traits = json!({"city": city, "level": if n % 5 == 0 { "gold" } else { "plain" }, "age": 20 + n % 40, "name": format!("Somebody {n}")});
        all.push(json!({"type": "identify", "userId": format!("u{n}"), "messageId": format!("i{n}"), "traits": traits}));
        all.push(happened(n, "page", 80, json!({}), &mut count));
        if n % 5 == 0 {
            all.push(happened(n, "share", 10, json!({}), &mut count));
        }
        match sort(n) {
            Sort::Buyer => {
                for i in 0..6 {
                    all.push(happened(n, "purchase", 2 + i * 9 + (n as i64 % 5), json!({"value": 100 + n % 50, "category": "coffee"}), &mut count));
                }
            }
            Sort::Looker => {
                for i in 0..8 {
                    all.push(happened(n, "view_item", 1 + i * 5, json!({"category": if i < 6 { "tea" } else { "coffee" }}), &mut count));
                }
            }
            Sort::Rare => {}
        }
    }
    all
}

async fn brand() -> Weft {
    let weft = Weft::start().await;
    for batch in lives().chunks(400) {
        weft.send(batch).await;
    }
    weft.settled().await;
    weft
}

async fn learn(weft: &Weft, draft: Value) -> Value {
    let model = weft.post("/models", draft).await;
    run(weft, model["id"].as_str().unwrap()).await
}

async fn run(weft: &Weft, id: &str) -> Value {
    weft.post(&format!("/models/{id}:run"), json!({})).await;
    let model = eventually("the model has run", || async {
        let now = weft.get(&format!("/models/{id}")).await;
        (now["progress"].is_null() && !now["last_run"].is_null()).then_some(now)
    })
    .await;
    assert_eq!(model["last_run"]["state"], "done", "{}", model["last_run"]["error"]);
    model
}

/// Everybody's value, by number.
async fn called(weft: &Weft, tag: &str) -> BTreeMap<usize, String> {
    let (mut all, mut cursor) = (BTreeMap::new(), String::new());
    loop {
        let page = weft.get(&format!("/tags/{tag}/people?limit=500{cursor}")).await;
        for line in page["items"].as_array().unwrap() {
            let id = line["person"]["identifiers"].as_array().unwrap().iter().find(|i| i["type"] == "user_id").unwrap()["value"].as_str().unwrap();
            all.insert(id[1..].parse().unwrap(), line["value"].as_str().unwrap().to_owned());
        }
        let Some(next) = page["next"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

async fn count(weft: &Weft, condition: Value) -> u64 {
    weft.post("/segments:count", json!({"condition": condition})).await["count"].as_u64().unwrap()
}

#[tokio::test]
async fn what_was_planted_is_learnt_and_becomes_a_tag() {
    let weft = brand().await;
    let offered = weft.get("/models/features").await;
    let labels: Vec<&str> = offered["items"].as_array().unwrap().iter().filter_map(|f| f["feature"]["label"].as_str()).collect();
    assert!(labels.contains(&"city") && labels.contains(&"purchase · count") && !labels.contains(&"name"), "{labels:?}");

    // Who is alike: the number chosen by the house.
    let counted = |event: &str| json!({"label": event, "statistic": {"event": {"name": event, "within": "90d"}, "function": "count"}});
    let spent = json!({"label": "spent", "statistic": {"event": {"name": "purchase"}, "function": "sum", "property": "value"}});
    let features = json!([counted("purchase"), counted("view_item"), spent]);
    let clusters = learn(&weft, json!({"name": "alike", "title": "Alike", "kind": "clusters", "features": features, "settings": {"k": null}})).await;
    let result = &clusters["last_run"]["result"];
    let values = called(&weft, clusters["tag"].as_str().unwrap()).await;
    assert_eq!(values.len(), PEOPLE);
    let mut by_cluster: BTreeMap<&String, BTreeMap<String, usize>> = BTreeMap::new();
    values.iter().for_each(|(n, value)| *by_cluster.entry(value).or_default().entry(format!("{:?}", sort(*n))).or_default() += 1);
    let pure: usize = by_cluster.values().map(|sorts| sorts.values().max().unwrap()).sum();
    println!("clusters {by_cluster:?}, recommended {}", result["recommended"]);
    assert!(pure as f64 / PEOPLE as f64 > 0.95, "{by_cluster:?}");
    assert_eq!(result["clusters"].as_array().unwrap().iter().map(|c| c["people"].as_u64().unwrap()).sum::<u64>(), PEOPLE as u64);
    for cluster in result["clusters"].as_array().unwrap() {
        assert_eq!(count(&weft, json!({"tag": {"name": "alike", "eq": cluster["value"]}})).await, cluster["people"].as_u64().unwrap());
    }
    assert_eq!(result["map"].as_array().unwrap().len(), 600);

    // What sorts of people share: gold ones, and the leaf is a condition that says so.
    let outcome = json!({"event": {"name": "share"}});
    let features = json!([{"label": "level", "trait": "level"}, {"label": "age", "trait": "age"}, {"label": "orders", "statistic": {"event": {"name": "purchase"}, "function": "count"}}]);
    let tree = learn(&weft, json!({"name": "sharers", "title": "Sharers", "kind": "tree", "features": features, "settings": {"outcome": outcome}})).await;
    let leaves = tree["last_run"]["result"]["leaves"].as_array().unwrap();
    assert_eq!((leaves.len(), leaves[0]["rate"].as_f64(), leaves[0]["people"].as_u64()), (2, Some(1.0), Some(120)), "{leaves:?}");
    for leaf in leaves {
        assert_eq!(count(&weft, leaf["condition"].clone()).await, leaf["people"].as_u64().unwrap(), "{leaf}");
    }
    // Numbers make leaves, too, and each leaf's condition finds the leaf's people.
    let features = json!([
        {"label": "age", "trait": "age"},
        {"label": "days since", "recency": {"event": {"name": "view_item"}}},
        {"label": "spent", "statistic": {"event": {"name": "purchase"}, "function": "sum", "property": "value"}},
        {"label": "alike", "tag": "alike"},
    ]);
    let outcome = json!({"any": [{"trait": {"name": "age", "gte": 50}}, {"event": {"name": "view_item"}}]});
    let tree = learn(&weft, json!({"name": "grown", "title": "Grown", "kind": "tree", "features": features, "settings": {"outcome": outcome, "max_depth": 4, "min_leaf": 10}})).await;
    let leaves = tree["last_run"]["result"]["leaves"].as_array().unwrap();
    assert!(leaves.len() > 2);
    for leaf in leaves {
        assert_eq!(count(&weft, leaf["condition"].clone()).await, leaf["people"].as_u64().unwrap(), "{leaf}");
    }

    // Chosen by the house, features do not say what is to be found out.
    let bought = json!({"event": {"name": "purchase", "within": "90d"}});
    let tree = learn(&weft, json!({"name": "bought", "title": "Bought", "kind": "tree", "settings": {"outcome": bought}})).await;
    let said = tree["last_run"]["result"]["feature_notes"].to_string();
    assert!(said.contains("city") && !said.contains("purchase"), "{said}");

    // What they like: of tea and coffee the more frequent one.
    let settings = json!({"event": "view_item", "property": "category", "within": "90d", "half_life": 30});
    let likes = learn(&weft, json!({"name": "likes", "title": "Likes", "kind": "preference", "settings": settings})).await;
    let values = called(&weft, likes["tag"].as_str().unwrap()).await;
    assert!(values.len() == PEOPLE / 3 && values.iter().all(|(n, v)| sort(*n) == Sort::Looker && v == "tea"), "{} {values:?}", values.len());

    // The tag is the model's.
    let tag = likes["tag"].as_str().unwrap();
    let refused = weft.call(Method::POST, &format!("/tags/{tag}:archive"), Some(json!({}))).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (409, Some("tags.of_a_model")));
    // A journey asks for another: while people go through it, it counts as use.
    let plan = json!({
        "entry": {"event": {"name": "signed_up"}}, "start": "which",
        "nodes": [
            {"id": "which", "type": "branch", "branches": [{"name": "any", "condition": {"tag": {"name": clusters["name"], "exists": true}}, "next": "wait"}], "otherwise": null},
            {"id": "wait", "type": "wait", "for": "1d", "next": null},
        ],
    });
    let journey = weft.post("/journeys", json!({"name": "by sort", "plan": plan})).await["id"].as_str().unwrap().to_owned();
    let path = format!("/tags/{}/evaluation?event=purchase&days=30", clusters["tag"].as_str().unwrap());
    let by_journeys = |evaluated: &Value| evaluated["used_by"].as_array().unwrap().iter().filter(|u| u["kind"] == "journey" && u["id"] == *journey).count();
    assert_eq!(by_journeys(&weft.get(&path).await), 0, "a draft moves nobody");
    weft.post(&format!("/journeys/{journey}:publish"), json!({})).await;
    let evaluated = weft.get(&path).await;
    assert_eq!(by_journeys(&evaluated), 1, "{evaluated}");
    assert_eq!((evaluated["coverage"].as_f64(), evaluated["tagged"].as_u64()), (Some(1.0), Some(PEOPLE as u64)), "{evaluated}");
    assert!(evaluated["used_by"].as_array().unwrap().iter().any(|u| u["kind"] == "model"), "{evaluated}");
    let archived = weft.post(&format!("/models/{}:archive", likes["id"].as_str().unwrap()), json!({})).await;
    assert_eq!(archived["state"], "archived");
    assert_eq!(count(&weft, json!({"tag": {"name": "likes", "exists": true}})).await, 0);
}

#[tokio::test]
async fn who_is_worth_most_who_is_like_them_and_who_will_buy() {
    let weft = brand().await;
    let buyers: Vec<usize> = (0..PEOPLE).filter(|n| sort(*n) == Sort::Buyer).collect();
    let spent = |n: usize| 6.0 * (100 + n % 50) as f64;

    let money = json!({"event": "purchase", "property": "value", "within": "365d"});
    let abc = learn(&weft, json!({"name": "abc", "title": "ABC", "kind": "abc", "settings": money})).await;
    let result = &abc["last_run"]["result"];
    let total: f64 = buyers.iter().map(|n| spent(*n)).sum();
    assert_eq!((result["people"].as_u64(), result["amount"].as_f64()), (Some(buyers.len() as u64), Some(total)));
    let values = called(&weft, abc["tag"].as_str().unwrap()).await;
    let least_a = values.iter().filter(|(_, v)| *v == "A").map(|(n, _)| spent(*n)).fold(f64::INFINITY, f64::min);
    let more: f64 = buyers.iter().map(|n| spent(*n)).filter(|s| *s > least_a).sum();
    let with: f64 = buyers.iter().map(|n| spent(*n)).filter(|s| *s >= least_a).sum();
    assert!(more / total < 0.8 && with / total >= 0.8, "A ends where 80 % is reached: {more} {with} of {total}");

    let mut settings = money.clone();
    settings.as_object_mut().unwrap().extend([("tiles".to_owned(), json!(5)), ("by".to_owned(), json!("eight"))]);
    let rfm = learn(&weft, json!({"name": "rfm_kind", "title": "RFM", "kind": "rfm", "settings": settings})).await;
    let cells = rfm["last_run"]["result"]["cells"].as_array().unwrap();
    assert_eq!(cells.iter().map(|c| c["people"].as_u64().unwrap()).sum::<u64>(), buyers.len() as u64);
    assert!((cells.iter().map(|c| c["amount"].as_f64().unwrap()).sum::<f64>() - total).abs() < 1e-6);
    let matrix = rfm["last_run"]["result"]["matrix"].as_array().unwrap();
    assert_eq!(matrix.iter().map(|c| c["people"].as_u64().unwrap()).sum::<u64>(), buyers.len() as u64);

    // Half of the buyers are put on a list; those who are like them are the other half.
    let list = weft.post("/segments", json!({"name": "seed", "list": {}})).await;
    let ids: Vec<String> = buyers.iter().step_by(2).map(|n| format!("u{n}")).chain(["nobody".to_owned()]).collect();
    let added = weft.post(&format!("/segments/{}/members:add", list["id"].as_str().unwrap()), json!({"id_type": "user_id", "ids": ids})).await;
    assert_eq!((added["changed"].as_u64(), added["unknown_ids"][0].as_str()), (Some(50), Some("nobody")));
    let settings = json!({"seed": list["id"], "size": 50});
    let alike = learn(&weft, json!({"name": "look_alike", "title": "Alike", "kind": "look_alike", "settings": settings})).await;
    let values = called(&weft, alike["tag"].as_str().unwrap()).await;
    let right = values.iter().filter(|(n, v)| *v == "alike" && sort(**n) == Sort::Buyer).count();
    println!("look-alike: {right} of 50, auc {}", alike["last_run"]["result"]["auc"]);
    assert!(right >= 45, "{right} of the 50 most alike are buyers");

    // Who bought before buys again: the scores say so.
    let settings = json!({"event": {"name": "purchase"}, "days": 20, "steps": [0.1, 0.2]});
    let will = learn(&weft, json!({"name": "will_buy", "title": "Will buy", "kind": "propensity", "settings": settings})).await;
    let result = &will["last_run"]["result"];
    println!("propensity: auc {}, positives {}", result["auc"], result["positives"]);
    assert!(result["auc"].as_f64().unwrap() > 0.95, "{result}");
    let values = called(&weft, will["tag"].as_str().unwrap()).await;
    assert_eq!(values.len(), PEOPLE);
    assert!(values.iter().filter(|(_, v)| *v == "high").all(|(n, _)| sort(*n) == Sort::Buyer));

    // A second run with nothing new changes nobody.
    let again = run(&weft, abc["id"].as_str().unwrap()).await;
    assert_eq!(again["last_run"]["tagged"], 0, "{}", again["last_run"]);

    // What sets the list apart is what was planted.
    let drawn = weft.post("/segments:portrait", json!({"segment": list["id"]})).await;
    let portrait = eventually("the portrait is drawn", || async {
        let now = weft.get(&format!("/portraits/{}", drawn["id"].as_str().unwrap())).await;
        (now["state"] != "running").then_some(now)
    })
    .await;
    assert_eq!(portrait["state"], "done", "{portrait}");
    let striking: Vec<String> = portrait["result"]["striking"].as_array().unwrap().iter().map(|s| format!("{} {}", s["feature"], s["value"])).collect();
    assert!(striking.contains(&"\"city\" \"上海\"".to_owned()) && striking.contains(&"\"purchase\" null".to_owned()), "{striking:?}");
    let worth = &portrait["result"]["value"];
    assert_eq!((worth["buyers"].as_f64(), worth["orders_per_buyer"].as_f64()), (Some(1.0), Some(6.0)));
    let expected: f64 = buyers.iter().step_by(2).map(|n| spent(*n)).sum();
    assert!((worth["amount_total"].as_f64().unwrap() - expected).abs() < 1e-6);

    // How lists lie over each other.
    let all = weft.post("/segments", json!({"name": "buyers", "condition": {"event": {"name": "purchase"}}})).await;
    let overlap = weft.post("/segments:overlap", json!({"segments": [list["id"], all["id"]]})).await;
    assert_eq!((overlap["pairs"][0]["both"].as_u64(), overlap["pairs"][0]["only_b"].as_u64()), (Some(50), Some(50)), "{overlap}");
}
