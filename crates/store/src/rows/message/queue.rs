//! The queue of a number: what waits, what may leave, and in what order.

use super::{MessageRow, WaitingFilter};
use crate::error::Result;
use crate::ids::DeviceId;
use crate::rows::{Account, Server};
use crate::sql::Sql;

/// What a sender needs to know of the next message.
pub type DueMessage = MessageRow;

/// Messages of a queue by state.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Waiting, due or not.
    pub queued: i64,
    /// Waiting for a later time.
    pub scheduled: i64,
    /// On their way to WhatsApp.
    pub processing: i64,
}

/// What may not leave for now although it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hold {
    /// Everything may leave.
    #[default]
    Nothing,
    /// Messages to people who have never written to the number.
    FirstMessages,
    /// Everything.
    Everything,
}

/// What keeps a due message back. The plus signs keep planners from looking for
/// rows by their time, which most of a queue has in common: it is one of its chat that waits for its next try,
/// an earlier one when it asked for order, a restriction of the account.
fn free(sql: &mut Sql, now: i64, hold: Hold) {
    sql.and("m.status = 'queued'").and("+m.next_attempt_at <= ").bind(now);
    sql.and("(m.expires_at IS NULL OR m.expires_at > ").bind(now).push(")");
    sql.and(
        "NOT EXISTS (SELECT 1 FROM messages w WHERE w.device_id = m.device_id AND w.chat = m.chat \
         AND w.status = 'queued' AND w.retry_count > 0 AND w.seq < m.seq AND +w.next_attempt_at > ",
    )
    .bind(now)
    .push(")");
    sql.and(
        "(m.ordered = 0 OR NOT EXISTS (SELECT 1 FROM messages o WHERE o.device_id = m.device_id AND o.chat = m.chat \
         AND o.status = 'queued' AND o.seq < m.seq AND o.deliver_at <= ",
    )
    .bind(now)
    .push("))");
    if hold == Hold::FirstMessages {
        sql.and(
            "(m.target <> 'user' OR EXISTS (SELECT 1 FROM chats c WHERE c.device_id = m.device_id \
             AND c.wid = m.chat AND c.inbound_messages > 0))",
        );
    }
}

impl Account<'_> {
    /// What waits in a number's queue at `now`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn queue_counts(&mut self, device: &DeviceId, now: i64) -> Result<Counts> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT status, COUNT(*), CAST(SUM(CASE WHEN deliver_at > $3 THEN 1 ELSE 0 END) AS BIGINT) FROM messages \
             WHERE account_id = $1 AND device_id = $2 AND status IN ('queued', 'processing') GROUP BY status",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(now)
        .fetch_all(&mut *self.conn)
        .await?;
        let mut counts = Counts::default();
        for (status, all, later) in rows {
            if status == "queued" {
                counts.queued = all;
                counts.scheduled = later;
            } else {
                counts.processing = all;
            }
        }
        Ok(counts)
    }

    /// Takes waiting messages of a number out of its queue, `most` at once.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn remove_waiting(
        &mut self,
        device: &DeviceId,
        filter: &WaitingFilter,
        most: i64,
        now: i64,
        why: &str,
    ) -> Result<Vec<MessageRow>> {
        let mut sql =
            Sql::new("UPDATE messages SET status = 'removed', delivery_status = 'cancelled', failure_reason = ");
        sql.bind(why).push(", processed_at = ").bind(now);
        sql.and("id IN (SELECT id FROM messages");
        sql.restart();
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str()).and("status = 'queued'");
        filter.narrow(&mut sql);
        sql.push(" LIMIT ").bind(most).push(") RETURNING *");
        sql.all(&mut *self.conn).await
    }

    /// Gives waiting messages that nobody has tried to send to another number,
    /// `most` at once; how many. Those that are about something that only the
    /// first number has stay.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn route_waiting(&mut self, from: &DeviceId, to: &DeviceId, most: i64) -> Result<u64> {
        let mut sql = Sql::new("UPDATE messages SET device_id = ");
        sql.bind(to.as_str()).and("id IN (SELECT id FROM messages");
        sql.restart();
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(from.as_str()).and("status = 'queued'").and("attempts = 0");
        sql.and("kind NOT IN ('reaction', 'poll_vote', 'event_response', 'forward', 'product')");
        sql.push(" LIMIT ").bind(most).push(")");
        sql.run(&mut *self.conn).await
    }
}

