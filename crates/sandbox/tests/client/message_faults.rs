//! Faults of what passes over a connection, each with a client living through
//! it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::faults::acquainted;
use crate::support::{ALICE, OWN, jid};

#[tokio::test]
async fn a_lost_ack_makes_the_client_send_again_and_the_phone_shows_it_once() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "lose_acks", "phone": OWN})).await;
    assert!(companion.send_as("TWICE", "once").await);
    place.arrived("TWICE").await;
    assert_eq!(companion.events.acks("TWICE"), 0);
    assert!(companion.send_as("TWICE", "once").await);
    assert_eq!(companion.answer("TWICE").await, None);
    place.arrived("TWICE").await;
}

#[tokio::test]
async fn an_ack_that_comes_twice_is_for_one_message() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "double_acks", "phone": OWN})).await;
    assert!(companion.send_as("ACKED", "once").await);
    let twice = async {
        while companion.events.acks("ACKED") < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), twice).await.expect("two acks");
    place.arrived("ACKED").await;
    assert!(companion.send_as("AFTER", "as ever").await);
    assert_eq!(companion.answer("AFTER").await, None);
}

#[tokio::test]
async fn a_late_ack_comes_late() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "delay_acks", "phone": OWN, "ms": 700})).await;
    let began = tokio::time::Instant::now();
    assert!(companion.send_as("LATE", "on time").await);
    place.arrived("LATE").await;
    assert_eq!(companion.answer("LATE").await, None);
    assert!(began.elapsed() >= Duration::from_millis(700));
}

#[tokio::test]
async fn a_refused_message_has_its_code_and_does_not_arrive() {
    let (place, companion) = acquainted().await;
    for (fault, code) in [
        (json!({"kind": "ack_error", "phone": OWN, "code": 463}), "463"),
        (json!({"kind": "rate_limit", "phone": OWN, "xmlns": null}), "429"),
    ] {
        place.fault(fault).await;
        let id = format!("REFUSED-{code}");
        assert!(companion.send_as(&id, "not for her").await);
        assert_eq!(companion.answer(&id).await.as_deref(), Some(code));
        let sent = companion.client.send_text(&jid(ALICE), "for her").await.unwrap();
        place.arrived(&sent.message_id).await;
        let (status, _) = place.request("GET", &format!("/phones/{ALICE}/messages/{id}"), None).await;
        assert_eq!(status, 404);
    }
}

#[tokio::test]
async fn a_delivery_that_comes_twice_is_shown_once() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "duplicate", "phone": OWN})).await;
    let id = place.writes(ALICE, OWN, "twice").await;
    place.arrives(&companion, &id).await;
}

#[tokio::test]
async fn deliveries_out_of_order_can_be_read() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "reorder", "phone": OWN})).await;
    let first = place.writes(ALICE, OWN, "first").await;
    let second = place.writes(ALICE, OWN, "second").await;
    place.arrives(&companion, &second).await;
    place.arrives(&companion, &first).await;
    let stanzas = place.get(&format!("/traffic?phone={OWN}&limit=1000")).await;
    let written = |id: &str| {
        let stanzas = stanzas["stanzas"].as_array().unwrap();
        stanzas.iter().position(|passed| {
            let stanza = passed["stanza"].as_str().unwrap();
            passed["direction"] == "out" && stanza.starts_with("<message") && stanza.contains(id)
        })
    };
    assert!(written(&second).unwrap() < written(&first).unwrap());
}

#[tokio::test]
async fn a_late_delivery_and_a_lost_one_arrive() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "delay_deliveries", "phone": OWN, "ms": 500})).await;
    let began = tokio::time::Instant::now();
    let id = place.writes(ALICE, OWN, "late").await;
    companion.message(&id).await;
    assert!(began.elapsed() >= Duration::from_millis(500));

    place.fault(json!({"kind": "lose_deliveries", "phone": OWN})).await;
    let lost = place.writes(ALICE, OWN, "lost").await;
    let next = place.writes(ALICE, OWN, "not lost").await;
    companion.message(&next).await;
    assert_eq!(companion.events.untaken(&lost), 0);
    place.fault(json!({"kind": "drop", "phone": OWN})).await;
    place.arrives(&companion, &lost).await;
}

#[tokio::test]
async fn a_lost_receipt_makes_the_server_deliver_again() {
    let (place, companion) = acquainted().await;
    // The client answers with an ack and a receipt; both get lost.
    place.fault(json!({"kind": "lose_receipts", "phone": OWN, "count": 0})).await;
    let id = place.writes(ALICE, OWN, "again").await;
    companion.message(&id).await;
    let queued = |phone: &Value| phone["devices"][0]["queued"].as_u64().is_some_and(|queued| queued > 0);
    place.until(&format!("/phones/{OWN}"), queued).await;
    place.request("DELETE", "/faults", None).await;
    place.fault(json!({"kind": "drop", "phone": OWN})).await;
    companion.connected().await;
    let empty = |phone: &Value| phone["devices"][0]["queued"] == 0;
    place.until(&format!("/phones/{OWN}"), empty).await;
    assert_eq!(companion.events.untaken(&id), 0, "the client knew it");
}

