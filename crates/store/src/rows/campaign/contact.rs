//! The people of a campaign, and how far each is.

use crate::error::Result;
use crate::ids::{AccountId, CampaignContactId, CampaignId, DeviceId};
use crate::rows::Account;
use crate::sql::Sql;

/// Somebody whom a campaign is for.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CampaignContactRow {
    /// Their place in the campaign.
    pub seq: i64,
    /// Their id.
    #[sqlx(try_from = "String")]
    pub id: CampaignContactId,
    /// The campaign.
    #[sqlx(try_from = "String")]
    pub campaign_id: CampaignId,
    /// Whose.
    #[sqlx(try_from = "String")]
    pub account_id: AccountId,
    /// `user`, `group` or `channel`.
    pub kind: String,
    /// Their WhatsApp id.
    pub wid: String,
    /// What they are called.
    pub name: Option<String>,
    /// The caller's own id.
    pub reference: Option<String>,
    /// A text of their own.
    pub message: Option<String>,
    /// What is put into the text, JSON: `[{"key", "value"}]`.
    pub variables: String,
    /// `pending`, `processing`, `delivered`, `failed`, `excluded`, `invalid` or `removed`.
    pub status: String,
    /// `pending`, `sent`, `delivered`, `read` or `failed`.
    pub ack: String,
    /// Why not: `area:code`.
    pub error: Option<String>,
    /// The same in a sentence.
    pub error_message: Option<String>,
    /// The number whose turn they were.
    pub device_id: Option<String>,
    /// Their message in the queue.
    pub message_id: Option<String>,
    /// The chat in which it arrived.
    pub chat: Option<String>,
    /// Tries after the first.
    pub retries: i64,
    /// When their state last changed.
    pub date: i64,
    /// When their message entered the queue.
    pub queued_at: Option<i64>,
    /// When WhatsApp took it.
    pub sent_at: Option<i64>,
    /// When their phone had it.
    pub delivered_at: Option<i64>,
    /// When they read it.
    pub read_at: Option<i64>,
    /// When it was given up.
    pub failed_at: Option<i64>,
    /// When they first answered.
    pub replied_at: Option<i64>,
    /// WhatsApp id of that answer.
    pub reply: Option<String>,
    /// When they opted out.
    pub opted_out_at: Option<i64>,
    /// When they were added.
    pub created_at: i64,
}

