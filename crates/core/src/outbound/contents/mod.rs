//! What a message says besides its text, as the API spells it: the same fields
//! are asked for, kept with the message and shown again. [`Said`] is what they
//! mean: exactly one kind of message.

mod contacts;
mod event;
mod limits;
mod location;
mod media;
mod menu;
mod pointers;
mod poll;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use contacts::ContactEntry;
pub use event::{EventEntry, EventReply};
pub use location::LocationEntry;
pub use media::{FORMATS, KINDS, MediaEntry};
pub(super) use menu::buttons as menu_of_buttons;
pub use menu::{ButtonEntry, ListEntry, ListRow, ListSection};
pub use pointers::ForwardEntry;
pub use poll::{PollEntry, VoteEntry, VoteOption};

use crate::error::{Error, Result};
use limits::{Count, characters, message_id};

/// Characters of a text at most.
const TEXT: usize = 6000;

/// What a message says besides its text; at most one of the kinds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = MessageContents)]
pub struct Contents {
    /// A file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<MediaEntry>,
    /// A question with answers to choose from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollEntry>,
    /// A vote in a poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vote: Option<VoteEntry>,
    /// An appointment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventEntry>,
    /// An answer to an appointment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attend: Option<EventReply>,
    /// A place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationEntry>,
    /// Cards of people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<ContactEntry>>,
    /// An emoji on a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10)]
    pub reaction: Option<String>,
    /// The message that `reaction` is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 32)]
    pub reaction_message: Option<String>,
    /// Id of a product of the own catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 18)]
    pub product: Option<String>,
    /// A message to send again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forward: Option<ForwardEntry>,
    /// Buttons below the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buttons: Option<Vec<ButtonEntry>>,
    /// A list that opens below the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<ListEntry>,
    /// Small text below buttons.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub footer: Option<String>,
}

/// The one kind of message that contents and text make.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// Nothing but a text.
    Text(String),
    /// A file, with a text along with it.
    Media(MediaEntry, Option<String>),
    /// A question.
    Poll(PollEntry),
    /// A vote; an empty one takes it back.
    Vote(VoteEntry),
    /// An appointment.
    Event(EventEntry),
    /// An answer to one.
    Attend(EventReply),
    /// A place.
    Location(LocationEntry),
    /// Cards.
    Contacts(Vec<ContactEntry>),
    /// An emoji on a message; an empty one takes it back.
    Reaction { of: String, emoji: String },
    /// A product, with a text along with it.
    Product(String, Option<String>),
    /// A message again.
    Forward(ForwardEntry),
    /// Buttons below a text.
    Buttons { body: String, footer: Option<String>, buttons: Vec<ButtonEntry> },
    /// A list below a text.
    List { body: String, list: ListEntry },
}

impl Said {
    /// The API's word for it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Media(media, _) => media.kind_word(),
            Self::Poll(_) => "poll",
            Self::Vote(_) => "poll_vote",
            Self::Event(_) => "event",
            Self::Attend(_) => "event_response",
            Self::Location(_) => "location",
            Self::Contacts(_) => "contact",
            Self::Reaction { .. } => "reaction",
            Self::Product(..) => "product",
            Self::Forward(_) => "forward",
            Self::Buttons { .. } => "buttons",
            Self::List { .. } => "list",
        }
    }

    /// Whether votes or answers to it come under a key of its own.
    pub(super) fn needs_secret(&self) -> bool {
        matches!(self, Self::Poll(_) | Self::Event(_))
    }

    /// Whether it changes another message instead of being one.
    pub(super) fn changes_another(&self) -> bool {
        matches!(self, Self::Vote(_) | Self::Attend(_) | Self::Reaction { .. })
    }
}

