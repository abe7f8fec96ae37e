//! What a link reports becomes state, history and events.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sparkbot_store::Writing;
use sparkbot_store::rows::DeviceRow;

use super::linking::FINISH;
use super::running::{LiveQr, Running};
use crate::app::Core;
use crate::devices::{not_found, session_event};
use crate::error::{Error, Result};
use crate::network::{CodeEnd, HistoryPart, Observer, ObserverError, Received, Report};
use crate::views::{SessionFacts, SessionState};
use crate::{catalog, channels, contacts, groups, history, inbox, labels, outbound, profile};

/// Gaps between tries to write a report; a link waits 30 s before it reconnects.
const PATIENCE: [Duration; 6] = [
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::ZERO,
];

/// Writes what one number's link reports.
pub(crate) struct SessionObserver {
    core: Core,
    number: Arc<Running>,
}

impl SessionObserver {
    pub(crate) fn new(core: Core, number: Arc<Running>) -> Self {
        Self { core, number }
    }
}

#[async_trait]
impl Observer for SessionObserver {
    async fn received(&self, batch: Vec<Received>) -> Result<(), ObserverError> {
        inbox::ingest(&self.core, &self.number.account, &self.number.device, batch)
            .await
            .map_err(|error| ObserverError(error.to_string()))
    }

    async fn history(&self, part: HistoryPart) -> Result<(), ObserverError> {
        history::keep(&self.core, &self.number, part).await.map_err(|error| ObserverError(error.to_string()))
    }

    async fn report(&self, report: Report) {
        // WhatsApp is told that we know only after this returns: what can't be
        // written now is tried again for as long as the link waits.
        for wait in PATIENCE {
            match self.note(report.clone()).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::error!(device = %self.number.device, error = %error, "a report could not be written");
                }
            }
            tokio::time::sleep(wait).await;
        }
    }
}

