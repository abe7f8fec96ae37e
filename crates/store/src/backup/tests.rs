use std::path::Path;

use super::{Column, Kind, Loading, Snapshot, Table};
use crate::error::StoreError;
use crate::ids::{AccountId, DeviceId};
use crate::seal::{MasterKey, Sealer};
use crate::session_state::Namespace;
use crate::{Store, migrations};

const LATER: i64 = i64::MAX;

/// A database with rows of every kind of value; one event is gone already.
async fn filled(file: &Path) -> String {
    let url = Store::sqlite_url(file);
    let store = Store::open(&url, Sealer::new(&MasterKey::random(), &[])).await.unwrap();
    store
        .write(|w| {
            Box::pin(async move {
                let account = AccountId::new(1).to_string();
                let device = DeviceId::new(1).to_string();
                let rows = [
                    format!("INSERT INTO accounts (id, name, created_at) VALUES ('{account}', 'Ünï \"quoted\"\n', 1)"),
                    format!(
                        "INSERT INTO devices (id, account_id, alias, plan, status, session_status, wanted, settings, session, \
                         created_by, created_at, updated_at) VALUES \
                         ('{device}', '{account}', 'a', 'p', 's', 'n', 'w', '{{}}', '{{}}', 'u', 1, -9223372036854775808)"
                    ),
                    format!("INSERT INTO session_state (device_id, ns, key, value) VALUES ('{device}', 3, x'00ff', x'')"),
                    format!("INSERT INTO session_state (device_id, ns, key, value) VALUES ('{device}', 4, x'01', x'0a0b')"),
                    format!("INSERT INTO blobs (key, account_id, created_at) VALUES ('files/a', '{account}', 1)"),
                    format!("INSERT INTO blobs (key, account_id, created_at, doomed_at) VALUES ('files/b', '{account}', 1, 5)"),
                    "INSERT INTO events (id, account_id, event, object, object_id, lane, data, created_at) \
                     VALUES ('1', 'a', 'e', 'o', 'i', 'l', '{}', 1), ('2', 'a', 'e', 'o', 'i', 'l', '{}', 1)"
                        .to_owned(),
                    "DELETE FROM events WHERE id = '2'".to_owned(),
                ];
                for row in rows {
                    sqlx::query(sqlx::AssertSqlSafe(row)).execute(&mut w.conn).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
    url
}

/// All tables with their lines, in order.
async fn dump(url: &str) -> (i64, Vec<(Table, Vec<u8>)>, Vec<String>) {
    let mut snapshot = Snapshot::begin(url, LATER).await.unwrap();
    let mut all = Vec::new();
    for table in snapshot.tables().to_vec() {
        let mut lines = Vec::new();
        let keep = |part: &[u8]| {
            lines.extend_from_slice(part);
            Ok::<_, StoreError>(())
        };
        snapshot.rows(&table, keep).await.unwrap();
        all.push((table, lines));
    }
    let (version, blobs) = (snapshot.version(), snapshot.blobs().await.unwrap());
    snapshot.end().await.unwrap();
    (version, all, blobs)
}

async fn load(url: &str, version: i64, all: &[(Table, Vec<u8>)]) -> crate::Result<()> {
    let mut loading = Loading::begin(url, version).await?;
    for (table, lines) in all {
        loading.rows(table, lines).await?;
    }
    let tables: Vec<Table> = all.iter().map(|(table, _)| table.clone()).collect();
    loading.commit(&tables).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_comes_back_as_it_was_and_gives_no_number_out_twice() {
    let folder = tempfile::tempdir().unwrap();
    let url = filled(&folder.path().join("a.db")).await;
    let taken = dump(&url).await;
    assert_eq!(taken.2, ["files/a"]);
    assert!(taken.1.iter().all(|(table, _)| table.name != "leases"));
    let rows =
        |name: &str| taken.1.iter().find(|(table, _)| table.name == name).map(|(_, lines)| lines.clone()).unwrap();
    assert!(String::from_utf8(rows("session_state")).unwrap().contains(r#"4,"AQ==","Cgs=""#));

    let copy = Store::sqlite_url(&folder.path().join("b.db"));
    load(&copy, taken.0, &taken.1).await.unwrap();
    assert_eq!(dump(&copy).await, taken);
    // The event that was deleted had number 2.
    let store = Store::open(&copy, Sealer::new(&MasterKey::random(), &[])).await.unwrap();
    let next: i64 = store
        .write(|w| {
            Box::pin(async move {
                Ok::<_, StoreError>(
                    sqlx::query_scalar(
                        "INSERT INTO events (id, account_id, event, object, object_id, lane, data, created_at) \
                         VALUES ('3', 'a', 'e', 'o', 'i', 'l', '{}', 1) RETURNING seq",
                    )
                    .fetch_one(&mut w.conn)
                    .await?,
                )
            })
        })
        .await
        .unwrap();
    assert_eq!(next, 3);
    // Nothing is written over what is there.
    assert!(matches!(load(&copy, taken.0, &taken.1).await, Err(StoreError::NotEmpty)));
}

#[tokio::test(flavor = "multi_thread")]
async fn some_session_state_stays_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (version, all, _) = dump(&filled(&folder.path().join("a.db")).await).await;
    let copy = Store::sqlite_url(&folder.path().join("b.db"));
    let mut loading = Loading::begin(&copy, version).await.unwrap();
    for (table, lines) in &all {
        loading.rows(table, lines).await.unwrap();
    }
    assert!(loading.knows_blob("files/a").await.unwrap() && !loading.knows_blob("files/c").await.unwrap());
    loading.forget_session_state(&[Namespace(3)]).await.unwrap();
    loading.commit(&[]).await.unwrap();
    let state = dump(&copy).await.1.into_iter().find(|(table, _)| table.name == "session_state").unwrap().1;
    assert_eq!(state.iter().filter(|byte| **byte == b'\n').count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_is_refused_and_nothing_of_it_stays() {
    let folder = tempfile::tempdir().unwrap();
    let url = Store::sqlite_url(&folder.path().join("a.db"));
    let known = migrations::known();
    assert!(matches!(Loading::begin(&url, known + 1).await.err(), Some(StoreError::NewerSchema { .. })));
    let accounts = |name: &str| Table {
        name: name.to_owned(),
        columns: [("id", Kind::Text), ("name", Kind::Text), ("created_at", Kind::Number)]
            .map(|(name, kind)| Column { name: name.to_owned(), kind })
            .to_vec(),
        last: None,
    };
    let other = Table { columns: Vec::new(), ..accounts("accounts") };
    let cases: [(Table, &[u8]); 7] = [
        (accounts("accounts; DROP TABLE accounts"), b"[\"1\",\"n\",1]\n"),
        (other, b"[]\n"),
        (accounts("accounts"), b"[\"1\",\"n\"]\n"),
        (accounts("accounts"), b"[1,\"n\",1]\n"),
        (accounts("accounts"), b"[\"1\",\"n\",\"1\"]\n"),
        (accounts("accounts"), b"[\"1\",null,1]\n"),
        (accounts("accounts"), b"{}\n"),
    ];
    for (table, lines) in cases {
        let mut loading = Loading::begin(&url, known).await.unwrap();
        let refused = loading.rows(&table, lines).await;
        assert!(refused.is_err(), "{table:?} {}", String::from_utf8_lossy(lines));
    }
    assert!(dump(&url).await.1.iter().all(|(_, lines)| lines.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_blob_goes_while_a_backup_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let url = filled(&folder.path().join("a.db")).await;
    let store = Store::open(&url, Sealer::new(&MasterKey::random(), &[])).await.unwrap();
    let condemned = async |now: i64| {
        store.write(move |w| Box::pin(async move { w.server().condemn_blobs(now, "", 10).await })).await.unwrap()
    };
    let mut snapshot = Snapshot::begin(&url, 100).await.unwrap();
    assert!(condemned(50).await.is_empty());
    snapshot.hold(200).await.unwrap();
    assert!(condemned(150).await.is_empty());
    snapshot.end().await.unwrap();
    assert_eq!(condemned(150).await, ["files/b"]);
    // One that was killed holds nothing for ever.
    let killed = Snapshot::begin(&url, 300).await.unwrap();
    drop(killed);
    assert_eq!(condemned(301).await, ["files/b"]);
}
