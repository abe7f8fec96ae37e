//! What a number asks of people and changes about them.

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::error::NetworkError;
use crate::report::Person;
use crate::wid::Wid;

/// What a number asks of people and changes about them.
#[async_trait]
pub trait ContactLink: Send + Sync {
    /// Writes a person's name into the address book of the phone.
    ///
    /// # Errors
    /// [`NetworkError::Invalid`] for a person whose phone number is not known.
    async fn save_contact(&self, person: &Wid, full_name: &str, first_name: Option<&str>) -> Result<(), NetworkError>;

    /// Blocks a person, or no longer. WhatsApp wants both of their addresses: the
    /// one that is not known is asked for first.
    ///
    /// # Errors
    /// [`NetworkError::NoSuchReceiver`] when WhatsApp does not know the person.
    async fn set_blocked(&self, person: &Wid, blocked: bool) -> Result<(), NetworkError>;

    /// Everybody whom this account has blocked.
    async fn blocked(&self) -> Result<Vec<Person>, NetworkError>;

    /// What WhatsApp shows of a person; `None` when it does not know them.
    async fn profile(&self, person: &Wid) -> Result<Option<PersonProfile>, NetworkError>;

    /// The small picture of a person, group or channel, as JPEG; `None` when
    /// there is none that this account may see.
    ///
    /// # Errors
    /// [`NetworkError::TooLarge`] when it has more than `limit` bytes.
    async fn picture(&self, of: &Wid, limit: usize) -> Result<Option<PersonPicture>, NetworkError>;
}

/// What WhatsApp shows of a person.
#[derive(Debug, Clone, Default)]
pub struct PersonProfile {
    /// The private id.
    pub lid: Option<Wid>,
    /// What they say below their name; absent when this account may not see it.
    pub about: Option<String>,
    /// Id of the picture.
    pub picture: Option<String>,
    /// What a business says of itself; absent for people.
    pub business: Option<BusinessProfile>,
}

/// What a business says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BusinessProfile {
    /// The name that WhatsApp has verified.
    pub verified_name: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Web addresses.
    pub websites: Vec<String>,
    /// Lines of business.
    pub categories: Vec<String>,
    /// Of its business hours, by its name in the IANA database.
    pub timezone: Option<String>,
}

/// A picture of a person.
#[derive(Debug, Clone)]
pub struct PersonPicture {
    /// WhatsApp's id of it.
    pub id: String,
    /// The file.
    pub jpeg: Bytes,
}
