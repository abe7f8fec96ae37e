//! A page that shows the phones as their owners see them.
//!
//! One document without anything from outside. Its style and its script are
//! allowed by their hashes and nothing else is, so that no text of a message
//! can become a script, whatever is in it.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest as _, Sha256};

use super::{Context, root};

const DOCUMENT: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: [&str; 2] = [include_str!("bubbles.js"), include_str!("page.js")];

/// The document and the policy that fits it.
struct Page {
    document: String,
    policy: String,
}

static PAGE: LazyLock<Page> = LazyLock::new(|| {
    let script = SCRIPT.concat();
    let allowed = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        allowed(&script),
        allowed(STYLE),
    );
    Page { document: DOCUMENT.replace("{{style}}", STYLE).replace("{{script}}", &script), policy }
});

/// `GET /`: the page for a browser, the facts for everybody else.
pub(super) async fn at_root(State(context): State<Context>, headers: HeaderMap) -> Response {
    let accepted = headers.get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    if accepted.contains("text/html") { show().await } else { root::show(State(context)).await.into_response() }
}

/// `GET /page`
pub(super) async fn show() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, PAGE.policy.as_str()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, PAGE.document.as_str()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_one_style_and_one_script_and_nothing_from_outside() {
        let document = &PAGE.document;
        assert_eq!((document.matches("<style>").count(), document.matches("<script").count()), (1, 1));
        assert!(!document.contains("{{"), "something was not put in");
        for outside in ["http://", "https://", "src=\"", "@import", "url(", "<link", "innerHTML", "insertAdjacentHTML"]
        {
            assert!(!document.contains(outside), "{outside}");
        }
        for unsafe_source in ["unsafe", "*", "http:"] {
            assert!(!PAGE.policy.contains(unsafe_source), "{unsafe_source}");
        }
    }
}
