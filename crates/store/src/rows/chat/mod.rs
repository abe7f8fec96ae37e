//! Chats of a number. What is said in them stands in [`message`], [`search`], [`asked`] and [`find`] are the way to it; [`row`] is a
//! chat itself, [`list`] finds chats, [`label`] and
//! [`name`] are what they are found by, [`wish`] what WhatsApp has still to be
//! told, [`purge`] what is still to be taken away.

mod asked;
mod change;
mod conditions;
mod find;
mod label;
mod lead;
mod list;
mod mark;
mod message;
mod name;
mod purge;
mod row;
mod search;
mod signature;
mod wish;
mod within;
mod words;

pub(super) use asked::{AskedWord, Method, looked};
pub use change::ChatChangeRow;
pub use list::{ChatFilter, ChatOrder};
pub use mark::MarkRow;
pub use message::{ChatMessageRow, Place, chat_kind};
pub use purge::PurgeRow;
pub use row::ChatRow;
pub use search::ChatMessageFilter;
pub(super) use signature::Demand;
pub use wish::ChatWishRow;
pub(super) use words::{range, words_of};
