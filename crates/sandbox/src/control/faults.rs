//! Faults: letting things go wrong.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Context;
use super::error::{Body, Refusal, number};
use crate::areas::session;
use crate::fault::{FaultBody, Faults, Kind};
use crate::ids::ConnId;
use crate::stanza::node;
use crate::world::World;

/// `POST /faults`
pub(super) async fn create(
    State(context): State<Context>,
    Body(mut body): Body<FaultBody>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    Faults::check(&body).map_err(Refusal::invalid)?;
    if let Some(phone) = &body.phone {
        body.phone = Some(number(phone)?.to_string());
    }
    context.hub.with(|world| {
        if body.kind.is_immediate() {
            let id = world.faults.next_id();
            let struck = strike(world, &body);
            return Ok((StatusCode::CREATED, Json(json!({ "id": id, "struck": struck }))));
        }
        let id = world.faults.add(body).ok_or_else(|| {
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_faults", "too many faults are pending; delete some")
        })?;
        Ok((StatusCode::CREATED, Json(json!({ "id": id, "struck": 0 }))))
    })
}

/// Lets a fault strike the connections it is meant for; how many they were.
fn strike(world: &mut World, body: &FaultBody) -> usize {
    let meant: Vec<ConnId> = world
        .connections
        .values()
        .filter(|connection| {
            let device = connection.device();
            let number =
                device.and_then(|device| world.accounts.get(&device.account)).map(|account| account.number.to_string());
            body.phone.as_ref().is_none_or(|phone| number.as_ref() == Some(phone))
                && body.device.is_none_or(|wanted| device.is_some_and(|device| device.device == wanted))
        })
        .map(|connection| connection.id)
        .collect();
    for conn in &meant {
        match body.kind {
            Kind::StreamError => {
                let code = body.code.unwrap_or(503);
                let mut error = node("stream:error").attr("code", code);
                if code == 401 {
                    error = error.children([node("conflict").attr("type", "device_removed").build()]);
                }
                world.end_stream(*conn, error.build());
            }
            Kind::Conflict => world.end_stream(*conn, session::replaced()),
            Kind::Stall => {
                if let Some(connection) = world.connections.get_mut(conn) {
                    connection.stalled = true;
                }
            }
            Kind::Corrupt => world.garble(*conn),
            _ => world.cut(*conn),
        }
    }
    meant.len()
}

/// `GET /faults`
pub(super) async fn list(State(context): State<Context>) -> Json<Value> {
    Json(json!({ "faults": context.hub.with(|world| world.faults.list().to_vec()) }))
}

/// `DELETE /faults`
pub(super) async fn clear(State(context): State<Context>) -> StatusCode {
    context.hub.with(|world| world.faults.clear());
    StatusCode::NO_CONTENT
}

/// `DELETE /faults/{id}`
pub(super) async fn remove(State(context): State<Context>, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let removed = id.parse().is_ok_and(|id| context.hub.with(|world| world.faults.remove(id)));
    if removed {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refusal::new(StatusCode::NOT_FOUND, "no_such_fault", format!("no fault {id} is pending")))
    }
}
