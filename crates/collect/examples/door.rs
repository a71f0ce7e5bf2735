//! The doors of this room by themselves: `door ADDRESS KEY` collects into memory, for trying clients without a server.
//! `GET /seen` answers the events that came, `GET /refused` what was refused, `DELETE /seen` forgets both.

use std::sync::Arc;

use async_trait::async_trait;
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use parking_lot::Mutex;
use weft_collect::{SourceKind, context};
use weft_context_kit::pipeline::FrontDoor;
use weft_context_kit::{CaughtUp, Parts, nameless};
use weft_kernel::{Actor, Clock, Control, Event, Millis, Record, Result, Scope, SystemClock, WorkspaceId};
use weft_meta_store::Rows;
use weft_profile_kv::MemoryStore;

#[derive(Default)]
struct InMemory(Mutex<Vec<Record>>);

#[async_trait]
impl FrontDoor for InMemory {
    async fn accept(&self, events: Vec<Event>) -> Result<u64> {
        self.0.lock().extend(events.into_iter().map(|e| Record::Event(Box::new(e))));
        Ok(0)
    }
    async fn control(&self, control: Control) -> Result<u64> {
        self.0.lock().push(Record::Control(Box::new(control)));
        Ok(0)
    }
    async fn append(&self, records: Vec<Bytes>) -> Result<u64> {
        let records = records.iter().map(|r| Record::decode(r)).collect::<Result<Vec<_>>>()?;
        self.0.lock().extend(records);
        Ok(0)
    }
    fn now(&self) -> Millis {
        SystemClock.now()
    }
}

struct AtOnce;
#[async_trait]
impl CaughtUp for AtOnce {
    async fn wait_for(&self, _: u64) {}
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(key)) = (arguments.next(), arguments.next()) else { return Err("door ADDRESS KEY".into()) };
    let door = Arc::new(InMemory::default());
    let rows = Rows::open("sqlite::memory:").await?;
    let parts = Parts {
        rows: rows.clone(),
        state: Arc::new(MemoryStore::default()),
        door: door.clone(),
        clock: Arc::new(SystemClock),
        caught_up: Arc::new(AtOnce),
        names: nameless(),
    };
    let (room, handles) = context(&parts);
    rows.migrate(room.name, room.migrations).await?;
    let scope = Scope { workspace: WorkspaceId(1), actor: Actor::System };
    handles.sources().ensure(&scope, SystemClock.now(), "door", SourceKind::Web, Some(&key)).await?;

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("{}", serde_json::json!({"listening": format!("http://{}", listener.local_addr()?)}));
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let background = tokio::spawn(async move { handles.run(stopped).await });
    axum::serve(listener, room.open.merge(window(door))).await?;
    let _ = stop.send(true);
    background.await??;
    Ok(())
}

/// What came, for whoever tries a client.
fn window(door: Arc<InMemory>) -> Router {
    let (seen, refused, forget) = (door.clone(), door.clone(), door);
    let events = move || async move {
        let records = seen.0.lock();
        Json(records.iter().filter_map(|r| if let Record::Event(e) = r { serde_json::to_value(e).ok() } else { None }).collect::<Vec<_>>())
    };
    let controls = move || async move {
        let records = refused.0.lock();
        Json(records.iter().filter_map(|r| if let Record::Control(c) = r { Some(c.body.clone()) } else { None }).collect::<Vec<_>>())
    };
    let clear = move || async move { forget.0.lock().clear() };
    Router::new().route("/seen", get(events).delete(clear)).route("/refused", get(controls))
}
