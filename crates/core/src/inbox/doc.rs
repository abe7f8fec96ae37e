//! What is kept of a message besides its columns, as JSON.

use serde::{Deserialize, Serialize};
use sparkbot_store::rows::ChatMessageRow;

use crate::error::{Error, Result};
use crate::network::{
    Choice, ContactCard, Event, GroupInvite, Location, MediaKind, Menu, Order, Poll, Product, ReceivedContent,
};
use crate::views::{Edit, MessageMeta, Quoted};

/// Old texts of one message at most; WhatsApp takes edits for a quarter of an
/// hour only.
const EDITS: usize = 50;

/// What is kept of a message besides its columns.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Doc {
    /// Sender's id; the chat for inbound messages.
    pub(crate) from: String,
    /// Receiver's id.
    pub(crate) to: String,
    /// Small facts.
    pub(crate) meta: MessageMeta,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quoted: Option<Quoted>,
    /// People named in the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) mentions: Vec<String>,
    /// What it says beyond its text, under the name of its kind.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<Saying>,
    /// What it said before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) edits: Vec<Edit>,
}

/// What a message says beyond its text, in the port's own types.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Saying {
    /// A place.
    Location(Location),
    /// Cards.
    Contacts(Vec<ContactCard>),
    /// A question.
    Poll(Poll),
    /// An appointment.
    Event(Box<Event>),
    /// A product.
    Product(Box<Product>),
    /// An order.
    Order(Box<Order>),
    /// Something to choose from.
    Menu(Menu),
    /// What was chosen.
    Choice(Choice),
    /// An invitation to a group.
    Invite(GroupInvite),
    /// A note of WhatsApp's own.
    System(String),
}

impl Saying {
    /// What a message says beyond text and file.
    pub(crate) fn of(content: &ReceivedContent) -> Option<Self> {
        Some(match content {
            ReceivedContent::Location(location) => Self::Location(location.clone()),
            ReceivedContent::Contacts(cards) => Self::Contacts(cards.clone()),
            ReceivedContent::Poll(poll) => Self::Poll(poll.clone()),
            ReceivedContent::Event(event) => Self::Event(event.clone()),
            ReceivedContent::Product(product, _) => Self::Product(product.clone()),
            ReceivedContent::Order(order) => Self::Order(order.clone()),
            ReceivedContent::Menu(menu) => Self::Menu(menu.clone()),
            ReceivedContent::Choice(choice) => Self::Choice(choice.clone()),
            ReceivedContent::GroupInvite(invite) => Self::Invite(invite.clone()),
            ReceivedContent::System(note) => Self::System(note.clone()),
            ReceivedContent::Plain
            | ReceivedContent::Media(_)
            | ReceivedContent::Change { .. }
            | ReceivedContent::Unknown => return None,
        })
    }

    /// Texts in it that a search should find.
    fn texts(&self) -> Vec<&str> {
        let mut texts: Vec<Option<&str>> = Vec::new();
        match self {
            Self::Location(location) => texts.extend([location.name.as_deref(), location.address.as_deref()]),
            Self::Contacts(cards) => texts.extend(cards.iter().map(|card| Some(card.name.as_str()))),
            Self::Poll(poll) => {
                texts.push(Some(&poll.name));
                texts.extend(poll.options.iter().map(|option| Some(option.as_str())));
            }
            Self::Event(event) => texts.extend([Some(event.name.as_str()), event.description.as_deref()]),
            Self::Product(product) => texts.extend([Some(product.name.as_str()), product.description.as_deref()]),
            Self::Order(order) => texts.extend([order.title.as_deref(), order.message.as_deref()]),
            Self::Choice(choice) => texts.push(choice.title.as_deref()),
            Self::Invite(invite) => texts.push(invite.name.as_deref()),
            Self::Menu(_) | Self::System(_) => {}
        }
        texts.into_iter().flatten().collect()
    }
}

impl Doc {
    /// From its column.
    pub(crate) fn read(row: &ChatMessageRow) -> Result<Self> {
        serde_json::from_str(&row.doc).map_err(Error::internal)
    }

    /// For its column.
    pub(crate) fn column(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }

    /// Everything that a search should find the message by.
    pub(crate) fn search_text(&self, body: Option<&str>, filename: Option<&str>) -> String {
        let mut texts: Vec<&str> = body.into_iter().chain(filename).collect();
        if let Some(content) = &self.content {
            texts.extend(content.texts());
        }
        texts.join("\n")
    }

    /// Keeps what the message said until now.
    pub(crate) fn remember(&mut self, body: Option<String>, until: String) {
        if self.edits.len() < EDITS {
            self.edits.push(Edit { body, date: until });
        }
        self.meta.is_edited = true;
    }
}

/// What sort of its kind a message is; see [`crate::chat_messages::kinds`].
pub(crate) fn subtype(content: &ReceivedContent) -> Option<&'static str> {
    match content {
        ReceivedContent::Media(media) => match media.kind {
            MediaKind::Voice => Some("voice"),
            MediaKind::Gif => Some("gif"),
            MediaKind::VideoNote => Some("video_note"),
            _ => None,
        },
        ReceivedContent::Location(location) => location.live.then_some("live"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Doc, Saying};
    use crate::network::Poll;

    #[test]
    fn what_it_says_stands_under_the_name_of_its_kind() {
        let poll = Poll { name: "Lunch?".to_owned(), options: vec!["Soup".to_owned()], selectable: 1 };
        let doc = Doc { from: "1@c.us".to_owned(), content: Some(Saying::Poll(poll)), ..Doc::default() };
        let column = doc.column().expect("JSON");
        let value: serde_json::Value = serde_json::from_str(&column).expect("JSON");
        assert_eq!(value["poll"]["options"][0], "Soup");
        let read: Doc = serde_json::from_str(&column).expect("read");
        assert!(matches!(read.content, Some(Saying::Poll(poll)) if poll.name == "Lunch?"));
        let plain: Doc = serde_json::from_str(&Doc::default().column().expect("JSON")).expect("read");
        assert!(plain.content.is_none());
    }
}
