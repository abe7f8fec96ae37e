//! Fetches received files from WhatsApp. What is to be fetched is a column of
//! the file's row, not a task in memory, so that it survives a restart: a row is
//! claimed until a time, and is due again if nothing is heard by then.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::json;
use sparkbot_store::Writing;
use sparkbot_store::rows::ChatFileRow;
use tokio::sync::{Notify, Semaphore};

use super::ChatFileSettings;
use crate::app::Core;
use crate::blobs::{self, NewBlob};
use crate::chat_messages::{self, Parts};
use crate::clock::iso;
use crate::error::{Error, Kind, Result};
use crate::events::{self, Change};
use crate::ids::ChatFileId;
use crate::network::{Link, Millis, NetworkError, Target};
use crate::views::DeviceRef;

/// How long a claim holds; longer than any download.
const CLAIM: Millis = 30 * 60 * 1000;
/// How long one download may take.
const PATIENCE: Duration = Duration::from_secs(25 * 60);
/// Without a connection it is tried again after this.
const OFFLINE: Millis = 5_000;
/// The first gap after a failure; it doubles up to [`LAST_GAP`].
const FIRST_GAP: Millis = 5_000;
const LAST_GAP: Millis = 3600 * 1000;
/// Tries until only a person's request fetches it.
const TRIES: i64 = 12;
/// How often it is looked for files that are due.
const EVERY: Duration = Duration::from_secs(5);
/// Expired files looked at in one transaction.
const SWEPT: i64 = 100;

/// The downloads of received files.
#[derive(Debug)]
pub struct ChatFiles {
    /// Fires when there may be something to fetch.
    due: Notify,
    /// Fires when a download has ended, however.
    pub(super) ended: Notify,
    room: Arc<Semaphore>,
    running: Mutex<HashSet<ChatFileId>>,
}

impl ChatFiles {
    pub(crate) fn new(settings: &ChatFileSettings) -> Self {
        Self {
            due: Notify::new(),
            ended: Notify::new(),
            room: Arc::new(Semaphore::new(settings.at_once.max(1))),
            running: Mutex::default(),
        }
    }

    /// There may be something to fetch.
    pub(crate) fn wake(&self) {
        self.due.notify_one();
    }

    /// Takes a file for one download; false when another one has it.
    fn begin(&self, id: &ChatFileId) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone())
    }

    fn end(&self, id: &ChatFileId) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        self.ended.notify_waiters();
    }

    fn is_running(&self, id: &ChatFileId) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }
}

/// Starts the downloads and the sweep; those that a restart has interrupted
/// begin again.
pub(crate) fn start(core: &Core) {
    let kept = core.clone();
    core.spawn(async move {
        let stopping = kept.stopping();
        let interrupted = kept
            .store()
            .write(|w| Box::pin(async move { Ok::<_, Error>(w.server().release_chat_files().await?) }))
            .await;
        if let Err(error) = interrupted {
            tracing::warn!(%error, "interrupted downloads wait until their claim ends");
        }
        loop {
            if let Err(error) = begin_due(&kept).await {
                tracing::warn!(%error, "received files could not be looked for");
            }
            if let Err(error) = sweep(&kept).await {
                tracing::warn!(%error, "expired files could not be removed; it is tried again later");
            }
            tokio::select! {
                () = kept.chat_files().due.notified() => {}
                () = tokio::time::sleep(EVERY) => {}
                () = stopping.cancelled() => return,
            }
        }
    });
}

/// Begins as many due downloads as there is room for.
async fn begin_due(core: &Core) -> Result<()> {
    let room = i64::try_from(core.chat_files().room.available_permits()).unwrap_or(0);
    let online: Vec<String> = core.sessions().all_online().iter().map(ToString::to_string).collect();
    if room == 0 || online.is_empty() {
        return Ok(());
    }
    let due = core.store().read().await?.server().due_chat_files(core.now(), &online, room).await?;
    for row in due {
        if row.size.is_some_and(|size| u64::try_from(size).unwrap_or(0) > core.settings().chat_files.automatic) {
            leave(core, row).await?;
        } else {
            begin(core, row).await?;
        }
    }
    Ok(())
}

/// Too large to be fetched unasked.
async fn leave(core: &Core, row: ChatFileRow) -> Result<()> {
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let left = ChatFileRow { next_attempt_at: None, ..row };
                Ok::<_, Error>(w.account(&left.account_id).update_chat_file(&left).await?)
            })
        })
        .await
}

