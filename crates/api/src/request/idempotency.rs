//! POSTs that may be repeated: `Idempotency-Key`.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sparkbot_core::devices::Idempotency;
use utoipa::ToSchema;

use super::body;
use crate::app::App;
use crate::error::Problem;

const HEADER: &str = "idempotency-key";

/// A body that makes something, with the key under which it may be sent again.
pub(crate) struct Repeatable<T> {
    pub(crate) body: T,
    pub(crate) idempotency: Option<Idempotency>,
}

impl<T: ToSchema + DeserializeOwned + 'static> FromRequest<App> for Repeatable<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let (body, idempotency) = read(request, body::LARGEST).await?;
        Ok(Self { body, idempotency })
    }
}

/// The same, where the body may hold a picture as base64.
pub(crate) struct RepeatableWithPicture<T> {
    pub(crate) body: T,
    pub(crate) idempotency: Option<Idempotency>,
}

impl<T: ToSchema + DeserializeOwned + 'static> FromRequest<App> for RepeatableWithPicture<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let (body, idempotency) = read(request, body::LARGEST_WITH_PICTURE).await?;
        Ok(Self { body, idempotency })
    }
}

async fn read<T>(request: Request, most: usize) -> Result<(T, Option<Idempotency>), Problem>
where
    T: ToSchema + DeserializeOwned + 'static,
{
    let key = key(request.headers())?;
    let mut hash = Sha256::new();
    hash.update(request.method().as_str());
    hash.update([0]);
    hash.update(request.uri().path());
    hash.update([0]);
    let bytes = body::json_bytes_up_to(request, most).await?.ok_or_else(body::missing)?;
    let body = body::read(&bytes)?;
    hash.update(&bytes);
    let idempotency = key.map(|key| Idempotency { key, fingerprint: hex::encode(hash.finalize()) });
    Ok((body, idempotency))
}

/// The key under which a POST may be sent again, when there is one.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut all = headers.get_all(HEADER).iter();
    let Some(first) = all.next() else { return Ok(None) };
    let text = first.as_bytes();
    let fine = all.next().is_none() && (1..=255).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
    if !fine {
        return Err(Problem::invalid(
            "idempotency:invalid",
            "The header 'Idempotency-Key' must stand once and have 1 to 255 visible ASCII characters without spaces.",
        )
        .hint("A UUID of your own is a good key."));
    }
    Ok(Some(String::from_utf8_lossy(text).into_owned()))
}
