//! The people a number knows: what WhatsApp knows of them, merged with what
//! people add.
//!
//! One contact per person, whatever id it came by: [`known`] finds it and makes
//! one of two as soon as both addresses of a person are known. [`change`] is the
//! one place where contacts are written, with their words, their metadata and
//! their events. [`names`] says which name is shown, [`fields`] what people may
//! add, [`show`] what the outside sees. [`report`] takes what WhatsApp reports,
//! [`profile`], [`picture`] and [`book`] are asked of and told to WhatsApp.

mod block;
mod book;
mod bulk;
mod change;
mod chats;
mod fields;
mod known;
mod list;
mod manage;
mod metadata;
mod names;
mod picture;
mod profile;
mod report;
mod show;

pub use block::{Blocking, MOST as MOST_BLOCKED, block, is_blocked};
pub use bulk::{BulkContact, MOST as MOST_AT_ONCE, SavedContact, create_many};
pub use fields::{ContactFields, ContactGender, ContactKind, ContactNotifications, REMOVABLE};
pub use known::ContactId;
pub use list::{get, list};
pub use manage::{ContactChanges, NewContact, create, delete, update};
pub use metadata::{MetadataPair, put_metadata};
pub use picture::picture;
pub use sparkbot_store::rows::{ContactFilter, ContactOrder};

pub(crate) use change::By;
pub(crate) use known::{Heard, heard, place};
pub(crate) use metadata::set as set_metadata;
pub(crate) use names::brief;
pub(crate) use profile::Questions;
pub(crate) use report::{addresses, catch_up, reported};
