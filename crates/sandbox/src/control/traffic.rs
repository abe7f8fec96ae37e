//! The stanzas that passed.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Context;
use super::error::{Params, Refusal, number};
use super::polling::Poll;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    phone: Option<String>,
    device: Option<String>,
}

/// `GET /traffic`
pub(super) async fn list(
    State(context): State<Context>,
    Params(poll): Params<Poll>,
    Params(filter): Params<Filter>,
) -> Result<Json<Value>, Refusal> {
    let phone = filter
        .phone
        .filter(|phone| !phone.is_empty())
        .as_deref()
        .map(number)
        .transpose()?
        .map(|number| number.to_string());
    let device = filter
        .device
        .filter(|device| !device.is_empty())
        .map(|device| device.parse::<u16>())
        .transpose()
        .map_err(|_| Refusal::invalid("device must be a number"))?;
    let stanzas = poll
        .answer(&context.hub, |world| {
            let found = world
                .traffic
                .after(poll.after())
                .filter(|passed| phone.is_none() || passed.phone == phone)
                .filter(|passed| device.is_none() || passed.device == device)
                .take(poll.limit())
                .cloned()
                .collect();
            Ok::<_, Refusal>(found)
        })
        .await?;
    let last = stanzas.last().map_or_else(|| context.hub.with(|world| world.traffic.last()), |passed| passed.seq);
    Ok(Json(json!({ "stanzas": stanzas, "last": last })))
}
