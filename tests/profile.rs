//! What people see of a number: changed here and seen by others, changed on the
//! phone and seen here.

use reqwest::Method;
use serde_json::{Value, json};

use crate::groups::{PICTURE, base64, served};
use crate::support::{Phone, Receiver, Server, eventually, text};

const OWN: &str = "+16001234560";
const BEN: &str = "+16001234561";

impl Phone {
    /// What the phone sees of somebody.
    async fn sees(&self, what: &str, person: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let path = self.path(&format!("/people/{}", person.replace('+', "%2B")));
        eventually(&format!("{} to see {what}", self.number), || async {
            Some(self.control(Method::GET, &path, None).await.body).filter(|seen| wanted(seen))
        })
        .await
    }

    async fn own(&self, method: Method, rest: &str, body: Option<Value>) -> Value {
        self.control(method, &self.path(rest), body).await.ok()
    }
}

/// Waits for the event of a change of the profile.
async fn changed(receiver: &Receiver, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let is_it = |event: &Value| {
        let data = &event["data"];
        let words = data["changes"].as_array();
        event["event"] == "number:session"
            && data["change"] == "profile"
            && words.is_some_and(|words| words.iter().any(|word| word == what))
            && wanted(&data["profile"])
    };
    receiver.event(&format!("a change of {what}"), is_it).await
}

/// Width and height of a JPEG, as its frame header says.
fn dimensions(jpeg: &[u8]) -> (u16, u16) {
    assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]), "a JPEG");
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0] || pair == [0xff, 0xc2]).expect("a frame");
    let number = |at: usize| u16::from_be_bytes([jpeg[frame + at], jpeg[frame + at + 1]]);
    (number(7), number(5))
}

