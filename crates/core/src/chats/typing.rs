//! Showing that somebody types or records. It ends by itself, and is for show
//! only: nothing of it is kept.

use std::sync::PoisonError;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::Chats;
use crate::app::Core;
use crate::clock::iso;
use crate::devices;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::network::Activity;
use crate::wid::{Wid, WidKind};

/// WhatsApp's apps stop showing it after 25 s unless they hear of it again.
const AGAIN: Duration = Duration::from_secs(10);

/// What to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// Typing…
    Typing,
    /// Recording…
    Recording,
    /// Neither.
    Stop,
}

/// What is shown now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TypingShown {
    /// The chat's WhatsApp id.
    pub chat: String,
    /// `typing`, `recording` or `stop`.
    pub action: &'static str,
    /// When it ends by itself, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Shows in a chat that this number types or records, for some seconds.
///
/// # Errors
/// `device:notfound`, `session:offline`, `chat:typing` in channels; without the
/// scope `chats:write`.
pub async fn show_typing(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    chat: &Wid,
    typing: Typing,
    duration: Duration,
) -> Result<TypingShown> {
    caller.need(Scope::ChatsWrite)?;
    if matches!(chat.kind(), WidKind::Channel | WidKind::Broadcast) {
        return Err(Error::invalid(
            "chat:typing",
            format!("Nobody is shown as typing in {chat}: it is not a chat or a group."),
        ));
    }
    let row = devices::row(core, &caller.account, device).await?;
    let sight = caller.sight();
    if !core.store().read().await?.account(&caller.account).sees(device, chat.as_str(), &sight).await? {
        return Err(super::find::missing(chat.as_str()));
    }
    let link = core.sessions().online(device).ok_or_else(|| crate::sessions::offline(device, &row.session_status))?;
    let (activity, word) = match typing {
        Typing::Typing => (Activity::Typing, "typing"),
        Typing::Recording => (Activity::Recording, "recording"),
        Typing::Stop => (Activity::Stopped, "stop"),
    };
    // Whatever was shown before gives way.
    let turn = core.chats().turn(device, chat);
    link.show_activity(chat, activity).await.map_err(crate::sessions::network_error)?;
    if typing == Typing::Stop {
        core.chats().over(device, chat, turn);
        return Ok(TypingShown { chat: chat.to_string(), action: word, until: None });
    }
    let until = core.now() + i64::try_from(duration.as_millis()).unwrap_or(0);
    let (inner, device, wid) = (core.clone(), device.clone(), chat.clone());
    core.spawn(async move {
        let stopping = inner.stopping();
        let mut left = duration;
        while !left.is_zero() {
            let pause = left.min(AGAIN);
            tokio::select! {
                () = tokio::time::sleep(pause) => left -= pause,
                () = stopping.cancelled() => left = Duration::ZERO,
            }
            if !inner.chats().is_newest(&device, &wid, turn) {
                return;
            }
            let now = if left.is_zero() { Activity::Stopped } else { activity };
            if let Err(error) = link.show_activity(&wid, now).await {
                tracing::debug!(%device, %error, "typing could not be shown");
            }
        }
        inner.chats().over(&device, &wid, turn);
    });
    Ok(TypingShown { chat: chat.to_string(), action: word, until: Some(iso(until)) })
}

impl Chats {
    fn shows(&self) -> std::sync::MutexGuard<'_, std::collections::HashMap<(DeviceId, String), u64>> {
        self.typing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, device: &DeviceId, chat: &Wid) -> u64 {
        let mut shows = self.shows();
        let turn = shows.entry((device.clone(), chat.to_string())).or_default();
        *turn += 1;
        *turn
    }

    fn is_newest(&self, device: &DeviceId, chat: &Wid, turn: u64) -> bool {
        self.shows().get(&(device.clone(), chat.to_string())) == Some(&turn)
    }

    fn over(&self, device: &DeviceId, chat: &Wid, turn: u64) {
        if self.is_newest(device, chat, turn) {
            self.shows().remove(&(device.clone(), chat.to_string()));
        }
    }
}
