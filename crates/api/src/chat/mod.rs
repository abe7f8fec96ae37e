//! `/v1/chat/{device}`: what is said in a number's chats, and by whom.

pub(crate) mod chats;
pub(crate) mod contacts;
mod examples;
pub(crate) mod files;
pub(crate) mod history;
pub(crate) mod messages;
mod place;

pub(crate) use examples::edited as text_message;
pub(crate) use place::{ChatId, ChatWid, In, MessageId, OfNumber, wid};
