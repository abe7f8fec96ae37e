//! Which messages leave next.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use rand::RngExt;
use sparkbot_store::rows::{DeviceRow, Hold, MessageRow};

use super::sender::WINDOW;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::network::Millis;
use crate::queue;
use crate::sessions::Running;
use crate::views::DeviceSettings;

/// Looked at per look: a full queue to one chat must not hide the others.
const LOOK: i64 = 128;
/// Chats remembered one by one; beyond these the whole queue is looked at.
const REMEMBERED: usize = 1024;

/// Where there may be something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look {
    /// Anywhere.
    Everywhere,
    /// In these chats.
    At(Vec<String>),
}

/// What a sender has not looked at yet.
#[derive(Default)]
pub(crate) struct Fresh(Mutex<Unseen>);

#[derive(Default)]
struct Unseen {
    everything: bool,
    chats: HashSet<String>,
}

impl Fresh {
    /// There may be something anywhere.
    pub(crate) fn everything(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).everything = true;
    }

    /// There may be something in one chat.
    pub(crate) fn chat(&self, chat: &str) {
        let mut unseen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if unseen.chats.len() >= REMEMBERED {
            unseen.everything = true;
        } else if !unseen.everything {
            unseen.chats.insert(chat.to_owned());
        }
    }

    /// What to look at now. Chats that are busy stay for when they are not.
    pub(super) fn take(&self, busy: &[String]) -> Option<Look> {
        let mut unseen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if unseen.everything {
            *unseen = Unseen::default();
            return Some(Look::Everywhere);
        }
        // The end of what is under way in a chat makes it fresh again.
        unseen.chats.retain(|chat| !busy.contains(chat));
        let chats: Vec<String> = unseen.chats.drain().collect();
        (!chats.is_empty()).then_some(Look::At(chats))
    }
}

/// What was taken out of a queue.
pub(super) struct Claimed {
    pub(super) messages: Vec<MessageRow>,
    /// When something becomes due or a hold ends.
    pub(super) wake_at: Option<Millis>,
    /// Milliseconds to the next message, when the number has a pace.
    pub(super) gap: Option<Millis>,
    /// There may be more that is due now.
    pub(super) more: bool,
}

/// Takes due messages out of the queue, one per chat.
pub(super) async fn claim(core: &Core, number: &Arc<Running>, mut busy: Vec<String>, look: Look) -> Result<Claimed> {
    let (account, device, now) = (number.account.clone(), number.device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut claimed = Claimed { messages: Vec::new(), wake_at: None, gap: None, more: false };
                let Some(row) = w.account(&account).device(&device).await? else { return Ok(claimed) };
                let state = w.account(&account).queue(&device).await?;
                if matches!(state.status.as_str(), "pause" | "freeze") {
                    return Ok(claimed);
                }
                let (hold, ends) = match queue::held(&state, now) {
                    Some((hold, until)) => (hold, Some(until)),
                    None => (Hold::Nothing, None),
                };
                claimed.gap = gap(&row)?;
                // After a hold one message tries whether it is over.
                let trying = hold == Hold::Nothing && state.held.is_some();
                let room = if trying { 1usize.saturating_sub(busy.len()) } else { WINDOW - busy.len().min(WINDOW) };
                let room = if claimed.gap.is_some() { room.min(1) } else { room };
                // A pace is kept over all chats, in the order of the queue.
                let look = if claimed.gap.is_some() || trying { Look::Everywhere } else { look };
                match look {
                    Look::At(chats) => {
                        for chat in chats {
                            if claimed.messages.len() >= room {
                                claimed.more = true;
                                break;
                            }
                            claimed.messages.extend(w.server().due_message_to(&device, &chat, now, hold).await?);
                        }
                    }
                    Look::Everywhere => {
                        while claimed.messages.len() < room {
                            let due = w.server().due_messages(&device, now, &busy, hold, LOOK).await?;
                            if due.is_empty() {
                                break;
                            }
                            for message in due {
                                if claimed.messages.len() < room && !busy.contains(&message.chat) {
                                    busy.push(message.chat.clone());
                                    claimed.messages.push(message);
                                }
                            }
                        }
                        // While one tries, the others are looked at when it has ended.
                        claimed.more = trying || claimed.messages.len() >= room;
                    }
                }
                let ids: Vec<String> = claimed.messages.iter().map(|m| m.id.to_string()).collect();
                if !ids.is_empty() {
                    w.server().mark_processing(&ids).await?;
                }
                for message in &mut claimed.messages {
                    message.attempts += 1;
                }
                let next = w.server().next_due(&device, now).await?;
                claimed.wake_at = next.into_iter().chain(ends).min();
                Ok::<_, Error>(claimed)
            })
        })
        .await
}

/// The pace that people have set: messages a minute become a gap with jitter.
fn gap(row: &DeviceRow) -> Result<Option<Millis>> {
    let settings: DeviceSettings = serde_json::from_str(&row.settings).map_err(Error::internal)?;
    if settings.delivery_speed <= 0.0 {
        return Ok(None);
    }
    let mean = 60_000.0 / settings.delivery_speed;
    let jittered = mean * rand::rng().random_range(0.8..1.2);
    #[expect(clippy::cast_possible_truncation, reason = "ten minutes at most")]
    Ok(Some(jittered as Millis))
}

#[cfg(test)]
mod tests {
    use super::{Fresh, Look, REMEMBERED};

    #[test]
    fn only_what_may_have_something_is_looked_at() {
        let fresh = Fresh::default();
        assert_eq!(fresh.take(&[]), None);
        fresh.chat("a");
        fresh.chat("a");
        assert_eq!(fresh.take(&[]), Some(Look::At(vec!["a".to_owned()])));
        assert_eq!(fresh.take(&[]), None, "once");
        fresh.chat("a");
        assert_eq!(fresh.take(&["a".to_owned()]), None, "a busy chat is looked at when it has ended");
        fresh.chat("a");
        fresh.everything();
        fresh.chat("b");
        assert_eq!(fresh.take(&[]), Some(Look::Everywhere));
        assert_eq!(fresh.take(&[]), None);
        for n in 0..=REMEMBERED {
            fresh.chat(&n.to_string());
        }
        assert_eq!(fresh.take(&[]), Some(Look::Everywhere), "too many to remember one by one");
    }
}
