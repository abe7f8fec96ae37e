//! What rules send: into the same queue, at the same pace.

use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, FileRow, MessageRow};

use super::accept::{RETRIES, body, secret, takes, wa_id};
use super::payload::{Options, Payload};
use super::{Contents, MediaEntry, media, receiver};
use crate::error::{Error, Kind, Result};
use crate::ids::{FileId, MessageId};
use crate::network::Millis;
use crate::wid::Wid;

/// A message that nobody has asked for by itself.
pub(crate) struct Automatic {
    /// To whom.
    pub(crate) chat: Wid,
    /// Text or caption.
    pub(crate) message: Option<String>,
    /// Id of a file of the account.
    pub(crate) file: Option<String>,
    /// Who has set the rule.
    pub(crate) user: String,
    /// When it is no longer worth sending.
    pub(crate) expires_at: Millis,
}

/// Puts a rule's message into the queue, in the transaction that has a reason
/// for it; false when the number or its queue takes none right now, or when
/// nothing is left to say. The sender is to be woken after the commit.
///
/// # Errors
/// As the database answers.
pub(crate) async fn automatic(w: &mut Writing, device: &DeviceRow, said: Automatic, now: Millis) -> Result<bool> {
    let options = Options::default();
    let queue = w.account(&device.account_id).queue(&device.id).await?;
    let rank = match takes(device, &queue, &options, now) {
        Ok(ahead) => ahead,
        Err(error) if error.kind == Kind::Internal => return Err(error),
        Err(_) => return Ok(false),
    };
    let file = file(w, device, said.file.as_deref(), now).await?;
    let entry = file.as_ref().map(|row| MediaEntry { file: Some(row.id.to_string()), ..MediaEntry::default() });
    let text = said.message.filter(|text| !text.trim().is_empty());
    if text.is_none() && entry.is_none() {
        return Ok(false);
    }
    let contents = Contents { media: entry, ..Contents::default() };
    let what = contents.said(text.as_deref())?;
    let kind = match (&file, &contents.media) {
        (Some(row), Some(entry)) => media::word(row, entry),
        _ => what.kind(),
    };
    let priority = super::accept::priority(None)?;
    let message = MessageRow {
        id: MessageId::new(now),
        account_id: device.account_id.clone(),
        device_id: device.id.clone(),
        wa_id: wa_id(),
        target: receiver::target(&said.chat).to_owned(),
        chat: said.chat.to_string(),
        kind: kind.to_owned(),
        body: body(&what),
        payload: Payload { contents, options, quote: None, fetched: None }.to_column()?,
        source: "autoreply".to_owned(),
        status: "queued".to_owned(),
        delivery_status: "queued".to_owned(),
        webhook_status: "pending".to_owned(),
        priority,
        rank: priority + rank,
        ordered: 0,
        attempts: 0,
        secret: what.needs_secret().then(secret),
        reference: None,
        agent_id: None,
        created_by: said.user,
        deliver_at: now,
        next_attempt_at: now,
        expires_at: Some(said.expires_at),
        retry_max: RETRIES,
        retry_count: 0,
        last_retry_at: None,
        failure_code: None,
        failure_reason: None,
        created_at: now,
        processed_at: None,
        sent_at: None,
        delivered_at: None,
        read_at: None,
        failed_at: None,
        expired_at: None,
    };
    w.account(&device.account_id).insert_message(&message).await.map_err(Error::from)?;
    Ok(true)
}

/// The file, if it is still there: without it, the text goes alone.
async fn file(w: &mut Writing, device: &DeviceRow, id: Option<&str>, now: Millis) -> Result<Option<FileRow>> {
    let Some(id) = id.and_then(|id| id.parse::<FileId>().ok()) else { return Ok(None) };
    let row = w.account(&device.account_id).file(&id).await?;
    Ok(row.filter(|row| row.expires_at > now))
}
