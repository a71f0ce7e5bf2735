//! Expressions over a hundred tags on ten million people, in process and through the API, beside roaring bitmaps and plain
//! dense bits in the same run. With `--sets` the tags are read from files (`t000.roar` …), so that another program can be
//! asked the same of the same sets.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use roaring::RoaringBitmap;
use serde_json::{Map, Value, json};
use weft_bitmap::{Bitmap, Expression, Signed};
use weft_kernel::WorkspaceId;
use weft_profile_kv::key::Key;
use weft_profile_kv::{Options, StateStore, Work, pieces};

use super::child::{API_KEY, Weft};
use super::report::{Report, rounded};
use crate::steps::STATE_FORMAT;

const REPETITIONS: usize = 9;
const VALUE: &str = "yes";

/// What is asked; tags by their place, the densest first.
enum Asked {
    Tag(usize),
    All(Vec<Asked>),
    Any(Vec<Asked>),
    Not(Box<Asked>),
}

fn tags(places: impl IntoIterator<Item = usize>) -> Vec<Asked> {
    places.into_iter().map(Asked::Tag).collect()
}
fn not(place: usize) -> Asked {
    Asked::Not(Box::new(Asked::Tag(place)))
}

fn questions() -> Vec<(&'static str, Asked)> {
    let mix = vec![Asked::Any(tags([4, 30])), Asked::Any(tags([6, 50])), not(12), not(60)];
    vec![
        ("and2", Asked::All(tags([0, 1]))),
        ("or5", Asked::Any(tags([2, 5, 10, 20, 40]))),
        ("and_not", Asked::All(vec![Asked::Tag(0), Asked::Tag(3), not(7)])),
        (MIX, Asked::All(mix)),
        ("or20", Asked::Any(tags((5..100).step_by(5).chain([99])))),
        ("not1", not(15)),
        ("and10", Asked::All(tags(0..10))),
        ("sparse_and", Asked::All(tags([80, 0]))),
    ]
}

const MIX: &str = "mix6";

impl Asked {
    fn signed(&self) -> Signed {
        match self {
            Asked::Tag(n) => Signed::In(Expression::Set(*n)),
            Asked::All(of) => Signed::all(of.iter().map(Asked::signed)),
            Asked::Any(of) => Signed::any(of.iter().map(Asked::signed)),
            Asked::Not(of) => of.signed().negated(),
        }
    }

    fn condition(&self) -> Value {
        match self {
            Asked::Tag(n) => json!({"tag": {"name": name(*n), "eq": VALUE}}),
            Asked::All(of) => json!({"all": of.iter().map(Asked::condition).collect::<Vec<_>>()}),
            Asked::Any(of) => json!({"any": of.iter().map(Asked::condition).collect::<Vec<_>>()}),
            Asked::Not(of) => json!({"not": of.condition()}),
        }
    }

    fn by_roaring(&self, sets: &[RoaringBitmap], people: u32) -> RoaringBitmap {
        match self {
            Asked::Tag(n) => sets[*n].clone(),
            Asked::Any(of) => of.iter().fold(RoaringBitmap::new(), |any, one| match one {
                Asked::Tag(n) => any | &sets[*n],
                other => any | other.by_roaring(sets, people),
            }),
            Asked::All(of) => {
                let mut of = of.iter();
                let first = of.next().map_or_else(RoaringBitmap::new, |first| first.by_roaring(sets, people));
                of.fold(first, |all, one| match one {
                    Asked::Tag(n) => all & &sets[*n],
                    Asked::Not(out) => all - out.by_roaring(sets, people),
                    other => all & other.by_roaring(sets, people),
                })
            }
            Asked::Not(of) => {
                let mut all = RoaringBitmap::new();
                all.insert_range(0..people);
                all - of.by_roaring(sets, people)
            }
        }
    }

    fn by_dense_bits(&self, sets: &[Vec<u64>], people: u32) -> Vec<u64> {
        let combined = |of: &[Asked], combine: fn(&mut u64, u64)| {
            let mut all = of[0].by_dense_bits(sets, people);
            for one in &of[1..] {
                match one {
                    Asked::Tag(n) => all.iter_mut().zip(&sets[*n]).for_each(|(a, b)| combine(a, *b)),
                    other => all.iter_mut().zip(other.by_dense_bits(sets, people)).for_each(|(a, b)| combine(a, b)),
                }
            }
            all
        };
        match self {
            Asked::Tag(n) => sets[*n].clone(),
            Asked::All(of) => combined(of, |a, b| *a &= b),
            Asked::Any(of) => combined(of, |a, b| *a |= b),
            Asked::Not(of) => {
                let mut out: Vec<u64> = of.by_dense_bits(sets, people).into_iter().map(|w| !w).collect();
                if let (Some(last), true) = (out.last_mut(), people % 64 != 0) {
                    *last &= (1 << (people % 64)) - 1;
                }
                out
            }
        }
    }
}

