//! Bodies, and POSTs that may be repeated.

use axum::body::Body;
use axum::http::Request;

use super::support::{Answer, Surface};

const DEVICE: &str = "0123456789abcdef01234567";

async fn post(surface: &Surface, headers: &[(&str, &str)], body: Body) -> Answer {
    let mut request = Request::builder().method("POST").uri("/v1/devices").header("token", &surface.key);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    surface.send(request.body(body).expect("a request")).await
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn a_body_is_read_strictly_and_the_sentence_names_what_is_wrong() {
    let surface = Surface::new().await;
    for (body, code, part) in [
        (r#"{"alias": "x", "aliass": "y"}"#, "body:unknown_property", "'aliass'. Did you mean 'alias'?"),
        (r#"{"alias": 7}"#, "body:invalid", "'alias' must be a string, but it is the number 7."),
        (r#"{"alias": null}"#, "body:invalid", "'alias' must be a string, but it is null."),
        (r#"{"alias": "x", "billingPlan": "gold"}"#, "body:invalid", "'gold'"),
        ("{}", "body:invalid", "'alias' is missing"),
        ("[]", "body:invalid", "must be an object, but it is an array"),
        ("{\n  \"alias\": \n", "body:broken", "line 3"),
        (r#"{"alias": "x",}"#, "body:broken", "line 1, column 15"),
        ("", "body:missing", "none came"),
        ("  \n", "body:missing", "none came"),
    ] {
        let (status, told, sentence) = post(&surface, &[JSON], Body::from(body)).await.refusal();
        assert_eq!((status, told.as_str()), (400, code), "{body}: {sentence}");
        assert!(sentence.contains(part), "{body}: {sentence}");
    }
    assert_eq!(surface.get("/v1/devices").await.text, "[]");
}

#[tokio::test]
async fn the_path_to_what_is_wrong_is_told_and_all_of_it() {
    let surface = Surface::new().await;
    let body = format!(
        r#"{{"device": "{DEVICE}", "phone": "+16001234561", "message": "x", "actions":
           [{{"action": "labels:add", "params": {{"foo": 1, "metadata": [{{"key": "a"}}]}}}}], "colour": "red"}}"#
    );
    let answer = surface.call("POST", "/v1/messages", Some(&body)).await;
    assert_eq!(answer.refusal().0, 400);
    let body = answer.json();
    let told: Vec<_> =
        body["errors"].as_array().expect("a list").iter().map(|e| e["property"].as_str().expect("a path")).collect();
    assert_eq!(told, ["actions[0].params.foo", "actions[0].params.metadata[0].value", "colour"]);
}

#[tokio::test]
async fn words_are_checked_wherever_they_stand() {
    let surface = Surface::new().await;
    for (property, told) in [
        (r#""actions": [{"action": "chat:explode"}]"#, "actions[0].action"),
        (r#""priority": "soon""#, "priority"),
        (r#""enqueue": "perhaps""#, "enqueue"),
    ] {
        let body = format!(r#"{{"device": "{DEVICE}", "phone": "+16001234561", "message": "x", {property}}}"#);
        let answer = surface.call("POST", "/v1/messages", Some(&body)).await;
        assert_eq!(answer.refusal().1, "body:invalid");
        assert_eq!(answer.json()["errors"][0]["property"], told);
        assert_eq!(answer.json()["errors"][0]["reason"], "value");
    }
}

#[tokio::test]
async fn too_large_a_body_is_not_read() {
    let surface = Surface::new().await;
    let claimed = post(&surface, &[JSON, ("content-length", "99999999")], Body::from("{}")).await;
    let (status, code, _) = claimed.refusal();
    assert_eq!((status, code.as_str()), (413, "body:too_large"));
    let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 64 * 1024]));
    let endless = post(&surface, &[JSON], Body::from_stream(chunks)).await;
    assert_eq!(endless.refusal().0, 413);
}

#[tokio::test]
async fn deep_nesting_is_refused() {
    let surface = Surface::new().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let (status, code, sentence) = post(&surface, &[JSON], Body::from(deep)).await.refusal();
    assert_eq!((status, code.as_str()), (400, "body:broken"));
    assert!(sentence.contains("nested too deeply"), "{sentence}");
}

#[tokio::test]
async fn json_must_be_called_json() {
    let surface = Surface::new().await;
    let body = r#"{"alias": "x"}"#;
    for kind in ["text/plain", "text/csv", "multipart/form-data; boundary=x", "application/xml"] {
        let (status, code, sentence) = post(&surface, &[("content-type", kind)], Body::from(body)).await.refusal();
        assert_eq!((status, code.as_str()), (415, "body:content_type"));
        assert!(sentence.contains(kind), "{sentence}");
    }
    let form = post(&surface, &[("content-type", "application/x-www-form-urlencoded")], Body::from("alias=x")).await;
    assert_eq!(form.status, 415);
    for headers in [
        &[("content-type", "application/json; charset=utf-8")][..],
        &[("content-type", "application/vnd.api+json")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[],
    ] {
        assert_eq!(post(&surface, headers, Body::from(body)).await.status, 201, "{headers:?}");
    }
}

#[tokio::test]
async fn the_same_request_under_the_same_key_makes_one_thing() {
    let surface = Surface::new().await;
    let key = ("idempotency-key", "order-17");
    let first = post(&surface, &[JSON, key], Body::from(r#"{"alias": "x"}"#)).await;
    let second = post(&surface, &[JSON, key], Body::from(r#"{"alias": "x"}"#)).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201), "{}", second.text);
    assert_eq!(first.json()["id"], second.json()["id"]);
    assert_eq!(post(&surface, &[JSON, key], Body::from(r#"{"alias": "y"}"#)).await.refusal().0, 409);
    for bad in ["", "a b", "ä", &"x".repeat(256)] {
        let (status, code, _) =
            post(&surface, &[JSON, ("idempotency-key", bad)], Body::from(r#"{"alias": "x"}"#)).await.refusal();
        assert_eq!((status, code.as_str()), (400, "idempotency:invalid"), "{bad}");
    }
}
