//! What each person of a campaign is sent.

use std::collections::{BTreeMap, HashSet};

use sparkbot_store::Writing;
use sparkbot_store::rows::{CampaignContactRow, CampaignRow, DeviceRow};

use super::SOURCE;
use super::settings::Settings;
use super::template::Template;
use crate::contacts;
use crate::error::{Error, Kind, Result};
use crate::ids::CampaignId;
use crate::network::Millis;
use crate::outbound::{self, MediaEntry, OwnMessage};
use crate::views::{PRIORITIES, Variable};
use crate::wid::Wid;

/// Makes messages of people.
pub(super) struct Maker {
    owner: String,
    campaign: CampaignId,
    text: Option<String>,
    media: Option<MediaEntry>,
    expires_at: Option<Millis>,
    excluded: HashSet<String>,
}

impl Maker {
    /// For the next people of a campaign.
    pub(super) async fn of(
        w: &mut Writing,
        row: &CampaignRow,
        settings: &Settings,
        people: &[CampaignContactRow],
    ) -> Result<Self> {
        let wids: Vec<&str> = people.iter().map(|person| person.wid.as_str()).collect();
        Ok(Self {
            owner: row.owner.clone(),
            campaign: row.id.clone(),
            text: row.message.clone(),
            media: row.media.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?,
            expires_at: settings.ends_at(),
            excluded: w.account(&row.account_id).excluded(&wids).await?.into_iter().collect(),
        })
    }

    /// Somebody's message in the queue of a number, or why there is none.
    pub(super) async fn next(
        &self,
        w: &mut Writing,
        before: &CampaignContactRow,
        device: &DeviceRow,
        now: Millis,
    ) -> Result<CampaignContactRow> {
        let mut after = before.clone();
        after.date = now;
        after.device_id = Some(device.id.to_string());
        if self.excluded.contains(&before.wid) {
            "excluded".clone_into(&mut after.status);
            after.error = Some("contact:excluded".to_owned());
            after.error_message = Some("They get no campaigns: they have opted out, or were excluded.".to_owned());
            return Ok(after);
        }
        if contacts::is_blocked(&mut w.account(&device.account_id), &device.id, &before.wid).await? {
            "excluded".clone_into(&mut after.status);
            after.error = Some("contact:blocked".to_owned());
            after.error_message = Some("The number has blocked them.".to_owned());
            return Ok(after);
        }
        match self.put(w, before, device, now).await {
            Ok((message, chat)) => {
                "processing".clone_into(&mut after.status);
                after.message_id = Some(message);
                after.chat = Some(chat);
                after.queued_at = Some(now);
            }
            Err(error) if matches!(error.kind, Kind::Internal | Kind::Unavailable) => return Err(error),
            Err(error) => {
                "failed".clone_into(&mut after.status);
                "failed".clone_into(&mut after.ack);
                after.failed_at = Some(now);
                after.error = Some(error.code.to_owned());
                after.error_message = Some(error.message);
            }
        }
        Ok(after)
    }

    async fn put(
        &self,
        w: &mut Writing,
        person: &CampaignContactRow,
        device: &DeviceRow,
        now: Millis,
    ) -> Result<(String, String)> {
        let chat: Wid = person.wid.parse().map_err(Error::internal)?;
        let text = person.message.as_ref().or(self.text.as_ref());
        let message = match text {
            Some(text) => Some(Template::parse(text)?.render(&values(person, &chat)?, person.id.as_str())?),
            None => None,
        };
        let own = OwnMessage {
            chat,
            message,
            media: self.media.clone(),
            source: SOURCE,
            // Unique in the database: nobody gets two.
            reference: Some(format!("{}:{}", self.campaign, person.id)),
            created_by: self.owner.clone(),
            expires_at: self.expires_at,
            // What people write themselves goes first.
            priority: PRIORITIES[0].1,
            actions: Vec::new(),
        };
        let row = outbound::put_own(w, device, own, now).await?;
        Ok((row.id.to_string(), row.chat))
    }
}

/// What can be put into somebody's text, by its name in lower case.
fn values(person: &CampaignContactRow, chat: &Wid) -> Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    let own = [
        ("name", person.name.clone()),
        ("reference", person.reference.clone()),
        ("phone", chat.phone().map(String::from)),
    ];
    values.extend(own.into_iter().filter_map(|(key, value)| value.map(|value| (key.to_owned(), value))));
    let variables: Vec<Variable> = serde_json::from_str(&person.variables).map_err(Error::internal)?;
    values.extend(variables.into_iter().map(|variable| (variable.key, variable.value)));
    Ok(values)
}
