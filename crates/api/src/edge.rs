//! The outermost layer: what is true of every request and every answer.
//!
//! It gives the request an id, forgives one trailing slash, refuses keys in the
//! URL, writes the body of every failure, adds the security headers, counts, and
//! logs each failure of the server once. What it logs holds the route's template,
//! never the path, the query, a header or a body.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use sparkbot_core::actor;
use sparkbot_core::{Core, Error};
use tracing::Instrument;

use crate::error::Problem;
use crate::request::token_in_query;

/// Calls that wait do so for two minutes at most; beyond this something hangs.
const LONGEST: Duration = Duration::from_secs(180);
/// 2 GiB at 5 megabits a second.
const LONGEST_UPLOAD: Duration = Duration::from_secs(3600);

/// Makes ids of requests: the start of the server and a count, so that they
/// are unique over restarts without any randomness.
pub(crate) struct Edge {
    start: i64,
    count: AtomicU64,
}

impl Edge {
    pub(crate) fn new(core: &Core) -> Arc<Self> {
        Arc::new(Self { start: core.now(), count: AtomicU64::new(1) })
    }

    fn id(&self, headers: &HeaderMap) -> String {
        let sent = headers.get("x-request-id").and_then(|value| value.to_str().ok()).filter(|text| plain(text));
        sent.map_or_else(
            || format!("{:012x}{:012x}", self.start, self.count.fetch_add(1, Ordering::Relaxed)),
            str::to_owned,
        )
    }
}

/// An id that is safe to repeat in a header and a log.
fn plain(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
}

/// The route that was taken, for counting, on the answer.
#[derive(Clone)]
struct Route(MatchedPath);

/// Inside of the router: remembers the route's template, who asks, and catches
/// panics.
pub(crate) async fn inside(State(core): State<Core>, request: Request, next: Next) -> Response {
    actor::slot(answered(core, request, next)).await
}

async fn answered(core: Core, request: Request, next: Next) -> Response {
    let reads = request.method().is_safe();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
            Problem::internal(format!("panic: {}", words.unwrap_or_default())).into_response()
        }
    };
    if response.status().is_success() && !reads {
        write_owed_line(&core).await;
    }
    if let Some(route) = route {
        response.extensions_mut().insert(Route(route));
    }
    response
}

/// A change that was made on WhatsApp alone has written nothing here yet: its
/// line of the audit log is written now.
async fn write_owed_line(core: &Core) {
    if actor::current().is_some_and(|actor| actor.owes_a_line())
        && let Err(error) = core.store().write(|_| Box::pin(async { Ok::<_, Error>(()) })).await
    {
        tracing::error!(error = %error, "a line of the audit log could not be written");
    }
}

/// Around the router.
pub(crate) async fn around(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = edge.id(request.headers());
    let method = request.method().clone();
    forgive_slash(request.uri_mut());
    let span = tracing::info_span!("request", id = %id, method = %method);
    let mut response = async {
        if token_in_query(request.uri()) {
            return token_refused().into_response();
        }
        match tokio::time::timeout(patience(&request), next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "request:timeout",
                "The call took too long and was given up.",
            )
            .after(Duration::from_secs(5))
            .into_response(),
        }
    }
    .instrument(span.clone())
    .await;
    let route = response.extensions_mut().remove::<Route>();
    let route = route.as_ref().map_or("unmatched", |route| route.0.as_str());
    if let Some(problem) = problem(&mut response, &method) {
        span.in_scope(|| tell(&problem, route));
        response = written(response, &problem, &id);
    }
    dress(response.headers_mut(), &id);
    count(route, response.status(), started.elapsed());
    span.in_scope(|| {
        tracing::debug!(
            route,
            status = response.status().as_u16(),
            elapsed_ms = started.elapsed().as_millis(),
            "answered"
        );
    });
    response
}

/// A file comes as slowly as its sender's line; that something comes at all is
/// watched where it is read.
fn patience(request: &Request) -> Duration {
    let file = request.method() == Method::POST && request.uri().path() == "/v1/files";
    if file { LONGEST_UPLOAD } else { LONGEST }
}

