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

    /// Events at these positions, in order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn events_at(&mut self, positions: &[i64]) -> Result<Vec<EventRow>> {
        let mut sql = Sql::new("SELECT * FROM events");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and_in("seq", positions.iter().copied());
        sql.push(" ORDER BY seq");
        sql.all(&mut *self.conn).await
    }
}

impl Server<'_> {
    /// Forgets events made before `before`, at most `limit` at a time; how many.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forget_events(&mut self, before: i64, limit: i64) -> Result<u64> {
        let done = sqlx::query(
            "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE created_at < $1 ORDER BY seq LIMIT $2)",
        )
        .bind(before)
        .bind(limit)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected())
    }
}
