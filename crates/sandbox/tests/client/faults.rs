//! Faults of connections and logins, each with a client living through it.

use std::time::Duration;

use serde_json::{Value, json};
use whatsapp_rust::SendOptions;
use whatsapp_rust::types::events::{ConnectFailureReason, Event, TempBanReason};
use whatsapp_rust::waproto::whatsapp as wa;

use crate::support::{ALICE, BOB, Companion, OWN, Place, jid};

/// A sandbox and a client of [`OWN`] that has written to Alice and heard from
/// her, so that both sides have sessions.
pub(crate) async fn acquainted() -> (Place, Companion) {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    let sent = companion.client.send_text(&jid(ALICE), "good morning").await.unwrap();
    place.sees(ALICE, &sent.message_id).await;
    let id = place.writes(ALICE, OWN, "good morning to you").await;
    companion.message(&id).await;
    (place, companion)
}

impl Place {
    /// A message from Alice arrives at the client, and once only.
    pub(crate) async fn arrives(&self, companion: &Companion, id: &str) {
        companion.message(id).await;
        let last = self.writes(ALICE, OWN, "the last one").await;
        companion.message(&last).await;
        assert_eq!(companion.events.untaken(id), 0, "{id} was shown twice");
    }

    /// What the client has sent is on Alice's phone, once only.
    pub(crate) async fn arrived(&self, id: &str) {
        self.sees(ALICE, id).await;
        let shown = self.get(&format!("/phones/{ALICE}/messages?limit=1000")).await;
        let copies: Vec<_> = shown["messages"].as_array().unwrap().iter().filter(|shown| shown["id"] == id).collect();
        assert_eq!(copies.len(), 1);
        assert_eq!(copies[0]["copies"], 1, "{id} reached the phone twice");
    }

    /// Waits until the server has no connection of the client.
    pub(crate) async fn gone(&self) {
        let offline = |phone: &Value| phone["devices"][0]["online"] == false;
        self.until(&format!("/phones/{OWN}"), offline).await;
    }
}

impl Companion {
    /// The server's answer to a message: the code it was refused with.
    pub(crate) async fn answer(&self, id: &str) -> Option<String> {
        let fits = |event: &Event| match event {
            Event::ServerAck(ack) if ack.id == id => Some(ack.error.clone()),
            _ => None,
        };
        self.events.take(&format!("the answer to {id}"), fits).await
    }

    /// Sends a text under an id of the test's choice.
    pub(crate) async fn send_as(&self, id: &str, text: &str) -> bool {
        let message = wa::Message { conversation: Some(text.to_owned()), ..Default::default() };
        let options = SendOptions::default().with_message_id(id);
        self.client.send_message_with_options(jid(ALICE), message, options).await.is_ok()
    }
}

#[tokio::test]
async fn a_dropped_connection_comes_back_and_nothing_is_missing() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "drop", "phone": OWN})).await;
    place.gone().await;
    let id = place.writes(ALICE, OWN, "while you were away").await;
    companion.connected().await;
    place.arrives(&companion, &id).await;
    let sent = companion.client.send_text(&jid(ALICE), "back again").await.unwrap();
    place.arrived(&sent.message_id).await;
}

#[tokio::test]
async fn stream_errors_that_say_come_again_are_obeyed() {
    for code in [515, 503] {
        let (place, companion) = acquainted().await;
        place.fault(json!({"kind": "stream_error", "phone": OWN, "code": code})).await;
        place.gone().await;
        let id = place.writes(ALICE, OWN, "while you were away").await;
        companion.connected().await;
        place.arrives(&companion, &id).await;
    }
}

#[tokio::test]
async fn a_stream_error_401_logs_the_client_out() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "stream_error", "phone": OWN, "code": 401})).await;
    let out = |event: &Event| match event {
        Event::LoggedOut(out) => Some(out.on_connect),
        _ => None,
    };
    assert!(!companion.events.take("being logged out", out).await);
}

#[tokio::test]
async fn a_client_is_told_that_another_took_its_place() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "conflict", "phone": OWN})).await;
    let replaced = |event: &Event| matches!(event, Event::StreamReplaced(_)).then_some(());
    companion.events.take("being replaced", replaced).await;
}

#[tokio::test]
async fn a_stall_holds_a_message_back_and_loses_nothing() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "stall", "phone": OWN, "ms": 1_500})).await;
    let connections = place.get("/connections").await;
    assert_eq!(connections["connections"][0]["stalled"], true);
    let id = place.writes(ALICE, OWN, "through the stall").await;
    assert!(companion.send_as("STALLED", "into the stall").await);
    let shown = place.get(&format!("/phones/{ALICE}/messages?limit=1000")).await;
    assert!(shown["messages"].as_array().unwrap().iter().all(|shown| shown["id"] != "STALLED"));
    assert_eq!(companion.answer("STALLED").await, None);
    place.arrived("STALLED").await;
    place.arrives(&companion, &id).await;
}

