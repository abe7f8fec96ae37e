//! From the schema of every earlier program to the newest one, with rows in every
//! table: nothing is lost on the way, and what comes out is the schema that a new
//! database has.

use std::collections::BTreeMap;
use std::path::Path;

use sparkbot_store::seal::{MasterKey, Sealer};
use sparkbot_store::{Connection, Store};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};

/// The steps as they were released, in order.
fn steps() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the steps").flatten().map(|entry| entry.path()).collect();
    files.sort();
    let name = |file: &Path| file.file_name().expect("a name").to_string_lossy().into_owned();
    files.iter().map(|file| (name(file), std::fs::read_to_string(file).expect("a step"))).collect()
}

async fn connect(file: &Path) -> Connection {
    Connection::open(&format!("{}?mode=rwc", Store::sqlite_url(file))).await.expect("a database")
}

/// A database as a program with so many steps has left it.
async fn as_of(file: &Path, steps: &[(String, String)]) -> Connection {
    let mut conn = connect(file).await;
    conn.execute("CREATE TABLE schema_version (version BIGINT NOT NULL)").await.expect("a table");
    for (version, (name, text)) in (1_i64..).zip(steps) {
        let text = text
            .replace("{blob}", "BLOB")
            .replace("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT")
            .replace("{without_rowid}", " WITHOUT ROWID")
            .replace("{including_signature}", "");
        conn.execute(AssertSqlSafe(text)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut conn)
            .await
            .expect("noted");
    }
    conn
}

async fn tables(conn: &mut Connection) -> Vec<String> {
    let all = sqlx::query_scalar::<_, String>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_version' ORDER BY rowid",
    );
    all.fetch_all(conn).await.expect("tables")
}

/// A row in each table; ids are all the same, so that each refers to the others.
async fn fill(conn: &mut Connection) {
    for table in tables(conn).await {
        let columns = conn.fetch_all(AssertSqlSafe(format!("PRAGMA table_info({table})"))).await.expect("columns");
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for column in &columns {
            let (name, kind): (String, String) = (column.get("name"), column.get("type"));
            values.push(match kind.as_str() {
                "BLOB" => "x'00'",
                "TEXT" if name == "chat" || name == "wid" => "'16001234561@c.us'",
                "TEXT" => "'a'",
                "DOUBLE PRECISION" | "REAL" => "1.5",
                _ => "1",
            });
            names.push(name);
        }
        let text = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "));
        conn.execute(AssertSqlSafe(text)).await.unwrap_or_else(|error| panic!("{table}: {error}"));
    }
}

async fn rows(conn: &mut Connection) -> BTreeMap<String, i64> {
    let mut all = BTreeMap::new();
    for table in tables(conn).await {
        let count = sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}")));
        all.insert(table, count.fetch_one(&mut *conn).await.expect("a count"));
    }
    all
}

/// What the database is made of, by name.
async fn schema(conn: &mut Connection) -> BTreeMap<String, String> {
    let all = sqlx::query("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetch_all(conn).await;
    let tidy = |sql: String| sql.split_whitespace().collect::<Vec<_>>().join(" ").replace('"', "");
    all.expect("a schema").iter().map(|row| (row.get("name"), tidy(row.get("sql")))).collect()
}

async fn open(file: &Path) -> Store {
    Store::open(&Store::sqlite_url(file), Sealer::new(&MasterKey::random(), &[])).await.expect("it opens")
}

#[tokio::test]
async fn every_earlier_schema_becomes_the_newest_with_all_its_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let steps = steps();
    let newest = folder.path().join("new.db");
    drop(open(&newest).await);
    let wanted = schema(&mut connect(&newest).await).await;
    assert!(steps.len() >= 15, "{} steps", steps.len());
    for count in 1..=steps.len() {
        let file = folder.path().join(format!("{count}.db"));
        let mut conn = as_of(&file, &steps[..count]).await;
        fill(&mut conn).await;
        let before = rows(&mut conn).await;
        conn.close().await.expect("closed");
        drop(open(&file).await);
        let mut conn = connect(&file).await;
        let after = rows(&mut conn).await;
        for (table, number) in &before {
            assert_eq!(after.get(table), Some(number), "{table}, from step {count}");
        }
        let broken = conn.fetch_all("PRAGMA foreign_key_check").await.expect("checked");
        assert!(broken.is_empty(), "from step {count}, {} rows refer to nothing", broken.len());
        let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut conn).await.expect("checked");
        assert_eq!(sound, "ok", "from step {count}");
        assert_eq!(schema(&mut conn).await, wanted, "from step {count}");
        // Once more changes nothing.
        conn.close().await.expect("closed");
        drop(open(&file).await);
        assert_eq!(rows(&mut connect(&file).await).await, after);
    }
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("newer.db");
    let mut conn = as_of(&file, &steps()).await;
    conn.execute("INSERT INTO schema_version (version) VALUES (9999)").await.expect("noted");
    let before = rows(&mut conn).await;
    conn.close().await.expect("closed");
    let refused = Store::open(&Store::sqlite_url(&file), Sealer::new(&MasterKey::random(), &[])).await;
    let refused = refused.err().expect("it is refused").to_string();
    assert!(refused.contains("9999"), "{refused}");
    assert_eq!(rows(&mut connect(&file).await).await, before);
}
