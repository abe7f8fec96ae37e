//! The schema, brought up to date step by step; each step in a transaction of
//! its own and only forward.

use sqlx::{AssertSqlSafe, Executor};

use crate::connection::Connection;
use crate::database::Dialect;
use crate::error::{Result, StoreError};

/// In order; a released step never changes.
const STEPS: &[&str] = &[
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_files.sql"),
    include_str!("../migrations/0003_team.sql"),
    include_str!("../migrations/0004_history.sql"),
    include_str!("../migrations/0005_chats.sql"),
    include_str!("../migrations/0006_groups.sql"),
    include_str!("../migrations/0007_meeting_links.sql"),
    include_str!("../migrations/0008_contacts.sql"),
    include_str!("../migrations/0009_assignment.sql"),
    include_str!("../migrations/0010_channels.sql"),
    include_str!("../migrations/0011_statuses.sql"),
    include_str!("../migrations/0012_profiles.sql"),
    include_str!("../migrations/0013_campaigns.sql"),
    include_str!("../migrations/0014_scale.sql"),
    include_str!("../migrations/0015_backups.sql"),
    include_str!("../migrations/0016_scale.sql"),
    include_str!("../migrations/0017_files_that_expire.sql"),
];

/// The newest version of the schema that this program knows.
pub(crate) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// A table that a step makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Made {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether its column `seq` numbers rows by itself.
    pub(crate) serial: bool,
}

/// The tables of schema `version`, those first that others refer to. Of one that
/// a later step makes anew the later counts.
pub(crate) fn tables(version: i64) -> Vec<Made> {
    let steps = usize::try_from(version).unwrap_or(0).min(STEPS.len());
    let parts = STEPS[..steps].iter().flat_map(|step| step.split("CREATE TABLE ").skip(1));
    let all: Vec<Made> = parts
        .filter_map(|part| {
            let (name, rest) = part.split_once(' ')?;
            let body = rest.split(";").next()?;
            Some(Made { name, serial: body.contains("seq {serial}") })
        })
        .collect();
    let again = |place: usize, made: &Made| all.iter().skip(place + 1).any(|later| later.name == made.name);
    all.iter().enumerate().filter(|(place, made)| !again(*place, made)).map(|(_, made)| *made).collect()
}

/// The version of the schema that a database has, 0 for an empty one.
pub(crate) async fn version(conn: &mut Connection) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM schema_version").fetch_one(conn).await?)
}

/// Brings the schema to `wanted`; servers that start at once on one database do
/// so one after the other.
pub(crate) async fn run(conn: &mut Connection, dialect: Dialect, wanted: i64) -> Result<()> {
    if dialect == Dialect::Sqlite {
        return steps(conn, dialect, wanted).await;
    }
    conn.execute("SELECT pg_advisory_lock(7281946)").await?;
    let done = steps(conn, dialect, wanted).await;
    conn.execute("SELECT pg_advisory_unlock(7281946)").await?;
    done
}

async fn steps(conn: &mut Connection, dialect: Dialect, wanted: i64) -> Result<()> {
    conn.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)").await?;
    let (found, known) = (version(conn).await?, known());
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    let missing = (1i64..).zip(STEPS).filter(|(version, _)| *version > found && *version <= wanted);
    for (version, step) in missing {
        let (blob, serial, without_rowid, including) = match dialect {
            // A table without row ids is its index: every column is in it.
            Dialect::Sqlite => ("BLOB", "INTEGER PRIMARY KEY AUTOINCREMENT", " WITHOUT ROWID", ""),
            Dialect::Postgres => ("BYTEA", "BIGSERIAL PRIMARY KEY", "", " INCLUDE (signature)"),
        };
        let text = step.replace("{blob}", blob).replace("{serial}", serial).replace("{without_rowid}", without_rowid);
        let text = text.replace("{including_signature}", including);
        conn.execute(match dialect {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        })
        .await?;
        let done = match conn.execute(AssertSqlSafe(text)).await {
            Ok(_) => {
                sqlx::query("INSERT INTO schema_version (version) VALUES ($1)").bind(version).execute(&mut *conn).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            conn.execute("ROLLBACK").await?;
            return Err(error.into());
        }
        conn.execute("COMMIT").await?;
    }
    Ok(())
}
