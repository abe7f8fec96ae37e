//! Accounts.

use super::{Account, Server};
use crate::error::Result;
use crate::ids::AccountId;

/// Who owns everything else.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AccountRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: AccountId,
    /// What it is called.
    pub name: String,
    /// When it was made.
    pub created_at: i64,
}

impl Server<'_> {
    /// All accounts, oldest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn accounts(&mut self) -> Result<Vec<AccountRow>> {
        Ok(sqlx::query_as("SELECT * FROM accounts ORDER BY created_at, id").fetch_all(&mut *self.conn).await?)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_account(&mut self, row: &AccountRow) -> Result<()> {
        sqlx::query("INSERT INTO accounts (id, name, created_at) VALUES ($1, $2, $3)")
            .bind(row.id.as_str())
            .bind(&row.name)
            .bind(row.created_at)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}

impl Account<'_> {
    /// The account's own row.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn row(&mut self) -> Result<Option<AccountRow>> {
        Ok(sqlx::query_as("SELECT * FROM accounts WHERE id = $1")
            .bind(self.id.as_str())
            .fetch_optional(&mut *self.conn)
            .await?)
    }
}
