//! Opens the WebSocket.
//!
//! The client's own way to open it leaves Nagle's algorithm on: a frame then
//! waits until the other side has acknowledged the one before, which its kernel
//! does only every 40 ms when it has nothing to say.

use std::sync::Arc;

use reqwest::header::{HeaderValue, ORIGIN};
use tokio::net::TcpStream;
use tokio_websockets::ClientBuilder;
use url::{Host, Url};
use whatsapp_rust::anyhow::{self, Context, bail};
use whatsapp_rust::async_channel::Receiver;
use whatsapp_rust::transport::{Connector, Transport, TransportEvent, default_tls_connector, from_websocket};
use whatsapp_rust::wacore::net::{WHATSAPP_WEB_ORIGIN, WHATSAPP_WEB_WS_URL};

/// Opens a socket to `url`, or to WhatsApp.
pub(crate) async fn open(url: Option<&Url>) -> anyhow::Result<(Arc<dyn Transport>, Receiver<TransportEvent>)> {
    let url = match url {
        Some(url) => url.clone(),
        None => WHATSAPP_WEB_WS_URL.parse()?,
    };
    let connector = match url.scheme() {
        "wss" => default_tls_connector(),
        "ws" => Connector::Plain,
        other => bail!("'{other}' is not a WebSocket"),
    };
    let host = url.host().context("the socket's URL has no host")?;
    let port = url.port_or_known_default().context("the socket's URL has no port")?;
    let connected = match &host {
        Host::Domain(name) => TcpStream::connect((*name, port)).await,
        Host::Ipv4(ip) => TcpStream::connect((*ip, port)).await,
        Host::Ipv6(ip) => TcpStream::connect((*ip, port)).await,
    };
    let stream = connected.context("no connection")?;
    stream.set_nodelay(true)?;
    let stream = connector.wrap(&host.to_string(), stream).await.context("TLS")?;
    let (socket, _) = ClientBuilder::new()
        .uri(url.as_str())?
        .add_header(ORIGIN, HeaderValue::from_static(WHATSAPP_WEB_ORIGIN))?
        .connect_on(stream)
        .await
        .context("no WebSocket")?;
    Ok(from_websocket(socket))
}
