//! The clients that brands really use send to a running house: npm, PyPI, and both web SDKs in a real browser. What they sent
//! is there once, belongs to the right people, and says what it said.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

mod outside;

use std::collections::{BTreeMap, BTreeSet};

use outside::{browser_program, every, node_program, python_program, told};
use serde_json::{Value, json};
use tokio::process::Command;
use weft_stories::{WRITE_KEY, Weft};

/// A house that has taken in what a client sent.
struct Heard {
    weft: Weft,
    sent: Vec<Value>,
}

/// How often each name is in the list.
fn counted<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, u64> {
    names.fold(BTreeMap::new(), |mut counts, name| {
        *counts.entry(name).or_default() += 1;
        counts
    })
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

impl Heard {
    /// Runs the client to its end. Everything it sent is in the house once, and nothing else is.
    async fn from(mut client: Command) -> Self {
        let weft = Weft::start().await;
        client.args([&weft.url, WRITE_KEY]);
        let told = told(client).await;
        let sent = told["sent"].as_array().unwrap().clone();
        weft.settled().await;
        let outcomes = weft.get("/outcomes").await;
        assert_eq!(outcomes["totals"], json!({"stored": sent.len()}), "every event is stored, and none is refused or repeated");
        let rows = weft.query("select name, count(*) from events group by 1 order by 1").await;
        let there: BTreeMap<&str, u64> = rows.iter().map(|row| (row[0].as_str().unwrap(), row[1].as_u64().unwrap())).collect();
        assert_eq!(there, counted(sent.iter().map(|call| text(call, "event"))));
        Self { weft, sent }
    }

    /// The ids the client gave are the ids of the events.
    async fn has_the_ids_of_the_client(&self) {
        let rows = self.weft.query("select event_id from events").await;
        let there: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str().unwrap()).collect();
        let sent: BTreeSet<&str> = self.sent.iter().map(|call| text(call, "id")).collect();
        assert_eq!(there, sent);
    }

    fn id_of(&self, kind: &str) -> &str {
        let call = self.sent.iter().find(|call| call["kind"] == kind);
        text(call.unwrap_or_else(|| panic!("no {kind} was sent")), "id")
    }

    /// The one person known by an identifier such as `user_id:u1`.
    async fn person(&self, identifier: &str) -> Person {
        let found = every(&self.weft, &format!("/people?identifier={identifier}")).await;
        assert_eq!(found.len(), 1, "{identifier}: {found:?}");
        let id = text(&found[0], "id").to_owned();
        Person { view: self.weft.get(&format!("/people/{id}")).await, history: every(&self.weft, &format!("/people/{id}/timeline")).await, id }
    }

    async fn people(&self) -> u64 {
        self.weft.get("/system").await["people"].as_u64().unwrap()
    }

    /// Kinds of values of each trait, as the builders offer them.
    async fn traits(&self) -> BTreeMap<String, Value> {
        let items = every(&self.weft, "/traits").await;
        items.iter().map(|item| (text(item, "name").to_owned(), item["kinds"].clone())).collect()
    }
}

struct Person {
    id: String,
    view: Value,
    history: Vec<Value>,
}

impl Person {
    fn identifiers(&self) -> BTreeSet<(&str, &str)> {
        self.view["identifiers"].as_array().unwrap().iter().map(|i| (text(i, "type"), text(i, "value"))).collect()
    }
    fn types(&self) -> BTreeSet<&str> {
        self.identifiers().into_iter().map(|(id_type, _)| id_type).collect()
    }
    fn traits(&self) -> Value {
        let traits = self.view["traits"].as_object().unwrap();
        traits.iter().map(|(name, known)| (name.clone(), known["value"].clone())).collect::<serde_json::Map<_, _>>().into()
    }
    /// What happened, by name.
    fn happened(&self) -> BTreeMap<&str, u64> {
        counted(self.history.iter().map(|event| text(event, "name")))
    }
    fn event(&self, name: &str) -> &Value {
        self.history.iter().find(|event| event["name"] == name).unwrap_or_else(|| panic!("no {name} in {:?}", self.history))
    }
}

fn once<'a>(names: &[&'a str]) -> BTreeMap<&'a str, u64> {
    counted(names.iter().copied())
}

