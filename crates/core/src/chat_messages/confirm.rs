//! Carries edits and deletions to WhatsApp. Each is written down before it is
//! sent, and taken off once WhatsApp has confirmed or refused it: a crash or a
//! lost answer in between means that it is sent again, under the same id, which
//! receivers know and drop.

use std::time::Duration;

use bytes::Bytes;
use rand::RngExt;
use sparkbot_store::rows::{ChatChangeRow, ChatMessageRow, DeviceRow};

use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Kind, Result};
use crate::ids::DeviceId;
use crate::inbox::{self, Mark};
use crate::network::status::StatusPost;
use crate::network::{Change, Content, Link, Millis, NetworkError, Outgoing, Target};
use crate::statuses;

/// How long WhatsApp has to confirm before the caller is told that it has not.
const PATIENCE: Duration = Duration::from_secs(30);
/// When one that was not confirmed is sent again.
const AGAIN: Millis = 5_000;
/// How often it is looked for some.
const EVERY: Duration = Duration::from_secs(3);
/// Sent again at once, at most.
const AT_ONCE: i64 = 32;

/// Writes a change down, sends it, and writes its effect.
///
/// # Errors
/// What WhatsApp refuses; `message:unconfirmed` when it does not answer, and
/// the change is then sent again by itself.
pub(super) async fn carry_out(
    core: &Core,
    device: &DeviceRow,
    message: &ChatMessageRow,
    body: Option<String>,
    life: Millis,
) -> Result<()> {
    let link = core
        .sessions()
        .online(&device.id)
        .ok_or_else(|| crate::sessions::offline(&device.id, &device.session_status))?;
    let now = core.now();
    let patience = i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX);
    let change = ChatChangeRow {
        id: fresh_id(),
        account_id: device.account_id.clone(),
        device_id: device.id.clone(),
        chat: message.chat.clone(),
        author: message.author.clone(),
        target: message.wa_id.clone(),
        kind: if body.is_some() { "edit" } else { "revoke" }.to_owned(),
        body,
        created_at: now,
        // This request tries first.
        next_attempt_at: now + patience + AGAIN,
        expires_at: now + life,
    };
    let (account, noted) = (device.account_id.clone(), change.clone());
    core.store()
        .write(move |w| Box::pin(async move { Ok::<_, Error>(w.account(&account).insert_chat_change(&noted).await?) }))
        .await?;
    attempt(core, &change, &link).await
}

/// A WhatsApp message id: `3EB0` as web clients start theirs, then random.
fn fresh_id() -> String {
    let mut random = [0u8; 9];
    rand::rng().fill(&mut random);
    format!("3EB0{}", hex::encode_upper(random))
}

