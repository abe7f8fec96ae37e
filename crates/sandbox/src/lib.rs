//! A WhatsApp on loopback, for tests and for trying things out.
//!
//! [`Sandbox::start`] opens a server that speaks WhatsApp's own wire protocol
//! (WebSocket, Noise, binary XML, Signal) and an HTTP API by which a program in
//! any language makes phones, scans codes, sends, reads, and lets things fail.
//! Clients that nobody here wrote link to it as they would to WhatsApp.
//!
//! The rules (`world`, `areas`, `phone`) are plain functions over state without
//! sockets or clocks; `wire` and `control` carry stanzas and requests to them.
//! CONTROL.md describes the HTTP API, INTEROP.md how to point other clients
//! here.
//!
//! ```no_run
//! # async fn example() -> Result<(), sparkbot_sandbox::SandboxError> {
//! use sparkbot_sandbox::{Sandbox, SandboxConfig};
//!
//! let sandbox = Sandbox::start(SandboxConfig::default()).await?;
//! println!("clients: {}, control: {}", sandbox.socket_url(), sandbox.control_url());
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod areas;
mod clock;
mod control;
mod fault;
mod hub;
mod ids;
#[cfg(any(test, feature = "load"))]
pub mod load;
mod media;
mod phone;
mod seed;
mod stanza;
mod timing;
mod wire;
mod world;

#[cfg(test)]
#[path = "tests/mod.rs"]
mod rules;
#[cfg(test)]
mod testing;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use timing::{Addressing, Timing};

use clock::Clock;
use hub::Hub;
use wire::certificate::ServerIdentity;
use wire::tls::{Tls, TlsListener};
use world::World;

/// How a sandbox is set up. The default listens on free ports of 127.0.0.1.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Where clients connect. Must be a loopback address; port 0 takes a free one.
    pub socket: SocketAddr,
    /// Where the control API listens. Must be a loopback address.
    pub control: SocketAddr,
    /// Makes keys, ids and faults repeatable. Random when absent, and told in
    /// the control API.
    pub seed: Option<u64>,
    /// Whether a small company with its customers is there from the start:
    /// people, groups, conversations.
    pub seed_data: bool,
    /// How long things last.
    pub timing: Timing,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { socket: free, control: free, seed: None, seed_data: false, timing: Timing::default() }
    }
}

/// Why a sandbox can't start.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// The sandbox has no authentication, so it is never reachable from outside.
    #[error("the sandbox listens on loopback only; {0} is not a loopback address, use 127.0.0.1 or [::1]")]
    NotLoopback(SocketAddr),
    /// The port is taken, for example.
    #[error("the sandbox can't listen on {address}: {source}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// No key pair could be made; a fault of the cryptographic library.
    #[error("the sandbox can't make its server keys: {0}")]
    Keys(String),
    /// The data that was to be there from the start could not be made.
    #[error("the sandbox can't make its seed data: {0}")]
    SeedData(String),
    /// No certificate for `https` could be made; a fault of the cryptographic
    /// library.
    #[error("the sandbox can't make its certificate: {0}")]
    Certificate(String),
}