impl Account<'_> {
    /// Adds somebody; false when they are in the campaign already.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn insert_campaign_contact(&mut self, row: &CampaignContactRow) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO campaign_contacts (id, campaign_id, account_id, kind, wid, name, reference, message, variables, \
             status, ack, retries, date, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $12) \
             ON CONFLICT (campaign_id, wid) DO NOTHING",
        )
        .bind(row.id.as_str())
        .bind(row.campaign_id.as_str())
        .bind(self.id.as_str())
        .bind(&row.kind)
        .bind(&row.wid)
        .bind(&row.name)
        .bind(&row.reference)
        .bind(&row.message)
        .bind(&row.variables)
        .bind(&row.status)
        .bind(&row.ack)
        .bind(row.created_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Writes how far somebody is.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn update_campaign_contact(&mut self, row: &CampaignContactRow) -> Result<()> {
        sqlx::query(
            "UPDATE campaign_contacts SET status = $3, ack = $4, error = $5, error_message = $6, device_id = $7, \
             message_id = $8, chat = $9, retries = $10, date = $11, queued_at = $12, sent_at = $13, delivered_at = $14, \
             read_at = $15, failed_at = $16, replied_at = $17, reply = $18, opted_out_at = $19 \
             WHERE account_id = $1 AND id = $2",
        )
        .bind(self.id.as_str())
        .bind(row.id.as_str())
        .bind(&row.status)
        .bind(&row.ack)
        .bind(&row.error)
        .bind(&row.error_message)
        .bind(&row.device_id)
        .bind(&row.message_id)
        .bind(&row.chat)
        .bind(row.retries)
        .bind(row.date)
        .bind(row.queued_at)
        .bind(row.sent_at)
        .bind(row.delivered_at)
        .bind(row.read_at)
        .bind(row.failed_at)
        .bind(row.replied_at)
        .bind(&row.reply)
        .bind(row.opted_out_at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// The next people of a campaign whose turn has not come.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn pending_campaign_contacts(
        &mut self,
        campaign: &CampaignId,
        most: i64,
    ) -> Result<Vec<CampaignContactRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM campaign_contacts WHERE campaign_id = $2 AND account_id = $1 AND status = 'pending' \
             ORDER BY seq LIMIT $3",
        )
        .bind(self.id.as_str())
        .bind(campaign.as_str())
        .bind(most)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Whom a message of the queue is for.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn campaign_contact_of(&mut self, message: &str) -> Result<Option<CampaignContactRow>> {
        Ok(sqlx::query_as("SELECT * FROM campaign_contacts WHERE message_id = $2 AND account_id = $1")
            .bind(self.id.as_str())
            .bind(message)
            .fetch_optional(&mut *self.conn)
            .await?)
    }

    /// The last campaigns that a number has brought to a chat by `at`, newest
    /// first.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn campaigns_to(
        &mut self,
        device: &DeviceId,
        chats: &[&str],
        at: i64,
        most: i64,
    ) -> Result<Vec<CampaignContactRow>> {
        let mut sql = Sql::new("SELECT * FROM campaign_contacts");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and_in("chat", chats.iter().copied());
        sql.and("queued_at <= ").bind(at);
        sql.push(" ORDER BY queued_at DESC").page(most, 0);
        sql.all(&mut *self.conn).await
    }

    /// People of a campaign whose message waits untried in the queues of the
    /// given numbers, all of its numbers when none is given; `most` of them.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn waiting_campaign_contacts(
        &mut self,
        campaign: &CampaignId,
        devices: &[&str],
        most: i64,
    ) -> Result<Vec<CampaignContactRow>> {
        let mut sql = Sql::new("SELECT c.* FROM campaign_contacts c JOIN messages m ON m.id = c.message_id");
        sql.and("c.account_id = ").bind(self.id.as_str());
        sql.and("c.campaign_id = ").bind(campaign.as_str());
        sql.and("c.status = 'processing'").and("m.status = 'queued'").and("m.attempts = 0");
        if !devices.is_empty() {
            sql.and_in("m.device_id", devices.iter().copied());
        }
        sql.push(" ORDER BY c.seq").page(most, 0);
        sql.all(&mut *self.conn).await
    }

    /// Where somebody waits for the messages of campaigns, untried.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn campaign_contacts_waiting_for(&mut self, wid: &str) -> Result<Vec<CampaignContactRow>> {
        Ok(sqlx::query_as(
            "SELECT c.* FROM campaign_contacts c JOIN messages m ON m.id = c.message_id WHERE c.account_id = $1 \
             AND c.wid = $2 AND c.status = 'processing' AND m.status = 'queued' AND m.attempts = 0",
        )
        .bind(self.id.as_str())
        .bind(wid)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Takes people out of a campaign whose turn has not come, `most` at once; how
    /// many. No ids and no `wids` mean everybody.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_campaign_contacts(
        &mut self,
        campaign: &CampaignId,
        named: Option<(&[String], &[String])>,
        most: i64,
    ) -> Result<u64> {
        let mut sql = Sql::new("DELETE FROM campaign_contacts");
        sql.and("seq IN (SELECT seq FROM campaign_contacts");
        sql.restart();
        sql.and("campaign_id = ").bind(campaign.as_str());
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("status = 'pending'");
        if let Some((ids, wids)) = named {
            sql.and("(1 = 0");
            for (test, names) in [(" OR id = ", ids), (" OR wid = ", wids)] {
                for name in names {
                    sql.push(test).bind(name.as_str());
                }
            }
            sql.push(")");
        }
        sql.push(" LIMIT ").bind(most).push(")");
        sql.run(&mut *self.conn).await
    }
}
