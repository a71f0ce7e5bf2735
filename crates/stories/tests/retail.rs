//! Half a million real order lines: imported by the command line, counted as an independent program counts them, and the typical
//! scene over them, with mails that a real mail server takes.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

mod outside;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use outside::mail_server::MailServer;
use outside::{every, python_program, told};
use serde_json::{Value, json};
use weft_stories::{Weft, data_set, eventually, missing};

const FILE: &str = "transactions/onlineretail.csv.gz";
const MAP: &str = "order_id=InvoiceNo,user_id=CustomerID,time=InvoiceDate,item_id=StockCode,item_name=Description,quantity=Quantity,price=UnitPrice,country=Country";
/// The shop was closed on this Saturday; see tests/python/onlineretail_conditions.py.
const SATURDAY: Duration = Duration::from_secs(1_315_612_800);

/// What is made up about customer `n`, because the file has only numbers. The story's expectations follow from it.
mod made_up {
    pub fn email(n: u64) -> Option<String> {
        match n {
            n if n % 10 == 0 => None,
            n if n % 9 == 0 => Some(format!("customer{n}@refuses.example")),
            n => Some(format!("customer{n}@example.com")),
        }
    }
    pub fn agrees(n: u64) -> bool {
        n % 4 != 0
    }
    /// What must become of a message to her.
    pub fn outcome(n: u64) -> (&'static str, &'static str) {
        match email(n) {
            None => ("suppressed", "no_address"),
            Some(_) if !agrees(n) => ("suppressed", "no_consent"),
            Some(address) if address.ends_with("@refuses.example") => ("failed", "rcpt.550"),
            Some(_) => ("sent", ""),
        }
    }
}

fn whole(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no whole number"))
}

fn numbers(list: &Value) -> BTreeSet<u64> {
    list.as_array().unwrap().iter().map(whole).collect()
}

async fn counted_elsewhere(program: &str, file: &Path) -> Option<Value> {
    let mut command = python_program(program)?;
    command.arg(file);
    Some(told(command).await)
}

/// `weft import` on a folder that no server runs on: the last line of its output.
async fn import(folder: &Path, arguments: &[&str]) -> Value {
    let (is_ok, said, complained) = Weft::run(folder, &[], &[&["import", "--json"], arguments].concat()).await;
    assert!(is_ok, "weft import {arguments:?}: {complained}");
    serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap()
}

fn summary(rows: &Value, accepted: u64, events: &Value, people: u64) -> Value {
    let skipped = whole(rows) - accepted;
    json!({"rows": rows, "accepted": accepted, "rejected": 0, "skipped": skipped, "events": events, "people_created": people, "rejected_file": null})
}

async fn import_orders(folder: &Path, file: &Path, counts: &Value) {
    let file = file.to_str().unwrap();
    let arguments = ["orders", file, "--map", MAP, "--time-zone", "Europe/London", "--currency", "GBP"];
    let rows = &counts["rows"];
    // The folder is new: the command makes the workspace, and finds it.
    assert_eq!(import(folder, &arguments).await, summary(rows, whole(rows), &counts["orders"], whole(&counts["people"])));
    assert_eq!(import(folder, &arguments).await, summary(rows, 0, &json!(0), 0), "the same file again changes nothing");
}

/// Addresses and consents of the same customers, from other files of the shop.
async fn import_people(folder: &Path, customers: &BTreeSet<u64>) {
    let mut addresses = String::from("customer,email\n");
    let mut consents = String::from("customer,when\n");
    for n in customers {
        writeln!(addresses, "{n},{}", made_up::email(*n).unwrap_or_default()).unwrap();
        if made_up::agrees(*n) {
            writeln!(consents, "{n},2011-12-10T09:00:00Z").unwrap();
        }
    }
    let (people, events) = (folder.join("addresses.csv"), folder.join("consents.csv"));
    std::fs::write(&people, addresses).unwrap();
    std::fs::write(&events, consents).unwrap();

    let rows = json!(customers.len());
    let arguments = ["people", people.to_str().unwrap(), "--map", "user_id=customer,email=email"];
    assert_eq!(import(folder, &arguments).await, summary(&rows, customers.len() as u64, &rows, 0), "all of them are known already");
    assert_eq!(import(folder, &arguments).await, summary(&rows, 0, &json!(0), 0));

    let agreed = customers.iter().filter(|n| made_up::agrees(**n)).count();
    let map = "user_id=customer,time=when,name=const:consent_granted,purpose=const:marketing,channel=const:email";
    let arguments = ["events", events.to_str().unwrap(), "--map", map];
    assert_eq!(import(folder, &arguments).await, summary(&json!(agreed), agreed as u64, &json!(agreed), 0));
}

