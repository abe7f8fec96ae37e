//! Connections to the API: how many there are, and how slow a client may be.
//!
//! A connection costs memory and a file descriptor for as long as its client
//! likes, so there is an end to both: one more than the limit is answered 503 at
//! once, and one whose client neither finishes the head of a request nor takes
//! what it is sent is cut. How long a body may take is the routes' own business.

mod stall;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use self::stall::Impatient;

/// Pause after the system could not give us a connection.
const BREATH: Duration = Duration::from_millis(200);
/// The most that a request's head may have, in bytes: its line and its headers.
const HEAD: usize = 64 * 1024;
/// Headers of a request at most.
const HEADERS: usize = 100;
/// What one connection too many is told.
const FULL: &str = concat!(
    r#"{"status":503,"errorCode":"server:connections","message":"The server has as many connections as it takes.","#,
    r#""hint":"Close connections that are not in use and try again; 'limits.connections' is the server's setting."}"#
);

/// What clients are allowed.
#[derive(Debug, Clone)]
pub(super) struct Allowance {
    /// Connections at once.
    pub(super) connections: usize,
    /// How long a client may take for the head of a request, leave a connection
    /// without one, or not take what it is sent.
    pub(super) pause: Duration,
    /// Reverse proxies that may name another address as the client's.
    pub(super) proxies: Vec<IpNet>,
}

/// Serves until `stopping`; then no new connection is taken, the requests under
/// way are answered, and this returns with the last of them.
pub(super) async fn serve(listener: TcpListener, app: Router, allowance: Allowance, stopping: CancellationToken) {
    let places = Arc::new(Semaphore::new(allowance.connections));
    let allowance = Arc::new(allowance);
    let connections = TaskTracker::new();
    let open = metrics::gauge!("sparkbot_http_connections");
    let refused = metrics::counter!("sparkbot_http_connections_refused_total");
    open.set(0.0);
    refused.increment(0);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopping.cancelled() => break,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_the_clients(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted; is the limit of open files too low?");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            refused.increment(1);
            turn_away(&stream);
            continue;
        };
        // Answers are small and wanted at once.
        drop(stream.set_nodelay(true));
        open.increment(1.0);
        let (app, allowance, stopping, open) = (app.clone(), allowance.clone(), stopping.clone(), open.clone());
        connections.spawn(async move {
            one(stream, from, app, allowance, stopping).await;
            leave(place, &open);
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

fn leave(place: OwnedSemaphorePermit, open: &metrics::Gauge) {
    open.decrement(1.0);
    drop(place);
}

/// Whether the client went away before it was there.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Says why, as far as it can be said without waiting for anybody.
fn turn_away(stream: &TcpStream) {
    let length = FULL.len();
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nretry-after: 5\r\nconnection: close\r\n\r\n{FULL}"
    );
    drop(stream.try_write(answer.as_bytes()));
}

/// Serves one connection to its end.
async fn one(stream: TcpStream, from: SocketAddr, app: Router, allowance: Arc<Allowance>, stopping: CancellationToken) {
    let pause = allowance.pause;
    let service = service_fn(move |request: Request<Incoming>| {
        let from = client(from, request.headers(), &allowance.proxies);
        answer(app.clone(), from, request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(pause).max_buf_size(HEAD).max_headers(HEADERS);
    let serving = builder.serve_connection(TokioIo::new(Impatient::new(stream, pause)), service);
    let mut serving = pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stopping.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection has ended early");
    }
}

/// Whose request it is: the other end of the connection, or for whom a proxy
/// that is believed says it asks. The last of those names that is no such proxy
/// counts: the ones before it anybody could have sent.
fn client(from: SocketAddr, headers: &HeaderMap, proxies: &[IpNet]) -> SocketAddr {
    let is_proxy = |ip: IpAddr| proxies.iter().any(|network| network.contains(&ip.to_canonical()));
    let mut client = from;
    let named: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    for name in named.iter().rev() {
        if !is_proxy(client.ip()) {
            break;
        }
        let ip = name.parse::<IpAddr>().or_else(|_| name.parse::<SocketAddr>().map(|address| address.ip()));
        let Ok(ip) = ip else { break };
        client.set_ip(ip);
    }
    client
}

fn answer(
    app: Router,
    from: SocketAddr,
    request: Request<Incoming>,
) -> impl Future<Output = Result<axum::response::Response, Infallible>> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(from));
    app.oneshot(request)
}

#[cfg(test)]
mod tests;
