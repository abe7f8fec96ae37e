//! Phones: making, showing, switching, scripting, unlinking.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Context;
use super::error::{Body, OfPhone, Params, Refusal, existing, number};
use super::polling::Poll;
use crate::areas::unlink;
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::phone::app_state::{self, actions};
use crate::phone::incoming;
use crate::phone::script::{Script, ScriptBody};
use crate::world::World;

/// The longest name, in bytes.
const MAX_NAME: usize = 256;

/// A companion as the API shows it.
pub(super) fn device_json(world: &World, device: DeviceRef) -> Value {
    let companion = world.accounts.get(&device.account).and_then(|account| account.devices.get(&device.device));
    let Some(companion) = companion else {
        return Value::Null;
    };
    json!({
        "id": device.device,
        "jid": world.jid(device, Domain::Pn).to_string(),
        "lid": world.jid(device, Domain::Lid).to_string(),
        "platform": companion.platform,
        "os": companion.os,
        "online": companion.connection.is_some(),
        "prekeys": companion.keys.one_time.len(),
        "queued": companion.queue.len(),
        "lost": companion.queue.lost,
        "linkedAt": companion.linked_at_ms,
    })
}

/// A phone as the API shows it.
pub(super) fn phone_json(world: &World, id: AccountId) -> Value {
    let Some(account) = world.accounts.get(&id) else {
        return Value::Null;
    };
    let devices: Vec<Value> =
        account.devices.keys().map(|device| device_json(world, DeviceRef { account: id, device: *device })).collect();
    json!({
        "phone": account.number.to_string(),
        "name": account.name,
        "jid": account.jid(Domain::Pn).to_string(),
        "lid": account.jid(Domain::Lid).to_string(),
        "about": account.profile.about,
        "picture": account.profile.picture.as_ref().map(|picture| picture.id.to_string()),
        "online": account.phone.online,
        "available": account.is_available(),
        "devices": devices,
        "chats": account.phone.conversations.chats(),
        "messages": account.phone.conversations.last(),
        "events": account.phone.events.last(),
        "script": account.phone.script.body,
        "privacy": account.privacy,
        "blocked": account.blocked.iter().filter_map(|id| world.accounts.get(id)).map(|account| account.number.to_string()).collect::<Vec<_>>(),
    })
}

/// `GET /phones`
pub(super) async fn list(State(context): State<Context>) -> Json<Value> {
    context.hub.with(|world| {
        let phones: Vec<Value> = world.accounts.keys().map(|id| phone_json(world, *id)).collect();
        Json(json!({ "phones": phones }))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewPhone {
    phone: String,
    name: Option<String>,
}

/// `POST /phones`
pub(super) async fn create(
    State(context): State<Context>,
    Body(new): Body<NewPhone>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let number = number(&new.phone)?;
    if new.name.as_ref().is_some_and(|name| name.is_empty() || name.len() > MAX_NAME) {
        return Err(Refusal::invalid(format!("a name has 1 to {MAX_NAME} bytes")));
    }
    context.hub.with(|world| {
        let (id, new) = world.account_or_new(&number, new.name.as_deref()).ok_or_else(Refusal::world_full)?;
        Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(phone_json(world, id))))
    })
}

/// `GET /phones/{phone}`
pub(super) async fn show(State(context): State<Context>, OfPhone(number): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| Ok(Json(phone_json(world, existing(world, &number)?))))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Changes {
    name: String,
}

/// `PATCH /phones/{phone}`: the person changes the name on the phone.
pub(super) async fn change(
    State(context): State<Context>,
    OfPhone(number): OfPhone,
    Body(changes): Body<Changes>,
) -> Result<Json<Value>, Refusal> {
    if changes.name.is_empty() || changes.name.len() > MAX_NAME {
        return Err(Refusal::invalid(format!("a name has 1 to {MAX_NAME} bytes")));
    }
    context.hub.with(|world| {
        let id = existing(world, &number)?;
        if let Some(account) = world.accounts.get_mut(&id) {
            account.name.clone_from(&changes.name);
        }
        app_state::change(world, id, &[actions::push_name(&changes.name)]);
        Ok(Json(phone_json(world, id)))
    })
}

/// `DELETE /phones/{phone}`
pub(super) async fn remove(State(context): State<Context>, OfPhone(number): OfPhone) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let id = existing(world, &number)?;
        world.remove_account(id);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// `DELETE /phones/{phone}/devices/{device}`
pub(super) async fn unlink(
    State(context): State<Context>,
    OfPhone(number): OfPhone,
    Path((_, device)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let account = existing(world, &number)?;
        let removed = device.parse().is_ok_and(|device| unlink::remove(world, DeviceRef { account, device }));
        if removed {
            Ok(StatusCode::NO_CONTENT)
        } else {
            Err(Refusal::new(StatusCode::NOT_FOUND, "no_such_device", format!("{number} has no companion {device}")))
        }
    })
}

/// `POST /phones/{phone}/offline`
pub(super) async fn offline(State(context): State<Context>, OfPhone(number): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let id = existing(world, &number)?;
        crate::areas::presence::set_available(world, DeviceRef::phone(id), false);
        if let Some(account) = world.accounts.get_mut(&id) {
            account.phone.online = false;
        }
        Ok(Json(phone_json(world, id)))
    })
}

/// `POST /phones/{phone}/online`
pub(super) async fn online(State(context): State<Context>, OfPhone(number): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let id = existing(world, &number)?;
        incoming::switched_on(world, id);
        Ok(Json(phone_json(world, id)))
    })
}

/// `GET /phones/{phone}/script`
pub(super) async fn script(
    State(context): State<Context>,
    OfPhone(number): OfPhone,
) -> Result<Json<ScriptBody>, Refusal> {
    context.hub.with(|world| {
        let id = existing(world, &number)?;
        Ok(Json(world.accounts.get(&id).map(|account| account.phone.script.body.clone()).unwrap_or_default()))
    })
}

/// `PUT /phones/{phone}/script`
pub(super) async fn set_script(
    State(context): State<Context>,
    OfPhone(number): OfPhone,
    Body(body): Body<ScriptBody>,
) -> Result<Json<ScriptBody>, Refusal> {
    let script = Script::new(body).map_err(Refusal::invalid)?;
    context.hub.with(|world| {
        let id = super::error::made(world, &number)?;
        let body = script.body.clone();
        if let Some(account) = world.accounts.get_mut(&id) {
            account.phone.script = script;
        }
        Ok(Json(body))
    })
}

/// `GET /phones/{phone}/events`
pub(super) async fn events(
    State(context): State<Context>,
    OfPhone(number): OfPhone,
    Params(poll): Params<Poll>,
) -> Result<Json<Value>, Refusal> {
    let events = poll
        .answer(&context.hub, |world| {
            let id = existing(world, &number)?;
            let events = world.accounts.get(&id).map(|account| {
                account.phone.events.after(poll.after()).take(poll.limit()).cloned().collect::<Vec<_>>()
            });
            Ok::<_, Refusal>(events.unwrap_or_default())
        })
        .await?;
    let last = events.last().map_or(poll.after(), |event| event.seq);
    Ok(Json(json!({ "events": events, "last": last })))
}
