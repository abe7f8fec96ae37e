//! Links to calls (`https://call.whatsapp.com/…`) that a number has made.
//!
//! WhatsApp makes them and neither lists nor takes them back, so the list is
//! ours: a link that is deleted or has come to its end is forgotten here, and
//! its address goes on working for those who have it.

mod housekeeping;
mod life;

use serde::Serialize;
pub use sparkbot_store::rows::MeetingLinkFilter;
use sparkbot_store::rows::MeetingLinkRow;
use utoipa::ToSchema;

use crate::app::Core;
use crate::clock::iso;
use crate::devices;
use crate::error::{Error, Result};
use crate::ids::{DeviceId, MeetingLinkId};
use crate::keys::{Caller, Scope};
use crate::network::Call;
use crate::page::Page;
use crate::sessions;
use crate::views::Ref;

pub(crate) use housekeeping::start_housekeeping;
pub use life::{LIVES, Life};

/// Characters of the text kept with a link at most.
pub const MESSAGE: usize = 1000;
/// Links that a number can have at once.
const MOST: i64 = 10_000;
/// Where links lead.
const ADDRESS: &str = "https://call.whatsapp.com";

/// A link to a call.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeetingLink {
    /// 24 hexadecimal digits.
    pub id: String,
    /// The number that made it.
    pub device: Ref,
    /// Who asked for it.
    pub user: Ref,
    /// `voice` or `video`.
    pub kind: String,
    /// WhatsApp's name for it, which ends its address.
    pub token: String,
    /// Where people join.
    pub url: String,
    /// What it is for.
    pub message: Option<String>,
    /// ISO 8601.
    pub created_at: String,
    /// When it leaves this list, ISO 8601.
    pub expires_at: String,
}

impl From<MeetingLinkRow> for MeetingLink {
    fn from(row: MeetingLinkRow) -> Self {
        Self {
            id: row.id.to_string(),
            device: Ref { id: row.device_id.to_string() },
            user: Ref { id: row.user_id.to_string() },
            url: format!("{ADDRESS}/{}/{}", row.kind, row.token),
            kind: row.kind,
            token: row.token,
            message: row.message,
            created_at: iso(row.created_at),
            expires_at: iso(row.expires_at),
        }
    }
}

/// The token of a link's address; a token stays what it is.
#[must_use]
pub fn token(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A page of a number's links, newest first.
///
/// # Errors
/// `device:notfound`.
pub async fn list(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    filter: MeetingLinkFilter,
) -> Result<Page<MeetingLink>> {
    caller.need(Scope::MeetingsRead)?;
    devices::row(core, &caller.account, device).await?;
    let filter = MeetingLinkFilter { now: core.now(), ..filter };
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let total = scope.count_meeting_links(device, &filter).await?;
    Ok(Page { items: scope.meeting_links(device, &filter).await?, total }.map(MeetingLink::from))
}

/// Has WhatsApp make a link, and keeps it.
///
/// # Errors
/// `session:…` when the number is not online, `meeting:message` for a text too
/// long, `meeting:too_many` when the list is full.
pub async fn create(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    kind: Call,
    message: Option<String>,
    life: Life,
) -> Result<MeetingLink> {
    caller.need(Scope::MeetingsWrite)?;
    let message = message.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if let Some(count) = message.as_deref().map(|text| text.chars().count()).filter(|count| *count > MESSAGE) {
        let sentence = format!("'message' has {count} characters; at most {MESSAGE} are kept with a link.");
        return Err(Error::invalid("meeting:message", sentence));
    }
    let number = devices::row(core, &caller.account, device).await?;
    let everything = MeetingLinkFilter { now: core.now(), ..MeetingLinkFilter::default() };
    if core.store().read().await?.account(&caller.account).count_meeting_links(device, &everything).await? >= MOST {
        let sentence = format!("This number has {MOST} links to calls, which is as many as are kept.");
        return Err(Error::conflict("meeting:too_many", sentence)
            .hint("Delete some with DELETE /v1/devices/{id}/meeting-links."));
    }
    let link = core.sessions().online(device).ok_or_else(|| sessions::offline(&number.id, &number.session_status))?;
    let token = link.make_meeting_link(kind).await.map_err(sessions::network_error)?;
    let now = core.now();
    let row = MeetingLinkRow {
        id: MeetingLinkId::new(now),
        device_id: device.clone(),
        user_id: caller.user.clone(),
        kind: word(kind).to_owned(),
        token,
        message,
        created_at: now,
        expires_at: now + life.millis(),
    };
    let (account, kept) = (caller.account.clone(), row.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move { w.account(&account).insert_meeting_link(&kept).await.map_err(Error::from) })
        })
        .await?;
    Ok(row.into())
}

fn word(kind: Call) -> &'static str {
    match kind {
        Call::Voice => "voice",
        Call::Video => "video",
    }
}

/// Takes links off the list; how many.
///
/// # Errors
/// `device:notfound`.
pub async fn delete(core: &Core, caller: &Caller, device: &DeviceId, filter: MeetingLinkFilter) -> Result<u64> {
    caller.need(Scope::MeetingsWrite)?;
    devices::row(core, &caller.account, device).await?;
    let (account, device) = (caller.account.clone(), device.clone());
    let filter = MeetingLinkFilter { now: core.now(), ..filter };
    core.store()
        .write(move |w| {
            Box::pin(
                async move { w.account(&account).delete_meeting_links(&device, &filter).await.map_err(Error::from) },
            )
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn a_link_is_known_by_its_address_or_its_token() {
        for address in ["https://call.whatsapp.com/video/abc_1-2", "call.whatsapp.com/voice/abc_1-2/?x=1", "abc_1-2"] {
            assert_eq!(token(address), "abc_1-2");
        }
    }
}
