//! Names of things: accounts, devices, connections, phone numbers.

use std::fmt;

use wacore_binary::{Jid, Server};

/// An account of the world, by order of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AccountId(pub(crate) u32);

/// A connection, by order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConnId(pub(crate) u64);

/// A device of an account; device 0 is the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct DeviceRef {
    pub(crate) account: AccountId,
    pub(crate) device: u16,
}

impl DeviceRef {
    pub(crate) fn phone(account: AccountId) -> Self {
        Self { account, device: 0 }
    }

    pub(crate) fn is_phone(self) -> bool {
        self.device == 0
    }
}

/// A group or community, `…@g.us`: the digits before the at sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GroupId(pub(crate) u64);

impl GroupId {
    /// The group an address names.
    pub(crate) fn of(jid: &Jid) -> Option<Self> {
        if jid.server == Server::Group { jid.user.parse().ok().map(Self) } else { None }
    }

    /// Reads `120363000000000001@g.us`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.trim().strip_suffix("@g.us")?.parse().ok().map(Self)
    }

    pub(crate) fn jid(self) -> Jid {
        Jid::new(self.0.to_string(), Server::Group)
    }
}

/// What a phone lists as one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Chat {
    Person(AccountId),
    Group(GroupId),
    /// The status updates of all people.
    Status,
}

impl From<AccountId> for Chat {
    fn from(account: AccountId) -> Self {
        Self::Person(account)
    }
}

/// The address of [`Chat::Status`].
pub(crate) const STATUS: &str = "status@broadcast";

/// Which of an account's two names a stanza uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    /// The phone number, `…@s.whatsapp.net`.
    Pn,
    /// The hidden id, `…@lid`.
    Lid,
}

impl Domain {
    /// The domain of an address, if it names a person.
    pub(crate) fn of(jid: &Jid) -> Option<Self> {
        match jid.server {
            Server::Pn => Some(Self::Pn),
            Server::Lid => Some(Self::Lid),
            _ => None,
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Pn => Self::Lid,
            Self::Lid => Self::Pn,
        }
    }
}

/// A phone number: 5 to 20 digits, written with a plus for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads `+1 600 123-4560`, `16001234560` or `16001234560@s.whatsapp.net`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_suffix("@s.whatsapp.net").unwrap_or(text);
        let mut digits = String::with_capacity(text.len());
        for (at, c) in text.chars().enumerate() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if at == 0 => {}
                ' ' | '-' | '.' | '(' | ')' => {}
                _ => return None,
            }
        }
        (5..=20).contains(&digits.len()).then_some(Self(digits))
    }

    /// The address of whoever has the number.
    pub(crate) fn jid(&self) -> Jid {
        Jid::new(self.digits(), Server::Pn)
    }

    pub(crate) fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_as_people_write_them() {
        for text in ["+1 600 123-4560", "16001234560", "16001234560@s.whatsapp.net", "+1 (600) 123.4560"] {
            assert_eq!(PhoneNumber::parse(text).map(|n| n.to_string()).as_deref(), Some("+16001234560"), "{text}");
        }
        for text in ["", "+", "1234", "ana", "+1600+123", "123456789012345678901", "1@lid"] {
            assert_eq!(PhoneNumber::parse(text), None, "{text}");
        }
    }
}
