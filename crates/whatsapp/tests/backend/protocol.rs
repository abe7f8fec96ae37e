//! Sender-key holders, addresses, base keys, device lists, groups, tokens.

use wacore::store::traits::{DeviceInfo, DeviceListRecord, LidPnMappingEntry, TcTokenEntry};

use crate::{sorted, subjects};

const GROUP: &str = "120363@g.us";

fn mapping(lid: &str, phone: &str) -> LidPnMappingEntry {
    LidPnMappingEntry {
        lid: lid.to_owned(),
        phone_number: phone.to_owned(),
        created_at: 1,
        updated_at: 2,
        learning_source: "usync".to_owned(),
    }
}

#[tokio::test]
async fn sender_key_holders_are_kept_per_group() {
    for subject in subjects().await {
        let store = &subject.backend;
        let holders = async |group: &str| sorted(store.get_sender_key_devices(group).await.expect("read"));
        assert!(holders(GROUP).await.is_empty(), "{}", subject.name);
        store.set_sender_key_status(GROUP, &[("a@lid", true), ("b@lid", true)]).await.expect("written");
        store.set_sender_key_status(GROUP, &[("b@lid", false), ("c@lid", true)]).await.expect("written");
        store.set_sender_key_status("2@g.us", &[("a@lid", true), ("d@lid", true)]).await.expect("written");
        let expected = [("a@lid", true), ("b@lid", false), ("c@lid", true)].map(|(d, has)| (d.to_owned(), has));
        assert_eq!(holders(GROUP).await, expected, "{}", subject.name);
        store.delete_sender_key_device_rows(&["a@lid", "c@lid"]).await.expect("deleted");
        store.delete_sender_key_device_rows(&[]).await.expect("nothing");
        assert_eq!(holders(GROUP).await, [("b@lid".to_owned(), false)], "{}", subject.name);
        assert_eq!(holders("2@g.us").await, [("d@lid".to_owned(), true)], "{}", subject.name);
        store.clear_sender_key_devices(GROUP).await.expect("cleared");
        assert!(holders(GROUP).await.is_empty(), "{}", subject.name);
        assert_eq!(holders("2@g.us").await.len(), 1, "{}", subject.name);
        store.clear_all_sender_key_devices().await.expect("cleared");
        assert!(holders("2@g.us").await.is_empty(), "{}", subject.name);
    }
}

#[tokio::test]
async fn addresses_are_found_from_both_sides() {
    for subject in subjects().await {
        let store = &subject.backend;
        store.put_lid_mapping(&mapping("100", "5511")).await.expect("written");
        store.put_lid_mappings(&[mapping("200", "5522"), mapping("300", "5533")]).await.expect("written");
        let by_lid = store.get_lid_mapping("200").await.expect("read").expect("there");
        assert_eq!((by_lid.phone_number.as_str(), by_lid.learning_source.as_str()), ("5522", "usync"));
        assert_eq!(store.get_pn_mapping("5511").await.expect("read").expect("there").lid, "100", "{}", subject.name);
        assert!(store.get_pn_mapping("5599").await.expect("read").is_none(), "{}", subject.name);
        let all = store.get_all_lid_mappings().await.expect("read");
        assert_eq!(sorted(all.into_iter().map(|entry| entry.lid)), ["100", "200", "300"], "{}", subject.name);
    }
}

#[tokio::test]
async fn a_person_who_changes_the_number_is_no_longer_found_by_the_old_one() {
    for subject in subjects().await {
        let store = &subject.backend;
        store.put_lid_mapping(&mapping("100", "5511")).await.expect("written");
        store.put_lid_mapping(&mapping("100", "5522")).await.expect("written");
        assert!(store.get_pn_mapping("5511").await.expect("read").is_none(), "{}", subject.name);
        assert_eq!(store.get_pn_mapping("5522").await.expect("read").expect("there").lid, "100", "{}", subject.name);
        store.put_lid_mapping(&mapping("200", "5522")).await.expect("written");
        assert_eq!(store.get_pn_mapping("5522").await.expect("read").expect("there").lid, "200", "{}", subject.name);
    }
}

#[tokio::test]
async fn base_keys_are_compared() {
    for subject in subjects().await {
        let store = &subject.backend;
        let same = async |id: &str, key: &[u8]| store.has_same_base_key("a@lid", id, key).await.expect("read");
        assert!(!same("M", b"key").await, "{}", subject.name);
        store.save_base_key("a@lid", "M", b"key").await.expect("written");
        assert!(same("M", b"key").await, "{}", subject.name);
        assert!(!same("M", b"other").await, "{}", subject.name);
        assert!(!same("N", b"key").await, "{}", subject.name);
        store.delete_base_key("a@lid", "M").await.expect("deleted");
        assert!(!same("M", b"key").await, "{}", subject.name);
    }
}