#[tokio::test]
async fn what_people_see_of_a_number_is_changed_and_kept_right() {
    let server = Server::start().await;
    let (own, ben) = (server.phone(OWN, "Ana").await, server.phone(BEN, "Ben").await);
    let device = server.linked("Support", &own).await;
    let receiver = server.receiver(&["number:session"]).await;
    let path = format!("/v1/devices/{}/profile", device.id);
    let image = format!("{path}/image");

    // Before anything was set.
    let first = eventually("the profile", || async {
        Some(server.get(&path).await.ok()).filter(|profile| profile["lastSyncAt"].is_string())
    })
    .await;
    assert_eq!((&first["name"], &first["isBusiness"], &first["image"]), (&json!("Ana"), &json!(false), &Value::Null));
    assert!(first.get("businessProfile").is_none());
    server.get(&image).await.refused(404, "profile:no_image");

    // Name and status.
    let now = server.patch(&path, json!({ "name": " Ana's shop ", "status": "Open from Monday" })).await.ok();
    assert_eq!((&now["name"], &now["status"]), (&json!("Ana's shop"), &json!("Open from Monday")));
    assert_eq!(now["info"], "Open from Monday");
    ben.sees("the name and status", OWN, |seen| seen["name"] == "Ana's shop" && seen["about"] == "Open from Monday")
        .await;
    let told = changed(&receiver, "name", |profile| profile["status"] == "Open from Monday").await;
    assert_eq!(
        (&told["data"]["previous"]["name"], &told["data"]["changes"]),
        (&json!("Ana"), &json!(["name", "status"]))
    );
    assert!(told["by"]["user"].is_string(), "by whom: {told:#}");
    server.patch(&path, json!({ "status": "" })).await.ok();
    ben.sees("no status", OWN, |seen| seen["about"] == "").await;

    // The picture, from text and from an address.
    let set = server.call(Method::PUT, &image, Some(json!({ "image": PICTURE }))).await.ok();
    assert_eq!(set["image"]["url"], image);
    let seen =
        ben.sees("a picture", OWN, |seen| seen["picture"].as_u64() == text(&set, "/image/id").parse().ok()).await;
    assert!(seen["picture"].is_number(), "{seen:#}");
    let fetch = |known: Option<String>| {
        let request = server.request(Method::GET, &image).header("Token", &server.key);
        server.answer(known.into_iter().fold(request, |request, tag| request.header("If-None-Match", tag)))
    };
    let got = fetch(None).await;
    assert_eq!((got.status, &got.headers["content-type"]), (200, &"image/jpeg".parse().expect("a header")));
    assert_eq!(dimensions(&got.bytes), (200, 200), "the middle of it");
    let tag = got.headers["etag"].to_str().expect("a tag").to_owned();
    assert_eq!(fetch(Some(tag)).await.status, 304);
    let phones = own.control(Method::GET, &own.path("/picture"), None).await;
    assert_eq!(phones.bytes, got.bytes, "what WhatsApp has");
    let with = server.get(&format!("{path}?include=image")).await.ok();
    assert!(text(&with, "/image/data").starts_with("data:image/jpeg;base64,"), "{with:#}");
    assert!(server.get(&path).await.ok()["image"].get("data").is_none());
    let address = served(base64(PICTURE)).await;
    let other = server.call(Method::PUT, &image, Some(json!({ "url": address }))).await.ok();
    assert_ne!(other["image"]["id"], set["image"]["id"]);
    ben.sees("another picture", OWN, |seen| seen["picture"].as_u64() == text(&other, "/image/id").parse().ok()).await;
    changed(&receiver, "image", |profile| profile["image"]["id"] == other["image"]["id"]).await;

    // Changed on the phone.
    own.own(Method::PATCH, "", Some(json!({ "name": "Ana at home" }))).await;
    let told = changed(&receiver, "name", |profile| profile["name"] == "Ana at home").await;
    assert_eq!(told["by"], Value::Null);
    own.own(Method::PUT, "/about", Some(json!({ "about": "Away" }))).await;
    changed(&receiver, "status", |profile| profile["status"] == "Away").await;
    own.own(Method::PUT, "/picture", Some(json!({}))).await;
    changed(&receiver, "image", |profile| profile["image"].is_null()).await;
    server.get(&image).await.refused(404, "profile:no_image");
    let shown = server.get(&path).await.ok();
    assert_eq!(
        (&shown["name"], &shown["status"], &shown["image"]),
        (&json!("Ana at home"), &json!("Away"), &Value::Null)
    );
    let number = server.get(&format!("/v1/devices/{}", device.id)).await.ok();
    assert_eq!((&number["profile"]["name"], &number["profile"]["status"]), (&json!("Ana at home"), &json!("Away")));
    let listed = server.get("/v1/devices").await.ok();
    assert_eq!(listed[0]["profile"]["status"], "Away");

    // What is refused.
    let long = |count: usize| "x".repeat(count);
    server.patch(&path, json!({ "name": long(26) })).await.refused(400, "profile:name");
    server.patch(&path, json!({ "name": " " })).await.refused(400, "profile:name");
    server.patch(&path, json!({ "status": long(140) })).await.refused(400, "profile:status");
    server.patch(&path, json!({ "nickname": "A" })).await.refused(400, "body:unknown_property");
    let business = json!({ "businessProfile": { "email": "shop@example.com" } });
    server.patch(&path, business.clone()).await.refused(409, "profile:not_business");
    let put = |body: Value| server.call(Method::PUT, &image, Some(body));
    put(json!({})).await.refused(400, "picture:source");
    put(json!({ "image": "***" })).await.refused(400, "picture:base64");
    put(json!({ "image": "aGVsbG8=" })).await.refused(400, "media:unsupported");
    put(json!({ "url": "http://127.0.0.1:9/none.png" })).await.refused(400, "picture:unavailable");
    assert_eq!(server.get(&format!("{path}?include=everything")).await.status, 400);
    let away = server.device("Nobody").await;
    let nobody = format!("/v1/devices/{away}/profile");
    assert_eq!(server.get(&nobody).await.ok()["name"], Value::Null);
    server.patch(&nobody, json!({ "name": "A" })).await.refused(503, "session:offline");
    server
        .call(Method::PUT, &format!("{nobody}/image"), Some(json!({ "image": PICTURE })))
        .await
        .refused(503, "session:offline");
}

