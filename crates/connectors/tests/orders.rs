//! Orders: what becomes one event, which event, and what is rejected.

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;
use support::*;
use weft_connectors::Kind;

const MAP: &str = "order_id=no,user_id=who,time=at,item_id=sku,item_name=name,quantity=qty,price=price";
const HEAD: &str = "no,who,at,sku,name,qty,price,land\n";

#[tokio::test]
async fn an_order_is_one_event_with_its_lines() {
    let text = format!("{HEAD}1,u1,2024-05-01 10:00:00,A,Cup,2,12.50,UK\n1,u1,2024-05-01 10:00:00,B,\"Pot, big\",1,30.10,UK\n2,,2024-05-01 11:00:00,A,Cup,1,12.50,FR\n");
    let (summary, events, _) = imported(Kind::Orders, MAP, &text).await;
    assert_eq!((summary.rows, summary.accepted, summary.rejected, summary.skipped, summary.events, summary.people_created), (3, 3, 0, 0, 2, 1));
    assert!(summary.finished && summary.rejected_file.is_none());
    let first = &events[0];
    assert_eq!(first.name, "purchase");
    assert!(first.historical);
    assert_eq!(first.ts.rfc3339(), "2024-05-01T10:00:00.000Z");
    assert_eq!(first.received_at, NOW);
    assert_eq!(first.identifier("user_id"), Some("u1"));
    assert_eq!(
        serde_json::Value::Object(first.properties.clone()),
        json!({
            "order_id": "1", "value": "55.1", "land": "UK",
            "items": [
                {"item_id": "A", "item_name": "Cup", "quantity": 2, "price": "12.5", "amount": "25"},
                {"item_id": "B", "item_name": "Pot, big", "quantity": 1, "price": "30.1", "amount": "30.1"},
            ],
        })
    );
    assert!(events[1].identifiers.is_empty(), "an order without a person is kept");
    assert_eq!(events[1].properties["value"], "12.5");
}

#[tokio::test]
async fn money_given_back_says_so() {
    let text = format!(
        "{HEAD}C7,u1,2024-05-01,A,Cup,-2,10,UK\n8,u1,2024-05-01,A,Cup,-1,10,UK\nCAB,u1,2024-05-01,A,Cup,-1,10,UK\n9,,2024-05-01,A,,-5,0,UK\n10,,2024-05-01,B,Adjust bad debt,1,-99.06,UK\n11,u2,2024-05-01,A,Gift,1,0,UK\n12,u2,2024-05-01,A,Cup,3,10,UK\n12,u2,2024-05-01,D,Discount,-1,5.5,UK\nC13,u2,2024-05-01,A,Cup,1,10,UK\n"
    );
    let (summary, events, _) = imported(Kind::Orders, MAP, &text).await;
    assert_eq!((summary.rows, summary.accepted, summary.events), (9, 9, 8));
    let told: Vec<_> = events.iter().map(|e| (e.text("order_id").unwrap(), e.name.as_str(), e.text("value").unwrap(), e.properties.contains_key("refund"))).collect();
    assert_eq!(
        told,
        [
            ("C7", "order_cancelled", "20", true),
            ("8", "refund", "10", true),
            ("CAB", "refund", "10", true),
            ("9", "refund", "0", true),
            ("10", "refund", "99.06", true),
            ("11", "purchase", "0", false),
            ("12", "purchase", "24.5", false),
            ("C13", "purchase", "10", false),
        ]
    );
    assert_eq!(events[0].properties["items"][0]["quantity"], json!(-2), "lines keep their signs");
    assert!(events[3].properties["items"][0].get("item_name").is_none());
}

#[tokio::test]
async fn a_status_decides_before_any_sign() {
    let map = "order_id=订单号,phone=手机号,time=时间,item_id=货号,amount=实付,status=状态";
    let text = "订单号,手机号,时间,货号,实付,状态\nC1,13800000001,2024-05-01,A,100,已完成\n2,13800000002,2024-05-01,A,50,交易关闭\n3,13800000003,2024-05-01,A,30,退款成功\n4,13800000004,2024-05-01,A,30,已完成\n4,13800000004,2024-05-01,B,20,退款成功\nC5,13800000005,2024-05-01,A,-70,已完成\n6,13800000005,2024-05-01,A,5,作废\n6,13800000005,2024-05-01,B,6,已退款\n";
    let (_, events, _) = imported(Kind::Orders, map, text).await;
    let told: Vec<_> = events.iter().map(|e| (e.text("order_id").unwrap(), e.name.as_str(), e.text("value").unwrap())).collect();
    assert_eq!(
        told,
        [("C1", "purchase", "100"), ("2", "order_cancelled", "50"), ("3", "refund", "30"), ("4", "purchase", "30"), ("C5", "refund", "70"), ("6", "refund", "11")]
    );
    assert_eq!(events[0].properties["status"], "已完成");
    assert_eq!(events[3].properties["cancelled_value"], "20");
    assert_eq!(events[3].properties["items"][1]["status"], "退款成功");
    assert_eq!(events[0].identifier("phone"), Some("13800000001"));

    let mut own = mapping(Kind::Orders, map);
    own.cancelled = vec!["黄了".into()];
    let desk = Desk::new("own.csv", "订单号,手机号,时间,货号,实付,状态\n1,13800000001,2024-05-01,A,100,黄了\n".as_bytes());
    let house = House::default();
    desk.import(&house, &own).await.unwrap();
    assert_eq!(house.events()[0].name, "order_cancelled");
}

