//! What was said before the number was linked: the same rows as of messages that
//! arrive, but nobody is told of each, nothing is fetched unasked, and what the
//! phone shows as read is not unread.

use std::collections::HashSet;

use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, PastChatRow};

use super::change::{self, Mark};
use super::{contact, message};
use crate::chats;
use crate::contacts::{self, Heard};
use crate::error::Result;
use crate::network::{HistoryChat, HistoryMessage, HistoryPerson, Millis, ReceivedContent};

/// How much of a chat's past is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Messages a chat at most; 0 for any number.
    pub(crate) per_chat: i64,
    /// Whether the phone's count of unread messages is taken over.
    pub(crate) unread: bool,
}

/// What messages add to their chat.
#[derive(Debug, Default)]
struct Tally {
    inbound: i64,
    outbound: i64,
    /// Received messages that were here already.
    known: i64,
    first: Option<Millis>,
    last: Option<Millis>,
    last_inbound: Option<Millis>,
    last_outbound: Option<Millis>,
}

impl Tally {
    fn add(&mut self, at: Millis, from_me: bool) {
        let (count, last) = if from_me {
            (&mut self.outbound, &mut self.last_outbound)
        } else {
            (&mut self.inbound, &mut self.last_inbound)
        };
        *count += 1;
        *last = (*last).max(Some(at));
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = self.last.max(Some(at));
    }
}

/// Writes messages of a chat's past and the chat's state; how many messages
/// were new.
pub(crate) async fn past(
    w: &mut Writing,
    device: &DeviceRow,
    chat: HistoryChat,
    limits: Limits,
    now: Millis,
) -> Result<i64> {
    let row = w.account(&device.account_id).chat(&device.id, chat.chat.as_str()).await?;
    let here = row.as_ref().map_or(0, |row| row.inbound_messages + row.outbound_messages);
    let room = if limits.per_chat > 0 { (limits.per_chat - here).max(0) } else { i64::MAX };
    let mut tally = Tally::default();
    let mut heard = HashSet::new();
    for past in chat.messages {
        let who = (past.message.author.to_string(), past.message.push_name.clone(), past.message.from_me);
        if heard.insert(who) {
            contact::heard_of(w, device, &past.message, true, now).await?;
        }
        one(w, device, past, room, &mut tally, now).await?;
    }
    let (kind, is_person) = contact::kind(&chat.chat);
    if is_person {
        contact::known_as(w, device, &chat.chat, chat.lid.as_ref(), chat.state.name.as_deref(), now).await?;
    }
    let added = tally.inbound + tally.outbound;
    let newest = tally.last.or(chat.state.last_message_at);
    if row.is_none() && newest.is_none() {
        // A chat in which nothing was ever said.
        return Ok(0);
    }
    let unread = i64::from(chat.state.unread);
    let merged = PastChatRow {
        wid: chat.chat.to_string(),
        lid: chat.lid.map(String::from),
        kind: kind.to_owned(),
        name: chat.state.name,
        // Who has not been read waits for an answer; the others had theirs.
        status: if unread > 0 || chat.state.marked_unread { "pending" } else { "resolved" }.to_owned(),
        inbound_messages: tally.inbound,
        outbound_messages: tally.outbound,
        unread: (limits.unread && chat.ends).then_some((unread, tally.known)),
        first_message_at: tally.first.or(newest).unwrap_or(now),
        last_message_at: newest.unwrap_or(0),
        last_inbound_at: tally.last_inbound,
        last_outbound_at: tally.last_outbound,
    };
    w.account(&device.account_id).merge_past_chat(&device.id, &merged, now).await?;
    // Found by its name from now on; nobody is told of it.
    chats::refresh(w, device, &merged.wid).await?;
    Ok(added)
}

async fn one(
    w: &mut Writing,
    device: &DeviceRow,
    past: HistoryMessage,
    room: i64,
    tally: &mut Tally,
    now: Millis,
) -> Result<()> {
    let HistoryMessage { message, ack, revoked } = past;
    if let ReceivedContent::Change { of, change } = &message.content
        && let Some(mark) = Mark::of(of, change, &message)
    {
        w.account(&device.account_id).put_mark(&device.id, &mark.row).await?;
        return Ok(());
    }
    if tally.inbound + tally.outbound >= room {
        return Ok(());
    }
    let (mut row, mut doc) = message::draft(w, device, &message, false).await?;
    if message.from_me {
        ack.word().clone_into(&mut row.ack);
    }
    if revoked {
        "revoked".clone_into(&mut row.status);
        doc.meta.is_revoked = true;
        row.doc = doc.column()?;
    }
    if message::insert(w, device, &mut row, &doc, &message, false, now).await? {
        tally.add(row.at, message.from_me);
        change::catch_up(w, device, &mut row).await?;
    } else if !message.from_me {
        tally.known += 1;
    }
    Ok(())
}

/// Writes what a history tells of a person. It names the number's own owner, too,
/// who is nobody's contact.
pub(crate) async fn person(w: &mut Writing, device: &DeviceRow, person: &HistoryPerson, now: Millis) -> Result<()> {
    if [&device.wid, &device.lid].iter().any(|own| own.as_deref() == Some(person.wid.as_str())) {
        return Ok(());
    }
    let heard = Heard { push_name: person.push_name.as_deref(), source: "history", quiet: true, ..Heard::default() };
    contacts::heard(w, device, &person.wid, person.lid.as_ref(), heard, now).await?;
    Ok(())
}
