//! Numbers that were read last. What is done for a message asks for its number
//! half a dozen times, and numbers hardly ever change.
//!
//! Only on SQLite, whose file has one server: the writer's connection tells when
//! a row of the table has changed ([`crate::connection::Connection::watch_numbers`]),
//! and everything is forgotten with that transaction's end, before the caller
//! of the change has its answer. Until then the transaction itself neither asks
//! nor adds here. What a reader finds is added only when nothing was forgotten since
//! it began to look, so an old row never takes the place of a newer one.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::ids::{AccountId, DeviceId};
use crate::rows::DeviceRow;

/// Rows that are kept at most; beyond it all are forgotten.
const MOST: usize = 4_096;

/// Numbers that were read last.
#[derive(Default)]
pub(crate) struct Known(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    rows: HashMap<DeviceId, DeviceRow>,
    /// How often everything was forgotten.
    changes: u64,
}

impl Known {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often everything was forgotten so far, to be noted before looking.
    pub(crate) fn changes(&self) -> u64 {
        self.kept().changes
    }

    pub(crate) fn number(&self, account: &AccountId, id: &DeviceId) -> Option<DeviceRow> {
        self.kept().rows.get(id).filter(|row| row.account_id == *account).cloned()
    }

    /// Adds what was found by somebody who began to look after `changes` changes.
    pub(crate) fn found(&self, row: &DeviceRow, changes: u64) {
        let mut kept = self.kept();
        if kept.changes != changes {
            return;
        }
        if kept.rows.len() >= MOST {
            kept.rows.clear();
        }
        kept.rows.insert(row.id.clone(), row.clone());
    }

    pub(crate) fn forget(&self) {
        let mut kept = self.kept();
        kept.rows.clear();
        kept.changes += 1;
    }
}

/// [`Known`], as far as one reader or one transaction may use it.
#[derive(Clone, Copy)]
pub(crate) struct Look<'c> {
    pub(crate) known: &'c Known,
    /// How often everything had been forgotten when it began.
    pub(crate) changes: u64,
}

#[cfg(test)]
mod tests {
    use sqlx::Executor;

    use crate::connection::Connection;
    use crate::database::Store;
    use crate::error::StoreError;
    use crate::ids::{AccountId, DeviceId};
    use crate::seal::{MasterKey, Sealer};

    async fn alias(store: &Store, account: &AccountId, id: &DeviceId) -> String {
        store.read().await.unwrap().account(account).device(id).await.unwrap().unwrap().alias
    }

    /// Gives a number another name, and looks at it in the same transaction.
    async fn renamed(store: &Store, account: &AccountId, id: &DeviceId, to: &str, keep: bool) {
        let (account, id, to) = (account.clone(), id.clone(), to.to_owned());
        let outcome = store
            .write(move |w| {
                Box::pin(async move {
                    let mut scope = w.account(&account);
                    let mut row = scope.device(&id).await?.unwrap();
                    row.alias.clone_from(&to);
                    scope.update_device(&row).await?;
                    assert_eq!(scope.device(&id).await?.unwrap().alias, to, "what it has just written");
                    if keep { Ok(()) } else { Err(StoreError::Database("no".to_owned())) }
                })
            })
            .await;
        assert_eq!(outcome.is_ok(), keep);
    }

    #[tokio::test]
    async fn a_change_is_seen_at_once_and_one_that_is_undone_never() {
        let folder = tempfile::tempdir().unwrap();
        let url = Store::sqlite_url(&folder.path().join("known.db"));
        let store = Store::open(&url, Sealer::new(&MasterKey::random(), &[])).await.unwrap();
        let (account, id) = (AccountId::trusted("a".repeat(24)), DeviceId::trusted("b".repeat(24)));
        let mut conn = Connection::open(&url).await.unwrap();
        conn.execute("INSERT INTO accounts (id, name, created_at) VALUES ('aaaaaaaaaaaaaaaaaaaaaaaa', 'A', 1)")
            .await
            .unwrap();
        conn.execute(
            "INSERT INTO devices (id, account_id, alias, plan, status, session_status, wanted, settings, session, \
             created_by, created_at, updated_at) VALUES ('bbbbbbbbbbbbbbbbbbbbbbbb', 'aaaaaaaaaaaaaaaaaaaaaaaa', 'first', \
             '', 'operative', 'new', 'running', '{}', '{}', '', 1, 1)",
        )
        .await
        .unwrap();
        assert_eq!(alias(&store, &account, &id).await, "first");
        renamed(&store, &account, &id, "second", true).await;
        assert_eq!(alias(&store, &account, &id).await, "second");
        renamed(&store, &account, &id, "third", false).await;
        assert_eq!(alias(&store, &account, &id).await, "second");
        // Another account's is none of one's own, known or not.
        let other = AccountId::trusted("c".repeat(24));
        assert!(store.read().await.unwrap().account(&other).device(&id).await.unwrap().is_none());
        // It is known by now: what somebody else writes into the file is not seen, so it is indeed kept.
        conn.execute("UPDATE devices SET alias = 'elsewhere'").await.unwrap();
        assert_eq!(alias(&store, &account, &id).await, "second");
    }
}