async fn sums_are_those_of_the_independent_program(weft: &Weft, counts: &Value) {
    let rows = weft
        .query("select name, count(*), count(person), cast(sum(prop_num(properties, 'value')) as varchar) from events where name in ('purchase', 'refund', 'order_cancelled') group by 1")
        .await;
    let decimal = |text: &Value| text.as_str().unwrap().trim_end_matches('0').to_owned();
    for row in &rows {
        let name = row[0].as_str().unwrap();
        let anonymous = counts["anonymous"][name].as_u64().unwrap_or(0);
        assert_eq!(row[1], counts["events"][name], "{name}");
        assert_eq!(whole(&row[2]), whole(&row[1]) - anonymous, "{name} with a person");
        assert_eq!(decimal(&row[3]), decimal(&counts["sums"][name]), "{name}");
    }
    assert_eq!(rows.len(), counts["events"].as_object().unwrap().len());
    let countries = weft.query("select prop(properties, 'country'), count(*) from events where prop(properties, 'order_id') is not null group by 1").await;
    let countries: serde_json::Map<String, Value> = countries.into_iter().map(|row| (row[0].as_str().unwrap().to_owned(), row[1].clone())).collect();
    assert_eq!(Value::from(countries), counts["countries"]);
}

/// The conditions of tests/python/onlineretail_conditions.py, as trees.
fn conditions() -> BTreeMap<&'static str, Value> {
    let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() - SATURDAY;
    let since_saturday = format!("{}d", age.as_secs() / 86_400);
    let bought = |more: Value| {
        let mut test = json!({"name": "purchase"});
        test.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"event": test})
    };
    let recent = bought(json!({"within": since_saturday}));
    let not_recent = json!({"not": recent});
    let spent = |least: u32| bought(json!({"sum": {"property": "value", "gte": least}}));
    BTreeMap::from([
        ("bought_three_times", bought(json!({"count": {"gte": 3}}))),
        ("recent", recent.clone()),
        ("spent_1000", spent(1000)),
        ("champion", json!({"all": [recent, bought(json!({"count": {"gte": 5}, "between": ["2011-01-01", "2011-12-10"]})), spent(2000)]})),
        ("sleeping", json!({"all": [bought(json!({"count": {"gte": 3}})), spent(500), not_recent]})),
        ("once_and_gone", json!({"all": [bought(json!({"count": {"eq": 1}})), not_recent]})),
        ("gave_back_soon", json!({"sequence": {"steps": [{"name": "purchase"}, {"name": "order_cancelled"}], "within": "7d"}})),
        ("cancelled_abroad", json!({"event": {"name": "order_cancelled", "where": {"property": "country", "ne": "United Kingdom"}}})),
        ("mean_order_over_500", bought(json!({"avg": {"property": "value", "gt": 500}}))),
        ("from_two_countries", json!({"event": {"name": "*", "distinct": {"property": "country", "gte": 2}}})),
        ("began_big", bought(json!({"first": {"property": "value", "gte": 1000}}))),
        (
            "new_in_november",
            json!({"all": [bought(json!({"between": ["2011-11-01", "2011-12-01"]})), {"not": bought(json!({"between": ["2010-12-01", "2011-11-01"]}))}]}),
        ),
    ])
}

