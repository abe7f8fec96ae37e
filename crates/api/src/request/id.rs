//! The id in the path.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use sparkbot_core::ids::{CampaignId, ChatFileId, DeviceId, FileId, KeyId, MessageId, WebhookId};

use crate::app::App;
use crate::error::Problem;

/// The id that the path names, of the right form; whether there is such a thing
/// is for core to say.
pub(crate) struct Id<T>(pub(crate) T);

/// Kinds of ids that stand in paths.
pub(crate) trait Named: std::str::FromStr {
    /// `device` in `device:invalid`.
    const AREA: &'static str;
    /// In sentences.
    const NOUN: &'static str;
}

impl Named for DeviceId {
    const AREA: &'static str = "device";
    const NOUN: &'static str = "a WhatsApp number";
}

impl Named for MessageId {
    const AREA: &'static str = "message";
    const NOUN: &'static str = "a message";
}

impl Named for WebhookId {
    const AREA: &'static str = "webhook";
    const NOUN: &'static str = "a webhook";
}

impl Named for CampaignId {
    const AREA: &'static str = "campaign";
    const NOUN: &'static str = "a campaign";
}

impl Named for FileId {
    const AREA: &'static str = "file";
    const NOUN: &'static str = "a file";
}

impl Named for ChatFileId {
    const AREA: &'static str = "file";
    const NOUN: &'static str = "a file";
}

impl Named for KeyId {
    const AREA: &'static str = "key";
    const NOUN: &'static str = "an API key";
}

/// Reads an id wherever it stands.
pub(crate) fn parse<T: Named>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        Problem::invalid(
            format!("{}:invalid", T::AREA),
            format!("'{shown}' is not the id of {}: ids have 24 hexadecimal digits.", T::NOUN),
        )
    })
}

impl<T: Named> FromRequestParts<App> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::invalid("path:invalid", "The path contains bytes that are not UTF-8."))?;
        let (_, text) = params.iter().next().ok_or_else(|| Problem::internal("a route with an id has no parameter"))?;
        parse(text).map(Self)
    }
}
