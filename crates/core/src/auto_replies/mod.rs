//! Auto replies: what a number answers by itself, in the transaction that
//! receives what is answered, through the ordinary queue.
//!
//! [`settings`] is what can be set, [`change`] how, [`rules`] which reply answers what. Of each
//! kind a chat remembers when it last got one: a message that comes again after
//! a crash finds either no trace of itself, or its answer in the queue.
//! Answered are people alone, never groups or channels, nor what this number
//! itself has written from elsewhere, nor its phone's history.

mod change;
mod rules;
mod settings;

use std::time::Duration;

use sparkbot_store::Writing;
use sparkbot_store::rows::{AutoReplyRow, ChatMessageRow, ChatRow, DeviceRow, UserFilter};

use self::rules::{Kind, Written};
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::{Millis, Ring};
use crate::outbound::{self, Automatic};
use crate::team;

pub use change::{AutoRepliesChange, AwayChange, BusyChange, CallReplyChange, WelcomeChange};
pub use settings::{AutoReplies, Away, Busy, CallReply, TARGETS, Welcome};

/// A reply that could not leave within an hour answers nobody any more.
const LIFE: Millis = 3_600_000;
/// People who are looked at to see whether somebody is there.
const PEOPLE: i64 = 500;
/// No rule looks back further.
const KEPT: Millis = 366 * 24 * 3_600_000;
/// How often what is older is forgotten.
const SWEPT: Duration = Duration::from_secs(3600);

/// A person has written: puts an answer into the queue, if a rule has one.
/// Whether it did. `before` is the chat as it was.
pub(crate) async fn written(
    w: &mut Writing,
    device: &DeviceRow,
    before: Option<&ChatRow>,
    message: &ChatMessageRow,
    now: Millis,
) -> Result<bool> {
    let replies = AutoReplies::of(device)?;
    if !(replies.welcome.active || replies.away.active || replies.busy.active) {
        return Ok(false);
    }
    let closed = rules::closed(&replies, &team::OperativeHours::of(device)?, now);
    let sent = w.account(&device.account_id).auto_replies(&device.id, &message.chat).await?;
    let facts = Written {
        at: message.at,
        now,
        before: before.map(|chat| chat.last_message_at).filter(|at| *at > 0),
        status: before.map_or("active", |chat| chat.status.as_str()),
        assigned: before.is_some_and(|chat| chat.agent.is_some()),
        sent: &sent,
    };
    let Some(kind) = rules::answer(&replies, closed.as_ref(), &facts) else { return Ok(false) };
    if kind == Kind::Busy && somebody_is_there(w, device, &message.chat, now).await? {
        return Ok(false);
    }
    reply(w, device, &replies, kind, (&message.chat, &message.wa_id), now).await
}

/// Somebody calls, or has called while the number was away: answers once, and
/// lets it ring no more if that is wanted.
///
/// # Errors
/// As the database answers.
pub(crate) async fn called(core: &Core, account: &AccountId, device: &DeviceId, ring: Ring) -> Result<()> {
    let (owner, id, call, now) = (account.clone(), device.clone(), ring.clone(), core.now());
    let (reject, queued) = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&owner).device(&id).await?.ok_or_else(|| not_found(&id))?;
                let replies = AutoReplies::of(&device)?;
                if !replies.call.active {
                    return Ok((false, false));
                }
                let sent = w.account(&owner).auto_replies(&id, call.from.as_str()).await?;
                let mut queued = false;
                if rules::answers_call(&sent, &call.id, call.at, now) {
                    let to = (call.from.as_str(), call.id.as_str());
                    queued = reply(w, &device, &replies, Kind::Call, to, now).await?;
                }
                Ok::<_, Error>((replies.call.reject, queued))
            })
        })
        .await?;
    if queued {
        wake(core, device, ring.from.as_str());
    }
    if reject && ring.ringing {
        // Not here: the link waits for its observer.
        let (core, device) = (core.clone(), device.clone());
        core.clone().spawn(async move {
            let Some(link) = core.sessions().online(&device) else { return };
            if let Err(error) = link.reject_call(&ring).await {
                tracing::warn!(device = %device, %error, "a call could not be rejected");
            }
        });
    }
    Ok(())
}

/// A reply is in the queue.
pub(crate) fn wake(core: &Core, device: &DeviceId, chat: &str) {
    metrics::counter!("sparkbot_auto_replies_total").increment(1);
    core.queues().grown(device);
    core.sessions().wake_for(device, chat);
}

/// Puts a reply into the queue and remembers it; false when the queue takes none,
/// or there is nothing to say.
async fn reply(
    w: &mut Writing,
    device: &DeviceRow,
    replies: &AutoReplies,
    kind: Kind,
    (chat, cause): (&str, &str),
    now: Millis,
) -> Result<bool> {
    let (message, file) = match kind {
        Kind::Welcome => (&replies.welcome.message, &replies.welcome.file),
        Kind::Away => (&replies.away.message, &replies.away.file),
        Kind::Busy => (&replies.busy.message, &replies.busy.file),
        Kind::Call => (&replies.call.message, &replies.call.file),
    };
    let said = Automatic {
        chat: chat.parse().map_err(Error::internal)?,
        message: message.clone(),
        file: file.clone(),
        user: replies.updated_by.clone().unwrap_or_else(|| device.created_by.clone()),
        expires_at: now + LIFE,
    };
    if !outbound::automatic(w, device, said, now).await? {
        return Ok(false);
    }
    let row = AutoReplyRow { kind: kind.word().to_owned(), cause: cause.to_owned(), at: now };
    w.account(&device.account_id).put_auto_reply(&device.id, chat, &row).await?;
    Ok(true)
}

/// Whether whoever looks after the chat is there; for a chat that is nobody's,
/// an agent or supervisor of the number.
async fn somebody_is_there(w: &mut Writing, device: &DeviceRow, chat: &str, now: Millis) -> Result<bool> {
    let mut scope = w.account(&device.account_id);
    let agent = scope.chat(&device.id, chat).await?.and_then(|chat| chat.agent);
    let filter = match agent {
        Some(agent) => UserFilter { ids: vec![agent], size: 1, ..UserFilter::default() },
        None => UserFilter {
            role: vec!["agent".to_owned(), "supervisor".to_owned()],
            status: vec!["active".to_owned()],
            devices: Some(vec![device.id.to_string()]),
            size: PEOPLE,
            ..UserFilter::default()
        },
    };
    for person in scope.users(&filter).await? {
        if team::state_of(&person, now)? == "online" {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Forgets replies that no rule looks back to.
pub(crate) fn start_housekeeping(core: &Core) {
    let kept = core.clone();
    core.spawn(async move {
        let stopping = kept.stopping();
        loop {
            let before = kept.now() - KEPT;
            let gone = kept
                .store()
                .write(move |w| {
                    Box::pin(async move { w.server().forget_auto_replies(before).await.map_err(Error::from) })
                })
                .await;
            if let Err(error) = gone {
                tracing::warn!(%error, "old automatic replies could not be forgotten; it is tried again later");
            }
            tokio::select! {
                () = tokio::time::sleep(SWEPT) => {}
                () = stopping.cancelled() => return,
            }
        }
    });
}
