//! Telling WhatsApp what was changed here. Each wish is written down in the
//! transaction that makes the change, and taken off once WhatsApp has taken it:
//! neither a crash nor a number that is offline loses one. Of each attribute of
//! a chat the last wish counts.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, ChatWishRow, DeviceRow};

use super::change::{self, By};
use super::purge;
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::{ChatChange, Link, Millis, NetworkError};
use crate::phone::Phone;
use crate::wid::{Wid, WidKind};

/// How often it is looked for wishes that wait for another try.
const EVERY: Duration = Duration::from_secs(2);
/// Wishes taken at once.
const AT_ONCE: i64 = 128;
/// Messages whose senders are told that they were read, at most: the newest.
const RECEIPTS: i64 = 256;
/// How long a number that is not online is left alone, unless it comes online.
const OFFLINE: Millis = 30_000;
/// Wishes older than this were made while the number was away.
const STALE: Millis = 5_000;
/// How long all wishes of a number wait when it can't be compared with its phone.
const AFTER_FAILURE: Millis = 5_000;
/// What the attributes of labels begin with.
const LABEL: &str = "label:";
/// Longest wait between two tries.
const LONGEST: Millis = 600_000;
/// How often it is looked for mutes that are over.
const MUTES_EVERY: Millis = 15_000;

/// What is wished, as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Wish {
    on: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Millis>,
    /// The newest message there was.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<Millis>,
    /// Messages whose senders are to be told, with their authors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<(String, String)>,
}

/// The attribute that a change is about: only one wish for each waits.
pub(super) fn attribute(change: &ChatChange) -> &'static str {
    match change {
        ChatChange::Archived(_) => "archive",
        ChatChange::Pinned(_) => "pin",
        ChatChange::Muted(_) => "mute",
        ChatChange::Read(_) => "read",
        ChatChange::Deleted => "delete",
        ChatChange::Cleared { .. } => "clear",
    }
}

impl Wish {
    fn change(&self, attribute: &str, now: Millis) -> Option<ChatChange> {
        Some(match attribute {
            "archive" => ChatChange::Archived(self.on),
            "pin" => ChatChange::Pinned(self.on),
            // One that is over by now is none.
            "mute" => ChatChange::Muted(self.until.filter(|until| *until < 0 || *until > now)),
            "read" => ChatChange::Read(self.on),
            "delete" => ChatChange::Deleted,
            "clear" => ChatChange::Cleared { keep_starred: self.on },
            _ => return None,
        })
    }
}

/// Notes that WhatsApp has to be told; `chat` is as it was before the change.
pub(super) async fn wish(
    w: &mut Writing,
    device: &DeviceRow,
    chat: &ChatRow,
    change: &ChatChange,
    now: Millis,
) -> Result<()> {
    if device.wid.is_none() {
        // A number that is not linked has no phone to be in step with.
        return Ok(());
    }
    let mut wish = Wish { newest: Some(chat.last_message_at).filter(|at| *at > 0), ..Wish::default() };
    match change {
        ChatChange::Archived(on) | ChatChange::Pinned(on) => wish.on = *on,
        ChatChange::Read(on) => {
            wish.on = *on;
            if *on && chat.unread > 0 {
                let limit = chat.unread.min(RECEIPTS);
                wish.unread = w.account(&device.account_id).unread_messages(&device.id, &chat.wid, limit).await?;
            }
        }
        ChatChange::Muted(until) => wish.until = *until,
        ChatChange::Cleared { keep_starred } => wish.on = *keep_starred,
        ChatChange::Deleted => {}
    }
    let row = ChatWishRow {
        device_id: device.id.clone(),
        account_id: device.account_id.clone(),
        chat: chat.wid.clone(),
        attribute: attribute(change).to_owned(),
        value: serde_json::to_string(&wish).map_err(Error::internal)?,
        at: now,
        attempts: 0,
        next_attempt_at: now,
    };
    Ok(w.account(&device.account_id).put_chat_wish(&row).await?)
}

