//! People of the team, and which numbers they may use.

use super::{Account, Server};
use crate::error::Result;
use crate::ids::{AccountId, DeviceId, UserId};
use crate::sql::{Sql, contains};

/// A person of the team.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct UserRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: UserId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// Shown name.
    pub name: String,
    /// `admin`, `supervisor` or `agent`.
    pub role: String,
    /// `active`, `pending` (invited) or `suspended`.
    pub status: String,
    /// In small letters; one person of the whole server.
    pub email: Option<String>,
    /// Colour in lists.
    pub color: String,
    /// Argon2id in PHC form.
    pub password: Option<String>,
    /// SHA-256 of an invitation's token, hexadecimal.
    pub invitation: Option<String>,
    /// When the invitation ends.
    pub invitation_expires_at: Option<i64>,
    /// Whether they are there, JSON.
    pub availability: String,
    /// Last login with a password.
    pub last_login_at: Option<i64>,
    /// Last request, to the minute.
    pub last_seen_at: Option<i64>,
    /// When it was made.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

impl UserRow {
    /// Somebody active without password or email.
    #[must_use]
    pub fn new(account: &AccountId, name: &str, role: &str, now: i64) -> Self {
        Self {
            id: UserId::new(now),
            account_id: account.clone(),
            name: name.to_owned(),
            role: role.to_owned(),
            status: "active".to_owned(),
            email: None,
            color: "blue".to_owned(),
            password: None,
            invitation: None,
            invitation_expires_at: None,
            availability: "{}".to_owned(),
            last_login_at: None,
            last_seen_at: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Which people to list.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Only these ids.
    pub ids: Vec<String>,
    /// Not these ids.
    pub except: Vec<String>,
    /// Only in one of these states.
    pub status: Vec<String>,
    /// Only with one of these roles.
    pub role: Vec<String>,
    /// In name or email.
    pub search: Option<String>,
    /// Only who may use all or one of these numbers.
    pub devices: Option<Vec<String>>,
    /// Last seen before.
    pub seen_before: Option<i64>,
    /// Last seen after.
    pub seen_after: Option<i64>,
    /// Last login before.
    pub login_before: Option<i64>,
    /// Last login after.
    pub login_after: Option<i64>,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

fn filtered(mut sql: Sql, account: &AccountId, filter: &UserFilter) -> Sql {
    sql.and("account_id = ").bind(account.as_str());
    for (column, values) in [("id", &filter.ids), ("status", &filter.status), ("role", &filter.role)] {
        if !values.is_empty() {
            sql.and_in(column, values.iter().map(String::as_str));
        }
    }
    if !filter.except.is_empty() {
        sql.and("id NOT IN (");
        for (i, id) in filter.except.iter().enumerate() {
            if i > 0 {
                sql.push(", ");
            }
            sql.bind(id.as_str());
        }
        sql.push(")");
    }
    if let Some(search) = &filter.search {
        let pattern = contains(search);
        sql.and("(LOWER(name) LIKE ").bind(pattern.clone()).push(" ESCAPE '\\' OR COALESCE(email, '') LIKE ");
        sql.bind(pattern).push(" ESCAPE '\\')");
    }
    if let Some(devices) = &filter.devices {
        sql.and("(role = 'admin' OR id IN (SELECT user_id FROM device_access WHERE device_id IN (");
        for (i, id) in devices.iter().enumerate() {
            if i > 0 {
                sql.push(", ");
            }
            sql.bind(id.as_str());
        }
        if devices.is_empty() {
            sql.push("''");
        }
        sql.push(")))");
    }
    for (condition, at) in [
        ("last_seen_at < ", filter.seen_before),
        ("last_seen_at > ", filter.seen_after),
        ("last_login_at < ", filter.login_before),
        ("last_login_at > ", filter.login_after),
    ] {
        if let Some(at) = at {
            sql.and(condition).bind(at);
        }
    }
    sql
}

/// A person's access to a number.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AccessRow {
    /// Who.
    pub user_id: String,
    /// To which number.
    pub device_id: String,
    /// Since when.
    pub created_at: i64,
}

impl Account<'_> {
    /// One person.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn user(&mut self, id: &UserId) -> Result<Option<UserRow>> {
        Ok(sqlx::query_as("SELECT * FROM users WHERE account_id = $1 AND id = $2")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// One person by email, in small letters.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn user_by_email(&mut self, email: &str) -> Result<Option<UserRow>> {
        Ok(sqlx::query_as("SELECT * FROM users WHERE account_id = $1 AND email = $2")
            .bind(self.id.as_str())
            .bind(email)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// A page of people, oldest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn users(&mut self, filter: &UserFilter) -> Result<Vec<UserRow>> {
        let mut sql = filtered(Sql::new("SELECT * FROM users"), self.id, filter);
        sql.push(" ORDER BY created_at, id").page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many people the filter matches.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_users(&mut self, filter: &UserFilter) -> Result<i64> {
        filtered(Sql::new("SELECT COUNT(*) FROM users"), self.id, filter).number(&mut *self.conn).await
    }

    /// Adds a person.
    ///
    /// # Errors
    /// `Duplicate` when the email is taken.
    pub async fn insert_user(&mut self, row: &UserRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO users (id, account_id, name, role, status, email, color, password, invitation, \
             invitation_expires_at, availability, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(row.id.as_str())
        .bind(self.id.as_str())
        .bind(&row.name)
        .bind(&row.role)
        .bind(&row.status)
        .bind(&row.email)
        .bind(&row.color)
        .bind(&row.password)
        .bind(&row.invitation)
        .bind(row.invitation_expires_at)
        .bind(&row.availability)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes every column that may change.
    ///
    /// # Errors
    /// `Duplicate` when the email is taken.
    pub async fn update_user(&mut self, row: &UserRow) -> Result<()> {
        sqlx::query(
            "UPDATE users SET name = $3, role = $4, status = $5, email = $6, color = $7, password = $8, \
             invitation = $9, invitation_expires_at = $10, availability = $11, last_login_at = $12, updated_at = $13 \
             WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(&row.name)
        .bind(&row.role)
        .bind(&row.status)
        .bind(&row.email)
        .bind(&row.color)
        .bind(&row.password)
        .bind(&row.invitation)
        .bind(row.invitation_expires_at)
        .bind(&row.availability)
        .bind(row.last_login_at)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Removes a person for good, with their keys, access, places in departments
    /// and private quick replies.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_user(&mut self, id: &UserId) -> Result<()> {
        for text in [
            "DELETE FROM device_access WHERE account_id = $1 AND user_id = $2",
            "DELETE FROM quick_replies WHERE account_id = $1 AND owner = $2",
            "DELETE FROM department_agents WHERE user_id = $2 AND department_id IN \
             (SELECT id FROM departments WHERE account_id = $1)",
            "DELETE FROM api_keys WHERE account_id = $1 AND user_id = $2",
            "DELETE FROM users WHERE account_id = $1 AND id = $2",
        ] {
            sqlx::query(text).bind(self.id.as_str()).bind(id.as_str()).execute(&mut *self.conn).await?;
        }
        Ok(())
    }

    /// Access to numbers: of one person, to one number, or all there is.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn access(&mut self, user: Option<&str>, device: Option<&str>) -> Result<Vec<AccessRow>> {
        let mut sql = Sql::new(
            "SELECT a.user_id, a.device_id, a.created_at FROM device_access a JOIN devices d ON d.id = a.device_id",
        );
        sql.and("a.account_id = ").bind(self.id.as_str()).and("d.removed_at IS NULL");
        if let Some(user) = user {
            sql.and("a.user_id = ").bind(user);
        }
        if let Some(device) = device {
            sql.and("a.device_id = ").bind(device);
        }
        sql.push(" ORDER BY a.created_at, a.user_id, a.device_id");
        sql.all(&mut *self.conn).await
    }

    /// Gives access to a number; false when it was there.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn grant(&mut self, user: &UserId, device: &DeviceId, now: i64) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO device_access (user_id, device_id, account_id, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (user_id, device_id) DO NOTHING",
        )
        .bind(user.as_str())
        .bind(device.as_str())
        .bind(self.id.as_str())
        .bind(now)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes access to a number back, and places in its departments; false when
    /// there was none.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn revoke_access(&mut self, user: &UserId, device: &DeviceId) -> Result<bool> {
        sqlx::query(
            "DELETE FROM department_agents WHERE user_id = $1 AND department_id IN \
             (SELECT id FROM departments WHERE account_id = $2 AND device_id = $3)",
        )
        .bind(user.as_str())
        .bind(self.id.as_str())
        .bind(device.as_str())
        .execute(&mut *self.conn)
        .await?;
        let done = sqlx::query("DELETE FROM device_access WHERE user_id = $1 AND account_id = $2 AND device_id = $3")
            .bind(user.as_str())
            .bind(self.id.as_str())
            .bind(device.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

impl Account<'_> {
    /// How many active administrators there are besides this person.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn other_admins(&mut self, id: &UserId) -> Result<i64> {
        Ok(sqlx::query_scalar(
            "SELECT COUNT(*) FROM users WHERE account_id = $1 AND id <> $2 AND role = 'admin' AND status = 'active'",
        )
        .bind(self.id.as_str())
        .bind(id.as_str())
        .fetch_one(&mut *self.conn)
        .await?)
    }
}

impl Server<'_> {
    /// Who logs in with this email, in small letters.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn login(&mut self, email: &str) -> Result<Option<UserRow>> {
        Ok(sqlx::query_as("SELECT * FROM users WHERE email = $1").bind(email).fetch_optional(&mut *self.conn).await?)
    }

    /// Who was invited with a token of this hash.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn invited(&mut self, hash: &str) -> Result<Option<UserRow>> {
        Ok(sqlx::query_as("SELECT * FROM users WHERE invitation = $1")
            .bind(hash)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Notes that a person was seen.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn touch_user(&mut self, id: &UserId, now: i64) -> Result<()> {
        sqlx::query("UPDATE users SET last_seen_at = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(now)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }
}
