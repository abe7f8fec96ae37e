//! Counting a message into its chat: once for each message, in its transaction.

use serde_json::{Map, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatMessageRow, ChatRow, DeviceRow, MarkRow, chat_kind};

use super::change::{self, By};
use super::name;
use crate::assignment;
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::network::Millis;
use crate::wid::Wid;
use crate::{channels, groups};

/// A message to be counted in, and what came with it.
pub(crate) struct Counted<'a> {
    /// The message, as it was kept.
    pub(crate) message: &'a ChatMessageRow,
    /// The chat as it was before, which the caller has at hand.
    pub(crate) known: Option<ChatRow>,
    /// The private id of its person.
    pub(crate) lid: Option<&'a Wid>,
    /// The name its person gives itself.
    pub(crate) push_name: Option<&'a str>,
    /// Whether a rule has sent it: that answers nobody.
    pub(crate) automatic: bool,
}

/// The word for the kind of chat behind an id.
pub(super) fn kind_of(wid: &Wid) -> &'static str {
    chat_kind(wid.as_str())
}

/// Counts a message into its chat, which is made when it is the first. A message
/// that is received makes the chat wait for an answer, also one that was
/// resolved; a message that is sent is an answer.
pub(crate) async fn count(w: &mut Writing, device: &DeviceRow, counted: Counted<'_>, now: Millis) -> Result<()> {
    let Counted { message, known, lid, push_name, automatic } = counted;
    let wid: Wid = message.chat.parse().map_err(Error::internal)?;
    let inbound = message.flow == "inbound";
    let is_new = known.is_none();
    let mut chat = known.unwrap_or_else(|| {
        let mut chat = ChatRow::new(&message.chat, kind_of(&wid), now);
        chat.user_initiated = i64::from(!inbound);
        chat
    });
    let before = chat.clone();
    add(&mut chat, message, inbound, now);
    if let Some(lid) = lid {
        chat.lid = Some(lid.to_string());
    }
    if let Some(push_name) = push_name.filter(|_| chat.kind == "chat") {
        chat.name = Some(push_name.to_owned());
    }
    if is_new && chat.kind == "group" {
        chat.name = groups::subject(w, device, &chat.wid).await?.or(chat.name);
    }
    if is_new && chat.kind == "channel" {
        chat.name = channels::subject(w, device, &chat.wid).await?.or(chat.name);
    }
    if !inbound && automatic {
        chat.last_auto_reply = Some(message.wa_id.clone());
        chat.last_auto_reply_at = Some(message.at);
    } else if !inbound {
        assignment::answered(w, device, &chat).await?;
    }
    let by = By::message(&message.wa_id);
    if let Some(status) = status_after(&chat, message, inbound, automatic) {
        if is_new || chat.archived == 1 {
            // A new chat has no history, and an archived one shows none of this.
            status.clone_into(&mut chat.status);
        } else {
            change::set_status(&mut chat, status, &by, now);
        }
    }
    chat.updated_at = now;
    if is_new || chat.name != before.name {
        name::refresh(w, device, &mut chat).await?;
    }
    w.account(&device.account_id).put_chat(&device.id, &chat).await?;
    if !is_new && chat.archived == 0 && chat.status != before.status {
        let changes = Map::from_iter([("status".to_owned(), json!(before.status))]);
        change::tell(w, device, &chat, changes, &by, now).await?;
    }
    Ok(())
}

/// Somebody has reacted in a chat: it shows the newest reaction.
pub(crate) async fn reacted(w: &mut Writing, device: &DeviceRow, mark: &MarkRow, now: Millis) -> Result<()> {
    let mut scope = w.account(&device.account_id);
    let (Some(mut chat), Some(emoji)) = (scope.chat(&device.id, &mark.chat).await?, &mark.value) else {
        return Ok(());
    };
    chat.last_reaction = Some(json!({ "at": iso(mark.at), "emoji": emoji, "author": mark.person }).to_string());
    chat.updated_at = now;
    Ok(scope.put_chat(&device.id, &chat).await?)
}

