//! Reactions, edits, deletions, votes and answers take effect on their message,
//! whoever makes them.

use serde_json::json;

use super::{ANA, ANA_ID, BEN, BEN_ID, message, says_to, shows};
use crate::support::Server;

#[tokio::test]
async fn reactions_are_gathered_on_their_message() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:reaction", "message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    let sent = server.send(&device.id, BEN, "How was it?").await;
    ben.receives("How was it?").await;
    let id = sent["waId"].as_str().expect("its id").to_owned();
    says_to(&ben, ANA, json!({ "reaction": { "id": id, "emoji": "👍" } })).await;
    let event = receiver.event("the reaction", |e| e["event"] == "message:reaction").await;
    assert_eq!((&event["id"], &event["data"]["reaction"]["emoji"]), (&json!(id), &json!("👍")));
    assert_eq!(event["data"]["reaction"]["from"], BEN_ID);
    assert_eq!(event["data"]["body"], "How was it?");
    let shown = message(&server, &device.id, &id, "the reaction", |m| m["reactions"][0]["emoji"] == "👍").await;
    assert_eq!(shown["reactions"].as_array().map(Vec::len), Some(1));
    says_to(&ana, BEN, json!({ "reaction": { "id": id, "emoji": "🎉" } })).await;
    let shown =
        message(&server, &device.id, &id, "both", |m| m["reactions"].as_array().is_some_and(|r| r.len() == 2)).await;
    let own = shown["reactions"].as_array().is_some_and(|all| all.iter().any(|one| one["from"] == ANA_ID));
    assert!(own, "the phone's own reaction counts, too: {shown:#}");
    says_to(&ben, ANA, json!({ "reaction": { "id": id, "emoji": "" } })).await;
    message(&server, &device.id, &id, "one taken back", |m| {
        m["reactions"].as_array().is_some_and(|r| r.len() == 1 && r[0]["emoji"] == "🎉")
    })
    .await;
    let listed = server.get(&format!("/v1/chat/{}/messages", device.id)).await.ok();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "reactions are no messages: {listed:#}");
}

#[tokio::test]
async fn what_a_person_edits_and_deletes_changes_here() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:update", "message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    let id = ben.send(ANA, "See you at fuor").await;
    receiver.gets("message:in:new", "See you at fuor").await;
    says_to(&ben, ANA, json!({ "edit": { "id": id, "text": "See you at four" } })).await;
    let event = receiver.gets("message:update", "See you at four").await;
    assert_eq!((&event["id"], &event["data"]["update"]["type"]), (&json!(id), &json!("edit")));
    let shown = message(&server, &device.id, &id, "the new text", |m| m["body"] == "See you at four").await;
    assert_eq!((&shown["meta"]["isEdited"], &shown["edits"][0]["body"]), (&json!(true), &json!("See you at fuor")));
    let found = |words: &'static str| {
        let (server, device) = (&server, &device);
        async move {
            let path = format!("/v1/chat/{}/messages?search={words}", device.id);
            server.get(&path).await.ok().as_array().map_or(0, Vec::len)
        }
    };
    assert_eq!((found("four").await, found("fuor").await), (1, 0), "the search knows the new text only");
    says_to(&ben, ANA, json!({ "revoke": { "id": id } })).await;
    receiver.event("the deletion", |e| e["data"]["update"]["type"] == "revoke").await;
    let shown = message(&server, &device.id, &id, "that it is deleted", |m| m["status"] == "revoked").await;
    assert!(shown["body"].is_null() && shown["edits"].is_null(), "nothing of it is left: {shown:#}");
    assert_eq!(found("four").await, 0);
}

#[tokio::test]
async fn votes_are_counted_also_when_they_change() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:update", "message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    let poll = json!({ "poll": { "name": "Lunch?", "options": ["Pizza", "Soup", "Cake"], "selectable": 0 } });
    let id = says_to(&ben, ANA, poll).await;
    receiver.event("the poll", |e| e["id"] == id.as_str()).await;
    shows(&ana, &id, "the poll", |m| m["poll"]["name"] == "Lunch?").await;
    says_to(&ben, ANA, json!({ "vote": { "id": id, "options": ["Pizza", "Cake"] } })).await;
    let event = receiver.event("the vote", |e| e["data"]["update"]["type"] == "vote").await;
    assert_eq!(event["data"]["update"]["options"], json!(["Pizza", "Cake"]));
    assert_eq!(event["data"]["update"]["from"], BEN_ID);
    says_to(&ana, BEN, json!({ "vote": { "id": id, "options": ["Pizza"] } })).await;
    let shown = message(&server, &device.id, &id, "both votes", |m| m["poll"]["participants"] == 2).await;
    let votes = |m: &serde_json::Value| {
        m["poll"]["options"].as_array().expect("options").iter().map(|o| o["votes"].as_u64()).collect::<Vec<_>>()
    };
    assert_eq!(votes(&shown), [Some(2), Some(0), Some(1)]);
    assert_eq!(shown["poll"]["count"], 3);
    says_to(&ben, ANA, json!({ "vote": { "id": id, "options": ["Soup"] } })).await;
    let shown = message(&server, &device.id, &id, "the change", |m| m["poll"]["options"][1]["votes"] == 1).await;
    assert_eq!(votes(&shown), [Some(1), Some(1), Some(0)], "a person's last vote counts");
    assert_eq!(shown["poll"]["options"][1]["voters"][0]["id"], BEN_ID);
    says_to(&ben, ANA, json!({ "vote": { "id": id, "options": [] } })).await;
    message(&server, &device.id, &id, "that it is withdrawn", |m| m["poll"]["participants"] == 1).await;
}

