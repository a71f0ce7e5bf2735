//! The front door, as seen from inside the house.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use weft_stream_bus::StreamBus;

use crate::kernel::{Clock, Control, Event, Millis, Record, Result};

/// Everything that happens comes in here, and nowhere else. What `accept` returned from is durable.
#[async_trait]
pub trait FrontDoor: Send + Sync {
    /// Appends events as they are (id and times already set). Returns the log position after the last.
    async fn accept(&self, events: Vec<Event>) -> Result<u64>;
    /// Appends a definition.
    async fn control(&self, control: Control) -> Result<u64>;
    /// Appends records that the caller has encoded already.
    async fn append(&self, records: Vec<Bytes>) -> Result<u64>;
    fn now(&self) -> Millis;
}

pub struct Door {
    bus: Arc<dyn StreamBus>,
    clock: Arc<dyn Clock>,
}

impl Door {
    pub fn new(bus: Arc<dyn StreamBus>, clock: Arc<dyn Clock>) -> Self {
        Self { bus, clock }
    }
}

#[async_trait]
impl FrontDoor for Door {
    async fn accept(&self, events: Vec<Event>) -> Result<u64> {
        let records = events.into_iter().map(|e| Record::Event(Box::new(e)).encode().map(Bytes::from)).collect::<Result<Vec<_>>>()?;
        self.append(records).await
    }
    async fn control(&self, control: Control) -> Result<u64> {
        let record = Record::Control(Box::new(control)).encode()?;
        self.append(vec![Bytes::from(record)]).await
    }
    async fn append(&self, records: Vec<Bytes>) -> Result<u64> {
        if records.is_empty() {
            return Ok(self.bus.next());
        }
        let count = records.len() as u64;
        Ok(self.bus.append(records).await? + count)
    }
    fn now(&self) -> Millis {
        self.clock.now()
    }
}