const SIX_CALLS: [&str; 6] = ["identify", "Order Completed", "page", "screen", "group", "alias"];

#[tokio::test]
async fn segment_for_node() {
    let Some(client) = node_program("segment_node.mjs") else { return };
    let heard = Heard::from(client).await;
    heard.has_the_ids_of_the_client().await;
    assert_eq!(heard.people().await, 1);

    let person = heard.person("user_id:user-node").await;
    assert_eq!(heard.person("anonymous_id:anon-node").await.id, person.id, "the cookie and the customer are one person");
    assert_eq!(person.identifiers(), BTreeSet::from([("anonymous_id", "anon-node"), ("user_id", "user-node")]));
    assert_eq!(person.traits(), json!({"email": "node@example.cn", "name": "李雷", "group_id": "org-node"}));
    assert_eq!(person.happened(), once(&SIX_CALLS));
    assert_eq!(person.event("Order Completed")["properties"], json!({"order_id": "SO-node", "revenue": 199.5, "currency": "CNY", "text": "促销 \"今天\""}));
    assert_eq!(person.event("page")["properties"], json!({"url": "https://shop.example.cn/p", "category": "Docs", "name": "Pricing"}));
    assert_eq!(person.event("screen")["properties"], json!({"name": "首页"}));

    // Why they are one, and on whose word.
    let identity = heard.weft.get(&format!("/people/{}/identity", person.id)).await;
    assert_eq!(identity["links"].as_array().unwrap().len(), 1, "{identity}");
    // It sends three calls at a time, and does not wait for the first three before the others: either may be heard first.
    let evidence = text(&identity["links"][0]["evidence"], "event_id");
    assert!([heard.id_of("identify"), heard.id_of("alias")].contains(&evidence), "{identity}");
    assert_eq!(identity["refused"], json!([]));
    let revenue = heard.weft.query("select sum(prop_num(properties, 'revenue')), max(user_id) from events where name = 'Order Completed'").await;
    assert_eq!(revenue, [[json!("199.5"), json!("user-node")]]);
}

#[tokio::test]
async fn segment_for_node_with_a_wrong_key_is_told_so() {
    let Some(mut client) = node_program("segment_node.mjs") else { return };
    let weft = Weft::start().await;
    client.args([&weft.url, "wr_wrong"]);
    let ran = outside::run(client).await;
    assert!(!ran.is_ok && ran.complained.contains("401"), "{} {}", ran.said, ran.complained);
    weft.settled().await;
    assert_eq!(weft.get("/system").await["people"], 0);
    assert_eq!(weft.query("select count(*) from events").await, [[json!(0)]]);
}

#[tokio::test]
async fn segment_for_python_plain_and_gzipped() {
    let Some(client) = python_program("tests/clients/python/segment_python.py") else { return };
    let heard = Heard::from(client).await;
    heard.has_the_ids_of_the_client().await;
    assert_eq!(heard.people().await, 2);
    for name in ["python", "python-gzip"] {
        let (user, anonymous) = (format!("user-{name}"), format!("anon-{name}"));
        let person = heard.person(&format!("user_id:{user}")).await;
        assert_eq!(person.identifiers(), BTreeSet::from([("anonymous_id", &*anonymous), ("user_id", &*user)]));
        assert_eq!(person.traits(), json!({"email": format!("{name}@example.cn"), "name": "李雷", "group_id": "org-python"}));
        assert_eq!(person.happened(), once(&SIX_CALLS));
        assert_eq!(person.event("Order Completed")["properties"], json!({"order_id": format!("SO-{name}"), "revenue": 199.5, "text": "促销 \"今天\""}));
    }
}

