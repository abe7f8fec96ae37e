//! Groups and status updates.

use serde_json::{Value, json};
use sparkbot_network::wid::Wid;
use sparkbot_network::{
    Change, Content, NetworkError, Outgoing, Poll, Quote, ReceiptKind, ReceivedContent, Report, Target,
};

use crate::place::{ALICE, Number, OWN, Place, wid};

const BEN: &str = "+16001234562";

/// A group that `by` has made for the three of them.
async fn group(place: &Place, by: &str, settings: Value) -> Wid {
    let people: Vec<&str> = [OWN, ALICE, BEN].into_iter().filter(|number| *number != by).collect();
    place.post("/phones", json!({"phone": BEN, "name": "Ben"})).await.expect("a phone");
    let body = json!({"subject": "Friends", "participants": people, "settings": settings});
    let made = place.post(&format!("/phones/{by}/groups"), body).await.expect("a group");
    made["id"].as_str().expect("an id").parse().expect("a group's id")
}

async fn says(place: &Place, from: &str, group: &Wid, message: Value) -> String {
    let body = json!({"to": group.as_str(), "message": message});
    let sent = place.post(&format!("/phones/{from}/messages"), body).await.expect("sent");
    sent["id"].as_str().expect("an id").to_owned()
}

async fn delivered(number: &Number, id: &str, by: &str) {
    let found = number.recorder.report("a receipt", |report| match report {
        Report::Receipt(receipt)
            if receipt.kind == ReceiptKind::Delivered
                && receipt.by == wid(by)
                && receipt.ids.iter().any(|known| known == id) =>
        {
            Some(receipt.chat.clone())
        }
        _ => None,
    });
    assert!(found.await.as_str().ends_with("@g.us"), "in the group");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_hears_us_and_each_member_confirms() {
    let place = Place::new().await;
    let number = place.linked().await;
    let group = group(&place, OWN, json!({})).await;
    let send = |id: &str, content| number.link.send(Outgoing::new(id, group.clone(), content));
    send("3EB000000000C001", Content::text("hello all")).await.expect("sent");
    for member in [ALICE, BEN] {
        let seen = place.sees(member, "3EB000000000C001").await;
        assert_eq!((&seen["text"], &seen["chat"]), (&json!("hello all"), &json!(group.as_str())));
        delivered(&number, "3EB000000000C001", member).await;
    }

    let id = says(&place, ALICE, &group, json!({"text": "hi"})).await;
    let message = number.recorder.message("a text", |message| message.id == id).await;
    assert_eq!((&message.chat, &message.author, message.from_me), (&group, &wid(ALICE), false));
    let of = Target { id: id.clone(), chat: group.clone(), author: wid(ALICE), from_me: false };
    send("3EB000000000C002", Content::Reaction { of: of.clone(), emoji: "👍".to_owned() }).await.expect("sent");
    place.sees(BEN, "3EB000000000C002").await;
    let shown = place.shows(BEN, &id).await;
    assert_eq!(shown["reactions"][0]["emoji"], "👍", "{shown:#}");
    let quote = Quote { id: id.clone(), chat: None, author: wid(ALICE), text: "hi".to_owned(), raw: None };
    let answer = Outgoing {
        quote: Some(quote),
        mentions: vec![wid(BEN)],
        ..Outgoing::new("3EB000000000C003", group.clone(), Content::text("@16001234562 see"))
    };
    number.link.send(answer).await.expect("sent");
    place.sees(BEN, "3EB000000000C003").await;
    let shown = place.shows(BEN, "3EB000000000C003").await;
    assert_eq!(shown["quoted"]["id"], id.as_str(), "{shown:#}");
    assert_eq!(shown["mentions"], json!([BEN]), "{shown:#}");

    // As the group's admin.
    send("3EB000000000C004", Content::Revoke { of }).await.expect("sent");
    place.sees(BEN, "3EB000000000C004").await;
    assert_eq!(place.shows(BEN, &id).await["revoked"], true);
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_groups_poll_counts_and_admins_delete() {
    let place = Place::new().await;
    let number = place.linked().await;
    let group = group(&place, OWN, json!({})).await;
    let poll = Poll { name: "When?".to_owned(), options: vec!["now".to_owned(), "later".to_owned()], selectable: 1 };
    let outgoing =
        Outgoing { secret: Some([6; 32]), ..Outgoing::new("3EB000000000C101", group.clone(), Content::Poll(poll)) };
    let sent = number.link.send(outgoing).await.expect("sent");
    for member in [ALICE, BEN] {
        place.sees(member, "3EB000000000C101").await;
        let id = says(&place, member, &group, json!({"vote": {"id": "3EB000000000C101", "options": ["later"]}})).await;
        let vote = number.recorder.message("a vote", |message| message.id == id).await;
        let ReceivedContent::Change { of, change: Change::Vote(hashes) } = &vote.content else { panic!("{vote:?}") };
        assert_eq!((&vote.author, &of.author, hashes.len()), (&wid(member), &wid(OWN), 1));
        assert_eq!(hashes[0], wacore::poll::compute_option_hash("later"));
    }
    let target = Target { id: "3EB000000000C101".to_owned(), chat: group.clone(), author: wid(OWN), from_me: true };
    let vote = Content::Vote { poll: target, raw: sent.raw, options: vec!["now".to_owned()] };
    number.link.send(Outgoing::new("3EB000000000C102", group.clone(), vote)).await.expect("sent");
    place.sees(BEN, "3EB000000000C102").await;
    let poll = place.shows(BEN, "3EB000000000C101").await["poll"].clone();
    assert_eq!((&poll["options"][0]["votes"], &poll["options"][1]["votes"]), (&json!(1), &json!(2)), "{poll:#}");

    // Ben becomes an admin and deletes what Alice says.
    let action = json!({"action": "promote", "participants": [BEN]});
    let path = format!("/phones/{OWN}/groups/{}/participants", group.as_str());
    place.post(&path, action).await.expect("promoted");
    let said = says(&place, ALICE, &group, json!({"text": "secret"})).await;
    place.sees(BEN, &said).await;
    let id = says(&place, BEN, &group, json!({"revoke": {"id": said}})).await;
    let deletion = number.recorder.message("a deletion", |message| message.id == id).await;
    let ReceivedContent::Change { of, change: Change::Revoke } = &deletion.content else { panic!("{deletion:?}") };
    assert_eq!((of.id.as_str(), &of.author, &deletion.author), (said.as_str(), &wid(ALICE), &wid(BEN)));
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_does_not_take_a_message_says_why() {
    let place = Place::new().await;
    let number = place.linked().await;
    let silent = group(&place, ALICE, json!({"announcement": true})).await;
    let refused = number.link.send(Outgoing::new("3EB000000000C201", silent, Content::text("may I?"))).await;
    assert!(matches!(refused, Err(NetworkError::Refused { .. })), "{refused:?}");
    let body = json!({"subject": "Others", "participants": [BEN]});
    let other = place.post(&format!("/phones/{ALICE}/groups"), body).await.expect("a group");
    let other: Wid = other["id"].as_str().expect("an id").parse().expect("a group's id");
    let refused = number.link.send(Outgoing::new("3EB000000000C202", other, Content::text("hello?"))).await;
    assert!(matches!(refused, Err(NetworkError::Refused { .. })), "{refused:?}");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_update_is_told_with_its_author() {
    let place = Place::new().await;
    let number = place.linked().await;
    let body = json!({"to": "status@broadcast", "text": "on holiday", "audience": [OWN]});
    let sent = place.post(&format!("/phones/{ALICE}/messages"), body).await.expect("sent");
    let id = sent["id"].as_str().expect("an id").to_owned();
    let update = number.recorder.message("an update", |message| message.id == id).await;
    assert_eq!((update.chat.as_str(), &update.author), ("status@broadcast", &wid(ALICE)));
    assert_eq!(update.body.as_deref(), Some("on holiday"));
    number.link.close().await;
}
