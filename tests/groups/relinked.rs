//! A number that is linked anew: nobody has told it what happened meanwhile.

use reqwest::Method;
use serde_json::{Value, json};

use super::{BEN, OWN, path};
use crate::support::{Server, eventually, text};

#[tokio::test]
async fn groups_of_a_number_that_is_linked_again_are_filled_anew() {
    let server = Server::start().await;
    let (own, ben) = (server.phone(OWN, "Ana").await, server.phone(BEN, "Ben").await);
    let stays = ben.makes_group(json!({ "subject": "One", "participants": [OWN] })).await;
    let goes = ben.makes_group(json!({ "subject": "Gone", "participants": [OWN] })).await;
    let device = server.linked("Support", &own).await;
    server.shows_group(&device, &stays, "its name", |g| g["name"] == "One").await;
    server.shows_group(&device, &goes, "its name", |g| g["name"] == "Gone").await;

    let phone = own.control(Method::GET, &own.path(""), None).await.ok();
    let companion = &phone["devices"][0]["id"];
    own.control(Method::DELETE, &own.path(&format!("/devices/{companion}")), None).await;
    server.session(&device.id, "authorize").await;
    let rename = json!({ "subject": "Two" });
    ben.control(Method::PATCH, &ben.at(&format!("/groups/{stays}")), Some(rename)).await.ok();
    ben.members(&goes, "remove", &[OWN]).await;
    let comes = ben.makes_group(json!({ "subject": "New", "participants": [OWN] })).await;

    let receiver = server.receiver(&["group:update"]).await;
    server.link(&device.id, &own).await;
    server.shows_group(&device, &stays, "its new name", |g| g["name"] == "Two" && g["role"] == "participant").await;
    server.shows_group(&device, &comes, "itself", |g| g["totalParticipants"] == 2).await;
    eventually("the group that is gone to be gone", || async {
        let listed = server.get(&path(&device, "")).await.ok();
        let mut names: Vec<&str> = listed.as_array()?.iter().map(|group| text(group, "/name")).collect();
        names.sort_unstable();
        (names == ["New", "Two"]).then_some(())
    })
    .await;

    // What was there already is no news; what happens from now on is.
    ben.control(Method::PATCH, &ben.at(&format!("/groups/{comes}")), Some(json!({ "subject": "Newer" }))).await.ok();
    let told = receiver.event("the first news", |event| event["event"] == "group:update").await;
    assert_eq!((&told["data"]["id"], &told["data"]["previous"]["name"]), (&json!(comes), &json!("New")), "{told:#}");
    assert!(told["data"]["changes"].as_array().is_some_and(|changes| changes.contains(&Value::from("name"))));
}
