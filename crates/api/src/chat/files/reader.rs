//! Who downloads: a key's caller, or whoever has a link.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use sparkbot_core::chat_files::{self, Reader};
use sparkbot_core::ids::ChatFileId;

use crate::app::App;
use crate::chat::place::OfNumber;
use crate::error::Problem;
use crate::request::Authorized;

/// Who downloads the file that the path names.
pub(crate) struct FileReader(pub(crate) Reader);

impl FromRequestParts<App> for FileReader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let token = url::form_urlencoded::parse(query).find(|(key, _)| key == "token").map(|(_, token)| token);
        let Some(token) = token.map(std::borrow::Cow::into_owned) else {
            let Authorized(caller) = Authorized::from_request_parts(parts, app).await?;
            return Ok(Self(Reader::Caller(caller)));
        };
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::invalid("path:invalid", "The path contains bytes that are not UTF-8."))?;
        let id = params.iter().nth(1).map(|(_, text)| text).unwrap_or_default();
        Ok(Self(chat_files::reader_of_token(&app.core, &token, &ChatFileId::read(id)?)?))
    }
}
