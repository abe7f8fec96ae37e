//! A chat as the outside sees it.

use std::collections::HashMap;

use serde_json::Value;
use sparkbot_store::rows::{Account, ChatRow, ContactRow, DeviceRow};

use crate::chat_messages::{self, Parts};
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::views::{Chat, ChatLinks, ChatMeta, ChatStats, Link};
use crate::{channels, contacts, groups};

/// Messages and notes shown along with a chat, at most.
const ALONG: i64 = 20;
/// People shown along with a group, at most.
const PEOPLE: i64 = 200;

/// What to show along with a chat.
#[derive(Debug, Clone, Copy, Default)]
pub struct With {
    /// Its newest messages.
    pub messages: bool,
    /// Its newest notes.
    pub notes: bool,
    /// Who is in the group.
    pub participants: bool,
}

/// A chat alone.
pub(crate) fn shown(device: &DeviceId, row: ChatRow, contact: Option<ContactRow>) -> Result<Chat> {
    let contact = contact.map(contacts::brief);
    let named = contact.as_ref().and_then(|contact| contact.name.clone());
    let reaction: Value =
        row.last_reaction.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let of_reaction = |key: &str| reaction.get(key).and_then(Value::as_str).map(str::to_owned);
    let (status, wa_status) = match (row.status.as_str(), row.archived == 1) {
        ("removed", _) => ("removed", "removed"),
        (_, true) => ("archived", "archived"),
        (status, false) => (status, "active"),
    };
    let is_person = row.kind == "chat";
    Ok(Chat {
        group: None,
        channel: None,
        name: named.or(row.name).or_else(|| contact.as_ref().map(|contact| contact.display_name.clone())),
        status: status.to_owned(),
        wa_status: wa_status.to_owned(),
        status_updated_at: row.status_at.map(iso),
        status_updated_by: row.status_by,
        prev_status: row.prev_status,
        prev_status_updated_at: row.prev_status_at.map(iso),
        first_message_at: row.first_message_at.map(iso),
        last_message_at: (row.last_message_at > 0).then(|| iso(row.last_message_at)),
        last_message_time: (row.last_message_at > 0).then(|| row.last_message_at.div_euclid(1000)),
        last_inbound_message_at: row.last_inbound_at.map(iso),
        last_outbound_message_at: row.last_outbound_at.map(iso),
        last_message: None,
        last_note_at: row.last_note_at.map(iso),
        last_reaction_at: of_reaction("at"),
        last_reaction_emoji: of_reaction("emoji"),
        last_reaction_author: of_reaction("author"),
        last_auto_reply: row.last_auto_reply,
        last_auto_reply_at: row.last_auto_reply_at.map(iso),
        stats: ChatStats {
            notes: row.notes,
            inbound_messages: row.inbound_messages,
            outbound_messages: row.outbound_messages,
            local_messages: row.local_messages,
        },
        labels: serde_json::from_str(&row.labels).map_err(Error::internal)?,
        owner: serde_json::from_str(&row.owner).map_err(Error::internal)?,
        meta: ChatMeta {
            unread_count: row.unread,
            is_unread: row.unread > 0 || row.marked_unread == 1,
            unread_at: row.unread_at.map(iso),
            is_user_initiated: row.user_initiated == 1,
            can_send: row.can_send == 1,
            is_read_only: row.read_only == 1,
            is_pinned: row.pinned_at.is_some(),
            is_archived: row.archived == 1,
            is_chat_muted: row.muted_until.is_some(),
            mute_expiration: row.muted_until,
            ephemeral: row.ephemeral,
            is_phone_hidden: is_person && row.wid.ends_with("@lid"),
        },
        messages: None,
        notes: None,
        links: links(device, &row.wid),
        lid: row.lid.or_else(|| contact.as_ref().and_then(|contact| contact.lid.clone())),
        id: row.wid,
        kind: row.kind,
        contact,
    })
}

fn links(device: &DeviceId, chat: &str) -> ChatLinks {
    let get = |url: String| Link { method: "GET", url };
    let base = format!("/v1/chat/{device}");
    ChatLinks {
        chat: get(format!("{base}/chats/{chat}")),
        messages: get(format!("{base}/messages?chat={chat}")),
        status: Link { method: "PATCH", url: format!("{base}/chats/{chat}/status") },
        device: get(format!("/v1/devices/{device}")),
    }
}

/// Chats in the order of their rows, with what was asked for. What stands in
/// other tables is read for all of them at once, where that can be done.
pub(crate) async fn show(
    scope: &mut Account<'_>,
    device: &DeviceRow,
    rows: Vec<ChatRow>,
    with: With,
) -> Result<Vec<Chat>> {
    let wids: Vec<String> = rows.iter().map(|row| row.wid.clone()).collect();
    let contacts = if wids.is_empty() { Vec::new() } else { scope.contacts_of(&device.id, &wids).await? };
    let mut contacts: HashMap<String, ContactRow> =
        contacts.into_iter().map(|contact| (contact.wid.clone(), contact)).collect();
    let mut groups = groups::chat_groups(scope, &device.id, &wids).await?;
    let mut channels = channels::chat_channels(scope, &device.id, &wids).await?;
    let newest: Vec<i64> = rows.iter().filter_map(|row| row.last_message).collect();
    let mut last = HashMap::new();
    if !newest.is_empty() {
        let mut found = scope.chat_messages_by_seq(&device.id, &newest).await?;
        found.retain(|row| row.status != "removed");
        let seqs: Vec<i64> = found.iter().map(|row| row.seq).collect();
        let views = chat_messages::show(scope, device, found, Parts::default()).await?;
        last = seqs.into_iter().zip(views).collect();
    }
    let mut chats = Vec::with_capacity(rows.len());
    for row in rows {
        let (wid, newest) = (row.wid.clone(), row.last_message);
        let mut chat = shown(&device.id, row, contacts.remove(&wid))?;
        chat.group = groups.remove(&wid);
        chat.channel = channels.remove(&wid);
        if let Some(group) = chat.group.as_mut().filter(|_| with.participants) {
            group.participants = Some(groups::people(scope, device, &wid, PEOPLE).await?);
        }
        chat.last_message = newest.and_then(|seq| last.remove(&seq)).map(Box::new);
        for (wanted, notes) in [(with.messages, false), (with.notes, true)] {
            if !wanted {
                continue;
            }
            let found = scope.latest_chat_messages(&device.id, &wid, notes, ALONG).await?;
            let views = chat_messages::show(scope, device, found, Parts::default()).await?;
            let place = if notes { &mut chat.notes } else { &mut chat.messages };
            *place = Some(views);
        }
        chats.push(chat);
    }
    Ok(chats)
}

/// One chat with what was asked for.
pub(crate) async fn show_one(scope: &mut Account<'_>, device: &DeviceRow, row: ChatRow, with: With) -> Result<Chat> {
    let shown = show(scope, device, vec![row], with).await?;
    shown.into_iter().next().ok_or_else(|| Error::internal("a chat was not shown"))
}