#[tokio::test]
async fn an_order_with_a_bad_line_is_rejected_whole_and_can_be_mended() {
    let text = format!(
        "{HEAD}1,u1,2024-05-01,A,Cup,two,10,UK\n1,u1,2024-05-01,B,Pot,1,10,UK\n2,u1,yesterday,A,Cup,1,10,UK\n,u1,2024-05-01,A,Cup,1,10,UK\n3,u1,2024-05-01,A,Cup,1,10,UK,more\n3,u1,2024-05-01,B,Cup,1,10,UK\n4,u1,,A,Cup,1,10,UK\n5,u1,2024-05-01,A,Cup,1,,UK\n6,u1,2024-05-01,A,Cup,1,10,UK\n6,u2,2024-05-01,B,Cup,1,10,UK\n7,1.38E+10,2024-05-01,A,Cup,1,10,UK\n8,u1,2024-05-01,A,Cup,1,\"10,50\",UK\n9,u9,2024-05-01,A,Cup,1,10,UK\n"
    );
    let (summary, events, rejected) = imported(Kind::Orders, MAP, &text).await;
    assert_eq!((summary.rows, summary.accepted, summary.rejected), (13, 1, 12));
    assert_eq!(events.len(), 1);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(rejected.trim_start_matches('\u{feff}').as_bytes());
    let told: Vec<(String, String)> = reader.records().map(|r| r.unwrap()).map(|r| (r[0].to_owned(), r[1].to_owned())).collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(l, c)| (l.as_str(), c.as_str())).collect();
    assert_eq!(
        told,
        [
            ("2", "quantity_unreadable"), ("3", "order_broken"), ("5", "order_id_missing"), ("4", "time_unreadable"), ("6", "column_count"), ("7", "order_broken"),
            ("8", "time_missing"), ("9", "amount_missing"), ("10", "order_has_two_people"), ("11", "order_has_two_people"), ("12", "identifier_damaged"),
            ("13", "price_unreadable"),
        ]
    );
    // Mended in place, the very file is imported again.
    let mended = rejected
        .replace(",two,", ",2,")
        .replace("yesterday", "2024-04-30")
        .replace(",more", "")
        .replace("u2", "u1")
        .replace("1.38E+10", "13800000000")
        .replace("\"10,50\"", "10.50");
    let (summary, events, rejected) = imported(Kind::Orders, MAP, &mended).await;
    assert_eq!((summary.rows, summary.accepted, summary.rejected), (12, 9, 3), "{rejected}");
    let values: BTreeMap<_, _> = events.iter().map(|e| (e.text("order_id").unwrap(), e.text("value").unwrap())).collect();
    assert_eq!(values, BTreeMap::from([("1", "30"), ("2", "10"), ("3", "20"), ("6", "20"), ("7", "10"), ("8", "10.5")]));
    assert!(events.iter().all(|e| !e.properties.keys().any(|k| k.starts_with("rejected_"))));
}

#[tokio::test]
async fn a_line_that_swallows_the_next_breaks_only_its_order() {
    let text = format!("{HEAD}1,u1,2024-05-01,A,Cup,1,10,UK\n1,u1,2024-05-01,B,\"Pot 5\",1,10,UK\n2,u1,2024-05-01,A,\"Cup,1,10,UK\n2,u1,2024-05-01,B,Pot,1,10,UK\n3,u1,2024-05-01,A,Cup,1,10,UK\n");
    let (summary, events, rejected) = imported(Kind::Orders, MAP, &text).await;
    assert_eq!((summary.rows, summary.accepted, summary.rejected), (5, 3, 2));
    assert_eq!(events.iter().map(|e| e.text("order_id").unwrap()).collect::<Vec<_>>(), ["1", "3"]);
    assert!(rejected.contains("4,quote_unclosed,") && rejected.contains("5,order_broken,"), "{rejected}");
}

