//! What is open to all, and what is true of every answer.

use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tower::ServiceExt;

use super::support::Surface;
use crate::edge::{self, Edge};

#[tokio::test]
async fn health_metrics_document_and_page_need_no_key() {
    let surface = Surface::new().await;
    for (path, kind, part) in [
        ("/healthz", "application/json", "{\"status\":\"ok\"}"),
        ("/readyz", "application/json", "{\"status\":\"ok\"}"),
        ("/metrics", "text/plain; version=0.0.4; charset=utf-8", "sparkbot_up 1"),
        ("/v1/openapi.json", "application/json", "\"openapi\": \"3.1.0\""),
        ("/docs", "text/html; charset=utf-8", "<script src=\"/docs/app.js\""),
        ("/docs/app.js", "text/javascript; charset=utf-8", "fetch("),
        ("/docs/style.css", "text/css; charset=utf-8", "prefers-color-scheme"),
    ] {
        let answer = surface.knock(path, &[], [127, 0, 0, 1]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), kind, "{path}");
        assert!(answer.text.contains(part), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_page_may_run_only_what_stands_in_it() {
    let surface = Surface::new().await;
    let page = surface.get("/docs").await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    assert!(!page.text.contains("style=") && !page.text.contains("onclick") && !page.text.contains("//cdn"));
    let script = surface.get("/docs/app.js").await.text;
    for dangerous in
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "localStorage", "sessionStorage"]
    {
        assert!(!script.contains(dangerous), "{dangerous}");
    }
}

#[tokio::test]
async fn every_answer_is_dressed() {
    let surface = Surface::new().await;
    for path in ["/v1/me", "/nowhere", "/docs", "/healthz"] {
        let answer = surface.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(!answer.header("content-security-policy").is_empty());
        assert_eq!(answer.header("x-request-id").len(), 24);
        assert!(answer.headers.get("access-control-allow-origin").is_none());
    }
    let own = surface.knock("/healthz", &[("x-request-id", "mine-1")], [127, 0, 0, 1]).await;
    assert_eq!(own.header("x-request-id"), "mine-1");
    let bad = surface.knock("/healthz", &[("x-request-id", "<mine>")], [127, 0, 0, 1]).await;
    assert_eq!(bad.header("x-request-id").len(), 24);
}

#[tokio::test]
async fn a_server_that_goes_down_is_not_ready() {
    let surface = Surface::new().await;
    surface.core.shutdown(Duration::from_secs(5)).await;
    let answer = surface.get("/readyz").await;
    assert_eq!(answer.refusal().0, 503);
    assert_eq!(answer.header("retry-after"), "5");
}

#[tokio::test]
async fn a_panic_is_an_answer_that_tells_nothing() {
    async fn fails() -> &'static str {
        panic!("with a secret in it")
    }
    let surface = Surface::new().await;
    let inside =
        Router::new().route("/fails", get(fails)).layer(from_fn_with_state(surface.core.clone(), edge::inside));
    let router: Router =
        Router::new().fallback_service(inside).layer(from_fn_with_state(Edge::new(&surface.core), edge::around));
    let request = axum::http::Request::get("/fails").body(axum::body::Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), 500);
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains("error:internal") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn the_event_stream_says_where_it_is_and_ends_with_the_server() {
    let surface = Surface::new().await;
    let made = surface.call("POST", "/v1/devices", Some(r#"{"alias": "x"}"#)).await;
    assert_eq!(made.status, 201);
    let (status, code, _) = surface.knock_stream("no number").await.refusal();
    assert_eq!((status, code.as_str()), (400, "events:last_event_id"));
    let core = surface.core.clone();
    let stop = async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        core.shutdown(Duration::from_secs(5)).await;
    };
    let (stream, ()) = tokio::join!(surface.knock_stream("0"), stop);
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let log = surface.get("/v1/events").await.json();
    for event in log["events"].as_array().expect("events") {
        assert!(stream.text.contains(&format!("id: {}\n", event["seq"])), "{}", stream.text);
    }
}

impl Surface {
    async fn knock_stream(&self, last: &str) -> super::support::Answer {
        let headers = [("token", self.key.as_str()), ("last-event-id", last)];
        tokio::time::timeout(Duration::from_secs(10), self.knock("/v1/events/stream", &headers, [127, 0, 0, 1]))
            .await
            .expect("the stream ends")
    }
}
