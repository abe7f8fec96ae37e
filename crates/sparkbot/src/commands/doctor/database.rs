//! The database as it stands, opened for reading only: a doctor must not
//! migrate what a newer program may own.

use std::time::Duration;

use sparkbot_store::Connection;
use tokio::time::timeout;

use super::Check;
use super::reach::offset;
use crate::config::Config;

/// Checking a large file is cut short by this.
const PATIENCE: Duration = Duration::from_secs(20);
const NAME: &str = "database";

/// Opens it, reads its schema's version, asks SQLite for its own check.
pub(super) async fn check(config: &Config) -> Vec<Check> {
    let url = config.database_url();
    let is_sqlite = url.starts_with("sqlite:");
    if is_sqlite
        && let Some(file) = sqlite_file(&url)
        && !file.exists()
    {
        return vec![Check::ok(NAME, format!("{} will be made at the first start", file.display()))];
    }
    let readable = if is_sqlite && !url.contains('?') { format!("{url}?mode=ro") } else { url };
    let advice = if is_sqlite {
        "Check the file and its rights, or restore it from a backup."
    } else {
        "Check database.url, and that PostgreSQL runs and lets this user in."
    };
    let mut conn = match timeout(Duration::from_secs(10), Connection::open(&readable)).await {
        Ok(Ok(conn)) => conn,
        Ok(Err(error)) => return vec![Check::fail(NAME, format!("can't be opened: {error}"), advice)],
        Err(_) => return vec![Check::fail(NAME, "does not answer within 10 s", advice)],
    };
    let mut checks = vec![schema(&mut conn, is_sqlite, advice).await];
    if is_sqlite {
        checks.push(integrity(&mut conn).await);
    } else if let Ok(theirs) = sqlx::query_scalar::<_, i64>("SELECT CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)")
        .fetch_one(&mut conn)
        .await
    {
        checks.push(offset("PostgreSQL", theirs));
    }
    drop(conn.close().await);
    checks
}

async fn schema(conn: &mut Connection, is_sqlite: bool, advice: &str) -> Check {
    let kind = if is_sqlite { "SQLite" } else { "PostgreSQL" };
    match sqlx::query_scalar::<_, i64>("SELECT COALESCE(MAX(version), 0) FROM schema_version")
        .fetch_one(&mut *conn)
        .await
    {
        Ok(version) => {
            let accounts: i64 =
                sqlx::query_scalar("SELECT COUNT(*) FROM accounts").fetch_one(&mut *conn).await.unwrap_or(0);
            let numbers: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM devices WHERE removed_at IS NULL")
                .fetch_one(&mut *conn)
                .await
                .unwrap_or(0);
            Check::ok(NAME, format!("{kind}, schema {version}, accounts: {accounts}, devices: {numbers}"))
        }
        Err(_) if !is_sqlite => Check::ok(NAME, format!("{kind} answers; its tables will be made at the first start")),
        Err(error) => Check::fail(NAME, format!("{kind} opens, and its schema can't be read: {error}"), advice),
    }
}

async fn integrity(conn: &mut Connection) -> Check {
    const NAME: &str = "integrity";
    let restore = "Stop the server, keep the file aside, and restore the newest backup.";
    match timeout(PATIENCE, sqlx::query_scalar::<_, String>("PRAGMA quick_check(1)").fetch_one(conn)).await {
        Ok(Ok(said)) if said == "ok" => Check::ok(NAME, "SQLite finds its file sound"),
        Ok(Ok(said)) => Check::fail(NAME, format!("SQLite finds its file damaged: {said}"), restore),
        Ok(Err(error)) => Check::fail(NAME, format!("SQLite can't check its file: {error}"), restore),
        Err(_) => Check::warn(
            NAME,
            format!("the check of a file this large takes longer than {} s and was left", PATIENCE.as_secs()),
            "Run it by hand at a quiet time: sqlite3 <file> 'PRAGMA quick_check'",
        ),
    }
}

fn sqlite_file(url: &str) -> Option<std::path::PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && path != ":memory:").then(|| path.into())
}

#[cfg(test)]
mod tests {
    use super::sqlite_file;

    #[test]
    fn the_file_of_a_url_is_found() {
        for url in ["sqlite:///d/x.db", "sqlite:/d/x.db?mode=rwc", "sqlite:///d/x.db?mode=ro"] {
            assert_eq!(sqlite_file(url).unwrap().to_str(), Some("/d/x.db"), "{url}");
        }
        assert_eq!(sqlite_file("sqlite://./data/x.db").unwrap().to_str(), Some("./data/x.db"));
        assert!(sqlite_file("sqlite::memory:").is_none());
    }
}
