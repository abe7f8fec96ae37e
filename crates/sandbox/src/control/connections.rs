//! The connections there are.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::Context;
use crate::fault::Trouble;
use crate::world::connection::Stage;

/// `GET /connections`
pub(super) async fn list(State(context): State<Context>) -> Json<Value> {
    context.hub.with(|world| {
        let connections: Vec<Value> = world
            .connections
            .values()
            .map(|connection| {
                let device = connection.device();
                json!({
                    "id": connection.id.0,
                    "openedAt": connection.opened_at_ms,
                    "noise": connection.pattern,
                    "stage": match connection.stage { Stage::Linking(_) => "linking", Stage::LoggedIn(_) => "loggedIn", Stage::Ended => "ended" },
                    "phone": device.and_then(|device| world.accounts.get(&device.account)).map(|account| account.number.to_string()),
                    "device": device.map(|device| device.device),
                    "stalled": !matches!(connection.trouble, Trouble::None),
                })
            })
            .collect();
        Json(json!({ "connections": connections }))
    })
}