impl SessionObserver {
    async fn note(&self, report: Report) -> Result<()> {
        let now = self.core.now();
        match report {
            Report::Connecting => {
                if !matches!(self.number.now().state, SessionState::Authorize | SessionState::Authorizing) {
                    self.settle(SessionState::Loading, "connecting", "Connecting to WhatsApp.", |_, _| {}).await?;
                }
                Ok(())
            }
            Report::Qr { data, attempt, expires_in } => {
                let expires_at = now + i64::try_from(expires_in.as_millis()).unwrap_or(0);
                let first = self.number.now().state != SessionState::Authorize;
                if first {
                    let text = "Waiting to be linked by code or QR.";
                    self.settle(SessionState::Authorize, "authorize", text, |_, _| {}).await?;
                }
                self.number.change(|live| live.qr = Some(LiveQr { data, attempt, expires_at }));
                Ok(())
            }
            Report::QrExhausted => {
                self.number.change(|live| live.qr = None);
                // An open link without a QR or code waits for nothing.
                let (core, number) = (self.core.clone(), self.number.clone());
                self.core.spawn(async move {
                    let _turn = number.turn.lock().await;
                    let live = number.now();
                    let code_alive = live.code.as_ref().is_some_and(|code| code.expires_at > core.now());
                    if live.qr.is_none() && !code_alive && live.state == SessionState::Authorize {
                        number.close().await;
                    }
                });
                Ok(())
            }
            Report::Authorizing => {
                let text = "The phone has answered; the number is being linked.";
                self.settle(SessionState::Authorizing, "authorizing", text, |_, _| {}).await?;
                self.expect_the_phone_to_finish();
                Ok(())
            }
            Report::CodeEnded { why } => {
                self.number.change(|live| live.code = None);
                let (event, text) = match why {
                    CodeEnd::Expired => ("code_expired", "The authentication code has expired unused."),
                    CodeEnd::Refused => ("code_refused", "The phone or WhatsApp has refused the authentication code."),
                    CodeEnd::Replaced => ("code_replaced", "The authentication code was replaced by another."),
                };
                self.settle(SessionState::Authorize, event, text, |_, facts| facts.code_expires_at = None).await
            }
            Report::Linked { phone, wid, lid, push_name, .. } => {
                self.number.change(|live| {
                    live.code = None;
                    live.qr = None;
                });
                crate::chats::linked(&self.core, &self.number.account, &self.number.device, &phone).await?;
                let text = "The number is linked; keys and settings are being fetched.";
                self.settle(SessionState::Loading, "linked", text, move |row, facts| {
                    facts.new_number = row.phone.as_deref().is_some_and(|before| before != phone.as_str());
                    facts.linked_at = Some(now);
                    facts.code_expires_at = None;
                    facts.error = None;
                    row.phone = Some(phone.to_string());
                    row.wid = Some(wid.to_string());
                    row.lid = lid.map(String::from);
                    row.push_name = push_name.or(row.push_name.take());
                    row.status = "authorized".to_owned();
                })
                .await?;
                groups::linked(&self.core, &self.number.account, &self.number.device).await?;
                channels::linked(&self.core, &self.number.account, &self.number.device).await
            }
            Report::LinkFailed { reason } => {
                self.number.change(|live| live.code = None);
                let text = format!("Linking failed: {reason}.");
                let shown = text.clone();
                self.settle(SessionState::Authorize, "link_failed", &text, move |_, facts| facts.error = Some(shown))
                    .await
            }
            Report::PasskeyRequired => {
                let text = super::running::passkey().message;
                let shown = text.clone();
                self.settle(SessionState::Authorize, "passkey_required", &text, move |_, facts| {
                    facts.error = Some(shown);
                })
                .await
            }
            Report::Loading => {
                self.settle(SessionState::Loading, "loading", "Logged in; fetching keys and settings.", |_, _| {}).await
            }
            Report::Online { phone, push_name } => {
                self.settle(SessionState::Online, "online", "The number is online.", move |row, facts| {
                    facts.online_at = Some(now);
                    facts.synced_at = Some(now);
                    facts.error = None;
                    facts.code_expires_at = None;
                    row.wid.get_or_insert_with(|| crate::wid::Wid::user(&phone).to_string());
                    row.phone = Some(phone.to_string());
                    row.push_name = push_name.or(row.push_name.take());
                    row.status = "operative".to_owned();
                })
                .await?;
                self.number.fresh.everything();
                self.number.wake.notify_one();
                groups::sync_soon(&self.core, &self.number.account, &self.number.device);
                channels::online(&self.core, &self.number.account, &self.number.device);
                profile::online(&self.core, &self.number.account, &self.number.device).await?;
                contacts::catch_up(&self.core, &self.number.account, &self.number.device);
                crate::chats::online(&self.core, &self.number.account, &self.number.device).await
            }
            Report::Offline { reason, .. } => {
                let linked = matches!(
                    self.number.now().state,
                    SessionState::Online | SessionState::Loading | SessionState::Timeout
                );
                if linked {
                    let text = format!("The connection to WhatsApp is gone ({reason}); it is being re-established.");
                    self.settle(SessionState::Timeout, "timeout", &text, |_, _| {}).await?;
                }
                Ok(())
            }
            Report::Unlinked { reason } => {
                let text = format!("The number was unlinked ({reason}); it must be linked again.");
                let shown = text.clone();
                self.settle(SessionState::Authorize, "unlinked", &text, move |row, facts| {
                    row.wid = None;
                    row.lid = None;
                    row.status = "pending".to_owned();
                    facts.error = Some(shown);
                    facts.online_at = None;
                })
                .await?;
                self.end_link(true);
                Ok(())
            }
            Report::Replaced => {
                let text = "Another client has taken this session over.";
                self.settle(SessionState::Conflict, "conflict", text, move |_, facts| {
                    facts.error = Some(text.to_owned());
                })
                .await?;
                self.end_link(false);
                Ok(())
            }
            Report::Banned { reason, expires_in, .. } => {
                let until =
                    expires_in.map_or_else(String::new, |d| format!(" for {} minutes", d.as_secs().div_ceil(60)));
                let text = format!("WhatsApp has banned the number{until}: {reason}.");
                let shown = text.clone();
                let ends = expires_in.map(|d| now.saturating_add(i64::try_from(d.as_millis()).unwrap_or(i64::MAX)));
                self.settle(SessionState::Blocked, "blocked", &text, move |row, facts| {
                    facts.error = Some(shown);
                    facts.banned_until = ends;
                    row.status = "banned".to_owned();
                })
                .await?;
                self.end_link(false);
                Ok(())
            }
            Report::Outdated => {
                let text = "WhatsApp no longer accepts this client version; update SparkBot.";
                self.settle(SessionState::Error, "outdated", text, move |_, facts| facts.error = Some(text.to_owned()))
                    .await
            }
            Report::Restricted { code, reason } => {
                let text = format!("WhatsApp restricts this account: {reason} ({code}).");
                let state = self.number.now().state;
                let shown = text.clone();
                self.settle(state, "restricted", &text, move |_, facts| facts.restriction = Some(shown)).await
            }
            Report::PushName { name } => {
                profile::named(&self.core, &self.number.account, &self.number.device, name);
                Ok(())
            }
            Report::Profile(news) => {
                profile::reported(&self.core, &self.number.account, &self.number.device, news);
                Ok(())
            }
            Report::Catalog { seller } => {
                catalog::outdated(&self.core, &self.number.account, &self.number.device, &seller).await
            }
            Report::Receipt(receipt) => {
                outbound::receipt(&self.core, &self.number.account, &self.number.device, receipt).await
            }
            Report::ServerAck { id, at, error } => {
                outbound::server_ack(&self.core, &self.number.account, &self.number.device, id, at, error).await
            }
            Report::Group(report) => {
                groups::reported(&self.core, &self.number.account, &self.number.device, report).await
            }
            Report::Channel(report) => {
                channels::reported(&self.core, &self.number.account, &self.number.device, report).await
            }
            Report::Contacts(reports) => {
                contacts::reported(&self.core, &self.number.account, &self.number.device, reports).await
            }
            Report::Addresses { phone, lid } => {
                contacts::addresses(&self.core, &self.number.account, &self.number.device, phone, lid).await
            }
            Report::Labels(reports) => {
                labels::reported(&self.core, &self.number.account, &self.number.device, reports).await
            }
            Report::Chat(report) => {
                crate::chats::reported(&self.core, &self.number.account, &self.number.device, report).await
            }
            Report::Seen { ids } => {
                crate::chats::seen(&self.core, &self.number.account, &self.number.device, ids).await
            }
            Report::Ring(ring) => {
                crate::auto_replies::called(&self.core, &self.number.account, &self.number.device, ring).await
            }
            Report::HistoryLost { parts } => history::lost(&self.core, &self.number, parts).await,
            Report::Undecryptable { .. } => {
                metrics::counter!("sparkbot_undecryptable_messages_total").increment(1);
                Ok(())
            }
        }
    }