/// Claims a file and fetches it in a task of its own; nothing happens when that
/// is under way already.
pub(super) async fn begin(core: &Core, row: ChatFileRow) -> Result<()> {
    let Some(link) = core.sessions().online(&row.device_id) else { return Ok(()) };
    if !core.chat_files().begin(&row.id) {
        return Ok(());
    }
    let claimed = ChatFileRow {
        status: "fetching".to_owned(),
        next_attempt_at: Some(core.now() + CLAIM),
        attempts: row.attempts + 1,
        ..row
    };
    let written = claimed.clone();
    let claim = core
        .store()
        .write(move |w| {
            Box::pin(async move { Ok::<_, Error>(w.account(&written.account_id).update_chat_file(&written).await?) })
        })
        .await;
    if let Err(error) = claim {
        core.chat_files().end(&claimed.id);
        return Err(error);
    }
    let (task, id) = (core.clone(), claimed.id.clone());
    // The claim of one that is cut short is released at the next start.
    let ending = core.stopping().cancelled_owned();
    let running: BoxFuture<'static, ()> = Box::pin(run(core.clone(), claimed, link));
    core.spawn(async move {
        futures_util::future::select(running, Box::pin(ending)).await;
        task.chat_files().end(&id);
        task.chat_files().wake();
    });
    Ok(())
}

/// Whether somebody fetches it now.
pub(super) fn is_running(core: &Core, id: &ChatFileId) -> bool {
    core.chat_files().is_running(id)
}

async fn run(core: Core, row: ChatFileRow, link: Arc<dyn Link>) {
    let Ok(_room) = core.chat_files().room.clone().acquire_owned().await else { return };
    let fetching: BoxFuture<'static, _> = Box::pin(fetch(core.clone(), row.clone(), link));
    let fetched = match tokio::time::timeout(PATIENCE, fetching).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::Again("it took too long".to_owned())),
    };
    if let Err(failure) = &fetched {
        tracing::info!(device = %row.device_id, file = %row.id, ?failure, "a file was not fetched");
    }
    if let Err(error) = settle(&core, row, fetched).await {
        tracing::error!(%error, "a download's end could not be written; it is tried again");
    }
}

/// Why a file is not here.
#[derive(Debug)]
enum Failure {
    /// Nothing was tried.
    Offline,
    /// It may come yet.
    Again(String),
    /// It never will.
    Gone(String),
    /// It is larger than may be.
    TooLarge,
}

impl From<NetworkError> for Failure {
    fn from(error: NetworkError) -> Self {
        match error {
            NetworkError::Unreachable(_) | NetworkError::NotLinked | NetworkError::Closed => Self::Offline,
            NetworkError::Gone(why) | NetworkError::Invalid(why) => Self::Gone(why),
            NetworkError::TooLarge { .. } => Self::TooLarge,
            other => Self::Again(other.to_string()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.kind == Kind::TooLarge { Self::TooLarge } else { Self::Again(error.message) }
    }
}

async fn fetch(core: Core, row: ChatFileRow, link: Arc<dyn Link>) -> Result<NewBlob, Failure> {
    let most = core.settings().chat_files.most;
    let mut reading = core.store().read().await.map_err(Error::from)?;
    let mut scope = reading.account(&row.account_id);
    let raw = scope.chat_message_raw(&row.device_id, row.message).await.map_err(Error::from)?;
    drop(reading);
    let raw = raw.ok_or_else(|| Failure::Gone("the message was not kept whole".to_owned()))?;
    let target = Target {
        id: row.wa_id.clone(),
        chat: row.chat.parse().map_err(Error::internal)?,
        author: row.author.parse().map_err(Error::internal)?,
        from_me: row.flow == "outbound",
    };
    let file = core.blobs().scratch().await.map_err(Error::from)?;
    link.download(&target, &raw, file.path(), most).await?;
    let mut bytes = tokio::fs::File::open(file.path()).await.map_err(Error::internal)?;
    Ok(blobs::put(&core, &row.account_id, "received", &mut bytes, most).await?)
}

/// A file turned out to be here already; the row as it is then.
pub(super) async fn is_here(core: &Core, row: &ChatFileRow, blob: NewBlob) -> Result<Option<ChatFileRow>> {
    let (now, keep) = (core.now(), keep(core));
    let (account, device, id) = (row.account_id.clone(), row.device_id.clone(), row.id.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&account);
                let Some(mut row) = scope.chat_file(&device, &id).await? else { return Ok(None) };
                if row.status != "available" {
                    scope.adopt_blob(&blob.key).await?;
                    arrived(&mut row, blob, now, keep);
                    scope.update_chat_file(&row).await?;
                    tell(w, &row, now).await?;
                }
                Ok::<_, Error>(Some(row))
            })
        })
        .await
}