fn add(chat: &mut ChatRow, message: &ChatMessageRow, inbound: bool, now: Millis) {
    chat.local_messages += 1;
    chat.first_message_at = Some(chat.first_message_at.map_or(message.at, |first| first.min(message.at)));
    if message.at >= chat.last_message_at {
        chat.last_message_at = message.at;
        chat.last_message = Some(message.seq);
    }
    let newer = |known: Option<Millis>| Some(known.map_or(message.at, |last| last.max(message.at)));
    if inbound {
        chat.inbound_messages += 1;
        chat.last_inbound_at = newer(chat.last_inbound_at);
        chat.unread += 1;
        chat.unread_at = Some(now);
    } else {
        chat.outbound_messages += 1;
        chat.last_outbound_at = newer(chat.last_outbound_at);
    }
}

/// The status that a message gives its chat, if it changes.
fn status_after(chat: &ChatRow, message: &ChatMessageRow, inbound: bool, automatic: bool) -> Option<&'static str> {
    let status = match (inbound, chat.kind.as_str()) {
        (true, "chat" | "group") if message.kind != "system" => {
            if chat.agent.is_some() {
                "active"
            } else {
                "pending"
            }
        }
        (false, _) if !automatic && matches!(chat.status.as_str(), "pending" | "removed") => "active",
        (_, _) if chat.status == "removed" => "active",
        _ => return None,
    };
    (chat.status != status).then_some(status)
}

#[cfg(test)]
mod tests {
    use sparkbot_store::rows::{ChatMessageRow, ChatRow};

    use super::{add, status_after};

    fn message(seq: i64, flow: &str, kind: &str, at: i64) -> ChatMessageRow {
        ChatMessageRow {
            seq,
            chat: "16001234561@c.us".to_owned(),
            author: "16001234561@c.us".to_owned(),
            wa_id: format!("3EB0{seq}"),
            flow: flow.to_owned(),
            kind: kind.to_owned(),
            subtype: None,
            status: "active".to_owned(),
            body: None,
            ack: "delivered".to_owned(),
            reference: None,
            doc: "{}".to_owned(),
            at,
            edited_at: None,
        }
    }

    fn chat(status: &str, agent: Option<&str>) -> ChatRow {
        ChatRow {
            status: status.to_owned(),
            agent: agent.map(str::to_owned),
            ..ChatRow::new("16001234561@c.us", "chat", 0)
        }
    }

    #[test]
    fn who_writes_waits_and_who_is_answered_does_not() {
        let (text, note) = (message(1, "inbound", "text", 1), message(1, "inbound", "system", 1));
        for (status, agent, wanted) in [
            ("active", None, Some("pending")),
            ("resolved", None, Some("pending")),
            ("removed", None, Some("pending")),
            ("pending", None, None),
            ("resolved", Some("ana"), Some("active")),
            ("active", Some("ana"), None),
        ] {
            assert_eq!(status_after(&chat(status, agent), &text, true, false), wanted, "{status} {agent:?}");
        }
        assert_eq!(status_after(&chat("resolved", None), &note, true, false), None);
        let answer = message(2, "outbound", "text", 2);
        assert_eq!(status_after(&chat("pending", None), &answer, false, false), Some("active"));
        assert_eq!(status_after(&chat("pending", None), &answer, false, true), None, "a rule answers nobody");
        assert_eq!(status_after(&chat("resolved", None), &answer, false, false), None);
        let channel = ChatRow { kind: "channel".to_owned(), ..chat("active", None) };
        assert_eq!(status_after(&channel, &text, true, false), None, "nobody answers a channel");
    }

    #[test]
    fn an_older_message_does_not_become_the_last() {
        let mut chat = chat("active", None);
        add(&mut chat, &message(7, "inbound", "text", 2_000), true, 0);
        add(&mut chat, &message(8, "inbound", "text", 1_000), true, 0);
        add(&mut chat, &message(9, "outbound", "text", 1_500), false, 0);
        assert_eq!((chat.last_message, chat.last_message_at, chat.first_message_at), (Some(7), 2_000, Some(1_000)));
        assert_eq!((chat.last_inbound_at, chat.last_outbound_at), (Some(2_000), Some(1_500)));
        assert_eq!((chat.unread, chat.inbound_messages, chat.outbound_messages, chat.local_messages), (2, 2, 1, 3));
    }
}
