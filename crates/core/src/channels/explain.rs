//! Why WhatsApp did not do what was asked, in words.

use std::time::Duration;

use crate::error::{Error, Kind};
use crate::network::NetworkError;
use crate::network::channel::ChannelRole;
use crate::wid::Wid;

/// What a failure means where no channel is known that it is about.
pub(super) fn failed(error: NetworkError) -> Error {
    match error {
        NetworkError::TooManyAttempts { retry_after } => Error::new(
            Kind::TooMany,
            "channel:too_many",
            "WhatsApp takes no more requests about channels from this number for now.",
        )
        .hint("Wait, and ask less often.")
        .after(retry_after.unwrap_or(Duration::from_secs(60))),
        NetworkError::Refused { code, reason } => {
            Error::invalid("channel:refused", format!("WhatsApp refused it: {reason} ({code})."))
        }
        other => crate::sessions::network_error(other),
    }
}

/// What a failure means for a channel.
pub(super) fn about(error: NetworkError, channel: &Wid, role: Option<ChannelRole>) -> Error {
    let NetworkError::Refused { code, reason } = error else { return failed(error) };
    match code {
        401 | 403 if role < Some(ChannelRole::Admin) => not_admin(channel),
        401 | 403 => Error::new(
            Kind::Forbidden,
            "channel:forbidden",
            format!("WhatsApp does not let the number do that with the channel {channel} ({reason}, {code})."),
        ),
        404 | 410 => unknown(channel),
        _ => Error::invalid(
            "channel:refused",
            format!("WhatsApp refused it for the channel {channel}: {reason} ({code})."),
        ),
    }
}

/// What a failure to find the channel behind a link means.
pub(super) fn invited(error: NetworkError, code: &str) -> Error {
    match error {
        NetworkError::Refused { code: 404 | 406 | 410, .. } => Error::not_found(
            "channel:invite_invalid",
            format!("The code '{code}' leads to no channel: it is misspelt, or the channel is gone."),
        )
        .hint("Open the link in a browser to see whether it is good."),
        other => failed(other),
    }
}

/// The number does not run the channel.
pub(super) fn not_admin(channel: &Wid) -> Error {
    Error::new(
        Kind::Forbidden,
        "channel:not_admin",
        format!("The number does not run the channel {channel}: only its owner and its admins may do that."),
    )
}

/// There is no such channel.
pub(super) fn unknown(channel: &Wid) -> Error {
    Error::not_found("channel:notfound", format!("WhatsApp knows of no channel {channel}."))
        .hint("GET /v1/devices/{device}/channels lists the number's channels; a search finds others.")
}

#[cfg(test)]
mod tests {
    use super::{about, failed, invited};
    use crate::error::Kind;
    use crate::network::NetworkError;
    use crate::network::channel::ChannelRole;

    fn refused(code: u32) -> NetworkError {
        NetworkError::Refused { code, reason: "why".to_owned() }
    }

    #[test]
    fn refusals_have_codes_of_their_own() {
        let channel = "120363000000000001@newsletter".parse().expect("an id");
        for (code, role, name) in [
            (403, None, "channel:not_admin"),
            (403, Some(ChannelRole::Subscriber), "channel:not_admin"),
            (403, Some(ChannelRole::Owner), "channel:forbidden"),
            (404, None, "channel:notfound"),
            (406, Some(ChannelRole::Owner), "channel:refused"),
        ] {
            assert_eq!(about(refused(code), &channel, role).code, name);
        }
        assert_eq!(invited(refused(404), "AbC").code, "channel:invite_invalid");
        assert_eq!(failed(refused(400)).code, "channel:refused");
        assert_eq!(failed(NetworkError::Timeout).kind, Kind::Unavailable);
        assert_eq!(failed(NetworkError::TooManyAttempts { retry_after: None }).kind, Kind::TooMany);
    }
}