fn name(tag: usize) -> String {
    format!("t{tag:03}")
}

pub(super) async fn run(is_small: bool, from: Option<&Path>) -> anyhow::Result<Report> {
    let people: u32 = if is_small { 1_000_000 } else { 10_000_000 };
    let sets = match from {
        Some(folder) => read(folder)?,
        None => (0..100).map(|tag| drawn(tag, people)).collect(),
    };
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    define(&data).await?;
    let writing = Instant::now();
    let store = weft_profile_kv::open(&format!("file:{}", data.join("state").display()), Options { format: STATE_FORMAT, ..Options::default() })?;
    write(&*store, &sets)?;
    let writing = writing.elapsed();
    let mut detail = in_process(&*store, &sets, people)?;
    let worst = detail.iter().filter_map(|(_, v)| v["ratio"].as_f64()).fold(0.0, f64::max);
    let mix_ms = detail[MIX]["weft_ms"].as_f64().context("no figure")?;
    drop(store);
    let (api, memory_mb) = through_the_api(&data, &sets, people).await?;
    let listed: u64 = sets.iter().map(RoaringBitmap::len).sum();
    detail.extend(api);
    detail.insert("sets".into(), json!({"people": people, "tags": sets.len(), "memberships": listed, "written_seconds": rounded(writing.as_secs_f64())}));
    Ok(Report { bench: "segments", value: mix_ms, unit: "ms for a mix of six", against: "the better of roaring bitmaps and dense bits, at worst", ratio: worst, memory_mb, detail })
}

/// The same spread as the other program's: from one in a thousand to every second, by equal steps of the logarithm.
fn drawn(tag: usize, people: u32) -> RoaringBitmap {
    let share = (0.5f64.ln() + (0.001f64.ln() - 0.5f64.ln()) * tag as f64 / 99.0).exp();
    let mut dice = StdRng::seed_from_u64(tag as u64);
    let mut at = 0.0f64;
    let numbers = std::iter::from_fn(|| {
        // The gap to the next one is geometric.
        at += ((1.0 - dice.random::<f64>()).ln() / (1.0 - share).ln()).floor() + 1.0;
        (at <= f64::from(people)).then(|| at as u32 - 1)
    });
    numbers.collect()
}

fn read(folder: &Path) -> anyhow::Result<Vec<RoaringBitmap>> {
    let mut sets = Vec::new();
    for n in 0..100 {
        let file = folder.join(format!("t{n:03}.roar"));
        let bytes = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        sets.push(RoaringBitmap::deserialize_from(&*bytes)?);
    }
    sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
    Ok(sets)
}

