//! `/v1/devices/{device}/channels`: channels that a number runs or follows, and
//! WhatsApp's directory of them.

mod examples;
mod request;

use axum::Json;
use axum::extract::State;
use sparkbot_core::Core;
use sparkbot_core::channels::{self, DeletedChannel, JoinedChannel};
use sparkbot_core::ids::DeviceId;
use sparkbot_core::views::Channel;
use sparkbot_core::wid::Wid;

use self::request::{ChangeChannel, ChannelSearch, CreateChannel, JoinChannel, SearchDirectory};
use crate::answer::{Created, Links, List};
use crate::chat::{In, OfNumber};
use crate::error::{Answer, Problem};
use crate::pictures::SetPicture;
use crate::request::{Asked, Authorized, Body, Id, RepeatableWithPicture, WithPicture};

/// A channel that a path names.
pub(crate) struct ChannelId(Wid);

impl OfNumber for ChannelId {
    fn read(text: &str) -> Result<Self, Problem> {
        Ok(Self(channels::parse(text)?))
    }
}

/// Get Channels.
///
/// The channels that a number runs or follows, by name. They are kept here: nobody is asked.
#[utoipa::path(
    get, path = "/v1/devices/{device}/channels", operation_id = "channels.list", tag = "Channels",
    params(ChannelSearch),
    responses((status = 200, description = "A page of channels.", body = [Channel], example = json!([examples::channel()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    links: Links,
    Asked(search): Asked<ChannelSearch>,
) -> Answer<List<Channel>> {
    let paging = search.paging();
    Ok(links.list(channels::list(&core, &caller, &device, search.permission(), paging.slice()).await?, paging))
}

/// Get Channel.
///
/// One that the number runs or follows, from here; any other is asked for at WhatsApp.
#[utoipa::path(
    get, path = "/v1/devices/{device}/channels/{channelId}", operation_id = "channels.get", tag = "Channels",
    responses((status = 200, description = "The channel.", body = Channel, example = json!(examples::channel())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChannelId(channel)): In<ChannelId>,
) -> Answer<Json<Channel>> {
    Ok(Json(channels::get(&core, &caller, &device, &channel).await?))
}

/// Create Channel.
///
/// The channel is there when the answer comes. Of a picture the middle is taken, as a square of at most 640 pixels.
#[utoipa::path(
    post, path = "/v1/devices/{device}/channels", operation_id = "channels.create", tag = "Channels",
    request_body = CreateChannel,
    responses((status = 201, description = "The channel.", body = Channel, example = json!(examples::channel())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    RepeatableWithPicture { body, idempotency }: RepeatableWithPicture<CreateChannel>,
) -> Answer<Created<Channel>> {
    let made = channels::create(&core, &caller, &device, body.into_new(idempotency)?).await?;
    Ok(Created { path: format!("/v1/devices/{device}/channels/{}", made.id), made })
}

/// Update Channel.
///
/// What is not given stays as it is. Only for those who run the channel.
#[utoipa::path(
    patch, path = "/v1/devices/{device}/channels/{channelId}", operation_id = "channels.update", tag = "Channels",
    request_body = ChangeChannel,
    responses((status = 200, description = "The channel as it is now.", body = Channel, example = json!(examples::channel())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChannelId(channel)): In<ChannelId>,
    WithPicture(change): WithPicture<ChangeChannel>,
) -> Answer<Json<Channel>> {
    Ok(Json(channels::change(&core, &caller, &device, &channel, change.into_changes()).await?))
}

/// Update Channel Image.
///
/// The middle of the picture is taken, as a square of at most 640 pixels.
#[utoipa::path(
    put, path = "/v1/devices/{device}/channels/{channelId}/image", operation_id = "channels.image", tag = "Channels",
    request_body = SetPicture,
    responses((status = 200, description = "The channel as it is now.", body = Channel, example = json!(examples::channel())))
)]
pub(crate) async fn image(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChannelId(channel)): In<ChannelId>,
    WithPicture(picture): WithPicture<SetPicture>,
) -> Answer<Json<Channel>> {
    Ok(Json(channels::picture(&core, &caller, &device, &channel, picture.into_source()?).await?))
}

/// Delete Channel.
///
/// One that the number owns is gone for everybody; one that it only follows or helps to run it leaves.
#[utoipa::path(
    delete, path = "/v1/devices/{device}/channels/{channelId}", operation_id = "channels.delete", tag = "Channels",
    responses((status = 200, description = "What was done.", body = DeletedChannel,
        example = json!({"id": examples::CHANNEL, "deleted": true, "left": true})))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChannelId(channel)): In<ChannelId>,
) -> Answer<Json<DeletedChannel>> {
    Ok(Json(channels::delete(&core, &caller, &device, &channel).await?))
}

/// Join Channel.
///
/// Follows a channel by its link, by the code at the link's end, or by its id.
#[utoipa::path(
    put, path = "/v1/devices/{device}/channels", operation_id = "channels.join", tag = "Channels",
    request_body = JoinChannel,
    responses((status = 200, description = "The channel, followed.", body = JoinedChannel, example = json!(examples::joined())))
)]
pub(crate) async fn join(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(body): Body<JoinChannel>,
) -> Answer<Json<JoinedChannel>> {
    Ok(Json(channels::join(&core, &caller, &device, &body.into_invitation()?).await?))
}

/// Search Channels.
///
/// Looks into WhatsApp's directory. Words are searched for everywhere when no countries are given, and `category` does not
/// matter then; with countries, those parts of the directory are gone through for the words.
#[utoipa::path(
    patch, path = "/v1/devices/{device}/channels", operation_id = "channels.search", tag = "Channels",
    request_body = SearchDirectory,
    responses((status = 200, description = "Channels that were found.", body = [Channel], example = json!([examples::found()])))
)]
pub(crate) async fn search(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(body): Body<SearchDirectory>,
) -> Answer<Json<Vec<Channel>>> {
    Ok(Json(channels::search(&core, &caller, &device, body.into_search()).await?))
}