#[tokio::test]
async fn answers_to_an_event_and_pins_are_told() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:update", "message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    let id = says_to(&ben, ANA, json!({ "event": { "name": "Party", "startTime": 1_900_000_000 } })).await;
    receiver.event("the event", |e| e["id"] == id.as_str()).await;
    shows(&ana, &id, "the event", |m| m["event"]["name"] == "Party").await;
    says_to(&ana, BEN, json!({ "respond": { "id": id, "answer": "going" } })).await;
    let shown = message(&server, &device.id, &id, "who comes", |m| m["event"]["totalParticipants"] == 1).await;
    assert_eq!(
        (&shown["event"]["attending"], &shown["event"]["participants"][0]["id"]),
        (&json!(true), &json!(ANA_ID))
    );
    let event = receiver.event("the answer", |e| e["data"]["update"]["type"] == "attendance").await;
    assert_eq!(event["data"]["update"]["answer"], "going");
    says_to(&ben, ANA, json!({ "pin": { "id": id } })).await;
    message(&server, &device.id, &id, "the pin", |m| m["meta"]["isPinned"] == true).await;
    says_to(&ben, ANA, json!({ "unpin": { "id": id } })).await;
    message(&server, &device.id, &id, "no pin", |m| m["meta"]["isPinned"] == false).await;
}

#[tokio::test]
async fn an_edit_through_the_api_shows_on_the_phone() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:update", "message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    let sent = server.send(&device.id, BEN, "See you at fuor").await;
    ben.receives("See you at fuor").await;
    let id = sent["waId"].as_str().expect("its id").to_owned();
    let path = format!("/v1/chat/{}/messages/{id}", device.id);
    message(&server, &device.id, &id, "that it was sent", |m| m["flow"] == "outbound").await;
    let edited = server.patch(&path, json!({ "message": "See you at four" })).await.ok();
    assert_eq!((&edited["body"], &edited["meta"]["isEdited"]), (&json!("See you at four"), &json!(true)));
    let shown = shows(&ben, &id, "the new text", |m| m["edited"] == true).await;
    assert_eq!(shown["text"], "See you at four");
    receiver.event("the edit", |e| e["data"]["update"]["type"] == "edit" && e["id"] == id.as_str()).await;
    server.patch(&path, json!({ "message": " " })).await.refused(400, "message:text");
    server.patch(&path, json!({ "message": "x".repeat(6001) })).await.refused(400, "message:text");
    let received = ben.send(ANA, "not yours").await;
    receiver.gets("message:in:new", "not yours").await;
    let others = format!("/v1/chat/{}/messages/{received}", device.id);
    server.patch(&others, json!({ "message": "mine" })).await.refused(409, "message:not_own");
    let nowhere = format!("/v1/chat/{}/messages/3EB0000000000000000000", device.id);
    server.patch(&nowhere, json!({ "message": "mine" })).await.refused(404, "message:notfound");
}

#[tokio::test]
async fn a_message_is_deleted_here_or_for_everybody() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:update", "message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    let path = |id: &str| format!("/v1/chat/{}/messages/{id}", device.id);
    let sent = server.send(&device.id, BEN, "never mind").await;
    ben.receives("never mind").await;
    let id = sent["waId"].as_str().expect("its id").to_owned();
    message(&server, &device.id, &id, "that it was sent", |m| m["flow"] == "outbound").await;
    let deleted = server.delete(&format!("{}?revoke=true", path(&id))).await.ok();
    assert_eq!((&deleted["revoked"], &deleted["removed"]), (&json!(true), &json!(false)));
    shows(&ben, &id, "that it is deleted", |m| m["revoked"] == true).await;
    assert_eq!(server.get(&path(&id)).await.ok()["status"], "revoked");

    let kept = ben.send(ANA, "keep this on the phone").await;
    receiver.gets("message:in:new", "keep this on the phone").await;
    server.delete(&format!("{}?revoke=true", path(&kept))).await.refused(409, "message:not_own");
    let deleted = server.delete(&format!("{}?clean=true", path(&kept))).await.ok();
    assert_eq!((&deleted["revoked"], &deleted["removed"]), (&json!(false), &json!(true)));
    server.get(&path(&kept)).await.refused(404, "message:notfound");
    shows(&ana, &kept, "it still", |m| m["text"] == "keep this on the phone").await;
    receiver.event("the deletion", |e| e["data"]["update"]["type"] == "delete" && e["id"] == kept.as_str()).await;
    let found = server.get(&format!("/v1/chat/{}/messages?search=keep", device.id)).await.ok();
    assert_eq!(found, json!([]));
}
