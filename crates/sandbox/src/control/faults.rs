//! Faults: letting things go wrong.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Context;
use super::error::{Body, Refusal, number};
use crate::fault::FaultBody;

/// `POST /faults`
pub(super) async fn create(
    State(context): State<Context>,
    Body(mut body): Body<FaultBody>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    body.check().map_err(Refusal::invalid)?;
    if let Some(phone) = &body.phone {
        body.phone = Some(number(phone)?.to_string());
    }
    context.hub.with(|world| {
        let (id, struck, seed) = world.add_fault(body).ok_or_else(|| {
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_faults", "too many faults are pending; delete some")
        })?;
        let mut answer = json!({ "id": id, "struck": struck });
        if let (Some(seed), Some(answer)) = (seed, answer.as_object_mut()) {
            answer.insert("seed".to_owned(), seed.into());
        }
        Ok((StatusCode::CREATED, Json(answer)))
    })
}

/// `GET /faults`
pub(super) async fn list(State(context): State<Context>) -> Json<Value> {
    context.hub.with(|world| {
        let over: Vec<_> = world.faults.over().collect();
        Json(json!({ "faults": world.faults.list(), "over": over }))
    })
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
