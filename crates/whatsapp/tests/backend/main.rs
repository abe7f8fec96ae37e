//! One suite for every store the client may run on: its own in-memory one as
//! the reference, ours on SQLite, and ours on PostgreSQL when
//! `SPARKBOT_TEST_POSTGRES_URL` names a database.

mod app_sync;
mod device;
mod message_secret;
mod posts;
mod protocol;
mod signal;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sparkbot_network::clock::{Clock, SystemClock};
use sparkbot_network::session_state::SessionState;
use sparkbot_store::Store;
use sparkbot_store::ids::{AccountId, DeviceId};
use sparkbot_store::rows::{AccountRow, DeviceRow};
use sparkbot_store::seal::{MasterKey, Sealer};
use sparkbot_whatsapp::storage::Storage;
use wacore::store::InMemoryBackend;
use wacore::store::traits::Backend;

/// A store under test; dropping it removes its files.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) backend: Arc<dyn Backend>,
    folder: Option<PathBuf>,
}

impl Drop for Subject {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

pub(crate) fn now() -> i64 {
    SystemClock.now() / 1000
}

/// A fresh number on a database, with the account it belongs to.
pub(crate) async fn number(store: &Store) -> SessionState {
    let (account, device) = (AccountId::new(SystemClock.now()), DeviceId::new(SystemClock.now()));
    let row = AccountRow { id: account.clone(), name: "Test".to_owned(), created_at: 0 };
    let number = DeviceRow {
        id: device.clone(),
        account_id: account.clone(),
        alias: "Test".to_owned(),
        description: None,
        plan: "io".to_owned(),
        status: "pending".to_owned(),
        session_status: "new".to_owned(),
        phone: None,
        wid: None,
        lid: None,
        push_name: None,
        wanted: "running".to_owned(),
        settings: "{}".to_owned(),
        auto_replies: "{}".to_owned(),
        auto_assign: "{}".to_owned(),
        session: "{}".to_owned(),
        created_by: "test".to_owned(),
        created_at: 0,
        updated_at: 0,
        removed_at: None,
    };
    let fence: i64 = store
        .write::<_, sparkbot_store::StoreError, _>(move |w| {
            Box::pin(async move {
                w.server().insert_account(&row).await?;
                w.account(&account).insert_device(&number).await?;
                let fence = w.server().acquire_lease(&number.id, "test", 0, i64::MAX).await?;
                Ok(fence.expect("nobody else wants it"))
            })
        })
        .await
        .expect("a lease");
    SessionState::new(store.clone(), device, fence)
}

pub(crate) async fn sqlite() -> (Store, PathBuf) {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let unique = format!("sparkbot-backend-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(unique);
    std::fs::create_dir_all(&folder).expect("a folder");
    let url = Store::sqlite_url(&folder.join("test.db"));
    let store = Store::open(&url, Sealer::new(&MasterKey::random(), &[])).await.expect("a database");
    (store, folder)
}

pub(crate) fn ours(state: SessionState) -> Arc<dyn Backend> {
    Arc::new(Storage::new(state, Arc::new(SystemClock)))
}

/// All stores, each empty.
pub(crate) async fn subjects() -> Vec<Subject> {
    let mut subjects = vec![Subject { name: "reference", backend: Arc::new(InMemoryBackend::new()), folder: None }];
    let (store, folder) = sqlite().await;
    subjects.push(Subject { name: "SQLite", backend: ours(number(&store).await), folder: Some(folder) });
    if let Ok(url) = std::env::var("SPARKBOT_TEST_POSTGRES_URL") {
        // One at a time, since the first of them makes the tables.
        static OPENING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let _turn = OPENING.lock().await;
        let store = Store::open(&url, Sealer::new(&MasterKey::random(), &[])).await.expect("PostgreSQL");
        subjects.push(Subject { name: "PostgreSQL", backend: ours(number(&store).await), folder: None });
    }
    subjects
}

/// Answers of maps have no order.
pub(crate) fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort();
    items
}

#[tokio::test]
async fn two_numbers_on_one_database_do_not_see_each_other() {
    let (store, folder) = sqlite().await;
    let (one, other) = (ours(number(&store).await), ours(number(&store).await));
    one.put_session("1@s.whatsapp.net", b"mine").await.expect("written");
    one.store_prekey(7, b"mine", false).await.expect("written");
    assert!(other.get_session("1@s.whatsapp.net").await.expect("read").is_none());
    assert_eq!(other.get_max_prekey_id().await.expect("read"), 0);
    assert!(!other.exists().await.expect("read"));
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test]
async fn a_number_whose_lease_has_moved_writes_nothing() {
    let (store, folder) = sqlite().await;
    let state = number(&store).await;
    let device = state.device();
    let stale = ours(state);
    stale.put_session("1@s.whatsapp.net", b"before").await.expect("written");
    store
        .write::<_, sparkbot_store::StoreError, _>(move |w| {
            Box::pin(async move { w.server().acquire_lease(&device, "another", i64::MAX, i64::MAX).await })
        })
        .await
        .expect("taken over");
    assert!(stale.put_session("1@s.whatsapp.net", b"after").await.is_err());
    let kept = stale.get_session("1@s.whatsapp.net").await.expect("read").expect("there");
    assert_eq!(kept.as_ref(), b"before");
    let _ = std::fs::remove_dir_all(folder);
}
