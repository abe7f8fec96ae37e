//! The port to WhatsApp: what core asks of a linked number, and what a linked
//! number reports back.
//!
//! `sparkbot-whatsapp` implements [`Network`] and [`Link`]; core implements
//! [`Observer`]. The port stands in a crate of its own so that neither side is
//! compiled again when the other changes.
//!
//! * [`link`]: a linked number and what can be asked of it.
//! * [`outgoing`], [`received`]: messages; [`content`]: what both have in common.
//! * [`history`]: what phones tell of the past.
//! * [`group`]: groups and communities. [`channel`]: channels.
//! * [`profile`], [`catalog`]: what people see of a number, and what businesses sell.
//! * [`status`]: status updates.
//! * [`report`]: everything else that happens.
//! * [`wid`], [`phone`], [`clock`], [`session_state`]: the words of the port.

pub mod catalog;
pub mod channel;
pub mod clock;
pub mod content;
pub mod error;
pub mod group;
pub mod history;
pub mod link;
pub mod outgoing;
pub mod phone;
pub mod profile;
pub mod received;
pub mod report;
pub mod session_state;
pub mod status;
pub mod wid;

pub use catalog::CatalogProduct;
pub use clock::Millis;
pub use content::{
    Attendance, Button, Call, ContactCard, Event, Location, MediaKind, Menu, Order, OrderItem, Poll, Product, Row,
    Section, Target,
};
pub use error::NetworkError;
pub use history::{
    HistoryAck, HistoryChat, HistoryKind, HistoryMessage, HistoryPart, HistoryPerson, HistoryPiece, HistoryReading,
    HistorySink, HistoryState,
};
pub use link::{
    Activity, BusinessProfile, ChatChange, Existence, Link, LinkCode, LinkHealth, Network, Observer, ObserverError,
    PersonPicture, PersonProfile,
};
pub use outgoing::{Content, LinkPreview, Media, Outgoing, Quote, Sent};
pub use received::{Change, Choice, Flags, GroupInvite, MediaInfo, QuotedRef, Received, ReceivedContent};
pub use report::{
    ChannelNews, ChannelReport, ChatAction, ChatReport, CodeEnd, ContactNews, ContactReport, GroupNews, GroupReport,
    LabelReport, Person, ProfileNews, Receipt, ReceiptKind, Report, Ring,
};
