//! Changing a message while it waits.

use sparkbot_store::rows::MessageRow;

use super::accept::{self, check_label, check_reference, priority};
use super::payload::Payload;
use super::receiver::{self, mentions, target};
use super::{Receiver, actions, reachable, targets, timing};
use crate::app::Core;
use crate::campaigns;
use crate::devices;
use crate::error::{Error, Result};
use crate::ids::{DeviceId, MessageId};
use crate::keys::{Caller, Scope};
use crate::team;
use crate::views::{DeviceRef, OutboundMessage};
use crate::wid::Wid;

/// What `remove` may name.
pub const REMOVABLE: &[&str] = &[
    "reference",
    "media",
    "media.file",
    "media.message",
    "media.reference",
    "location",
    "location.address",
    "location.coordinates",
];

/// What `PATCH /v1/messages/{id}` may say; absent stays.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// New text or caption.
    pub message: Option<String>,
    /// New receiver.
    pub receiver: Receiver,
    /// Another number to send it.
    pub device: Option<DeviceId>,
    /// In whose name.
    pub agent: Option<String>,
    /// Not before, ISO 8601.
    pub deliver_at: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    pub priority: Option<String>,
    /// Caller's own id.
    pub reference: Option<String>,
    /// Label put on the chat.
    pub label: Option<String>,
    /// Some of [`REMOVABLE`].
    pub remove: Vec<String>,
}

impl Changes {
    /// Whether it is another message afterwards, for another receiver or from
    /// another number: no longer possible once somebody may have it.
    fn of_substance(&self) -> Option<&'static str> {
        [
            ("message", self.message.is_some()),
            ("the receiver", !self.receiver.is_absent()),
            ("device", self.device.is_some()),
            ("remove", self.remove.iter().any(|what| what != "reference")),
        ]
        .into_iter()
        .find_map(|(name, given)| given.then_some(name))
    }
}

/// Changes a message that waits in the queue.
///
/// # Errors
/// `message:notfound`; `message:not_queued` once it has left the queue;
/// `message:tried` for what can't change once it may have arrived; as for a new
/// message for values out of range.
pub async fn update(core: &Core, caller: &Caller, id: &MessageId, changes: Changes) -> Result<OutboundMessage> {
    caller.need(Scope::MessagesWrite)?;
    let (caller, account, id, now) = (caller.clone(), caller.account.clone(), id.clone(), core.now());
    let (row, device) = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let row = reachable(&mut w.account(&account), &caller, &id).await?;
                waits(&row, &changes)?;
                let mut row = row;
                apply(&mut row, &changes, now)?;
                if !w.account(&account).sees(&row.device_id, &row.chat, &caller.sight()).await? {
                    return Err(accept::elsewhere(&row.chat));
                }
                let device = w.account(&account).device(&row.device_id).await?;
                let device = device.ok_or_else(|| devices::not_found(&row.device_id))?;
                if let Some(agent) = &changes.agent {
                    row.agent_id = Some(team::agent(w, &account, agent).await?.id.to_string());
                }
                let payload = Payload::of(&row)?;
                let said = payload.contents.said(row.body.as_deref())?;
                actions::check(w, &device, &actions::parse(&payload.options.actions)?).await?;
                if changes.of_substance().is_some() {
                    let chat: Wid = row.chat.parse().map_err(Error::internal)?;
                    targets::check(w, &device, &caller.sight(), &chat, &said, payload.quote.as_deref()).await?;
                }
                w.account(&account).rewrite_message(&row).await?;
                Ok::<_, Error>((row, device))
            })
        })
        .await?;
    core.sessions().wake(&row.device_id);
    OutboundMessage::of(&row, &DeviceRef::of(&device))
}

