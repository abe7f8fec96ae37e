//! Asking the phone for what is not here.

use std::time::Duration;

use serde::Serialize;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use utoipa::ToSchema;

use super::Answered;
use crate::app::Core;
use crate::chat_messages::{self, ChatMessageFilter, Parts};
use crate::clock::iso;
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::network::{Link, Target};
use crate::page::Page;
use crate::sessions::{self, network_error};
use crate::views::{ChatMessage, DeviceRef};
use crate::wid::Wid;

/// How long a phone has for its answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Requests that a phone has at once.
const AT_ONCE: usize = 5;

/// What a comparison of all chats has brought.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeviceSync {
    /// `complete`, or `partial` when the phone has not answered everything in time; what it answers later is taken in
    /// all the same.
    pub status: String,
    /// Chats whose older messages were asked for.
    pub chats: usize,
    /// Of those, how many the phone has answered.
    pub answered: usize,
    /// Messages that were new here.
    pub messages: i64,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub finished_at: String,
    /// The number.
    pub device: DeviceRef,
}

/// What is wanted of all chats.
#[derive(Debug, Clone, Copy)]
pub struct ChatSync {
    /// Chats, the newest first.
    pub chats: i64,
    /// Older messages of each.
    pub messages: u32,
}

/// A page of a chat as the phone has it.
#[derive(Debug, Clone, Copy)]
pub struct SyncedMessages {
    /// Messages a page.
    pub size: u32,
    /// Which page, from 0: the newest.
    pub page: u32,
}

/// Compares the chats with WhatsApp's app state, then asks the phone for older
/// messages of the newest ones.
///
/// # Errors
/// `device:notfound`; `session:offline`; without the scope `messages:read`.
pub async fn sync_device(core: &Core, caller: &Caller, device: &DeviceId, wanted: ChatSync) -> Result<DeviceSync> {
    caller.need(Scope::MessagesRead)?;
    let row = devices::row(core, &caller.account, device).await?;
    let link = core.sessions().online(device).ok_or_else(|| sessions::offline(device, &row.session_status))?;
    let started_at = core.now();
    link.sync().await.map_err(network_error)?;
    let chats = match wanted.messages {
        0 => Vec::new(),
        _ => core.store().read().await?.account(&caller.account).newest_chats(device, wanted.chats).await?,
    };
    let (mut answered, mut messages, asked) = (0, 0, chats.len());
    'asking: for some in chats.chunks(AT_ONCE) {
        let mut answers = core.histories().answered.subscribe();
        let mut open = Vec::new();
        for chat in some {
            let oldest = core.store().read().await?.account(&caller.account).oldest_message(device, chat).await?;
            let before = oldest.map(|row| Ok::<_, Error>((chat_messages::target(&row)?, row.at))).transpose()?;
            let chat: Wid = chat.parse().map_err(Error::internal)?;
            let before = before.as_ref().map(|(message, at)| (message, *at));
            open.push(link.ask_history(&chat, before, wanted.messages).await.map_err(network_error)?);
        }
        while !open.is_empty() {
            // A phone that is off is not asked for all the others, too.
            let Some(answer) = answer_to(&mut answers, device, &open).await else { break 'asking };
            open.retain(|request| *request != answer.request);
            answered += 1;
            messages += answer.messages;
        }
    }
    Ok(DeviceSync {
        status: if answered == asked { "complete" } else { "partial" }.to_owned(),
        chats: asked,
        answered,
        messages,
        started_at: iso(started_at),
        finished_at: iso(core.now()),
        device: DeviceRef::of(&row),
    })
}

/// The first answer to one of the requests, unless the phone takes too long.
async fn answer_to(
    answers: &mut broadcast::Receiver<Answered>,
    device: &DeviceId,
    requests: &[String],
) -> Option<Answered> {
    let answered = async {
        loop {
            match answers.recv().await {
                Ok(answer) if answer.device == *device && requests.contains(&answer.request) => return Some(answer),
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    };
    tokio::time::timeout(PATIENCE, answered).await.ok().flatten()
}

/// Asks the phone for a page of a chat, and shows it as it is here then: the
/// newest messages first.
///
/// # Errors
/// `device:notfound`; `chat:notfound`; `session:offline`; `history:timeout` when
/// the phone does not answer; without the scope `messages:read`.
pub async fn sync_chat(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    chat: &str,
    wanted: SyncedMessages,
) -> Result<Page<ChatMessage>> {
    caller.need(Scope::MessagesRead)?;
    let row = devices::row(core, &caller.account, device).await?;
    let link = core.sessions().online(device).ok_or_else(|| sessions::offline(device, &row.session_status))?;
    let skip = i64::from(wanted.page) * i64::from(wanted.size);
    if !core.store().read().await?.account(&caller.account).sees(device, chat, &caller.sight()).await? {
        return Err(unknown(chat));
    }
    let before = before(core, &caller.account, device, chat, skip).await?;
    ask(core, &*link, device, chat, before, wanted.size).await?;
    let filter = ChatMessageFilter {
        chat: Some(chat.to_owned()),
        size: i64::from(wanted.size),
        skip,
        ..ChatMessageFilter::default()
    };
    let search = chat_messages::Search { filter, begin: None, end: None, sync: false, parts: Parts::default() };
    chat_messages::list(core, caller, device, search).await
}

fn unknown(chat: &str) -> Error {
    Error::not_found("chat:notfound", format!("There is no chat {chat} of this number."))
        .hint("Chats are named by their WhatsApp id, such as 16001234561@c.us.")
}

/// The message before which a page begins: none for the newest page.
async fn before(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    chat: &str,
    skip: i64,
) -> Result<Option<(Target, i64)>> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(account);
    if scope.chat(device, chat).await?.is_none() {
        return Err(unknown(chat));
    }
    if skip == 0 {
        return Ok(None);
    }
    let row = match scope.nth_newest_message(device, chat, skip - 1).await? {
        Some(row) => Some(row),
        None => scope.oldest_message(device, chat).await?,
    };
    row.map(|row| Ok((chat_messages::target(&row)?, row.at))).transpose()
}

async fn ask(
    core: &Core,
    link: &dyn Link,
    device: &DeviceId,
    chat: &str,
    before: Option<(Target, i64)>,
    count: u32,
) -> Result<i64> {
    let mut answers = core.histories().answered.subscribe();
    let wid: Wid = chat.parse().map_err(Error::internal)?;
    let before = before.as_ref().map(|(message, at)| (message, *at));
    let request = link.ask_history(&wid, before, count).await.map_err(network_error)?;
    match answer_to(&mut answers, device, &[request]).await {
        Some(answer) => Ok(answer.messages),
        None => {
            let text = format!("The phone has not answered within {} seconds.", PATIENCE.as_secs());
            Err(Error::new(Kind::Unavailable, "history:timeout", text)
                .hint("It answers when it is on and has a connection; its answer is taken in whenever it comes."))
        }
    }
}
