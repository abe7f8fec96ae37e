//! Cards of people.

use sparkbot_network::{ContactCard, NetworkError};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::{ContactMessage, ContactsArrayMessage};

/// As many as WhatsApp's apps take at once.
const CARDS: usize = 257;
/// Characters of one card.
const LONGEST_CARD: usize = 65_536;

pub(super) fn check(cards: &[ContactCard]) -> Result<(), NetworkError> {
    if cards.is_empty() || cards.len() > CARDS {
        return Err(NetworkError::Invalid(format!("a message carries 1 to {CARDS} contacts")));
    }
    if cards.iter().any(|card| card.vcard.len() > LONGEST_CARD) {
        return Err(NetworkError::Invalid(format!("a contact's card is longer than {LONGEST_CARD} characters")));
    }
    Ok(())
}

pub(super) fn message(cards: &[ContactCard]) -> wa::Message {
    if let [card] = cards {
        return wa::Message { contact_message: MessageField::some(contact(card)), ..wa::Message::default() };
    }
    let array = ContactsArrayMessage {
        display_name: Some(format!("{} contacts", cards.len())),
        contacts: cards.iter().map(contact).collect(),
        ..ContactsArrayMessage::default()
    };
    wa::Message { contacts_array_message: MessageField::some(array), ..wa::Message::default() }
}

fn contact(card: &ContactCard) -> ContactMessage {
    ContactMessage {
        display_name: Some(card.name.clone()),
        vcard: Some(card.vcard.clone()),
        ..ContactMessage::default()
    }
}
