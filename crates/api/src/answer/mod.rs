//! What handlers answer.

mod bytes;
mod list;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use bytes::{bytes, is_whole};
pub(crate) use list::{Links, List, Paging};

/// 201 with the thing that was made and where it is.
pub(crate) struct Created<T> {
    pub(crate) path: String,
    pub(crate) made: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self.made)).into_response();
        if let Ok(path) = HeaderValue::from_str(&self.path) {
            response.headers_mut().insert(header::LOCATION, path);
        }
        response
    }
}

/// What a deletion answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deleted {
    /// What was deleted.
    pub(crate) id: String,
    /// Always true.
    pub(crate) deleted: bool,
}

impl Deleted {
    pub(crate) fn of(id: &impl ToString) -> Json<Self> {
        Json(Self { id: id.to_string(), deleted: true })
    }
}
