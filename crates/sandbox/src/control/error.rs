//! Refusals, and reading requests so that every refusal is one of ours.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::ids::{AccountId, PhoneNumber};
use crate::world::World;

/// `{"error": code, "message": sentence}` with a 4xx status.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    extra: Option<(&'static str, Value)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), extra: None }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.extra = Some((name, value.into()));
        self
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
    }

    pub(super) fn no_phone(number: &PhoneNumber) -> Self {
        Self::new(StatusCode::NOT_FOUND, "no_such_phone", format!("there is no phone {number}; POST /phones makes one"))
    }

    pub(super) fn world_full() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_phones",
            format!("the sandbox holds at most {} phones", crate::world::MAX_ACCOUNTS),
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({"error": self.code, "message": self.message});
        if let (Some((name, value)), Some(body)) = (self.extra, body.as_object_mut()) {
            body.insert(name.to_owned(), value);
        }
        (self.status, Json(body)).into_response()
    }
}

pub(super) async fn no_such_path(request: Request) -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "no_such_path",
        format!("there is nothing at {}; CONTROL.md lists what there is", request.uri().path()),
    )
}

pub(super) async fn no_such_method(request: Request) -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "no_such_method",
        format!("{} is not possible at {}", request.method(), request.uri().path()),
    )
}

/// A JSON body; an absent one counts as `{}`.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|error| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", error.to_string()))?;
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(bytes)
            .map(Self)
            .map_err(|error| Refusal::invalid(format!("the body is not as expected: {error}")))
    }
}

/// Query parameters.
pub(super) struct Params<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        Query::<T>::from_request_parts(parts, state)
            .await
            .map(|Query(params)| Self(params))
            .map_err(|error| Refusal::invalid(error.body_text()))
    }
}

/// The number in the path of a request about a phone.
pub(super) struct OfPhone(pub(super) PhoneNumber);

impl<S: Send + Sync> FromRequestParts<S> for OfPhone {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Path(path) = Path::<std::collections::HashMap<String, String>>::from_request_parts(parts, state)
            .await
            .map_err(|error| Refusal::invalid(error.body_text()))?;
        path.get("phone")
            .map_or_else(|| Err(Refusal::invalid("the path names no phone")), |text| number(text))
            .map(Self)
    }
}

/// A phone number out of a request.
pub(super) fn number(text: &str) -> Result<PhoneNumber, Refusal> {
    PhoneNumber::parse(text)
        .ok_or_else(|| Refusal::invalid(format!("{text:?} is not a phone number; write it like +16001234560")))
}

/// The account of a number, which must exist.
pub(super) fn existing(world: &World, number: &PhoneNumber) -> Result<AccountId, Refusal> {
    world.find_number(number).ok_or_else(|| Refusal::no_phone(number))
}

/// The account of a number, made on the way.
pub(super) fn made(world: &mut World, number: &PhoneNumber) -> Result<AccountId, Refusal> {
    world.account_or_new(number, None).map(|(id, _)| id).ok_or_else(Refusal::world_full)
}
