//! SQL whose text depends on what was asked: filters, sorts, pages. Values are
//! always bound, never spliced.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Row};

use crate::connection::Connection;

use crate::error::Result;

/// A value to bind.
#[derive(Debug, Clone)]
pub enum Value {
    /// Text, or SQL null.
    Text(Option<String>),
    /// A number, or SQL null.
    Int(Option<i64>),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(Some(v.to_owned()))
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(Some(v))
    }
}
impl From<Option<String>> for Value {
    fn from(v: Option<String>) -> Self {
        Self::Text(v)
    }
}
impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(Some(v))
    }
}
impl From<Option<i64>> for Value {
    fn from(v: Option<i64>) -> Self {
        Self::Int(v)
    }
}
impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Self::Blob(v)
    }
}

/// Text and values, built side by side.
#[derive(Debug, Clone, Default)]
pub struct Sql {
    text: String,
    values: Vec<Value>,
    clauses: usize,
    brief: bool,
}

impl Sql {
    /// Starts with fixed text.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), values: Vec::new(), clauses: 0, brief: false }
    }

    /// It takes no time worth a thread of its own, however it was built.
    pub fn brief(&mut self) -> &mut Self {
        self.brief = true;
        self
    }

    fn on<'c>(&self, conn: &'c mut Connection) -> &'c mut Connection {
        if self.brief { conn } else { conn.patiently() }
    }

    /// Appends fixed text.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a placeholder and its value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Starts a condition: `WHERE` the first time, `AND` after.
    pub fn and(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(if self.clauses == 0 { " WHERE " } else { " AND " });
        self.clauses += 1;
        self.text.push_str(text);
        self
    }

    /// The next condition is the first one of a query inside this one.
    pub fn restart(&mut self) -> &mut Self {
        self.clauses = 0;
        self
    }

    /// The next condition belongs to the query outside again, which has some.
    pub fn resume(&mut self) -> &mut Self {
        self.clauses = 1;
        self
    }

    /// `column IN (…)`; an empty list matches nothing.
    pub fn and_in<V: Into<Value>>(&mut self, column: &'static str, values: impl IntoIterator<Item = V>) -> &mut Self {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return self.and("1 = 0");
        }
        self.and(column).push(" IN (");
        for (i, value) in values.enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self.push(")")
    }

    /// A page: `LIMIT size OFFSET skip`.
    pub fn page(&mut self, size: i64, skip: i64) -> &mut Self {
        self.push(" LIMIT ").bind(size).push(" OFFSET ").bind(skip)
    }

    fn query(&self) -> Query<'_, Any, AnyArguments> {
        #[cfg(test)]
        tests::RUN.with_borrow_mut(|run| run.push(self.text.clone()));
        // Long lists make texts that never come again: not worth a place in the cache.
        let mut query = sqlx::query(AssertSqlSafe(self.text.as_str())).persistent(self.values.len() <= 24);
        for value in &self.values {
            query = match value {
                Value::Text(v) => query.bind(v.clone()),
                Value::Int(v) => query.bind(*v),
                Value::Blob(v) => query.bind(v.clone()),
            };
        }
        query
    }

    /// All rows as `T`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn all<T>(&self, conn: &mut Connection) -> Result<Vec<T>>
    where
        T: for<'r> sqlx::FromRow<'r, AnyRow>,
    {
        let rows = self.query().fetch_all(self.on(conn)).await?;
        rows.iter().map(|row| T::from_row(row).map_err(Into::into)).collect()
    }

    /// The first row as `T`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn one<T>(&self, conn: &mut Connection) -> Result<Option<T>>
    where
        T: for<'r> sqlx::FromRow<'r, AnyRow>,
    {
        let row = self.query().fetch_optional(self.on(conn)).await?;
        row.as_ref().map(|row| T::from_row(row).map_err(Into::into)).transpose()
    }

    /// The first column of the first row as a number, 0 when there is none.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn number(&self, conn: &mut Connection) -> Result<i64> {
        let row = self.query().fetch_optional(self.on(conn)).await?;
        Ok(match row {
            Some(row) => row.try_get::<Option<i64>, _>(0)?.unwrap_or(0),
            None => 0,
        })
    }

    /// Runs it; the number of rows changed.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn run(&self, conn: &mut Connection) -> Result<u64> {
        Ok(self.query().execute(conn).await?.rows_affected())
    }
}

/// `%text%` for `LIKE … ESCAPE '\'`, with the pattern signs of `text` escaped.
#[must_use]
pub fn contains(text: &str) -> String {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::RefCell;

    use super::{Sql, contains};

    thread_local! {
        /// The statements that were run, for tests that look at their plans.
        pub(crate) static RUN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    #[test]
    fn numbers_placeholders_and_joins_conditions() {
        let mut sql = Sql::new("SELECT * FROM t");
        sql.and("a = ").bind("x").and_in("b", vec![1i64, 2]).and_in("c", Vec::<String>::new());
        sql.page(20, 40);
        assert_eq!(sql.text, "SELECT * FROM t WHERE a = $1 AND b IN ($2, $3) AND 1 = 0 LIMIT $4 OFFSET $5");
        assert_eq!(sql.values.len(), 5);
    }

    #[test]
    fn search_text_is_literal() {
        assert_eq!(contains("50%_A"), "%50\\%\\_a%");
    }
}
