//! What is full says so, and takes again when there is room.

use serde_json::json;

use crate::support::{BEN, Server};

#[tokio::test]
async fn a_full_queue_refuses_the_next_message_and_keeps_the_others() {
    let server = Server::with(&["--set", "limits.queue=5"]).await;
    let (device, other) = (server.device("Support").await, server.device("Sales").await);
    let send = |device: &str, text: String| {
        let body = json!({ "device": device, "phone": BEN, "message": text });
        server.post("/v1/messages", body)
    };
    for n in 0..5 {
        assert_eq!(send(&device, format!("message {n}")).await.status, 201, "{n}");
    }
    let full = send(&device, "one too many".to_owned()).await;
    assert_eq!(full.headers["retry-after"], "60");
    full.refused(429, "queue:full");
    // Another number's queue is its own.
    assert_eq!(send(&other, "elsewhere".to_owned()).await.status, 201);
    let waiting = server.get("/v1/messages?size=50").await.ok();
    assert_eq!(waiting.as_array().map(Vec::len), Some(6), "{waiting:#}");
    // It is counted where the others are.
    let metrics = server.answer(server.request(reqwest::Method::GET, "/metrics")).await;
    let metrics = String::from_utf8(metrics.bytes).expect("text");
    let counted = r#"sparkbot_http_requests_total{route="/v1/messages",status="429"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
    // With room it goes on.
    let emptied = server.delete(&format!("/v1/devices/{device}/queue")).await;
    assert!(emptied.status < 300, "{:#}", emptied.body);
    crate::support::eventually("the queue to take again", || async {
        (send(&device, "again".to_owned()).await.status == 201).then_some(())
    })
    .await;
}
