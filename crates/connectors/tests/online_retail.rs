//! The real file: half a million rows of a British wholesaler, counted by an independent program.

mod support;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use rust_decimal::Decimal;
use serde_json::Value;
use support::*;
use weft_connectors::Kind;

fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("WEFT_TEST_DATA").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let file = folder.join("transactions/onlineretail.csv.gz");
    file.exists().then_some(file)
}

fn counted_elsewhere(file: &Path) -> Option<Value> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/python/onlineretail_counts.py");
    let output = Command::new("python3").arg(program).arg(file).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counts_are_those_of_an_independent_program() {
    let Some(file) = data() else {
        println!("skipped: transactions/onlineretail.csv.gz is not there; set WEFT_TEST_DATA to the folder that has it");
        return;
    };
    let Some(expected) = counted_elsewhere(&file) else {
        println!("skipped: there is no python3 to count with");
        return;
    };
    let map = "order_id=InvoiceNo,user_id=CustomerID,time=InvoiceDate,item_id=StockCode,item_name=Description,quantity=Quantity,price=UnitPrice,country=Country";
    let mut mapping = mapping(Kind::Orders, map);
    mapping.currency = Some("GBP".into());
    mapping.time_zone = Some("Europe/London".into());
    let folder = tempfile::tempdir().unwrap();
    let house = House::default();
    let import = || weft_connectors::run(job(&file, folder.path(), &mapping), std::sync::Arc::new(house.clone()), std::sync::Arc::new(house.clone()), |_| ());

    let summary = import().await.unwrap();
    assert_eq!(Value::from(summary.rows), expected["rows"]);
    assert_eq!((summary.accepted, summary.rejected, summary.skipped), (summary.rows, 0, 0));
    assert_eq!(Value::from(summary.events), expected["orders"]);
    assert_eq!(Value::from(summary.people_created), expected["people"]);

    let events = house.events();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut lines: BTreeMap<&str, u64> = BTreeMap::new();
    let mut anonymous: BTreeMap<&str, u64> = BTreeMap::new();
    let mut countries: BTreeMap<&str, u64> = BTreeMap::new();
    let mut sums: BTreeMap<&str, Decimal> = BTreeMap::new();
    let mut spent: HashMap<&str, Decimal> = HashMap::new();
    let mut orders = HashSet::new();
    for event in &events {
        let items = event.properties["items"].as_array().unwrap();
        let net: Decimal = items.iter().map(|i| decimal(&i["amount"])).sum();
        assert_eq!(value(event), net.abs());
        assert_eq!(event.properties["currency"], "GBP");
        assert!(orders.insert(event.text("order_id").unwrap()), "an order is one event");
        *counts.entry(&event.name).or_default() += 1;
        *lines.entry(&event.name).or_default() += items.len() as u64;
        *countries.entry(event.text("country").unwrap()).or_default() += 1;
        *sums.entry(&event.name).or_default() += value(event);
        match event.identifier("user_id") {
            Some(who) => *spent.entry(who).or_default() += net,
            None => *anonymous.entry(&event.name).or_default() += 1,
        }
    }
    assert_eq!(serde_json::json!(counts), expected["events"]);
    assert_eq!(serde_json::json!(lines), expected["lines"]);
    assert_eq!(serde_json::json!(anonymous), expected["anonymous"]);
    assert_eq!(serde_json::json!(countries), expected["countries"]);
    for (name, sum) in &sums {
        assert_eq!(*sum, decimal(&expected["sums"][name]), "{name}");
    }
    let net: Decimal = sums.iter().map(|(name, sum)| if *name == "purchase" { *sum } else { -*sum }).sum();
    assert_eq!(net, decimal(&expected["net"]));
    for pair in expected["most_spent"].as_array().unwrap() {
        assert_eq!(spent[pair[0].as_str().unwrap()], decimal(&pair[1]));
    }
    assert_eq!(expected["scattered"].as_array().unwrap().len(), usize::from(summary.notes.iter().any(|n| n.contains("stand together"))));

    let again = import().await.unwrap();
    assert_eq!((again.accepted, again.events, again.people_created, again.skipped), (0, 0, 0, summary.rows));
    assert_eq!(house.events().len(), events.len());
}
