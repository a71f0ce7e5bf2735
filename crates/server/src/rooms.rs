//! The rooms of the house, floor by floor. Whoever wants to know what Weft can do reads this list.

use std::sync::Arc;

use async_trait::async_trait;
use weft_access::Access;
use weft_channels::{Links, Sender};
use weft_collect::Handles;
use weft_connectors::Imports;
use weft_context_kit::{Context, Parts};
use weft_meta_store::Rows;
use weft_models::{Runs, UsesAbove};
use weft_outbound_http::Client;
use weft_query_engine::QueryEngine;

use crate::kernel::{Result, WorkspaceId};

pub struct Joined {
    pub rooms: Vec<Context>,
    pub sender: Arc<Sender>,
    pub collect: Handles,
    pub imports: Imports,
    pub models: Runs,
}

/// What the models' floor cannot see.
struct Above(Rows);

#[async_trait]
impl UsesAbove for Above {
    async fn journeys(&self, workspace: WorkspaceId, tag: &str) -> Result<Vec<(String, String)>> {
        weft_journeys::naming_tag(&self.0, workspace, tag).await
    }
}

pub fn join(
    p: &Parts,
    access: &Access,
    engine: Arc<QueryEngine>,
    links: Links,
    http: Arc<Client>,
    is_live: Arc<dyn Fn() -> bool + Send + Sync>,
    imports: weft_connectors::Settings,
) -> Joined {
    let (collect_room, collect) = weft_collect::context(p);
    let (connectors_room, imports) = weft_connectors::context(p, imports);
    let (channels_room, sender) = weft_channels::context(p, links, http, is_live);
    let (models_room, models) = weft_models::context(p, Arc::new(Above(p.rows.clone())));
    let rooms = vec![
        // 3 authority
        weft_audit::context(p),
        weft_access::context(p, access),
        weft_privacy::context(p),
        // 4 facts
        collect_room,
        connectors_room,
        weft_quality::context(p),
        weft_identity::context(p),
        weft_profiles::context(p),
        weft_duplicates::context(p),
        weft_catalog::context(p),
        weft_tags::context(p),
        weft_segments::context(p),
        // 5 insight
        weft_analytics::context(p, engine),
        models_room,
        weft_portraits::context(p),
        // 6 action
        weft_content::context(p),
        channels_room,
        weft_journeys::context(p),
    ];
    Joined { rooms, sender, collect, imports, models }
}
