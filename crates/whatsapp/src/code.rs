//! Link codes: eight characters that a person types on the phone.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sparkbot_network::phone::Phone;
use sparkbot_network::{CodeEnd, LinkCode, NetworkError, Report};
use tokio_util::sync::CancellationToken;
use whatsapp_rust::pair_code::PairCodeOptions;
use whatsapp_rust::wacore::pair_code::PairCodeUtils;
use whatsapp_rust::{Client, NodeFilter};

use crate::driver;
use crate::errors;
use crate::number::{Number, Phase};

/// How long a request waits for the connection.
const CONNECTION: Duration = Duration::from_secs(20);
/// How long WhatsApp may take to answer; the client itself waits 30 s.
const ANSWER: Duration = Duration::from_secs(35);
/// How long after a refusal its reason may come.
const REASON: Duration = Duration::from_millis(500);

/// A code that a person may be typing right now.
pub(crate) struct LiveCode {
    over: CancellationToken,
}

impl LiveCode {
    /// Stops watching it.
    pub(crate) fn end(self) {
        self.over.cancel();
    }
}

fn take(number: &Number) -> Option<LiveCode> {
    number.live_code.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The code led to a link.
pub(crate) fn used(number: &Number) {
    if let Some(code) = take(number) {
        code.end();
    }
}

/// The code is no longer good. Nothing happens when none is alive.
pub(crate) fn ended(number: &Number, why: CodeEnd) {
    if let Some(code) = take(number) {
        code.end();
        number.reports.say(Report::CodeEnded { why });
    }
}

/// Asks WhatsApp for a code.
pub(crate) async fn request(number: &Arc<Number>, phone: &Phone) -> Result<LinkCode, NetworkError> {
    let _turn = number.code_turn.lock().await;
    let client = linkable(number).await?;
    if take(number).map(LiveCode::end).is_some() {
        number.reports.say(Report::CodeEnded { why: CodeEnd::Replaced });
    }
    client.cancel_pair_code().await;
    let mut passkey = number.passkey_wanted.subscribe();
    number.passkey_wanted.send_replace(false);
    let options = PairCodeOptions { phone_number: phone.digits().to_owned(), ..PairCodeOptions::default() };
    let answer = tokio::time::timeout(ANSWER, client.pair_with_code(options)).await;
    let answer = answer.map_err(|_| NetworkError::Timeout).and_then(|got| got.map_err(|error| errors::code(&error)));
    if let Err(NetworkError::Refused { .. }) = &answer {
        // The refusal and its reason are two stanzas, and the second may be handled first.
        drop(tokio::time::timeout(REASON, passkey.wait_for(|wanted| *wanted)).await);
    }
    if *passkey.borrow() {
        return Err(NetworkError::PasskeyRequired);
    }
    let code = answer?;
    let expires_in = PairCodeUtils::code_validity();
    let over = CancellationToken::new();
    *number.live_code.lock().unwrap_or_else(PoisonError::into_inner) = Some(LiveCode { over: over.clone() });
    tokio::spawn(watch(number.clone(), client, over, expires_in));
    Ok(LinkCode { code: dashed(&code), expires_in })
}

/// `ABCDEFGH` as people read it.
fn dashed(code: &str) -> String {
    match code.split_at_checked(4) {
        Some((head, tail)) if !code.contains('-') => format!("{head}-{tail}"),
        _ => code.to_owned(),
    }
}

/// The client when WhatsApp waits for it to be linked.
async fn linkable(number: &Number) -> Result<Arc<Client>, NetworkError> {
    let mut phase = number.phase.subscribe();
    let waiting = async {
        loop {
            if number.closing.is_cancelled() {
                return Err(NetworkError::Closed);
            }
            if let Some(client) = number.client() {
                if client.pn().is_some() {
                    return Err(NetworkError::AlreadyLinked);
                }
                match *phase.borrow_and_update() {
                    Phase::Linkable => return Ok(client),
                    Phase::Stopped => number.asked.notify_one(),
                    _ => {}
                }
            }
            tokio::select! {
                changed = phase.changed() => changed.map_err(|_| NetworkError::Closed)?,
                () = number.closing.cancelled() => {}
            }
        }
    };
    tokio::time::timeout(CONNECTION, waiting)
        .await
        .map_err(|_| NetworkError::Unreachable("no connection within 20 s".to_owned()))?
}

/// Tells when the phone answers a code, and when its time is over.
async fn watch(number: Arc<Number>, client: Arc<Client>, over: CancellationToken, expires_in: Duration) {
    let expiry = tokio::time::sleep(expires_in);
    tokio::pin!(expiry);
    loop {
        let filter = NodeFilter::tag("notification").attr("type", "link_code_companion_reg");
        let answered = client.wait_for_node(filter);
        tokio::select! {
            () = over.cancelled() => break,
            () = &mut expiry => {
                client.cancel_pair_code().await;
                ended(&number, CodeEnd::Expired);
                break;
            }
            node = answered => {
                let Ok(node) = node else { break };
                let stage = node.get().get_optional_child("link_code_companion_reg").and_then(|child| {
                    child.get_attr("stage").map(|stage| stage.as_str().into_owned())
                });
                if stage.as_deref() == Some("primary_hello") {
                    number.code_typed();
                }
            }
        }
    }
    // The QR round may have ended before the code did, and stayed up for it
    // alone. Another code may be on its way.
    let _turn = number.code_turn.lock().await;
    let nobody_else = number.live_code.lock().unwrap_or_else(PoisonError::into_inner).is_none();
    if nobody_else && client.pn().is_none() && number.qr_exhausted.load(Ordering::Acquire) {
        driver::stop_unlinked(&number, &client).await;
    }
}
