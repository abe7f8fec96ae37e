//! Telling of changes: `campaign:update`.

use serde_json::{Value, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{CampaignContactRow, CampaignRow};

use crate::clock::iso;
use crate::error::{Error, Result};
use crate::events;
use crate::network::Millis;
use crate::views::{Campaign, CampaignContact, DeviceRef};

/// What has changed besides the campaign's own fields.
#[derive(Debug, Clone, Default)]
pub(super) struct News<'n> {
    /// Words for what it is: `created`, `status`, `contacts`, `reply`…
    pub(super) changes: &'n [&'n str],
    /// The person it is about.
    pub(super) contact: Option<&'n CampaignContactRow>,
    /// How many were added or removed.
    pub(super) count: Option<i64>,
    /// The message that had it as its effect.
    pub(super) message: Option<&'n str>,
}

/// A campaign as the outside sees it.
pub(super) async fn view(w: &mut Writing, row: &CampaignRow) -> Result<Campaign> {
    let mut refs = Vec::new();
    let mut scope = w.account(&row.account_id);
    for device in scope.campaign_devices(&row.id).await? {
        if device.position >= 0
            && let Some(device) = scope.device(&device.device_id).await?
        {
            refs.push(DeviceRef::of(&device));
        }
    }
    Campaign::of(row.clone(), refs)
}

/// Tells what has changed of a campaign, as it is now.
pub(super) async fn tell(w: &mut Writing, row: &CampaignRow, news: News<'_>, now: Millis) -> Result<()> {
    // The figures may have changed since the row was read.
    let fresh = w.account(&row.account_id).campaign(&row.id).await?.unwrap_or_else(|| row.clone());
    let campaign = view(w, &fresh).await?;
    let device = campaign.device.clone();
    let contact = news.contact.cloned().map(CampaignContact::of).transpose()?;
    let data = json!({
        "campaign": campaign,
        "changes": news.changes,
        "contact": contact,
        "count": news.count.map_or(Value::Null, Value::from),
        "by": by(w.actor().map(|actor| actor.user.as_str()), news.message),
        "date": iso(now),
    });
    let change = events::Change {
        event: "campaign:update",
        object: "campaign",
        object_id: row.id.to_string(),
        lane: format!("campaign/{}", row.id),
        data,
    };
    events::append(w, &row.account_id, Some(&device), change, now)
        .await
        .map(drop)
        .map_err(|error| Error::internal(format!("campaign {} could not tell of a change: {error}", row.id)))
}

/// Who or what has changed it, as events about chats say it, too.
fn by(user: Option<&str>, message: Option<&str>) -> Value {
    let source = match (user, message) {
        (Some(_), _) => "api",
        (None, Some(_)) => "message",
        (None, None) => "rule",
    };
    json!({ "user": user, "message": message, "source": source })
}
