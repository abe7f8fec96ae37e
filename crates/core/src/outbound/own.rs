//! Messages that other rooms put into the queue by themselves, within a
//! transaction of their own.

use serde_json::Value;
use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, MessageRow};

use super::accept::{self, RETRIES, wa_id};
use super::contents::{Contents, MediaEntry};
use super::payload::{Options, Payload};
use super::receiver::{self, mentions, target};
use super::{actions, media};
use crate::app::Core;
use crate::error::Result;
use crate::files::{self, NewFile, Owner};
use crate::ids::MessageId;
use crate::keys::Caller;
use crate::network::Millis;
use crate::wid::Wid;

/// A message of another room.
#[derive(Debug, Clone)]
pub(crate) struct OwnMessage {
    /// To whom.
    pub(crate) chat: Wid,
    /// Text or caption.
    pub(crate) message: Option<String>,
    /// A file along with it.
    pub(crate) media: Option<MediaEntry>,
    /// The room, as `source` of the message.
    pub(crate) source: &'static str,
    /// How the room finds it again.
    pub(crate) reference: Option<String>,
    /// In whose name.
    pub(crate) created_by: String,
    /// When it is no longer worth sending.
    pub(crate) expires_at: Option<Millis>,
    /// Of the priorities.
    pub(crate) priority: i64,
    /// What is done with the chat after it.
    pub(crate) actions: Vec<Value>,
}

/// Puts a message into a number's queue. Its sender looks by itself once it is
/// woken, which is for the caller after the commit.
///
/// # Errors
/// For a text or a file that is no message.
pub(crate) async fn put_own(w: &mut Writing, device: &DeviceRow, own: OwnMessage, now: Millis) -> Result<MessageRow> {
    let contents = Contents { media: own.media, ..Contents::default() };
    let said = contents.said(own.message.as_deref())?;
    receiver::takes(&own.chat, &said)?;
    let body = accept::body(&said);
    let options =
        Options { mentions: mentions(&[], body.as_deref(), &own.chat)?, actions: own.actions, ..Options::default() };
    let payload = Payload { contents, options, quote: None, fetched: None };
    let row = MessageRow {
        id: MessageId::new(now),
        account_id: device.account_id.clone(),
        device_id: device.id.clone(),
        wa_id: wa_id(),
        target: target(&own.chat).to_owned(),
        chat: own.chat.to_string(),
        kind: said.kind().to_owned(),
        body,
        payload: payload.to_column()?,
        source: own.source.to_owned(),
        status: "queued".to_owned(),
        delivery_status: "queued".to_owned(),
        webhook_status: "pending".to_owned(),
        priority: own.priority,
        rank: own.priority,
        ordered: 0,
        attempts: 0,
        secret: None,
        reference: own.reference,
        agent_id: None,
        created_by: own.created_by,
        deliver_at: now,
        next_attempt_at: now,
        expires_at: own.expires_at,
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
    w.account(&device.account_id).insert_message(&row).await?;
    metrics::counter!("sparkbot_messages_accepted_total").increment(1);
    Ok(row)
}

/// Refuses a text and a file that make no message.
///
/// # Errors
/// As for a message that is sent.
pub(crate) fn check_own(message: Option<&str>, media: Option<&MediaEntry>) -> Result<()> {
    Contents { media: media.cloned(), ..Contents::default() }.said(message).map(drop)
}

/// Refuses actions that make no sense.
///
/// # Errors
/// `action:invalid`, `action:count`.
pub(crate) fn check_actions(list: &[Value]) -> Result<()> {
    actions::parse(list).map(drop)
}

/// Takes in the file of a message that is going to be sent many times: it is
/// fetched once, here.
///
/// # Errors
/// `file:notfound`; for what can't be fetched.
pub(crate) async fn keep_media(core: &Core, caller: &Caller, entry: &mut MediaEntry) -> Result<()> {
    if let Some(url) = entry.url.take_if(|url| !url.starts_with("data:")) {
        let new = NewFile {
            filename: entry.filename.clone(),
            reference: entry.reference.clone(),
            expiration: Some("2y".parse()?),
            ..NewFile::default()
        };
        let file = files::fetch_url(core, &Owner::from(caller), &url, new).await?.into_row();
        entry.file = Some(file.id.to_string());
        return Ok(());
    }
    media::accept(core, caller, entry).await.map(drop)
}
