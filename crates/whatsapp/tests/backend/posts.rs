//! Posts of channels and the server's numbers of them.

use std::sync::Arc;

use sparkbot_network::clock::SystemClock;
use sparkbot_whatsapp::storage::Storage;
use wacore::store::traits::MsgSecretStore;

use crate::{now, number, sqlite};

#[tokio::test]
async fn a_post_is_known_by_its_number_until_its_time_is_over() {
    let (store, folder) = sqlite().await;
    let storage = Storage::new(number(&store).await, Arc::new(SystemClock));
    storage.put_post("1@newsletter", "A", 7).await.expect("written");
    storage.put_post("1@newsletter", "A", 8).await.expect("written again");
    assert_eq!(storage.post("1@newsletter", "A").await.expect("read"), Some(8));
    assert_eq!(storage.post("2@newsletter", "A").await.expect("read"), None);
    storage.delete_expired_msg_secrets(now()).await.expect("pruned");
    assert_eq!(storage.post("1@newsletter", "A").await.expect("read"), Some(8));
    storage.delete_expired_msg_secrets(now() + 91 * 86_400).await.expect("pruned");
    assert_eq!(storage.post("1@newsletter", "A").await.expect("read"), None);
    let _ = std::fs::remove_dir_all(folder);
}
