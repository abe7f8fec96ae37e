//! Changing a chat: the row, what it is found by, and the event that tells.

use serde_json::{Map, Value, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, DeviceRow};

use super::show::shown;
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::events;
use crate::ids::UserId;
use crate::network::Millis;
use crate::views::DeviceRef;
use crate::{channels, groups};

/// Who changes a chat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct By {
    /// The team member.
    pub(crate) user: Option<String>,
    /// The message that asked for it, or that had it as its effect.
    pub(crate) message: Option<String>,
    /// `api`, `phone`, `message` or `rule`.
    pub(crate) source: &'static str,
}

impl By {
    /// A team member, through the API.
    #[must_use]
    pub fn user(user: &UserId) -> Self {
        Self { user: Some(user.to_string()), message: None, source: "api" }
    }

    /// The phone, or another companion of the account.
    #[must_use]
    pub fn phone() -> Self {
        Self { user: None, message: None, source: "phone" }
    }

    /// A message that was received or sent.
    #[must_use]
    pub fn message(id: &str) -> Self {
        Self { user: None, message: Some(id.to_owned()), source: "message" }
    }

    /// A rule of the server, such as automatic assignment.
    #[must_use]
    pub fn rule() -> Self {
        Self { user: None, message: None, source: "rule" }
    }

    /// A message of a team member that asked for it.
    #[must_use]
    pub fn outbound(user: &str, message: &str) -> Self {
        Self { user: Some(user.to_owned()), message: Some(message.to_owned()), source: "api" }
    }

    fn told(&self) -> Value {
        json!({ "user": self.user, "message": self.message, "source": self.source })
    }
}

/// What differs between two states of a chat, by the words that events use,
/// with what it was before.
fn differences(before: &ChatRow, after: &ChatRow) -> Map<String, Value> {
    let mut changes = Map::new();
    let mut note = |word: &str, differs: bool, was: Value| {
        if differs {
            changes.insert(word.to_owned(), was);
        }
    };
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    note("name", before.name != after.name, json!(before.name));
    note("status", before.status != after.status, json!(before.status));
    note("archived", before.archived != after.archived, json!(before.archived == 1));
    note("pinned", before.pinned_at.is_some() != after.pinned_at.is_some(), json!(before.pinned_at.is_some()));
    note("muted", before.muted_until != after.muted_until, json!(before.muted_until));
    note(
        "unread",
        (before.unread, before.marked_unread) != (after.unread, after.marked_unread),
        json!(before.unread > 0 || before.marked_unread == 1),
    );
    note("labels", before.labels != after.labels, parsed(&before.labels));
    note("agent", before.agent != after.agent, json!(before.agent));
    note("department", before.department != after.department, json!(before.department));
    note("notes", before.notes != after.notes, json!(before.notes));
    note("canSend", before.can_send != after.can_send, json!(before.can_send == 1));
    note("readOnly", before.read_only != after.read_only, json!(before.read_only == 1));
    note("ephemeral", before.ephemeral != after.ephemeral, json!(before.ephemeral));
    changes
}

/// Changes the status, with its history.
pub(crate) fn set_status(chat: &mut ChatRow, status: &str, by: &By, now: Millis) {
    if chat.status == status {
        return;
    }
    remember(chat, by, now);
    status.clone_into(&mut chat.status);
}

/// Puts a chat away, or takes it back; it keeps its status meanwhile.
pub(crate) fn set_archived(chat: &mut ChatRow, archived: bool, by: &By, now: Millis) {
    if (chat.archived == 1) == archived {
        return;
    }
    remember(chat, by, now);
    chat.archived = i64::from(archived);
    if archived {
        // WhatsApp takes the pin of a chat that is put away.
        chat.pinned_at = None;
    }
}

/// The status as it is shown becomes the one before.
fn remember(chat: &mut ChatRow, by: &By, now: Millis) {
    let shown = if chat.archived == 1 { "archived" } else { chat.status.as_str() };
    chat.prev_status = Some(shown.to_owned());
    chat.prev_status_at = chat.status_at;
    chat.status_at = Some(now);
    chat.status_by.clone_from(&by.user);
}

/// Writes a changed chat and tells of what has changed; whether anything has.
pub(crate) async fn save(
    w: &mut Writing,
    device: &DeviceRow,
    before: &ChatRow,
    after: &mut ChatRow,
    by: &By,
    now: Millis,
) -> Result<bool> {
    if before == after {
        return Ok(false);
    }
    after.updated_at = now;
    let mut scope = w.account(&device.account_id);
    scope.put_chat(&device.id, after).await?;
    if before.labels != after.labels {
        let labels: Vec<String> = serde_json::from_str(&after.labels).map_err(Error::internal)?;
        scope.set_chat_labels(&device.id, &after.wid, &labels).await?;
    }
    let changes = differences(before, after);
    if !changes.is_empty() {
        tell(w, device, after, changes, by, now).await?;
    }
    Ok(true)
}

/// Tells that something about a chat has changed; `changes` are the words for
/// it, each with what was before.
pub(crate) async fn tell(
    w: &mut Writing,
    device: &DeviceRow,
    chat: &ChatRow,
    changes: Map<String, Value>,
    by: &By,
    now: Millis,
) -> Result<()> {
    let mut scope = w.account(&device.account_id);
    let contact = scope.contact(&device.id, &chat.wid).await?;
    let mut view = shown(&device.id, chat.clone(), contact)?;
    view.group = groups::chat_groups(&mut scope, &device.id, std::slice::from_ref(&chat.wid)).await?.remove(&chat.wid);
    view.channel =
        channels::chat_channels(&mut scope, &device.id, std::slice::from_ref(&chat.wid)).await?.remove(&chat.wid);
    let words: Vec<&String> = changes.keys().collect();
    let change = events::Change {
        event: "chat:update",
        object: "chat",
        object_id: chat.wid.clone(),
        lane: events::lane(&device.id, &chat.wid),
        data: json!({
            "chat": view,
            "changes": words,
            "previous": changes,
            "by": by.told(),
            "date": iso(now),
        }),
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, now).await?;
    Ok(())
}
