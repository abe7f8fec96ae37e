//! History sync: what a fresh client hears of before, and fetches later.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use whatsapp_rust::types::events::Event;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::history_sync::HistorySyncType as Kind;

use crate::support::{ALICE, Companion, OWN, Place, jid};

/// The next part that fits.
async fn part(companion: &Companion, what: &str, fits: impl Fn(&wa::HistorySync) -> bool) -> wa::HistorySync {
    companion
        .events
        .take(what, |event| match event {
            Event::HistorySync(history) => history.get().filter(|history| fits(history)).cloned(),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_fresh_client_is_told_what_was_said_before() {
    let place = Place::new().await;
    let made =
        place.post(&format!("/phones/{OWN}/history"), json!({"chats": 30, "messagesPerChat": 60, "days": 30})).await;
    assert_eq!((&made["chats"], &made["messages"]), (&json!(30), &json!(1_800)));
    let id = place.writes(ALICE, OWN, "just now").await;
    place.sees(OWN, &id).await;
    place.put(&format!("/phones/{OWN}/chats/{ALICE}"), json!({"pinned": true})).await;
    let companion = Companion::link(&place, OWN).await;

    let first = part(&companion, "the first part", |part| part.sync_type == Kind::INITIAL_BOOTSTRAP).await;
    assert_eq!(first.conversations.len(), 31);
    let chat = &first.conversations[0];
    assert_eq!(chat.pn_jid.as_deref(), Some(jid(ALICE).to_string().as_str()), "the pinned chat comes first");
    assert!(chat.pinned > Some(0));
    assert_eq!(chat.unread_count, Some(1));
    let mut ids = BTreeSet::new();
    let mut add = |part: &wa::HistorySync| {
        for message in part.conversations.iter().flat_map(|chat| &chat.messages) {
            let key = message.message.as_option().and_then(|message| message.key.as_option()).unwrap();
            assert!(ids.insert(key.id.clone()), "each message once");
        }
    };
    add(&first);
    loop {
        let recent = part(&companion, "the next part", |part| part.sync_type == Kind::RECENT).await;
        add(&recent);
        if recent.progress == Some(100) {
            break;
        }
    }
    assert_eq!(ids.len(), 1_801);
    let names = part(&companion, "the names", |part| part.sync_type == Kind::PUSH_NAME).await;
    assert!(names.pushnames.iter().any(|name| name.pushname.as_deref() == Some("Alice")));
}

#[tokio::test]
async fn older_messages_are_fetched_on_demand() {
    let place = Place::new().await;
    let messages: Vec<Value> = (0..40)
        .map(|n| json!({"id": format!("OLD{n:02}"), "text": format!("text {n}"), "timestamp": 1_500_000_000 + n, "read": true}))
        .collect();
    place.post(&format!("/phones/{OWN}/history"), json!({"given": [{"chat": ALICE, "messages": messages}]})).await;
    let companion = Companion::link(&place, OWN).await;
    let first = part(&companion, "the first part", |part| part.sync_type == Kind::INITIAL_BOOTSTRAP).await;
    assert_eq!(first.conversations[0].messages.len(), 10);

    companion.client.fetch_message_history(&jid(ALICE), "OLD30", false, 1_500_000_030_000, 25).await.unwrap();
    let older = part(&companion, "what was asked for", |part| part.sync_type == Kind::ON_DEMAND).await;
    let texts: Vec<&str> = older.conversations[0]
        .messages
        .iter()
        .filter_map(|message| message.message.as_option()?.message.as_option()?.conversation.as_deref())
        .collect();
    assert_eq!((texts.len(), texts[0], texts[24]), (25, "text 29", "text 5"));
}

#[tokio::test]
async fn a_phone_with_fifty_thousand_messages_is_linked() {
    let place = Place::new().await;
    let made = place
        .post(&format!("/phones/{OWN}/history"), json!({"chats": 500, "messagesPerChat": 100, "days": 80, "seed": 3}))
        .await;
    assert_eq!(made["messages"], 50_000);
    let companion = Companion::link(&place, OWN).await;
    let mut messages = 0;
    let count = |part: &wa::HistorySync| part.conversations.iter().map(|chat| chat.messages.len()).sum::<usize>();
    loop {
        let first = part(&companion, "the first parts", |part| part.sync_type == Kind::INITIAL_BOOTSTRAP).await;
        messages += count(&first);
        if first.progress == Some(100) {
            break;
        }
    }
    loop {
        let recent = part(&companion, "the recent parts", |part| part.sync_type == Kind::RECENT).await;
        messages += count(&recent);
        if recent.progress == Some(100) {
            break;
        }
    }
    assert_eq!(messages, 50_000);
}
