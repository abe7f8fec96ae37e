//! Two chats that turn out to be with the same person.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, DeviceRow};

use super::change::{self, By};
use super::name;
use crate::error::{Error, Result};
use crate::network::Millis;

/// Puts the chat that was kept under a person's private id together with the one
/// under the phone number: messages, notes, labels, owner and counts. The newer
/// of the two says how it stands.
///
/// What may call it: whoever learns that `lid` is `wid`, in the transaction that
/// writes it down.
pub async fn merge(w: &mut Writing, device: &DeviceRow, lid: &str, wid: &str, now: Millis) -> Result<()> {
    let mut scope = w.account(&device.account_id);
    let Some(from) = scope.chat(&device.id, lid).await?.filter(|_| lid != wid) else {
        if let Some(mut chat) = scope.chat(&device.id, wid).await?.filter(|chat| chat.lid.is_none()) {
            chat.lid = Some(lid.to_owned());
            scope.put_chat(&device.id, &chat).await?;
        }
        return Ok(());
    };
    let into = scope.chat(&device.id, wid).await?;
    scope.delete_chat(&device.id, &from).await?;
    scope.move_chat(&device.id, lid, wid).await?;
    let before = into.clone();
    let mut chat = match into {
        Some(into) => joined(into, &from)?,
        None => ChatRow { wid: wid.to_owned(), found_by: String::new(), ..from.clone() },
    };
    chat.lid = Some(lid.to_owned());
    chat.updated_at = now;
    name::refresh(w, device, &mut chat).await?;
    let mut scope = w.account(&device.account_id);
    scope.put_chat(&device.id, &chat).await?;
    let labels: Vec<String> = serde_json::from_str(&chat.labels).map_err(Error::internal)?;
    scope.set_chat_labels(&device.id, wid, &labels).await?;
    let changes = serde_json::Map::from_iter([(
        "merged".to_owned(),
        serde_json::json!({ "from": lid, "was": before.map(|chat| chat.wid) }),
    )]);
    change::tell(w, device, &chat, changes, &By::rule(), now).await
}

fn joined(into: ChatRow, from: &ChatRow) -> Result<ChatRow> {
    let (newer, older) = if from.last_message_at > into.last_message_at { (from, &into) } else { (&into, from) };
    let mut labels: Vec<String> = serde_json::from_str(&into.labels).map_err(Error::internal)?;
    for label in serde_json::from_str::<Vec<String>>(&from.labels).map_err(Error::internal)? {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let owned = if newer.agent.is_some() || older.agent.is_none() { newer } else { older };
    let first = [into.first_message_at, from.first_message_at].into_iter().flatten().min();
    let earliest = if from.first_message_at == first { from } else { &into };
    Ok(ChatRow {
        status: newer.status.clone(),
        status_at: newer.status_at,
        status_by: newer.status_by.clone(),
        prev_status: newer.prev_status.clone(),
        prev_status_at: newer.prev_status_at,
        archived: newer.archived,
        pinned_at: into.pinned_at.or(from.pinned_at),
        muted_until: into.muted_until.or(from.muted_until),
        ephemeral: newer.ephemeral,
        user_initiated: earliest.user_initiated,
        unread: into.unread + from.unread,
        unread_at: into.unread_at.max(from.unread_at),
        marked_unread: into.marked_unread.max(from.marked_unread),
        inbound_messages: into.inbound_messages + from.inbound_messages,
        outbound_messages: into.outbound_messages + from.outbound_messages,
        local_messages: into.local_messages + from.local_messages,
        notes: into.notes + from.notes,
        first_message_at: first,
        last_message_at: newer.last_message_at,
        last_message: newer.last_message,
        last_inbound_at: into.last_inbound_at.max(from.last_inbound_at),
        last_outbound_at: into.last_outbound_at.max(from.last_outbound_at),
        last_note: if from.last_note_at > into.last_note_at { from.last_note } else { into.last_note },
        last_note_at: into.last_note_at.max(from.last_note_at),
        last_reaction: newer.last_reaction.clone().or_else(|| older.last_reaction.clone()),
        labels: serde_json::to_string(&labels).map_err(Error::internal)?,
        owner: owned.owner.clone(),
        agent: owned.agent.clone(),
        department: owned.department.clone(),
        name: newer.name.clone().or_else(|| older.name.clone()),
        created_at: into.created_at.min(from.created_at),
        ..into
    })
}
