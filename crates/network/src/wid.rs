//! WhatsApp ids as the API shows them: `16001234560@c.us`, `123@lid`,
//! `123-456@g.us`, `123@newsletter`, `status@broadcast`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::phone::Phone;

/// A chat, a person, a group or a channel.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Wid(String);

/// What a [`Wid`] names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WidKind {
    /// A person by phone number, `…@c.us`.
    User,
    /// A person by private id, `…@lid`.
    Lid,
    /// A group, `…@g.us`.
    Group,
    /// A channel, `…@newsletter`.
    Channel,
    /// A broadcast list or the status feed, `…@broadcast`.
    Broadcast,
}

/// Not a WhatsApp id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a WhatsApp id such as 16001234560@c.us, 123456@g.us or 123456@newsletter")]
pub struct InvalidWid(pub String);

impl Wid {
    /// The id of a phone number.
    #[must_use]
    pub fn user(phone: &Phone) -> Self {
        Self(format!("{}@c.us", phone.digits()))
    }

    /// A person's private id from its digits.
    #[must_use]
    pub fn lid(digits: &str) -> Self {
        Self(format!("{digits}@lid"))
    }

    /// What it names.
    #[must_use]
    pub fn kind(&self) -> WidKind {
        match self.server() {
            "lid" => WidKind::Lid,
            "g.us" => WidKind::Group,
            "newsletter" => WidKind::Channel,
            "broadcast" => WidKind::Broadcast,
            _ => WidKind::User,
        }
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }

    /// The part after the `@`.
    #[must_use]
    pub fn server(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, server)| server)
    }

    /// The phone number, when it is one.
    #[must_use]
    pub fn phone(&self) -> Option<Phone> {
        (self.kind() == WidKind::User).then(|| Phone::from_digits(self.local()))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Wid {
    type Err = InvalidWid;

    /// Also takes the wire's own spelling `…@s.whatsapp.net`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidWid(text.chars().take(60).collect());
        let (local, server) = text.split_once('@').ok_or_else(invalid)?;
        let server = if server == "s.whatsapp.net" { "c.us" } else { server };
        let allowed = match server {
            "c.us" | "lid" | "newsletter" => local.chars().all(|c| c.is_ascii_digit()),
            "g.us" => local.chars().all(|c| c.is_ascii_digit() || c == '-'),
            "broadcast" => local.chars().all(|c| c.is_ascii_alphanumeric()),
            _ => false,
        };
        if !allowed || local.is_empty() || local.len() > 40 {
            return Err(invalid());
        }
        Ok(Self(format!("{local}@{server}")))
    }
}

impl TryFrom<String> for Wid {
    type Error = InvalidWid;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Wid> for String {
    fn from(wid: Wid) -> Self {
        wid.0
    }
}

impl fmt::Display for Wid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Logs never show whom.
impl fmt::Debug for Wid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", crate::phone::masked(self.local()), self.server())
    }
}

#[cfg(test)]
mod tests {
    use super::{Wid, WidKind};

    #[test]
    fn reads_both_spellings_of_a_person() {
        let wid: Wid = "16001234560@s.whatsapp.net".parse().expect("wire spelling");
        assert_eq!(wid.as_str(), "16001234560@c.us");
        assert_eq!(wid.phone().expect("a number").as_str(), "+16001234560");
        assert_eq!(wid.kind(), WidKind::User);
    }

    #[test]
    fn refuses_anything_else() {
        for text in ["", "@c.us", "abc@c.us", "1@x.y", "1", "1@g.us@g.us", "../1@c.us"] {
            assert!(text.parse::<Wid>().is_err(), "{text}");
        }
        assert_eq!("120363-1@g.us".parse::<Wid>().expect("group").kind(), WidKind::Group);
    }
}
