//! Channels as a person with a phone uses them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use buffa::Message as _;
use serde::Deserialize;
use serde_json::{Value, json};
use waproto::whatsapp as wa;

use super::Context;
use super::error::{Body, OfPhone, Refusal, existing, made};
use crate::areas::channels::manage::{self, Changes};
use crate::areas::channels::{follow, posts};
use crate::areas::mex::Refused;
use crate::ids::{AccountId, DeviceRef};
use crate::phone::content;
use crate::world::World;
use crate::world::channels::{Channel, Post};

/// The longest text, in bytes.
const MAX_TEXT: usize = 65_536;
/// Characters of a category.
const MAX_CATEGORY: usize = 40;

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused.code {
            403 => Self::new(StatusCode::FORBIDDEN, "not_allowed", refused.message),
            404 => Self::new(StatusCode::NOT_FOUND, "no_such_channel", refused.message),
            429 => Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_channels", refused.message),
            _ => Self::invalid(refused.message),
        }
    }
}

fn refused(code: u32) -> Refusal {
    match code {
        403 => Refusal::new(StatusCode::FORBIDDEN, "not_allowed", "this phone may not do that in this channel"),
        404 => Refusal::new(StatusCode::NOT_FOUND, "no_such_post", "there is no such channel or post"),
        _ => Refusal::invalid("WhatsApp would refuse this post"),
    }
}

/// The user part of `120363…@newsletter`, or of a link `https://whatsapp.com/channel/…`.
fn id_in(world: &World, text: &str) -> Result<String, Refusal> {
    let key = text.strip_suffix("@newsletter").unwrap_or(text);
    let key = key.rsplit('/').next().unwrap_or(key);
    let found = world.channels.get(key).or_else(|| world.channels.invited(key));
    found.map(|channel| channel.jid.user.to_string()).ok_or_else(|| Refused::not_found().into())
}

fn number(world: &World, account: AccountId) -> Value {
    world.accounts.get(&account).map_or(Value::Null, |account| account.number.to_string().into())
}

fn shown(world: &World, channel: &Channel, viewer: Option<AccountId>) -> Value {
    let mut value = json!({
        "id": channel.jid.to_string(),
        "name": channel.name.text,
        "description": channel.description.text,
        "picture": channel.picture.as_ref().map(|(_, bytes)| BASE64_STANDARD.encode(bytes)),
        "invite": format!("https://whatsapp.com/channel/{}", channel.invite),
        "createdAt": channel.created_at * 1000,
        "owner": number(world, channel.owner),
        "admins": channel.admins.iter().map(|admin| number(world, *admin)).collect::<Vec<_>>(),
        "followers": channel.followers.keys().map(|follower| number(world, *follower)).collect::<Vec<_>>(),
        "subscribers": channel.subscribers(),
        "verified": channel.verified,
        "category": channel.category,
        "country": channel.country,
        "reactions": channel.reactions,
        "posts": channel.posts.len(),
    });
    if let Some(viewer) = viewer {
        value["role"] = channel.role(viewer).word().into();
        value["adminMuted"] = channel.quiet_admins.contains(&viewer).into();
        value["muted"] = channel.followers.get(&viewer).is_some_and(|follower| follower.muted).into();
    }
    value
}

/// `GET /channels`
pub(super) async fn all(State(context): State<Context>) -> Json<Value> {
    context.hub.with(|world| {
        let channels: Vec<Value> = world.channels.iter().map(|channel| shown(world, channel, None)).collect();
        Json(json!({ "channels": channels }))
    })
}

/// `GET /channels/{id}`
pub(super) async fn one(State(context): State<Context>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let id = id_in(world, &id)?;
        let channel = world.channels.get(&id).ok_or_else(Refused::not_found)?;
        Ok(Json(shown(world, channel, None)))
    })
}

/// `GET /phones/{phone}/channels`
pub(super) async fn list(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let channels: Vec<Value> = world.channels.of(me).map(|channel| shown(world, channel, Some(me))).collect();
        Ok(Json(json!({ "channels": channels })))
    })
}

