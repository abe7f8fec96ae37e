//! Taking away what was said in a chat: at once when it is little, in the
//! background, over restarts, when it is much.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatMessageRow, ChatRow, DeviceRow, PurgeRow};

use crate::app::Core;
use crate::error::{Error, Result};
use crate::inbox::Doc;
use crate::network::Millis;

/// Messages taken away in one transaction.
const BATCH: i64 = 200;
/// Batches within the request itself.
const AT_ONCE: usize = 3;
/// Deletions gone on with in one round.
const ROUND: i64 = 16;

/// What to take away.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purge {
    /// Messages up to this time.
    pub(super) until: Millis,
    /// Starred messages stay.
    pub(super) keep_starred: bool,
    /// Notes go, and the chat with them, unless there are newer messages.
    pub(super) whole: bool,
}

/// Takes messages away, with their files and words. What is left of the chat;
/// `None` when it is gone.
pub(super) async fn purge(
    w: &mut Writing,
    device: &DeviceRow,
    mut chat: ChatRow,
    what: Purge,
    now: Millis,
) -> Result<Option<ChatRow>> {
    let row = PurgeRow {
        device_id: device.id.clone(),
        account_id: device.account_id.clone(),
        chat: chat.wid.clone(),
        until: what.until,
        keep_starred: i64::from(what.keep_starred),
        whole: i64::from(what.whole),
        created_at: now,
    };
    let mut done = false;
    for _ in 0..AT_ONCE {
        done = batch(w, &row, &mut chat, now).await?;
        if done {
            break;
        }
    }
    if done {
        return settled(w, device, &row, chat).await;
    }
    w.account(&device.account_id).put_purge(&row).await?;
    if what.whole && chat.last_message_at <= what.until {
        // Hidden until the rest of it is gone, or somebody writes again.
        "removed".clone_into(&mut chat.status);
    }
    w.account(&device.account_id).put_chat(&device.id, &chat).await?;
    Ok(Some(chat))
}

/// Takes some messages away; whether there are none left.
async fn batch(w: &mut Writing, purge: &PurgeRow, chat: &mut ChatRow, now: Millis) -> Result<bool> {
    let mut scope = w.account(&purge.account_id);
    let rows = scope.purgeable(purge, BATCH).await?;
    if rows.is_empty() {
        return Ok(true);
    }
    let seqs: Vec<i64> = rows.iter().map(|row| row.seq).collect();
    let files = scope.chat_files_of(&purge.device_id, &seqs).await?;
    for blob in files.iter().filter_map(|file| file.blob.as_deref()) {
        scope.doom_blob(blob, now).await?;
    }
    for row in &rows {
        let name = files.iter().find(|file| file.message == row.seq).and_then(|file| file.filename.as_deref());
        let text = Doc::read(row)?.search_text(row.body.as_deref(), name);
        scope.forget_words(&purge.device_id, row, &text).await?;
    }
    scope.delete_chat_messages(&purge.device_id, &rows).await?;
    count_out(chat, &rows);
    Ok(i64::try_from(rows.len()).is_ok_and(|count| count < BATCH))
}

fn count_out(chat: &mut ChatRow, rows: &[ChatMessageRow]) {
    let notes = i64::try_from(rows.iter().filter(|row| row.kind == "note").count()).unwrap_or(0);
    let messages = i64::try_from(rows.len()).unwrap_or(0) - notes;
    chat.notes = (chat.notes - notes).max(0);
    chat.local_messages = (chat.local_messages - messages).max(0);
}

/// All of it is gone: the chat goes too, or shows what is left.
async fn settled(w: &mut Writing, device: &DeviceRow, purge: &PurgeRow, mut chat: ChatRow) -> Result<Option<ChatRow>> {
    let mut scope = w.account(&device.account_id);
    let newest = scope.newest_chat_message(&device.id, &chat.wid).await?;
    if purge.whole == 1 && newest.is_none() {
        scope.delete_chat(&device.id, &chat).await?;
        return Ok(None);
    }
    let most = chat.unread;
    chat.unread = scope.received_after(&device.id, &chat.wid, purge.until, most).await?;
    chat.last_message = newest.as_ref().map(|row| row.seq);
    if purge.whole == 1 && chat.notes == 0 {
        (chat.last_note, chat.last_note_at) = (None, None);
    }
    scope.put_chat(&device.id, &chat).await?;
    Ok(Some(chat))
}

/// Goes on with deletions that were too much for one request.
pub(super) async fn go_on(core: &Core) -> Result<()> {
    let purges = core.store().read().await?.server().purges(ROUND).await?;
    for purge in purges {
        let now = core.now();
        let done = core
            .store()
            .write(move |w| {
                Box::pin(async move {
                    let mut scope = w.account(&purge.account_id);
                    let number = scope.device(&purge.device_id).await?;
                    let chat = scope.chat(&purge.device_id, &purge.chat).await?;
                    let Some((number, mut chat)) = number.zip(chat) else {
                        scope.end_purge(&purge.device_id, &purge.chat).await?;
                        return Ok(true);
                    };
                    if !batch(w, &purge, &mut chat, now).await? {
                        w.account(&purge.account_id).put_chat(&purge.device_id, &chat).await?;
                        return Ok(false);
                    }
                    w.account(&purge.account_id).end_purge(&purge.device_id, &purge.chat).await?;
                    settled(w, &number, &purge, chat).await?;
                    Ok::<_, Error>(true)
                })
            })
            .await?;
        if !done {
            // Between two batches everybody else has a turn.
            core.chats().wake.notify_one();
        }
    }
    Ok(())
}
