//! What the server's numbers are linked to: WhatsApp, or a sandbox.

use std::sync::Arc;

use sparkbot_core::clock::SharedClock;
use sparkbot_core::network::Network;
use sparkbot_whatsapp::guard::{self, Verification};
use sparkbot_whatsapp::{WhatsApp, WhatsAppConfig};

use crate::cli::ServeArgs;
use crate::cli::sandbox::SandboxArgs;
use crate::config::Config;
use crate::failure::{Failure, Result};

#[cfg(feature = "sandbox")]
use sandbox::Running;

/// The other end, joined.
pub(super) struct Joined {
    network: Arc<WhatsApp>,
    /// The sandbox's addresses, when it is one.
    pub(super) sandbox: Option<Addresses>,
    #[cfg(feature = "sandbox")]
    running: tokio::sync::Mutex<Option<Running>>,
}

/// Where a sandbox is.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    /// The control API.
    pub(super) control: String,
    /// Where clients connect.
    pub(super) socket: String,
}

impl Joined {
    /// As core takes it.
    pub(super) fn network(&self) -> Arc<dyn Network> {
        self.network.clone()
    }

    /// Whether everything it talks to is on loopback.
    pub(super) fn is_sandbox(&self) -> bool {
        self.sandbox.is_some()
    }

    /// Stops a sandbox of our own.
    pub(super) async fn stop(&self) {
        #[cfg(feature = "sandbox")]
        if let Some(running) = self.running.lock().await.take() {
            running.shutdown().await;
        }
    }
}

/// Proves that the build does what its features say, and that it is asked for
/// what it can do.
///
/// # Errors
/// With a sentence that says what is wrong with the build or the flags.
pub(super) fn check_build(args: &ServeArgs) -> Result<()> {
    let verification = guard::prove().map_err(|error| {
        Failure::new(error.to_string()).hint("Build it again from a clean checkout with `cargo build --release`.")
    })?;
    let wanted = args.sandbox || args.sandbox_url.is_some();
    match (verification, wanted) {
        (Verification::Enforced, false) | (Verification::Off, true) => Ok(()),
        (Verification::Enforced, true) => Err(not_built_in()),
        (Verification::Off, false) => Err(Failure::usage("this build has the sandbox and never connects to WhatsApp")
            .hint("Add --sandbox (or --sandbox-url); for real numbers build without `--features sandbox`.")),
    }
}

/// What a build without the feature says.
pub(super) fn not_built_in() -> Failure {
    Failure::usage("this build has no sandbox")
        .hint("Build one that has: cargo run --release --features sandbox -- serve --sandbox")
}

/// Joins the other end; connects to nothing but a sandbox's control API yet.
///
/// # Errors
/// When the sandbox can't be started or reached, or the build may not talk to it.
pub(super) async fn join(config: &Config, args: &ServeArgs, clock: SharedClock) -> Result<Joined> {
    let mut settings = WhatsAppConfig::new(clock);
    settings.client_version = config.whatsapp.client_version.map(|version| version.0);
    settings.device_name.clone_from(&config.whatsapp.device_name.0);
    settings.history_days = config.history.enabled.then_some(config.history.days);
    settings.wanted_prekeys = usize::from(config.whatsapp.prekeys);
    // Not the system's own folder for such things, which is memory on many machines.
    settings.temp_dir.clone_from(&config.data_dir);
    #[cfg(feature = "sandbox")]
    {
        let (addresses, running, media) = sandbox::reach(args).await?;
        settings.socket_url = Some(addresses.socket.clone());
        settings.media_base = media;
        // The sandbox takes any version, and nothing outside is asked for one.
        settings.client_version = settings.client_version.or(Some(sandbox::CLIENT_VERSION));
        Ok(Joined {
            network: Arc::new(whatsapp(settings)?),
            sandbox: Some(addresses),
            running: tokio::sync::Mutex::new(running),
        })
    }
    #[cfg(not(feature = "sandbox"))]
    {
        let _ = args;
        Ok(Joined { network: Arc::new(whatsapp(settings)?), sandbox: None })
    }
}

fn whatsapp(settings: WhatsAppConfig) -> Result<WhatsApp> {
    WhatsApp::new(settings).map_err(|error| Failure::new(error.to_string()))
}

/// `sparkbot sandbox`: runs one until it is told to stop.
///
/// # Errors
/// When it can't listen, or this build has none.
pub(crate) async fn sandbox_alone(config: &Config, args: &SandboxArgs, as_json: bool) -> Result<()> {
    #[cfg(feature = "sandbox")]
    return sandbox::alone(config, args, as_json).await;
    #[cfg(not(feature = "sandbox"))]
    {
        let _ = (config, args, as_json);
        Err(not_built_in())
    }
}

#[cfg(feature = "sandbox")]
mod sandbox {
    use std::net::{Ipv4Addr, SocketAddr};

