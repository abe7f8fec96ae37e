//! SQLite, on the thread that asks.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{OpenFlags, Row, Statement};
use sqlx::any::{AnyArguments, AnyRow, AnyTypeInfo, AnyTypeInfoKind, AnyValue};
use sqlx_core::any::{AnyColumn, AnyValueKind};
use sqlx_core::ext::ustr::UStr;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::Result;
use super::failure::told;

/// Statements that are kept prepared.
const STATEMENTS: usize = 256;
/// Texts whose shape is remembered.
const SHAPES: usize = 1024;
/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(10);
/// A statement that takes longer is told in the log.
const SLOW: Duration = Duration::from_secs(1);

/// An open file.
#[derive(Debug)]
pub(super) struct Local {
    conn: rusqlite::Connection,
    shapes: HashMap<Box<str>, Arc<Shape>>,
    /// Nothing else waits for the thread.
    alone: bool,
    /// The next statement may take long.
    long: bool,
    /// Rows of numbers were changed.
    numbers_changed: Arc<AtomicBool>,
}

/// What a statement takes and answers, worked out once for each text.
#[derive(Debug)]
struct Shape {
    /// For each of SQLite's parameters, which of ours it is: `$3` may come first.
    arguments: Vec<usize>,
    /// Known with the first row.
    columns: Option<Columns>,
}

#[derive(Debug, Clone)]
struct Columns {
    count: usize,
    names: Arc<sqlx_core::HashMap<UStr, usize>>,
}

/// What came of a statement.
#[derive(Default)]
pub(super) struct Done {
    pub(super) rows: Vec<AnyRow>,
    /// Rows that it has changed.
    pub(super) changed: u64,
}

impl Local {
    pub(super) fn open(url: &str) -> Result<Self> {
        let (path, mode) = target(url)?;
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags |= match mode {
            Mode::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Mode::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Mode::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        };
        let conn = rusqlite::Connection::open_with_flags(Path::new(path), flags).map_err(told)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        conn.busy_timeout(PATIENCE).map_err(told)?;
        conn.execute_batch("PRAGMA foreign_keys = ON").map_err(told)?;
        Ok(Self { conn, shapes: HashMap::new(), alone: false, long: false, numbers_changed: Arc::default() })
    }

    pub(super) fn close(self) -> Result<()> {
        self.conn.close().map_err(|(_, error)| told(error))
    }

    pub(super) fn alone(&mut self) {
        self.alone = true;
    }

    /// From now on it is noted when a row of numbers changes.
    pub(super) fn watch_numbers(&mut self) -> Result<()> {
        let changed = self.numbers_changed.clone();
        let hook = move |_, _: &str, table: &str, _| {
            if table == "devices" {
                changed.store(true, Ordering::Relaxed);
            }
        };
        self.conn.update_hook(Some(hook)).map_err(told)
    }

    pub(super) fn numbers_changed(&self) -> &AtomicBool {
        &self.numbers_changed
    }

    pub(super) fn patiently(&mut self) {
        self.long = !self.alone;
    }

    /// Runs one statement with its arguments, or a text of several without any;
    /// of the rows, `most` are wanted.
    pub(super) fn run(
        &mut self,
        sql: &str,
        persistent: bool,
        arguments: Option<AnyArguments>,
        most: usize,
    ) -> Result<Done> {
        let began = Instant::now();
        let done = if std::mem::take(&mut self.long) && on_shared_thread() {
            tokio::task::block_in_place(|| self.run_here(sql, persistent, arguments, most))
        } else {
            self.run_here(sql, persistent, arguments, most)
        };
        let took = began.elapsed();
        if took > SLOW {
            tracing::warn!(sql, elapsed = ?took, "slow statement");
        }
        tracing::trace!(sql, elapsed = ?took, "statement");
        done
    }

    fn run_here(&mut self, sql: &str, persistent: bool, arguments: Option<AnyArguments>, most: usize) -> Result<Done> {
        let Some(AnyArguments { values }) = arguments else {
            return self.batch(sql);
        };
        let mut done = Done::default();
        let Self { conn, shapes, .. } = self;
        if persistent {
            let mut statement = conn.prepare_cached(sql).map_err(told)?;
            step(&mut statement, shapes, sql, &values.0, |row| {
                done.rows.push(row);
                done.rows.len() < most
            })?;
            done.changed = changed(conn, &statement);
        } else {
            let mut statement = conn.prepare(sql).map_err(told)?;
            step(&mut statement, &mut HashMap::new(), sql, &values.0, |row| {
                done.rows.push(row);
                done.rows.len() < most
            })?;
            done.changed = changed(conn, &statement);
        }
        Ok(done)
    }

