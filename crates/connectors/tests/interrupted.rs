//! Imports that are run again, killed, or cancelled.

mod support;

use std::sync::Arc;

use proptest::prelude::*;
use support::*;
use weft_connectors::{Cancel, Kind, Mapping, Phase, run};
use weft_kernel::Event;

const MAP: &str = "order_id=no,user_id=who,time=at,item_id=sku,quantity=qty,price=price";

/// Orders of one to four lines, some scattered, some broken.
fn big_file(orders: usize) -> String {
    let mut text = "no,who,at,sku,qty,price\n".to_owned();
    for order in 0..orders {
        for line in 0..=(order % 4) {
            let price = if order % 97 == 13 && line == 0 { "?" } else { "2.50" };
            text.push_str(&format!("{order},u{},2024-05-01 10:00:00,s{line},1,{price}\n", order % 500));
        }
        if order % 50 == 49 {
            text.push_str(&format!("{},u{},2024-05-01 10:00:00,late,1,2.50\n", order - 49, (order - 49) % 500));
        }
    }
    text
}

fn sorted(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by(|a, b| a.id.cmp(&b.id));
    events
}

fn orders() -> Mapping {
    mapping(Kind::Orders, MAP)
}

#[tokio::test]
async fn running_it_again_changes_nothing() {
    let desk = Desk::new("o.csv", big_file(300).as_bytes());
    let house = House::default();
    let first = desk.import(&house, &orders()).await.unwrap();
    let rejected = std::fs::read_to_string(first.rejected_file.clone().unwrap()).unwrap();
    assert!(first.accepted > 0 && first.rejected > 0 && first.skipped == 0);
    let (events, appended) = (house.events(), house.0.lock().unwrap().appended);
    let second = desk.import(&house, &orders()).await.unwrap();
    assert_eq!((second.accepted, second.events, second.people_created), (0, 0, 0));
    assert_eq!((second.rows, second.skipped, second.rejected), (first.rows, first.accepted, first.rejected));
    assert_eq!(house.events(), events);
    assert_eq!(house.0.lock().unwrap().appended, appended, "what is known is not even appended");
    assert_eq!(std::fs::read_to_string(second.rejected_file.unwrap()).unwrap(), rejected);
    // The same rows in another order and another file are the same orders.
    let mut lines: Vec<&str> = Vec::new();
    let text = big_file(300);
    let (head, rest) = text.split_once('\n').unwrap();
    lines.extend(rest.lines().rev());
    let other = Desk::new("p.csv", format!("{head}\n{}\n", lines.join("\n")).as_bytes());
    let third = other.import(&house, &orders()).await.unwrap();
    assert_eq!((third.accepted, third.skipped), (0, first.accepted));
}

#[tokio::test]
async fn a_killed_import_goes_on_where_it_was() {
    let text = big_file(9_000);
    let whole = House::default();
    let expected = Desk::new("o.csv", text.as_bytes()).import(&whole, &orders()).await.unwrap();
    let desk = Desk::new("o.csv", text.as_bytes());
    let house = House::default();
    let mut summary = None;
    for _ in 0..20 {
        house.fail_after(Some(1));
        match desk.import(&house, &orders()).await {
            Ok(done) => {
                summary = Some(done);
                break;
            }
            Err(error) => assert_eq!(error.code, "test.door_shut"),
        }
    }
    let summary = summary.expect("each run gets one batch further");
    let counts = |s: &weft_connectors::Summary| (s.rows, s.accepted, s.rejected, s.skipped, s.events, s.people_created);
    assert_eq!(counts(&summary), counts(&expected));
    assert_eq!(sorted(house.events()), sorted(whole.events()));
    assert_eq!(house.0.lock().unwrap().appended, expected.events, "nothing was appended twice");
    assert!(house.0.lock().unwrap().largest_batch <= 2_000);
    let lines = std::fs::read_to_string(summary.rejected_file.unwrap()).unwrap().lines().count() as u64;
    assert_eq!(lines, summary.rejected + 1);
    let left: Vec<_> = std::fs::read_dir(desk.work()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(left.len(), 1, "only the rejected rows stay: {left:?}");
}

#[tokio::test]
async fn a_cancelled_import_stops_and_can_go_on() {
    let desk = Desk::new("o.csv", big_file(9_000).as_bytes());
    let house = House::default();
    let mapping = orders();
    let mut job = desk.job(&mapping);
    let cancel = Cancel::default();
    job.cancel = cancel.clone();
    let stop = move |p: weft_connectors::Progress| {
        if p.phase == Phase::Importing {
            cancel.cancel();
        }
    };
    let stopped = run(job, Arc::new(house.clone()), Arc::new(house.clone()), stop).await.unwrap();
    assert!(!stopped.finished);
    assert_eq!(stopped.events, 2_000);
    assert_eq!(stopped.rows, stopped.accepted + stopped.rejected + stopped.skipped);
    let done = desk.import(&house, &mapping).await.unwrap();
    assert!(done.finished);
    assert_eq!(done.rows, done.accepted + done.rejected);
    assert_eq!(house.events().len() as u64, done.events);
}

#[tokio::test]
async fn progress_rises_to_the_total() {
    let desk = Desk::new("o.csv", big_file(3_000).as_bytes());
    let house = House::default();
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let listener = told.clone();
    let summary = run(desk.job(&orders()), Arc::new(house.clone()), Arc::new(house), move |p| listener.lock().unwrap().push(p)).await.unwrap();
    let told = told.lock().unwrap();
    let rows: Vec<u64> = told.iter().filter(|p| p.phase == Phase::Importing).map(|p| p.rows).collect();
    assert!(rows.is_sorted() && rows.len() >= 2);
    let last = told.last().unwrap();
    assert_eq!((last.phase, last.rows, last.total_rows), (Phase::Settling, summary.rows, Some(summary.rows)));
    assert_eq!((last.accepted, last.rejected), (summary.accepted, summary.rejected));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Identical rows are one event; told apart by their number if they have one.
    #[test]
    fn identical_rows_are_one_event(rows in prop::collection::vec((0u8..4, 0u8..3), 0..40)) {
        let mut text = "what,who,at\n".to_owned();
        for (what, who) in &rows {
            text.push_str(&format!("e{what},u{who},2024-05-01\n"));
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (summary, events, _) = runtime.block_on(imported(Kind::Events, "name=what,user_id=who,time=at", &text));
        let distinct: std::collections::HashSet<_> = rows.iter().collect();
        prop_assert_eq!(events.len(), distinct.len());
        prop_assert_eq!((summary.accepted, summary.skipped), (distinct.len() as u64, (rows.len() - distinct.len()) as u64));
    }
}
