//! Finding updates and showing them: those that are posted, in their chat, and
//! those that wait, in the queue.

use std::collections::HashMap;

use sparkbot_store::rows::{
    Account, ChatMessageFilter, ChatMessageRow, ContactRow, DeviceRow, MessageFilter, MessageRow, Place,
};

use super::{CHAT, LIFE};
use crate::app::Core;
use crate::chat_messages::{self, Parts};
use crate::clock::iso;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::network::Millis;
use crate::outbound::Payload;
use crate::page::{Page, Slice};
use crate::views::{ChatMessage, ChatRef, MessageChat, MessageMeta, Status, StatusViewer, StatusViews};
use crate::wid::Wid;

/// Which updates.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Only `inbound`, or only `outbound`.
    pub flow: Option<String>,
    /// Only the number's own.
    pub mine: bool,
    /// Only those that wait to be posted.
    pub scheduled: bool,
    /// Only those that have come this far: `pending`, `sent`, `delivered`, `read`, `failed`.
    pub ack: Vec<String>,
    /// Only with these WhatsApp ids.
    pub wids: Vec<String>,
    /// Only with all of these words, or with words that begin so.
    pub search: Option<String>,
    /// Only of this person.
    pub person: Option<String>,
    /// Only with this reference.
    pub reference: Option<String>,
    /// Only of these kinds.
    pub kinds: Vec<String>,
    /// From the update with this id on.
    pub begin: Option<String>,
    /// Up to the update with this id.
    pub end: Option<String>,
    /// Only after this time.
    pub after: Option<Millis>,
    /// Only before this time.
    pub before: Option<Millis>,
    /// Oldest first.
    pub ascending: bool,
}

/// One that is posted, or one that waits or has failed.
enum Found {
    Posted(Box<ChatMessageRow>),
    Queued(Box<MessageRow>),
}

impl Found {
    /// Its place in the order of time; WhatsApp counts in seconds.
    fn at(&self) -> (Millis, i64, &str) {
        match self {
            Self::Posted(row) => (row.at, row.seq, &row.wa_id),
            Self::Queued(row) => (row.deliver_at, i64::MAX, &row.wa_id),
        }
    }
}

/// A page of the updates that are not over: at most a day of them is kept.
///
/// # Errors
/// `device:notfound`; `status:notfound` for `begin` and `end`; without the scope
/// `messages:read`.
pub async fn list(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    search: Search,
    slice: Slice,
) -> Result<Page<Status>> {
    caller.need(Scope::MessagesRead)?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let number = scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let oldest = core.now() - LIFE;
    let mut found = posted_ones(&mut scope, &number, &search, oldest).await?;
    found.extend(queued_ones(&mut scope, &number, &search, oldest).await?);
    found.sort_by(|one, other| one.at().cmp(&other.at()));
    if !search.ascending {
        found.reverse();
    }
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let (skip, size) = (usize::try_from(slice.skip).unwrap_or(0), usize::try_from(slice.size).unwrap_or(0));
    let mut items = Vec::new();
    for one in found.into_iter().skip(skip).take(size) {
        items.push(match one {
            Found::Posted(row) => posted(&mut scope, &number, *row, false).await?,
            Found::Queued(row) => queued(&number, &row)?,
        });
    }
    Ok(Page { items, total })
}

/// One update, with who has looked at it.
///
/// # Errors
/// `device:notfound`, `status:notfound`; without the scope `messages:read`.
pub async fn get(core: &Core, caller: &Caller, device: &DeviceId, id: &str) -> Result<Status> {
    caller.need(Scope::MessagesRead)?;
    queued_or_posted(core, &caller.account, device, id).await
}

/// The same without asking who asks.
pub(super) async fn queued_or_posted(core: &Core, account: &AccountId, device: &DeviceId, id: &str) -> Result<Status> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(account);
    let number = scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let row = scope.chat_message(device, &id.to_ascii_uppercase()).await?;
    if let Some(row) = row.filter(|row| row.chat == CHAT && row.status != "removed") {
        return posted(&mut scope, &number, row, true).await;
    }
    let row = queued_row(&mut scope, device, id).await?.ok_or_else(|| missing(id))?;
    queued(&number, &row)
}

