//! Identity: links by events through the whole pipeline and through its own step alone, links of a whole file at once, and what
//! stands still while two people with ten thousand events each become one, and two again.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use weft_event_pipeline::{Cx, InFlight, Step};
use weft_identity::{ResolvePerson, TakenApart, bulk};
use weft_kernel::{Control, Event, EventKind, Identifier, Millis, PersonId, SourceId, WorkspaceId};
use weft_profile_kv::{Options, Work};

use super::report::{Report, rounded};
use crate::config::Config;
use crate::house::{House, Opened};

const GOAL_LINKS_PER_SECOND: f64 = 50_000.0;
const BATCH: usize = 1_000;
const W: WorkspaceId = WorkspaceId(1);

pub(super) async fn run(is_small: bool, edges: Option<&Path>) -> anyhow::Result<Report> {
    let (links, events, bulk_links) = if is_small { (50_000, 2_000, 1_000_000) } else { (500_000, 10_000, 10_000_000) };
    let folder = tempfile::tempdir()?;
    let (nodes, pairs) = match edges {
        Some(file) => read(file)?,
        None => drawn(bulk_links),
    };
    let (seconds, people) = in_bulk(nodes, &pairs);
    let bulk = json!({"links": pairs.len(), "identifiers": nodes, "people": people, "seconds": rounded(seconds)});
    drop(pairs);
    let alone = step_alone(&folder.path().join("step"), links)?;
    let whole = whole_pipeline(&folder.path().join("whole"), links / 5).await?;
    let pauses = pauses(&folder.path().join("pauses"), events).await?;
    let Value::Object(detail) = json!({"bulk": bulk, "pipeline_links_per_second": whole.round(), "regrouping": pauses, "links": links}) else { bail!("no detail") };
    Ok(Report {
        bench: "identity",
        value: alone,
        unit: "links/s",
        against: "the goal of 50,000 links a second",
        ratio: alone / GOAL_LINKS_PER_SECOND,
        memory_mb: own_peak_mb(),
        detail,
    })
}

fn own_peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    peak.map_or(f64::NAN, |kb| kb / 1_024.0)
}

/// Pairs of little-endian 32-bit numbers, as another program was given them.
fn read(file: &Path) -> anyhow::Result<(u32, Vec<[u32; 2]>)> {
    let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let number = |b: &[u8]| u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    let pairs: Vec<[u32; 2]> = bytes.chunks_exact(8).map(|pair| [number(pair), number(&pair[4..])]).collect();
    let nodes = pairs.iter().flatten().max().context("there is no pair")? + 1;
    Ok((nodes, pairs))
}

/// Three identifiers a person, links within a person in no order.
fn drawn(links: u32) -> (u32, Vec<[u32; 2]>) {
    let nodes = links / 10 * 8;
    let mut dice = StdRng::seed_from_u64(5);
    let scattered = |n: u32| (u64::from(n) * 2_654_435_761 % u64::from(nodes)) as u32;
    let pairs = (0..links).map(|_| {
        let a = dice.random_range(0..nodes);
        let b = (a / 3 * 3 + dice.random_range(0..3)).min(nodes - 1);
        [scattered(a), scattered(b)]
    });
    (nodes, pairs.collect())
}

fn in_bulk(nodes: u32, pairs: &[[u32; 2]]) -> (f64, usize) {
    let mut times = Vec::new();
    let mut people = 0;
    for _ in 0..5 {
        let begun = Instant::now();
        let found = bulk::components(nodes, pairs);
        times.push(begun.elapsed().as_secs_f64());
        people = found.iter().enumerate().filter(|(n, person)| *n as u32 == **person).count();
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], people)
}

/// A login on a new device: half of the people come back with a second one.
fn login(n: usize) -> Event {
    let mut event = Event::track(W, SourceId::from("src_bench"), format!("e{n}"), "identify", Millis(1_700_000_000_000 + n as i64));
    event.kind = EventKind::Identify;
    event.identifiers = vec![Identifier::new("user_id", format!("user-{:07}", n / 3 * 2 + n % 2)), Identifier::new("anonymous_id", format!("device-{n:08}"))];
    event
}