/// A hundred tags in a new house.
async fn define(data: &Path) -> anyhow::Result<()> {
    let (weft, url) = started(data).await?;
    let http = reqwest::Client::new();
    for tag in 0..100 {
        let rule = json!({"assigned": {"by": "hand", "values": [{"value": VALUE}]}});
        let body = json!({"name": name(tag), "title": name(tag), "rule": rule});
        let answer = http.post(format!("{url}/api/v1/tags")).bearer_auth(API_KEY).json(&body).send().await?;
        ensure!(answer.status().is_success(), "a tag was refused: {}", answer.text().await?);
    }
    // The last one is known to the pipeline when it can be asked.
    let last = json!({"condition": {"tag": {"name": name(99), "eq": VALUE}}});
    let begun = Instant::now();
    while !http.post(format!("{url}/api/v1/segments:count")).bearer_auth(API_KEY).json(&last).send().await?.status().is_success() {
        ensure!(begun.elapsed() < Duration::from_secs(60), "the tags do not become known");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    weft.stop().await
}

async fn started(data: &Path) -> anyhow::Result<(Weft, String)> {
    let mut weft = Weft::start(data, &["serve", "--listen", "127.0.0.1:0"])?;
    let ready = weft.said().await?.context("weft did not start")?;
    Ok((weft, ready["url"].as_str().context("no url")?.to_owned()))
}

fn named(tag: usize) -> pieces::Name {
    weft_tags::people_called(WorkspaceId(1), &name(tag), VALUE)
}

fn write(store: &dyn StateStore, sets: &[RoaringBitmap]) -> anyhow::Result<()> {
    for (tag, set) in sets.iter().enumerate() {
        let mut work = Work::over(store);
        let name = named(tag);
        pieces::write(&mut work, name.space, &Key(name.key), set)?;
        store.apply(work.into_changes(), store.position())?;
    }
    store.sync()?;
    Ok(())
}

fn in_process(store: &dyn StateStore, sets: &[RoaringBitmap], people: u32) -> anyhow::Result<Map<String, Value>> {
    let names: Vec<pieces::Name> = (0..sets.len()).map(named).collect();
    let cold = Instant::now();
    let ready = store.sets(&names)?;
    let cold = cold.elapsed();
    let bytes: usize = ready.iter().map(|set: &std::sync::Arc<Bitmap>| set.bytes()).sum();
    let dense: Vec<Vec<u64>> = sets.iter().map(|set| dense(set, people)).collect();
    let mut detail = Map::new();
    for (question, asked) in questions() {
        let signed = asked.signed();
        let (ours, count) = median(|| Ok(signed.count(&ready, u64::from(people))))?;
        let (roaring, by_roaring) = median(|| Ok(asked.by_roaring(sets, people).len()))?;
        let (bits, by_bits) = median(|| Ok(asked.by_dense_bits(&dense, people).iter().map(|w| u64::from(w.count_ones())).sum()))?;
        ensure!(count == by_roaring && count == by_bits, "{question}: {count}, {by_roaring} and {by_bits}");
        detail.insert(question.into(), json!({"people": count, "weft_ms": ours, "roaring_ms": roaring, "dense_bits_ms": bits, "ratio": rounded(ours / roaring.min(bits))}));
        if let (MIX, Signed::In(expression)) = (question, &signed) {
            let (ours, listed) = median(|| Ok(expression.numbers(&ready).len() as u64))?;
            let (roaring, _) = median(|| Ok(asked.by_roaring(sets, people).iter().collect::<Vec<u32>>().len() as u64))?;
            detail.insert("mix6_ids".into(), json!({"people": listed, "weft_ms": ours, "roaring_ms": roaring, "ratio": rounded(ours / roaring)}));
        }
    }
    detail.insert("ready".into(), json!({"seconds_from_disk": rounded(cold.as_secs_f64()), "mb": rounded(bytes as f64 / 1e6)}));
    Ok(detail)
}

fn dense(set: &RoaringBitmap, people: u32) -> Vec<u64> {
    let mut words = vec![0; people.div_ceil(64) as usize];
    set.iter().for_each(|n| words[n as usize / 64] |= 1 << (n % 64));
    words
}

/// Milliseconds, and what came of it.
fn median(mut ask: impl FnMut() -> anyhow::Result<u64>) -> anyhow::Result<(f64, u64)> {
    let mut times = Vec::new();
    let mut answer = ask()?;
    for _ in 0..REPETITIONS {
        let begun = Instant::now();
        answer = ask()?;
        times.push(begun.elapsed());
    }
    Ok((milliseconds(times), answer))
}

fn milliseconds(mut times: Vec<Duration>) -> f64 {
    times.sort();
    rounded(times[times.len() / 2].as_secs_f64() * 1_000.0)
}

/// The same questions, asked over HTTP, with the time of the whole answer; and the peak of the server.
async fn through_the_api(data: &Path, sets: &[RoaringBitmap], people: u32) -> anyhow::Result<(Map<String, Value>, f64)> {
    let (weft, url) = started(data).await?;
    let http = reqwest::Client::new();
    let mut detail = Map::new();
    for (question, asked) in questions() {
        // Nobody lives in this house: all but somebody cannot be counted there.
        if matches!(asked, Asked::Not(_)) {
            continue;
        }
        let body = json!({"condition": asked.condition()});
        let mut times = Vec::new();
        let mut cold = None;
        for _ in 0..=REPETITIONS {
            let begun = Instant::now();
            let text = http.post(format!("{url}/api/v1/segments:count")).bearer_auth(API_KEY).json(&body).send().await?.text().await?;
            let took = begun.elapsed();
            let answer: Value = serde_json::from_str(&text)?;
            let expected = asked.by_roaring(sets, people).len();
            if answer["count"].as_u64() != Some(expected) {
                bail!("{question}: {expected} people, and the API says {text}");
            }
            if cold.is_none() { cold = Some(took) } else { times.push(took) }
        }
        let cold = cold.map(|c| rounded(c.as_secs_f64() * 1_000.0));
        detail.insert(format!("api_{question}"), json!({"ms": milliseconds(times), "first_ms": cold}));
    }
    let memory_mb = weft.memory_mb("VmHWM");
    weft.stop().await?;
    Ok((detail, memory_mb))
}
