//! What other devices of the account have done to chats.

use serde_json::{Map, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, DeviceRow};

use super::change::{self, By};
use super::count::kind_of;
use super::delete::gone;
use super::purge::{Purge, purge};
use super::{name, wishes};
use crate::app::Core;
use crate::chat_messages;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::inbox::{self, Mark};
use crate::network::{ChatAction, ChatChange, ChatReport, Millis};

/// Takes in what another device has done. What was wished for here later than
/// that stands: WhatsApp is told of it next.
pub(crate) async fn reported(core: &Core, account: &AccountId, device: &DeviceId, report: ChatReport) -> Result<()> {
    let (account, device, now) = (account.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let Some(device) = w.account(&account).device(&device).await? else { return Ok(()) };
                let ChatReport { chat, lid, at, what } = report;
                match what {
                    ChatAction::Change { change, until } => {
                        if wishes::newer(w, &device, chat.as_str(), &change, at).await? {
                            return Ok(());
                        }
                        let known = w.account(&device.account_id).chat_named(&device.id, chat.as_str()).await?;
                        let known = match known {
                            Some(known) => known,
                            // What an unknown chat is told to be by default changes nothing.
                            None if !matters(&change) => return Ok(()),
                            None => {
                                let mut row = ChatRow::new(chat.as_str(), kind_of(&chat), now);
                                row.lid = lid.map(|lid| lid.to_string());
                                name::refresh(w, &device, &mut row).await?;
                                w.account(&device.account_id).put_chat(&device.id, &row).await?;
                                row
                            }
                        };
                        if undone(&known, &change, at) {
                            return Ok(());
                        }
                        apply(w, &device, known, &change, until, at, now).await
                    }
                    ChatAction::Starred { message, starred } => {
                        let mark = Mark::star(&message, starred, &device, at);
                        inbox::put(w, &device, mark, now).await
                    }
                    ChatAction::MessageDeleted { message } => {
                        chat_messages::deleted_elsewhere(w, &device, &message, now).await
                    }
                }
            })
        })
        .await
}

/// Whether a change is worth a chat of which nothing was known.
fn matters(change: &ChatChange) -> bool {
    matches!(
        change,
        ChatChange::Archived(true) | ChatChange::Pinned(true) | ChatChange::Muted(Some(_)) | ChatChange::Read(false)
    )
}

/// Whether something done to the chat after `at` has undone a change: pinning takes a chat back, and putting it away takes
/// its pin. WhatsApp repeats what was done from here, and by then more may have been done.
fn undone(chat: &ChatRow, change: &ChatChange, at: Millis) -> bool {
    match change {
        ChatChange::Archived(true) => chat.pinned_at.is_some_and(|pinned| pinned > at),
        ChatChange::Pinned(true) => chat.archived == 1 && chat.status_at.is_some_and(|archived| archived > at),
        _ => false,
    }
}

async fn apply(
    w: &mut Writing,
    device: &DeviceRow,
    before: ChatRow,
    change: &ChatChange,
    until: Option<Millis>,
    at: Millis,
    now: Millis,
) -> Result<()> {
    let by = By::phone();
    let mut chat = before.clone();
    match change {
        ChatChange::Archived(on) => change::set_archived(&mut chat, *on, &by, at.min(now)),
        ChatChange::Pinned(on) => {
            if *on {
                change::set_archived(&mut chat, false, &by, at.min(now));
            }
            chat.pinned_at = on.then(|| chat.pinned_at.unwrap_or(at));
        }
        ChatChange::Muted(end) => chat.muted_until = end.filter(|end| *end < 0 || *end > now),
        ChatChange::Read(false) => {
            if chat.unread == 0 {
                chat.marked_unread = 1;
                chat.unread_at = Some(now);
            }
        }
        ChatChange::Read(true) => read_until(w, device, &mut chat, until, now).await?,
        ChatChange::Deleted => return gone(w, device, chat, until.unwrap_or(i64::MAX), &by, now).await,
        ChatChange::Cleared { keep_starred } => {
            let what = Purge { until: until.unwrap_or(i64::MAX), keep_starred: *keep_starred, whole: false };
            if let Some(left) = purge(w, device, chat, what, now).await? {
                let changes = Map::from_iter([("cleared".to_owned(), json!(false))]);
                change::tell(w, device, &left, changes, &by, now).await?;
            }
            return Ok(());
        }
    }
    change::save(w, device, &before, &mut chat, &by, now).await.map(drop)
}

/// All messages up to a time are read.
async fn read_until(
    w: &mut Writing,
    device: &DeviceRow,
    chat: &mut ChatRow,
    until: Option<Millis>,
    now: Millis,
) -> Result<()> {
    if chat.unread == 0 && chat.marked_unread == 0 {
        return Ok(());
    }
    let left = match until {
        Some(until) => w.account(&device.account_id).received_after(&device.id, &chat.wid, until, chat.unread).await?,
        None => 0,
    };
    (chat.unread, chat.marked_unread, chat.unread_at) = (left, 0, Some(now));
    Ok(())
}

/// Another device has read messages: their chats are read up to the newest.
pub(crate) async fn seen(core: &Core, account: &AccountId, device: &DeviceId, ids: Vec<String>) -> Result<()> {
    let (account, device, now) = (account.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let Some(device) = w.account(&account).device(&device).await? else { return Ok(()) };
                let mut newest: std::collections::BTreeMap<String, Millis> = std::collections::BTreeMap::new();
                for id in ids {
                    if let Some(row) = w.account(&account).chat_message(&device.id, &id).await? {
                        let at = newest.entry(row.chat).or_insert(row.at);
                        *at = row.at.max(*at);
                    }
                }
                for (wid, at) in newest {
                    let Some(before) = w.account(&account).chat(&device.id, &wid).await? else { continue };
                    let mut chat = before.clone();
                    read_until(w, &device, &mut chat, Some(at), now).await?;
                    change::save(w, &device, &before, &mut chat, &By::phone(), now).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::{ChatChange, ChatRow, undone};

    #[test]
    fn what_was_done_later_stands() {
        let chat = || ChatRow::new("16001234560@s.whatsapp.net", "person", 0);
        let archived = ChatRow { archived: 1, status_at: Some(20), ..chat() };
        let pinned = ChatRow { pinned_at: Some(20), status_at: Some(20), ..chat() };
        assert!(undone(&archived, &ChatChange::Pinned(true), 10), "it was put away after it was pinned");
        assert!(!undone(&archived, &ChatChange::Pinned(true), 30));
        assert!(undone(&pinned, &ChatChange::Archived(true), 10), "it was pinned after it was put away");
        assert!(!undone(&pinned, &ChatChange::Archived(true), 30));
        assert!(!undone(&pinned, &ChatChange::Pinned(true), 10), "it is no news");
        assert!(!undone(&archived, &ChatChange::Pinned(false), 10));
    }
}
