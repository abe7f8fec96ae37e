//! One shape for everything that goes wrong, and the one table that gives a
//! kind of failure its status and its way out.
//!
//! A [`Problem`] travels as an extension of its response; the outermost layer
//! writes the body, because only there the request's id is known and a failure
//! is logged once.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use sparkbot_core::{Error, Kind};
use utoipa::ToSchema;

/// What a handler answers.
pub(crate) type Answer<T> = Result<T, Problem>;

/// A failure on its way to the caller.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Arc<Facts>);

#[derive(Debug, Clone)]
struct Facts {
    status: StatusCode,
    code: Cow<'static, str>,
    message: String,
    hint: Option<String>,
    errors: Vec<Detail>,
    meta: Map<String, Value>,
    retry_after: Option<Duration>,
    /// For the log only.
    detail: Option<String>,
}

/// The body of every answer with a status of 400 or more.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error, example = json!({
    "status": 400,
    "message": "There is no property 'mesage'. Did you mean 'message'?",
    "errorCode": "body:unknown_property",
    "hint": "Correct the request and send it again; GET /docs shows what each call takes.",
    "errors": [{
        "code": "body:unknown_property",
        "reason": "unknown",
        "message": "There is no property 'mesage'. Did you mean 'message'?",
        "property": "mesage"
    }],
    "meta": {"requestId": "000001991f3c2a400000002a"}
}))]
pub(crate) struct ErrorBody {
    /// The HTTP status again.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// One full sentence with the value at fault, to be shown to a person.
    message: String,
    /// `area:code`, stable, to be read by a program.
    error_code: String,
    /// How to get on.
    hint: String,
    /// Everything that is wrong, the first of it being `message`.
    errors: Vec<Detail>,
    /// Facts for programs: what it conflicts with, limits, the request's id.
    #[schema(value_type = Object)]
    meta: Map<String, Value>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ErrorDetail)]
pub(crate) struct Detail {
    /// `area:code`, stable.
    pub(crate) code: String,
    /// What kind of thing it is, in a word: `unknown`, `missing`, `type`, `value`, `range`…
    pub(crate) reason: String,
    /// A sentence.
    pub(crate) message: String,
    /// Which property or parameter, as a path such as `actions[0].params.agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) property: Option<String>,
}

impl Detail {
    fn new(code: &str, message: impl Into<String>) -> Self {
        let reason = code.split_once(':').map_or(code, |(_, reason)| reason);
        Self { code: code.to_owned(), reason: reason.to_owned(), message: message.into(), property: None }
    }

    /// What is wrong with one property or parameter; `reason` says it finer than the code.
    pub(crate) fn of(code: &str, reason: &str, message: impl Into<String>, property: &str) -> Self {
        Self { reason: reason.to_owned(), property: Some(property.to_owned()), ..Self::new(code, message) }
    }
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self(Arc::new(Facts {
            status,
            errors: vec![Detail::new(&code, &message)],
            code,
            message,
            hint: None,
            meta: Map::new(),
            retry_after: None,
            detail: None,
        }))
    }

    /// A request that makes no sense.
    pub(crate) fn invalid(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// A request with one or more things wrong; the first leads.
    pub(crate) fn faults(errors: Vec<Detail>) -> Self {
        let first =
            errors.first().cloned().unwrap_or_else(|| Detail::new("request:invalid", "The request makes no sense."));
        let message = match errors.len() {
            0 | 1 => first.message,
            n => format!("{} ({} more under 'errors'.)", first.message, n - 1),
        };
        Self::invalid(first.code, message).change(|facts| facts.errors = errors)
    }

    /// A mistake of ours; `detail` goes to the log only.
    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "error:internal", "Something went wrong inside the server.")
            .change(|facts| facts.detail = Some(detail))
    }

    /// Adds how to get on.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        self.change(|facts| facts.hint = Some(hint.into()))
    }

    /// Adds a fact.
    pub(crate) fn with(self, key: &str, value: impl Into<Value>) -> Self {
        self.change(|facts| {
            facts.meta.insert(key.to_owned(), value.into());
        })
    }

    /// Adds when to try again.
    pub(crate) fn after(self, wait: Duration) -> Self {
        self.change(|facts| facts.retry_after = Some(wait))
    }

    fn change(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// What the log may say of it.
    pub(crate) fn detail(&self) -> &str {
        self.0.detail.as_deref().unwrap_or(&self.0.message)
    }

    pub(crate) fn code(&self) -> &str {
        &self.0.code
    }

    /// What the caller is told.
    pub(crate) fn body(&self, request_id: &str) -> ErrorBody {
        let facts = &self.0;
        let mut meta = facts.meta.clone();
        meta.insert("requestId".to_owned(), Value::from(request_id));
        ErrorBody {
            status: facts.status.as_u16(),
            message: facts.message.clone(),
            error_code: facts.code.to_string(),
            hint: facts.hint.clone().unwrap_or_else(|| way_out(facts.status, request_id)),
            errors: facts.errors.clone(),
            meta,
        }
    }
}

/// The status of each kind.
fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unauthorized => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// How to get on, where the failure itself does not know better.
fn way_out(status: StatusCode, request_id: &str) -> String {
    match status.as_u16() {
        401 => "Send an API key in the header 'Token'; `sparkbot key create` makes one.".to_owned(),
        403 => "Use a key that has the right, or make one.".to_owned(),
        404 => "Check the id; the list of the same resource shows what there is.".to_owned(),
        409 => "Look at what is there already, named under 'meta', and decide.".to_owned(),
        413 => "Send less at once.".to_owned(),
        415 => "Send JSON with the header 'Content-Type: application/json'.".to_owned(),
        429 | 503 => "Try again after the seconds in the header 'Retry-After'.".to_owned(),
        500.. => format!("Look for the request id {request_id} in the server's log."),
        _ => "Correct the request and send it again; GET /docs shows what each call takes.".to_owned(),
    }
}

/// Worth a try soon, where core does not say when.
const SOON: Duration = Duration::from_secs(5);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        if error.kind == Kind::Internal {
            return Self::internal(error.message);
        }
        let again = matches!(error.kind, Kind::TooMany | Kind::Unavailable).then_some(SOON);
        Self::new(status(error.kind), error.code, error.message).change(|facts| {
            facts.hint = error.hint;
            facts.meta = error.meta;
            facts.retry_after = error.retry_after.or(again);
        })
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
