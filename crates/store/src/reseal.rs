//! Sealing again under the current master key what an older one has sealed, so
//! that the older one can be thrown away.

use crate::database::Store;
use crate::error::{Result, StoreError};
use crate::session_state;

/// Rows that are looked at in one transaction.
const AT_ONCE: i64 = 500;

/// Seals the session state of all numbers again; how many values there were
/// under an older key. What was done before an interruption stays done.
///
/// # Errors
/// [`StoreError::Seal`] for a value that no configured key opens.
pub async fn session_state(store: &Store) -> Result<u64> {
    let (mut after, mut changed) = ((String::new(), 0i64, Vec::new()), 0);
    loop {
        let from = after.clone();
        let (seen, last) = store
            .write(move |w| {
                Box::pin(async move {
                    type Row = (String, i64, Vec<u8>, Vec<u8>);
                    let rows: Vec<Row> = sqlx::query_as(
                        "SELECT device_id, ns, key, value FROM session_state WHERE (device_id, ns, key) > ($1, $2, $3) \
                         ORDER BY device_id, ns, key LIMIT $4",
                    )
                    .bind(from.0)
                    .bind(from.1)
                    .bind(from.2)
                    .bind(AT_ONCE)
                    .fetch_all(&mut w.conn)
                    .await?;
                    let last = rows.last().map(|row| (row.0.clone(), row.1, row.2.clone()));
                    let mut seen = 0;
                    for (device, ns, key, value) in rows {
                        if w.sealer().is_current(&value) {
                            continue;
                        }
                        let kind = u8::try_from(ns).map_err(|_| StoreError::Corrupt(format!("session state {ns}")))?;
                        let place = session_state::place(&device, kind, &key);
                        let sealed = w.sealer().seal(&place, &w.sealer().open(&place, &value)?)?;
                        sqlx::query(
                            "UPDATE session_state SET value = $4 WHERE device_id = $1 AND ns = $2 AND key = $3",
                        )
                        .bind(device)
                        .bind(ns)
                        .bind(key)
                        .bind(sealed)
                        .execute(&mut w.conn)
                        .await?;
                        seen += 1;
                    }
                    Ok::<_, StoreError>((seen, last))
                })
            })
            .await?;
        changed += seen;
        let Some(last) = last else { return Ok(changed) };
        after = last;
    }
}

#[cfg(test)]
mod tests {
    use crate::Store;
    use crate::error::StoreError;
    use crate::ids::DeviceId;
    use crate::seal::{MasterKey, Sealer};
    use crate::session_state::{Batch, Namespace, SessionState};

    #[tokio::test(flavor = "multi_thread")]
    async fn afterwards_the_older_key_is_not_needed_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let url = Store::sqlite_url(&folder.path().join("a.db"));
        let (old, new) = (MasterKey::random(), MasterKey::random());
        let device = DeviceId::new(1);
        let store = Store::open(&url, Sealer::new(&old, &[])).await.unwrap();
        let id = device.to_string();
        store
            .write(move |w| {
                Box::pin(async move {
                    for row in [
                        "INSERT INTO accounts (id, name, created_at) VALUES ('a', 'a', 1)".to_owned(),
                        format!(
                            "INSERT INTO devices (id, account_id, alias, plan, status, session_status, wanted, settings, \
                             session, created_by, created_at, updated_at) VALUES \
                             ('{id}', 'a', 'a', 'p', 's', 'n', 'w', '{{}}', '{{}}', 'u', 1, 1)"
                        ),
                        format!("INSERT INTO leases (device_id, node, fence, expires_at) VALUES ('{id}', 'n', 1, 9)"),
                    ] {
                        sqlx::query(sqlx::AssertSqlSafe(row)).execute(&mut w.conn).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
        let mut batch = Batch::new();
        for number in 0..1203u16 {
            batch.put(Namespace(4), number.to_be_bytes(), number.to_le_bytes());
        }
        SessionState::new(store, device.clone(), 1).write(batch).await.unwrap();

        let both = Store::open(&url, Sealer::new(&new, &[old])).await.unwrap();
        assert_eq!(super::session_state(&both).await.unwrap(), 1203);
        assert_eq!(super::session_state(&both).await.unwrap(), 0, "there is nothing left to do");
        let only = Store::open(&url, Sealer::new(&new, &[])).await.unwrap();
        let state = SessionState::new(only, device, 1).scan(Namespace(4), &[]).await.unwrap();
        assert_eq!(state.len(), 1203);
        assert!(state.iter().all(|(key, value)| key[0] == value[1] && key[1] == value[0]));

        let neither = Store::open(&url, Sealer::new(&MasterKey::random(), &[])).await.unwrap();
        assert!(matches!(super::session_state(&neither).await, Err(StoreError::Seal(_))));
    }
}