#[tokio::test]
async fn what_can_not_be_decrypted_is_asked_for_again() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "damage_deliveries", "phone": OWN})).await;
    // It asks Alice for another copy and its own phone for what it lacks, so that
    // it may be told twice; what it is told is the same.
    let id = place.writes(ALICE, OWN, "damaged for the client").await;
    let message = companion.message(&id).await;
    assert_eq!(message.message.conversation.as_deref(), Some("damaged for the client"));

    place.fault(json!({"kind": "damage_messages", "phone": OWN})).await;
    assert!(companion.send_as("DAMAGED", "damaged for the phone").await);
    let failed = |event: &Value| event["kind"] == "undecryptable" && event["id"] == "DAMAGED";
    place.event(ALICE, failed).await;
    place.arrived("DAMAGED").await;
}

#[tokio::test]
async fn iqs_are_refused_and_the_next_one_is_not() {
    let (place, companion) = acquainted().await;
    for (kind, code) in [("iq_error", 503), ("rate_limit", 429)] {
        place.fault(json!({"kind": kind, "phone": OWN, "xmlns": "status", "code": code})).await;
        let error = companion.client.profile().set_status_text("refused").await.unwrap_err();
        let said = format!("{error:?}");
        assert!(said.contains(&code.to_string()), "{said}");
        companion.client.profile().set_status_text(kind).await.unwrap();
        assert_eq!(place.get(&format!("/phones/{OWN}")).await["about"], kind);
    }
}

#[tokio::test]
async fn late_and_lost_answers_do_not_keep_the_client_from_connecting() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "delay_iqs", "phone": OWN, "xmlns": "passive", "ms": 1_200})).await;
    place.fault(json!({"kind": "lose_iqs", "phone": OWN, "xmlns": "abt", "count": 0})).await;
    place.fault(json!({"kind": "drop", "phone": OWN})).await;
    let began = tokio::time::Instant::now();
    companion.connected().await;
    assert!(began.elapsed() >= Duration::from_millis(1_200), "the answer was not late");
    let id = place.writes(ALICE, OWN, "there?").await;
    place.arrives(&companion, &id).await;
}

#[tokio::test]
async fn a_wrong_clock_is_seen_in_what_arrives() {
    let (place, companion) = acquainted().await;
    let right = companion.message(&place.writes(ALICE, OWN, "now").await).await.info.timestamp;
    let fault = place.fault(json!({"kind": "skew_clock", "skewMs": -86_400_000})).await;
    let wrong = companion.message(&place.writes(ALICE, OWN, "yesterday").await).await.info.timestamp;
    let behind = (right - wrong).num_seconds();
    assert!((86_370..=86_400).contains(&behind), "{behind}");
    // A login under a wrong clock works, and so does everything after it.
    place.fault(json!({"kind": "drop", "phone": OWN})).await;
    companion.connected().await;
    let (status, _) = place.request("DELETE", &format!("/faults/{}", fault["id"]), None).await;
    assert_eq!(status, 204);
    let sent = companion.client.send_text(&jid(ALICE), "today").await.unwrap();
    place.arrived(&sent.message_id).await;
}

#[tokio::test]
async fn everything_arrives_once_while_things_go_wrong_at_random() {
    let (place, companion) = acquainted().await;
    let plan = [
        json!({"kind": "drop", "probability": 0.03, "count": 2}),
        json!({"kind": "lose_acks", "probability": 0.2}),
        json!({"kind": "delay_acks", "probability": 0.2, "ms": 200}),
        json!({"kind": "duplicate", "probability": 0.2}),
        json!({"kind": "reorder", "probability": 0.2}),
        json!({"kind": "lose_deliveries", "probability": 0.1}),
        json!({"kind": "damage_deliveries", "probability": 0.1}),
    ];
    // Not among them: damage_messages. This client acknowledges the wish to send
    // again before it has sent, so that a connection lost in between loses it.
    for (at, mut fault) in plan.into_iter().enumerate() {
        fault["phone"] = OWN.into();
        fault["seed"] = (1_000 + at).into();
        if fault.get("count").is_none() {
            fault["forMs"] = 60_000.into();
        }
        place.fault(fault).await;
    }
    let mut from_alice = Vec::new();
    for n in 0..25 {
        from_alice.push(place.writes(ALICE, OWN, &format!("from Alice {n}")).await);
        companion.send_as(&format!("OUT-{n}"), &format!("to Alice {n}")).await;
    }
    let struck: BTreeMap<String, u64> = {
        let all = place.get("/faults").await;
        let all = [&all["faults"], &all["over"]].into_iter().flat_map(|list| list.as_array().unwrap().clone());
        all.map(|fault| (fault["kind"].as_str().unwrap().to_owned(), fault["struck"].as_u64().unwrap())).collect()
    };
    assert!(struck.values().filter(|struck| **struck > 0).count() >= 5, "{struck:?}");
    place.request("DELETE", "/faults", None).await;
    // One more login brings what was lost on the way; what was never answered
    // is sent again under its id.
    place.fault(json!({"kind": "drop", "phone": OWN})).await;
    place.gone().await;
    companion.events.forget_connections();
    companion.connected().await;
    for n in 0..25 {
        let id = format!("OUT-{n}");
        if companion.events.acks(&id) == 0 {
            assert!(companion.send_as(&id, &format!("to Alice {n}")).await);
        }
    }
    for n in 0..25 {
        place.arrived(&format!("OUT-{n}")).await;
    }
    for id in from_alice {
        companion.kept.has(&id).await;
    }
}
