//! Calls and links to calls, as a person uses them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Context;
use super::error::{Body, OfPhone, Refusal, existing, made, number};
use crate::areas::calls;
use crate::ids::DeviceRef;
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewCall {
    to: String,
    #[serde(default)]
    video: bool,
}

/// `POST /phones/{phone}/calls`: rings at somebody's.
pub(super) async fn call(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<NewCall>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let to = number(&body.to)?;
    context.hub.with(|world| {
        let (me, to) = (made(world, &of)?, made(world, &to)?);
        let id = calls::ring(world, me, to, body.video).ok_or_else(Refusal::world_full)?;
        Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
    })
}

/// `DELETE /phones/{phone}/calls/{id}`: hangs up.
pub(super) async fn hang_up(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let concerned = world.calls.get(&id).is_some_and(|call| call.from.account == me || call.to == me);
        if !concerned {
            return Err(Refusal::new(StatusCode::NOT_FOUND, "no_such_call", format!("there is no call {id}")));
        }
        calls::end(world, DeviceRef::phone(me), &id);
        Ok(StatusCode::NO_CONTENT)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewLink {
    #[serde(default)]
    video: bool,
}

fn link_url(token: &str, video: bool) -> String {
    format!("https://call.whatsapp.com/{}/{token}", if video { "video" } else { "voice" })
}

/// `POST /phones/{phone}/call-links`
pub(super) async fn link(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<NewLink>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    context.hub.with(|world| {
        let me = made(world, &of)?;
        let token = calls::make_link(world, me, body.video);
        let url = link_url(&token, body.video);
        Ok((StatusCode::CREATED, Json(json!({"token": token, "url": url}))))
    })
}

/// `GET /phones/{phone}/call-links`: those the account made, by phone or companion.
pub(super) async fn links(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world: &mut World| {
        let me = existing(world, &of)?;
        let links: Vec<Value> = world
            .calls
            .links_of(me)
            .map(|(token, link)| {
                json!({"token": token, "video": link.video, "url": link_url(token, link.video), "createdAt": link.created_at})
            })
            .collect();
        Ok(Json(json!({ "links": links })))
    })
}