async fn conditions_count_like_the_independent_program(weft: &Weft, expected: &Value) {
    let mut counts = serde_json::Map::new();
    for (name, condition) in conditions() {
        let answer = weft.post("/segments:count", json!({"condition": condition})).await;
        counts.insert(name.to_owned(), answer["count"].clone());
    }
    assert_eq!(Value::from(counts), *expected);
}

/// Person id → customer number.
async fn customers_by_person(weft: &Weft) -> BTreeMap<String, u64> {
    let rows = weft.query("select person, value from identifiers where type = 'user_id'").await;
    rows.iter().map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().parse().unwrap())).collect()
}

/// The segment of those who used to buy and have not come for long; its members are exactly the expected customers.
async fn segment_of_sleepers(weft: &Weft, customers: &BTreeMap<String, u64>, expected: &BTreeSet<u64>) -> String {
    let segment = weft.post("/segments", json!({"name": "sleeping", "condition": conditions()["sleeping"]})).await;
    let id = segment["id"].as_str().unwrap().to_owned();
    eventually("the segment to be filled", || async { (weft.get(&format!("/segments/{id}")).await["is_filled"] == true).then_some(()) }).await;
    let members = weft.query(&format!("select person from memberships where segment = '{id}'")).await;
    let members: BTreeSet<u64> = members.iter().map(|row| customers[row[0].as_str().unwrap()]).collect();
    assert_eq!(members, *expected);
    assert_eq!(whole(&weft.get(&format!("/segments/{id}")).await["count"]), expected.len() as u64);
    id
}

