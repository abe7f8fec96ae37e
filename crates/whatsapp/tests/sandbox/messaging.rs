//! Sending, receiving, and what comes back.

use serde_json::json;
use sparkbot_network::{Activity, Content, NetworkError, Outgoing, Quote, ReceiptKind, Report};
use std::sync::atomic::Ordering;

use crate::place::{ALICE, Number, OWN, Place, phone, wid};

async fn receipt(number: &Number, id: &str, kind: ReceiptKind) {
    let found = number.recorder.report("receipt", |report| match report {
        Report::Receipt(receipt) if receipt.kind == kind && receipt.ids.iter().any(|known| known == id) => {
            Some(receipt.clone())
        }
        _ => None,
    });
    let receipt = found.await;
    assert_eq!((receipt.chat, receipt.by), (wid(ALICE), wid(ALICE)), "by phone number, whatever the wire says");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_arrives_under_its_own_id_and_is_acknowledged() {
    let place = Place::new().await;
    let number = place.linked().await;
    let sent = number.send(ALICE, "3EB0000000000001", "hello 👋").await.expect("sent");
    assert!(sent.at.is_some());
    assert_eq!(place.sees(ALICE, "3EB0000000000001").await["text"], "hello 👋");
    receipt(&number, "3EB0000000000001", ReceiptKind::Delivered).await;
    place.post(&format!("/phones/{ALICE}/read"), json!({"chat": OWN})).await.expect("read");
    receipt(&number, "3EB0000000000001", ReceiptKind::Read).await;
    assert!(number.link.health().await.last_send_at.is_some());

    // The same id again: the phone shows one message.
    number.send(ALICE, "3EB0000000000001", "hello 👋").await.expect("sent again");
    number.send(ALICE, "3EB0000000000002", "next").await.expect("sent");
    place.sees(ALICE, "3EB0000000000002").await;
    let shown = place.shown(ALICE).await;
    assert_eq!(shown.iter().filter(|message| message["id"] == "3EB0000000000001").count(), 1, "{shown:#?}");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_received_text_has_a_chat_an_author_and_a_name() {
    let place = Place::new().await;
    let number = place.linked().await;
    let id = place.writes(ALICE, "are you there?").await;
    let message = number.recorder.message("message", |message| message.id == id).await;
    assert_eq!((message.kind.as_str(), message.body.as_deref()), ("text", Some("are you there?")));
    assert_eq!((&message.chat, &message.author, message.from_me), (&wid(ALICE), &wid(ALICE), false));
    assert!(message.chat_lid.is_some() && message.author_lid == message.chat_lid, "{message:?}");
    assert_eq!(message.push_name.as_deref(), Some("Alice"));
    assert!(!message.raw.is_empty());

    let quote = Quote { id: id.clone(), chat: None, author: wid(ALICE), text: "are you there?".to_owned(), raw: None };
    let content = Content::text("yes");
    let answer = Outgoing { quote: Some(quote), ..Outgoing::new("3EB0000000000003", wid(ALICE), content) };
    number.link.send(answer).await.expect("sent");
    assert_eq!(place.sees(ALICE, "3EB0000000000003").await["text"], "yes");
    number.link.mark_read(&message.chat, None, std::slice::from_ref(&id)).await.expect("read");
    number.link.show_activity(&message.chat, Activity::Typing).await.expect("typing");
    number.link.show_activity(&message.chat, Activity::Stopped).await.expect("no longer typing");
    number.link.sync().await.expect("synchronised");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_own_phone_writes_is_received_as_its_own() {
    let place = Place::new().await;
    let number = place.linked().await;
    let body = json!({"to": ALICE, "text": "from the phone"});
    let sent = place.post(&format!("/phones/{OWN}/messages"), body).await.expect("sent");
    let id = sent["id"].as_str().expect("an id").to_owned();
    let message = number.recorder.message("message", |message| message.id == id).await;
    assert!(message.from_me);
    assert_eq!((message.chat, message.author), (wid(ALICE), wid(OWN)));
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_looked_up_in_the_order_asked() {
    let place = Place::new().await;
    let number = place.linked().await;
    let asked = [phone("+16009999999"), phone(ALICE), phone(OWN)];
    let answers = number.link.exists(&asked).await.expect("answers");
    let known: Vec<bool> = answers.iter().map(|answer| answer.wid.is_some()).collect();
    assert_eq!(known, [false, true, true]);
    assert_eq!(answers[1].wid, Some(wid(ALICE)));
    assert!(answers.iter().zip(&asked).all(|(answer, phone)| answer.phone == *phone));

    let refused = number.send("+16009999999", "3EB0000000000004", "nobody").await;
    assert!(matches!(refused, Err(NetworkError::NoSuchReceiver(_))), "{refused:?}");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_says_why() {
    let place = Place::new().await;
    let number = place.linked().await;
    place.post("/faults", json!({"kind": "ack_error", "code": 463})).await.expect("a fault");
    let refused = number.send(ALICE, "3EB0000000000005", "first contact").await;
    assert!(matches!(refused, Err(NetworkError::Refused { code: 463, .. })), "{refused:?}");
    let code = number.recorder.report("restriction", |report| match report {
        Report::Restricted { code, .. } => Some(*code),
        _ => None,
    });
    assert_eq!(code.await, 463);
    place.post("/faults", json!({"kind": "ack_error", "code": 429})).await.expect("a fault");
    let refused = number.send(ALICE, "3EB0000000000006", "too fast").await;
    assert!(matches!(refused, Err(NetworkError::TooManyAttempts { .. })), "{refused:?}");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_stands_in_for_a_lost_acknowledgement() {
    let place = Place::new().await;
    let number = place.linked().await;
    number.send(ALICE, "3EB0000000000009", "so that there is a session").await.expect("sent");
    place.post("/faults", json!({"kind": "lose_acks", "phone": OWN})).await.expect("a fault");
    let sent = number.send(ALICE, "3EB000000000000A", "acknowledged by nobody").await.expect("known to have been sent");
    assert!(sent.at.is_some() && !sent.raw.is_empty());
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_leaves_a_message_in_doubt_not_for_lost() {
    let place = Place::new().await;
    let number = place.linked().await;
    number.send(ALICE, "3EB0000000000007", "so that there is a session").await.expect("sent");
    // Otherwise a receipt would tell.
    place.put(&format!("/phones/{ALICE}/script"), json!({"receipts": false})).await.expect("a script");
    place.post("/faults", json!({"kind": "lose_acks"})).await.expect("a fault");
    let before = number.recorder.reports().len();
    let (doubtful, ()) = tokio::join!(number.send(ALICE, "3EB0000000000008", "in doubt"), async {
        place.sees(ALICE, "3EB0000000000008").await;
        place.post("/faults", json!({"kind": "drop", "phone": OWN})).await.expect("a fault");
    });
    assert!(matches!(doubtful, Err(NetworkError::Interrupted)), "{doubtful:?}");
    let online = |report: &Report| matches!(report, Report::Online { .. }).then_some(());
    number.recorder.report_from(before, "online again", online).await;
    number.send(ALICE, "3EB0000000000008", "in doubt").await.expect("repeated under its id");
    let shown = place.shown(ALICE).await;
    assert_eq!(shown.iter().filter(|message| message["id"] == "3EB0000000000008").count(), 1, "{shown:#?}");
    assert!(number.link.health().await.reconnects >= 1);
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_committed_comes_again() {
    let place = Place::new().await;
    let number = place.linked().await;
    number.recorder.broken.store(true, Ordering::Release);
    let id = place.writes(ALICE, "do not lose me").await;
    let before = number.recorder.reports().len();
    // The number gives up on the commit and takes a new connection.
    let connecting = |report: &Report| matches!(report, Report::Connecting).then_some(());
    number.recorder.report_from(before, "new connection", connecting).await;
    number.recorder.broken.store(false, Ordering::Release);
    let message = number.recorder.message("message", |message| message.id == id).await;
    assert_eq!(message.body.as_deref(), Some("do not lose me"));
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_waited_arrive_in_order() {
    let place = Place::new().await;
    let number = place.linked().await;
    place.writes(ALICE, "0").await;
    number.recorder.message("first", |message| message.body.as_deref() == Some("0")).await;
    number.link.close().await;
    for n in 1..=30 {
        place.writes(ALICE, &n.to_string()).await;
    }
    let number = place.open().await;
    number.recorder.message("last", |message| message.body.as_deref() == Some("30")).await;
    let texts: Vec<String> = number.recorder.messages().into_iter().filter_map(|message| message.body).collect();
    let expected: Vec<String> = (1..=30).map(|n: u32| n.to_string()).collect();
    assert_eq!(texts, expected);
    assert!(number.recorder.messages().iter().all(|message| message.offline));
    number.link.close().await;
}
