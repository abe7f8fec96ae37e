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

pub(crate) fn send(error: &SendError) -> NetworkError {
    match error {
        SendError::NotLoggedIn => NetworkError::NotLinked,
        SendError::InvalidRequest(what) => NetworkError::Invalid(scrubbed(what)),
        other => request(other),
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
