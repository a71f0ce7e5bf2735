//! `weft serve`: the house, until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;

use super::Common;
use crate::house::{House, Opened};

#[derive(Args)]
pub struct ServeArgs {
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

pub async fn run(common: Common, args: ServeArgs) -> anyhow::Result<()> {
    let mut config = common.read_config()?;
    if let Some(listen) = args.listen {
        config.server.listen = listen;
    }
    let listener = TcpListener::bind(&config.server.listen).await.with_context(|| format!("cannot listen on {}", config.server.listen))?;
    let address = listener.local_addr()?;
    let told = told_to_stop();
    if config.server.public_url.is_empty() {
        config.server.public_url = format!("http://{address}");
    }
    let Opened { house, rooms } = House::open(&common.data, config).await?;
    let router = house.router(rooms);
    let workers = house.start()?;
    house.imports.start().await?;
    greet(&house, &common, address).await?;
    serve_until(listener, router, told).await?;
    workers.stop().await?;
    Ok(())
}

pub(crate) async fn serve_until(listener: TcpListener, router: axum::Router, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let (told, hear) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        axum::serve(listener, service)
            .with_graceful_shutdown(async move {
                stop.await;
                let _ = told.send(());
            })
            .await
    });
    // Open streams of live events never end by themselves; requests get a moment, then we go.
    let _ = hear.await;
    match tokio::time::timeout(std::time::Duration::from_secs(3), serving).await {
        Ok(ended) => ended?.map_err(Into::into),
        Err(_) => Ok(()),
    }
}

async fn greet(house: &Arc<House>, common: &Common, address: SocketAddr) -> anyhow::Result<()> {
    let token = house.access.setup_token().await?;
    if common.json {
        println!("{}", json!({"ready": true, "address": address.to_string(), "url": format!("http://{address}"), "setup_token": token}));
        return Ok(());
    }
    println!("Weft is ready at http://{address}");
    if let Some(token) = token {
        println!("First run: open it and enter this one-time token: {token}");
    }
    Ok(())
}

/// Signals are heard from this call on, before anybody is told that we are ready; the future ends with the first of them.
pub(crate) fn told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    let mut terminated = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    };
    async move {
        #[cfg(unix)]
        if let (Ok(interrupt), Ok(terminate)) = (&mut terminated.0, &mut terminated.1) {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        let _ = tokio::signal::ctrl_c().await;
    }
}
