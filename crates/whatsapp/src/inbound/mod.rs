//! What a received protobuf says, in the API's words, one room per kind.

mod body;
mod change;
pub(crate) mod context;
mod kind;
mod location;
pub(crate) mod media;
mod menu;
mod person;
pub(crate) mod poll;
mod shop;
mod system;

use sparkbot_network::wid::Wid;
use sparkbot_network::{QuotedRef, ReceivedContent};
use whatsapp_rust::Client;
use whatsapp_rust::types::message::MessageInfo;
use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::waproto::codec::message_decode;
use whatsapp_rust::waproto::whatsapp as wa;

use crate::address::Person;
use crate::number::Number;

/// What a message says.
pub(crate) struct Reading {
    pub(crate) kind: &'static str,
    /// Text, caption, or the emoji of a reaction.
    pub(crate) body: Option<String>,
    pub(crate) quoted: Option<QuotedRef>,
    pub(crate) mentions: Vec<Wid>,
    pub(crate) content: ReceivedContent,
}

impl Reading {
    /// A message that is neither an answer nor names anybody.
    fn new(kind: &'static str, body: Option<String>, content: ReceivedContent) -> Self {
        Self { kind, body, quoted: None, mentions: Vec::new(), content }
    }
}

/// A message and what is known of its way here.
pub(crate) struct Arrival<'a> {
    pub(crate) number: &'a Number,
    pub(crate) client: &'a Client,
    pub(crate) info: &'a MessageInfo,
    /// The chat it stands in.
    pub(crate) chat: &'a Person,
    /// Who wrote it.
    pub(crate) author: &'a Person,
}

impl Arrival<'_> {
    /// Reads a message; `None` for those between devices that people never see,
    /// and for changes by somebody who may not make them.
    pub(crate) async fn read(&self, message: &wa::Message) -> Option<Reading> {
        if let Some(verdict) = change::read(self, message).await {
            return verdict.reading();
        }
        let base = message.get_base_message();
        if let Some(note) = system::read(base) {
            return note.reading();
        }
        let kind = kind::of(base)?;
        let context = context::of(base);
        let quoted = match context {
            Some(context) => context::quoted(self, context).await,
            None => None,
        };
        let mentions = match context {
            Some(context) => context::mentions(self, context).await,
            None => Vec::new(),
        };
        let content = self.content(message, base, kind).await;
        Some(Reading { kind, body: body::of(base), quoted, mentions, content })
    }

    async fn content(&self, message: &wa::Message, base: &wa::Message, kind: &str) -> ReceivedContent {
        if let Some(media) = media::info(message) {
            return ReceivedContent::Media(Box::new(media));
        }
        if let Some(place) = location::read(base) {
            return ReceivedContent::Location(place);
        }
        let cards = person::cards(base);
        if !cards.is_empty() {
            return ReceivedContent::Contacts(cards);
        }
        if let Some(poll) = poll::read(base) {
            return ReceivedContent::Poll(poll);
        }
        if let Some(event) = base.event_message.as_option() {
            return ReceivedContent::Event(Box::new(location::event(event)));
        }
        if let Some(product) = base.product_message.as_option() {
            return shop::product(self, product).await;
        }
        if let Some(order) = base.order_message.as_option() {
            return ReceivedContent::Order(Box::new(shop::order(self, order).await));
        }
        if let Some(menu) = menu::menu(base) {
            return ReceivedContent::Menu(menu);
        }
        if let Some(choice) = menu::choice(base) {
            return ReceivedContent::Choice(choice);
        }
        if let Some(invite) = base.group_invite_message.as_option().and_then(person::group_invite) {
            return ReceivedContent::GroupInvite(invite);
        }
        if kind == "unknown" { ReceivedContent::Unknown } else { ReceivedContent::Plain }
    }
}

/// What a received protobuf is, in short, as far as that can be told without the
/// number that got it; `None` for bytes that are no message.
#[must_use]
pub fn outline(message: &[u8]) -> Option<String> {
    let message = message_decode(message).ok()?;
    let base = message.get_base_message();
    let found = [
        ("body", body::of(base).is_some()),
        ("media", media::info(&message).is_some()),
        ("location", location::read(base).is_some()),
        ("cards", !person::cards(base).is_empty()),
        ("invite", base.group_invite_message.as_option().and_then(person::group_invite).is_some()),
        ("poll", poll::read(base).is_some()),
        ("event", base.event_message.as_option().map(location::event).is_some()),
        ("menu", menu::menu(base).is_some()),
        ("choice", menu::choice(base).is_some()),
        ("system", system::read(base).is_some()),
        ("context", context::of(base).is_some()),
    ];
    let found = found.iter().filter(|(_, is)| *is).map(|(name, _)| *name);
    Some(std::iter::once(kind::of(base).unwrap_or("nothing")).chain(found).collect::<Vec<_>>().join(" "))
}

/// What a room makes of a message that is its own.
enum Verdict {
    /// It says this.
    Says(Box<Reading>),
    /// It is nothing that people see.
    Nothing,
}

impl Verdict {
    fn says(reading: Reading) -> Self {
        Self::Says(Box::new(reading))
    }

    fn reading(self) -> Option<Reading> {
        match self {
            Self::Says(reading) => Some(*reading),
            Self::Nothing => None,
        }
    }
}

/// Absent instead of empty.
fn some(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}
