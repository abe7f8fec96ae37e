//! Who may ask.

use super::support::Surface;

const HERE: [u8; 4] = [192, 0, 2, 1];

#[tokio::test]
async fn a_key_opens_in_each_of_its_three_places() {
    let surface = Surface::new().await;
    let bearer = format!("Bearer {}", surface.key);
    for headers in [
        [("token", surface.key.as_str())],
        [("authorization", bearer.as_str())],
        [("authorization", surface.key.as_str())],
    ] {
        let answer = surface.knock("/v1/me", &headers, HERE).await;
        assert_eq!(answer.status, 200, "{headers:?}: {}", answer.text);
        assert!(!answer.text.contains(&surface.key));
    }
}

#[tokio::test]
async fn without_a_key_nothing_of_an_account_opens() {
    let surface = Surface::new().await;
    let document: serde_json::Value = serde_json::from_str(crate::openapi::text()).expect("JSON");
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path") {
            let id = operation["operationId"].as_str().expect("an id");
            if crate::access::need(id) == Some(crate::access::Need::Open) {
                continue;
            }
            let path = path.replace("{device}", "x").replace("Id}", "").replace('{', "");
            let request = axum::http::Request::builder().method(method.to_uppercase().as_str()).uri(&path);
            let answer = surface.send(request.body(axum::body::Body::empty()).expect("a request")).await;
            let (status, code, _) = answer.refusal();
            assert_eq!((status, code.as_str()), (401, "auth:missing"), "{method} {path}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
    }
}

#[tokio::test]
async fn a_key_in_the_url_is_refused_even_when_it_is_right() {
    let surface = Surface::new().await;
    for path in ["/v1/me", "/healthz", "/nowhere"] {
        let (status, code, sentence) = surface.get(&format!("{path}?token={}", surface.key)).await.refusal();
        assert_eq!((status, code.as_str()), (400, "query:token"));
        assert!(!sentence.contains(&surface.key));
    }
}

#[tokio::test]
async fn a_flood_of_wrong_keys_waits_and_a_right_one_does_not() {
    let surface = Surface::new().await;
    let wrong = "0".repeat(80);
    for _ in 0..20 {
        let answer = surface.knock("/v1/me", &[("token", &wrong)], HERE).await;
        assert_eq!(answer.refusal().1, "auth:invalid");
    }
    let answer = surface.knock("/v1/me", &[("token", &wrong)], HERE).await;
    assert_eq!(answer.refusal().0, 429);
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait));
    assert_eq!(surface.knock("/v1/me", &[("token", &wrong)], [192, 0, 2, 2]).await.status, 401);
    assert_eq!(surface.knock("/v1/me", &[("token", &surface.key)], HERE).await.status, 200);
}

#[tokio::test]
async fn a_revoked_key_is_dead_at_once_and_a_scope_opens_only_its_door() {
    let surface = Surface::new().await;
    let body = r#"{"name": "reader", "scopes": ["devices:read"], "expiresAt": "2100-01-01T00:00:00Z"}"#;
    let made = surface.call("POST", "/v1/apikeys", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made_json = made.json();
    let (id, secret) = (made_json["id"].as_str().expect("an id"), made_json["key"].as_str().expect("a key"));
    assert_eq!(made.header("location"), format!("/v1/apikeys/{id}"));
    assert_eq!(made_json["expiresAt"], "2100-01-01T00:00:00.000Z");
    assert_eq!(surface.knock("/v1/devices", &[("token", secret)], HERE).await.status, 200);
    let (status, code, sentence) = surface.knock("/v1/webhooks", &[("token", secret)], HERE).await.refusal();
    assert_eq!((status, code.as_str()), (403, "auth:scope"));
    assert!(sentence.contains("webhooks:read"));
    assert!(!surface.get("/v1/apikeys").await.text.contains(secret));
    assert_eq!(surface.call("DELETE", &format!("/v1/apikeys/{id}"), None).await.status, 200);
    assert_eq!(surface.knock("/v1/devices", &[("token", secret)], HERE).await.refusal().1, "auth:invalid");
}
