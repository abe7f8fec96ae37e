//! What other devices of the account have done to chats.

use sparkbot_network::link::ChatChange;
use sparkbot_network::report::{ChatAction, ChatReport};
use sparkbot_network::wid::Wid;
use sparkbot_network::{Millis, Report, Target};
use whatsapp_rust::features::SyncActionMessageRange;
use whatsapp_rust::types::events::Event;
use whatsapp_rust::{Client, Jid};

use crate::address::{self, Person};

/// What an event says of a chat, if it is about one.
pub(super) async fn report(client: &Client, event: &Event) -> Option<Report> {
    let (jid, at, what) = match event {
        Event::ArchiveUpdate(update) => {
            let archived = update.action.archived.unwrap_or(false);
            (&update.jid, &update.timestamp, change(ChatChange::Archived(archived), None))
        }
        Event::PinUpdate(update) => {
            let pinned = update.action.pinned.unwrap_or(false);
            (&update.jid, &update.timestamp, change(ChatChange::Pinned(pinned), None))
        }
        Event::MuteUpdate(update) => {
            let end = update.action.mute_end_timestamp.filter(|end| *end != 0).unwrap_or(-1);
            let until = update.action.muted.unwrap_or(false).then_some(end);
            (&update.jid, &update.timestamp, change(ChatChange::Muted(until), None))
        }
        Event::MarkChatAsReadUpdate(update) => {
            let until = until(update.action.message_range.as_option());
            let read = update.action.read.unwrap_or(false);
            (&update.jid, &update.timestamp, change(ChatChange::Read(read), until))
        }
        Event::DeleteChatUpdate(update) => {
            let until = until(update.action.message_range.as_option());
            (&update.jid, &update.timestamp, change(ChatChange::Deleted, until))
        }
        Event::ClearChatUpdate(update) => {
            let until = until(update.action.message_range.as_option());
            let keep_starred = !update.delete_starred;
            (&update.jid, &update.timestamp, change(ChatChange::Cleared { keep_starred }, until))
        }
        Event::StarUpdate(update) => {
            let author = update.participant_jid.as_ref();
            let message = target(client, &update.chat_jid, author, &update.message_id, update.from_me).await?;
            let starred = update.action.starred.unwrap_or(false);
            (&update.chat_jid, &update.timestamp, ChatAction::Starred { message, starred })
        }
        Event::DeleteMessageForMeUpdate(update) => {
            let author = update.participant_jid.as_ref();
            let message = target(client, &update.chat_jid, author, &update.message_id, update.from_me).await?;
            (&update.chat_jid, &update.timestamp, ChatAction::MessageDeleted { message })
        }
        _ => return None,
    };
    let Person { wid, lid } = address::person(client, jid, None).await?;
    Some(Report::Chat(ChatReport { chat: wid, lid, at: at.timestamp_millis(), what }))
}

fn change(change: ChatChange, until: Option<Millis>) -> ChatAction {
    ChatAction::Change { change, until }
}

/// Up to when a range reaches: to the end of its last second.
fn until(range: Option<&SyncActionMessageRange>) -> Option<Millis> {
    range?.last_message_timestamp.filter(|last| *last > 0).map(|last| last * 1000 + 999)
}

/// A message as core names it.
async fn target(client: &Client, chat: &Jid, author: Option<&Jid>, id: &str, from_me: bool) -> Option<Target> {
    let chat = address::person(client, chat, None).await?.wid;
    let author: Wid = match (from_me, author) {
        (true, _) => address::wid(&client.pn()?)?,
        (false, Some(author)) => address::person(client, author, None).await?.wid,
        (false, None) => chat.clone(),
    };
    Some(Target { id: id.to_owned(), chat, author, from_me })
}
