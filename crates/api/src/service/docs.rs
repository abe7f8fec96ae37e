//! The page that reads the OpenAPI document, served from the binary: it loads
//! nothing from elsewhere and runs nothing that does not stand here.

use axum::http::{HeaderName, header};
use axum::response::IntoResponse;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    let headers: [(HeaderName, &str); 3] =
        [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, POLICY), (header::CACHE_CONTROL, "no-cache")];
    (headers, text)
}

/// Read the API.
///
/// A page that shows every operation and lets a person try it.
#[utoipa::path(
    get, path = "/docs", operation_id = "service.docs", tag = "Service", security(()),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"))
)]
pub(crate) async fn docs() -> impl IntoResponse {
    asset("text/html; charset=utf-8", include_str!("../../assets/docs.html"))
}

pub(crate) async fn docs_script() -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", include_str!("../../assets/app.js"))
}

pub(crate) async fn docs_style() -> impl IntoResponse {
    asset("text/css; charset=utf-8", include_str!("../../assets/style.css"))
}
