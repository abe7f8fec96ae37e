//! What the protocol client of one number must not forget, as sealed values
//! under (device, namespace, key).
//!
//! Writes carry the fencing number of the device's lease and are refused when
//! another node has taken the device over.

mod recent;

use sqlx::Row;

use crate::database::{Store, Writing};
use crate::error::{Result, StoreError};
use crate::ids::DeviceId;
pub(crate) use recent::Recent;

/// A kind of value; the adapter numbers them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Namespace(pub u8);

/// One device's state.
#[derive(Clone)]
pub struct SessionState {
    store: Store,
    device: DeviceId,
    fence: i64,
}

enum Change {
    Put { ns: Namespace, key: Vec<u8>, value: Vec<u8> },
    Replace { ns: Namespace, key: Vec<u8>, value: Vec<u8> },
    Delete { ns: Namespace, key: Vec<u8> },
    DeletePrefix { ns: Namespace, prefix: Vec<u8> },
}

/// Changes that are made together or not at all.
#[derive(Default)]
pub struct Batch {
    changes: Vec<Change>,
}

impl Batch {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a value, new or not.
    pub fn put(&mut self, ns: Namespace, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> &mut Self {
        self.changes.push(Change::Put { ns, key: key.into(), value: value.into() });
        self
    }

    /// Writes a value only where there is one already.
    pub fn replace(&mut self, ns: Namespace, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> &mut Self {
        self.changes.push(Change::Replace { ns, key: key.into(), value: value.into() });
        self
    }

    /// Removes a value; nothing happens when there is none.
    pub fn delete(&mut self, ns: Namespace, key: impl Into<Vec<u8>>) -> &mut Self {
        self.changes.push(Change::Delete { ns, key: key.into() });
        self
    }

    /// Removes every value whose key starts with `prefix`.
    pub fn delete_prefix(&mut self, ns: Namespace, prefix: impl Into<Vec<u8>>) -> &mut Self {
        self.changes.push(Change::DeletePrefix { ns, prefix: prefix.into() });
        self
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl SessionState {
    /// The state of `device`, written under the lease with number `fence`.
    #[must_use]
    pub fn new(store: Store, device: DeviceId, fence: i64) -> Self {
        // Another node may have written meanwhile.
        store.recent().forget(device.as_str().as_bytes());
        Self { store, device, fence }
    }

    /// Whose state it is.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.device.clone()
    }

    fn open(&self, ns: Namespace, key: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        self.store.sealer().open(&place(self.device.as_str(), ns.0, key), sealed)
    }

    /// The value under a key.
    ///
    /// # Errors
    /// [`StoreError::Database`] or [`StoreError::Seal`].
    pub async fn get(&self, ns: Namespace, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let place = place(self.device.as_str(), ns.0, key);
        let mark = match self.store.recent().get(&place) {
            Ok(known) => return known.map(|sealed| self.store.sealer().open(&place, &sealed)).transpose(),
            Err(mark) => mark,
        };
        let mut reading = self.store.read().await?;
        let sealed: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT value FROM session_state WHERE device_id = $1 AND ns = $2 AND key = $3")
                .bind(self.device.as_str())
                .bind(i64::from(ns.0))
                .bind(key.to_vec())
                .fetch_optional(reading.server().conn)
                .await?;
        self.store.recent().found(place, sealed.clone(), mark);
        sealed.map(|sealed| self.open(ns, key, &sealed)).transpose()
    }

    /// Keys and values of those that exist.
    ///
    /// # Errors
    /// As [`SessionState::get`].
    pub async fn get_many(&self, ns: Namespace, keys: &[Vec<u8>]) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut found = Vec::with_capacity(keys.len());
        let (mut asked, mut marks) = (Vec::new(), u64::MAX);
        for key in keys {
            match self.store.recent().get(&place(self.device.as_str(), ns.0, key)) {
                Ok(Some(sealed)) => found.push((key.clone(), self.open(ns, key, &sealed)?)),
                Ok(None) => {}
                Err(mark) => {
                    marks = marks.min(mark);
                    asked.push(key.clone());
                }
            }
        }
        if asked.is_empty() {
            return Ok(found);
        }
        let mut reading = self.store.read().await?;
        for chunk in asked.chunks(500) {
            let mut sql = crate::sql::Sql::new("SELECT key, value FROM session_state");
            sql.brief().and("device_id = ").bind(self.device.as_str());
            sql.and("ns = ").bind(i64::from(ns.0));
            sql.and_in("key", chunk.iter().cloned());
            let mut there = sql.all::<(Vec<u8>, Vec<u8>)>(reading.server().conn).await?;
            for key in chunk {
                let at = there.iter().position(|(there, _)| there == key);
                let sealed = at.map(|at| there.swap_remove(at).1);
                if let Some(sealed) = &sealed {
                    found.push((key.clone(), self.open(ns, key, sealed)?));
                }
                self.store.recent().found(place(self.device.as_str(), ns.0, key), sealed, marks);
            }
        }
        Ok(found)
    }

    /// Keys and values whose key starts with `prefix`, ordered by key.
    ///
    /// # Errors
    /// As [`SessionState::get`].
    pub async fn scan(&self, ns: Namespace, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut reading = self.store.read().await?;
        let mut sql = crate::sql::Sql::new("SELECT key, value FROM session_state");
        sql.brief().and("device_id = ").bind(self.device.as_str());
        sql.and("ns = ").bind(i64::from(ns.0));
        in_prefix(&mut sql, prefix);
        sql.push(" ORDER BY key");
        let rows = sql.all::<(Vec<u8>, Vec<u8>)>(reading.server().conn).await?;
        rows.into_iter().map(|(key, sealed)| self.open(ns, &key, &sealed).map(|value| (key, value))).collect()
    }

    /// The entry with the greatest key.
    ///
    /// # Errors
    /// As [`SessionState::get`].
    pub async fn last(&self, ns: Namespace) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
        let mut reading = self.store.read().await?;
        let row = sqlx::query(
            "SELECT key, value FROM session_state WHERE device_id = $1 AND ns = $2 ORDER BY key DESC LIMIT 1",
        )
        .bind(self.device.as_str())
        .bind(i64::from(ns.0))
        .fetch_optional(reading.server().conn)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (key, sealed): (Vec<u8>, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        let value = self.open(ns, &key, &sealed)?;
        Ok(Some((key, value)))
    }

    /// Makes all changes, durable on return.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another node holds the device.
    pub async fn write(&self, batch: Batch) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let (device, fence) = (self.device.clone(), self.fence);
        // Sealing costs the caller's time, not the writer's.
        let mut changes = Vec::with_capacity(batch.changes.len());
        for change in batch.changes {
            changes.push(match change {
                Change::Put { ns, key, value } => {
                    let value = self.store.sealer().seal(&place(device.as_str(), ns.0, &key), &value)?;
                    Change::Put { ns, key, value }
                }
                Change::Replace { ns, key, value } => {
                    let value = self.store.sealer().seal(&place(device.as_str(), ns.0, &key), &value)?;
                    Change::Replace { ns, key, value }
                }
                delete => delete,
            });
        }
        self.store
            .write(move |w| {
                Box::pin(async move {
                    check_fence(w, &device, fence).await?;
                    apply(w, &device, changes).await
                })
            })
            .await
    }

    /// Removes everything: the number must be linked anew.
    ///
    /// # Errors
    /// As [`SessionState::write`].
    pub async fn clear(&self) -> Result<()> {
        let (device, fence) = (self.device.clone(), self.fence);
        self.store
            .write(move |w| {
                Box::pin(async move {
                    check_fence(w, &device, fence).await?;
                    w.recent().forget(device.as_str().as_bytes());
                    w.server().clear_session_state(&device).await
                })
            })
            .await
    }
}

/// What a value is sealed for.
pub(crate) fn place(device: &str, ns: u8, key: &[u8]) -> Vec<u8> {
    let mut place = Vec::with_capacity(26 + key.len());
    place.extend_from_slice(device.as_bytes());
    place.push(b'|');
    place.push(ns);
    place.extend_from_slice(key);
    place
}

async fn check_fence(w: &mut Writing, device: &DeviceId, fence: i64) -> Result<()> {
    if w.server().lease_fence(device).await? == Some(fence) {
        Ok(())
    } else {
        Err(StoreError::Fenced(device.to_string()))
    }
}

/// Multi-row statements: a fresh number writes 812 prekeys at once.
const ROWS: usize = 200;

async fn apply(w: &mut Writing, device: &DeviceId, changes: Vec<Change>) -> Result<()> {
    let recent = w.recent();
    let at = |ns: &Namespace, key: &[u8]| place(device.as_str(), ns.0, key);
    for change in &changes {
        match change {
            Change::Put { ns, key, value } => recent.written(at(ns, key), Some(value.clone())),
            Change::Delete { ns, key } => recent.written(at(ns, key), None),
            // Whether there is one is known to the database.
            Change::Replace { ns, key, .. } => recent.changed(at(ns, key)),
            Change::DeletePrefix { ns, prefix } => recent.forget(&at(ns, prefix)),
        }
    }
    let mut changes = changes.into_iter().peekable();
    while let Some(change) = changes.next() {
        match change {
            Change::Put { ns, key, value } => {
                let mut sql = crate::sql::Sql::new("INSERT INTO session_state (device_id, ns, key, value) VALUES ");
                let mut seen = std::collections::HashSet::from([(ns.0, key.clone())]);
                put_row(&mut sql, device, ns, key, value);
                // PostgreSQL refuses one statement that touches a row twice.
                while seen.len() < ROWS
                    && let Some(Change::Put { ns, key, value }) = changes
                        .next_if(|c| matches!(c, Change::Put { ns, key, .. } if !seen.contains(&(ns.0, key.clone()))))
                {
                    seen.insert((ns.0, key.clone()));
                    sql.push(", ");
                    put_row(&mut sql, device, ns, key, value);
                }
                sql.push(" ON CONFLICT (device_id, ns, key) DO UPDATE SET value = excluded.value");
                sql.run(&mut w.conn).await?;
            }
            Change::Replace { ns, key, value } => {
                sqlx::query("UPDATE session_state SET value = $4 WHERE device_id = $1 AND ns = $2 AND key = $3")
                    .bind(device.as_str())
                    .bind(i64::from(ns.0))
                    .bind(key)
                    .bind(value)
                    .execute(&mut w.conn)
                    .await?;
            }
            Change::Delete { ns, key } => {
                sqlx::query("DELETE FROM session_state WHERE device_id = $1 AND ns = $2 AND key = $3")
                    .bind(device.as_str())
                    .bind(i64::from(ns.0))
                    .bind(key)
                    .execute(&mut w.conn)
                    .await?;
            }
            Change::DeletePrefix { ns, prefix } => {
                let mut sql = crate::sql::Sql::new("DELETE FROM session_state");
                sql.and("device_id = ").bind(device.as_str());
                sql.and("ns = ").bind(i64::from(ns.0));
                in_prefix(&mut sql, &prefix);
                sql.run(&mut w.conn).await?;
            }
        }
    }
    Ok(())
}

fn put_row(sql: &mut crate::sql::Sql, device: &DeviceId, ns: Namespace, key: Vec<u8>, value: Vec<u8>) {
    sql.push("(").bind(device.as_str()).push(", ").bind(i64::from(ns.0)).push(", ");
    sql.bind(key).push(", ").bind(value).push(")");
}

/// `key >= prefix AND key < the next prefix`: a range of the primary key.
fn in_prefix(sql: &mut crate::sql::Sql, prefix: &[u8]) {
    if prefix.is_empty() {
        return;
    }
    sql.and("key >= ").bind(prefix.to_vec());
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            sql.and("key < ").bind(end);
            return;
        }
    }
}
