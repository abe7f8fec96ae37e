//! What people do with webhooks.
//!
//! Every change pauses the deliveries of the webhook first, so that what they
//! have in hand is written before the change and nothing old is sent after it.

use std::time::Duration;

use sparkbot_store::rows::{IdempotencyRow, WebhookFilter, WebhookRow};
use sparkbot_store::{Store, Writing};

use super::{NewWebhook, Replay, WebhookChanges, rules, secrets};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::events::is_truncated;
use crate::ids::{AccountId, WebhookId};
use crate::keys::{Caller, Scope};
use crate::page::{Page, Slice};
use crate::views::{Webhook, WebhookLog, WebhookWithSecret};

/// Requests under way get so long before a change; a longer one may come twice.
const GRACE: Duration = Duration::from_secs(1);

/// A page of webhooks, oldest first.
///
/// # Errors
/// Without the scope `webhooks:read`.
pub async fn list(core: &Core, caller: &Caller, filter: WebhookFilter) -> Result<Page<Webhook>> {
    caller.need(Scope::WebhooksRead)?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let total = scope.count_webhooks(&filter).await?;
    let rows = scope.webhooks(&filter).await?;
    let items = rows.iter().map(|row| view(core.store(), row)).collect::<Result<_>>()?;
    Ok(Page { items, total })
}

/// One webhook.
///
/// # Errors
/// `webhook:notfound`.
pub async fn get(core: &Core, caller: &Caller, id: &WebhookId) -> Result<Webhook> {
    caller.need(Scope::WebhooksRead)?;
    let row = core.store().read().await?.account(&caller.account).webhook(id).await?;
    view(core.store(), &row.ok_or_else(|| unknown(id))?)
}

/// Makes a webhook; it gets events from now on.
///
/// # Errors
/// For a bad URL, unknown event, foreign device; 409 when the same URL with the same device is there.
pub async fn create(core: &Core, caller: &Caller, new: NewWebhook) -> Result<WebhookWithSecret> {
    caller.need(Scope::WebhooksWrite)?;
    let name = rules::name(&new.name)?;
    let url = rules::url(core, &new.url)?;
    let events = rules::events(&new.events)?;
    rules::headers(&new.headers)?;
    let secret = rules::secret(new.secret)?;
    let now = core.now();
    let id = WebhookId::new(now);
    let sealer = core.store().sealer();
    let row = WebhookRow {
        account_id: caller.account.clone(),
        device_id: None,
        name,
        url,
        events: serde_json::to_string(&events).map_err(Error::internal)?,
        status: "active".to_owned(),
        secret: secrets::seal_secret(sealer, &id, &secret)?,
        headers: secrets::seal_headers(sealer, &id, &new.headers)?,
        position: 0,
        failures: 0,
        created_by: caller.user.to_string(),
        created_at: now,
        updated_at: now,
        failing_since: None,
        last_retry_at: None,
        last_run_at: None,
        last_failure_at: None,
        id,
    };
    let (device, idempotency) = (new.device, new.idempotency);
    let row = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let account = row.account_id.clone();
                if let Some(key) = &idempotency
                    && let Some(made) = w.account(&account).idempotent(&key.key).await?
                {
                    return again(w, &account, &made, &key.fingerprint).await;
                }
                let device_id = rules::device(w, &account, device.as_deref()).await?;
                let row = WebhookRow { device_id, position: w.account(&account).last_event().await?, ..row };
                unique(w, &row).await?;
                let mut scope = w.account(&account);
                scope.insert_webhook(&row).await?;
                if let Some(key) = idempotency {
                    let made = IdempotencyRow { fingerprint: key.fingerprint, resource_id: row.id.to_string() };
                    scope.remember(&key.key, &made, now).await?;
                }
                Ok::<_, Error>(row)
            })
        })
        .await?;
    core.deliveries().changed();
    Ok(WebhookWithSecret {
        webhook: view(core.store(), &row)?,
        secret: secrets::open_secret(core.store().sealer(), &row)?,
    })
}

