//! The doors: collection at the root for everybody who has a key, and the sources below `/api/v1`.

mod answer;
mod segment;
mod sensors;
pub(crate) mod sources;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use crate::gate::Gate;
use crate::protocols;

/// A browser asks again only after this long.
const PREFLIGHT_FOR: Duration = Duration::from_secs(2 * 60 * 60);
/// The body of a Sensors request is base 64 in a form.
const SENSORS_WIRE: usize = protocols::sensors::MAX_BODY / 2 * 3;

/// The routes of both protocols. Pages of any origin may send: the key is what lets them in.
pub(crate) fn open(gate: Gate) -> Router {
    let segment = Router::new()
        .route("/v1/{call}", post(segment::collect))
        .route("/v1/pixel/{call}", get(segment::collect_by_pixel))
        .layer(DefaultBodyLimit::max(protocols::segment::MAX_BODY));
    let sensors = Router::new()
        .route("/sa", get(sensors::collect).post(sensors::collect))
        .route("/sa.gif", get(sensors::collect_by_image).post(sensors::collect))
        .route("/debug", get(sensors::check).post(sensors::check))
        .layer(DefaultBodyLimit::max(SENSORS_WIRE));
    segment.merge(sensors).with_state(gate).layer(cors())
}

/// Mirrors what is asked for: the web clients send `authorization`, and `x-retry-count` when they try again.
/// Credentials are allowed because beacons always carry them; the doors look at no cookie.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .allow_credentials(true)
        .max_age(PREFLIGHT_FOR)
}
