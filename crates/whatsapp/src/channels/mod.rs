//! Channels between WhatsApp's words and the port's: [`ask`] asks about them by
//! GraphQL, [`directory`] looks for them, [`info`] says what a channel is,
//! [`news`] what has happened to one. The client has words for a part of this
//! only: none for pictures, deletion and the directory.

pub(crate) mod ask;
pub(crate) mod directory;
mod info;
pub(crate) mod news;
