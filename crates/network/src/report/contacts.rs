//! What is reported of people.

use crate::wid::Wid;

/// A person under both addresses, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// By phone number where known, else by private id.
    pub wid: Wid,
    /// The private id, where told.
    pub lid: Option<Wid>,
}

/// Something that has become known of a person.
#[derive(Debug, Clone)]
pub struct ContactReport {
    /// Whom it is about.
    pub person: Person,
    /// What.
    pub news: ContactNews,
    /// Part of a whole list that is compared, not something that has just
    /// happened.
    pub catching_up: bool,
}

/// What has become known of a person.
#[derive(Debug, Clone)]
pub enum ContactNews {
    /// The entry in the phone's address book; without any name it was taken away.
    Book {
        /// Whole name.
        name: Option<String>,
        /// First name.
        first_name: Option<String>,
    },
    /// The name the person gives.
    PushName(String),
    /// What they say below their name.
    About(String),
    /// The picture: its id, `None` when it was removed, `Some("")` when only
    /// known to be another one.
    Picture(Option<String>),
    /// A business has changed what it says of itself, or is one now.
    Business {
        /// Its verified name, where told.
        verified_name: Option<String>,
    },
    /// Blocked on another device, or no longer.
    Blocked(bool),
    /// The person has another phone number now.
    Moved {
        /// Under these addresses.
        to: Person,
    },
}