    /// Statements without arguments, whose rows nobody wants.
    fn batch(&mut self, sql: &str) -> Result<Done> {
        if sql.contains(';') {
            self.conn.execute_batch(sql).map_err(told)?;
            // The schema may be another one now.
            self.shapes.clear();
        } else {
            let mut statement = self.conn.prepare_cached(sql).map_err(told)?;
            let mut rows = statement.raw_query();
            while rows.next().map_err(told)?.is_some() {}
        }
        Ok(Done { rows: Vec::new(), changed: self.conn.changes() })
    }

    pub(super) fn each_row<E: From<sqlx::Error>>(
        &mut self,
        sql: &str,
        mut each: impl FnMut(&AnyRow) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let mut go = || {
            let mut statement = self.conn.prepare(sql).map_err(told)?;
            let mut outcome = Ok(());
            step(&mut statement, &mut HashMap::new(), sql, &[], |row| {
                outcome = each(&row);
                outcome.is_ok()
            })?;
            outcome
        };
        if on_shared_thread() { tokio::task::block_in_place(go) } else { go() }
    }
}

/// Whether other tasks wait for this thread and can go on elsewhere.
fn on_shared_thread() -> bool {
    Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread)
}

/// Rows changed by a statement that has run; SQLite goes on telling those of the
/// last one that changed any.
fn changed(conn: &rusqlite::Connection, statement: &Statement<'_>) -> u64 {
    if statement.readonly() { 0 } else { conn.changes() }
}

/// Binds, runs, and hands over rows while they are wanted.
fn step(
    statement: &mut Statement<'_>,
    shapes: &mut HashMap<Box<str>, Arc<Shape>>,
    sql: &str,
    values: &[AnyValueKind],
    mut wants: impl FnMut(AnyRow) -> bool,
) -> Result<()> {
    let known = shapes.get(sql).cloned();
    let mut columns = known.as_ref().and_then(|shape| shape.columns.clone());
    let shape = match known {
        Some(shape) => shape,
        None => Arc::new(Shape { arguments: arguments(statement)?, columns: None }),
    };
    for (place, argument) in shape.arguments.iter().enumerate() {
        let value = values
            .get(*argument)
            .ok_or_else(|| sqlx::Error::Protocol(format!("${} is not bound in: {sql}", argument + 1)))?;
        statement.raw_bind_parameter(place + 1, Argument(value)).map_err(told)?;
    }
    // What changes rows does so with the first step, and ends with the last.
    let to_the_end = !statement.readonly();
    let mut rows = statement.raw_query();
    let mut wanted = true;
    while let Some(row) = rows.next().map_err(told)? {
        if wanted {
            let statement: &Statement<'_> = row.as_ref();
            if columns.as_ref().is_none_or(|columns| columns.count != statement.column_count()) {
                columns = Some(Columns::of(statement));
            }
            if let Some(columns) = &columns {
                wanted = wants(row_of(row, columns)?);
            }
        }
        if !wanted && !to_the_end {
            break;
        }
    }
    drop(rows);
    let news = match &shape.columns {
        None => columns.is_some() || !shapes.contains_key(sql),
        Some(before) => columns.as_ref().is_some_and(|now| now.count != before.count),
    };
    if news {
        if shapes.len() >= SHAPES {
            shapes.clear();
        }
        shapes.insert(sql.into(), Arc::new(Shape { arguments: shape.arguments.clone(), columns }));
    }
    Ok(())
}

/// Which of ours each of SQLite's parameters is.
fn arguments(statement: &Statement<'_>) -> Result<Vec<usize>> {
    (1..=statement.parameter_count())
        .map(|place| {
            let name = statement.parameter_name(place).unwrap_or_default();
            let number = name.strip_prefix('$').and_then(|number| number.parse::<usize>().ok());
            number
                .and_then(|number| number.checked_sub(1))
                .ok_or_else(|| sqlx::Error::Protocol(format!("a parameter is called '{name}'")))
        })
        .collect()
}

