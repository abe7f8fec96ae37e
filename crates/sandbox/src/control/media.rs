//! Files: what the media host keeps.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::Context;

/// `POST /media/expire`
pub(super) async fn expire(State(context): State<Context>) -> Json<Value> {
    let taken = context.store.expire();
    Json(json!({"files": taken.files, "bytes": taken.bytes}))
}