/// Each batch is written to disk as the pipeline writes it.
fn step_alone(folder: &Path, links: usize) -> anyhow::Result<f64> {
    let store = weft_profile_kv::open(&format!("file:{}", folder.display()), Options::default())?;
    let step = ResolvePerson::default();
    let mut events = (0..links).map(login);
    let mut joined = 0;
    let begun = Instant::now();
    let mut position = 0;
    loop {
        let batch: Vec<Event> = events.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let mut cx = Cx::new(Work::over(&*store), Millis(0), position);
        for event in batch {
            position += 1;
            let mut flight = InFlight { event, position, atom: None, person: None, merges: vec![], changed: Default::default() };
            cx.work.mark();
            step.event(&mut flight, &mut cx)?;
            joined += flight.merges.len();
        }
        store.apply(cx.work.into_changes(), position)?;
    }
    store.sync()?;
    let took = begun.elapsed().as_secs_f64();
    ensure!(joined == links, "{joined} of {links} links were made");
    Ok(links as f64 / took)
}

async fn house(data: &Path) -> anyhow::Result<std::sync::Arc<House>> {
    let mut config = Config::default();
    config.server.public_url = "http://127.0.0.1".into();
    let Opened { house, .. } = House::open(data, config).await?;
    house.pipeline.drain().await?;
    Ok(house)
}

/// Everything that is done to an event, from the log on.
async fn whole_pipeline(data: &Path, links: usize) -> anyhow::Result<f64> {
    let house = house(data).await?;
    let events: Vec<Event> = (0..links).map(login).collect();
    for batch in events.chunks(BATCH) {
        house.parts.door.accept(batch.to_vec()).await?;
    }
    let begun = Instant::now();
    house.pipeline.drain().await?;
    Ok(links as f64 / begun.elapsed().as_secs_f64())
}

async fn pauses(data: &Path, events: usize) -> anyhow::Result<Value> {
    let house = house(data).await?;
    for (kind, value) in [("user_id", "ann"), ("anonymous_id", "tablet")] {
        let hers: Vec<Event> = (0..events)
            .map(|n| {
                let mut event = Event::track(W, SourceId::from("src_bench"), format!("{value}{n}"), "view_item", Millis(1_700_000_000_000 + n as i64 * 60_000));
                event.identifiers = vec![Identifier::new(kind, value)];
                event
            })
            .collect();
        for batch in hers.chunks(BATCH) {
            house.parts.door.accept(batch.to_vec()).await?;
        }
    }
    // The same of two people to whom little happened, to see what the events cost.
    for (kind, value) in [("user_id", "eve"), ("anonymous_id", "phone")] {
        let mut event = Event::track(W, SourceId::from("src_bench"), value, "view_item", Millis(1_700_000_000_000));
        event.identifiers = vec![Identifier::new(kind, value)];
        house.parts.door.accept(vec![event]).await?;
    }
    house.pipeline.drain().await?;
    house.parts.door.accept(vec![joining("eve", "phone")]).await?;
    let merging_little = timed(&house).await?;
    house.parts.door.accept(vec![joining("ann", "tablet")]).await?;
    let merging = timed(&house).await?;
    let state = &*house.parts.state;
    let find = |kind: &str, value: &str| weft_identity::find(state, W, &Identifier::new(kind, value));
    let person = find("user_id", "ann")?.context("nobody")?;
    ensure!(find("anonymous_id", "tablet")? == Some(person), "they were not joined");
    let said = TakenApart { person: PersonId::of(W, person), out: vec![Identifier::new("anonymous_id", "tablet")], by: "usr_bench".into(), reason: String::new() };
    let control = Control { id: "apart".into(), workspace: W, at: Millis(1_800_000_000_000), room: weft_identity::ROOM.into(), what: weft_identity::PERSON_TAKEN_APART.into(), body: json!(said) };
    house.parts.door.control(control).await?;
    let parting = timed(&house).await?;
    ensure!(find("anonymous_id", "tablet")? != find("user_id", "ann")?, "they were not parted");
    Ok(json!({"events_of_each": events, "merge_of_one_event_each_ms": merging_little, "merge_ms": merging, "unmerge_ms": parting}))
}

fn joining(user: &str, device: &str) -> Event {
    let mut event = Event::track(W, SourceId::from("src_bench"), format!("joining {user}"), "identify", Millis(1_800_000_000_000));
    event.kind = EventKind::Identify;
    event.identifiers = vec![Identifier::new("user_id", user), Identifier::new("anonymous_id", device)];
    event
}

/// Milliseconds until everything in the log is in the state: nothing else is done meanwhile.
async fn timed(house: &std::sync::Arc<House>) -> anyhow::Result<f64> {
    let begun = Instant::now();
    house.pipeline.drain().await?;
    Ok(rounded(begun.elapsed().as_secs_f64() * 1_000.0))
}
