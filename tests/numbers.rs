//! What WhatsApp knows of a phone number.

use serde_json::json;

use crate::support::Server;

const ANA: &str = "+16001234560";

#[tokio::test]
async fn a_number_exists_or_not() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    server.phone("+491701234567", "Dora").await;
    server.post("/v1/numbers/exists", json!({ "phone": "+491701234567" })).await.refused(503, "session:offline");
    server.linked("Support", &ana).await;

    let known = server.post("/v1/numbers/exists", json!({ "phone": "+491701234567" })).await.ok();
    assert_eq!(known["exists"], true);
    assert_eq!(known["wid"], "491701234567@c.us");
    assert_eq!(known["country"]["code"], "DE");
    assert_eq!(known["link"], "https://wa.me/491701234567");
    let unknown = server.post("/v1/numbers/exists", json!({ "phone": "+491709999999" })).await.ok();
    assert_eq!(unknown["exists"], false);
    assert!(unknown["wid"].is_null());
    server.post("/v1/numbers/exists", json!({ "phone": "12" })).await.refused(400, "phone:invalid");
    server.post("/v1/numbers/exists", json!({})).await.refused(400, "body:invalid");
}