#[tokio::test]
async fn an_order_takes_the_first_time_and_lines_keep_theirs() {
    let text = format!("{HEAD}1,,2024-05-01 10:01,A,Cup,1,10,UK\n1,u1,2024-05-01 10:00,B,Pot,1,10,UK\n");
    let (_, events, _) = imported(Kind::Orders, MAP, &text).await;
    assert_eq!(events[0].ts.rfc3339(), "2024-05-01T10:00:00.000Z");
    assert_eq!(events[0].properties["items"][0]["time"], "2024-05-01T10:01:00.000Z");
    assert!(events[0].properties["items"][1].get("time").is_none());
    assert_eq!(events[0].identifier("user_id"), Some("u1"), "one line is enough to name the person");
}

#[tokio::test]
async fn currencies_zones_and_marks() {
    let mut german = mapping(Kind::Orders, "order_id=Nr,time=Datum,amount=Summe,email=Post,currency=W");
    german.decimal_mark = Some(',');
    german.time_zone = Some("Europe/Berlin".into());
    german.time_format = Some("%d.%m.%Y %H:%M".into());
    german.currency = Some("eur".into());
    let desk = Desk::new("de.csv", "Nr;Datum;Summe;Post;W\n1;01.05.2024 10:00;1.234,50 €;a@example.com;\n2;01.05.2024 10:00;10,00;;CHF\n3;01.05.2024 10:00;10,00;;Taler\n".as_bytes());
    let house = House::default();
    let summary = desk.import(&house, &german).await.unwrap();
    assert_eq!((summary.accepted, summary.rejected), (2, 1));
    let events = house.events();
    assert_eq!(events[0].ts.rfc3339(), "2024-05-01T08:00:00.000Z");
    assert_eq!((events[0].text("value"), events[0].text("currency")), (Some("1234.5"), Some("EUR")));
    assert_eq!(events[1].text("currency"), Some("CHF"));
    assert_eq!(events[0].identifier("email"), Some("a@example.com"));
}

#[tokio::test]
async fn faults_of_the_mapping_come_before_any_row() {
    let desk = Desk::new("f.csv", b"no,at,sum\n1,1/5/2024,3\n");
    let house = House::default();
    let error = desk.import(&house, &mapping(Kind::Orders, "order_id=no,time=at,amount=sum")).await.unwrap_err();
    assert_eq!(error.code, "connectors.time_ambiguous");
    let error = desk.import(&house, &mapping(Kind::Orders, "order_id=nummer,time=at,amount=sum")).await.unwrap_err();
    assert_eq!(error.code, "connectors.column_missing");
    assert_eq!(Desk::new("f.csv", b"").import(&house, &mapping(Kind::Things, "thing_id=a")).await.unwrap_err().code, "connectors.file_empty");
    assert_eq!(house.events().len(), 0);
}

#[derive(Clone, Debug)]
struct Line {
    order: u8,
    quantity: i8,
    cents: i32,
    bad: bool,
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let line = (0u8..12, -5i8..6, -2_000i32..5_000, prop::bool::weighted(0.05)).prop_map(|(order, quantity, cents, bad)| Line { order, quantity, cents, bad });
    prop::collection::vec(line, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// However the rows lie: every row is counted once, every order is one event, and the signed sums agree.
    #[test]
    fn rows_and_sums_are_conserved(lines in lines()) {
        let mut text = HEAD.to_owned();
        let mut sums: BTreeMap<u8, Decimal> = BTreeMap::new();
        let mut broken: Vec<u8> = Vec::new();
        for line in &lines {
            let price = Decimal::new(line.cents.into(), 2);
            text.push_str(&format!("{},u{},2024-05-01 10:00,A,Cup,{},{},UK\n", line.order, line.order, line.quantity, if line.bad { "?".to_owned() } else { price.to_string() }));
            *sums.entry(line.order).or_default() += price * Decimal::from(line.quantity);
            if line.bad {
                broken.push(line.order);
            }
        }
        sums.retain(|order, _| !broken.contains(order));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (summary, events, _) = runtime.block_on(imported(Kind::Orders, MAP, &text));
        prop_assert_eq!(summary.rows, lines.len() as u64);
        prop_assert_eq!(summary.accepted + summary.rejected + summary.skipped, summary.rows);
        prop_assert_eq!(summary.rejected, lines.iter().filter(|l| broken.contains(&l.order)).count() as u64);
        prop_assert_eq!(events.len(), sums.len());
        for event in &events {
            let order: u8 = event.text("order_id").unwrap().parse().unwrap();
            let signed = if event.properties.contains_key("refund") { -value(event) } else { value(event) };
            prop_assert_eq!(signed, sums[&order]);
            let items = event.properties["items"].as_array().unwrap();
            prop_assert_eq!(items.len(), lines.iter().filter(|l| l.order == order).count());
            prop_assert_eq!(items.iter().map(|i| decimal(&i["amount"])).sum::<Decimal>(), signed);
        }
    }
}
