//! Cards of people.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::limits::{Count, characters, entries};
use crate::error::{Error, Result};
use crate::network::content::ContactCard;
use crate::phone::Phone;

const CODE: &str = "contacts:invalid";

/// A person to send the card of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageContact)]
pub struct ContactEntry {
    /// In E.164.
    #[schema(min_length = 6, max_length = 16)]
    pub phone: String,
    /// As it is to be shown.
    #[schema(min_length = 1, max_length = 40)]
    pub name: String,
}

pub(super) fn check(contacts: &[ContactEntry]) -> Result<()> {
    entries(CODE, "contacts", contacts.len(), Count::from_one_to(10))?;
    for (i, contact) in contacts.iter().enumerate() {
        characters(CODE, &format!("contacts[{i}].phone"), &contact.phone, Count::between(6, 16))?;
        characters(CODE, &format!("contacts[{i}].name"), &contact.name, Count::from_one_to(40))?;
        phone(contact).map_err(|why| Error::invalid("phone:invalid", format!("contacts[{i}].phone: {why}.")))?;
    }
    Ok(())
}

fn phone(contact: &ContactEntry) -> Result<Phone, crate::phone::InvalidPhone> {
    Phone::parse(&contact.phone)
}

impl ContactEntry {
    /// The card as WhatsApp's own clients write it: `waid` makes the number one
    /// to write to.
    pub(in crate::outbound) fn card(&self) -> Result<ContactCard> {
        let phone = phone(self).map_err(|why| Error::invalid("phone:invalid", format!("{why}.")))?;
        let name = escaped(self.name.trim());
        let vcard = format!(
            "BEGIN:VCARD\nVERSION:3.0\nN:;{name};;;\nFN:{name}\nTEL;type=CELL;waid={}:{}\nEND:VCARD",
            phone.digits(),
            phone.as_str()
        );
        Ok(ContactCard { name: self.name.trim().to_owned(), vcard })
    }
}

/// RFC 2426: commas, semicolons, backslashes and line ends are escaped.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ',' | ';' | '\\' => {
                safe.push('\\');
                safe.push(c);
            }
            '\n' => safe.push_str("\\n"),
            '\r' => {}
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::ContactEntry;

    #[test]
    fn names_do_not_break_out_of_their_card() {
        let contact = ContactEntry { phone: "+1 600 123 4561".into(), name: "Doe; John,\nEND:VCARD \\".into() };
        let card = contact.card().expect("a card");
        assert_eq!(
            card.vcard,
            "BEGIN:VCARD\nVERSION:3.0\nN:;Doe\\; John\\,\\nEND:VCARD \\\\;;;\nFN:Doe\\; John\\,\\nEND:VCARD \\\\\n\
             TEL;type=CELL;waid=16001234561:+16001234561\nEND:VCARD"
        );
    }
}
