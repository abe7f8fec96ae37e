//! What handlers take: who asks, which thing, the query, the body. Each is
//! checked here once, against the very schema that the OpenAPI document shows.

use serde::{Deserialize, Deserializer};

mod authorized;
mod body;
mod downloader;
mod guesses;
mod id;
mod idempotency;
mod query;
pub(crate) mod shape;
pub(crate) mod words;

pub(crate) use authorized::{Authorized, StartsWithAuthorized};
pub(crate) use body::{Body, Given, WithPicture, json_bytes, json_bytes_up_to, read as read_json, whole};
pub(crate) use downloader::Downloader;
pub(crate) use guesses::{Guesses, network};
pub(crate) use id::{Id, parse as parse_id};
pub(crate) use idempotency::{Repeatable, RepeatableWithPicture, key as repeat_key};
pub(crate) use query::{Asked, token_in_query};

/// In a query, a plus that was not encoded arrives as a space; a phone number
/// never starts with one.
pub(crate) fn plus_kept(phone: String) -> String {
    match phone.strip_prefix(' ') {
        Some(rest) => format!("+{rest}"),
        None => phone,
    }
}

/// Tells null from absent.
pub(crate) fn present<'de, D, T>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(from).map(Some)
}
