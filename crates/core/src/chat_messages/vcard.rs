//! What a vCard says, as far as a chat shows it.

use crate::phone::Phone;
use crate::wid::Wid;

/// Numbers and addresses of one card at most.
const MOST: usize = 20;

/// What a card says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) name: Option<String>,
    pub(super) phones: Vec<String>,
    pub(super) wids: Vec<String>,
    pub(super) emails: Vec<String>,
    pub(super) organization: Option<String>,
}

/// Reads vCard 2.1 to 4.0, leniently: what can't be read is left out.
pub(super) fn read(card: &str) -> Facts {
    let mut facts = Facts::default();
    // A line that begins with a blank goes on the one before.
    let unfolded = card.replace("\r\n ", "").replace("\n ", "").replace("\r\n\t", "").replace("\n\t", "");
    for line in unfolded.lines() {
        let Some((property, value)) = line.split_once(':') else { continue };
        let mut parts = property.split(';');
        let name = parts.next().unwrap_or_default();
        // `item1.TEL` is TEL with a label elsewhere.
        let name = name.rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
        let value = unescaped(value);
        if value.is_empty() {
            continue;
        }
        match name.as_str() {
            "FN" => facts.name = Some(value),
            "ORG" => facts.organization = Some(value.trim_end_matches(';').to_owned()),
            "EMAIL" if facts.emails.len() < MOST => facts.emails.push(value),
            "TEL" if facts.phones.len() < MOST => {
                let waid = parts.find_map(|part| part.to_ascii_lowercase().strip_prefix("waid=").map(str::to_owned));
                let digits = waid.filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()));
                if let Some(digits) = digits {
                    facts.wids.push(Wid::user(&Phone::from_digits(&digits)).to_string());
                }
                facts.phones.push(value.trim_start_matches("tel:").to_owned());
            }
            _ => {}
        }
    }
    facts
}

fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut signs = value.trim().chars();
    while let Some(sign) = signs.next() {
        match (sign, sign == '\\') {
            (_, true) => match signs.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            (other, false) => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Facts, read};

    #[test]
    fn numbers_and_ids_are_found() {
        let card = "BEGIN:VCARD\nVERSION:3.0\nN:Doe;Ana;;;\nFN:Ana Doe\\, Dr.\nORG:Acme;\n\
                    item1.TEL;type=CELL;waid=16001234561:+1 600-123-4561\nitem1.X-ABLabel:Mobile\n\
                    TEL;TYPE=work:+49 30 1234567\nEMAIL:ana@exam\r\n ple.org\nEND:VCARD";
        assert_eq!(
            read(card),
            Facts {
                name: Some("Ana Doe, Dr.".to_owned()),
                phones: vec!["+1 600-123-4561".to_owned(), "+49 30 1234567".to_owned()],
                wids: vec!["16001234561@c.us".to_owned()],
                emails: vec!["ana@example.org".to_owned()],
                organization: Some("Acme".to_owned()),
            }
        );
    }

    #[test]
    fn nonsense_is_nothing() {
        assert_eq!(read(""), Facts::default());
        assert_eq!(read(":::\nTEL\nTEL:\nEMAIL;x="), Facts::default());
    }

    #[test]
    fn fuzz_contact_cards() {
        let seeds = [
            "BEGIN:VCARD\nVERSION:3.0\nFN:Ben\nTEL;type=CELL;waid=16001234561:+1 600-123-4561\nEND:VCARD",
            "BEGIN:VCARD\r\nN:Doe;John;;;\r\nitem1.TEL:+16001234561\r\nitem1.X-ABLabel:Work\r\nEMAIL:a\\, b@c\r\n folded\r\nEND:VCARD",
        ];
        let words = ["TEL", "waid=", ";", ":", "\\n", "\\", "\r\n ", "FN:", "item1.", "END:VCARD"];
        sparkbot_fuzz::Fuzz::new("contact_cards").seeds(seeds).words(words).run(|input| {
            let facts = super::read(&String::from_utf8_lossy(input));
            format!("{}", format!("{facts:?}").len() / 16)
        });
    }
}
