//! A connection to either database, to which sqlx's queries are put.
//!
//! PostgreSQL is a server: sqlx talks to it. SQLite is a library, and most of
//! our statements are over in some microseconds: they run on the thread that
//! asks ([`local`]). A thread of its own for each connection, as sqlx has it,
//! costs two changes of threads for each statement, which is several times the
//! statement's own work.

mod failure;
mod local;
mod readers;

use std::sync::atomic::Ordering;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use sqlx::any::{AnyArguments, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Either, Error, Execute, Executor, SqlStr};

use crate::database::Dialect;
use local::Local;
pub(crate) use readers::{Reader, Readers};

/// An open connection.
#[derive(Debug)]
pub struct Connection(Kind);

#[derive(Debug)]
enum Kind {
    Sqlite(Box<Local>),
    Postgres(AnyConnection),
    Pooled(PoolConnection<Any>),
}

/// Where statements run.
enum Place<'c> {
    Here(&'c mut Local),
    There(&'c mut AnyConnection),
}

type Result<T> = std::result::Result<T, Error>;

impl Connection {
    fn place(&mut self) -> Place<'_> {
        match &mut self.0 {
            Kind::Sqlite(local) => Place::Here(local),
            Kind::Postgres(conn) => Place::There(conn),
            Kind::Pooled(conn) => Place::There(conn),
        }
    }

    /// Opens `url`: `sqlite:///path/file.db`, with `?mode=ro`, `rw` (the default) or
    /// `rwc` behind it, or `postgres://…`.
    ///
    /// # Errors
    /// When there is no such database, or it can't be reached.
    pub async fn open(url: &str) -> Result<Self> {
        Ok(Self(match Dialect::of(url) {
            Dialect::Sqlite => Kind::Sqlite(Box::new(Local::open(url)?)),
            Dialect::Postgres => {
                sqlx::any::install_default_drivers();
                Kind::Postgres(<AnyConnection as sqlx::Connection>::connect(url).await?)
            }
        }))
    }

    /// Ends it in good order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn close(self) -> Result<()> {
        match self.0 {
            Kind::Sqlite(local) => local.close(),
            Kind::Postgres(conn) => sqlx::Connection::close(conn).await,
            Kind::Pooled(conn) => conn.close().await,
        }
    }

    /// The next query may take long: on SQLite, the other tasks of this thread are
    /// moved to another one meanwhile.
    pub(crate) fn patiently(&mut self) -> &mut Self {
        if let Kind::Sqlite(local) = &mut self.0 {
            local.patiently();
        }
        self
    }

    /// On SQLite, nothing else waits for the thread that this connection is used on.
    pub(crate) fn alone(mut self) -> Self {
        if let Kind::Sqlite(local) = &mut self.0 {
            local.alone();
        }
        self
    }

    /// On SQLite, it is noted from now on when a row of the table of numbers changes.
    ///
    /// # Errors
    /// As SQLite answers.
    pub(crate) fn watch_numbers(&mut self) -> Result<()> {
        match &mut self.0 {
            Kind::Sqlite(local) => local.watch_numbers(),
            _ => Ok(()),
        }
    }

    /// Whether a row of the table of numbers was changed on this connection, as far as that is watched.
    pub(crate) fn numbers_changed(&self) -> bool {
        matches!(&self.0, Kind::Sqlite(local) if local.numbers_changed().load(Ordering::Relaxed))
    }

    /// The transaction is over; whether it has changed a row of the table of numbers.
    pub(crate) fn numbers_settled(&self) -> bool {
        matches!(&self.0, Kind::Sqlite(local) if local.numbers_changed().swap(false, Ordering::Relaxed))
    }

    /// Hands over all rows of a query one by one, however many there are.
    ///
    /// # Errors
    /// As the database answers, or `each`.
    pub(crate) async fn each_row<E: From<Error>>(
        &mut self,
        sql: String,
        mut each: impl FnMut(&AnyRow) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        match self.place() {
            Place::Here(local) => local.each_row(&sql, each),
            Place::There(conn) => {
                let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(conn);
                while let Some(row) = rows.try_next().await? {
                    each(&row)?;
                }
                Ok(())
            }
        }
    }
}

/// Text, whether it comes again, and values. A text without any may be of several
/// statements, where no rows are asked for.
fn parts<'q, E: Execute<'q, Any>>(mut query: E) -> Result<(SqlStr, bool, Option<AnyArguments>)> {
    let arguments = query.take_arguments().map_err(Error::Encode)?;
    let persistent = query.persistent();
    Ok((query.sql(), persistent, arguments))
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Any;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<AnyQueryResult>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        match self.place() {
            Place::There(conn) => conn.execute(query),
            Place::Here(local) => async move {
                let (sql, persistent, arguments) = parts(query)?;
                let rows_affected = local.run(sql.as_str(), persistent, arguments, usize::MAX)?.changed;
                Ok(AnyQueryResult { rows_affected, last_insert_id: None })
            }
            .boxed(),
        }
    }

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        match self.place() {
            Place::There(conn) => conn.fetch_many(query),
            Place::Here(local) => stream::once(async move {
                let (sql, persistent, arguments) = parts(query)?;
                let done = local.run(sql.as_str(), persistent, Some(arguments.unwrap_or_default()), usize::MAX)?;
                let result = AnyQueryResult { rows_affected: done.changed, last_insert_id: None };
                let all = done.rows.into_iter().map(Either::Right).chain([Either::Left(result)]);
                Ok::<_, Error>(stream::iter(all.map(Ok)))
            })
            .try_flatten()
            .boxed(),
        }
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<AnyRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        match self.place() {
            Place::There(conn) => conn.fetch_all(query),
            Place::Here(local) => async move {
                let (sql, persistent, arguments) = parts(query)?;
                Ok(local.run(sql.as_str(), persistent, Some(arguments.unwrap_or_default()), usize::MAX)?.rows)
            }
            .boxed(),
        }
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        match self.place() {
            Place::There(conn) => conn.fetch_optional(query),
            Place::Here(local) => async move {
                let (sql, persistent, arguments) = parts(query)?;
                Ok(local.run(sql.as_str(), persistent, Some(arguments.unwrap_or_default()), 1)?.rows.pop())
            }
            .boxed(),
        }
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [AnyTypeInfo]) -> BoxFuture<'e, Result<AnyStatement>>
    where
        'c: 'e,
    {
        match self.place() {
            Place::There(conn) => conn.prepare_with(sql, parameters),
            // Statements are prepared where they run, and kept there.
            Place::Here(_) => async { Err(Error::Configuration("SQLite keeps its statements itself".into())) }.boxed(),
        }
    }
}