fn waits(row: &MessageRow, changes: &Changes) -> Result<()> {
    if row.status != "queued" {
        return Err(Error::conflict(
            "message:not_queued",
            format!("The message {} can't be changed any more: it is '{}'.", row.id, row.status),
        )
        .hint("Only messages that wait in the queue can be changed. What was sent is edited in its chat.")
        .with("status", row.status.as_str()));
    }
    if row.source == campaigns::SOURCE
        && (changes.reference.is_some() || changes.remove.iter().any(|what| what == "reference"))
    {
        return Err(Error::conflict(
            "message:campaign",
            format!("The message {} belongs to a campaign, which knows it by its reference.", row.id),
        )
        .hint("Leave 'reference' as it is; the contact of the campaign has a reference of its own."));
    }
    if row.source == campaigns::SOURCE && !changes.receiver.is_absent() {
        return Err(Error::conflict(
            "message:campaign",
            format!("The message {} belongs to a campaign, for one person of it.", row.id),
        )
        .hint("Delete it, and send a message of your own to somebody else."));
    }
    match changes.of_substance() {
        Some(what) if row.attempts > 0 => Err(Error::conflict(
            "message:tried",
            format!(
                "{what} of the message {} can't be changed any more: it was tried already and may have arrived.",
                row.id
            ),
        )
        .hint("Delete it and send another one.")),
        _ => Ok(()),
    }
}

/// Writes the changes into the row, checked as a whole.
fn apply(row: &mut MessageRow, changes: &Changes, now: i64) -> Result<()> {
    let mut payload = Payload::of(row)?;
    for what in &changes.remove {
        remove(row, &mut payload, what)?;
    }
    if let Some(text) = &changes.message {
        // What was given along with the file is the same text.
        if let Some(media) = &mut payload.contents.media {
            media.message = None;
        }
        row.body = Some(text.clone());
    }
    if !changes.receiver.is_absent() {
        let chat = changes.receiver.wid()?;
        target(&chat).clone_into(&mut row.target);
        row.chat = chat.to_string();
    }
    if let Some(device) = &changes.device {
        row.device_id = device.clone();
    }
    if let Some(at) = &changes.deliver_at {
        row.deliver_at = timing::date("deliverAt", at, now)?;
        if row.expires_at.is_some_and(|end| end <= row.deliver_at) {
            return Err(Error::invalid(
                "message:schedule",
                format!("deliverAt {at} is after the message has expired."),
            ));
        }
        // A message that waits for its next try does so from then on.
        row.next_attempt_at = row.deliver_at;
    }
    if let Some(word) = &changes.priority {
        let new = priority(Some(word))?;
        row.rank += new - row.priority;
        row.priority = new;
    }
    if let Some(reference) = &changes.reference {
        check_reference(reference)?;
        row.reference = Some(reference.clone());
    }
    if let Some(label) = &changes.label {
        check_label(label)?;
        payload.options.label = Some(label.clone());
    }
    if payload.contents.media.is_none() {
        payload.fetched = None;
    }
    let said = payload.contents.said(row.body.as_deref())?;
    let chat: Wid = row.chat.parse().map_err(Error::internal)?;
    receiver::takes(&chat, &said)?;
    if changes.message.is_some() || !changes.receiver.is_absent() {
        payload.options.mentions = mentions(&payload.options.mentions, row.body.as_deref(), &chat)?;
    }
    said.kind().clone_into(&mut row.kind);
    row.body = accept::body(&said);
    if said.needs_secret() && row.secret.is_none() {
        row.secret = Some(accept::secret());
    }
    row.payload = payload.to_column()?;
    Ok(())
}

fn remove(row: &mut MessageRow, payload: &mut Payload, what: &str) -> Result<()> {
    let contents = &mut payload.contents;
    let absent = |what: &str| Error::invalid("message:remove", format!("The message has no '{what}' to remove."));
    match what {
        "reference" => drop(row.reference.take().ok_or_else(|| absent(what))?),
        "media" => drop(contents.media.take().ok_or_else(|| absent(what))?),
        "location" => drop(contents.location.take().ok_or_else(|| absent(what))?),
        "media.file" | "media.message" | "media.reference" => {
            let media = contents.media.as_mut().ok_or_else(|| absent(what))?;
            match what {
                // Without its file it is the text that went along with it.
                "media.file" => {
                    media.file.take().ok_or_else(|| absent(what))?;
                    row.body = row.body.take().or_else(|| media.message.take());
                    contents.media = None;
                }
                "media.message" => {
                    media.message = None;
                    row.body = None;
                }
                _ => media.reference = None,
            }
        }
        "location.address" | "location.coordinates" => {
            let location = contents.location.as_mut().ok_or_else(|| absent(what))?;
            if what == "location.address" {
                location.address = None;
            } else {
                location.coordinates = None;
            }
        }
        other => {
            return Err(Error::invalid(
                "message:remove",
                format!("'{other}' can't be removed; there are {}.", REMOVABLE.join(", ")),
            ));
        }
    }
    Ok(())
}
