//! Phone numbers in E.164.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A possible phone number, `+` and 7 to 15 digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Why a text is not a phone number; the sentence is shown to people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidPhone(pub String);

impl Phone {
    /// Reads `+16001234560`. Spaces, dashes, dots and brackets are allowed;
    /// the leading `+` (or `00`) and the country code are not optional.
    ///
    /// # Errors
    /// A sentence that names the value and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let shown: String = text.chars().take(40).collect();
        let trimmed = text.trim();
        let (plus, rest) = match trimmed.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix("00").unwrap_or(trimmed)),
        };
        if !plus && rest.len() == trimmed.len() {
            return Err(InvalidPhone(format!(
                "'{shown}' is not in E.164 form: it must start with '+' and the country code, such as +16001234560"
            )));
        }
        let mut digits = String::with_capacity(15);
        for c in rest.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '-' | '.' | '(' | ')' | '\u{a0}' => {}
                other => {
                    return Err(InvalidPhone(format!("'{shown}' contains '{other}', which no phone number has")));
                }
            }
            if digits.len() > 15 {
                return Err(InvalidPhone(format!("'{shown}' has more than the 15 digits that E.164 allows")));
            }
        }
        if digits.len() < 7 {
            return Err(InvalidPhone(format!(
                "'{shown}' has only {} digits; a full number has at least 7",
                digits.len()
            )));
        }
        let full = format!("+{digits}");
        let parsed = phonenumber::parse(None, &full)
            .map_err(|_| InvalidPhone(format!("'{shown}' has no known country code")))?;
        if parsed.country().id().is_none() && parsed.code().value() == 0 {
            return Err(InvalidPhone(format!("'{shown}' has no known country code")));
        }
        possible(&parsed, &shown)?;
        Ok(Self(full))
    }

    /// Trusts digits that WhatsApp itself has told.
    #[must_use]
    pub fn from_digits(digits: &str) -> Self {
        Self(format!("+{digits}"))
    }

    /// Digits without the plus.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// With the plus.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// ISO 3166 alpha-2 of the country, when the number belongs to one.
    #[must_use]
    pub fn country(&self) -> Option<String> {
        let parsed = phonenumber::parse(None, &self.0).ok()?;
        parsed.country().id().map(|id| id.as_ref().to_owned())
    }
}

/// Length check per country: WhatsApp numbers outside of the national plan are
/// rare but real (new ranges), so the test is "possible", not "valid".
fn possible(number: &phonenumber::PhoneNumber, shown: &str) -> Result<(), InvalidPhone> {
    let national = number.national().value().to_string();
    let code = number.code().value();
    // North America is the one plan with a fixed length where people most often
    // drop or add a digit.
    let wanted = match code {
        1 => Some(10),
        _ => None,
    };
    if let Some(wanted) = wanted
        && national.len() != wanted
    {
        return Err(InvalidPhone(format!(
            "'{shown}' has {} digits after +{code}; numbers there have {wanted}",
            national.len()
        )));
    }
    Ok(())
}

impl TryFrom<String> for Phone {
    type Error = InvalidPhone;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Logs never show a whole number.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

/// `+1600…560` for logs.
#[must_use]
pub fn masked(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    if chars.len() < 9 {
        return "…".to_owned();
    }
    let (head, tail) = (&chars[..5], &chars[chars.len() - 3..]);
    head.iter().chain(['…'].iter()).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::{Phone, masked};

    #[test]
    fn accepts_what_people_paste() {
        for text in ["+16001234560", " +1 (600) 123-4560 ", "0016001234560", "+1.600.123.4560"] {
            assert_eq!(Phone::parse(text).expect(text).as_str(), "+16001234560");
        }
        assert!(Phone::parse("+491701234567").is_ok());
        assert!(Phone::parse("+5511987654321").is_ok());
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, part) in [
            ("16001234560", "must start with '+'"),
            ("+1600123456", "has 9 digits after +1"),
            ("+1600", "only 4 digits"),
            ("+1600123456x", "contains 'x'"),
            ("+1234567890123456", "more than the 15 digits"),
            ("", "must start with '+'"),
            ("+99912345678", "country code"),
        ] {
            let sentence = Phone::parse(text).expect_err(text).to_string();
            assert!(sentence.contains(part), "{text}: {sentence}");
        }
    }

    #[test]
    fn debug_hides_the_number() {
        assert_eq!(format!("{:?}", Phone::from_digits("16001234560")), "+1600…560");
        assert_eq!(masked("+123"), "…");
    }

    #[test]
    fn fuzz_numbers_and_ids() {
        let seeds = [
            "+16001234561",
            "0049 (170) 123-45.67",
            "16001234561@c.us",
            "100000000000001@lid",
            "120363012345678901@g.us",
            "16001234561-1500000000@g.us",
            "120363012345678901@newsletter",
            "status@broadcast",
        ];
        let words = ["+", "@c.us", "@lid", "@g.us", "@newsletter", ":12@s.whatsapp.net", "٣", "；ext=", "00"];
        // The first one reads the numbering plans of all countries.
        let patience = std::time::Duration::from_secs(120);
        sparkbot_fuzz::Fuzz::new("numbers_and_ids").seeds(seeds).words(words).patience(patience).run(|input| {
            let text = String::from_utf8_lossy(input);
            if let Ok(phone) = Phone::parse(&text) {
                let shown = phone.as_str();
                assert!(shown.starts_with('+') && shown[1..].bytes().all(|b| b.is_ascii_digit()), "{shown}");
                assert_eq!(Phone::parse(shown).expect("its own spelling").as_str(), shown);
                return format!("phone {:?}", phone.country());
            }
            match text.parse::<crate::wid::Wid>() {
                Ok(wid) => {
                    assert_eq!(
                        wid.as_str().parse::<crate::wid::Wid>().expect("its own spelling").as_str(),
                        wid.as_str()
                    );
                    format!("{:?}", wid.kind())
                }
                Err(_) => "neither".to_owned(),
            }
        });
    }
}
