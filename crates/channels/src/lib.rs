#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod delivery;
mod gate;
mod http;
mod ledger;
mod links;
mod message;
pub mod providers;
mod sender;
mod settings;
pub mod smtp_sink;
mod steps;
mod store;

use std::sync::Arc;

use weft_context_kit::{Context, Parts};

pub use delivery::{Delivery, Intent, Moment, State};
pub use gate::{Verdict, message_id, request_send};
pub use http::Room;
pub use ledger::{Filter, Total, get as delivery, list as deliveries, totals, totals_of};
pub use links::Links;
pub use sender::Sender;
pub use settings::{Cap, QuietHours, Settings, WindowKind, settings};
pub use steps::{Hold, KeepLedger, hold};

pub(crate) const ROOM: &str = "channels";
pub(crate) const STEP: &str = "keep_ledger";

/// The room, and the sender that the hall must run.
pub fn context(parts: &Parts, links: Links, http_client: Arc<weft_outbound_http::Client>, is_live: Arc<dyn Fn() -> bool + Send + Sync>) -> (Context, Arc<Sender>) {
    let sender = Arc::new(Sender::new(parts.clone(), links.clone(), http_client, is_live));
    let room = Arc::new(Room { parts: parts.clone(), links, sender: sender.clone() });
    let context =
        Context { routes: http::routes(&room), open: http::open_router(room), migrations: store::migrations(), ..Context::new("channels") };
    (context, sender)
}
