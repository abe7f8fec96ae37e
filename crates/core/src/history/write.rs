//! Parts of a history become chats, messages and contacts.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::json;
use sparkbot_store::rows::{DeviceRow, HistoryPartRow};
use sparkbot_store::{Store, Writing};
use tokio_util::sync::CancellationToken;

use super::Answered;
use crate::app::Core;
use crate::clock::iso;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::events::{self, Change};
use crate::ids::{AccountId, DeviceId};
use crate::inbox::{self, Limits};
use crate::network::{
    HistoryKind, HistoryPiece, HistoryReading, HistorySink, Link, Millis, NetworkError, ObserverError,
};
use crate::sessions::Running;
use crate::views::DeviceRef;

/// Messages written in one transaction: few enough that others hardly wait.
const PIECE: usize = 200;
/// A part that can't be read so often is given up.
const TRIES: i64 = 5;
/// Pause after a failure.
const PAUSE: Duration = Duration::from_secs(2);
const DAY: Millis = 86_400_000;

/// Writes the parts of a number as they come, until its link is closed.
pub(crate) async fn write_all(core: Core, number: Arc<Running>, link: Arc<dyn Link>, stop: CancellationToken) {
    loop {
        let wait = match next(&core, &number, &*link).await {
            Ok(true) => continue,
            Ok(false) => None,
            Err(error) => {
                tracing::warn!(device = %number.device, %error, "history could not be written; it is tried again");
                Some(PAUSE)
            }
        };
        let pause = async {
            match wait {
                Some(pause) => tokio::time::sleep(pause).await,
                None => number.past.notified().await,
            }
        };
        tokio::select! {
            () = pause => {}
            () = stop.cancelled() => return,
        }
        if stop.is_cancelled() {
            return;
        }
    }
}

/// Writes the next part; false when there is none.
async fn next(core: &Core, number: &Running, link: &dyn Link) -> Result<bool> {
    let part = core.store().read().await?.account(&number.account).next_history_part(&number.device).await?;
    let Some(mut part) = part else { return Ok(false) };
    let packed = Bytes::from(std::mem::take(&mut part.packed));
    let kind = HistoryKind::read(&part.kind);
    let settings = core.settings().history;
    // What was asked for is taken as it comes.
    let asked = part.request.is_some();
    let days = Millis::from(settings.days);
    let how = HistoryReading {
        skip: usize::try_from(part.done).unwrap_or(0),
        piece: PIECE,
        since: (days > 0 && !asked).then(|| core.now() - days * DAY),
    };
    let limits = Limits {
        per_chat: if asked { 0 } else { i64::from(settings.messages_per_chat) },
        unread: kind == HistoryKind::Initial,
    };
    let mut pen = Pen {
        store: core.store().clone(),
        account: number.account.clone(),
        device: number.device.clone(),
        part: part.seq,
        limits,
        now: core.now(),
        messages: 0,
        chats: 0,
    };
    match link.read_history(packed, how, &mut pen).await {
        Ok(()) => {}
        Err(NetworkError::Invalid(why)) => {
            tracing::error!(device = %number.device, %why, "a part of the history can't be read; it is left out");
        }
        Err(error) => {
            let tries = failed(core, number, part.seq).await?;
            if tries < TRIES {
                return Err(Error::internal(error));
            }
            tracing::error!(device = %number.device, %error, "a part of the history can't be written; it is left out");
        }
    }
    metrics::counter!("sparkbot_history_messages_total").increment(u64::try_from(pen.messages).unwrap_or(0));
    finish(core, number, &part, &pen).await?;
    if let Some(request) = part.request {
        let answered = Answered { device: number.device.clone(), request, messages: pen.messages };
        // Nobody may wait for it any more.
        drop(core.histories().answered.send(answered));
    }
    Ok(true)
}

async fn failed(core: &Core, number: &Running, part: i64) -> Result<i64> {
    let account = number.account.clone();
    let write = core
        .store()
        .write(move |w| Box::pin(async move { Ok::<_, Error>(w.account(&account).fail_history_part(part).await?) }));
    write.await
}

/// Forgets a part, and tells how far the history is.
async fn finish(core: &Core, number: &Running, part: &HistoryPartRow, pen: &Pen) -> Result<()> {
    let (account, device, seq, now) = (number.account.clone(), number.device.clone(), part.seq, core.now());
    let progress = json!({
        "kind": part.kind, "part": part.place, "progress": part.progress, "chats": pen.chats, "messages": pen.messages,
    });
    let told = part.request.is_none() && matches!(part.kind.as_str(), "initial" | "recent" | "full");
    core.store()
        .write(move |w| {
            Box::pin(async move {
                w.account(&account).delete_history_part(seq).await?;
                let row = w.account(&account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                if told {
                    tell(w, &row, progress, now).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await
}

async fn tell(w: &mut Writing, row: &DeviceRow, progress: serde_json::Value, now: Millis) -> Result<()> {
    let data = json!({
        "id": row.id, "alias": row.alias, "phone": row.phone, "wid": row.wid, "status": row.status,
        "session": { "status": row.session_status },
        "change": "history",
        "message": "A part of the phone's history is in the inbox.",
        "history": progress,
        "date": iso(now),
    });
    let change = Change {
        event: "number:session",
        object: "device",
        object_id: row.id.to_string(),
        lane: row.id.to_string(),
        data,
    };
    events::append(w, &row.account_id, Some(&DeviceRef::of(row)), change, now).await?;
    Ok(())
}

/// Writes the pieces of one part.
struct Pen {
    store: Store,
    account: AccountId,
    device: DeviceId,
    part: i64,
    limits: Limits,
    now: Millis,
    messages: i64,
    chats: i64,
}

#[async_trait]
impl HistorySink for Pen {
    async fn take(&mut self, piece: HistoryPiece) -> Result<(), ObserverError> {
        self.chats += i64::from(matches!(&piece, HistoryPiece::Chat(chat) if chat.ends));
        let written = self.put(piece).await.map_err(|error| ObserverError(error.to_string()))?;
        self.messages += written;
        Ok(())
    }
}

impl Pen {
    async fn put(&self, piece: HistoryPiece) -> Result<i64> {
        let (account, device, part) = (self.account.clone(), self.device.clone(), self.part);
        let (limits, now) = (self.limits, self.now);
        self.store
            .write(move |w| {
                Box::pin(async move {
                    let row = w.account(&account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                    match piece {
                        HistoryPiece::Chat(chat) => {
                            let done = i64::try_from(chat.place + usize::from(chat.ends)).unwrap_or(i64::MAX);
                            if !w.account(&account).advance_history_part(part, done).await? {
                                // The chats were deleted meanwhile, and the history with them.
                                return Ok(0);
                            }
                            inbox::past(w, &row, *chat, limits, now).await
                        }
                        HistoryPiece::People(people) => {
                            for person in &people {
                                inbox::person(w, &row, person, now).await?;
                            }
                            Ok(0)
                        }
                    }
                })
            })
            .await
    }
}
