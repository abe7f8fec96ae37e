//! A number that is linked again.

use sparkbot_core::network::Report;
use sparkbot_core::phone::Phone;
use sparkbot_core::wid::Wid;

use super::support::Surface;
use super::whatsapp::{Fake, from};

const BEN: &str = "16001234561@c.us";

async fn linked_to(fake: &Fake, number: &str) {
    let phone = Phone::parse(number).expect("a number");
    let wid = Wid::user(&phone);
    let report = Report::Linked { phone, wid, lid: None, push_name: None, business_name: None, platform: None };
    fake.reports(report).await;
}

#[tokio::test]
async fn what_was_wished_for_one_phone_is_not_done_to_another() {
    let fake = Fake::default();
    let surface = Surface::over(fake.clone()).await;
    let made = surface.call("POST", "/v1/devices", Some(r#"{"alias":"Support"}"#)).await.json();
    let device = made["id"].as_str().expect("an id").to_owned();
    surface.call("POST", &format!("/v1/devices/{device}/start"), None).await;
    fake.comes_online().await;
    fake.delivers(&[from(BEN, BEN, "3EB001", "text", Some("hello"), surface.core.now())]).await;
    // Nothing carries wishes out here: they stay what they are.
    let put = surface.call("PUT", &format!("/v1/chat/{device}/chats/{BEN}/archive"), None).await;
    assert!(put.status.is_success(), "{}", put.text);
    let wishes = || async {
        let mut reading = surface.core.store().read().await.expect("a reading");
        reading.server().due_chat_wishes(i64::MAX, 10).await.expect("wishes").len()
    };
    assert_eq!(wishes().await, 1);
    linked_to(&fake, "+16001234560").await;
    assert_eq!(wishes().await, 1, "the same phone");
    linked_to(&fake, "+16001234568").await;
    assert_eq!(wishes().await, 0, "another phone");
}