impl Columns {
    fn of(statement: &Statement<'_>) -> Self {
        let names = statement.column_names();
        let count = names.len();
        let names = names.into_iter().enumerate().map(|(place, name)| (UStr::new(name), place)).collect();
        Self { count, names: Arc::new(names) }
    }
}

fn row_of(row: &Row<'_>, columns: &Columns) -> Result<AnyRow> {
    let mut made = AnyRow {
        column_names: columns.names.clone(),
        columns: Vec::with_capacity(columns.count),
        values: Vec::with_capacity(columns.count),
    };
    for place in 0..columns.count {
        let (kind, value) = match row.get_ref(place).map_err(told)? {
            ValueRef::Null => (AnyTypeInfoKind::Null, AnyValueKind::Null(AnyTypeInfoKind::Null)),
            ValueRef::Integer(number) => (AnyTypeInfoKind::BigInt, AnyValueKind::BigInt(number)),
            ValueRef::Real(number) => (AnyTypeInfoKind::Double, AnyValueKind::Double(number)),
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text).map_err(|error| sqlx::Error::Decode(error.into()))?;
                (AnyTypeInfoKind::Text, AnyValueKind::Text(Arc::new(text.to_owned())))
            }
            ValueRef::Blob(bytes) => (AnyTypeInfoKind::Blob, AnyValueKind::Blob(Arc::new(bytes.to_vec()))),
        };
        // Looked up in `column_names`; here only counted.
        let name = UStr::Static("");
        made.columns.push(AnyColumn { ordinal: place, name, type_info: AnyTypeInfo { kind } });
        made.values.push(AnyValue { kind: value });
    }
    Ok(made)
}

struct Argument<'a>(&'a AnyValueKind);

impl rusqlite::ToSql for Argument<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            AnyValueKind::Null(_) => ToSqlOutput::Owned(Value::Null),
            AnyValueKind::Bool(value) => ToSqlOutput::Owned(Value::Integer(i64::from(*value))),
            AnyValueKind::SmallInt(value) => ToSqlOutput::Owned(Value::Integer(i64::from(*value))),
            AnyValueKind::Integer(value) => ToSqlOutput::Owned(Value::Integer(i64::from(*value))),
            AnyValueKind::BigInt(value) => ToSqlOutput::Owned(Value::Integer(*value)),
            AnyValueKind::Real(value) => ToSqlOutput::Owned(Value::Real(f64::from(*value))),
            AnyValueKind::Double(value) => ToSqlOutput::Owned(Value::Real(*value)),
            AnyValueKind::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            AnyValueKind::TextSlice(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            AnyValueKind::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            other => {
                return Err(rusqlite::Error::ToSqlConversionFailure(format!("no value of SQLite: {other:?}").into()));
            }
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Read,
    Write,
    Create,
}

/// Path and mode of a URL.
fn target(url: &str) -> Result<(&str, Mode)> {
    let unknown = |what: &str| sqlx::Error::Configuration(format!("{what} in the database URL {url}").into());
    let rest = url.strip_prefix("sqlite:").ok_or_else(|| unknown("no 'sqlite:'"))?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let Some((path, query)) = rest.split_once('?') else { return Ok((rest, Mode::Write)) };
    let mut mode = Mode::Write;
    for pair in query.split('&') {
        mode = match pair {
            "mode=ro" => Mode::Read,
            "mode=rw" => Mode::Write,
            "mode=rwc" => Mode::Create,
            other => return Err(unknown(&format!("unknown '{other}'"))),
        };
    }
    Ok((path, mode))
}

#[cfg(test)]
mod tests {
    use sqlx::{Executor, Row};

    use super::{Mode, target};
    use crate::connection::Connection;