impl Server<'_> {
    /// The next messages of a number that may be sent at `now`, none of a chat
    /// in `busy` and none that would overtake one of its chat that waits for a
    /// retry. Several may be of one chat.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn due_messages(
        &mut self,
        device: &DeviceId,
        now: i64,
        busy: &[String],
        hold: Hold,
        limit: i64,
    ) -> Result<Vec<DueMessage>> {
        if hold == Hold::Everything {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT * FROM messages m");
        sql.and("m.device_id = ").bind(device.as_str());
        if !busy.is_empty() {
            sql.and("m.chat NOT IN (");
            for (i, chat) in busy.iter().enumerate() {
                if i > 0 {
                    sql.push(", ");
                }
                sql.bind(chat.as_str());
            }
            sql.push(")");
        }
        free(&mut sql, now, hold);
        sql.push(" ORDER BY m.rank DESC, m.seq").page(limit, 0);
        sql.all(&mut *self.conn).await
    }

    /// The next message to one chat that may be sent at `now`. Its cost does
    /// not grow with the queue.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn due_message_to(
        &mut self,
        device: &DeviceId,
        chat: &str,
        now: i64,
        hold: Hold,
    ) -> Result<Option<DueMessage>> {
        if hold == Hold::Everything {
            return Ok(None);
        }
        let mut sql = Sql::new("SELECT * FROM messages m");
        sql.and("m.device_id = ").bind(device.as_str()).and("m.chat = ").bind(chat);
        free(&mut sql, now, hold);
        sql.push(" ORDER BY m.rank DESC, m.seq LIMIT 1");
        sql.one(&mut *self.conn).await
    }

    /// Moves waiting messages past their end out of the queue of a number.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn expire_messages(&mut self, device: &DeviceId, now: i64) -> Result<Vec<MessageRow>> {
        Ok(sqlx::query_as(
            "UPDATE messages SET status = 'expired', delivery_status = 'failed', expired_at = $2, processed_at = $2, \
             failure_code = 'message:expired', failure_reason = 'It could not be sent before it expired.' \
             WHERE device_id = $1 AND status = 'queued' AND expires_at IS NOT NULL AND expires_at <= $2 RETURNING *",
        )
        .bind(device.as_str())
        .bind(now)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Numbers with a waiting message past its end.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn devices_with_expired(&mut self, now: i64) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT DISTINCT device_id FROM messages WHERE status = 'queued' AND expires_at IS NOT NULL AND expires_at <= $1",
        )
        .bind(now)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// What waits, was not to be sent later, and is due only after `latest`, is
    /// due at `now`; the numbers of these.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn bring_messages_forward(&mut self, now: i64, latest: i64) -> Result<Vec<String>> {
        let mut numbers: Vec<String> = sqlx::query_scalar(
            "UPDATE messages SET next_attempt_at = $1 WHERE status = 'queued' AND next_attempt_at > $2 \
             AND deliver_at <= created_at RETURNING device_id",
        )
        .bind(now)
        .bind(latest)
        .fetch_all(&mut *self.conn)
        .await?;
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// Marks messages as being on their way.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn mark_processing(&mut self, ids: &[String]) -> Result<()> {
        let mut sql = Sql::new(
            "UPDATE messages SET status = 'processing', delivery_status = 'processing', attempts = attempts + 1",
        );
        sql.and_in("id", ids.iter().map(String::as_str));
        sql.run(&mut *self.conn).await?;
        Ok(())
    }

    /// When the next waiting message of a number becomes due after `after`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn next_due(&mut self, device: &DeviceId, after: i64) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar(
            "SELECT MIN(next_attempt_at) FROM messages WHERE device_id = $1 AND status = 'queued' AND next_attempt_at > $2",
        )
        .bind(device.as_str())
        .bind(after)
        .fetch_one(&mut *self.conn)
        .await?)
    }

    /// Puts what was on its way when the server died back into the queue, unless
    /// another node drives the number: it is sent again under the same id.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn requeue_processing(&mut self, device: &DeviceId, node: &str, now: i64) -> Result<u64> {
        let done = sqlx::query(
            "UPDATE messages SET status = 'queued', delivery_status = 'queued', next_attempt_at = $2 \
             WHERE id IN (SELECT id FROM messages WHERE device_id = $1 AND status = 'processing') \
             AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.device_id = $1 AND l.node <> $3 AND l.expires_at > $2)",
        )
        .bind(device.as_str())
        .bind(now)
        .bind(node)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected())
    }
}