/// Day → how many, without the days on which nothing happened.
async fn trend(weft: &Weft, question: Value) -> BTreeMap<String, u64> {
    let mut whole_question = json!({"from": "2010-11-29T00:00:00Z", "to": "2011-12-12T00:00:00Z"});
    whole_question.as_object_mut().unwrap().extend(question.as_object().unwrap().clone());
    let points = weft.post("/analytics/trends:run", whole_question).await["points"].clone();
    let london = jiff::tz::TimeZone::get("Europe/London").unwrap();
    let date = |point: &Value| point["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().to_zoned(london.clone()).date().to_string();
    points.as_array().unwrap().iter().map(|point| (date(point), whole(&point["value"]))).filter(|(_, n)| *n > 0).collect()
}

async fn trends_and_funnels_are_those_of_the_independent_program(weft: &Weft, expected: &Value, sleeping: &str) {
    let counted = |name: &str| -> BTreeMap<String, u64> { expected[name].as_object().unwrap().iter().map(|(day, n)| (day.clone(), whole(n))).collect() };
    let abroad = json!({"name": "purchase", "where": {"not": {"property": "country", "eq": "United Kingdom"}}});
    assert_eq!(trend(weft, json!({"event": abroad, "measure": "people", "interval": "week"})).await, counted("buyers_abroad_by_week"));
    let of_sleeping = json!({"event": {"name": "purchase"}, "interval": "day", "segment": sleeping});
    assert_eq!(trend(weft, of_sleeping).await, counted("orders_of_sleeping_by_day"));
    let funnel = weft.post("/analytics/funnels:run", json!({"steps": [{"name": "purchase"}, {"name": "order_cancelled"}], "within": "7d"})).await;
    assert_eq!(funnel["steps"][1]["people"], expected["counts"]["gave_back_soon"]);
}

async fn publish(weft: &Weft, mail_server: &MailServer, segment: &str) -> String {
    let providers = json!({"email": mail_server.provider()});
    weft.put("/settings/sending", json!({"caps": [], "quiet_hours": null, "needs_consent": true, "providers": providers})).await;
    let template = weft
        .post("/templates", json!({"name": "we miss you", "channel": "email", "subject": "10 % for {{ person.email }}",
            "html": "<p>We miss you.</p><a href=\"https://shop.example/?c=SLEEP10\">Use it</a>", "text": "We miss you. https://shop.example/?c=SLEEP10"}))
        .await;
    let plan = json!({
        "entry": {"segment": segment, "include_present": true},
        "goal": {"event": {"name": "purchase"}, "within": "14d"},
        "start": "split",
        "nodes": [
            {"id": "split", "type": "split", "arms": [{"key": "mail", "weight": 80, "next": "send"}, {"key": "control", "weight": 20, "control": true}]},
            {"id": "send", "type": "send", "channel": "email", "template": template["id"], "next": null},
        ],
    });
    let journey = weft.post("/journeys", json!({"name": "wake them", "plan": plan})).await;
    let id = journey["id"].as_str().unwrap().to_owned();
    weft.post(&format!("/journeys/{id}:publish"), json!({})).await;
    id
}

/// Waits until everybody has entered and every message has its outcome; then customer number → arm.
async fn arms(weft: &Weft, journey: &str, customers: &BTreeMap<String, u64>, people: usize) -> BTreeMap<u64, String> {
    eventually("every message to have its outcome", || async {
        let counts = weft.get(&format!("/journeys/{journey}/counts")).await;
        let by_state = weft.get("/deliveries/summary").await["by_state"].clone();
        let done: u64 = ["sent", "suppressed", "failed", "unknown"].iter().filter_map(|state| by_state[*state].as_u64()).sum();
        (counts["entered"] == people && counts["arms"]["mail"] == done).then_some(())
    })
    .await;
    let entries = every(weft, &format!("/journeys/{journey}/people")).await;
    let customer = |entry: &Value| customers[entry["person"]["id"].as_str().unwrap()];
    entries.iter().map(|entry| (customer(entry), entry["arm"].as_str().unwrap().to_owned())).collect()
}

/// Each customer of the mail arm has one line in the ledger, with the outcome that must be; the control group has none.
/// Each `sent` is one mail at the server, to the right address, and no mail is there besides. Returns whom mails reached.
async fn the_ledger_is_true(weft: &Weft, mail_server: &MailServer, customers: &BTreeMap<String, u64>, arms: &BTreeMap<u64, String>) -> BTreeSet<u64> {
    let ledger = every(weft, "/deliveries").await;
    let customer = |delivery: &Value| customers[delivery["person"].as_str().unwrap()];
    let outcomes: BTreeMap<u64, (&str, &str)> =
        ledger.iter().map(|d| (customer(d), (d["state"].as_str().unwrap(), d["reason"].as_str().unwrap_or_default()))).collect();
    assert_eq!(outcomes.len(), ledger.len(), "one message to a customer");
    let expected: BTreeMap<u64, (&str, &str)> = arms.iter().filter(|(_, arm)| *arm == "mail").map(|(n, _)| (*n, made_up::outcome(*n))).collect();
    assert_eq!(outcomes, expected);

    let sent: BTreeMap<String, String> = ledger
        .iter()
        .filter(|d| d["state"] == "sent")
        .map(|d| (d["id"].as_str().unwrap().to_owned(), made_up::email(customer(d)).unwrap()))
        .collect();
    let mails = mail_server.mails();
    for mail in &mails {
        assert_eq!((&mail["tls"], &mail["user"]), (&json!(true), &json!(mail_server.user())));
        assert_eq!(mail["from"], "shop@wholesaler.example");
        let to = mail["to"][0].as_str().unwrap();
        assert_eq!(mail["headers"]["Subject"], format!("10 % for {to}"));
        assert_eq!(mail["headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
        assert!(mail["html"].as_str().unwrap().contains("/t/c/") && mail["text"].as_str().unwrap().contains("We miss you."), "{mail}");
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let taken: BTreeMap<String, String> = mails.iter().map(|mail| (text(&mail["headers"]["X-Weft-Message"]), text(&mail["to"][0]))).collect();
    assert_eq!(taken.len(), mails.len(), "a mail came twice");
    assert_eq!(taken, sent, "a mail in the ledger is a mail at the server");
    outcomes.into_iter().filter(|(_, (state, _))| *state == "sent").map(|(n, _)| n).collect()
}

/// Three of four whom a mail reached buy again, one of six of the control group, and nobody else.
async fn the_effect_is_proven(weft: &Weft, journey: &str, arms: &BTreeMap<u64, String>, reached: &BTreeSet<u64>) {
    let control: Vec<u64> = arms.iter().filter(|(_, arm)| *arm == "control").map(|(n, _)| *n).collect();
    let of_mail: Vec<u64> = reached.iter().enumerate().filter(|(i, _)| i % 4 != 0).map(|(_, n)| *n).collect();
    let of_control: Vec<u64> = control.iter().step_by(6).copied().collect();
    let orders: Vec<Value> = of_mail
        .iter()
        .chain(&of_control)
        .map(|n| json!({"type": "track", "userId": n.to_string(), "messageId": format!("again-{n}"), "event": "purchase",
            "properties": {"order_id": format!("again-{n}"), "value": "20.00", "currency": "GBP"}}))
        .collect();
    weft.send(&orders).await;
    let converted = orders.len() as u64;
    let result = eventually("the orders to count", || async {
        let result = weft.get(&format!("/journeys/{journey}/result")).await;
        (result["converted"] == converted).then_some(result)
    })
    .await;
    assert_eq!(result["entered"], arms.len());
    assert_eq!(result["reached"], reached.len());
    let mail = arms.len() - control.len();
    for (key, people, converted) in [("mail", mail, of_mail.len()), ("control", control.len(), of_control.len())] {
        let arm = result["arms"].as_array().unwrap().iter().find(|arm| arm["key"] == key).unwrap();
        assert_eq!((&arm["people"], &arm["converted"]), (&json!(people), &json!(converted)), "{key}");
    }
    let comparison = &result["comparisons"][0];
    let difference = of_mail.len() as f64 / mail as f64 - of_control.len() as f64 / control.len() as f64;
    assert!((comparison["difference"].as_f64().unwrap() - difference).abs() < 1e-9, "{comparison}");
    assert_eq!(comparison["significant"], true, "{comparison}");
    println!(
        "{} customers in the segment: mail {mail}, control {}; mails taken by the server {}, bought again {} and {}",
        arms.len(),
        control.len(),
        reached.len(),
        of_mail.len(),
        of_control.len()
    );
}

#[tokio::test]
async fn the_real_file_from_import_to_proven_effect() {
    let Some(file) = data_set(FILE) else { return missing(FILE) };
    let (counts, expected, mail_server) = tokio::join!(
        counted_elsewhere("tests/python/onlineretail_counts.py", &file),
        counted_elsewhere("tests/python/onlineretail_conditions.py", &file),
        MailServer::start(),
    );
    let (Some(counts), Some(expected), Some(mail_server)) = (counts, expected, mail_server) else { return };
    let folder = tempfile::tempdir().unwrap();
    import_orders(folder.path(), &file, &counts).await;
    import_people(folder.path(), &numbers(&expected["customers"])).await;

    let weft = Weft::start_in(folder.path(), &[]).await;
    weft.settled().await;
    weft.put("/workspace", json!({"name": "The Wholesaler", "time_zone": "Europe/London", "currency": "GBP"})).await;
    sums_are_those_of_the_independent_program(&weft, &counts).await;
    conditions_count_like_the_independent_program(&weft, &expected["counts"]).await;

    let customers = customers_by_person(&weft).await;
    assert_eq!(customers.values().copied().collect::<BTreeSet<_>>(), numbers(&expected["customers"]));
    let sleeping = numbers(&expected["sleeping"]);
    let segment = segment_of_sleepers(&weft, &customers, &sleeping).await;
    trends_and_funnels_are_those_of_the_independent_program(&weft, &expected, &segment).await;
    let journey = publish(&weft, &mail_server, &segment).await;
    let arms = arms(&weft, &journey, &customers, sleeping.len()).await;
    assert_eq!(arms.keys().copied().collect::<BTreeSet<_>>(), sleeping);
    let reached = the_ledger_is_true(&weft, &mail_server, &customers, &arms).await;
    the_effect_is_proven(&weft, &journey, &arms, &reached).await;
    assert!(weft.stop().await, "weft leaves in order");
}