    use serde_json::json;
    use sparkbot_sandbox::{Sandbox, SandboxConfig};

    use super::{Addresses, Result};
    use crate::cli::ServeArgs;
    use crate::cli::sandbox::SandboxArgs;
    use crate::config::Config;
    use crate::failure::Failure;
    use crate::rest::{self, Rest};
    use crate::serve::stop::Signals;
    use crate::{logging, terminal};

    /// A sandbox in this process.
    pub(super) type Running = Sandbox;

    /// What the client says it is; the sandbox does not mind which.
    pub(super) const CLIENT_VERSION: (u32, u32, u32) = (2, 3000, 1_030_000_000);

    /// Whose phones are there from the start.
    const PEOPLE: [(&str, &str); 2] = [("+16001234560", "Ana"), ("+16001234561", "Ben")];

    const CONTROL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7710);
    const SOCKET: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7711);

    /// Starts a sandbox, or asks a running one where it listens: its
    /// addresses, itself if it is ours, and its media host.
    pub(super) async fn reach(args: &ServeArgs) -> Result<(Addresses, Option<Sandbox>, Option<String>)> {
        if let Some(url) = &args.sandbox_url {
            let (addresses, media) = ask(url).await?;
            return Ok((addresses, None, media));
        }
        let sandbox = start(SandboxConfig {
            socket: args.sandbox_socket.unwrap_or(SOCKET),
            control: args.sandbox_control.unwrap_or(CONTROL),
            seed: args.sandbox_seed,
            seed_data: args.seed_data,
            ..SandboxConfig::default()
        })
        .await?;
        people(&sandbox.control_url()).await?;
        let (addresses, media) = ask(&sandbox.control_url()).await?;
        Ok((addresses, Some(sandbox), media))
    }

    /// Puts somebody there to link and to write to.
    async fn people(control: &str) -> Result<()> {
        let rest = Rest::sandbox(control)?;
        for (phone, name) in PEOPLE {
            rest.post(&["phones"], Some(json!({ "phone": phone, "name": name }))).await?;
        }
        Ok(())
    }

    async fn ask(url: &str) -> Result<(Addresses, Option<String>)> {
        let answer = Rest::sandbox(url)?.get(&[], &[]).await?;
        let socket = answer["socketUrl"].as_str().ok_or_else(|| {
            Failure::new(format!("{url} answers, but is no sandbox's control API"))
                .hint("Give the control address, not the socket: `sparkbot sandbox status` shows it.")
        })?;
        let media = answer["mediaUrl"].as_str().map(str::to_owned);
        Ok((Addresses { control: url.trim_end_matches('/').to_owned(), socket: socket.to_owned() }, media))
    }

    async fn start(settings: SandboxConfig) -> Result<Sandbox> {
        Sandbox::start(settings).await.map_err(|error| {
            Failure::new(error.to_string())
                .hint("Choose other ports (0 takes a free one) with --sandbox-socket and --sandbox-control, or --socket and --control of `sparkbot sandbox`.")
        })
    }

    /// Runs a sandbox by itself.
    pub(super) async fn alone(config: &Config, args: &SandboxArgs, as_json: bool) -> Result<()> {
        logging::start(&config.log)?;
        let url = rest::loopback(&args.control)?;
        let ip = match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.into(),
            Some(url::Host::Ipv6(ip)) => ip.into(),
            _ => Ipv4Addr::LOCALHOST.into(),
        };
        let control = SocketAddr::new(ip, url.port_or_known_default().unwrap_or(CONTROL.port()));
        let mut signals = Signals::listen()?;
        let sandbox = start(SandboxConfig {
            socket: args.socket,
            control,
            seed: args.seed,
            seed_data: args.seed_data,
            ..SandboxConfig::default()
        })
        .await?;
        people(&sandbox.control_url()).await?;
        if as_json {
            terminal::json(&json!({
                "control": sandbox.control_url(),
                "socket": sandbox.socket_url(),
                "rootKey": sandbox.root_key_hex(),
                "version": env!("CARGO_PKG_VERSION"),
            }));
        } else {
            terminal::line(format_args!(
                "A WhatsApp on loopback is ready.\n\n  control   {control}\n  socket    {socket}\n  root key  {root}\n\n\
                 Join a server to it:\n  sparkbot serve --sandbox-url {control}\n\n\
                 Drive its phones:\n  sparkbot sandbox phone list --control {control}\n\n\
                 See them in a browser:\n  {control}/page\n\nStop with Ctrl+C.",
                control = sandbox.control_url(),
                socket = sandbox.socket_url(),
                root = sandbox.root_key_hex(),
            ));
        }
        signals.stopped().await;
        tokio::select! {
            () = sandbox.shutdown() => {}
            () = signals.stopped() => {}
        }
        Ok(())
    }
}