/// What `POST` makes and `PATCH` changes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Edited {
    name: Option<String>,
    description: Option<String>,
    /// JPEG in base64; empty removes it.
    picture: Option<String>,
    /// `ALL`, `BASIC` or `NONE`.
    reactions: Option<String>,
    /// As the directory files it.
    category: Option<String>,
    /// ISO 3166 alpha-2.
    country: Option<String>,
    verified: Option<bool>,
    /// Followers beside those that are simulated.
    crowd: Option<u64>,
}

impl Edited {
    fn changes(&self) -> Result<Changes, Refusal> {
        let picture = self.picture.as_ref().map(|picture| BASE64_STANDARD.decode(picture)).transpose();
        let picture = picture.map_err(|_| Refusal::invalid("picture must be base64"))?;
        let (category, country) = (self.category.as_ref(), self.country.as_ref());
        if category.is_some_and(|category| category.chars().count() > MAX_CATEGORY) {
            return Err(Refusal::invalid(format!("category has at most {MAX_CATEGORY} characters")));
        }
        if country.is_some_and(|country| country.len() != 2 || !country.bytes().all(|b| b.is_ascii_alphabetic())) {
            return Err(Refusal::invalid("country has two letters"));
        }
        Ok(Changes {
            name: self.name.clone(),
            description: self.description.clone(),
            picture,
            reactions: self.reactions.clone(),
        })
    }

    /// What only the sandbox can set.
    fn stage(self, channel: &mut Channel) {
        channel.category = self.category.or_else(|| channel.category.take());
        channel.country = self.country.or_else(|| channel.country.take());
        channel.verified = self.verified.unwrap_or(channel.verified);
        channel.crowd = self.crowd.unwrap_or(channel.crowd);
    }
}

/// `POST /phones/{phone}/channels`
pub(super) async fn create(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<Edited>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let changes = body.changes()?;
    context.hub.with(|world| {
        let me = made(world, &of)?;
        let id = manage::make(world, DeviceRef::phone(me), changes)?.jid.user.to_string();
        if let Some(channel) = world.channels.get_mut(&id) {
            body.stage(channel);
        }
        let channel = world.channels.get(&id).ok_or_else(Refused::not_found)?;
        Ok((StatusCode::CREATED, Json(shown(world, channel, Some(me)))))
    })
}

/// `PATCH /phones/{phone}/channels/{id}`
pub(super) async fn change(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
    Body(body): Body<Edited>,
) -> Result<Json<Value>, Refusal> {
    let changes = body.changes()?;
    context.hub.with(|world| {
        let (me, id) = (existing(world, &of)?, id_in(world, &id)?);
        manage::change(world, DeviceRef::phone(me), &id, changes)?;
        if let Some(channel) = world.channels.get_mut(&id) {
            body.stage(channel);
        }
        let channel = world.channels.get(&id).ok_or_else(Refused::not_found)?;
        Ok(Json(shown(world, channel, Some(me))))
    })
}

/// `DELETE /phones/{phone}/channels/{id}`
pub(super) async fn remove(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let (me, id) = (existing(world, &of)?, id_in(world, &id)?);
        manage::remove(world, DeviceRef::phone(me), &id)?;
        Ok(StatusCode::NO_CONTENT)
    })
}

/// `POST /phones/{phone}/channels/{id}/follow`
pub(super) async fn follow(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let (me, id) = (made(world, &of)?, id_in(world, &id)?);
        let channel = follow::follow(world, DeviceRef::phone(me), &id)?;
        Ok(Json(shown(world, &channel, Some(me))))
    })
}

/// `POST /phones/{phone}/channels/{id}/unfollow`
pub(super) async fn unfollow(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let (me, id) = (existing(world, &of)?, id_in(world, &id)?);
        follow::unfollow(world, DeviceRef::phone(me), &id)?;
        Ok(StatusCode::NO_CONTENT)
    })
}

