//! What the sandbox is, and its settings.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Context;
use super::error::{Body, Refusal};
use crate::timing::Timing;
use crate::wire::certificate::INTERMEDIATE_SERIAL;

/// The longest duration a setting may have, thirty days.
const MAX_MS: u64 = 2_592_000_000;

/// `GET /`
pub(super) async fn show(State(context): State<Context>) -> Json<Value> {
    let (phones, connections) = context.hub.with(|world| (world.accounts.len(), world.connections.len()));
    Json(json!({
        "socketUrl": context.place.socket_url,
        "secureSocketUrl": context.place.secure_socket_url,
        "controlUrl": context.place.control_url,
        "rootKey": hex::encode(context.hub.identity.root_public()),
        "certificateSerial": INTERMEDIATE_SERIAL,
        "mediaUrl": context.place.media_url,
        "mediaHosts": context.store.hosts(),
        "certificate": context.place.certificate,
        "version": env!("CARGO_PKG_VERSION"),
        "seed": context.place.seed,
        "phones": phones,
        "connections": connections,
    }))
}

/// `GET /settings`
pub(super) async fn settings(State(context): State<Context>) -> Json<Timing> {
    Json(context.hub.with(|world| world.timing.clone()))
}

/// `PATCH /settings`
pub(super) async fn change(State(context): State<Context>, Body(patch): Body<Value>) -> Result<Json<Timing>, Refusal> {
    let Value::Object(patch) = patch else {
        return Err(Refusal::invalid("the settings are an object"));
    };
    if let Some((name, _)) = patch.iter().find(|(_, value)| value.as_u64().is_some_and(|value| value > MAX_MS)) {
        return Err(Refusal::invalid(format!("{name} is at most {MAX_MS}")));
    }
    context.hub.with(|world| {
        let mut merged = serde_json::to_value(&world.timing)
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, "invalid", error.to_string()))?;
        if let Some(merged) = merged.as_object_mut() {
            merged.extend(patch);
        }
        world.timing = serde_json::from_value(merged).map_err(|error| Refusal::invalid(error.to_string()))?;
        Ok(Json(world.timing.clone()))
    })
}
