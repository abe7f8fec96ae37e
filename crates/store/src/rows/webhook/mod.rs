//! Webhooks: where they point, how far they have read, what they have failed
//! on, and the log of deliveries.

mod serving;

use super::Account;
use crate::error::Result;
use crate::ids::{AccountId, WebhookId};
use crate::sql::{Sql, contains};

/// A receiver of events.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct WebhookRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: WebhookId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// Only of this number; of all when absent.
    pub device_id: Option<String>,
    /// What people call it.
    pub name: String,
    /// Where to.
    pub url: String,
    /// JSON list of event names.
    pub events: String,
    /// `active`, `pending`, `failed` or `disabled`.
    pub status: String,
    /// Key of the signature, sealed.
    pub secret: Vec<u8>,
    /// Extra headers, a JSON object, sealed.
    pub headers: Option<Vec<u8>>,
    /// Events up to here are delivered or in the list of retries.
    pub position: i64,
    /// Failures in a row.
    pub failures: i64,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
    /// Since when nothing gets through.
    pub failing_since: Option<i64>,
    /// When a delivery was last tried again.
    pub last_retry_at: Option<i64>,
    /// When a delivery was last tried.
    pub last_run_at: Option<i64>,
    /// When a delivery last failed.
    pub last_failure_at: Option<i64>,
}

/// An event that could not be delivered yet, or waits behind one.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RetryRow {
    /// The event.
    pub event_seq: i64,
    /// Its lane.
    pub lane: String,
    /// Tries so far; 0 for one that waits behind another.
    pub attempts: i64,
    /// When the first try failed, or when it began to wait behind another.
    pub first_failed_at: i64,
    /// Not before.
    pub next_attempt_at: i64,
}

/// One try of a delivery.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DeliveryRow {
    /// Its id.
    pub id: String,
    /// `delivery` or `error`.
    pub event: String,
    /// `ok`, `http:500`, `timeout`…
    pub code: String,
    /// The delivered event's id.
    pub event_id: String,
    /// What the event is about.
    pub object_id: String,
    /// Which number.
    pub device_id: Option<String>,
    /// `message`, `device`…
    pub object_type: String,
    /// `message:in:new`…
    pub object_event: String,
    /// A sentence.
    pub message: Option<String>,
    /// What was sent.
    pub body: Option<String>,
    /// Which try.
    pub attempt: i64,
    /// Milliseconds.
    pub response_time: Option<i64>,
    /// HTTP status.
    pub response_status: Option<i64>,
    /// Content type.
    pub response_type: Option<String>,
    /// The answer's first 3,000 characters.
    pub response_body: Option<String>,
    /// When.
    pub created_at: i64,
}

