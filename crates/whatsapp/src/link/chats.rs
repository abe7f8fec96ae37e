//! What a number does to its chats; WhatsApp keeps it in step on all devices.

use async_trait::async_trait;
use sparkbot_network::link::{Activity, ChatChange, ChatLink};
use sparkbot_network::wid::{Wid, WidKind};
use sparkbot_network::{Millis, NetworkError, Target};
use whatsapp_rust::features::message_range;

use super::{ANSWER, NumberLink};
use crate::content::conversation::Conversation;
use crate::{address, errors};

#[async_trait]
impl ChatLink for NumberLink {
    async fn change_chat(&self, chat: &Wid, change: &ChatChange, newest: Option<Millis>) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let jid = address::chat_jid(&client, chat).await?;
        let actions = client.chat_actions();
        // Ranges count in seconds; a message counts in the second it was sent.
        let range = || newest.map(|newest| message_range(newest.div_euclid(1000), None, Vec::new()));
        let changing = async {
            match change {
                ChatChange::Archived(true) => actions.archive_chat(&jid, range()).await,
                ChatChange::Archived(false) => actions.unarchive_chat(&jid, range()).await,
                ChatChange::Pinned(true) => actions.pin_chat(&jid).await,
                ChatChange::Pinned(false) => actions.unpin_chat(&jid).await,
                ChatChange::Muted(None) => actions.unmute_chat(&jid).await,
                ChatChange::Muted(Some(until)) if *until < 0 => actions.mute_chat(&jid).await,
                ChatChange::Muted(Some(until)) => actions.mute_chat_until(&jid, *until).await,
                ChatChange::Read(read) => actions.mark_chat_as_read(&jid, *read, range()).await,
                ChatChange::Deleted => actions.delete_chat(&jid, true, range()).await,
                ChatChange::Cleared { keep_starred } => actions.clear_chat(&jid, !keep_starred, true, range()).await,
            }
        };
        let changed = tokio::time::timeout(ANSWER, changing).await.map_err(|_| NetworkError::Timeout)?;
        changed.map_err(|error| errors::request(&error))
    }

    async fn star(&self, message: &Target, starred: bool) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let chat = Conversation::new(&self.number, &client, address::jid(&message.chat)?).await?;
        let author = match message.chat.kind() {
            WidKind::Group | WidKind::Broadcast if !message.from_me => Some(chat.author(message).await?),
            _ => None,
        };
        let actions = client.chat_actions();
        let starring = async {
            if starred {
                actions.star_message(&chat.chat, author.as_ref(), &message.id, message.from_me).await
            } else {
                actions.unstar_message(&chat.chat, author.as_ref(), &message.id, message.from_me).await
            }
        };
        let done = tokio::time::timeout(ANSWER, starring).await.map_err(|_| NetworkError::Timeout)?;
        done.map_err(|error| errors::request(&error))
    }

    async fn show_activity(&self, chat: &Wid, activity: Activity) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let to = address::chat_jid(&client, chat).await?;
        let states = client.chatstate();
        let sent = match activity {
            Activity::Typing => states.send_composing(&to).await,
            Activity::Recording => states.send_recording(&to).await,
            Activity::Stopped => states.send_paused(&to).await,
        };
        sent.map_err(|error| errors::request(&error))
    }
}
