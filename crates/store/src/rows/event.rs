//! The event log: append-only, ordered, written in the transaction that makes
//! the change.

use super::{Account, Server};
use crate::database::Writing;
use crate::error::Result;
use crate::ids::{AccountId, DeviceId, EventId};
use crate::sql::Sql;

/// A change somebody may want to hear of.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Whose.
    pub account: AccountId,
    /// The number it is about.
    pub device: Option<DeviceId>,
    /// `message:in:new` and so on.
    pub event: String,
    /// What `object_id` names: `message`, `device`, `chat`…
    pub object: String,
    /// The thing that changed.
    pub object_id: String,
    /// Events of one lane are delivered in order: the chat, or the device.
    pub lane: String,
    /// The payload, JSON.
    pub data: String,
    /// When it happened.
    pub at: i64,
}

/// An event of the log.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EventRow {
    /// Position; grows, with gaps.
    pub seq: i64,
    /// Stable id, the same at every delivery.
    #[sqlx(try_from = "String")]
    pub id: EventId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// The number it is about.
    pub device_id: Option<String>,
    /// `message:in:new` and so on.
    pub event: String,
    /// What `object_id` names.
    pub object: String,
    /// The thing that changed.
    pub object_id: String,
    /// Events of one lane are delivered in order.
    pub lane: String,
    /// The payload, JSON.
    pub data: String,
    /// When it happened.
    pub created_at: i64,
}

/// Which events to read.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Only later ones.
    pub after: i64,
    /// Only these kinds; all when empty.
    pub events: Vec<String>,
    /// Only of these numbers; all when empty.
    pub devices: Vec<String>,
    /// At most this many.
    pub limit: i64,
}

impl Writing {
    /// Appends to the log; its position.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn append_event(&mut self, event: NewEvent) -> Result<i64> {
        self.touches(&event.object, &event.object_id, event.device.as_ref().map(DeviceId::as_str));
        let seq: i64 = sqlx::query_scalar(
            "INSERT INTO events (id, account_id, device_id, event, object, object_id, lane, data, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING seq",
        )
        .bind(String::from(EventId::new(event.at)))
        .bind(event.account.as_str())
        .bind(event.device.as_ref().map(|d| d.as_str().to_owned()))
        .bind(event.event)
        .bind(event.object)
        .bind(event.object_id)
        .bind(event.lane)
        .bind(event.data)
        .bind(event.at)
        .fetch_one(&mut self.conn)
        .await?;
        self.appended(seq);
        Ok(seq)
    }
}

impl Account<'_> {
    /// Events after a position, in order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn events(&mut self, filter: &EventFilter) -> Result<Vec<EventRow>> {
        let mut sql = Sql::new("SELECT * FROM events");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("seq > ").bind(filter.after);
        if !filter.events.is_empty() {
            sql.and_in("event", filter.events.iter().map(String::as_str));
        }
        if !filter.devices.is_empty() {
            sql.and_in("device_id", filter.devices.iter().map(String::as_str));
        }
        sql.push(" ORDER BY seq").page(filter.limit, 0);
        sql.all(&mut *self.conn).await
    }

    /// The position of the newest event, 0 when there is none.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn last_event(&mut self) -> Result<i64> {
        let mut sql = Sql::new("SELECT MAX(seq) FROM events");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.number(&mut *self.conn).await
    }

    /// The position of the oldest event kept, 0 when there is none.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn first_event(&mut self) -> Result<i64> {
        let mut sql = Sql::new("SELECT MIN(seq) FROM events");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.number(&mut *self.conn).await
    }

    /// The position of the first event that happened at `since` or later.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn first_event_since(&mut self, since: i64) -> Result<Option<i64>> {
        // Positions and times grow together: halving the log finds the place in
        // a few steps, without an index that each event would have to enter.
        let (mut low, mut high) = (self.first_event().await?, self.last_event().await? + 1);
        let mut found = None;
        while low < high {
            let middle = low + (high - low) / 2;
            let mut sql = Sql::new("SELECT seq, created_at FROM events");
            sql.and("account_id = ").bind(self.id.as_str());
            sql.and("seq >= ").bind(middle).and("seq < ").bind(high);
            sql.push(" ORDER BY seq LIMIT 1");
            match sql.one::<(i64, i64)>(&mut *self.conn).await? {
                None => high = middle,
                Some((seq, at)) if at >= since => {
                    found = Some(seq);
                    high = middle;
                }
                Some((seq, _)) => low = seq + 1,
            }
        }
        Ok(found)
    }

    /// Events at these positions, in order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn events_at(&mut self, positions: &[i64]) -> Result<Vec<EventRow>> {
        let mut sql = Sql::new("SELECT * FROM events");
        // Found by their numbers, not by the index of all that the account has.
        sql.and("CAST(account_id AS TEXT) = ").bind(self.id.as_str());
        sql.and_in("seq", positions.iter().copied());
        sql.push(" ORDER BY seq");
        sql.all(&mut *self.conn).await
    }
}

impl Server<'_> {
    /// Position and time of the oldest event kept.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn oldest_event(&mut self) -> Result<Option<(i64, i64)>> {
        Ok(sqlx::query_as("SELECT seq, created_at FROM events ORDER BY seq LIMIT 1")
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Accounts that have events after one position, up to another.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn accounts_with_events(&mut self, after: i64, to: i64) -> Result<Vec<AccountId>> {
        let ids: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT account_id FROM events WHERE seq > $1 AND seq <= $2")
                .bind(after)
                .bind(to)
                .fetch_all(&mut *self.conn)
                .await?;
        Ok(ids.into_iter().map(AccountId::trusted).collect())
    }

    /// Positions and times of events after a position, in order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn event_ages(&mut self, after: i64, limit: i64) -> Result<Vec<(i64, i64)>> {
        Ok(sqlx::query_as("SELECT seq, created_at FROM events WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(&mut *self.conn)
            .await?)
    }

    /// Forgets events between two positions, both included, that were made
    /// before `before`. Those that a webhook in service still owes are kept
    /// unless they were made before `at_most`; the newest event of all is kept
    /// always, so that positions never start again. How many were forgotten.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_events(&mut self, from: i64, to: i64, before: i64, at_most: i64) -> Result<u64> {
        let done = sqlx::query(
            "DELETE FROM events WHERE seq >= $1 AND seq <= $2 AND created_at < $3 \
             AND seq < (SELECT MAX(seq) FROM events) \
             AND (created_at < $4 OR NOT EXISTS (SELECT 1 FROM webhooks w WHERE w.account_id = events.account_id \
             AND w.status <> 'disabled' AND (w.position < events.seq OR EXISTS (SELECT 1 FROM webhook_retries r \
             WHERE r.webhook_id = w.id AND r.event_seq = events.seq))))",
        )
        .bind(from)
        .bind(to)
        .bind(before)
        .bind(at_most)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected())
    }
}
