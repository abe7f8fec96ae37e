//! Campaigns: one message to many people.
//!
//! [`contact`] holds the people and how far each is, [`list`] finds campaigns and
//! people, [`exclusion`] those who get no campaign any more.

mod contact;
mod exclusion;
mod list;

use super::{Account, Server};
use crate::error::Result;
use crate::ids::{AccountId, CampaignId, DeviceId};
use crate::sql::Sql;

pub use contact::CampaignContactRow;
pub use exclusion::{ExclusionFilter, ExclusionRow};
pub use list::{CampaignContactFilter, CampaignFilter};

/// The figures of a campaign, or by how much they change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct CampaignCounts {
    /// Everybody.
    pub total: i64,
    /// Those whose turn has not come.
    pub pending: i64,
    /// Those whose message is in a number's queue.
    pub queued: i64,
    /// Those whose message WhatsApp has.
    pub sent: i64,
    /// Of them, those whose phone has it.
    pub delivered: i64,
    /// Of them, those who have read it.
    #[sqlx(rename = "read_count")]
    pub read: i64,
    /// Those whose message was given up.
    pub failed: i64,
    /// Those who were left out: they have opted out, or are blocked.
    pub excluded: i64,
    /// Those who are not on WhatsApp.
    pub invalid: i64,
    /// Those whose message was taken out of the queue by hand.
    pub removed: i64,
    /// Those who have answered.
    pub replied: i64,
    /// Those who have opted out.
    pub opted_out: i64,
}

/// A campaign.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CampaignRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: CampaignId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// Who made it.
    pub created_by: String,
    /// Whose business it is.
    pub owner: String,
    /// The first of its numbers.
    #[sqlx(try_from = "String")]
    pub device_id: DeviceId,
    /// What people call it.
    pub name: String,
    /// `import` or `contacts`: where its people come from.
    pub source: String,
    /// `draft`, `pending`, `processing`, `paused`, `stopped`, `completed`, `incomplete`, `failed`, `removed`.
    pub status: String,
    /// Why it stands still or has ended: `area:code`.
    pub reason_code: Option<String>,
    /// The same in a sentence.
    pub reason: Option<String>,
    /// Text or caption, with variables and choices.
    pub message: Option<String>,
    /// A file, JSON.
    pub media: Option<String>,
    /// When and how fast, JSON.
    pub settings: String,
    /// How people opt out, JSON.
    pub unsubscribe: String,
    /// How many times slower than wanted.
    pub slowed: i64,
    /// When the runner looks at it again.
    pub next_at: Option<i64>,
    /// When its delivery was last looked at.
    pub checked_at: i64,
    /// Messages sent before this no longer tell how delivery is.
    pub healthy_since: i64,
    /// The figures.
    #[sqlx(flatten)]
    pub counts: CampaignCounts,
    /// When it first started.
    pub started_at: Option<i64>,
    /// When it was last paused.
    pub paused_at: Option<i64>,
    /// When it was last stopped.
    pub stopped_at: Option<i64>,
    /// When everybody was done.
    pub completed_at: Option<i64>,
    /// When it was deleted.
    pub removed_at: Option<i64>,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

/// A number of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CampaignDeviceRow {
    /// The number.
    #[sqlx(try_from = "String")]
    pub device_id: DeviceId,
    /// Its place; -1 when it was taken out and still has people in its queue.
    pub position: i64,
    /// Nobody further before this.
    pub next_at: i64,
    /// People in its queue.
    pub open: i64,
    /// How many WhatsApp has refused in a row.
    pub refusals: i64,
}

