//! What a person does on the phone besides writing: typing, being there,
//! blocking, the profile.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Context;
use super::error::{Body, OfPhone, Refusal, existing, made, number};
use super::messages::named;
use crate::areas::{blocklist, chatstate, presence as presences, profile};
use crate::ids::{Chat, DeviceRef, Domain};
use crate::stanza::node;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum TypingState {
    Composing,
    Recording,
    Paused,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Typing {
    to: String,
    state: TypingState,
}

/// `POST /phones/{phone}/typing`
pub(super) async fn typing(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<Typing>,
) -> Result<StatusCode, Refusal> {
    let to = named(&body.to)?;
    context.hub.with(|world| {
        let (me, to) = (existing(world, &of)?, to.existing(world)?);
        let state = match body.state {
            TypingState::Composing => node("composing").build(),
            TypingState::Recording => node("composing").attr("media", "audio").build(),
            TypingState::Paused => node("paused").build(),
        };
        let default = world.timing.addressing.into();
        let domain = match (world.accounts.get(&me), to) {
            (Some(account), Chat::Person(person)) => account.phone.domain_for(person, default),
            _ => default,
        };
        let jid = world.chat_jid(to, domain);
        if let Some(jid) = jid {
            let stanza = node("chatstate").attr("to", jid).children([state]).build();
            chatstate::accept(world, DeviceRef::phone(me), &stanza);
        }
        Ok(StatusCode::NO_CONTENT)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum PresenceState {
    Available,
    Unavailable,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Presence {
    state: PresenceState,
}

/// `PUT /phones/{phone}/presence`
pub(super) async fn presence(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<Presence>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        presences::set_available(world, DeviceRef::phone(me), matches!(body.state, PresenceState::Available));
        Ok(StatusCode::NO_CONTENT)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Subscribe {
    to: String,
}

/// `POST /phones/{phone}/subscribe`: the phone wants presence events.
pub(super) async fn subscribe(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<Subscribe>,
) -> Result<StatusCode, Refusal> {
    let to = number(&body.to)?;
    context.hub.with(|world| {
        let (me, to) = (existing(world, &of)?, existing(world, &to)?);
        presences::subscribe(world, DeviceRef::phone(me), to, Domain::Pn);
        Ok(StatusCode::NO_CONTENT)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Block {
    contact: String,
    blocked: bool,
}

/// `PUT /phones/{phone}/block`
pub(super) async fn block(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<Block>,
) -> Result<Json<Value>, Refusal> {
    let contact = number(&body.contact)?;
    context.hub.with(|world| {
        let (me, contact) = (existing(world, &of)?, made(world, &contact)?);
        blocklist::change(world, me, contact, body.blocked, None);
        Ok(Json(super::phones::phone_json(world, me)))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct About {
    about: String,
}

/// `PUT /phones/{phone}/about`
pub(super) async fn about(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<About>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        profile::about(world, me, &body.about);
        Ok(StatusCode::NO_CONTENT)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Picture {
    /// The bytes in base64; absent to remove the picture.
    pub(super) jpeg: Option<String>,
}

/// `PUT /phones/{phone}/picture`
pub(super) async fn picture(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<Picture>,
) -> Result<Json<Value>, Refusal> {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let bytes = body
        .jpeg
        .map(|jpeg| BASE64_STANDARD.decode(jpeg))
        .transpose()
        .map_err(|_| Refusal::invalid("jpeg must be base64"))?;
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let id = profile::picture(world, DeviceRef::phone(me), bytes.unwrap_or_default(), None);
        Ok(Json(json!({ "id": id })))
    })
}

/// `GET /phones/{phone}/picture`: the bytes.
pub(super) async fn show_picture(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Response, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let picture = world.accounts.get(&me).and_then(|account| account.profile.picture.as_ref());
        let bytes = &picture
            .ok_or_else(|| {
                Refusal::new(
                    StatusCode::NOT_FOUND,
                    "no_picture",
                    format!("{of} shows no picture; PUT {of}/picture sets one"),
                )
            })?
            .image;
        let kind = if bytes.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" };
        Ok(([(CONTENT_TYPE, kind)], bytes.clone()).into_response())
    })
}
