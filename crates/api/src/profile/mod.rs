//! `/v1/devices/{device}/profile`: what people see of a number.

mod examples;
mod request;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sparkbot_core::ids::DeviceId;
use sparkbot_core::views::Profile;
use sparkbot_core::{Core, profile};

use self::request::{ChangeProfile, ProfileParts};
use crate::error::Answer;
use crate::pictures::SetPicture;
use crate::request::{Asked, Authorized, Body, Id, WithPicture};

/// Get Profile.
///
/// Name, picture, status and, of a business, what it says of itself. It is kept here and kept right by what WhatsApp tells.
#[utoipa::path(
    get, path = "/v1/devices/{device}/profile", operation_id = "profile.get", tag = "WhatsApp profile",
    params(ProfileParts),
    responses((status = 200, description = "The profile.", body = Profile, example = json!(examples::profile())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Asked(parts): Asked<ProfileParts>,
) -> Answer<Json<Profile>> {
    Ok(Json(profile::get(&core, &caller, &device, parts.with_image()).await?))
}

/// Update Profile.
///
/// What is not given stays as it is. The number must be online.
#[utoipa::path(
    patch, path = "/v1/devices/{device}/profile", operation_id = "profile.update", tag = "WhatsApp profile",
    request_body = ChangeProfile,
    responses((status = 200, description = "The profile as it is now.", body = Profile,
        example = json!(examples::profile())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(change): Body<ChangeProfile>,
) -> Answer<Json<Profile>> {
    Ok(Json(profile::update(&core, &caller, &device, change.into_changes()).await?))
}

/// Get Profile Image.
///
/// The picture itself; 404 when the number has none.
#[utoipa::path(
    get, path = "/v1/devices/{device}/profile/image", operation_id = "profile.image", tag = "WhatsApp profile",
    responses(
        (status = 200, description = "A JPEG.", body = Vec<u8>, content_type = "image/jpeg"),
        (status = 304, description = "The caller has it already, as `If-None-Match` says."),
    )
)]
pub(crate) async fn image(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    asked: HeaderMap,
) -> Answer<Response> {
    let image = profile::image(&core, &caller, &device).await?;
    let tag = format!("\"{}\"", image.id);
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let headers = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag || one.trim() == "*")) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "image/jpeg"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((headers, kind, image.jpeg).into_response())
}

/// Update Profile Image.
///
/// The middle of the picture is taken, as a square of at most 640 pixels.
#[utoipa::path(
    put, path = "/v1/devices/{device}/profile/image", operation_id = "profile.setImage", tag = "WhatsApp profile",
    request_body = SetPicture,
    responses((status = 200, description = "The profile as it is now.", body = Profile,
        example = json!(examples::profile())))
)]
pub(crate) async fn set_image(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    WithPicture(picture): WithPicture<SetPicture>,
) -> Answer<Json<Profile>> {
    Ok(Json(profile::set_image(&core, &caller, &device, picture.into_source()?).await?))
}