/// The number is linked to `phone`. What was wished for another account's chats
/// is nothing to this one. Called before the number is noted as linked, so that
/// it is done again should that fail.
pub(crate) async fn linked(core: &Core, account: &AccountId, device: &DeviceId, phone: &Phone) -> Result<()> {
    let (account, device, phone) = (account.clone(), device.clone(), phone.to_string());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let row = w.account(&account).device(&device).await?;
                let before = row.and_then(|row| row.phone);
                if before.is_some_and(|before| before != phone) {
                    w.account(&account).drop_chat_wishes(&device).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await
}

/// The attribute of one of WhatsApp's labels: each is a wish of its own.
fn label(wa_id: &str) -> String {
    format!("{LABEL}{wa_id}")
}

/// Notes that WhatsApp has to put one of its labels on a chat, or to take it off.
pub(super) async fn wish_label(
    w: &mut Writing,
    device: &DeviceRow,
    chat: &str,
    wa_id: &str,
    on: bool,
    now: Millis,
) -> Result<()> {
    if device.wid.is_none() {
        return Ok(());
    }
    let row = ChatWishRow {
        device_id: device.id.clone(),
        account_id: device.account_id.clone(),
        chat: chat.to_owned(),
        attribute: label(wa_id),
        value: serde_json::to_string(&Wish { on, ..Wish::default() }).map_err(Error::internal)?,
        at: now,
        attempts: 0,
        next_attempt_at: now,
    };
    Ok(w.account(&device.account_id).put_chat_wish(&row).await?)
}

/// Whether it is wished later than `at` that a chat has a label, or has it not:
/// what other devices have done before that does not count. An older wish is
/// dropped.
pub(crate) async fn label_wished_later(
    w: &mut Writing,
    device: &DeviceRow,
    chat: &str,
    wa_id: &str,
    at: Millis,
) -> Result<bool> {
    superseded(w, device, chat, &label(wa_id), at).await
}

/// A label is gone, and with it what was wished of it.
pub(crate) async fn forget_label(w: &mut Writing, device: &DeviceRow, wa_id: &str) -> Result<()> {
    Ok(w.account(&device.account_id).drop_chat_wishes_of(&device.id, &label(wa_id)).await?)
}

/// The number can be reached again: all that waits is told now.
pub(crate) async fn online(core: &Core, account: &AccountId, device: &DeviceId) -> Result<()> {
    let (account, device, now) = (account.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move { Ok::<_, Error>(w.account(&account).schedule_chat_wishes(&device, now).await?) })
        })
        .await?;
    core.chats().wake.notify_one();
    Ok(())
}

/// Tells WhatsApp what waits, those of before a restart too; ends mutes and
/// deletions that have come to their end.
pub(crate) fn start(core: &Core) {
    let core = core.clone();
    let stopping = core.stopping();
    core.clone().spawn(async move {
        let mut mutes_at = 0;
        loop {
            if let Err(error) = round(&core, &mut mutes_at).await {
                tracing::warn!(error = %error, "changes of chats could not be looked for");
            }
            tokio::select! {
                () = core.chats().wake.notified() => {}
                () = tokio::time::sleep(EVERY) => {}
                () = stopping.cancelled() => return,
            }
        }
    });
}

