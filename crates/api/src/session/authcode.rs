//! Linking with an 8-character code.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sparkbot_core::clock::iso;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::sessions::{self, AuthCode};
use sparkbot_core::{Caller, Core};
use utoipa::{IntoParams, ToSchema};

use crate::error::Answer;
use crate::request::{Asked, Authorized, Given, Id};

/// Whether to unlink first.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuthCodeOptions {
    /// Unlink the number first when it is linked already; its chats stay.
    #[serde(default)]
    #[param(default = false)]
    force: bool,
}

/// Which phone to link.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phone": "+16001234560"}))]
pub(crate) struct PhoneToLink {
    /// The phone to link, in E.164; the one it had before when absent.
    #[schema(max_length = 40)]
    phone: Option<String>,
}

/// A code for a person to type on the phone under Linked devices, Link with phone number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthCodeAnswer {
    /// Always `authorize`.
    status: &'static str,
    /// `ABCD-EFGH`.
    code: String,
    /// The phone it is for, in E.164.
    phone: String,
    /// ISO 8601.
    created_at: String,
    /// ISO 8601.
    expires_at: String,
    /// Whole seconds left.
    expires_in: i64,
}

impl From<AuthCode> for AuthCodeAnswer {
    fn from(code: AuthCode) -> Self {
        Self {
            status: code.status,
            code: code.code,
            phone: code.phone,
            created_at: iso(code.created_at),
            expires_at: iso(code.expires_at),
            expires_in: code.expires_in,
        }
    }
}

/// Request Authentication Code.
///
/// Asks WhatsApp for an 8-character code that links a phone without a camera. The person types it on the phone under
/// Linked devices, Link with phone number. While a code for the same phone is alive, the same one is answered.
#[utoipa::path(
    post, path = "/v1/devices/{device}/authcode", operation_id = "session.authcode", tag = "WhatsApp session",
    params(AuthCodeOptions),
    request_body = Option<PhoneToLink>,
    responses((status = 200, description = "The code and its life.", body = AuthCodeAnswer, example = json!(crate::examples::auth_code())))
)]
pub(crate) async fn authcode(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Asked(options): Asked<AuthCodeOptions>,
    Given(body): Given<PhoneToLink>,
) -> Answer<Json<AuthCodeAnswer>> {
    request(&core, &caller, &device, body.phone, options.force).await
}

/// Request Authentication Code without a body.
///
/// The same as POST for a number that was linked before, for tools that can only follow a link.
#[utoipa::path(
    get, path = "/v1/devices/{device}/authcode", operation_id = "session.authcodeGet", tag = "WhatsApp session",
    params(AuthCodeOptions),
    responses((status = 200, description = "The code and its life.", body = AuthCodeAnswer, example = json!(crate::examples::auth_code())))
)]
pub(crate) async fn authcode_get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Asked(options): Asked<AuthCodeOptions>,
) -> Answer<Json<AuthCodeAnswer>> {
    request(&core, &caller, &device, None, options.force).await
}

async fn request(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    phone: Option<String>,
    force: bool,
) -> Answer<Json<AuthCodeAnswer>> {
    let phone = phone.filter(|phone| !phone.is_empty());
    Ok(Json(sessions::auth_code(core, caller, device, phone.as_deref(), force).await?.into()))
}
