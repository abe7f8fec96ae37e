//! App state: keys, versions, MACs.

use wacore::appstate::hash::HashState;
use wacore::appstate::processor::AppStateMutationMAC;
use wacore::store::traits::AppStateSyncKey;

use crate::subjects;

fn mac(index: u8, value: u8) -> AppStateMutationMAC {
    AppStateMutationMAC { index_mac: vec![index; 32], value_mac: vec![value; 32] }
}

#[tokio::test]
async fn the_newest_key_is_the_one_set_last() {
    for subject in subjects().await {
        let store = &subject.backend;
        assert_eq!(store.get_latest_sync_key_id().await.expect("read"), None, "{}", subject.name);
        for id in [[9, 9], [1, 0]] {
            let key = AppStateSyncKey { key_data: vec![id[0]; 32], fingerprint: vec![5], timestamp: 77 };
            store.set_sync_key(&id, key).await.expect("written");
        }
        assert_eq!(store.get_latest_sync_key_id().await.expect("read"), Some(vec![1, 0]), "{}", subject.name);
        let key = store.get_sync_key(&[9, 9]).await.expect("read").expect("there");
        assert_eq!((key.key_data, key.fingerprint, key.timestamp), (vec![9; 32], vec![5], 77), "{}", subject.name);
        assert!(store.get_sync_key(&[0]).await.expect("read").is_none(), "{}", subject.name);
    }
}

#[tokio::test]
async fn versions_start_at_nothing_and_keep_their_hash() {
    for subject in subjects().await {
        let store = &subject.backend;
        let empty = store.get_version("regular").await.expect("read");
        assert_eq!((empty.version, empty.hash), (0, [0; 128]), "{}", subject.name);
        let mut state = HashState { version: 3, hash: [8; 128], ..HashState::default() };
        state.index_value_map.insert("a".to_owned(), vec![1, 2]);
        store.set_version("regular", state).await.expect("written");
        let stored = store.get_version("regular").await.expect("read");
        assert_eq!((stored.version, stored.hash), (3, [8; 128]), "{}", subject.name);
        assert_eq!(stored.index_value_map.get("a"), Some(&vec![1, 2]), "{}", subject.name);
        assert_eq!(store.get_version("critical_block").await.expect("read").version, 0, "{}", subject.name);
    }
}

#[tokio::test]
async fn macs_belong_to_their_collection() {
    for subject in subjects().await {
        let store = &subject.backend;
        store.put_mutation_macs("regular", 1, &[mac(1, 10), mac(2, 20)]).await.expect("written");
        store.put_mutation_macs("regular_low", 1, &[mac(1, 11)]).await.expect("written");
        store.put_mutation_macs("regular", 2, &[mac(2, 21)]).await.expect("written");
        let found = store.get_mutation_macs("regular", &[[1; 32], [2; 32], [3; 32]]).await.expect("read");
        assert_eq!(found.len(), 2, "{}", subject.name);
        assert_eq!(found.get(&[2; 32]), Some(&vec![21; 32]), "{}", subject.name);
        store.delete_mutation_macs("regular", &[vec![1; 32]]).await.expect("deleted");
        assert_eq!(store.get_mutation_mac("regular", &[1; 32]).await.expect("read"), None, "{}", subject.name);
        store.clear_mutation_macs("regular").await.expect("cleared");
        assert_eq!(store.get_mutation_mac("regular", &[2; 32]).await.expect("read"), None, "{}", subject.name);
        let other = store.get_mutation_mac("regular_low", &[1; 32]).await.expect("read");
        assert_eq!(other, Some(vec![11; 32]), "{}", subject.name);
    }
}
