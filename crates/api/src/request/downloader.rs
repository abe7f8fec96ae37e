//! Who downloads: a key's caller, or whoever has a link.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use sparkbot_core::downloads::{Linked, Reader, reader_of_token};

use super::id::Named;
use super::{Authorized, parse_id};
use crate::app::App;
use crate::error::Problem;

/// Who downloads the file that the path names last.
pub(crate) struct Downloader<F> {
    pub(crate) reader: Reader,
    file: PhantomData<F>,
}

impl<F: Linked + Named> FromRequestParts<App> for Downloader<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let token = url::form_urlencoded::parse(query).find(|(key, _)| key == "token");
        let Some(token) = token.map(|(_, token)| token.into_owned()) else {
            let Authorized(caller) = Authorized::from_request_parts(parts, app).await?;
            return Ok(Self { reader: Reader::Caller(caller), file: PhantomData });
        };
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::invalid("path:invalid", "The path contains bytes that are not UTF-8."))?;
        let id = params.iter().last().map(|(_, id)| id).unwrap_or_default();
        let file: F = parse_id(id)?;
        Ok(Self { reader: reader_of_token(&app.core, &token, &file)?, file: PhantomData })
    }
}