async fn round(core: &Core, mutes_at: &mut Millis) -> Result<()> {
    purge::go_on(core).await?;
    let now = core.now();
    if now >= *mutes_at {
        *mutes_at = now + MUTES_EVERY;
        end_mutes(core, now).await?;
    }
    let due = core.store().read().await?.server().due_chat_wishes(now, AT_ONCE).await?;
    let mut numbers: BTreeMap<String, Vec<ChatWishRow>> = BTreeMap::new();
    for row in due {
        numbers.entry(row.device_id.to_string()).or_default().push(row);
    }
    for rows in numbers.into_values() {
        let Some(first) = rows.first() else { continue };
        let (account, device) = (first.account_id.clone(), first.device_id.clone());
        let Some(link) = core.sessions().online(&device) else {
            core.store()
                .write(move |w| {
                    Box::pin(async move {
                        Ok::<_, Error>(w.account(&account).schedule_chat_wishes(&device, now + OFFLINE).await?)
                    })
                })
                .await?;
            continue;
        };
        if !busy(core).insert(device.clone()) {
            continue;
        }
        let inner = core.clone();
        core.spawn(async move {
            tell_all(&inner, &device, rows, &link).await;
            busy(&inner).remove(&device);
            inner.chats().wake.notify_one();
        });
    }
    Ok(())
}

fn busy(core: &Core) -> std::sync::MutexGuard<'_, std::collections::HashSet<DeviceId>> {
    core.chats().busy.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells the wishes of one number. Before old ones are told it is heard what the
/// phone has done meanwhile, so that what is newer there is not overwritten.
async fn tell_all(core: &Core, device: &DeviceId, rows: Vec<ChatWishRow>, link: &Arc<dyn Link>) {
    let now = core.now();
    if rows.iter().any(|row| now - row.at > STALE)
        && let Err(error) = link.sync().await
    {
        tracing::info!(%device, %error, "changes of chats wait until the phone's can be fetched");
        let account = rows.first().map(|row| row.account_id.clone());
        if let Some(account) = account {
            let (device, until) = (device.clone(), now + AFTER_FAILURE);
            let put_off = core.store().write(move |w| {
                Box::pin(async move { Ok::<_, Error>(w.account(&account).schedule_chat_wishes(&device, until).await?) })
            });
            if let Err(error) = put_off.await {
                tracing::warn!(error = %error, "changes of chats could not be put off");
            }
        }
        return;
    }
    for row in rows {
        if let Err(error) = attempt(core, &row, link).await {
            tracing::warn!(%device, error = %error, "a change of a chat could not be settled");
        }
    }
}

/// Whether a wish still waits as it was read.
async fn waits(core: &Core, row: &ChatWishRow) -> Result<bool> {
    let mut reading = core.store().read().await?;
    let found = reading.account(&row.account_id).chat_wish(&row.device_id, &row.chat, &row.attribute).await?;
    Ok(found.is_some_and(|found| found.at == row.at && found.value == row.value))
}

/// Tells one wish, and writes what came of it.
async fn attempt(core: &Core, row: &ChatWishRow, link: &Arc<dyn Link>) -> Result<()> {
    if !waits(core, row).await? {
        return Ok(());
    }
    let wish: Wish = serde_json::from_str(&row.value).map_err(Error::internal)?;
    let chat: Wid = row.chat.parse().map_err(Error::internal)?;
    let told = match (row.attribute.strip_prefix(LABEL), wish.change(&row.attribute, core.now())) {
        (Some(wa_id), _) => link.label_chat(wa_id, &chat, wish.on).await,
        (None, Some(change)) => tell(link, &chat, &change, &wish).await,
        (None, None) => Ok(()),
    };
    let (row, now) = (row.clone(), core.now());
    let refused =
        matches!(told, Err(NetworkError::Refused { .. } | NetworkError::Invalid(_) | NetworkError::NoSuchReceiver(_)));
    if let Err(error) = &told {
        tracing::info!(device = %row.device_id, attribute = row.attribute, %error, refused, "WhatsApp did not take a change of a chat");
    }
    let done = told.is_ok() || refused;
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&row.account_id);
                if done {
                    scope.settle_chat_wish(&row).await?;
                } else {
                    let wait = (1_000_i64 << row.attempts.clamp(0, 10)).min(LONGEST);
                    scope.postpone_chat_wish(&row, now + wait).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await
}

