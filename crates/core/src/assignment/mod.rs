//! Auto assignment: whom chats are given to by rule, and who gets them when they
//! are not answered.
//!
//! [`settings`] is what can be set, [`change`] how, [`choose`] who of several gets a chat,
//! [`people`] who can get one at all, [`written`] what happens when a person
//! writes, in the transaction that receives it, [`later`] what the clock comes
//! back to: chats that nobody could be given, and those that nobody answers.
//! What is waited for is a row, so it survives a restart. Assigned are chats
//! with people; groups and channels are given by hand.

mod change;
mod choose;
mod later;
mod people;
mod settings;
mod written;

pub use change::{AutoAssignChange, ReassignOptionsChange};
pub use later::sweep;
pub(crate) use later::{hurry, start};
pub use settings::{AutoAssign, MODES, ReassignOptions};
pub(crate) use written::{answered, written};