/// There is no such update.
pub(super) fn missing(id: &str) -> Error {
    let shown: String = id.chars().take(40).collect();
    Error::not_found("status:notfound", format!("There is no status {shown} of this number, or it is over."))
        .hint("A status is kept for 24 hours; GET /v1/chat/{device}/status lists those there are.")
}

/// One that waits in the queue, by WhatsApp's id or the outbound message's.
pub(super) async fn waiting(scope: &mut Account<'_>, device: &DeviceId, id: &str) -> Result<Option<MessageRow>> {
    Ok(queued_row(scope, device, id).await?.filter(|row| matches!(row.status.as_str(), "queued" | "processing")))
}

async fn queued_row(scope: &mut Account<'_>, device: &DeviceId, id: &str) -> Result<Option<MessageRow>> {
    let by_wa_id = scope.message_by_wa_id(device, &id.to_ascii_uppercase()).await?;
    let found = match (by_wa_id, id.parse()) {
        (Some(row), _) => Some(row),
        (None, Ok(id)) => scope.message(&id).await?,
        (None, Err(_)) => None,
    };
    // What is posted stands in its chat, or is over.
    let over = |row: &MessageRow| matches!(row.status.as_str(), "removed" | "processed");
    Ok(found.filter(|row| row.chat == CHAT && row.device_id == *device && !over(row)))
}

async fn posted_ones(
    scope: &mut Account<'_>,
    number: &DeviceRow,
    search: &Search,
    oldest: Millis,
) -> Result<Vec<Found>> {
    if search.scheduled {
        return Ok(Vec::new());
    }
    let flow = if search.mine { Some("outbound".to_owned()) } else { search.flow.clone() };
    if search.mine && search.flow.as_deref() == Some("inbound") {
        return Ok(Vec::new());
    }
    let filter = ChatMessageFilter {
        flow,
        ack: search.ack.clone(),
        wids: search.wids.iter().map(|wid| wid.to_ascii_uppercase()).collect(),
        search: search.search.clone(),
        chat: Some(CHAT.to_owned()),
        from: search.person.clone(),
        reference: search.reference.clone(),
        kinds: search.kinds.iter().map(|kind| (kind.clone(), None)).collect(),
        begin: place(scope, number, search.begin.as_deref()).await?,
        end: place(scope, number, search.end.as_deref()).await?,
        after: Some(search.after.map_or(oldest, |after| after.max(oldest))),
        before: search.before,
        size: i64::from(u32::MAX),
        ..ChatMessageFilter::default()
    };
    let (_, rows) = scope.chat_messages(&number.id, &filter).await?;
    Ok(rows.into_iter().filter(|row| row.status == "active").map(|row| Found::Posted(Box::new(row))).collect())
}

async fn place(scope: &mut Account<'_>, number: &DeviceRow, id: Option<&str>) -> Result<Option<Place>> {
    let Some(id) = id else { return Ok(None) };
    let row = scope.chat_message(&number.id, &id.to_ascii_uppercase()).await?;
    let row = row.filter(|row| row.chat == CHAT).ok_or_else(|| missing(id))?;
    Ok(Some(Place { at: row.at, seq: row.seq }))
}

/// What waits in the queue, and what could not be posted lately.
async fn queued_ones(
    scope: &mut Account<'_>,
    number: &DeviceRow,
    search: &Search,
    oldest: Millis,
) -> Result<Vec<Found>> {
    let own = number.wid.as_deref();
    let others = search.flow.as_deref() == Some("inbound")
        || search.person.as_deref().is_some_and(|person| Some(person) != own)
        || search.begin.is_some()
        || search.end.is_some();
    if others {
        return Ok(Vec::new());
    }
    let states =
        if search.scheduled { &["queued", "processing"][..] } else { &["queued", "processing", "failed", "expired"] };
    let filter = MessageFilter {
        devices: vec![number.id.to_string()],
        chats: vec![CHAT.to_owned()],
        status: states.iter().map(|state| (*state).to_owned()).collect(),
        wa_ids: search.wids.iter().map(|wid| wid.to_ascii_uppercase()).collect(),
        search: search.search.clone(),
        references: search.reference.iter().cloned().collect(),
        kinds: search.kinds.clone(),
        after: search.after,
        before: search.before,
        size: i64::from(u32::MAX),
        ..MessageFilter::default()
    };
    let rows = scope.messages(&filter).await?.into_iter();
    let rows = rows.filter(|row| row.deliver_at > oldest || ack(row) == "pending");
    let rows = rows.filter(|row| search.ack.is_empty() || search.ack.iter().any(|word| word == ack(row)));
    Ok(rows.map(|row| Found::Queued(Box::new(row))).collect())
}

