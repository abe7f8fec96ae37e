//! A webhook's receiver that notes when what arrived.

use std::borrow::Cow;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;
use tokio::sync::mpsc;

use crate::failure::{Failure, Result};

/// Text and moment of each delivery.
pub(crate) type Arrivals = mpsc::UnboundedReceiver<(String, Instant)>;

/// What is looked at of a delivery.
#[derive(Deserialize)]
struct Event<'e> {
    #[serde(borrow)]
    data: Data<'e>,
}

#[derive(Deserialize)]
struct Data<'e> {
    #[serde(borrow)]
    body: Option<Cow<'e, str>>,
}

/// Listens until the run ends; its URL, and what arrives.
pub(crate) async fn listen() -> Result<(String, Arrivals)> {
    let failed = |error: std::io::Error| Failure::new(format!("no receiver for webhooks: {error}"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let url = format!("http://{}/hook", listener.local_addr().map_err(failed)?);
    let (arrived, arrivals) = mpsc::unbounded_channel();
    let app = Router::new().route("/hook", post(take)).with_state(arrived);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok((url, arrivals))
}

async fn take(State(arrived): State<mpsc::UnboundedSender<(String, Instant)>>, body: Bytes) -> StatusCode {
    let at = Instant::now();
    let text = serde_json::from_slice::<Event<'_>>(&body).ok().and_then(|event| event.data.body);
    // Nobody asks any more once the samples are there.
    drop(arrived.send((text.unwrap_or_default().into_owned(), at)));
    StatusCode::OK
}
