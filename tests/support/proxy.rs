//! A line between two programs that breaks as lines do: it is cut, it stands
//! still, or it loses one end without the other noticing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::routing::get;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::Sandbox;

/// Bytes passed on at a time.
const PIECE: usize = 16 * 1024;

/// How a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// Everything passes.
    Up,
    /// Nothing passes either way; what is written waits.
    Stalled,
    /// Bytes pass one by one, so that no frame comes in one piece.
    Trickling,
}

struct Shared {
    target: SocketAddr,
    line: watch::Sender<Line>,
    /// Both ends are closed.
    cut: Notify,
    /// The end at the target is closed, the other stays open and hears nothing.
    lost: Notify,
    opened: AtomicUsize,
}

/// Listens on loopback and passes what comes on to its target.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

impl Proxy {
    pub(crate) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Shared {
            target,
            line: watch::Sender::new(Line::Up),
            cut: Notify::new(),
            lost: Notify::new(),
            opened: AtomicUsize::new(0),
        });
        let listening = Some(tokio::spawn(listen(listener, shared.clone())));
        Self { address, shared, listening }
    }

    /// How the line is from now on, also for connections that are open.
    pub(crate) fn is(&self, line: Line) {
        self.shared.line.send_replace(line);
    }

    /// Closes every connection at both ends.
    pub(crate) fn cut(&self) {
        self.shared.cut.notify_waiters();
    }

    /// The target sees every connection end; who has opened it sees nothing.
    pub(crate) fn half_open(&self) {
        self.shared.lost.notify_waiters();
    }

    /// Cuts, and refuses connections until [`Proxy::up`].
    pub(crate) async fn down(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            drop(listening.await);
        }
        self.cut();
    }

    /// Listens again at the same address.
    pub(crate) async fn up(&mut self) {
        let listener =
            super::eventually("its port to be free again", || async { TcpListener::bind(self.address).await.ok() })
                .await;
        self.listening = Some(tokio::spawn(listen(listener, self.shared.clone())));
    }

    /// Connections opened so far.
    pub(crate) fn opened(&self) -> usize {
        self.shared.opened.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
        }
        self.cut();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((near, _)) = listener.accept().await {
        shared.opened.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(carry(near, shared.clone()));
    }
}

async fn carry(near: TcpStream, shared: Arc<Shared>) {
    let Ok(far) = TcpStream::connect(shared.target).await else { return };
    for stream in [&near, &far] {
        drop(stream.set_nodelay(true));
    }
    let (mut near_in, mut near_out) = near.into_split();
    let (mut far_in, mut far_out) = far.into_split();
    let lost = {
        let both = async {
            tokio::select! {
                () = pass(&mut near_in, &mut far_out, &shared) => {}
                () = pass(&mut far_in, &mut near_out, &shared) => {}
            }
        };
        tokio::select! {
            () = both => false,
            () = shared.cut.notified() => false,
            () = shared.lost.notified() => true,
        }
    };
    if lost {
        drop((far_in, far_out));
        // What is still written vanishes, as in a network that has gone away.
        let mut into_the_void = [0; PIECE];
        let vanish = async { while near_in.read(&mut into_the_void).await.is_ok_and(|read| read > 0) {} };
        tokio::select! {
            () = vanish => {}
            () = shared.cut.notified() => {}
        }
    }
}

async fn pass<R, W>(from: &mut R, to: &mut W, shared: &Shared)
where
    R: tokio::io::AsyncRead + Unpin,
    W: tokio::io::AsyncWrite + Unpin,
{
    let mut line = shared.line.subscribe();
    let mut piece = [0; PIECE];
    loop {
        let Ok(read @ 1..) = from.read(&mut piece).await else { return };
        if line.wait_for(|line| *line != Line::Stalled).await.is_err() {
            return;
        }
        let size = if *line.borrow() == Line::Trickling { 1 } else { PIECE };
        for part in piece[..read].chunks(size) {
            if to.write_all(part).await.is_err() || to.flush().await.is_err() {
                return;
            }
        }
    }
}

/// A sandbox seen through a line that can break: the address to give a server as
/// `--sandbox-url`, and the line of its WhatsApp socket.
pub(crate) async fn line_to(sandbox: &Sandbox) -> (String, Proxy) {
    let there: Value =
        super::http().get(&sandbox.control).send().await.expect("it answers").json().await.expect("JSON");
    let socket = super::text(&there, "/socketUrl").trim_start_matches("ws://");
    let target = socket.split('/').next().and_then(|address| address.parse().ok()).expect("its address");
    let proxy = Proxy::to(target).await;
    let seen = json!({ "socketUrl": format!("ws://{}/ws/chat", proxy.address), "mediaUrl": there["mediaUrl"] });
    let app = axum::Router::new().route("/", get(async move || axum::Json(seen)));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
    (url, proxy)
}
