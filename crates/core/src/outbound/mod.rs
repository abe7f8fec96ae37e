//! The queue: what was accepted, in what order it leaves, and what became of it.
//!
//! [`contents`] holds the kinds of messages and their limits, [`accept`] checks
//! and writes a message, [`automatic`] what a rule sends, [`update`] and [`remove`] change it while it waits,
//! [`sender`] takes due ones ([`claim`]) and hands them to the number's link
//! ([`deliver`]) as [`compose`] makes them,
//! [`outcome`] and [`receipts`] write what became of them, [`actions`] carries
//! out what was asked for after delivery, [`payload`] holds what was asked, [`own`] is how other rooms put messages in.

mod accept;
mod actions;
mod automatic;
mod claim;
mod compose;
mod contents;
mod deliver;
mod expiring;
mod media;
mod outcome;
mod own;
mod payload;
mod preview;
mod put_back;
mod receipts;
mod receiver;
mod remove;
mod retention;
mod sender;
mod targets;
mod timing;
mod update;

pub use sparkbot_store::rows::MessageFilter;
use sparkbot_store::rows::{Account, MessageRow};

use crate::app::Core;
use crate::devices::Idempotency;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId, MessageId};
use crate::keys::{Caller, Scope};
use crate::page::Page;
use crate::queue;
use crate::views::{Device, DeviceRef, OutboundMessage};

pub use accept::enqueue;
pub(crate) use automatic::{Automatic, automatic};
pub(crate) use claim::Fresh;
pub use contents::{
    ButtonEntry, ContactEntry, Contents, EventEntry, EventReply, FORMATS, ForwardEntry, KINDS, ListEntry, ListRow,
    ListSection, LocationEntry, MediaEntry, PollEntry, VoteEntry, VoteOption,
};
pub(crate) use expiring::start_expiring;
pub(crate) use outcome::{remove_some, remove_waiting, server_ack};
pub(crate) use own::{OwnMessage, check_actions, check_own, keep_media, put_own};
pub(crate) use payload::Payload;
pub use payload::{Options, TextLook};
pub(crate) use preview::Previews;
pub(crate) use put_back::start_watching_the_clock;
pub(crate) use receipts::receipt;
pub use receiver::Receiver;
pub(crate) use receiver::{person, wanted};
pub use remove::delete;
pub use retention::forget_ended;
pub(crate) use retention::start_retention;
pub(crate) use sender::send_all;
pub use timing::{Expiration, Schedule};
pub use update::{Changes, REMOVABLE, update};

/// What `POST /v1/messages` says.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The sending number.
    pub device: DeviceId,
    /// To whom.
    pub receiver: Receiver,
    /// Text or caption, 6,000 characters at most.
    pub message: Option<String>,
    /// What it says besides the text.
    pub contents: Contents,
    /// How it is sent.
    pub options: Options,
    /// `low`, `normal`, `high` or `urgent`.
    pub priority: Option<String>,
    /// Caller's own id, 128 characters at most.
    pub reference: Option<String>,
    /// In whose name.
    pub agent: Option<String>,
    /// Tries after the first, 0 to 100.
    pub retries: Option<i64>,
    /// Not before, ISO 8601.
    pub deliver_at: Option<String>,
    /// The same in other words.
    pub schedule: Option<Schedule>,
    /// When it is no longer worth sending.
    pub expiration: Option<Expiration>,
    /// WhatsApp id of the message it answers.
    pub quote: Option<String>,
    /// `Idempotency-Key` with the request's fingerprint.
    pub idempotency: Option<Idempotency>,
}

/// What to show along with a message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Include {
    /// The full device.
    pub device: bool,
    /// The full agent.
    pub agent: bool,
    /// What has happened to it.
    pub events: bool,
}

/// A page of messages.
///
/// # Errors
/// Without the scope `messages:read`.
pub async fn list(
    core: &Core,
    caller: &Caller,
    filter: MessageFilter,
    include: Include,
) -> Result<Page<OutboundMessage>> {
    caller.need(Scope::MessagesRead)?;
    let Some(devices) = caller.numbers_of(filter.devices) else { return Ok(Page { items: Vec::new(), total: 0 }) };
    let filter = MessageFilter { devices, sight: caller.sight(), ..filter };
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let rows = scope.messages(&filter).await?;
    let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let total = if shown < filter.size && (filter.skip == 0 || shown > 0) {
        // The page is the last one: nothing is left to be counted.
        filter.skip.saturating_add(shown)
    } else {
        scope.count_messages(&filter).await?
    };
    drop(reading);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(show(core, &caller.account, &row, include).await?);
    }
    Ok(Page { items, total })
}

/// One message.
///
/// # Errors
/// `message:notfound`.
pub async fn get(core: &Core, caller: &Caller, id: &MessageId, include: Include) -> Result<OutboundMessage> {
    caller.need(Scope::MessagesRead)?;
    let mut reading = core.store().read().await?;
    let row = reachable(&mut reading.account(&caller.account), caller, id).await?;
    drop(reading);
    show(core, &caller.account, &row, include).await
}

/// A message of a number that the caller may use, to a chat that they see.
async fn reachable(scope: &mut Account<'_>, caller: &Caller, id: &MessageId) -> Result<MessageRow> {
    let row = scope.message(id).await?.ok_or_else(|| not_found(id))?;
    caller.need_number(&row.device_id)?;
    let seen = scope.sees(&row.device_id, &row.chat, &caller.sight()).await?;
    if seen { Ok(row) } else { Err(not_found(id)) }
}

fn not_found(id: &MessageId) -> Error {
    Error::not_found("message:notfound", format!("There is no outbound message {id} in this account."))
        .hint("GET /v1/messages lists the messages and their ids.")
}

async fn show(core: &Core, account: &AccountId, row: &MessageRow, include: Include) -> Result<OutboundMessage> {
    let now = core.now();
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(account);
    // Messages outlive their number.
    let device = scope.device(&row.device_id).await?;
    let reference = device.as_ref().map_or_else(
        || DeviceRef {
            id: row.device_id.to_string(),
            phone: None,
            alias: String::new(),
            plan: String::new(),
            version: 2,
        },
        DeviceRef::of,
    );
    let mut message = OutboundMessage::of(row, &reference)?;
    if include.device
        && let Some(device) = &device
    {
        let counts = scope.queue_counts(&device.id, now).await?;
        let state = scope.queue(&device.id).await?;
        let queue = queue::queue_view(device, &state, counts, now)?;
        let device = Device::of(device, Vec::new(), queue, now)?;
        message.device = serde_json::to_value(device).map_err(Error::internal)?;
    }
    if include.agent
        && let Some(agent) = &row.agent_id
        && let Ok(id) = agent.parse()
        && let Some(user) = scope.user(&id).await?
    {
        message.agent =
            Some(crate::views::AgentRef { id: user.id.to_string(), name: Some(user.name), role: Some(user.role) });
    }
    if include.events {
        message.with_events(row);
    }
    Ok(message)
}