#[tokio::test]
async fn a_half_open_connection_is_left_and_nothing_is_missing() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "half_open", "phone": OWN, "ms": 1_000})).await;
    assert!(companion.send_as("INTO-NOTHING", "does anybody hear me?").await);
    let id = place.writes(ALICE, OWN, "nobody hears you").await;
    companion.connected().await;
    // The client never got an answer, so it sends again under the same id.
    assert!(companion.send_as("INTO-NOTHING", "does anybody hear me?").await);
    place.arrived("INTO-NOTHING").await;
    place.arrives(&companion, &id).await;
}

/// Within this a client has noticed that its connection is dead: it asks every 15
/// to 30 seconds and waits 20 for the answer.
const NOTICED: Duration = Duration::from_secs(100);

#[tokio::test]
async fn a_client_notices_by_itself_that_nobody_answers() {
    let (place, companion) = acquainted().await;
    let bob = Companion::link(&place, BOB).await;
    companion.events.forget_connections();
    place.fault(json!({"kind": "half_open", "phone": OWN})).await;
    place.fault(json!({"kind": "stall", "phone": BOB})).await;
    let id = place.writes(ALICE, OWN, "nobody hears you").await;
    let back = async {
        tokio::join!(companion.events.take_ever(connected), bob.events.take_ever(connected));
    };
    tokio::time::timeout(NOTICED, back).await.expect("both have connected again");
    place.arrives(&companion, &id).await;
    let sent = bob.client.send_text(&jid(ALICE), "heard again").await.unwrap();
    place.arrived(&sent.message_id).await;
}

fn connected(event: &Event) -> Option<()> {
    matches!(event, Event::Connected(_)).then_some(())
}

#[tokio::test]
async fn a_damaged_frame_costs_one_delivery_until_the_next_login() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "corrupt", "phone": OWN})).await;
    let id = place.writes(ALICE, OWN, "after the damaged frame").await;
    place.arrives(&companion, &id).await;

    place.fault(json!({"kind": "corrupt", "phone": OWN, "count": 1})).await;
    let id = place.writes(ALICE, OWN, "in the damaged frame").await;
    place.fault(json!({"kind": "drop", "phone": OWN})).await;
    place.arrives(&companion, &id).await;
}

/// What the client makes of a refused login.
async fn refused<T>(fault: Value, fits: impl Fn(&Event) -> Option<T>) -> (Place, Companion, T) {
    let (place, companion) = acquainted().await;
    place.fault(fault).await;
    place.fault(json!({"kind": "drop", "phone": OWN})).await;
    let found = companion.events.take("what a refused login makes of the client", fits).await;
    (place, companion, found)
}

#[tokio::test]
async fn refused_logins_are_told_apart() {
    let out = |event: &Event| match event {
        Event::LoggedOut(out) => Some((out.on_connect, out.reason)),
        _ => None,
    };
    let failed = |event: &Event| match event {
        Event::ConnectFailure(failure) => Some(failure.reason),
        _ => None,
    };
    let failure = |code: u32| json!({"kind": "failure", "phone": OWN, "code": code});
    let (_, _, reason) = refused(failure(401), out).await;
    assert_eq!(reason, (true, ConnectFailureReason::LoggedOut));
    let (_, _, reason) = refused(failure(403), out).await;
    assert_eq!(reason, (true, ConnectFailureReason::AccountLocked));
    let (_, _, reason) = refused(failure(463), failed).await;
    assert_eq!(reason, ConnectFailureReason::Unknown(463));
    let (place, companion, reason) = refused(failure(503), failed).await;
    assert_eq!(reason, ConnectFailureReason::ServiceUnavailable);
    companion.connected().await;
    let id = place.writes(ALICE, OWN, "there again").await;
    place.arrives(&companion, &id).await;
}

#[tokio::test]
async fn an_outdated_client_hears_it() {
    let outdated = |event: &Event| matches!(event, Event::ClientOutdated(_)).then_some(());
    refused(json!({"kind": "outdated", "phone": OWN}), outdated).await;
    refused(json!({"kind": "failure", "phone": OWN, "code": 405}), outdated).await;
}

#[tokio::test]
async fn a_banned_client_hears_why_and_for_how_long() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "ban", "phone": OWN, "ms": 7_200_000, "code": 104})).await;
    let banned = |event: &Event| match event {
        Event::TemporaryBan(ban) => Some((ban.code.clone(), ban.expire.num_seconds())),
        _ => None,
    };
    let (why, seconds) = companion.events.take("the ban", banned).await;
    assert_eq!(why, TempBanReason::SentTooManySameMessage);
    assert!((7_190..=7_200).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn an_expired_session_is_noticed_at_the_next_login() {
    let (place, companion) = acquainted().await;
    place.fault(json!({"kind": "expire_session", "phone": OWN})).await;
    let out = |event: &Event| match event {
        Event::LoggedOut(out) => Some((out.on_connect, out.reason)),
        _ => None,
    };
    let reason = companion.events.take("being logged out", out).await;
    assert_eq!(reason, (true, ConnectFailureReason::LoggedOut));
    assert_eq!(place.get(&format!("/phones/{OWN}")).await["devices"], json!([]));
}
