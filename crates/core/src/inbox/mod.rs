//! What arrives: decrypted batches become chats, messages, files, contacts and
//! events, in one transaction, and only then is WhatsApp answered.
//!
//! [`message`] writes what is new, [`change`] what changes something else, [`counts`] what becomes of channels' posts,
//! [`said`] what this number itself has sent, [`file`] notes what there is to
//! fetch, [`past`] what was said before the number was linked, [`contact`] who was heard of, [`doc`] is the shape in which all of it
//! is kept.

mod change;
mod contact;
mod counts;
mod doc;
mod file;
mod message;
mod past;
mod said;

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatMessageRow, DeviceRow};

pub(crate) use change::{Mark, option_hash, put};
pub(crate) use counts::counted;
pub(crate) use doc::{Doc, Saying};
pub(crate) use past::{Limits, past, person};
pub(crate) use said::{Said, outbound_said};

use crate::app::Core;
use crate::auto_replies;
use crate::chat_messages::{self, Parts};
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::events::{self, Change};
use crate::ids::{AccountId, DeviceId};
use crate::network::{Millis, Received, ReceivedContent};
use crate::views::{ChatMessage, DeviceRef};

/// Writes a batch. What was written before is recognised by (chat, author, id)
/// and left alone, so that a batch may come again.
pub(crate) async fn ingest(core: &Core, account: &AccountId, device: &DeviceId, batch: Vec<Received>) -> Result<()> {
    let (account, id, now) = (account.clone(), device.clone(), core.now());
    let count = u64::try_from(batch.len()).unwrap_or(0);
    let (all, replied) = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let row = w.account(&account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                let (mut all, mut replied) = (Arrived::default(), Vec::new());
                for message in batch {
                    let chat = message.chat.to_string();
                    let arrived = one(w, &row, message, now).await?;
                    all.file |= arrived.file;
                    all.answered |= arrived.answered;
                    if arrived.replied {
                        replied.push(chat);
                    }
                }
                Ok::<_, Error>((all, replied))
            })
        })
        .await?;
    for chat in replied {
        auto_replies::wake(core, device, &chat);
    }
    if all.file {
        core.chat_files().wake();
    }
    if all.answered {
        core.sessions().wake(device);
    }
    metrics::counter!("sparkbot_messages_received_total").increment(count);
    Ok(())
}

/// What messages have brought that others must look at after the commit.
#[derive(Debug, Clone, Copy, Default)]
struct Arrived {
    /// A file to fetch.
    file: bool,
    /// An automatic reply in the queue.
    replied: bool,
    /// A campaign's answer in the queue.
    answered: bool,
}

/// Writes one message.
async fn one(w: &mut Writing, device: &DeviceRow, message: Received, now: Millis) -> Result<Arrived> {
    if let ReceivedContent::Change { of, change } = &message.content
        && let Some(mark) = Mark::of(of, change, &message)
    {
        change::received(w, device, &message, mark, now).await?;
        return Ok(Arrived::default());
    }
    message::received(w, device, message, now).await
}

/// Tells of a message as it is now.
async fn tell(
    w: &mut Writing,
    device: &DeviceRow,
    event: &'static str,
    row: &ChatMessageRow,
    now: Millis,
) -> Result<()> {
    let view = chat_messages::show_one(&mut w.account(&device.account_id), device, row.clone(), Parts::EVENT).await?;
    let change = Change {
        event,
        object: "message",
        object_id: row.wa_id.clone(),
        lane: events::lane(&device.id, &row.chat),
        data: serde_json::to_value(view).map_err(Error::internal)?,
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, now).await?;
    Ok(())
}

/// A chat message as the outside sees it.
pub(crate) async fn view(w: &mut Writing, device: &DeviceRow, wa_id: &str) -> Result<Option<ChatMessage>> {
    let mut scope = w.account(&device.account_id);
    match scope.chat_message(&device.id, wa_id).await? {
        Some(row) => chat_messages::show_one(&mut scope, device, row, Parts::EVENT).await.map(Some),
        None => Ok(None),
    }
}