#[tokio::test]
async fn device_lists_and_groups_are_kept_and_removed() {
    for subject in subjects().await {
        let store = &subject.backend;
        let record = |user: &str, devices: Vec<DeviceInfo>| DeviceListRecord {
            user: user.to_owned(),
            devices,
            timestamp: 7,
            phash: Some("2:x".to_owned()),
            raw_id: Some(9),
        };
        store.update_device_list(record("5511", vec![DeviceInfo::new(0, None)])).await.expect("written");
        let two = vec![DeviceInfo::new(0, None), DeviceInfo::new(12, Some(3)).with_hosting(true)];
        store.update_device_lists(vec![record("5511", two), record("5522", vec![])]).await.expect("written");
        let found = store.get_devices("5511").await.expect("read").expect("there");
        assert_eq!(found.devices.len(), 2, "{}", subject.name);
        assert_eq!((found.devices[1].device_id, found.devices[1].is_hosted), (12, true), "{}", subject.name);
        assert_eq!((found.raw_id, found.phash.as_deref()), (Some(9), Some("2:x")), "{}", subject.name);
        store.delete_devices("5511").await.expect("deleted");
        assert!(store.get_devices("5511").await.expect("read").is_none(), "{}", subject.name);
        assert!(store.get_devices("5522").await.expect("read").is_some(), "{}", subject.name);

        store.put_group_metadata(GROUP, b"one").await.expect("written");
        store.put_group_metadata(GROUP, b"two").await.expect("written");
        assert_eq!(store.get_group_metadata(GROUP).await.expect("read"), Some(b"two".to_vec()), "{}", subject.name);
        store.delete_group_metadata(GROUP).await.expect("deleted");
        assert_eq!(store.get_group_metadata(GROUP).await.expect("read"), None, "{}", subject.name);
    }
}

#[tokio::test]
async fn a_fresher_token_is_never_replaced_by_an_older_one() {
    for subject in subjects().await {
        let store = &subject.backend;
        let token = async |jid: &str| {
            let entry = store.get_tc_token(jid).await.expect("read").expect("there");
            (entry.token, entry.token_timestamp, entry.sender_timestamp)
        };
        store.touch_tc_token_sender_timestamp("a@lid", 50).await.expect("written");
        assert_eq!(token("a@lid").await, (vec![], 50, Some(50)), "{}", subject.name);
        store.store_received_tc_token("a@lid", b"first", 10).await.expect("written");
        assert_eq!(token("a@lid").await, (b"first".to_vec(), 10, Some(50)), "{}", subject.name);
        store.store_received_tc_token("a@lid", b"stale", 9).await.expect("ignored");
        store.touch_tc_token_sender_timestamp("a@lid", 40).await.expect("written");
        assert_eq!(token("a@lid").await, (b"first".to_vec(), 10, Some(50)), "{}", subject.name);
        store.store_received_tc_token("a@lid", b"second", 11).await.expect("written");
        store.touch_tc_token_sender_timestamp("a@lid", 60).await.expect("written");
        assert_eq!(token("a@lid").await, (b"second".to_vec(), 11, Some(60)), "{}", subject.name);
        store.store_received_tc_token("b@lid", b"b", 5).await.expect("written");
        assert_eq!(token("b@lid").await, (b"b".to_vec(), 5, None), "{}", subject.name);
    }
}

#[tokio::test]
async fn a_token_lives_while_either_side_does() {
    for subject in subjects().await {
        let store = &subject.backend;
        for (jid, token, received, sent) in [
            ("both-old@lid", &b"t"[..], 10, Some(10)),
            ("token-lives@lid", b"t", 100, None),
            ("sender-lives@lid", b"t", 10, Some(100)),
            ("empty-token@lid", b"", 100, None),
        ] {
            let entry = TcTokenEntry { token: token.to_vec(), token_timestamp: received, sender_timestamp: sent };
            store.put_tc_token(jid, &entry).await.expect("written");
        }
        assert_eq!(store.delete_expired_tc_tokens(50, 50).await.expect("pruned"), 2, "{}", subject.name);
        let left = sorted(store.get_all_tc_token_jids().await.expect("read"));
        assert_eq!(left, ["sender-lives@lid", "token-lives@lid"], "{}", subject.name);
        store.delete_tc_token("token-lives@lid").await.expect("deleted");
        assert!(store.get_tc_token("token-lives@lid").await.expect("read").is_none(), "{}", subject.name);
    }
}
