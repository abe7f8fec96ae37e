//! Ids of rows: 24 lower-case hexadecimal digits. The first eight are the
//! second of creation, so that ids sort by age; the rest is random.

use std::fmt;
use std::str::FromStr;

use rand::RngExt;

/// Not 24 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an id of 24 hexadecimal digits")]
pub struct InvalidId(pub String);

fn fresh(now_ms: i64) -> String {
    let mut random = [0u8; 8];
    rand::rng().fill(&mut random);
    let seconds = u32::try_from(now_ms / 1000).unwrap_or_default();
    format!("{seconds:08x}{}", hex::encode(random))
}

fn check(text: &str) -> Result<String, InvalidId> {
    if text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(InvalidId(text.chars().take(40).collect()))
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A new one, made at `now_ms`.
            #[must_use]
            pub fn new(now_ms: i64) -> Self {
                Self(fresh(now_ms))
            }

            /// As text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// From a row that this program wrote.
            #[must_use]
            pub fn trusted(text: String) -> Self {
                Self(text)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                check(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                check(&text).map(Self)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// Who owns everything else.
    AccountId
);
id!(
    /// A person of the team.
    UserId
);
id!(
    /// A department of a number.
    DepartmentId
);
id!(
    /// A quick reply of a number.
    QuickReplyId
);
id!(
    /// A WhatsApp number.
    DeviceId
);
id!(
    /// An API key.
    KeyId
);
id!(
    /// An outbound message.
    MessageId
);
id!(
    /// A file of a chat message.
    ChatFileId
);
id!(
    /// A webhook.
    WebhookId
);
id!(
    /// A link to a call.
    MeetingLinkId
);
id!(
    /// A campaign.
    CampaignId
);
id!(
    /// Somebody whom a campaign is for.
    CampaignContactId
);
id!(
    /// A file.
    FileId
);
id!(
    /// One line of a webhook's delivery log.
    DeliveryId
);
id!(
    /// An event of the log, stable over redeliveries.
    EventId
);

#[cfg(test)]
mod tests {
    use super::DeviceId;

    #[test]
    fn ids_sort_by_age_and_read_back() {
        let (old, new) = (DeviceId::new(1_000_000), DeviceId::new(2_000_000_000));
        assert!(old < new);
        assert_eq!(old.as_str().parse::<DeviceId>(), Ok(old));
        assert!("xyz".parse::<DeviceId>().is_err());
        assert!("0123456789abcdef0123456g".parse::<DeviceId>().is_err());
    }
}
