//! What needs no key: health, metrics, the document and its reader.

mod docs;

pub(crate) use self::docs::*;

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sparkbot_core::Core;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Answer, Problem};

/// A database that takes longer is as good as none.
const PATIENCE: Duration = Duration::from_secs(2);

/// The server is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alive {
    /// Always `ok`.
    status: &'static str,
}

const OK: Alive = Alive { status: "ok" };

/// Is it alive.
///
/// The process answers; for whoever restarts it when it does not.
#[utoipa::path(
    get, path = "/healthz", operation_id = "service.health", tag = "Service", security(()),
    responses((status = 200, description = "It is.", body = Alive, example = json!({"status": "ok"})))
)]
pub(crate) async fn healthz() -> Json<Alive> {
    Json(OK)
}

/// Is it ready.
///
/// The database answers and the server is not going down; for whoever sends it traffic.
#[utoipa::path(
    get, path = "/readyz", operation_id = "service.ready", tag = "Service", security(()),
    responses((status = 200, description = "It is.", body = Alive, example = json!({"status": "ok"})))
)]
pub(crate) async fn readyz(State(core): State<Core>) -> Answer<Json<Alive>> {
    let not_ready = |message: &str| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "service:not_ready", message).after(Duration::from_secs(5))
    };
    if core.stopping().is_cancelled() {
        return Err(not_ready("The server is going down."));
    }
    match tokio::time::timeout(PATIENCE, core.ready()).await {
        Ok(Ok(())) => Ok(Json(OK)),
        Ok(Err(error)) => {
            tracing::error!("the database does not answer: {error}");
            Err(not_ready("The database does not answer."))
        }
        Err(_) => Err(not_ready("The database does not answer in time.")),
    }
}

/// Metrics.
///
/// In Prometheus' text form.
#[utoipa::path(
    get, path = "/metrics", operation_id = "service.metrics", tag = "Service", security(()),
    responses((status = 200, description = "The metrics.", body = String, content_type = "text/plain; version=0.0.4",
        example = json!("sparkbot_http_requests_total{route=\"/v1/me\",status=\"200\"} 1\n")))
)]
pub(crate) async fn metrics(State(app): State<App>) -> Answer<Response> {
    let text = app.options.metrics.as_ref().ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "service:no_metrics", "This server was started without metrics.")
            .hint("Switch them on in the configuration.")
    })?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text()).into_response())
}

/// This document.
///
/// The whole API in OpenAPI 3.1.
#[utoipa::path(
    get, path = "/v1/openapi.json", operation_id = "service.openapi", tag = "Service", security(()),
    responses((status = 200, description = "The document.", body = serde_json::Value))
)]
pub(crate) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], crate::openapi::text())
}