async fn tell(link: &Arc<dyn Link>, chat: &Wid, change: &ChatChange, wish: &Wish) -> Result<(), NetworkError> {
    if *change == ChatChange::Read(true) {
        let group = matches!(chat.kind(), WidKind::Group | WidKind::Broadcast);
        let mut by_author: BTreeMap<Option<&str>, Vec<String>> = BTreeMap::new();
        for (id, author) in &wish.unread {
            by_author.entry(group.then_some(author.as_str())).or_default().push(id.clone());
        }
        for (author, ids) in by_author {
            let author: Option<Wid> = author.and_then(|author| author.parse().ok());
            link.mark_read(chat, author.as_ref(), &ids).await?;
        }
    }
    if chat.kind() == WidKind::Channel && matches!(change, ChatChange::Read(_)) {
        // Channels are read by receipts alone.
        return Ok(());
    }
    link.change_chat(chat, change, wish.newest).await
}

/// Mutes that are over end here as they do on the phone, which tells nobody.
async fn end_mutes(core: &Core, now: Millis) -> Result<()> {
    let over = core.store().read().await?.server().ended_mutes(now, AT_ONCE).await?;
    for (account, device, wid) in over {
        let (account, device): (AccountId, DeviceId) =
            (account.parse().map_err(Error::internal)?, device.parse().map_err(Error::internal)?);
        core.store()
            .write(move |w| {
                Box::pin(async move {
                    let mut scope = w.account(&account);
                    let number = scope.device(&device).await?.ok_or_else(|| not_found(&device))?;
                    let Some(mut chat) = scope.chat(&device, &wid).await? else { return Ok(()) };
                    let Some(until) = chat.muted_until.filter(|until| (1..=now).contains(until)) else {
                        return Ok(());
                    };
                    chat.muted_until = None;
                    chat.updated_at = now;
                    scope.put_chat(&device, &chat).await?;
                    let changes = Map::from_iter([("muted".to_owned(), json!(until))]);
                    change::tell(w, &number, &chat, changes, &By::rule(), now).await
                })
            })
            .await?;
    }
    Ok(())
}

/// What is wished for an attribute and newer than `at`: what other devices have
/// done before that does not count. An older wish is dropped.
pub(super) async fn newer(
    w: &mut Writing,
    device: &DeviceRow,
    chat: &str,
    change: &ChatChange,
    at: Millis,
) -> Result<bool> {
    superseded(w, device, chat, attribute(change), at).await
}

async fn superseded(w: &mut Writing, device: &DeviceRow, chat: &str, attribute: &str, at: Millis) -> Result<bool> {
    let mut scope = w.account(&device.account_id);
    let Some(row) = scope.chat_wish(&device.id, chat, attribute).await? else { return Ok(false) };
    if row.at > at {
        return Ok(true);
    }
    scope.settle_chat_wish(&row).await?;
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::{Wish, attribute};
    use crate::network::ChatChange;

    #[test]
    fn a_wish_says_again_what_was_asked_for() {
        for (change, wish) in [
            (ChatChange::Archived(true), Wish { on: true, ..Wish::default() }),
            (ChatChange::Pinned(false), Wish::default()),
            (ChatChange::Muted(Some(-1)), Wish { until: Some(-1), ..Wish::default() }),
            (ChatChange::Muted(Some(2_000)), Wish { until: Some(2_000), ..Wish::default() }),
            (ChatChange::Read(true), Wish { on: true, ..Wish::default() }),
            (ChatChange::Deleted, Wish::default()),
            (ChatChange::Cleared { keep_starred: true }, Wish { on: true, ..Wish::default() }),
        ] {
            assert_eq!(wish.change(attribute(&change), 1_000), Some(change));
        }
        let over = Wish { until: Some(900), ..Wish::default() };
        assert_eq!(over.change("mute", 1_000), Some(ChatChange::Muted(None)), "a mute that is over is none");
    }
}
