//! The client's errors as core knows errors.

use std::error::Error as StdError;
use std::time::Duration;

use sparkbot_network::NetworkError;
use whatsapp_rust::pair_code::{PairCodeError, PairCodeRejection, PairError};
use whatsapp_rust::{ErrorChainExt, SendError};

/// Texts of the client name phone numbers; ours never do. Runs of seven and
/// more digits are left out.
pub(crate) fn scrubbed(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        clean.push_str(if digits.len() < 7 { &digits } else { "…" });
        digits.clear();
        clean.push(c);
    }
    clean.pop();
    clean
}

/// What went wrong with a request, as far as its causes tell.
pub(crate) fn request(error: &(dyn StdError + 'static)) -> NetworkError {
    if let Some(refused) = error.server_rejection() {
        let retry_after = refused.backoff.map(|seconds| Duration::from_secs(u64::from(seconds)));
        return refusal(u32::from(refused.code), refused.text, retry_after);
    }
    if error.is_transport_unavailable() {
        return NetworkError::Unreachable("no connection".to_owned());
    }
    if error.is_timeout() {
        return NetworkError::Timeout;
    }
    NetworkError::State(scrubbed(&error.to_string()))
}

/// What a code of WhatsApp's means to core.
pub(crate) fn refusal(code: u32, text: &str, retry_after: Option<Duration>) -> NetworkError {
    match code {
        429 => NetworkError::TooManyAttempts { retry_after },
        503 => NetworkError::Unreachable("WhatsApp is out of service".to_owned()),
        463 => NetworkError::Refused {
            code,
            reason: "the account may not write to people it has no history with".to_owned(),
        },
        _ if text.is_empty() => NetworkError::Refused { code, reason: "no reason given".to_owned() },
        _ => NetworkError::Refused { code, reason: scrubbed(text) },
    }
}

/// What a code means when WhatsApp refuses a message that has left.
pub(crate) fn nack(code: u32, is_group: bool) -> NetworkError {
    let reason = match code {
        400 | 479 => "WhatsApp can't make sense of the message",
        401 | 403 if is_group => NOT_ALLOWED,
        401 | 403 => "the account may not write here",
        404 if is_group => NO_GROUP,
        404 => "the receiver is not there",
        406 => "WhatsApp does not accept the message",
        408 => "the receiver can't be reached",
        413 => "the message is too large",
        420 => "the account may not send this kind of message",
        421 => "the group has changed how it names its members; it is tried again",
        473 => "the account may not send this kind of message",
        475 => "the message is addressed to an account that has moved",
        _ => "",
    };
    match code {
        // Worth another try: what is known of the group is fetched anew.
        421 => NetworkError::Unreachable(reason.to_owned()),
        500 | 503 => NetworkError::Unreachable("WhatsApp is out of service".to_owned()),
        _ => refusal(code, reason, None),
    }
}

const NOT_ALLOWED: &str = "the account is not a member of the group, or only its admins may write";
const NO_GROUP: &str = "there is no such group, or the account is not in it";

/// Why something about a group could not be found out.
pub(crate) fn group(error: &(dyn StdError + 'static)) -> NetworkError {
    match request(error) {
        NetworkError::Refused { code: code @ (401 | 403), .. } => {
            NetworkError::Refused { code, reason: NOT_ALLOWED.to_owned() }
        }
        NetworkError::Refused { code: code @ (404 | 406 | 410), .. } => {
            NetworkError::Refused { code, reason: NO_GROUP.to_owned() }
        }
        other => other,
    }
}

pub(crate) fn send(error: &SendError, is_group: bool) -> NetworkError {
    match error {
        SendError::NotLoggedIn => NetworkError::NotLinked,
        SendError::InvalidRequest(what) => NetworkError::Invalid(scrubbed(what)),
        other if is_group => group(other),
        other => request(other),
    }
}

/// Why a file did not get through.
pub(crate) fn media(error: &(dyn StdError + 'static)) -> NetworkError {
    if let Some(status) = error.http_status() {
        return media_status(status);
    }
    match request(error) {
        // What is neither WhatsApp's answer nor the connection to it is the
        // connection to the media host.
        NetworkError::State(what) => NetworkError::Unreachable(what),
        other => other,
    }
}

/// What a media host means by its answer.
pub(crate) fn media_status(status: u16) -> NetworkError {
    let refused = |reason: &str| NetworkError::Refused { code: u32::from(status), reason: reason.to_owned() };
    match status {
        400 | 415 | 422 => refused("WhatsApp does not take this file"),
        401 | 403 => refused("WhatsApp's media host does not know the account"),
        404 | 410 => NetworkError::Gone("WhatsApp does not have it".to_owned()),
        413 => refused("the file is too large for WhatsApp"),
        429 => NetworkError::TooManyAttempts { retry_after: None },
        _ => NetworkError::Unreachable(format!("WhatsApp's media host answers {status}")),
    }
}

/// Why no link code came.
pub(crate) fn code(error: &PairError) -> NetworkError {
    match error.rejection() {
        // WhatsApp answers too many requests for one number as a bad request.
        Some(rejection) if rejection.is_throttled() => {
            return NetworkError::TooManyAttempts { retry_after: error.backoff() };
        }
        Some(PairCodeRejection::FeatureNotAvailable) => {
            return NetworkError::Refused {
                code: 452,
                reason: "this account can't be linked by phone number; scan the QR instead".to_owned(),
            };
        }
        _ => {}
    }
    match error {
        PairError::PairCode(PairCodeError::Cancelled | PairCodeError::CodeAlreadyOutstanding { .. }) => {
            NetworkError::Unreachable("the connection was lost while the code was requested".to_owned())
        }
        PairError::PairCode(PairCodeError::MissingPairingRef) => {
            NetworkError::Refused { code: 500, reason: "WhatsApp answered without a code reference".to_owned() }
        }
        PairError::PairCode(what) => NetworkError::Invalid(scrubbed(&what.to_string())),
        other => request(other),
    }
}
