//! What businesses sell: the number's own catalog, and those of others.

use reqwest::Method;
use serde_json::{Value, json};

use crate::groups::{PICTURE, base64};
use crate::support::{Answer, Phone, Server, eventually, http, text};

const OWN: &str = "+16001234560";
const SHOP: &str = "+16001234561";
const BEN: &str = "+16001234562";

impl Phone {
    /// Makes the account a business.
    async fn opens(&self, name: &str) {
        self.control(Method::PUT, &self.path("/business"), Some(json!({ "verifiedName": name }))).await.ok();
    }

    /// Puts something into its catalog; its id.
    async fn offers(&self, product: Value) -> String {
        text(&self.control(Method::POST, &self.path("/products"), Some(product)).await.ok(), "/id").to_owned()
    }
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|product| text(product, "/name")).collect()
}

fn age(answer: &Answer) -> u64 {
    answer.headers["age"].to_str().expect("an age").parse().expect("seconds")
}

#[tokio::test]
async fn catalogs_are_shown_kept_and_asked_for_again() {
    let server = Server::start().await;
    let (own, shop) = (server.phone(OWN, "Ana").await, server.phone(SHOP, "Shop").await);
    server.phone(BEN, "Ben").await;
    own.opens("Ana's shop").await;
    let image = {
        use ::base64::Engine;
        ::base64::engine::general_purpose::STANDARD.encode(base64(PICTURE))
    };
    let tea = json!({ "name": "Green tea", "description": "From small gardens", "price1000": 12_500, "currency": "EUR",
        "retailerId": "TEA-100", "url": "https://example.com/tea", "images": [image, image], "collections": ["Tea"] });
    let tea = own.offers(tea).await;
    own.offers(json!({ "name": "Secret tea", "hidden": true })).await;
    own.offers(json!({ "name": "Cup", "inStock": false })).await;
    let device = server.linked("Support", &own).await;
    let path = format!("/v1/devices/{}/catalog", device.id);

    // One's own, with what is hidden.
    let first = server.get(&path).await;
    assert_eq!(first.headers["x-total-count"], "3");
    assert!(age(&first) < 60);
    let all = first.ok();
    assert_eq!(names(&all), ["Green tea", "Secret tea", "Cup"]);
    let shown = &all[0];
    let wanted = json!({ "id": tea, "seller": "16001234560@c.us", "description": "From small gardens", "price": 12.5,
        "currency": "EUR", "retailerId": "TEA-100", "url": "https://example.com/tea", "availability": "in_stock",
        "isHidden": false, "reviewStatus": "approved", "link": format!("https://wa.me/p/{tea}/16001234560") });
    for (field, value) in wanted.as_object().expect("an object") {
        assert_eq!(shown[field], *value, "{field} in {shown:#}");
    }
    assert_eq!(shown["images"].as_array().map(Vec::len), Some(2));
    let bytes = http().get(text(shown, "/thumbnail")).send().await.expect("the media host").bytes().await;
    assert_eq!(bytes.expect("bytes").to_vec(), base64(PICTURE));
    assert_eq!((&all[1]["isHidden"], &all[2]["availability"]), (&json!(true), &json!("out_of_stock")));
    assert_eq!(all[2]["price"], Value::Null);

    // In pages.
    let page = server.get(&format!("{path}?size=2&page=1")).await;
    assert!(page.headers["link"].to_str().expect("links").contains("page=0>; rel=\"prev\""));
    assert_eq!(names(&page.ok()), ["Cup"]);
    assert_eq!(server.get(&format!("{path}?size=501")).await.status, 400);
    assert_eq!(server.get(&format!("{path}?size=0")).await.status, 400);

    // What is changed on the phone is told, and the number shows it.
    own.offers(json!({ "name": "Pot" })).await;
    let number = format!("/v1/devices/{}?include=catalog", device.id);
    let shown = eventually("the new product", || async {
        Some(server.get(&number).await.ok()).filter(|number| number["catalog"].as_array().map(Vec::len) == Some(4))
    })
    .await;
    assert_eq!(shown["catalog"][3]["name"], "Pot");
    assert!(server.get(&format!("/v1/devices/{}", device.id)).await.ok().get("catalog").is_none());
    assert_eq!(server.get(&path).await.ok().as_array().map(Vec::len), Some(4));

    // Others: what they hide is not shown; more than WhatsApp answers at once.
    server.post(&path, json!({ "phone": SHOP })).await.refused(404, "catalog:notfound");
    shop.opens("The shop").await;
    for n in 0..120 {
        shop.offers(json!({ "name": format!("Thing {n}"), "hidden": n == 7 })).await;
    }
    let asked = server.post(&path, json!({ "phone": SHOP, "size": 500 })).await;
    assert_eq!(asked.headers["x-total-count"], "119");
    let things = asked.ok();
    assert_eq!(names(&things).len(), 119);
    assert!(!names(&things).contains(&"Thing 7"));
    assert_eq!((&things[0]["name"], &things[118]["name"]), (&json!("Thing 0"), &json!("Thing 119")));
    assert_eq!(things[0]["seller"], "16001234561@c.us");
    let second = server.post(&path, json!({ "phone": "16001234561@c.us", "size": 50, "page": 2 })).await.ok();
    assert_eq!((names(&second).len(), &second[0]["name"]), (19, &json!("Thing 101")));
    assert_eq!(server.post(&path, json!({ "phone": SHOP })).await.ok().as_array().map(Vec::len), Some(100));

    // What is kept is shown until it is old, or WhatsApp is asked on purpose.
    shop.offers(json!({ "name": "New thing" })).await;
    let kept = server.post(&path, json!({ "phone": SHOP, "size": 1 })).await;
    assert_eq!(kept.headers["x-total-count"], "119");
    let asked = server.post(&path, json!({ "phone": SHOP, "size": 1, "sync": true })).await;
    assert_eq!(asked.headers["x-total-count"], "120");
    server.post(&path, json!({ "phone": BEN })).await.refused(404, "catalog:notfound");
    server.post(&path, json!({ "phone": "12" })).await.refused(400, "phone:invalid");
    server.post(&path, json!({})).await.refused(400, "body:invalid");
    server.post(&path, json!({ "phone": SHOP, "limit": 5 })).await.refused(400, "body:unknown_property");

    // Without a connection what is kept is shown, and nothing else.
    server.patch(&format!("/v1/devices/{}", device.id), json!({ "enable": false })).await.ok();
    assert_eq!(server.get(&format!("{path}?size=1")).await.ok()[0]["id"], tea);
    server.get(&format!("{path}?sync=true")).await.refused(503, "session:offline");
    server.post(&path, json!({ "phone": BEN })).await.refused(503, "session:offline");
    let nobody = server.device("Nobody").await;
    server.get(&format!("/v1/devices/{nobody}/catalog")).await.refused(503, "session:offline");
}
