//! Identities, sessions, prekeys and sender keys.

use std::sync::Arc;

use bytes::Bytes;

use crate::{sorted, subjects};

const ALICE: &str = "5511999990000@s.whatsapp.net";

#[tokio::test]
async fn identities_are_kept_and_removed() {
    for subject in subjects().await {
        let store = &subject.backend;
        assert_eq!(store.load_identity(ALICE).await.expect("read"), None, "{}", subject.name);
        store.put_identity(ALICE, [1; 32]).await.expect("written");
        store.put_identity(ALICE, [2; 32]).await.expect("written");
        let batch: Vec<(Arc<str>, [u8; 32])> = vec![(Arc::from("b@lid"), [3; 32]), (Arc::from("c:4@lid"), [4; 32])];
        store.put_identities_batch(&batch).await.expect("written");
        assert_eq!(store.load_identity(ALICE).await.expect("read"), Some([2; 32]), "{}", subject.name);
        assert_eq!(store.load_identity("c:4@lid").await.expect("read"), Some([4; 32]), "{}", subject.name);
        store.delete_identity(ALICE).await.expect("deleted");
        store.delete_identity("nobody@lid").await.expect("nothing to delete");
        assert_eq!(store.load_identity(ALICE).await.expect("read"), None, "{}", subject.name);
    }
}

#[tokio::test]
async fn sessions_are_overwritten_by_the_latest() {
    for subject in subjects().await {
        let store = &subject.backend;
        let sessions =
            [(Arc::from(ALICE), Bytes::from_static(b"one")), (Arc::from("b:7@lid"), Bytes::from_static(b"two"))];
        store.put_sessions_batch(&sessions).await.expect("written");
        store.put_session(ALICE, b"three").await.expect("written");
        let alice = store.get_session(ALICE).await.expect("read");
        assert_eq!(alice.as_deref(), Some(&b"three"[..]), "{}", subject.name);
        assert!(store.has_session("b:7@lid").await.expect("read"), "{}", subject.name);
        assert!(!store.has_session("b@lid").await.expect("read"), "{}", subject.name);
        store.delete_session("b:7@lid").await.expect("deleted");
        assert!(!store.has_session("b:7@lid").await.expect("read"), "{}", subject.name);
    }
}

#[tokio::test]
async fn a_batch_may_name_an_address_twice() {
    for subject in subjects().await {
        let store = &subject.backend;
        let sessions = [(Arc::from(ALICE), Bytes::from_static(b"one")), (Arc::from(ALICE), Bytes::from_static(b"two"))];
        store.put_sessions_batch(&sessions).await.expect("written");
        let alice = store.get_session(ALICE).await.expect("read");
        assert_eq!(alice.as_deref(), Some(&b"two"[..]), "{}", subject.name);
    }
}

#[tokio::test]
async fn signal_state_is_found_by_user() {
    for subject in subjects().await {
        let store = &subject.backend;
        let has = async |user: &str| store.has_signal_state_for_user(user).await.expect("read");
        assert!(!has("5511999990000").await, "{}", subject.name);
        store.put_session("55119999900001@s.whatsapp.net", b"x").await.expect("written");
        assert!(!has("5511999990000").await, "{}: a longer number is somebody else", subject.name);
        store.put_identity("5511999990000:5@s.whatsapp.net", [7; 32]).await.expect("written");
        assert!(has("5511999990000").await, "{}: another device counts", subject.name);
        store.delete_identity("5511999990000:5@s.whatsapp.net").await.expect("deleted");
        assert!(!has("5511999990000").await, "{}", subject.name);
        store.put_session(ALICE, b"x").await.expect("written");
        assert!(has("5511999990000").await, "{}", subject.name);
    }
}

#[tokio::test]
async fn prekeys_are_ordered_by_number_not_by_text() {
    for subject in subjects().await {
        let store = &subject.backend;
        assert_eq!(store.get_max_prekey_id().await.expect("read"), 0, "{}", subject.name);
        let keys: Vec<(u32, Bytes)> =
            [9, 10, 255, 256, 16_777_215].map(|id: u32| (id, Bytes::from(id.to_string()))).to_vec();
        store.store_prekeys_batch(&keys, false).await.expect("written");
        assert_eq!(store.get_max_prekey_id().await.expect("read"), 16_777_215, "{}", subject.name);
        store.remove_prekey(16_777_215).await.expect("deleted");
        assert_eq!(store.get_max_prekey_id().await.expect("read"), 256, "{}", subject.name);
        let loaded = sorted(store.load_prekeys_batch(&[256, 9, 77, 10]).await.expect("read"));
        let expected: Vec<(u32, Bytes)> = [9, 10, 256].map(|id: u32| (id, Bytes::from(id.to_string()))).to_vec();
        assert_eq!(loaded, expected, "{}", subject.name);
    }
}

#[tokio::test]
async fn a_login_worth_of_prekeys_is_written_at_once() {
    for subject in subjects().await {
        let store = &subject.backend;
        let keys: Vec<(u32, Bytes)> = (1..=812).map(|id| (id, Bytes::from(vec![0; 74]))).collect();
        store.store_prekeys_batch(&keys, false).await.expect("written");
        let ids: Vec<u32> = (1..=900).collect();
        assert_eq!(store.load_prekeys_batch(&ids).await.expect("read").len(), 812, "{}", subject.name);
    }
}

#[tokio::test]
async fn marking_prekeys_never_brings_a_consumed_one_back() {
    for subject in subjects().await {
        let store = &subject.backend;
        store.store_prekey(1, b"one", false).await.expect("written");
        store.store_prekey(2, b"two", false).await.expect("written");
        store.remove_prekey(1).await.expect("consumed");
        store.mark_prekeys_uploaded(&[1, 2, 3]).await.expect("marked");
        assert!(store.load_prekey(1).await.expect("read").is_none(), "{}", subject.name);
        assert!(store.load_prekey(3).await.expect("read").is_none(), "{}", subject.name);
        let kept = store.load_prekey(2).await.expect("read");
        assert_eq!(kept.as_deref(), Some(&b"two"[..]), "{}", subject.name);
    }
}

#[tokio::test]
async fn signed_prekeys_and_sender_keys_are_kept_and_removed() {
    for subject in subjects().await {
        let store = &subject.backend;
        store.store_signed_prekey(1, b"one").await.expect("written");
        store.store_signed_prekey(300, b"two").await.expect("written");
        let all = sorted(store.load_all_signed_prekeys().await.expect("read"));
        assert_eq!(all, [(1, b"one".to_vec()), (300, b"two".to_vec())], "{}", subject.name);
        store.remove_signed_prekey(1).await.expect("deleted");
        assert_eq!(store.load_signed_prekey(1).await.expect("read"), None, "{}", subject.name);

        let key = "120363@g.us:5511999990000.0";
        store.put_sender_key(key, b"old").await.expect("written");
        let batch = [(Arc::from(key), Bytes::from_static(b"new"))];
        store.put_sender_keys_batch(&batch).await.expect("written");
        assert_eq!(store.get_sender_key(key).await.expect("read"), Some(b"new".to_vec()), "{}", subject.name);
        store.delete_sender_key(key).await.expect("deleted");
        assert_eq!(store.get_sender_key(key).await.expect("read"), None, "{}", subject.name);
    }
}