    /// Writes the session's new state with its history line and event, then
    /// tells whoever waits for it.
    async fn settle(
        &self,
        state: SessionState,
        event: &'static str,
        text: &str,
        change: impl FnOnce(&mut DeviceRow, &mut SessionFacts) + Send + 'static,
    ) -> Result<()> {
        settle(&self.core, &self.number, state, event, text.to_owned(), change).await
    }

    /// Closes a link that WhatsApp has ended; forgets its credentials when they
    /// are void. Not from within the report: the link waits for its observer.
    fn end_link(&self, void: bool) {
        let (core, number) = (self.core.clone(), self.number.clone());
        self.core.spawn(async move {
            let _turn = number.turn.lock().await;
            number.close().await;
            if void {
                let cleared = match super::running::protocol_state(&core, &number.device).await {
                    Ok(state) => state.clear().await.map_err(Error::from),
                    Err(error) => Err(error),
                };
                if let Err(error) = cleared {
                    tracing::error!(device = %number.device, error = %error, "void credentials could not be removed");
                }
            }
        });
    }

    /// A mistyped code makes the phone answer and then give up without a word:
    /// the session waits to be linked again.
    fn expect_the_phone_to_finish(&self) {
        let (core, number) = (self.core.clone(), self.number.clone());
        self.core.spawn(async move {
            let stop = core.stopping();
            tokio::select! {
                () = stop.cancelled() => return,
                done = number.wait_for(FINISH, |live| live.state != SessionState::Authorizing) => if done { return },
            }
            let text = "The phone did not finish; the code may have been mistyped.".to_owned();
            if number.now().state == SessionState::Authorizing
                && let Err(error) = settle(&core, &number, SessionState::Authorize, "unfinished", text, |_, _| {}).await
            {
                tracing::error!(device = %number.device, error = %error, "an unfinished link could not be written");
            }
        });
    }
}

/// Writes a session's new state with its history line and event, then tells
/// whoever waits for it.
pub(super) async fn settle(
    core: &Core,
    number: &Arc<Running>,
    state: SessionState,
    event: &'static str,
    text: String,
    change: impl FnOnce(&mut DeviceRow, &mut SessionFacts) + Send + 'static,
) -> Result<()> {
    let (account, device, now) = (number.account.clone(), number.device.clone(), core.now());
    core.store()
        .write(move |w: &mut Writing| {
            Box::pin(async move {
                let mut row = w.account(&account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                let mut facts = SessionFacts::of(&row)?;
                change(&mut row, &mut facts);
                row.session_status = state.word().to_owned();
                row.session = facts.to_column();
                row.updated_at = now;
                w.account(&account).update_device(&row).await?;
                session_event(w, &row, event, &text, now).await
            })
        })
        .await?;
    number.change(|live| live.state = state);
    metrics::counter!("sparkbot_session_changes_total", "state" => state.word()).increment(1);
    Ok(())
}
