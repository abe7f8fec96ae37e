//! Secrets of messages and their deadlines.

use std::sync::Arc;

use wacore::store::traits::MsgSecretEntry;

use crate::subjects;

fn entry(id: &str, secret: u8, expires_at: i64, message_ts: i64) -> MsgSecretEntry {
    MsgSecretEntry {
        chat: Arc::from("120363@g.us"),
        sender: Arc::from("5@s.whatsapp.net"),
        msg_id: Arc::from(id),
        secret: [secret; 32],
        expires_at,
        message_ts,
    }
}

#[tokio::test]
async fn a_secret_is_found_by_chat_sender_and_id() {
    for subject in subjects().await {
        let store = &subject.backend;
        assert_eq!(store.put_msg_secrets(vec![entry("A", 1, 0, 50)]).await.expect("written"), 1);
        let found = store.get_msg_secret_with_ts("120363@g.us", "5@s.whatsapp.net", "A").await.expect("read");
        assert_eq!(found, Some((vec![1; 32], 50)), "{}", subject.name);
        for (chat, sender, id) in [
            ("120363@g.us", "5@s.whatsapp.net", "B"),
            ("120363@g.us", "5@lid", "A"),
            ("1@g.us", "5@s.whatsapp.net", "A"),
        ] {
            assert_eq!(store.get_msg_secret(chat, sender, id).await.expect("read"), None, "{}", subject.name);
        }
        store.put_msg_secret("1@lid", "1@lid", "C", &[9; 32]).await.expect("written");
        assert_eq!(store.get_msg_secret("1@lid", "1@lid", "C").await.expect("read"), Some(vec![9; 32]));
    }
}

#[tokio::test]
async fn a_window_never_shrinks() {
    for subject in subjects().await {
        let store = &subject.backend;
        let alive =
            async |id: &str| store.get_msg_secret("120363@g.us", "5@s.whatsapp.net", id).await.expect("read").is_some();
        store.put_msg_secrets(vec![entry("later", 1, 9_000, 50), entry("ever", 1, 0, 50)]).await.expect("written");
        store.put_msg_secrets(vec![entry("later", 2, 5_000, 0), entry("ever", 2, 5_000, 60)]).await.expect("written");
        // Twice in one batch.
        store.put_msg_secrets(vec![entry("twice", 1, 4_000, 0), entry("twice", 2, 7_000, 0)]).await.expect("written");
        assert_eq!(store.delete_expired_msg_secrets(6_999).await.expect("pruned"), 0, "{}", subject.name);
        assert_eq!(
            store.delete_expired_msg_secrets(7_000).await.expect("pruned"),
            1,
            "{}: a deadline reached",
            subject.name
        );
        assert!(!alive("twice").await, "{}", subject.name);
        let later = store.get_msg_secret_with_ts("120363@g.us", "5@s.whatsapp.net", "later").await.expect("read");
        assert_eq!(later, Some((vec![2; 32], 50)), "{}: newest secret, known time", subject.name);
        assert_eq!(store.delete_expired_msg_secrets(i64::MAX).await.expect("pruned"), 1, "{}", subject.name);
        assert!(alive("ever").await, "{}", subject.name);
    }
}

#[tokio::test]
async fn pruning_goes_through_all_ages_and_stops_at_the_living() {
    for subject in subjects().await {
        let store = &subject.backend;
        let entries = (0..1_500).map(|n| entry(&format!("m{n}"), 1, 1_000 + n * 60, 0)).collect();
        store.put_msg_secrets(entries).await.expect("written");
        assert_eq!(store.delete_expired_msg_secrets(999).await.expect("pruned"), 0, "{}", subject.name);
        assert_eq!(
            store.delete_expired_msg_secrets(1_000 + 999 * 60).await.expect("pruned"),
            1_000,
            "{}",
            subject.name
        );
        assert_eq!(store.delete_expired_msg_secrets(1_000 + 999 * 60).await.expect("pruned"), 0, "{}", subject.name);
        assert_eq!(store.delete_expired_msg_secrets(i64::MAX).await.expect("pruned"), 500, "{}", subject.name);
    }
}
