//! Codes and QRs: the heart of the product.

use std::sync::Arc;
use std::time::Duration;

use sparkbot_store::rows::DeviceRow;

use super::answers::{AuthCode, QrCode};
use super::observer::settle;
use super::running::{Live, LiveCode, Running, already_linked, network_error, passkey};
use crate::app::Core;
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::network::NetworkError;
use crate::phone::Phone;
use crate::views::SessionState;

/// How long WhatsApp may take to offer a QR.
const QR_WAIT: Duration = Duration::from_secs(20);

/// How long a phone may take from its answer to the link.
pub(super) const FINISH: Duration = Duration::from_secs(20);

/// A code that links `phone` (or the number it had before) to this device.
///
/// # Errors
/// `phone:required`, `phone:invalid`, `session:already_linked`,
/// `session:too_many_attempts`, `session:unreachable`,
/// `session:passkey_required`, `device:notfound`, `device:disabled`.
pub async fn auth_code(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    phone: Option<&str>,
    force: bool,
) -> Result<AuthCode> {
    caller.need(Scope::DevicesWrite)?;
    let phone = phone
        .map(|text| {
            Phone::parse(text).map_err(|why| {
                Error::invalid("phone:invalid", format!("The phone number {why}."))
                    .hint("Give the full number in E.164 form, such as +16001234560.")
            })
        })
        .transpose()?;
    let number = number(core, caller, device).await?;
    // Two requests at once get the same code: the second finds the first's.
    let _turn = number.turn.lock().await;
    let row = linkable(core, caller, device).await?;
    let phone = match (phone, &row.phone) {
        (Some(phone), _) => phone,
        (None, Some(before)) => Phone::from_digits(before.trim_start_matches('+')),
        (None, None) => {
            return Err(Error::invalid(
                "phone:required",
                "No phone number was given and this device has never been linked.",
            )
            .hint("Send {\"phone\": \"+16001234560\"} with the number to link."));
        }
    };
    make_room(core, &number, &row, force).await?;
    let now = core.now();
    if !force
        && let Some(code) = number.now().code
        && code.phone == phone
        && code.expires_at > now
    {
        return Ok(answer(&code, now));
    }
    let code = request(core, &number, &phone).await?;
    let created_at = core.now();
    let expires_at = created_at + i64::try_from(code.expires_in.as_millis()).unwrap_or(0);
    let live = LiveCode { code: code.code, phone, created_at, expires_at };
    number.change(|state| state.code = Some(live.clone()));
    let text = "An authentication code is out; it is typed on the phone under Linked devices.".to_owned();
    settle(core, &number, SessionState::Authorize, "code", text, move |_, facts| {
        facts.code_expires_at = Some(expires_at);
        facts.error = None;
    })
    .await?;
    core.spawn(expire(core.clone(), number.clone(), live.clone()));
    Ok(answer(&live, created_at))
}

/// Asks for a code; a link that has run out of patience is replaced once.
async fn request(core: &Core, number: &Arc<Running>, phone: &Phone) -> Result<crate::network::LinkCode> {
    let link = number.open(core).await?;
    match link.request_code(phone).await {
        Err(NetworkError::Closed | NetworkError::Unreachable(_)) => {
            number.close().await;
            let link = number.open(core).await?;
            link.request_code(phone).await.map_err(network_error)
        }
        other => other.map_err(network_error),
    }
}

/// Says that a code has expired, should it still be out by then.
async fn expire(core: Core, number: Arc<Running>, code: LiveCode) {
    let stop = core.stopping();
    let left = u64::try_from(code.expires_at - core.now()).unwrap_or(0);
    let mut live = number.live();
    let gone = live.wait_for(|live: &Live| live.code.as_ref().is_none_or(|other| other.code != code.code));
    tokio::select! {
        () = stop.cancelled() => return,
        // Used, refused or replaced: others say so.
        _ = gone => return,
        () = tokio::time::sleep(Duration::from_millis(left)) => {}
    }
    // A phone that has answered in the last moment may still finish.
    let replaced = |live: &Live| live.code.as_ref().is_none_or(|other| other.code != code.code);
    if number.now().state == SessionState::Authorizing && number.wait_for(FINISH, replaced).await {
        return;
    }
    let _turn = number.turn.lock().await;
    if replaced(&number.now()) {
        return;
    }
    number.change(|live| live.code = None);
    let text = "The authentication code has expired unused.".to_owned();
    let settled =
        settle(&core, &number, SessionState::Authorize, "code_expired", text, |_, facts| facts.code_expires_at = None);
    if let Err(error) = settled.await {
        tracing::error!(device = %number.device, error = %error, "the end of a code could not be written");
    }
    if number.now().qr.is_none() {
        number.close().await;
    }
}