/// The webhook that an idempotency key has made before.
async fn again(w: &mut Writing, account: &AccountId, made: &IdempotencyRow, fingerprint: &str) -> Result<WebhookRow> {
    if made.fingerprint != fingerprint {
        return Err(Error::conflict(
            "idempotency:mismatch",
            "The Idempotency-Key was used for another request before.",
        )
        .hint("Use a new key for a new request; repeat a request only with the same body."));
    }
    let id: WebhookId = made.resource_id.parse().map_err(Error::internal)?;
    w.account(account).webhook(&id).await?.ok_or_else(|| unknown(&id))
}

/// Refuses a second webhook to the same URL for the same number.
async fn unique(w: &mut Writing, row: &WebhookRow) -> Result<()> {
    match w.account(&row.account_id).webhook_to(&row.url, row.device_id.as_deref()).await? {
        Some(other) if other.id != row.id => Err(Error::conflict(
            "webhook:exists",
            format!(
                "The webhook '{}' ({}) already points to this URL for the same events' source.",
                other.name, other.id
            ),
        )
        .hint("Change that one, or give another URL or device.")
        .with("webhook", other.id.to_string())),
        _ => Ok(()),
    }
}

/// Changes a webhook.
///
/// # Errors
/// As [`create`], and `webhook:notfound`.
pub async fn update(core: &Core, caller: &Caller, id: &WebhookId, changes: WebhookChanges) -> Result<Webhook> {
    caller.need(Scope::WebhooksWrite)?;
    let name = changes.name.as_deref().map(rules::name).transpose()?;
    let url = changes.url.as_deref().map(|url| rules::url(core, url)).transpose()?;
    let events = changes.events.as_deref().map(rules::events).transpose()?;
    let events = events.map(|events| serde_json::to_string(&events)).transpose().map_err(Error::internal)?;
    let headers = match &changes.headers {
        Some(headers) => {
            rules::headers(headers)?;
            Some(secrets::seal_headers(core.store().sealer(), id, headers)?)
        }
        None => None,
    };
    let active = match changes.status.as_deref() {
        None => None,
        Some("active") => Some(true),
        Some("disabled") => Some(false),
        Some(other) => {
            let shown: String = other.chars().take(40).collect();
            return Err(Error::invalid("webhook:status", format!("A webhook can't be set to '{shown}'."))
                .hint("Set it to 'active' or 'disabled'."));
        }
    };
    change(core, caller, id, if active == Some(false) { Duration::ZERO } else { GRACE }, move |w, mut row, now| {
        Box::pin(async move {
            row.name = name.unwrap_or(row.name);
            row.url = url.unwrap_or(row.url);
            row.events = events.unwrap_or(row.events);
            row.headers = headers.unwrap_or(row.headers);
            if let Some(device) = changes.device {
                row.device_id = rules::device(w, &row.account_id, device.as_deref()).await?;
            }
            unique(w, &row).await?;
            match active {
                Some(true) if row.status != "active" => renew(w, &mut row, now).await?,
                Some(false) => "disabled".clone_into(&mut row.status),
                _ => {}
            }
            w.account(&row.account_id).update_webhook(&row).await?;
            Ok(row)
        })
    })
    .await
}

/// Takes a disabled or failed webhook into service again, with what it has missed.
///
/// # Errors
/// `webhook:notfound`.
pub async fn enable(core: &Core, caller: &Caller, id: &WebhookId) -> Result<Webhook> {
    caller.need(Scope::WebhooksWrite)?;
    change(core, caller, id, GRACE, |w, mut row, now| {
        Box::pin(async move {
            renew(w, &mut row, now).await?;
            w.account(&row.account_id).update_webhook(&row).await?;
            Ok(row)
        })
    })
    .await
}

/// Everything owed is tried again as if nothing had failed.
async fn renew(w: &mut Writing, row: &mut WebhookRow, now: i64) -> Result<()> {
    "active".clone_into(&mut row.status);
    row.failures = 0;
    row.failing_since = None;
    w.account(&row.account_id).renew_webhook_retries(&row.id, now).await?;
    Ok(())
}

