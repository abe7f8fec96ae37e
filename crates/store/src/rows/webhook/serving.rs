//! What the deliveries read and write, over all accounts.

use super::{DeliveryRow, RetryRow, WebhookRow};
use crate::error::Result;
use crate::ids::{AccountId, WebhookId};
use crate::rows::Server;
use crate::sql::Sql;

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
        // Found by their ids, not by the index of all that the account has.
        sql.and("CAST(account_id AS TEXT) = ").bind(account.as_str()).and("CAST(webhook_status AS TEXT) = 'pending'");
        sql.and_in("id", messages.iter().map(String::as_str));
        sql.run(&mut *self.conn).await?;
        Ok(())
    }
}
