//! What is known of a chat before a message of it is: from the history that the
//! phone tells, from its settings, from groups.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, DeviceRow};

use super::change::{self, By};
use super::count::kind_of;
use super::name;
use crate::error::{Error, Result};
use crate::network::Millis;
use crate::wid::Wid;

/// What is known of a chat; absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Learnt {
    /// The chat.
    pub wid: String,
    /// The private id of its person.
    pub lid: Option<String>,
    /// Another kind than the id tells: `community`.
    pub kind: Option<String>,
    /// The subject, or the name that the person gives itself.
    pub name: Option<String>,
    /// Archived on the phone.
    pub archived: Option<bool>,
    /// Pinned on the phone, since when.
    pub pinned_at: Option<Option<Millis>>,
    /// Silent on the phone, until when; -1 for ever.
    pub muted_until: Option<Option<Millis>>,
    /// Messages unread on the phone.
    pub unread: Option<i64>,
    /// Marked as unread on the phone.
    pub marked_unread: Option<bool>,
    /// Nobody but admins may write.
    pub read_only: Option<bool>,
    /// This number may write.
    pub can_send: Option<bool>,
    /// Messages disappear after so many seconds; 0 for never.
    pub ephemeral: Option<i64>,
    /// What is known of the group or channel, JSON.
    pub facts: Option<String>,
}

/// Messages that were written into a chat without being counted one by one.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    /// Received ones.
    pub inbound: i64,
    /// Sent ones.
    pub outbound: i64,
    /// Time of the oldest.
    pub first: Millis,
    /// Time and number of the newest.
    pub last: (Millis, i64),
    /// Time of the newest received.
    pub last_inbound: Option<Millis>,
    /// Time of the newest sent.
    pub last_outbound: Option<Millis>,
}

/// Takes in what is known of a chat, which is made when it is not there. With
/// `by` it is told as a change, without it nobody hears of it: a phone that has
/// just been linked has hundreds of chats.
pub async fn learnt(w: &mut Writing, device: &DeviceRow, known: Learnt, by: Option<&By>, now: Millis) -> Result<()> {
    let wid: Wid = known.wid.parse().map_err(Error::internal)?;
    let found = w.account(&device.account_id).chat_named(&device.id, &known.wid).await?;
    let is_new = found.is_none();
    let mut chat = found.unwrap_or_else(|| ChatRow::new(&known.wid, kind_of(&wid), now));
    let before = chat.clone();
    take(&mut chat, known, now);
    if is_new || chat.name != before.name || chat.lid != before.lid {
        name::refresh(w, device, &mut chat).await?;
    }
    match by {
        Some(by) if !is_new => change::save(w, device, &before, &mut chat, by, now).await.map(drop),
        _ if is_new || chat != before => {
            chat.updated_at = now;
            Ok(w.account(&device.account_id).put_chat(&device.id, &chat).await?)
        }
        _ => Ok(()),
    }
}

fn take(chat: &mut ChatRow, known: Learnt, now: Millis) {
    chat.lid = known.lid.or_else(|| chat.lid.take());
    chat.kind = known.kind.unwrap_or_else(|| std::mem::take(&mut chat.kind));
    chat.name = known.name.or_else(|| chat.name.take());
    if let Some(archived) = known.archived {
        change::set_archived(chat, archived, &By::phone(), now);
    }
    let flag = |known: Option<bool>, is: i64| known.map_or(is, i64::from);
    chat.pinned_at = known.pinned_at.unwrap_or(chat.pinned_at);
    chat.muted_until = known.muted_until.unwrap_or(chat.muted_until);
    chat.unread = known.unread.unwrap_or(chat.unread);
    chat.marked_unread = flag(known.marked_unread, chat.marked_unread);
    chat.read_only = flag(known.read_only, chat.read_only);
    chat.can_send = flag(known.can_send, chat.can_send);
    chat.ephemeral = known.ephemeral.map_or(chat.ephemeral, |seconds| Some(seconds).filter(|seconds| *seconds > 0));
    chat.facts = known.facts.or_else(|| chat.facts.take());
}

/// Counts messages in that were written in bulk; nobody is told.
pub async fn filled(w: &mut Writing, device: &DeviceRow, wid: &str, with: &Filled, now: Millis) -> Result<()> {
    let id: Wid = wid.parse().map_err(Error::internal)?;
    let mut scope = w.account(&device.account_id);
    let found = scope.chat(&device.id, wid).await?;
    let is_new = found.is_none();
    let mut chat = found.unwrap_or_else(|| ChatRow::new(wid, kind_of(&id), now));
    let newer = |known: Option<Millis>, other: Option<Millis>| known.max(other);
    chat.inbound_messages += with.inbound;
    chat.outbound_messages += with.outbound;
    chat.local_messages += with.inbound + with.outbound;
    if with.inbound + with.outbound > 0 {
        chat.first_message_at = Some(chat.first_message_at.map_or(with.first, |first| first.min(with.first)));
        if with.last.0 >= chat.last_message_at {
            chat.last_message_at = with.last.0;
            chat.last_message = Some(with.last.1);
        }
    }
    chat.last_inbound_at = newer(chat.last_inbound_at, with.last_inbound);
    chat.last_outbound_at = newer(chat.last_outbound_at, with.last_outbound);
    chat.updated_at = now;
    if is_new {
        name::refresh(w, device, &mut chat).await?;
    }
    Ok(w.account(&device.account_id).put_chat(&device.id, &chat).await?)
}