/// Delivers events again from a point of the log.
///
/// # Errors
/// `webhook:notfound`; for a point that is not given or no longer kept.
pub async fn replay(core: &Core, caller: &Caller, id: &WebhookId, from: Replay) -> Result<Webhook> {
    caller.need(Scope::WebhooksWrite)?;
    let refuse = |message: String| Error::invalid("webhook:replay", message);
    let lost = |point: String| {
        refuse(format!("Not all events since {point} are kept any more."))
            .hint("Give a later point; GET /v1/events shows what is kept.")
    };
    match from {
        Replay { after: Some(after), since: None } => {
            if after < 0 {
                return Err(refuse(format!("The position {after} is negative; the log begins at 0.")));
            }
            let newest = *core.store().last_event().borrow();
            if after > newest {
                return Err(refuse(format!("The position {after} is beyond the newest event, {newest}.")));
            }
            if is_truncated(core, after).await? {
                return Err(lost(format!("position {after}")));
            }
        }
        Replay { after: None, since: Some(since) } => {
            let oldest = core.store().read().await?.server().oldest_event().await?;
            if oldest.is_some_and(|(seq, at)| seq > 1 && since < at) {
                return Err(lost(crate::clock::iso(since)));
            }
        }
        _ => return Err(refuse("Give one point to replay from: a position or a time.".to_owned())),
    }
    change(core, caller, id, GRACE, move |w, row, _| {
        Box::pin(async move {
            let mut scope = w.account(&row.account_id);
            let position = match (from.after, from.since) {
                (Some(after), _) => Some(after),
                (_, Some(since)) => scope.first_event_since(since).await?.map(|seq| seq - 1),
                _ => None,
            };
            if let Some(position) = position {
                scope.replay_webhook(&row.id, position).await?;
            }
            Ok(row)
        })
    })
    .await
}

type Changing<'w> = futures_util::future::BoxFuture<'w, Result<WebhookRow>>;

/// Pauses the deliveries, lets `op` change the row, and goes on with the new one.
async fn change<F>(core: &Core, caller: &Caller, id: &WebhookId, grace: Duration, op: F) -> Result<Webhook>
where
    F: for<'w> FnOnce(&'w mut Writing, WebhookRow, i64) -> Changing<'w> + Send + 'static,
{
    get_row(core, caller, id).await?;
    let paused = core.deliveries().pause(id, grace).await;
    let (account, wanted, now) = (caller.account.clone(), id.clone(), core.now());
    let row = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let row = w.account(&account).webhook(&wanted).await?.ok_or_else(|| unknown(&wanted))?;
                // The time tells workers that they have an old row, and must differ.
                let updated_at = now.max(row.updated_at + 1);
                op(w, WebhookRow { updated_at, ..row }, now).await
            })
        })
        .await?;
    drop(paused);
    view(core.store(), &row)
}

/// Deletes a webhook with its log.
///
/// # Errors
/// `webhook:notfound`.
pub async fn delete(core: &Core, caller: &Caller, id: &WebhookId) -> Result<()> {
    caller.need(Scope::WebhooksWrite)?;
    get_row(core, caller, id).await?;
    let _paused = core.deliveries().pause(id, Duration::ZERO).await;
    let (account, wanted) = (caller.account.clone(), id.clone());
    let done = core
        .store()
        .write(move |w| Box::pin(async move { w.account(&account).delete_webhook(&wanted).await.map_err(Error::from) }))
        .await?;
    if done { Ok(()) } else { Err(unknown(id)) }
}

/// Deliveries, newest first.
///
/// # Errors
/// `webhook:notfound`.
pub async fn logs(core: &Core, caller: &Caller, id: &WebhookId, slice: Slice) -> Result<Page<WebhookLog>> {
    caller.need(Scope::WebhooksRead)?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    scope.webhook(id).await?.ok_or_else(|| unknown(id))?;
    let total = scope.count_deliveries(id).await?;
    let rows = scope.deliveries(id, slice.size, slice.skip).await?;
    Ok(Page { items: rows, total }.map(|row| WebhookLog::of(row, id.as_str())))
}

async fn get_row(core: &Core, caller: &Caller, id: &WebhookId) -> Result<WebhookRow> {
    core.store().read().await?.account(&caller.account).webhook(id).await?.ok_or_else(|| unknown(id))
}

fn view(store: &Store, row: &WebhookRow) -> Result<Webhook> {
    let names = secrets::open_headers(store.sealer(), row)?.into_keys().collect();
    Webhook::of(row, names)
}

fn unknown(id: &WebhookId) -> Error {
    Error::not_found("webhook:notfound", format!("There is no webhook {id}."))
        .hint("List the webhooks with GET /v1/webhooks.")
}