    async fn open() -> (Connection, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("t.db").display());
        let mut conn = Connection::open(&url).await.unwrap();
        conn.execute("CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT, data BLOB); CREATE TABLE u (x REAL);")
            .await
            .unwrap();
        (conn, folder)
    }

    #[test]
    fn urls_name_a_file_and_what_may_be_done_to_it() {
        assert_eq!(target("sqlite:///d/a.db?mode=ro").unwrap(), ("/d/a.db", Mode::Read));
        assert_eq!(target("sqlite://./a b.db").unwrap(), ("./a b.db", Mode::Write));
        assert_eq!(target("sqlite:/a.db?mode=rwc").unwrap(), ("/a.db", Mode::Create));
        assert!(target("sqlite:///a.db?cache=shared").is_err());
    }

    #[tokio::test]
    async fn arguments_go_by_their_number_in_whatever_order_the_text_has_them() {
        let (mut conn, _folder) = open().await;
        let insert = "INSERT INTO t (name, id, data) VALUES ($2, $1, $3)";
        for id in 1..=3i64 {
            let done = sqlx::query(insert).bind(id).bind(format!("n{id}")).bind(vec![7u8, 0]).execute(&mut conn).await;
            assert_eq!(done.unwrap().rows_affected(), 1);
        }
        let changed = sqlx::query("UPDATE t SET name = $2 WHERE id >= $1").bind(2i64).bind(None::<String>);
        assert_eq!(changed.execute(&mut conn).await.unwrap().rows_affected(), 2);
        let rows: Vec<(i64, Option<String>, Vec<u8>)> =
            sqlx::query_as("SELECT id, name, data FROM t ORDER BY id").fetch_all(&mut conn).await.unwrap();
        assert_eq!(rows[0], (1, Some("n1".to_owned()), vec![7, 0]));
        assert_eq!(rows[1].1, None);
        // One that changes nothing is not told the rows of the one before.
        let none = sqlx::query("DELETE FROM t WHERE id = $1").bind(9i64).execute(&mut conn).await.unwrap();
        assert_eq!(none.rows_affected(), 0);
        let row = sqlx::query("SELECT name AS called FROM t WHERE id = $1").bind(1i64).fetch_one(&mut conn).await;
        assert_eq!(row.unwrap().get::<String, _>("called"), "n1");
        assert!(sqlx::query("SELECT $1, $3").bind(1i64).fetch_all(&mut conn).await.is_err());
    }

    #[tokio::test]
    async fn what_returns_rows_is_carried_out_to_its_end() {
        let (mut conn, _folder) = open().await;
        sqlx::query("INSERT INTO t (id) VALUES (1), (2), (3)").execute(&mut conn).await.unwrap();
        let first: Option<i64> =
            sqlx::query_scalar("DELETE FROM t RETURNING id").fetch_optional(&mut conn).await.unwrap();
        assert_eq!(first, Some(1));
        let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM t").fetch_one(&mut conn).await.unwrap();
        assert_eq!(left, 0);
    }

    #[tokio::test]
    async fn a_broken_rule_says_which() {
        let (mut conn, _folder) = open().await;
        let insert = "INSERT INTO t (id) VALUES ($1)";
        sqlx::query(insert).bind(1i64).execute(&mut conn).await.unwrap();
        let error = sqlx::query(insert).bind(1i64).execute(&mut conn).await.unwrap_err();
        let error = error.as_database_error().unwrap();
        assert!(error.is_unique_violation());
        assert!(error.message().contains("t.id"), "{}", error.message());
        assert!(sqlx::query("SELEKT").execute(&mut conn).await.is_err());
    }

    #[tokio::test]
    async fn a_changed_schema_is_seen_by_kept_statements() {
        let (mut conn, _folder) = open().await;
        sqlx::query("INSERT INTO t (id) VALUES (1)").execute(&mut conn).await.unwrap();
        let all = "SELECT * FROM t";
        assert_eq!(sqlx::query(all).fetch_one(&mut conn).await.unwrap().len(), 3);
        conn.execute("ALTER TABLE t ADD COLUMN more TEXT NOT NULL DEFAULT 'm'").await.unwrap();
        let row = sqlx::query(all).fetch_one(&mut conn).await.unwrap();
        assert_eq!((row.len(), row.get::<String, _>("more")), (4, "m".to_owned()));
        assert_eq!(conn.fetch_all("PRAGMA table_info(t)").await.unwrap().len(), 4, "rows of a text without values");
    }

    #[tokio::test]
    async fn all_rows_are_handed_over_one_by_one() {
        let (mut conn, _folder) = open().await;
        let rows = "INSERT INTO u (x) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
                    SELECT i / 2.0 FROM n";
        sqlx::query(rows).execute(&mut conn).await.unwrap();
        let mut sum = 0.0;
        conn.each_row("SELECT x FROM u".to_owned(), |row| {
            sum += row.try_get::<f64, _>(0)?;
            Ok::<_, sqlx::Error>(())
        })
        .await
        .unwrap();
        assert!((sum - 250_250.0).abs() < 1e-9);
    }
}