fn answer(code: &LiveCode, now: i64) -> AuthCode {
    AuthCode {
        status: "authorize",
        code: code.code.clone(),
        phone: code.phone.to_string(),
        created_at: code.created_at,
        expires_at: code.expires_at,
        expires_in: ((code.expires_at - now) + 999) / 1000,
    }
}

/// The QR that is live right now.
///
/// # Errors
/// `session:already_linked` without `force`; `session:unreachable`;
/// `device:notfound`; `device:disabled`.
pub async fn qr(core: &Core, caller: &Caller, device: &DeviceId, force: bool) -> Result<QrCode> {
    caller.need(Scope::DevicesWrite)?;
    let number = number(core, caller, device).await?;
    let _turn = number.turn.lock().await;
    let row = linkable(core, caller, device).await?;
    make_room(core, &number, &row, force).await?;
    let alive = |live: &Live, now: i64| live.qr.as_ref().is_some_and(|qr| qr.expires_at > now);
    if !alive(&number.now(), core.now()) {
        // After the last QR of a round the next call starts a new one; but not
        // while a code is out, which lives on the same connection.
        let code_out = number.now().code.is_some_and(|code| code.expires_at > core.now());
        if !code_out
            && number.link().is_some()
            && number.now().qr.is_none()
            && number.now().state == SessionState::Authorize
        {
            number.close().await;
        }
        number.open(core).await?;
    }
    let reached = number.wait_for(QR_WAIT, |live| alive(live, core.now())).await;
    let now = core.now();
    match number.now().qr {
        Some(qr) if reached => Ok(QrCode {
            data: qr.data,
            attempt: qr.attempt,
            expires_at: qr.expires_at,
            expires_in: ((qr.expires_at - now).max(0) + 999) / 1000,
        }),
        _ => Err(unreachable(core, &number).await),
    }
}

async fn unreachable(core: &Core, number: &Arc<Running>) -> Error {
    let error =
        devices::view(core, &number.account, &number.device).await.ok().and_then(|d| d.session).and_then(|s| s.error);
    match error {
        Some(text) if text == passkey().message => passkey(),
        _ => Error::new(Kind::Unavailable, "session:unreachable", "WhatsApp did not offer a QR within 20 seconds.")
            .hint("Check this machine's way to the internet with `sparkbot doctor`, then try again."),
    }
}

async fn number(core: &Core, caller: &Caller, device: &DeviceId) -> Result<Arc<Running>> {
    let row = devices::row(core, &caller.account, device).await?;
    Ok(core.sessions().number(&caller.account, device, SessionState::from_word(&row.session_status)))
}

/// The device as it is now that the turn is ours; a disabled one is refused.
async fn linkable(core: &Core, caller: &Caller, device: &DeviceId) -> Result<DeviceRow> {
    let row = devices::row(core, &caller.account, device).await?;
    if row.status == "disabled" {
        return Err(Error::conflict("device:disabled", format!("The WhatsApp number {device} is disabled."))
            .hint("Enable it with PATCH /v1/devices/{id} {\"enable\": true}."));
    }
    Ok(row)
}

/// Makes sure that nothing is linked: refuses, or with `force` destroys what is.
async fn make_room(core: &Core, number: &Arc<Running>, row: &DeviceRow, force: bool) -> Result<()> {
    let linking = matches!(number.now().state, SessionState::Authorizing);
    if row.wid.is_none() && !(linking && force) {
        return Ok(());
    }
    if !force {
        return Err(already_linked().with("device", row.id.to_string()).with("phone", row.phone.clone()));
    }
    super::lifecycle::unlink(core, number, "a new link was forced").await
}