impl Account<'_> {
    /// One campaign that was not deleted.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn campaign(&mut self, id: &CampaignId) -> Result<Option<CampaignRow>> {
        Ok(sqlx::query_as("SELECT * FROM campaigns WHERE account_id = $1 AND id = $2 AND removed_at IS NULL")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// Writes a new campaign down; its figures are zero.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_campaign(&mut self, row: &CampaignRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO campaigns (id, account_id, created_by, owner, device_id, name, source, status, message, media, \
             settings, unsubscribe, created_at, updated_at, slowed, checked_at, healthy_since, total, pending, queued, \
             sent, delivered, read_count, failed, excluded, invalid, removed, replied, opted_out) VALUES ($1, $2, $3, $4, \
             $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
        )
        .bind(row.id.as_str())
        .bind(self.id.as_str())
        .bind(&row.created_by)
        .bind(&row.owner)
        .bind(row.device_id.as_str())
        .bind(&row.name)
        .bind(&row.source)
        .bind(&row.status)
        .bind(&row.message)
        .bind(&row.media)
        .bind(&row.settings)
        .bind(&row.unsubscribe)
        .bind(row.created_at)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Writes everything of a campaign that may change, except its figures.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_campaign(&mut self, row: &CampaignRow) -> Result<()> {
        sqlx::query(
            "UPDATE campaigns SET owner = $3, device_id = $4, name = $5, source = $6, status = $7, reason_code = $8, \
             reason = $9, message = $10, media = $11, settings = $12, unsubscribe = $13, slowed = $14, next_at = $15, \
             checked_at = $16, healthy_since = $17, started_at = $18, paused_at = $19, stopped_at = $20, \
             completed_at = $21, removed_at = $22, updated_at = $23 WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(&row.owner)
        .bind(row.device_id.as_str())
        .bind(&row.name)
        .bind(&row.source)
        .bind(&row.status)
        .bind(&row.reason_code)
        .bind(&row.reason)
        .bind(&row.message)
        .bind(&row.media)
        .bind(&row.settings)
        .bind(&row.unsubscribe)
        .bind(row.slowed)
        .bind(row.next_at)
        .bind(row.checked_at)
        .bind(row.healthy_since)
        .bind(row.started_at)
        .bind(row.paused_at)
        .bind(row.stopped_at)
        .bind(row.completed_at)
        .bind(row.removed_at)
        .bind(row.updated_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Changes the figures of a campaign by `by`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_campaign(&mut self, id: &CampaignId, by: &CampaignCounts) -> Result<()> {
        sqlx::query(
            "UPDATE campaigns SET total = total + $3, pending = pending + $4, queued = queued + $5, sent = sent + $6, \
             delivered = delivered + $7, read_count = read_count + $8, failed = failed + $9, excluded = excluded + $10, \
             invalid = invalid + $11, removed = removed + $12, replied = replied + $13, opted_out = opted_out + $14 \
             WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(id.as_str())
        .bind(by.total)
        .bind(by.pending)
        .bind(by.queued)
        .bind(by.sent)
        .bind(by.delivered)
        .bind(by.read)
        .bind(by.failed)
        .bind(by.excluded)
        .bind(by.invalid)
        .bind(by.removed)
        .bind(by.replied)
        .bind(by.opted_out)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Has the runner look at a campaign at `at`, unless it does so earlier or
    /// does not run.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn wake_campaign(&mut self, id: &CampaignId, at: i64) -> Result<()> {
        sqlx::query("UPDATE campaigns SET next_at = $3 WHERE account_id = $1 AND id = $2 AND next_at > $3")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .bind(at)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// The numbers of a campaign, in their order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn campaign_devices(&mut self, id: &CampaignId) -> Result<Vec<CampaignDeviceRow>> {
        Ok(sqlx::query_as(
            "SELECT device_id, position, next_at, open, refusals FROM campaign_devices WHERE campaign_id = $2 AND account_id = $1 \
             ORDER BY position",
        )
        .bind(self.id.as_str())
        .bind(id.as_str())
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Gives a campaign these numbers; what is known of those that stay is kept.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn set_campaign_devices(&mut self, id: &CampaignId, devices: &[DeviceId]) -> Result<()> {
        let mut sql = Sql::new("DELETE FROM campaign_devices");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("campaign_id = ").bind(id.as_str());
        sql.and("open = 0");
        if !devices.is_empty() {
            sql.and("NOT (1 = 0");
            for device in devices {
                sql.push(" OR device_id = ").bind(device.as_str());
            }
            sql.push(")");
        }
        sql.run(&mut *self.conn).await?;
        // Those that still have people in their queue stay, but send no more.
        sqlx::query("UPDATE campaign_devices SET position = -1 WHERE account_id = $1 AND campaign_id = $2")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .execute(&mut *self.conn)
            .await?;
        for (position, device) in (0i64..).zip(devices) {
            sqlx::query(
                "INSERT INTO campaign_devices (campaign_id, device_id, account_id, position, next_at, open, refusals) \
                 VALUES ($1, $2, $3, $4, 0, 0, 0) ON CONFLICT (campaign_id, device_id) DO UPDATE SET position = $4",
            )
            .bind(id.as_str())
            .bind(device.as_str())
            .bind(self.id.as_str())
            .bind(position)
            .execute(&mut *self.conn)
            .await?;
        }
        Ok(())
    }

    /// Writes the pace and the refusals of a number in a campaign.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn pace_campaign(
        &mut self,
        id: &CampaignId,
        device: &DeviceId,
        next_at: i64,
        refusals: i64,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE campaign_devices SET next_at = $4, refusals = $5 WHERE account_id = $1 AND campaign_id = $2 \
             AND device_id = $3",
        )
        .bind(self.id.as_str())
        .bind(id.as_str())
        .bind(device.as_str())
        .bind(next_at)
        .bind(refusals)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Changes how many people of a campaign are in a number's queue, and how
    /// many were refused in a row: `None` leaves that, 0 ends it.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn count_campaign_device(
        &mut self,
        id: &CampaignId,
        device: &str,
        open: i64,
        refused: Option<i64>,
    ) -> Result<()> {
        let mut sql = Sql::new("UPDATE campaign_devices SET open = open + ");
        sql.bind(open);
        match refused {
            None => {}
            Some(0) => {
                sql.push(", refusals = 0");
            }
            Some(more) => {
                sql.push(", refusals = refusals + ").bind(more);
            }
        }
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("campaign_id = ").bind(id.as_str());
        sql.and("device_id = ").bind(device);
        sql.run(&mut *self.conn).await?;
        Ok(())
    }

    /// Forgets what WhatsApp has refused, for a campaign that a person resumes.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn forgive_campaign(&mut self, id: &CampaignId) -> Result<()> {
        sqlx::query("UPDATE campaign_devices SET refusals = 0 WHERE account_id = $1 AND campaign_id = $2")
            .bind(self.id.as_str())
            .bind(id.as_str())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Of the last `most` messages of a campaign that WhatsApp took between `since`
    /// and `before`: how many, and how many of them arrived.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn campaign_delivery(
        &mut self,
        id: &CampaignId,
        since: i64,
        before: i64,
        most: i64,
    ) -> Result<(i64, i64)> {
        Ok(sqlx::query_as(
            "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN delivered_at IS NULL THEN 0 ELSE 1 END), 0) AS BIGINT) FROM \
             (SELECT delivered_at FROM campaign_contacts WHERE campaign_id = $2 AND account_id = $1 AND sent_at >= $3 \
             AND sent_at < $4 ORDER BY sent_at DESC LIMIT $5) AS latest",
        )
        .bind(self.id.as_str())
        .bind(id.as_str())
        .bind(since)
        .bind(before)
        .bind(most)
        .fetch_one(&mut *self.conn)
        .await?)
    }
}

impl Server<'_> {
    /// Campaigns that the runner has to look at by `now`: account, id, and when
    /// it was deleted.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn due_campaigns(&mut self, now: i64, most: i64) -> Result<Vec<(String, String, Option<i64>)>> {
        Ok(sqlx::query_as(
            "SELECT account_id, id, removed_at FROM campaigns WHERE next_at IS NOT NULL AND next_at <= $1 ORDER BY next_at LIMIT $2",
        )
        .bind(now)
        .bind(most)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// When the runner has to look at a campaign next.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn next_campaign(&mut self) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar("SELECT MIN(next_at) FROM campaigns WHERE next_at IS NOT NULL")
            .fetch_one(&mut *self.conn)
            .await?)
    }

    /// Has the runner look at a campaign no earlier than `at`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_off_campaign(&mut self, id: &CampaignId, at: i64) -> Result<()> {
        sqlx::query("UPDATE campaigns SET next_at = $2 WHERE id = $1 AND next_at IS NOT NULL")
            .bind(id.as_str())
            .bind(at)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Deletes a part of a deleted campaign, `most` people at once; whether it is
    /// gone.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn sweep_campaign(&mut self, id: &str, most: i64) -> Result<bool> {
        let gone = sqlx::query(
            "DELETE FROM campaign_contacts WHERE seq IN (SELECT seq FROM campaign_contacts WHERE campaign_id = $1 LIMIT $2)",
        )
        .bind(id)
        .bind(most)
        .execute(&mut *self.conn)
        .await?;
        if gone.rows_affected() > 0 {
            return Ok(false);
        }
        for text in ["DELETE FROM campaign_devices WHERE campaign_id = $1", "DELETE FROM campaigns WHERE id = $1"] {
            sqlx::query(text).bind(id).execute(&mut *self.conn).await?;
        }
        Ok(true)
    }
}