fn ack(row: &MessageRow) -> &'static str {
    match row.status.as_str() {
        "queued" | "processing" => "pending",
        _ => "failed",
    }
}

/// One that is posted; `whole` with who has looked at it.
pub(super) async fn posted(
    scope: &mut Account<'_>,
    device: &DeviceRow,
    row: ChatMessageRow,
    whole: bool,
) -> Result<Status> {
    let (own, at, wa_id, author) = (row.flow == "outbound", row.at, row.wa_id.clone(), row.author.clone());
    let mut message = chat_messages::show_one(scope, device, row, Parts::default()).await?;
    // In this chat everybody writes.
    message.from_number = message.from_number.or_else(|| number(&author));
    message.author = Some(author);
    let views = if own { Some(views(scope, device, &wa_id, whole).await?) } else { None };
    Ok(Status {
        message,
        mtype: "status",
        scheduled: false,
        outbound: None,
        failure_reason: None,
        expires_at: iso(at + LIFE),
        views,
    })
}

async fn views(scope: &mut Account<'_>, device: &DeviceRow, wa_id: &str, whole: bool) -> Result<StatusViews> {
    let receipts = scope.message_receipts(&device.id, wa_id).await?;
    let looked: Vec<(String, Millis)> =
        receipts.into_iter().filter_map(|receipt| Some((receipt.participant, receipt.read_at?))).collect();
    let count = looked.len();
    if !whole {
        return Ok(StatusViews { count, viewers: None });
    }
    let mut names: HashMap<String, ContactRow> = HashMap::new();
    let wids: Vec<String> = looked.iter().map(|(wid, _)| wid.clone()).collect();
    for part in wids.chunks(500) {
        let found = scope.contacts_of(&device.id, part).await?;
        names.extend(found.into_iter().map(|contact| (contact.wid.clone(), contact)));
    }
    let viewers = looked.into_iter().map(|(wid, at)| StatusViewer {
        phone: number(&wid),
        name: names.remove(&wid).and_then(|contact| contact.name.or(contact.push_name)),
        date: iso(at),
        wid,
    });
    Ok(StatusViews { count, viewers: Some(viewers.collect()) })
}

fn number(wid: &str) -> Option<String> {
    wid.parse::<Wid>().ok().and_then(|wid| wid.phone()).map(String::from)
}

/// One that waits, or could not be posted.
fn queued(device: &DeviceRow, row: &MessageRow) -> Result<Status> {
    let own = device.wid.clone().unwrap_or_default();
    let look = Payload::of(row)?.options.status;
    let message = ChatMessage {
        id: row.wa_id.clone(),
        kind: row.kind.clone(),
        subtype: None,
        flow: "outbound".to_owned(),
        status: "active".to_owned(),
        ack: ack(row).to_owned(),
        from_number: number(&own),
        author: Some(own.clone()),
        from: own,
        to: CHAT.to_owned(),
        to_number: None,
        date: iso(row.deliver_at),
        timestamp: row.deliver_at.div_euclid(1000),
        body: row.body.clone(),
        edited_at: None,
        edits: Vec::new(),
        reactions: Vec::new(),
        post: None,
        mentions: Vec::new(),
        chat: MessageChat::Brief(ChatRef { id: CHAT.to_owned(), name: None, kind: "broadcast".to_owned() }),
        media: None,
        location: None,
        contacts: None,
        poll: None,
        event: None,
        list: None,
        selected: None,
        product: None,
        order: None,
        group_invite: None,
        quoted: None,
        reference: row.reference.clone(),
        meta: MessageMeta {
            source: row.source.clone(),
            via: "platform".to_owned(),
            color: look.as_ref().map(|look| look.color.clone()),
            font: look.map(|look| look.font),
            ..MessageMeta::default()
        },
        links: chat_messages::links(device, CHAT, &row.wa_id),
    };
    Ok(Status {
        message,
        mtype: "status",
        scheduled: ack(row) == "pending",
        outbound: Some(row.id.to_string()),
        failure_reason: row.failure_reason.clone().filter(|_| ack(row) == "failed"),
        expires_at: iso(row.deliver_at + LIFE),
        views: None,
    })
}
