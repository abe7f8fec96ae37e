//! What an account owns and the rules of it.
//!
//! Core knows no HTTP, no SQL dialect and no WhatsApp library. It stands on
//! [`sparkbot_store`] for rows and on the port [`network`], which a protocol
//! adapter implements. One room per resource, under the API's own names:
//!
//! * [`accounts`], [`keys`]: who asks. [`access`]: what they may; [`audit`]: what they did.
//! * [`team`], [`departments`], [`quick_replies`]: the people who answer, how they are divided, and what they keep at hand.
//! * [`assignment`], [`auto_replies`]: whom chats are given to and what is answered by rule; [`hours`] of the team.
//! * [`devices`], [`sessions`]: WhatsApp numbers and their links.
//! * [`outbound`]: messages out and their senders. [`queue`]: steering them. [`inbox`]: what arrives.
//! * [`chat_messages`], [`chat_files`]: what was said, and the files that came with it.
//! * [`chats`]: how conversations stand and who looks after them.
//! * [`contacts`]: the people a number knows. [`labels`]: what chats can be marked with.
//! * [`events`]: the log that everything is told from. [`webhooks`]: its readers outside.
//! * [`files`]: what is uploaded and sent. [`blobs`]: where its bytes, and those of received media, are. [`downloads`]: who
//!   gets them.
//! * [`campaigns`]: one message to many people.
//! * [`statuses`]: status updates, posted and seen.
//! * [`meeting_links`]: links that people join calls by.
//! * [`numbers`]: what WhatsApp knows of a phone number.
//! * [`channels`]: channels, their directory, and what becomes of posts.
//! * [`profile`]: what people see of a number. [`catalog`]: what businesses sell.
//! * [`groups`]: groups and communities, and who is in them. [`pictures`]: what they and people look like.

pub mod access;
pub mod accounts;
pub mod app;
pub mod assignment;
pub mod audit;
pub mod auto_replies;
pub mod blobs;
pub mod campaigns;
pub mod catalog;
pub mod channels;
pub mod chat_files;
pub mod chat_messages;
pub mod chats;
pub mod contacts;
pub mod departments;
pub mod devices;
pub mod downloads;
pub mod error;
pub mod events;
pub mod fetch;
pub mod files;
pub mod groups;
pub mod history;
pub mod hours;
pub mod ids;
pub mod inbox;
pub mod keys;
pub mod labels;
pub mod meeting_links;
mod merge;
pub mod numbers;
pub mod outbound;
pub mod page;
pub mod pictures;
pub mod profile;
pub mod queue;
pub mod quick_replies;
pub mod sessions;
pub mod statuses;
pub mod team;
pub mod views;
pub mod webhooks;

pub use access::Caller;
pub use app::{Core, Settings};
pub use error::{Error, Kind, Result};
pub use sparkbot_network as network;
pub use sparkbot_network::{clock, phone, wid};
pub use sparkbot_store::actor;
