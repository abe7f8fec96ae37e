//! The server: the one place where the parts are joined.

mod announce;
mod clock;
mod connections;
mod lock;
mod network;
mod stop;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sparkbot_api::ApiOptions;
use sparkbot_core::{Core, accounts, sessions};
use sparkbot_store::{NodeLock, Store};
use tokio::net::TcpListener;

use crate::cli::ServeArgs;
use crate::config::{Config, ensure_data_dir};
use crate::failure::{Failure, Result};
use crate::{logging, master_key};
use announce::Announcement;
use connections::Allowance;
use network::Joined;

pub(crate) use lock::take as lock;
pub(crate) use network::sandbox_alone;

/// Everything has ended by then, at the first signal.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// What numbers and deliveries have of it; the rest is for the last answers.
const CORE_STOPS_WITHIN: Duration = Duration::from_secs(8);
/// How often the metrics' histograms are tidied.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Runs the server until it is told to stop.
///
/// # Errors
/// When it can't be started, with what to do.
pub(crate) async fn run(config: &Config, args: &ServeArgs, as_json: bool) -> Result<()> {
    logging::start(&config.log)?;
    let metrics = metrics()?;
    network::check_build(args)?;
    let clock = clock::of(args)?;
    ensure_data_dir(&config.data_dir)?;
    let _lock = lock::take(&config.data_dir)?;
    let _database = config.database_file().map(|file| lock::take_database(&file)).transpose()?;
    let listener = listen(config).await?;
    let joined = network::join(config, args, clock.clone()).await?;
    let (sealer, origin) = master_key::sealer(config)?;
    if origin == master_key::Origin::Made {
        tracing::info!(file = %config.master_key_file().display(), "made a master key; keep a copy of it apart from the database");
    }
    let _name = NodeLock::take(&config.database_url(), &config.node).await?.ok_or_else(|| {
        Failure::new(format!("another SparkBot server of the name '{}' uses this database", config.node))
            .hint("Stop it first, or give this one another name with --set node=….")
    })?;
    let store = Store::open(&config.database_url(), sealer).await?;
    let core = Core::new(store, clock, joined.network(), config.core_settings(joined.is_sandbox()))?;
    let first_key = accounts::first_start(&core).await?;
    sessions::nobody_is_online(&core).await?;

    let mut signals = stop::Signals::listen()?;
    let app = sparkbot_api::router(core.clone(), ApiOptions { metrics: Some(Arc::new(move || metrics.render())) });
    let local = listener.local_addr().map_err(|error| Failure::new(error.to_string()))?;
    let stopping = core.stopping();
    let allowance = Allowance {
        connections: config.limits.connections.into(),
        pause: config.limits.client_pause.duration(),
        proxies: config.network.proxies.clone(),
    };
    let serving = tokio::spawn(connections::serve(listener, app, allowance, stopping));

    Announcement { config, args, local, first_key: first_key.as_ref(), joined: &joined }.make(as_json)?;
    bring_up(&core);

    signals.stopped().await;
    tracing::info!("stopping; a second signal ends at once");
    let ending = end(&core, &joined, async move { drop(serving.await) });
    tokio::select! {
        () = ending => tracing::info!("stopped"),
        () = signals.stopped() => tracing::warn!("ended at the second signal; what was in flight resumes at the next start"),
    }
    Ok(())
}

/// Numbers come up behind the API, which answers meanwhile.
fn bring_up(core: &Core) {
    let core = core.clone();
    tokio::spawn(async move {
        if let Err(error) = core.start().await {
            tracing::error!(%error, "the numbers can't be brought up; sending and receiving stand still until a restart");
        }
    });
}

/// Ends everything: core closes numbers and streams while the last answers go out.
async fn end(core: &Core, joined: &Joined, served: impl Future<Output = ()>) {
    let all = async {
        tokio::join!(core.shutdown(CORE_STOPS_WITHIN), served);
        joined.stop().await;
    };
    if tokio::time::timeout(STOP_WITHIN, all).await.is_err() {
        tracing::warn!("some connections did not end in time and were cut");
    }
}

async fn listen(config: &Config) -> Result<TcpListener> {
    let address = config.listen.0;
    if !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "the API is reachable from other machines without TLS: keys and messages can be read on the way; put a reverse proxy with TLS in front and listen on 127.0.0.1"
        );
    }
    TcpListener::bind(address).await.map_err(|error| {
        let failure = Failure::new(format!("the API can't listen on {address}: {error}"));
        match error.kind() {
            std::io::ErrorKind::AddrInUse => failure.hint(
                "Another program, perhaps another SparkBot, has this port. Stop it, or choose a port with --listen 127.0.0.1:7701 (port 0 takes a free one).",
            ),
            std::io::ErrorKind::PermissionDenied => failure.hint("Ports below 1024 need rights; choose a higher one with --listen."),
            _ => failure.hint("Choose an address of this machine with --listen, such as 127.0.0.1:7700."),
        }
    })
}

fn metrics() -> Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets(&[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0])
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| Failure::new(format!("metrics can't be recorded: {error}")))?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(METRICS_UPKEEP).await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}
