//! Deleting updates: what waits is taken out of the queue, what was posted is
//! taken back from everybody, what others have posted is forgotten here.

use serde::Serialize;
use sparkbot_store::rows::{ChatMessageFilter, MessageFilter};
use utoipa::ToSchema;

use super::{CHAT, LIFE, MOST, show};
use crate::app::Core;
use crate::chat_messages::{self, Deletion};
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{DeviceId, MessageId};
use crate::keys::{Caller, Scope};
use crate::outbound;

/// What became of updates that were to be deleted.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct DeletedStatuses {
    /// Posted ones that are gone, for everybody when they were the number's own.
    pub status: Vec<String>,
    /// Scheduled ones that are no longer in the queue.
    pub scheduled: Vec<String>,
    /// Those that are not.
    pub failed: Vec<Failed>,
}

/// An update that was not deleted.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// As it was named.
    pub id: String,
    /// `area:code`.
    pub error_code: String,
    /// Why, in a sentence.
    pub message: String,
}

/// Deletes updates: those that are named, or all of the number's own, posted and
/// scheduled, when both lists are absent.
///
/// # Errors
/// `status:count`; `device:notfound`; `session:offline` when something is to be
/// taken back from others; without the scope `messages:write`.
pub async fn delete(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    scheduled: Option<Vec<String>>,
    posted: Option<Vec<String>>,
) -> Result<DeletedStatuses> {
    caller.need(Scope::MessagesWrite)?;
    for (name, list) in [("scheduled", &scheduled), ("status", &posted)] {
        if let Some(list) = list
            && !(1..=MOST).contains(&list.len())
        {
            return Err(Error::invalid(
                "status:count",
                format!("'{name}' has {} entries; it takes 1 to {MOST}.", list.len()),
            ));
        }
    }
    let (scheduled, posted) = match (scheduled, posted) {
        (None, None) => all(core, caller, device).await?,
        (scheduled, posted) => (scheduled.unwrap_or_default(), posted.unwrap_or_default()),
    };
    let own = own(core, caller, device, &posted).await?;
    let mut done = DeletedStatuses::default();
    for id in scheduled {
        match unschedule(core, caller, device, &id).await {
            Ok(()) => done.scheduled.push(id),
            Err(error) => done.failed.push(failed(id, error)),
        }
    }
    for id in posted {
        let revoke = own.iter().any(|own| own.eq_ignore_ascii_case(&id));
        match take_back(core, caller, device, &id, revoke).await {
            Ok(()) => done.status.push(id),
            Err(error) => done.failed.push(failed(id, error)),
        }
    }
    Ok(done)
}

fn failed(id: String, error: Error) -> Failed {
    Failed { id, error_code: error.code.to_owned(), message: error.message }
}

/// The number's own updates, waiting and posted.
async fn all(core: &Core, caller: &Caller, device: &DeviceId) -> Result<(Vec<String>, Vec<String>)> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let waiting = MessageFilter {
        devices: vec![device.to_string()],
        chats: vec![CHAT.to_owned()],
        status: vec!["queued".to_owned()],
        size: 1000,
        ..MessageFilter::default()
    };
    let scheduled = scope.messages(&waiting).await?.into_iter().map(|row| row.wa_id).collect();
    let posted = ChatMessageFilter {
        chat: Some(CHAT.to_owned()),
        flow: Some("outbound".to_owned()),
        after: Some(core.now() - LIFE),
        size: 1000,
        ..ChatMessageFilter::default()
    };
    let (_, posted) = scope.chat_messages(device, &posted).await?;
    let posted = posted.into_iter().filter(|row| row.status == "active").map(|row| row.wa_id).collect();
    Ok((scheduled, posted))
}

/// Which of these the number itself has posted; it must be online for them.
async fn own(core: &Core, caller: &Caller, device: &DeviceId, posted: &[String]) -> Result<Vec<String>> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let number = scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let mut own = Vec::new();
    for id in posted {
        let row = scope.chat_message(device, &id.to_ascii_uppercase()).await?;
        own.extend(row.filter(|row| row.chat == CHAT && row.flow == "outbound").map(|row| row.wa_id));
    }
    if !own.is_empty() && core.sessions().online(device).is_none() {
        return Err(crate::sessions::offline(device, &number.session_status));
    }
    Ok(own)
}

async fn unschedule(core: &Core, caller: &Caller, device: &DeviceId, id: &str) -> Result<()> {
    let found = {
        let mut reading = core.store().read().await?;
        show::waiting(&mut reading.account(&caller.account), device, id).await?
    };
    let row = found.ok_or_else(|| show::missing(id))?;
    let id: MessageId = row.id.clone();
    outbound::delete(core, caller, &id, false).await
}

async fn take_back(core: &Core, caller: &Caller, device: &DeviceId, id: &str, revoke: bool) -> Result<()> {
    let row = {
        let mut reading = core.store().read().await?;
        reading.account(&caller.account).chat_message(device, &id.to_ascii_uppercase()).await?
    };
    let row = row.filter(|row| row.chat == CHAT && row.status != "removed").ok_or_else(|| show::missing(id))?;
    let how = Deletion { clean: true, force: false, revoke };
    chat_messages::delete(core, caller, device, &row.wa_id, how).await.map(drop)
}
