//! What the server says of itself.

use reqwest::Method;

use crate::support::Server;

#[tokio::test]
async fn service_addresses_answer_without_a_key() {
    let server = Server::start().await;
    for path in ["/healthz", "/readyz", "/v1/openapi.json", "/docs"] {
        let answer = server.answer(server.request(Method::GET, path)).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    server.get("/v1/devices").await.ok();
    let metrics = server.answer(server.request(Method::GET, "/metrics")).await;
    let text = String::from_utf8(metrics.bytes).expect("text");
    assert!(text.contains("sparkbot_http_requests_total"), "{text}");
    let page = server.answer(server.request(Method::GET, "/docs")).await;
    assert!(page.headers["content-type"].to_str().expect("text").starts_with("text/html"));
    assert!(page.headers.contains_key("content-security-policy"));
}

#[tokio::test]
async fn the_document_served_is_the_one_committed() {
    let server = Server::start().await;
    let served = server.answer(server.request(Method::GET, "/v1/openapi.json")).await.ok();
    let committed = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json")).expect("openapi.json");
    let committed: serde_json::Value = serde_json::from_slice(&committed).expect("JSON");
    assert_eq!(served, committed);
}