/// Sends a change once and writes what became of it.
async fn attempt(core: &Core, change: &ChatChangeRow, link: &std::sync::Arc<dyn Link>) -> Result<()> {
    let of = Target {
        id: change.target.clone(),
        chat: change.chat.parse().map_err(Error::internal)?,
        author: change.author.parse().map_err(Error::internal)?,
        from_me: own(core, change).await?,
    };
    let content = match &change.body {
        Some(body) => Content::Edit { of: of.clone(), raw: raw(core, change).await?, body: body.clone() },
        None => Content::Revoke { of: of.clone() },
    };
    let status = if change.chat == statuses::CHAT {
        let audience = statuses::audience(core, &change.account_id, &change.device_id, &change.target).await?;
        Some(StatusPost { audience, look: None })
    } else {
        None
    };
    let outgoing = Outgoing { status, ..Outgoing::new(change.id.clone(), of.chat.clone(), content) };
    let sent = match tokio::time::timeout(PATIENCE, link.send(outgoing)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(NetworkError::Timeout),
    };
    let error = match sent {
        Ok(sent) => return confirmed(core, change, of, sent.at.unwrap_or_else(|| core.now())).await,
        Err(error) => error,
    };
    let refused = matches!(
        error,
        NetworkError::Refused { .. }
            | NetworkError::Invalid(_)
            | NetworkError::NoSuchReceiver(_)
            | NetworkError::Gone(_)
            | NetworkError::TooLarge { .. }
    );
    let (account, id, again) = (change.account_id.clone(), change.id.clone(), core.now() + AGAIN);
    core.store()
        .write(move |w| {
            Box::pin(async move {
                if refused {
                    w.account(&account).delete_chat_change(&id).await?;
                } else {
                    w.server().postpone_chat_change(&id, again).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await?;
    let what = if change.kind == "edit" { "edit" } else { "deletion" };
    if refused {
        return Err(Error::conflict("message:refused", format!("WhatsApp did not take the {what}: {error}.")));
    }
    Err(Error::new(
        Kind::Unavailable,
        "message:unconfirmed",
        format!("WhatsApp has not confirmed the {what} yet: {error}."),
    )
    .hint("It is sent again by itself; look at the message to see when it has taken effect.")
    .after(Duration::from_secs(5)))
}

async fn own(core: &Core, change: &ChatChangeRow) -> Result<bool> {
    let device = core.store().read().await?.account(&change.account_id).device(&change.device_id).await?;
    Ok(device.and_then(|device| device.wid).is_some_and(|wid| wid == change.author))
}

async fn raw(core: &Core, change: &ChatChangeRow) -> Result<Option<Bytes>> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&change.account_id);
    let rows = scope.chat_messages_under(&change.device_id, &change.chat, &change.target).await?;
    let Some(row) = rows.into_iter().find(|row| row.author == change.author) else { return Ok(None) };
    Ok(scope.chat_message_raw(&change.device_id, row.seq).await?.map(Bytes::from))
}

/// WhatsApp has it: the effect is written, and the note taken off.
async fn confirmed(core: &Core, change: &ChatChangeRow, of: Target, at: Millis) -> Result<()> {
    let (change, now) = (change.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&change.account_id);
                if scope.chat_change(&change.id).await?.is_none() {
                    return Ok(());
                }
                scope.delete_chat_change(&change.id).await?;
                let device = scope.device(&change.device_id).await?.ok_or_else(|| not_found(&change.device_id))?;
                let effect = match change.body {
                    Some(body) => Change::Edit(Some(body)),
                    None => Change::Revoke,
                };
                match Mark::ours(&of, &effect, &device, &change.id, at) {
                    Some(mark) => inbox::put(w, &device, mark, now).await,
                    None => Ok(()),
                }
            })
        })
        .await
}

/// Sends changes again that were not confirmed; those of before a restart too.
pub(crate) fn start(core: &Core) {
    let core = core.clone();
    let stopping = core.stopping();
    core.clone().spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stopping.cancelled() => return,
            }
            if let Err(error) = again(&core).await {
                tracing::warn!(error = %error, "edits and deletions could not be looked for");
            }
        }
    });
}

async fn again(core: &Core) -> Result<()> {
    let now = core.now();
    let due = core.store().read().await?.server().due_chat_changes(now, AT_ONCE).await?;
    for change in due {
        if change.expires_at <= now {
            tracing::warn!(device = %change.device_id, kind = change.kind, "a change of a message was never confirmed");
            let (account, id) = (change.account_id.clone(), change.id.clone());
            core.store()
                .write(move |w| {
                    Box::pin(async move { Ok::<_, Error>(w.account(&account).delete_chat_change(&id).await?) })
                })
                .await?;
            continue;
        }
        match core.sessions().online(&change.device_id) {
            Some(link) => {
                if let Err(error) = attempt(core, &change, &link).await {
                    tracing::info!(device = %change.device_id, error = %error, "a change of a message waits");
                }
            }
            None => put_off(core, &change.device_id, change.id.clone(), now + AGAIN).await?,
        }
    }
    Ok(())
}

async fn put_off(core: &Core, device: &DeviceId, id: String, until: Millis) -> Result<()> {
    tracing::debug!(%device, "a change of a message waits for its number");
    core.store()
        .write(move |w| Box::pin(async move { Ok::<_, Error>(w.server().postpone_chat_change(&id, until).await?) }))
        .await
}
