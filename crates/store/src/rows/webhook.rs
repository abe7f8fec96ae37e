//! Webhooks: where they point, how far they have read, what they have failed
//! on, and the log of deliveries.

use super::{Account, Server};
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

impl Server<'_> {
    /// Webhooks of all accounts that are to be served.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn live_webhooks(&mut self) -> Result<Vec<WebhookRow>> {
        Ok(sqlx::query_as("SELECT * FROM webhooks WHERE status NOT IN ('disabled', 'failed') ORDER BY created_at, id")
            .fetch_all(&mut *self.conn)
            .await?)
    }

    /// What a webhook still owes, oldest first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn webhook_retries(&mut self, id: &WebhookId, limit: i64) -> Result<Vec<RetryRow>> {
        Ok(sqlx::query_as(
            "SELECT event_seq, lane, attempts, first_failed_at, next_attempt_at FROM webhook_retries \
             WHERE webhook_id = $1 ORDER BY event_seq LIMIT $2",
        )
        .bind(id.as_str())
        .bind(limit)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Notes that an event must be delivered later.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_webhook_retry(&mut self, id: &WebhookId, row: &RetryRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO webhook_retries (webhook_id, event_seq, lane, attempts, first_failed_at, next_attempt_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (webhook_id, event_seq) DO UPDATE SET \
             attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at",
        )
        .bind(id.as_str())
        .bind(row.event_seq)
        .bind(&row.lane)
        .bind(row.attempts)
        .bind(row.first_failed_at)
        .bind(row.next_attempt_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Forgets retries of events after a webhook's position: they are read from
    /// the log again.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn drop_webhook_retries_after(&mut self, id: &WebhookId, position: i64) -> Result<()> {
        sqlx::query("DELETE FROM webhook_retries WHERE webhook_id = $1 AND event_seq > $2")
            .bind(id.as_str())
            .bind(position)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Forgets retries that are delivered or given up.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn drop_webhook_retries(&mut self, id: &WebhookId, positions: &[i64]) -> Result<()> {
        let mut sql = Sql::new("DELETE FROM webhook_retries");
        sql.and("webhook_id = ").bind(id.as_str()).and_in("event_seq", positions.iter().copied());
        sql.run(&mut *self.conn).await?;
        Ok(())
    }

    /// Notes how far a webhook has come and how it fares; false when it is gone.
    /// Its URL and the like may have been changed meanwhile and are left alone.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn advance_webhook(&mut self, row: &WebhookRow, from: i64) -> Result<bool> {
        // A replay may have set the position back while a batch was under way.
        let done = sqlx::query(
            "UPDATE webhooks SET position = CASE WHEN position = $3 THEN $2 ELSE position END, failures = $4, \
             failing_since = $5, last_retry_at = $6, last_run_at = $7, last_failure_at = $8, \
             status = CASE WHEN status = 'disabled' THEN status ELSE $9 END WHERE id = $1",
        )
        .bind(row.id.as_str())
        .bind(row.position)
        .bind(from)
        .bind(row.failures)
        .bind(row.failing_since)
        .bind(row.last_retry_at)
        .bind(row.last_run_at)
        .bind(row.last_failure_at)
        .bind(&row.status)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Adds a line to a webhook's log.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn log_delivery(&mut self, webhook: &WebhookRow, row: &DeliveryRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO webhook_logs (id, webhook_id, account_id, event, code, event_id, object_id, device_id, object_type, \
             object_event, message, body, attempt, response_time, response_status, response_type, response_body, created_at) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18 \
             WHERE EXISTS (SELECT 1 FROM webhooks WHERE id = $2)",
        )
        .bind(&row.id)
        .bind(webhook.id.as_str())
        .bind(webhook.account_id.as_str())
        .bind(&row.event)
        .bind(&row.code)
        .bind(&row.event_id)
        .bind(&row.object_id)
        .bind(&row.device_id)
        .bind(&row.object_type)
        .bind(&row.object_event)
        .bind(&row.message)
        .bind(&row.body)
        .bind(row.attempt)
        .bind(row.response_time)
        .bind(row.response_status)
        .bind(&row.response_type)
        .bind(&row.response_body)
        .bind(row.created_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Drops log lines beyond the newest `keep` of a webhook.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn trim_deliveries(&mut self, id: &WebhookId, keep: i64) -> Result<u64> {
        let done = sqlx::query(
            "DELETE FROM webhook_logs WHERE webhook_id = $1 AND created_at < (SELECT created_at FROM webhook_logs \
             WHERE webhook_id = $1 ORDER BY created_at DESC LIMIT 1 OFFSET $2)",
        )
        .bind(id.as_str())
        .bind(keep)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected())
    }

    /// Drops log lines made before `before`, at most `limit` at a time; how many.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_deliveries(&mut self, before: i64, limit: i64) -> Result<u64> {
        // Through the webhooks, so that the index of their logs is used.
        let done = sqlx::query(
            "DELETE FROM webhook_logs WHERE id IN (SELECT l.id FROM webhooks w JOIN webhook_logs l \
             ON l.webhook_id = w.id AND l.created_at < $1 LIMIT $2)",
        )
        .bind(before)
        .bind(limit)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected())
    }

    /// Marks messages whose events were delivered to a webhook.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn mark_notified(&mut self, account: &AccountId, messages: &[String]) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let mut sql = Sql::new("UPDATE messages SET webhook_status = 'notified'");
        sql.and("account_id = ").bind(account.as_str()).and("webhook_status = 'pending'");
        sql.and_in("id", messages.iter().map(String::as_str));
        sql.run(&mut *self.conn).await?;
        Ok(())
    }
}
