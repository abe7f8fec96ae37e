//! Why WhatsApp did not do what was asked, in words.

use std::time::Duration;

use super::doc::State;
use crate::error::{Error, Kind};
use crate::network::NetworkError;
use crate::network::group::Role;
use crate::wid::Wid;

/// What a failure means where no group is known that it is about.
pub(crate) fn failed(error: NetworkError) -> Error {
    match error {
        NetworkError::TooManyAttempts { retry_after } => Error::new(
            Kind::TooMany,
            "group:too_many",
            "WhatsApp takes no more requests about groups from this number for now.",
        )
        .hint("Wait, and ask less often.")
        .after(retry_after.unwrap_or(Duration::from_secs(60))),
        other => crate::sessions::network_error(other),
    }
}

/// What a failure means for a group.
pub(super) fn about(error: NetworkError, group: &Wid, state: Option<&State>) -> Error {
    let NetworkError::Refused { code, reason } = error else { return failed(error) };
    let role = state.and_then(|state| state.role);
    match code {
        401 | 403 if role.is_none() => Error::new(
            Kind::Forbidden,
            "group:not_member",
            format!("WhatsApp refused it, because the number is not in the group {group}."),
        )
        .hint("Have a member add the number, or join by an invite link."),
        401 | 403 if role < Some(Role::Admin) => Error::new(
            Kind::Forbidden,
            "group:not_admin",
            format!(
                "WhatsApp refused it, because only admins of the group {group} may do that and the number is none."
            ),
        )
        .hint("Have an admin of the group make the number one."),
        401 | 403 => Error::new(
            Kind::Forbidden,
            "group:forbidden",
            format!("WhatsApp does not let the number do that in the group {group} ({reason}, {code})."),
        ),
        404 | 410 => Error::not_found("group:notfound", format!("WhatsApp knows of no group {group} ({code}).")),
        409 => Error::conflict("group:conflict", format!("The group {group} has changed meanwhile ({code})."))
            .hint("Try again."),
        419 => Error::conflict(
            "group:full",
            format!("The group {group} is full: it has as many people as WhatsApp allows."),
        )
        .with("limit", super::MOST_PEOPLE),
        _ => Error::invalid("group:refused", format!("WhatsApp refused it for the group {group}: {reason} ({code}).")),
    }
}

/// What a failure to join means.
pub(super) fn joining(error: NetworkError, code: &str) -> Error {
    let NetworkError::Refused { code: why, reason } = error else { return failed(error) };
    match why {
        404 | 406 | 410 => Error::not_found(
            "group:invite_invalid",
            format!("The invite code '{code}' leads nowhere: it was replaced, or the group is gone ({why})."),
        )
        .hint("Ask for a fresh invite link."),
        401 | 403 | 405 => Error::new(
            Kind::Forbidden,
            "group:banned",
            format!("WhatsApp does not let the number join by '{code}': it was taken out of the group before ({why})."),
        )
        .hint("An admin has to add the number."),
        409 => Error::conflict("group:already_member", format!("The number is in the group of '{code}' already.")),
        419 => {
            Error::conflict("group:full", format!("The group of '{code}' is full.")).with("limit", super::MOST_PEOPLE)
        }
        _ => Error::invalid("group:refused", format!("WhatsApp refused to join by '{code}': {reason} ({why}).")),
    }
}

/// What an error of one person means: a stable code and a sentence.
pub(super) fn person(code: u32) -> (&'static str, String) {
    match code {
        401 => ("participant:blocked", "The person has blocked the number.".to_owned()),
        403 => (
            "participant:not_allowed",
            "WhatsApp does not allow it: the person lets only some people add them, or the number may not do it."
                .to_owned(),
        ),
        404 => {
            ("participant:notfound", "There is no such person on WhatsApp, or they are not concerned here.".to_owned())
        }
        408 => (
            "participant:left",
            "The person has left the group lately; only they can come back by themselves.".to_owned(),
        ),
        409 => ("participant:already", "The person is in the group already.".to_owned()),
        419 => ("group:full", "The group is full.".to_owned()),
        other => ("participant:refused", format!("WhatsApp refused it ({other}).")),
    }
}

#[cfg(test)]
mod tests {
    use super::{about, failed, joining};
    use crate::error::Kind;
    use crate::network::NetworkError;

    fn refused(code: u32) -> NetworkError {
        NetworkError::Refused { code, reason: "why".to_owned() }
    }

    #[test]
    fn refusals_have_codes_of_their_own() {
        let group = "120363000000000001@g.us".parse().expect("an id");
        for (code, name) in [
            (403, "group:not_member"),
            (404, "group:notfound"),
            (409, "group:conflict"),
            (419, "group:full"),
            (406, "group:refused"),
        ] {
            assert_eq!(about(refused(code), &group, None).code, name);
        }
        for (code, name) in [
            (410, "group:invite_invalid"),
            (401, "group:banned"),
            (405, "group:banned"),
            (409, "group:already_member"),
            (419, "group:full"),
        ] {
            assert_eq!(joining(refused(code), "AbC").code, name);
        }
        assert_eq!(failed(NetworkError::Timeout).kind, Kind::Unavailable);
        assert_eq!(failed(NetworkError::TooManyAttempts { retry_after: None }).kind, Kind::TooMany);
    }
}