#[tokio::test]
async fn segment_for_the_web_in_a_browser() {
    let Some(client) = browser_program("segment_web.mjs") else { return };
    let heard = Heard::from(client).await;
    heard.has_the_ids_of_the_client().await;
    assert_eq!(heard.people().await, 1, "one browser is one person, before and after she says who she is");

    let person = heard.person("user_id:user-web").await;
    assert_eq!(person.types(), BTreeSet::from(["anonymous_id", "user_id"]));
    assert_eq!(person.traits(), json!({"email": "web@example.cn", "group_id": "org-web"}));
    // Once call by call, once in batches.
    let twice: BTreeMap<&str, u64> = once(&["page", "identify", "Order Completed", "group"]).into_keys().map(|name| (name, 2)).collect();
    assert_eq!(person.happened(), twice);
    assert_eq!(person.event("Order Completed")["properties"], json!({"revenue": 199.5, "text": "促销 😀"}));
    let pages: BTreeSet<&str> = person.history.iter().filter(|e| e["name"] == "page").map(|e| text(&e["properties"], "path")).collect();
    assert_eq!(pages, BTreeSet::from(["/batch", "/single"]));
    assert_eq!(person.event("page")["properties"]["title"], "商品页");
}

#[tokio::test]
async fn sensors_for_python_by_each_of_its_consumers() {
    let Some(client) = python_program("tests/clients/python/sensors_python.py") else { return };
    let heard = Heard::from(client).await;
    let phones = [("default", "13900000001"), ("batch", "13900000002"), ("async", "13900000003"), ("debug", "13900000004")];
    // The customer, somebody whose profile was deleted, and an address that nobody else has.
    assert_eq!(heard.people().await, 3 * phones.len() as u64);
    for (way, phone) in phones {
        let (user, anonymous) = (format!("user-sa-{way}"), format!("anon-sa-{way}"));
        let person = heard.person(&format!("user_id:{user}")).await;
        for identifier in [format!("anonymous_id:{anonymous}"), format!("phone:{phone}")] {
            assert_eq!(heard.person(&identifier).await.id, person.id, "{way}: {identifier}");
        }
        assert_eq!(person.traits(), json!({"$name": "李雷", "first": "now", "points": 10, "interests": ["运动"]}), "{way}");
        let happened = person.happened();
        for name in ["ViewProduct", "$SignUp", "Order", "$BindID", "Refund"] {
            assert_eq!(happened.get(name), Some(&1), "{way}: {name} in {happened:?}");
        }
        assert_eq!(person.event("Order")["properties"]["amount"], 199.5);
        let viewed = &person.event("ViewProduct")["properties"];
        assert_eq!((&viewed["tags"], &viewed["platform_type"]), (&json!(["新品", "促销"]), &json!("小程序")));
        let gone = heard.person(&format!("anonymous_id:gone-sa-{way}")).await;
        assert_eq!(gone.traits(), json!({}), "{way}");
        assert_ne!(gone.id, person.id);
    }
    // What was unset has left no value behind.
    assert_eq!(heard.traits().await["vip_level"], json!(["number"]));
}

#[tokio::test]
async fn sensors_for_the_web_in_a_browser_by_each_way_of_sending() {
    let Some(client) = browser_program("sensors_web.mjs") else { return };
    let heard = Heard::from(client).await;
    let phones = [("image", "13800138001"), ("ajax", "13800138002"), ("beacon", "13800138003"), ("batch", "13800138004")];
    assert_eq!(heard.people().await, phones.len() as u64);
    for (way, phone) in phones {
        let person = heard.person(&format!("user_id:user-sensors-{way}")).await;
        assert_eq!(person.types(), BTreeSet::from(["anonymous_id", "cookie_id", "phone", "user_id"]), "{way}");
        assert_eq!(heard.person(&format!("phone:{phone}")).await.id, person.id, "{way}");
        assert_eq!(person.traits(), json!({"name": "李雷", "first_way": way, "points": 10, "interests": ["运动"]}), "{way}");
        let happened = person.happened();
        for name in ["ViewProduct", "$SignUp", "$BindID", "Order"] {
            assert_eq!(happened.get(name), Some(&1), "{way}: {name} in {happened:?}");
        }
        let viewed = &person.event("ViewProduct")["properties"];
        assert_eq!((&viewed["way"], &viewed["price"], &viewed["tags"]), (&json!(way), &json!(99.75), &json!(["新品"])));
        assert_eq!((&viewed["$title"], &viewed["$lib"]), (&json!("商品页"), &json!("js")));
    }
    let channels = heard.weft.query("select distinct channel from events").await;
    assert_eq!(channels, [[json!("web")]]);
}
