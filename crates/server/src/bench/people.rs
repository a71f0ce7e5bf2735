//! Memory and disk of a house by how many people it knows: each with an account, a cookie, traits, two events, tags and segments.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::child::{API_KEY, Weft};
use super::load::{self, Connection};
use super::report::{Report, rounded};

/// People of one batch.
const BATCH: u64 = 50;
const STEPS: u64 = 10;
const GOAL_MB: f64 = 4_096.0;
/// So far ahead of the state the generator may be, in records: what waits in the log costs no memory, but time at the end.
const AHEAD: u64 = 200_000;

pub(super) async fn run(people: u64) -> anyhow::Result<Report> {
    let folder = tempfile::tempdir()?;
    let mut weft = Weft::start(&folder.path().join("data"), &["serve", "--listen", "127.0.0.1:0"])?;
    let ready = weft.said().await?.context("weft did not start")?;
    let house = House { url: ready["url"].as_str().context("no url")?.to_owned(), http: reqwest::Client::new() };
    house.define().await?;
    let address = ready["address"].as_str().context("no address")?.to_owned();
    let mut connection = Connection::open(&address).await?;
    let begun = Instant::now();
    let mut steps = Vec::new();
    for step in 1..=STEPS {
        let (from, to) = (people * (step - 1) / STEPS, people * step / STEPS);
        let all: Vec<u64> = (from..to).collect();
        for (round, some) in all.chunks(BATCH as usize).enumerate() {
            let calls: Vec<String> = some.iter().flat_map(|person| calls(*person)).collect();
            connection.send(load::request(&address, &format!(r#"{{"batch":[{}]}}"#, calls.join(","))).as_bytes()).await?;
            if round % 500 == 499 {
                house.wait_until_behind(AHEAD).await?;
            }
        }
        house.wait_until_behind(0).await?;
        let now = weft.memory_mb("VmRSS");
        steps.push(json!({"people": to, "memory_mb": now.round(), "most_mb": weft.memory_mb("VmHWM").round(), "disk_mb": bytes_below(folder.path())? >> 20}));
    }
    let took = begun.elapsed().as_secs_f64();
    let counted = house.known().await?;
    if counted != people {
        bail!("{people} people were told of and {counted} are known");
    }
    let most = weft.memory_mb("VmHWM");
    weft.stop().await?;
    let of = |step: usize, what: &str| steps[step][what].as_f64().unwrap_or(f64::NAN);
    let grown = |what: &str| (of(STEPS as usize - 1, what) - of(0, what)) * 1_048_576.0 / (people - people / STEPS) as f64;
    let detail = json!({
        "people": people, "bytes_of_memory_per_person": rounded(grown("most_mb")), "bytes_of_disk_per_person": grown("disk_mb").round(),
        "people_per_second": (people as f64 / took).round(), "steps": steps,
    });
    let Value::Object(detail) = detail else { bail!("no detail") };
    Ok(Report { bench: "people", value: most, unit: "MB of memory at most", against: "the goal of 4 GB at ten million people", ratio: most / GOAL_MB, memory_mb: most, detail })
}

struct House {
    url: String,
    http: reqwest::Client,
}

impl House {
    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&self.http.get(format!("{}{path}", self.url)).bearer_auth(API_KEY).send().await?.text().await?)?)
    }
    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        self.http.post(format!("{}{path}", self.url)).bearer_auth(API_KEY).json(body).send().await?.error_for_status()?;
        Ok(())
    }

    async fn define(&self) -> anyhow::Result<()> {
        for n in 0..10u64 {
            let tag = json!({"trait": {"name": "age", "gte": 20 + n * 5}});
            let segment = json!({"all": [{"event": {"name": "view_item", "count": {"gte": 1}, "within": "30d"}}, {"trait": {"name": "city", "eq": format!("city-{n}")}}]});
            self.post("/api/v1/tags", &json!({"name": format!("asked_{n}"), "title": format!("Asked {n}"), "rule": {"values": [{"value": "yes", "condition": tag}]}})).await?;
            self.post("/api/v1/segments", &json!({"name": format!("Asked {n}"), "condition": segment})).await?;
        }
        Ok(())
    }

    async fn wait_until_behind(&self, records: u64) -> anyhow::Result<()> {
        while self.get("/api/v1/system").await?["lag"].as_u64().context("no lag")? > records {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    async fn known(&self) -> anyhow::Result<u64> {
        let home = self.get("/api/v1/home").await?;
        home["people"].as_u64().with_context(|| format!("no people in {home}"))
    }
}

fn calls(person: u64) -> [String; 3] {
    let (user, cookie) = (format!("user-{person:08}"), format!("cookie-{person:08}"));
    let (city, age) = (person % 40, 18 + person % 60);
    [
        format!(r#"{{"type":"page","messageId":"p{person}","anonymousId":"{cookie}","name":"Home","properties":{{"path":"/"}}}}"#),
        format!(
            r#"{{"type":"identify","messageId":"i{person}","userId":"{user}","anonymousId":"{cookie}","traits":{{"name":"Person {person}","city":"city-{city}","age":{age},"email":"person-{person}@example.com"}}}}"#
        ),
        format!(
            r#"{{"type":"track","event":"view_item","messageId":"v{person}","userId":"{user}","properties":{{"item_id":"sku-{:05}","category":"tea","price":128.5}}}}"#,
            person % 10_000
        ),
    ]
}

fn bytes_below(folder: &std::path::Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // Files come and go while we look.
        let Ok(known) = entry.metadata() else { continue };
        bytes += if known.is_dir() { bytes_below(&entry.path())? } else { known.len() };
    }
    Ok(bytes)
}