/// Which webhooks to list; empty means all.
#[derive(Debug, Clone, Default)]
pub struct WebhookFilter {
    /// Numbers.
    pub devices: Vec<String>,
    /// States.
    pub status: Vec<String>,
    /// In name or URL.
    pub search: Option<String>,
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

fn filtered(mut sql: Sql, account: &AccountId, f: &WebhookFilter) -> Sql {
    sql.and("account_id = ").bind(account.as_str());
    if !f.devices.is_empty() {
        sql.and_in("device_id", f.devices.iter().map(String::as_str));
    }
    if !f.status.is_empty() {
        sql.and_in("status", f.status.iter().map(String::as_str));
    }
    if let Some(search) = &f.search {
        let pattern = contains(search);
        sql.and("(LOWER(name) LIKE ").bind(pattern.clone()).push(" ESCAPE '\\' OR LOWER(url) LIKE ");
        sql.bind(pattern).push(" ESCAPE '\\')");
    }
    sql
}

impl Account<'_> {
    /// A page of webhooks, oldest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn webhooks(&mut self, filter: &WebhookFilter) -> Result<Vec<WebhookRow>> {
        let mut sql = filtered(Sql::new("SELECT * FROM webhooks"), self.id, filter);
        sql.push(" ORDER BY created_at, id").page(filter.size, filter.skip);
        sql.all(&mut *self.conn).await
    }

    /// How many webhooks the filter matches.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_webhooks(&mut self, filter: &WebhookFilter) -> Result<i64> {
        filtered(Sql::new("SELECT COUNT(*) FROM webhooks"), self.id, filter).number(&mut *self.conn).await
    }

    /// One webhook.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn webhook(&mut self, id: &WebhookId) -> Result<Option<WebhookRow>> {
        Ok(sqlx::query_as("SELECT * FROM webhooks WHERE account_id = $1 AND id = $2")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// The webhook that points to a URL for the events of one number, or of all.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn webhook_to(&mut self, url: &str, device: Option<&str>) -> Result<Option<WebhookRow>> {
        Ok(sqlx::query_as("SELECT * FROM webhooks WHERE account_id = $1 AND url = $2 AND COALESCE(device_id, '') = $3")
            .bind(self.id.as_str())
            .bind(url)
            .bind(device.unwrap_or_default())
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Adds a webhook.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_webhook(&mut self, row: &WebhookRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO webhooks (id, account_id, device_id, name, url, events, status, secret, headers, position, \
             failures, created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(row.id.as_str())
        .bind(self.id.as_str())
        .bind(&row.device_id)
        .bind(&row.name)
        .bind(&row.url)
        .bind(&row.events)
        .bind(&row.status)
        .bind(row.secret.clone())
        .bind(row.headers.clone())
        .bind(row.position)
        .bind(row.failures)
        .bind(&row.created_by)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes what people may change.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_webhook(&mut self, row: &WebhookRow) -> Result<()> {
        sqlx::query(
            "UPDATE webhooks SET device_id = $3, name = $4, url = $5, events = $6, status = $7, secret = $8, headers = $9, \
             updated_at = $10, failures = $11, failing_since = $12 WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(&row.device_id)
        .bind(&row.name)
        .bind(&row.url)
        .bind(&row.events)
        .bind(&row.status)
        .bind(row.secret.clone())
        .bind(row.headers.clone())
        .bind(row.updated_at)
        .bind(row.failures)
        .bind(row.failing_since)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Removes a webhook with its log; false when there is none.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_webhook(&mut self, id: &WebhookId) -> Result<bool> {
        if self.webhook(id).await?.is_none() {
            return Ok(false);
        }
        for text in [
            "DELETE FROM webhook_retries WHERE webhook_id = $1",
            "DELETE FROM webhook_logs WHERE webhook_id = $1",
            "DELETE FROM webhooks WHERE id = $1",
        ] {
            sqlx::query(text).bind(id.as_str()).execute(&mut *self.conn).await?;
        }
        Ok(true)
    }

    /// A webhook's newest deliveries first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn deliveries(&mut self, id: &WebhookId, size: i64, skip: i64) -> Result<Vec<DeliveryRow>> {
        Ok(sqlx::query_as(
            "SELECT id, event, code, event_id, object_id, device_id, object_type, object_event, message, body, attempt, \
             response_time, response_status, response_type, response_body, created_at FROM webhook_logs \
             WHERE account_id = $1 AND webhook_id = $2 ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4",
        )
        .bind(self.id.as_str())
        .bind(id.as_str())
        .bind(size)
        .bind(skip)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// How many deliveries a webhook's log holds.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_deliveries(&mut self, id: &WebhookId) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*) FROM webhook_logs");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("webhook_id = ").bind(id.as_str());
        sql.number(&mut *self.conn).await
    }

    /// Sets a webhook back, so that events after `position` are delivered again.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn replay_webhook(&mut self, id: &WebhookId, position: i64) -> Result<()> {
        sqlx::query("DELETE FROM webhook_retries WHERE webhook_id = $1 AND event_seq > $2")
            .bind(id.as_str())
            .bind(position)
            .execute(&mut *self.conn)
            .await?;
        sqlx::query("UPDATE webhooks SET position = $3 WHERE account_id = $1 AND id = $2 AND position > $3")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .bind(position)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Has everything that a webhook still owes tried again now, as if for the
    /// first time.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn renew_webhook_retries(&mut self, id: &WebhookId, now: i64) -> Result<()> {
        sqlx::query(
            "UPDATE webhook_retries SET attempts = 0, first_failed_at = $3, next_attempt_at = $3 WHERE webhook_id = \
             (SELECT id FROM webhooks WHERE account_id = $1 AND id = $2)",
        )
        .bind(self.id.as_str())
        .bind(id.as_str())
        .bind(now)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}