fn post_json(world: &World, post: &Post, viewer: AccountId) -> Value {
    let message = wa::Message::decode_from_slice(&post.plaintext).ok();
    let seen = message.as_ref().and_then(content::seen);
    let mut counts = std::collections::BTreeMap::<&str, u64>::new();
    for emoji in post.reactions.values() {
        *counts.entry(emoji).or_default() += 1;
    }
    json!({
        "serverId": post.server_id,
        "id": post.id,
        "from": number(world, post.author),
        "fromMe": post.author == viewer,
        "kind": seen.as_ref().map(|seen| seen.kind.as_str()),
        "text": seen.as_ref().and_then(|seen| seen.text.as_deref()),
        "timestamp": post.at,
        "edited": post.edited_at.is_some(),
        "revoked": post.revoked,
        "reactions": counts,
        "ownReaction": post.reactions.get(&viewer),
        "views": post.views,
        "raw": message.as_ref().map(content::to_json),
    })
}

/// `GET /phones/{phone}/channels/{id}/posts`: the newest 300, oldest first.
pub(super) async fn posts(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let (me, id) = (existing(world, &of)?, id_in(world, &id)?);
        let channel = world.channels.get(&id).ok_or_else(Refused::not_found)?;
        let skip = channel.posts.len().saturating_sub(300);
        let posts: Vec<Value> = channel.posts.iter().skip(skip).map(|post| post_json(world, post, me)).collect();
        Ok(Json(json!({ "posts": posts })))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewPost {
    text: Option<String>,
    /// A waE2E `Message` in base64.
    protobuf: Option<String>,
    /// `text`, `media`, `poll`…; read from the message when absent.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// `image`, `video`… for media.
    mediatype: Option<String>,
}

impl NewPost {
    fn message(&self) -> Result<Vec<u8>, Refusal> {
        match (&self.text, &self.protobuf) {
            (Some(text), None) if text.len() <= MAX_TEXT => {
                Ok(wa::Message { conversation: Some(text.clone()), ..Default::default() }.encode_to_vec())
            }
            (Some(_), None) => Err(Refusal::invalid(format!("text has at most {MAX_TEXT} bytes"))),
            (None, Some(protobuf)) => {
                let bytes =
                    BASE64_STANDARD.decode(protobuf).map_err(|_| Refusal::invalid("protobuf must be base64"))?;
                wa::Message::decode_from_slice(&bytes)
                    .map_err(|error| Refusal::invalid(format!("protobuf is no message: {error}")))?;
                Ok(bytes)
            }
            _ => Err(Refusal::invalid("give either text or protobuf")),
        }
    }
}

/// `POST /phones/{phone}/channels/{id}/posts`
pub(super) async fn post(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
    Body(body): Body<NewPost>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let plaintext = body.message()?;
    context.hub.with(|world| {
        let (me, channel) = (existing(world, &of)?, id_in(world, &id)?);
        let id = format!("3A{}", hex::encode_upper(world.random::<9>()));
        let kind = body.kind.unwrap_or_else(|| if body.mediatype.is_some() { "media" } else { "text" }.to_owned());
        let what = posts::Posted { id: id.clone(), kind, media: body.mediatype, plaintext };
        let server_id = posts::post(world, DeviceRef::phone(me), &channel, what).map_err(refused)?;
        Ok((StatusCode::CREATED, Json(json!({"id": id, "serverId": server_id, "timestamp": world.now_secs()}))))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Reaction {
    /// Empty takes it back.
    emoji: String,
}

/// `PUT /phones/{phone}/channels/{id}/posts/{server_id}/reaction`
pub(super) async fn react(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id, server_id)): Path<(String, String, u64)>,
    Body(body): Body<Reaction>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let (me, id) = (existing(world, &of)?, id_in(world, &id)?);
        posts::react(world, me, &id, server_id, &body.emoji).map_err(refused)?;
        Ok(StatusCode::NO_CONTENT)
    })
}