/// How long a file is kept here.
fn keep(core: &Core) -> Millis {
    i64::try_from(core.settings().chat_files.keep.as_millis()).unwrap_or(i64::MAX / 2)
}

fn arrived(row: &mut ChatFileRow, blob: NewBlob, now: Millis, keep: Millis) {
    "available".clone_into(&mut row.status);
    (row.error_code, row.error) = (None, None);
    row.size = i64::try_from(blob.size).ok();
    row.sha2 = Some(blob.sha2());
    row.blob = Some(blob.key);
    row.next_attempt_at = None;
    row.fetched_at = Some(now);
    row.expires_at = Some(now + keep);
}

/// Writes how a download has ended, unless the file was given up meanwhile.
async fn settle(core: &Core, row: ChatFileRow, fetched: Result<NewBlob, Failure>) -> Result<()> {
    let now = core.now();
    let keep = keep(core);
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&row.account_id);
                let known = scope.chat_file(&row.device_id, &row.id).await?;
                let Some(mut row) = known.filter(|known| known.status == "fetching") else { return Ok(()) };
                (row.error_code, row.error) = (None, None);
                match fetched {
                    Ok(blob) => {
                        scope.adopt_blob(&blob.key).await?;
                        arrived(&mut row, blob, now, keep);
                    }
                    Err(failure) => failed(&mut row, failure, now),
                }
                scope.update_chat_file(&row).await?;
                if matches!(row.status.as_str(), "available" | "unavailable" | "failed") {
                    tell(w, &row, now).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await
}

fn failed(row: &mut ChatFileRow, failure: Failure, now: Millis) {
    let (status, again, code, why) = match failure {
        Failure::Offline => {
            row.attempts = (row.attempts - 1).max(0);
            ("new", Some(now + OFFLINE), "session:offline", "The number is not online.".to_owned())
        }
        Failure::Again(why) if row.attempts < TRIES => {
            let doubled = FIRST_GAP << row.attempts.clamp(1, 16).saturating_sub(1);
            ("new", Some(now + doubled.min(LAST_GAP)), "file:not_fetched", format!("{why}."))
        }
        Failure::Again(why) => ("failed", None, "file:not_fetched", format!("{why}.")),
        Failure::Gone(why) => ("unavailable", None, "file:unavailable", format!("WhatsApp has it no more: {why}.")),
        Failure::TooLarge => ("failed", None, "file:too_large", "It is larger than this server takes.".to_owned()),
    };
    status.clone_into(&mut row.status);
    row.next_attempt_at = again;
    row.error_code = Some(code.to_owned());
    row.error = Some(why);
}

/// Tells that a message's file is here, or will not come.
async fn tell(w: &mut Writing, row: &ChatFileRow, now: Millis) -> Result<()> {
    let mut scope = w.account(&row.account_id);
    let Some(device) = scope.device(&row.device_id).await? else { return Ok(()) };
    let Some(message) = scope.chat_messages_by_seq(&device.id, &[row.message]).await?.pop() else { return Ok(()) };
    let view = chat_messages::show_one(&mut scope, &device, message, Parts::EVENT).await?;
    let mut data = serde_json::to_value(view).map_err(Error::internal)?;
    data["update"] = json!({ "type": "media", "status": row.status, "error": row.error, "date": iso(now) });
    let change = Change {
        event: "message:update",
        object: "message",
        object_id: row.wa_id.clone(),
        lane: events::lane(&device.id, &row.chat),
        data,
    };
    events::append(w, &row.account_id, Some(&DeviceRef::of(&device)), change, now).await?;
    Ok(())
}

/// Removes files that were kept long enough, and those of deleted messages.
async fn sweep(core: &Core) -> Result<()> {
    let now = core.now();
    loop {
        let expired = core.store().read().await?.server().expired_chat_files(now, SWEPT).await?;
        if expired.is_empty() || core.stopping().is_cancelled() {
            return Ok(());
        }
        core.store()
            .write(move |w| {
                Box::pin(async move {
                    for mut row in expired {
                        let mut scope = w.account(&row.account_id);
                        if let Some(key) = row.blob.take() {
                            scope.doom_blob(&key, now).await?;
                        }
                        if row.status == "available" {
                            "expired".clone_into(&mut row.status);
                        }
                        row.expires_at = None;
                        scope.update_chat_file(&row).await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await?;
    }
}