#[tokio::test]
async fn what_a_business_says_of_itself_is_changed_and_kept_right() {
    let server = Server::start().await;
    let (own, ben) = (server.phone(OWN, "Ana").await, server.phone(BEN, "Ben").await);
    let start = json!({ "verifiedName": "Ana's shop", "description": "Tea", "websites": ["https://old.example.com"],
        "categories": ["Education"], "timezone": "Europe/Berlin",
        "hours": [{ "day": "sun", "mode": "open_24h" }] });
    own.own(Method::PUT, "/business", Some(start.clone())).await;
    let device = server.linked("Support", &own).await;
    let receiver = server.receiver(&["number:session"]).await;
    let path = format!("/v1/devices/{}/profile", device.id);
    let first = eventually("the business profile", || async {
        Some(server.get(&path).await.ok()).filter(|profile| profile["isBusiness"] == true)
    })
    .await;
    assert_eq!(first["businessProfile"]["description"], "Tea");
    assert_eq!(first["businessProfile"]["categories"], json!(["education"]));
    assert_eq!(first["businessProfile"]["businessHours"]["sunday"], json!({ "mode": "24h_open" }));

    // Everything at once.
    let change = json!({ "name": "Ana", "status": "Open", "businessProfile": {
        "description": "Tea from small gardens", "address": "1 Harbour Street", "email": "shop@example.com",
        "websites": ["https://example.com", "https://tea.example.com/"],
        "categories": ["grocery", "restaurant", "other_category"],
        "businessHours": { "timezone": "America/Lima", "monday": { "mode": "hours", "open": "09:00", "close": "17:30" },
            "saturday": { "mode": "appointment" }, "sunday": { "mode": "24h_closed" } } } });
    let now = server.patch(&path, change.clone()).await.ok();
    let business = &now["businessProfile"];
    for field in ["description", "address", "email", "websites", "categories"] {
        assert_eq!(business[field], change["businessProfile"][field], "{field} in {now:#}");
    }
    let hours = &business["businessHours"];
    assert_eq!(hours["timezone"], "America/Lima");
    assert_eq!(hours["monday"], json!({ "mode": "hours", "open": "09:00", "close": "17:30" }));
    assert_eq!((&hours["saturday"]["mode"], &hours["sunday"]["mode"]), (&json!("appointment"), &json!("24h_closed")));
    let phone = own.own(Method::GET, "/business", None).await;
    assert_eq!(
        (&phone["description"], &phone["address"]),
        (&json!("Tea from small gardens"), &json!("1 Harbour Street"))
    );
    assert_eq!((&phone["email"], &phone["timezone"]), (&json!("shop@example.com"), &json!("America/Lima")));
    assert_eq!(phone["websites"], json!(["https://example.com", "https://tea.example.com/"]));
    assert_eq!(phone["categories"], json!(["Grocery Store", "Restaurant", "Other Business"]));
    let days = json!([{ "day": "mon", "mode": "specific_hours", "open": 540, "close": 1050 },
        { "day": "sat", "mode": "appointment_only", "open": null, "close": null }]);
    assert_eq!(phone["hours"], days);
    ben.sees("the status", OWN, |seen| seen["about"] == "Open").await;
    let told = changed(&receiver, "businessProfile.email", |_| true).await;
    assert_eq!(told["data"]["previous"]["businessProfile.websites"], json!(["https://old.example.com"]));

    // One thing leaves the others; empty ones are removed; a zone leaves the days.
    let next = json!({ "businessProfile": { "description": "", "email": "", "address": "", "websites": [],
        "businessHours": { "timezone": "UTC" } } });
    let now = server.patch(&path, next).await.ok();
    let business = &now["businessProfile"];
    for field in ["description", "email", "address"] {
        assert_eq!(business[field], Value::Null, "{field}");
    }
    assert_eq!((&business["websites"], &business["categories"][0]), (&json!([]), &json!("grocery")));
    assert_eq!(
        (&business["businessHours"]["timezone"], &business["businessHours"]["monday"]["mode"]),
        (&json!("UTC"), &json!("hours"))
    );
    let phone = own.own(Method::GET, "/business", None).await;
    assert_eq!(
        (&phone["websites"], &phone["description"], &phone["timezone"]),
        (&json!([]), &json!(""), &json!("UTC"))
    );

    // Changed on the phone.
    own.own(Method::PUT, "/business", Some(start)).await;
    changed(&receiver, "businessProfile.businessHours", |profile| profile["businessProfile"]["description"] == "Tea")
        .await;
    assert_eq!(server.get(&path).await.ok()["businessProfile"]["websites"], json!(["https://old.example.com"]));

    // What is refused, each with its own code.
    for (business, code) in [
        (json!({ "description": "x".repeat(513) }), "profile:description"),
        (json!({ "address": "x".repeat(257) }), "profile:address"),
        (json!({ "email": "nobody" }), "profile:email"),
        (json!({ "websites": ["example.com"] }), "profile:websites"),
        (json!({ "businessHours": { "timezone": "No zone!" } }), "profile:hours"),
        (json!({ "businessHours": { "monday": { "mode": "hours", "open": "9" } } }), "profile:hours"),
        (json!({ "categories": ["circus"] }), "body:invalid"),
        (json!({ "phone": "1" }), "body:unknown_property"),
    ] {
        server.patch(&path, json!({ "businessProfile": business })).await.refused(400, code);
    }
    // A refusal by WhatsApp half way names what was done before.
    let website = format!("https://example.com/{}", "x".repeat(200));
    let much = json!({ "status": "Half", "businessProfile": { "websites": [website, "https://b.example"] } });
    let fault = json!({ "kind": "iq_error", "phone": OWN, "xmlns": "status", "code": 406, "count": 1 });
    own.control(Method::POST, "/faults", Some(fault)).await.ok();
    let half = server.patch(&path, json!({ "name": "Half", "status": "Half" })).await.refused(400, "profile:refused");
    assert_eq!(half["meta"]["done"], json!(["name"]));
    ben.sees("the name", OWN, |seen| seen["name"] == "Half").await;
    server.patch(&path, much).await.ok();
}