impl Contents {
    /// The kinds that are given, by their fields.
    fn given(&self) -> Vec<&'static str> {
        [
            ("media", self.media.is_some()),
            ("poll", self.poll.is_some()),
            ("vote", self.vote.is_some()),
            ("event", self.event.is_some()),
            ("attend", self.attend.is_some()),
            ("location", self.location.is_some()),
            ("contacts", self.contacts.is_some()),
            ("reaction", self.reaction.is_some() || self.reaction_message.is_some()),
            ("product", self.product.is_some()),
            ("forward", self.forward.is_some()),
            ("buttons", self.buttons.is_some()),
            ("list", self.list.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect()
    }

    /// What these contents and a text mean together.
    ///
    /// # Errors
    /// For every value out of its limits and every combination that is no
    /// message, with a sentence that names the field.
    pub(super) fn said(&self, message: Option<&str>) -> Result<Said> {
        let given = self.given();
        if given.len() > 1 {
            return Err(Error::invalid(
                "message:kinds",
                format!("A message says one thing, but this one has {}.", given.join(" and ")),
            )
            .hint("Send a message for each of them."));
        }
        let text = message.filter(|text| !text.trim().is_empty());
        if let Some(text) = text {
            characters("message:too_long", "message", text, Count::upto(TEXT))?;
        }
        let kind = given.first().copied();
        if self.footer.is_some() && kind != Some("buttons") {
            return Err(Error::invalid("message:footer", "footer belongs to buttons; a list has list.footer.")
                .hint("Leave 'footer' out."));
        }
        if let (Some(kind), Some(_)) = (kind, text)
            && !matches!(kind, "media" | "product" | "buttons" | "list")
        {
            return Err(Error::invalid(
                "message:text",
                format!("'message' and '{kind}' can't be one message: WhatsApp shows no text with it."),
            )
            .hint("Send the text as a message of its own."));
        }
        let owned = text.map(str::to_owned);
        self.kind_of(owned)
    }

    fn kind_of(&self, text: Option<String>) -> Result<Said> {
        if let Some(media) = &self.media {
            let caption = media.check(text)?;
            return Ok(Said::Media(media.clone(), caption));
        }
        if let Some(poll) = &self.poll {
            poll.check()?;
            return Ok(Said::Poll(poll.clone()));
        }
        if let Some(vote) = &self.vote {
            vote.check()?;
            return Ok(Said::Vote(vote.clone()));
        }
        if let Some(event) = &self.event {
            event.check()?;
            return Ok(Said::Event(event.clone()));
        }
        if let Some(reply) = &self.attend {
            message_id("attend.event", &reply.event)?;
            return Ok(Said::Attend(reply.clone()));
        }
        if let Some(location) = &self.location {
            location.check()?;
            return Ok(Said::Location(location.clone()));
        }
        if let Some(contacts) = &self.contacts {
            contacts::check(contacts)?;
            return Ok(Said::Contacts(contacts.clone()));
        }
        if self.reaction.is_some() || self.reaction_message.is_some() {
            let (of, emoji) = pointers::reaction(self.reaction.as_deref(), self.reaction_message.as_deref())?;
            return Ok(Said::Reaction { of, emoji });
        }
        if let Some(product) = &self.product {
            characters("product:invalid", "product", product, Count::from_one_to(18))?;
            return Ok(Said::Product(product.clone(), text));
        }
        if let Some(forward) = &self.forward {
            forward.check()?;
            return Ok(Said::Forward(forward.clone()));
        }
        if let Some(buttons) = &self.buttons {
            menu::check_buttons(buttons, self.footer.as_deref())?;
            let body = text.ok_or_else(|| menu::no_text("buttons"))?;
            return Ok(Said::Buttons { body, footer: self.footer.clone(), buttons: buttons.clone() });
        }
        if let Some(list) = &self.list {
            let body = list.check(text)?;
            return Ok(Said::List { body, list: list.clone() });
        }
        text.map(Said::Text).ok_or_else(|| {
            Error::invalid("message:empty", "The message has no text and says nothing else.").hint(
                "Give 'message' 1 to 6000 characters, or one of media, poll, location, contacts and the other kinds.",
            )
        })
    }
}

#[cfg(test)]
mod tests;
