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

#[tokio::test]
async fn numbers_known_under_another_spelling_are_found() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    server.phone("+553187654321", "Bia").await;
    server.phone("+5215512345678", "Memo").await;
    server.phone("+5491123456789", "Nora").await;
    server.linked("Support", &ana).await;
    let numbers = json!({ "numbers": [
        { "phone": "+5531987654321" }, { "phone": "+525512345678" }, { "phone": "+541123456789" }, { "phone": "+5511912345678" },
    ] });
    let found = server.post("/v1/numbers/exists/bulk", numbers).await.ok();
    for (place, asked, wid, known) in [
        (0, "+5531987654321", "553187654321@c.us", "+553187654321"),
        (1, "+525512345678", "5215512345678@c.us", "+5215512345678"),
        (2, "+541123456789", "5491123456789@c.us", "+5491123456789"),
    ] {
        let one = &found[place];
        assert_eq!((&one["exists"], &one["phone"], &one["wid"]), (&json!(true), &json!(asked), &json!(wid)), "{one:#}");
        assert_eq!(one["knownAs"], known);
    }
    assert_eq!((&found[3]["exists"], &found[3]["country"]["name"]), (&json!(false), &json!("Brazil")));
    server.post("/v1/numbers/exists/bulk", json!({ "numbers": [] })).await.refused(400, "numbers:count");
}

#[tokio::test]
async fn numbers_are_validated_with_their_country() {
    let server = Server::start().await;
    let asked = json!({ "country": "DE", "numbers": [{ "phone": "0170 1234567" }, { "phone": "+55 31 98765-4321" }, { "phone": "12" }] });
    let read = server.post("/v1/numbers/validate", asked).await.ok();
    assert_eq!(
        (&read[0]["valid"], &read[0]["phone"], &read[0]["type"]),
        (&json!(true), &json!("+491701234567"), &json!("mobile"))
    );
    let germany = &read[0]["country"];
    assert_eq!(
        (&germany["officialName"], &germany["currency"]),
        (&json!("Federal Republic of Germany"), &json!("EUR"))
    );
    assert_eq!(
        (&germany["flag"], &germany["domain"], &germany["phonePrefix"]),
        (&json!("🇩🇪"), &json!(".de"), &json!("49"))
    );
    assert_eq!(read[1]["country"]["code"], "BR");
    assert_eq!(read[2]["valid"], false);
    assert!(read[2]["error"].is_string());
    let nowhere = json!({ "country": "ZZ", "numbers": [{ "phone": "12" }] });
    server.post("/v1/numbers/validate", nowhere).await.refused(400, "country:invalid");
}