/// `/v1/devices/` is `/v1/devices`.
fn forgive_slash(uri: &mut Uri) {
    let path = uri.path();
    let Some(path) = path.strip_suffix('/').filter(|rest| !rest.is_empty() && !rest.ends_with('/')) else { return };
    let text = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    if let Ok(changed) = text.parse::<PathAndQuery>() {
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(changed);
        if let Ok(changed) = Uri::from_parts(parts) {
            *uri = changed;
        }
    }
}

fn token_refused() -> Problem {
    Problem::invalid(
        "query:token",
        "The parameter 'token' is refused: an API key in a URL ends up in logs, histories and referrers.",
    )
    .hint("Send the key in the header 'Token', and revoke it if it was in this URL.")
}

/// The failure in an answer; the router's own 404 and 405 have no words yet.
fn problem(response: &mut Response, method: &Method) -> Option<Problem> {
    let status = response.status();
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return Some(problem);
    }
    match status {
        StatusCode::NOT_FOUND => Some(
            Problem::new(status, "route:notfound", "There is nothing at this path.")
                .hint("GET /docs shows every path there is."),
        ),
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed =
                response.headers().get(header::ALLOW).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let allowed = allowed.replace(',', ", ");
            Some(
                Problem::new(status, "route:method", format!("{method} is not possible here; there is {allowed}."))
                    .hint("GET /docs shows what each path takes.")
                    .with("allow", allowed),
            )
        }
        _ => None,
    }
}

/// Failures of the server are told once, here, with everything.
fn tell(problem: &Problem, route: &str) {
    let (status, code) = (problem.status().as_u16(), problem.code());
    match status {
        503 => tracing::warn!(route, status, code, "{}", problem.detail()),
        500.. => tracing::error!(route, status, code, "{}", problem.detail()),
        _ => tracing::debug!(route, status, code, "refused"),
    }
}

fn written(response: Response, problem: &Problem, id: &str) -> Response {
    let (parts, _) = response.into_parts();
    let mut written = (problem.status(), Json(problem.body(id))).into_response();
    let headers = written.headers_mut();
    if let Some(allow) = parts.headers.get(header::ALLOW) {
        headers.insert(header::ALLOW, allow.clone());
    }
    if let Some(wait) = problem.retry_after() {
        headers.insert(
            header::RETRY_AFTER,
            HeaderValue::from(wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)),
        );
    }
    match problem.status() {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"SparkBot\""));
        }
        // The rest of the body is not read.
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    written
}

/// Headers of every answer; a handler's own word stands.
fn dress(headers: &mut HeaderMap, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-request-id", id);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry("cross-origin-resource-policy").or_insert(HeaderValue::from_static("same-origin"));
}

fn count(route: &str, status: StatusCode, took: Duration) {
    let route = route.to_owned();
    metrics::counter!("sparkbot_http_requests_total", "route" => route.clone(), "status" => status.as_u16().to_string()).increment(1);
    metrics::histogram!("sparkbot_http_request_seconds", "route" => route).record(took.as_secs_f64());
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;

    use super::{forgive_slash, plain};

    #[test]
    fn one_trailing_slash_is_forgiven() {
        for (path, wanted) in [
            ("/v1/devices/", "/v1/devices"),
            ("/v1/devices/?size=1", "/v1/devices?size=1"),
            ("/v1/devices//", "/v1/devices//"),
            ("/", "/"),
            ("/v1/devices", "/v1/devices"),
            ("http://h/v1/me/", "http://h/v1/me"),
        ] {
            let mut uri: Uri = path.parse().expect("a URI");
            forgive_slash(&mut uri);
            assert_eq!(uri.to_string(), wanted);
        }
    }

    #[test]
    fn request_ids_can_be_repeated_safely() {
        assert!(plain("a-1_2.3:4"));
        assert!(!plain("") && !plain("a b") && !plain("a\"b") && !plain(&"x".repeat(65)));
    }
}
