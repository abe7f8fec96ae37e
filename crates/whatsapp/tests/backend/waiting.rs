//! Messages that wait: sent ones for a retry, received ones for a commit.

use wacore::store::traits::{PendingInboundKey, PendingInboundRow};

use crate::{now, subjects};

const CHAT: &str = "5511@s.whatsapp.net";

#[tokio::test]
async fn a_sent_message_is_taken_once() {
    for subject in subjects().await {
        let store = &subject.backend;
        store.store_sent_message(CHAT, "A", b"old").await.expect("written");
        store.store_sent_message(CHAT, "A", b"new").await.expect("written");
        store.store_sent_message(CHAT, "B", b"").await.expect("written");
        assert_eq!(store.take_sent_message("else@lid", "A").await.expect("read"), None, "{}", subject.name);
        assert_eq!(store.take_sent_message(CHAT, "A").await.expect("read"), Some(b"new".to_vec()), "{}", subject.name);
        assert_eq!(store.take_sent_message(CHAT, "A").await.expect("read"), None, "{}", subject.name);
        assert_eq!(store.take_sent_message(CHAT, "B").await.expect("read"), Some(vec![]), "{}", subject.name);
    }
}

#[tokio::test]
async fn sent_messages_are_pruned_by_age() {
    for subject in subjects().await {
        let store = &subject.backend;
        for n in 0..20 {
            store.store_sent_message(CHAT, &format!("m{n}"), b"x").await.expect("written");
        }
        store.take_sent_message(CHAT, "m7").await.expect("taken");
        assert_eq!(store.delete_expired_sent_messages(now() - 3600).await.expect("pruned"), 0, "{}", subject.name);
        assert_eq!(store.delete_expired_sent_messages(now() + 3600).await.expect("pruned"), 19, "{}", subject.name);
        assert_eq!(store.delete_expired_sent_messages(now() + 3600).await.expect("pruned"), 0, "{}", subject.name);
        assert_eq!(store.take_sent_message(CHAT, "m1").await.expect("read"), None, "{}", subject.name);
    }
}

#[tokio::test]
async fn a_received_message_waits_until_it_is_committed() {
    for subject in subjects().await {
        let store = &subject.backend;
        let get = async |sender: &str, id: &str| store.get_pending_inbound(CHAT, sender, id).await.expect("read");
        store.store_pending_inbound(CHAT, "a@lid", "1", b"first").await.expect("written");
        let rows = [
            PendingInboundRow { chat: CHAT, sender: "a@lid", id: "1", message: b"again" },
            PendingInboundRow { chat: CHAT, sender: "b@lid", id: "1", message: b"other" },
            PendingInboundRow { chat: CHAT, sender: "a@lid", id: "2", message: b"second" },
        ];
        store.store_pending_inbound_batch(&rows).await.expect("written");
        assert_eq!(get("a@lid", "1").await, Some(b"again".to_vec()), "{}", subject.name);
        assert_eq!(get("b@lid", "1").await, Some(b"other".to_vec()), "{}", subject.name);
        store.delete_pending_inbound(CHAT, "a@lid", "1").await.expect("deleted");
        assert_eq!(get("a@lid", "1").await, None, "{}", subject.name);
        let keys = [
            PendingInboundKey { chat: CHAT, sender: "b@lid", id: "1" },
            PendingInboundKey { chat: CHAT, sender: "nobody@lid", id: "1" },
        ];
        store.delete_pending_inbound_batch(&keys).await.expect("deleted");
        assert_eq!(get("b@lid", "1").await, None, "{}", subject.name);
        assert_eq!(store.delete_expired_pending_inbound(now() - 60).await.expect("pruned"), 0, "{}", subject.name);
        assert_eq!(store.delete_expired_pending_inbound(now() + 60).await.expect("pruned"), 1, "{}", subject.name);
        assert_eq!(get("a@lid", "2").await, None, "{}", subject.name);
    }
}

#[tokio::test]
async fn ids_that_look_like_others_are_told_apart() {
    for subject in subjects().await {
        let store = &subject.backend;
        store.store_pending_inbound("a", "bc", "d", b"one").await.expect("written");
        store.store_pending_inbound("ab", "c", "d", b"two").await.expect("written");
        store.store_pending_inbound("a", "b", "cd", b"three").await.expect("written");
        assert_eq!(store.get_pending_inbound("a", "bc", "d").await.expect("read"), Some(b"one".to_vec()));
        assert_eq!(store.get_pending_inbound("ab", "c", "d").await.expect("read"), Some(b"two".to_vec()));
        assert_eq!(store.get_pending_inbound("a", "b", "cd").await.expect("read"), Some(b"three".to_vec()));
    }
}