/// A running sandbox. Dropping it stops it, without waiting.
pub struct Sandbox {
    hub: Arc<Hub>,
    socket: SocketAddr,
    control: SocketAddr,
    media: SocketAddr,
    certificate: String,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Opens both listeners and begins to serve.
    ///
    /// # Errors
    ///
    /// When an address is not loopback or can't be listened on.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        let clock = Clock;
        let (clients, socket) = listen(config.socket).await?;
        let (requests, control) = listen(config.control).await?;
        let seed = config.seed.unwrap_or_else(rand::random);
        let mut rng = StdRng::seed_from_u64(seed);
        let identity = ServerIdentity::generate(&mut rng).map_err(|error| SandboxError::Keys(error.to_string()))?;
        let tls = Arc::new(Tls::generate().map_err(|error| SandboxError::Certificate(error.to_string()))?);
        let certificate = tls.authority_pem().to_owned();
        let world = World::new(seed, config.timing, clock.now_ms());
        let store = Arc::clone(&world.media);
        let (fetches, wanted) = mpsc::channel(media::errands::WAITING);
        let hub = Hub::new(world, identity, clock, fetches);
        // Two hosts of the same files, so that a client has one to fall back to.
        let free = SocketAddr::new(config.control.ip(), 0);
        let mut media_hosts = Vec::new();
        for _ in 0..2 {
            let (listener, address) = listen(free).await?;
            let listener = TlsListener::new(listener, Arc::clone(&tls), hub.stop.clone())
                .map_err(|source| SandboxError::Listen { address, source })?;
            media_hosts.push((listener, address));
        }
        store.listens(media_hosts.iter().map(|(_, address)| address.to_string()).collect());
        let media = media_hosts.first().map_or(free, |(_, address)| *address);
        let place = control::Place {
            socket_url: socket_url(socket),
            secure_socket_url: secure_socket_url(socket),
            control_url: format!("http://{control}"),
            media_url: format!("http://{media}"),
            certificate: certificate.clone(),
            seed,
        };
        let api = control::api(&hub, place);
        if config.seed_data {
            seed::fill(api.clone()).await.map_err(|error| SandboxError::SeedData(error.to_string()))?;
        }
        let timers = {
            let hub = Arc::clone(&hub);
            async move { hub.drive_timers().await }
        };
        let mut tasks = vec![
            tokio::spawn(wire::connection::listen(Arc::clone(&hub), clients, Arc::clone(&tls))),
            tokio::spawn(control::serve(Arc::clone(&hub), requests, api)),
            tokio::spawn(timers),
            tokio::spawn(media::errands::run(Arc::clone(&hub), wanted)),
        ];
        tasks.extend(
            media_hosts.into_iter().map(|(listener, _)| {
                tokio::spawn(media::server::serve(Arc::clone(&hub), Arc::clone(&store), listener))
            }),
        );
        Ok(Self { hub, socket, control, media, certificate, tasks })
    }

    /// Where clients connect, `ws://127.0.0.1:PORT/ws/chat`.
    #[must_use]
    pub fn socket_url(&self) -> String {
        socket_url(self.socket)
    }

    /// The same port over TLS, `wss://127.0.0.1:PORT/ws/chat`, with a certificate
    /// below [`Self::certificate`].
    #[must_use]
    pub fn secure_socket_url(&self) -> String {
        secure_socket_url(self.socket)
    }

    /// Where the control API is, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("http://{}", self.control)
    }

    /// Where files are uploaded and fetched, `http://127.0.0.1:PORT`. The same
    /// port takes `https`, with a certificate below [`Self::certificate`].
    #[must_use]
    pub fn media_url(&self) -> String {
        format!("http://{}", self.media)
    }

    /// The certificate authority a client must trust for `https`, as PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The public key a client must trust instead of WhatsApp's root, 64
    /// hexadecimal digits.
    #[must_use]
    pub fn root_key_hex(&self) -> String {
        hex::encode(self.hub.identity.root_public())
    }

    /// Closes all connections and both listeners.
    pub async fn shutdown(mut self) {
        self.hub.stop.cancel();
        for task in self.tasks.drain(..) {
            let _ = task.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.hub.stop.cancel();
    }
}

fn socket_url(address: SocketAddr) -> String {
    format!("ws://{address}/ws/chat")
}

fn secure_socket_url(address: SocketAddr) -> String {
    format!("wss://{address}/ws/chat")
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), SandboxError> {
    if !address.ip().is_loopback() {
        return Err(SandboxError::NotLoopback(address));
    }
    let failed = |source| SandboxError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn refuses_to_be_reachable_from_outside() {
        for address in ["0.0.0.0:0", "192.0.2.1:80", "[::]:0"] {
            let address: SocketAddr = address.parse().unwrap();
            let error =
                Sandbox::start(SandboxConfig { socket: address, ..SandboxConfig::default() }).await.err().unwrap();
            assert!(matches!(error, SandboxError::NotLoopback(_)), "{error}");
            assert!(error.to_string().contains("loopback only"));
        }
    }
}
