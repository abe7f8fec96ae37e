//! What people answer to a campaign: noted once, and looked at for the word by
//! which they opt out.

use sparkbot_store::Writing;
use sparkbot_store::rows::{CampaignContactRow, CampaignRow, DeviceRow, ExclusionRow};

use super::settings::Unsubscribe;
use super::tell::{News, tell};
use super::{exclusions, statistics};
use crate::error::{Error, Result};
use crate::network::{Millis, Received};
use crate::outbound::{self, OwnMessage};
use crate::views::PRIORITIES;
use crate::wid::{Wid, WidKind};

/// Campaigns of the past that an answer may be about.
const PAST: i64 = 5;
/// WhatsApp's times are whole seconds.
const SECOND: Millis = 999;
/// `source` of the answers to the word.
const ANSWER: &str = "campaign:unsubscribe";

/// A message of somebody has come in; whether it is answered from here. It
/// counts as an answer to the last campaign that this number has brought them.
pub(crate) async fn heard(w: &mut Writing, device: &DeviceRow, message: &Received, now: Millis) -> Result<bool> {
    if message.from_me || !matches!(message.chat.kind(), WidKind::User | WidKind::Lid) {
        return Ok(false);
    }
    let mut chats = vec![message.chat.as_str()];
    chats.extend(message.chat_lid.as_ref().map(Wid::as_str));
    let mut scope = w.account(&device.account_id);
    let past = scope.campaigns_to(&device.id, &chats, message.at + SECOND, PAST).await?;
    let Some(latest) = past.first() else { return Ok(false) };
    if latest.replied_at.is_none() {
        let after =
            CampaignContactRow { replied_at: Some(message.at), reply: Some(message.id.clone()), ..latest.clone() };
        note(w, latest, &after, "reply", &message.id, now).await?;
    }
    let text = message.body.as_deref().unwrap_or_default();
    for earlier in past {
        let Some(campaign) = w.account(&device.account_id).campaign(&earlier.campaign_id).await? else { continue };
        let unsubscribe: Unsubscribe = serde_json::from_str(&campaign.unsubscribe).map_err(Error::internal)?;
        if unsubscribe.is_meant(text) {
            return opts_out(w, device, &campaign, &earlier, &unsubscribe, message, now).await;
        }
    }
    Ok(false)
}

async fn opts_out(
    w: &mut Writing,
    device: &DeviceRow,
    campaign: &CampaignRow,
    earlier: &CampaignContactRow,
    unsubscribe: &Unsubscribe,
    message: &Received,
    now: Millis,
) -> Result<bool> {
    // The reply that was just noted is part of it.
    let id = earlier.message_id.as_deref().unwrap_or_default();
    let before = w.account(&device.account_id).campaign_contact_of(id).await?.unwrap_or_else(|| earlier.clone());
    if before.opted_out_at.is_none() {
        let after = CampaignContactRow { opted_out_at: Some(message.at), ..before.clone() };
        note(w, &before, &after, "optOut", &message.id, now).await?;
    }
    let row = ExclusionRow {
        wid: before.wid.clone(),
        campaign_id: Some(campaign.id.to_string()),
        created_by: None,
        created_at: now,
    };
    if !exclusions::leave_out(w, &device.account_id, &row, now).await? {
        // They have said so before, and were answered.
        return Ok(false);
    }
    let Some(answer) = unsubscribe.answer() else { return Ok(false) };
    let own = OwnMessage {
        chat: message.chat.clone(),
        message: Some(answer.to_owned()),
        media: None,
        source: ANSWER,
        reference: None,
        created_by: campaign.owner.clone(),
        expires_at: None,
        priority: PRIORITIES[1].1,
        actions: unsubscribe.actions.clone(),
    };
    outbound::put_own(w, device, own, now).await.map(|_| true)
}

async fn note(
    w: &mut Writing,
    before: &CampaignContactRow,
    after: &CampaignContactRow,
    what: &'static str,
    message: &str,
    now: Millis,
) -> Result<()> {
    statistics::change(w, before, after, false).await?;
    let Some(campaign) = w.account(&after.account_id).campaign(&after.campaign_id).await? else { return Ok(()) };
    let changes = [what];
    let news = News { changes: &changes, contact: Some(after), message: Some(message), ..News::default() };
    tell(w, &campaign, news, now).await
}
