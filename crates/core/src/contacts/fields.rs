//! What people may add to a contact.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sparkbot_store::rows::ContactRow;
use utoipa::ToSchema;

use crate::clock::parse_iso;
use crate::error::{Error, Result};
use crate::numbers;
use crate::phone::Phone;

/// What `$remove` of an update may name.
pub const REMOVABLE: &[&str] = &[
    "name",
    "surname",
    "altPhone",
    "email",
    "companyName",
    "timezone",
    "companyCode",
    "companyTaxId",
    "companyWebsite",
    "companyRole",
    "title",
    "companyEmail",
    "companyPhone",
    "country",
    "companyCountry",
    "address",
    "city",
    "crm",
    "crmRef",
    "postalCode",
    "notes",
    "gender",
    "currency",
    "birthday",
    "description",
    "languages",
    "links",
    "sync",
];

/// What sort of contact it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContactKind {
    /// A person.
    Personal,
    /// A company.
    Business,
}

/// Gender, as people state it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContactGender {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Other.
    Other,
}

/// Whether the team wants to be told of messages of this contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContactNotifications {
    /// As usual.
    On,
    /// Silently.
    Mute,
    /// Not at all.
    Ignore,
}

/// What people add to a contact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ContactFields {
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub name: Option<String>,
    /// Surname.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub surname: Option<String>,
    /// Title, such as Dr.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 30)]
    pub title: Option<String>,
    /// `personal` or `business`; what WhatsApp says, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ContactKind>,
    /// Gender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<ContactGender>,
    /// Another phone number, in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    pub alt_phone: Option<String>,
    /// E-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 120)]
    pub email: Option<String>,
    /// In a few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub description: Option<String>,
    /// Languages, by their codes in ISO 639.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub languages: Vec<String>,
    /// Web addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub links: Vec<String>,
    /// Company.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 120)]
    pub company_name: Option<String>,
    /// The company's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub company_code: Option<String>,
    /// The company's tax number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub company_tax_id: Option<String>,
    /// What the person does there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub company_role: Option<String>,
    /// The company's web address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub company_website: Option<String>,
    /// The company's e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 120)]
    pub company_email: Option<String>,
    /// The company's phone number, in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    pub company_phone: Option<String>,
    /// The company's country, two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2)]
    pub company_country: Option<String>,
    /// Currency, three letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 3)]
    pub currency: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub address: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 120)]
    pub city: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 20)]
    pub postal_code: Option<String>,
    /// Country, two letters; that of the phone number, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2)]
    pub country: Option<String>,
    /// Notes for the team.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub notes: Option<String>,
    /// Birthday, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40, example = "1990-04-12T00:00:00Z")]
    pub birthday: Option<String>,
    /// Whether the team wants to be told of messages; kept for programs, nothing here acts on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notifications: Option<ContactNotifications>,
    /// Time zone, by its name in the IANA database.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub timezone: Option<String>,
    /// The customer system that knows the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 120)]
    pub crm: Option<String>,
    /// The contact's id there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 120)]
    pub crm_ref: Option<String>,
    /// Keep the name in the phone's address book in step with the one here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync: Option<bool>,
}

impl ContactFields {
    /// Out of a contact's row; what this program has not written counts as nothing.
    pub(super) fn of(row: &ContactRow) -> Self {
        serde_json::from_str(&row.fields).unwrap_or_default()
    }

    /// With what is given put over it and what is named taken away; an empty
    /// text takes away, too.
    pub(super) fn changed(&self, given: &Self, remove: &[String]) -> Result<Self> {
        let mut all = self.map()?;
        for (name, value) in given.map()? {
            if value.as_str().is_some_and(|text| text.trim().is_empty()) {
                all.remove(&name);
            } else {
                all.insert(name, value);
            }
        }
        for name in remove {
            all.remove(name);
        }
        check_sizes(&all)?;
        let changed: Self = serde_json::from_value(Value::Object(all)).map_err(Error::internal)?;
        changed.checked()
    }

    /// Names of what differs.
    pub(super) fn differences(&self, other: &Self) -> Result<Vec<String>> {
        let (one, two) = (self.map()?, other.map()?);
        let mut names: Vec<String> =
            one.keys().chain(two.keys()).filter(|name| one.get(*name) != two.get(*name)).cloned().collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn map(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self).map_err(Error::internal)? {
            Value::Object(map) => Ok(map),
            _ => Ok(Map::new()),
        }
    }

    pub(super) fn column(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }

    /// As it is kept: trimmed, codes in upper case, numbers in E.164.
    fn checked(mut self) -> Result<Self> {
        for text in [&mut self.alt_phone, &mut self.company_phone].into_iter().flatten() {
            let read = Phone::parse(text).map_err(|why| {
                Error::invalid("phone:invalid", format!("The phone number {why}."))
                    .hint("Give the full number in E.164 form, such as +16001234560.")
            })?;
            *text = read.to_string();
        }
        for (name, email) in [("email", &self.email), ("companyEmail", &self.company_email)] {
            if let Some(text) = email {
                check_email(name, text)?;
            }
        }
        for (name, country) in [("country", &mut self.country), ("companyCountry", &mut self.company_country)] {
            if let Some(code) = country {
                *code = code.to_ascii_uppercase();
                if numbers::country(code).is_none() {
                    return Err(wrong(name, code, "it must be a country's two letters, such as BR"));
                }
            }
        }
        if let Some(code) = &mut self.currency {
            *code = code.to_ascii_uppercase();
            if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
                return Err(wrong("currency", code, "it must be three letters of ISO 4217, such as EUR"));
            }
        }
        if let Some(zone) = &self.timezone
            && jiff::tz::TimeZone::get(zone).is_err()
        {
            return Err(wrong("timezone", zone, "it must be a name of the IANA database, such as Europe/Berlin"));
        }
        if let Some(date) = &mut self.birthday {
            *date = birthday(date).ok_or_else(|| wrong("birthday", date, "it must be a date, such as 1990-04-12"))?;
        }
        for language in &mut self.languages {
            *language = language.trim().to_ascii_lowercase();
            if !(2..=3).contains(&language.len()) || !language.bytes().all(|b| b.is_ascii_lowercase()) {
                return Err(wrong("languages", language, "languages are codes of ISO 639, such as en"));
            }
        }
        for link in &self.links {
            if link.chars().count() > 300 {
                return Err(wrong("links", link, "a link has at most 300 characters"));
            }
        }
        Ok(self)
    }
}

/// How long a text and a list may be stands in the schema that the document
/// shows.
fn check_sizes(fields: &Map<String, Value>) -> Result<()> {
    static SCHEMA: LazyLock<Value> =
        LazyLock::new(|| serde_json::to_value(<ContactFields as utoipa::PartialSchema>::schema()).unwrap_or_default());
    for (name, value) in fields {
        let most = |key: &str| SCHEMA["properties"][name][key].as_u64().and_then(|most| usize::try_from(most).ok());
        let (size, most, what) = match value {
            Value::String(text) => (text.chars().count(), most("maxLength"), "characters"),
            Value::Array(list) => (list.len(), most("maxItems"), "entries"),
            _ => continue,
        };
        if let Some(most) = most.filter(|most| size > *most) {
            let sentence = format!("'{name}' has {size} {what}; at most {most} are kept.");
            return Err(Error::invalid("contact:invalid", sentence));
        }
    }
    Ok(())
}

fn wrong(name: &str, value: &str, why: &str) -> Error {
    let shown: String = value.chars().take(60).collect();
    Error::invalid("contact:invalid", format!("'{name}' is '{shown}'; {why}."))
}

fn check_email(name: &str, text: &str) -> Result<()> {
    let fine = text
        .split_once('@')
        .is_some_and(|(local, host)| !local.is_empty() && host.len() > 2 && host.contains('.') && !host.contains('@'));
    if fine && !text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Ok(());
    }
    Err(wrong(name, text, "it must be an e-mail address, such as ana@example.com"))
}

/// A day, or a moment of it; kept as its midnight in UTC.
fn birthday(text: &str) -> Option<String> {
    let day: jiff::civil::Date = match parse_iso(text) {
        Some(at) => jiff::Timestamp::from_millisecond(at).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date(),
        None => text.parse().ok()?,
    };
    (day.year() > 1850).then(|| format!("{day}T00:00:00.000Z"))
}

#[cfg(test)]
mod tests {
    use super::{ContactFields, REMOVABLE};

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_is_given_goes_over_what_was_there() {
        let before = ContactFields { name: some("Ben"), city: some("Bonn"), ..ContactFields::default() };
        let given = ContactFields { surname: some("Berg"), city: some(" "), ..ContactFields::default() };
        let after = before.changed(&given, &["name".to_owned()]).expect("changed");
        assert_eq!(after, ContactFields { surname: some("Berg"), ..ContactFields::default() });
        assert_eq!(before.differences(&after).expect("a list"), ["city", "name", "surname"]);
    }

    #[test]
    fn wrong_values_are_named() {
        let none = ContactFields::default();
        for (given, part) in [
            (ContactFields { email: some("ben"), ..none.clone() }, "'email' is 'ben'"),
            (ContactFields { company_email: some("a@b"), ..none.clone() }, "'companyEmail' is 'a@b'"),
            (ContactFields { alt_phone: some("123"), ..none.clone() }, "'123'"),
            (ContactFields { country: some("zz"), ..none.clone() }, "'country' is 'ZZ'"),
            (ContactFields { currency: some("E1"), ..none.clone() }, "'currency' is 'E1'"),
            (ContactFields { timezone: some("Mars/Base"), ..none.clone() }, "'timezone' is 'Mars/Base'"),
            (ContactFields { birthday: some("soon"), ..none.clone() }, "'birthday' is 'soon'"),
            (ContactFields { name: Some("n".repeat(61)), ..none.clone() }, "'name' has 61 characters; at most 60"),
            (ContactFields { links: vec!["x".to_owned(); 11], ..none.clone() }, "'links' has 11 entries; at most 10"),
            (ContactFields { languages: vec!["English".to_owned()], ..none.clone() }, "'languages' is 'english'"),
        ] {
            let error = none.changed(&given, &[]).expect_err("refused");
            assert!(error.message.contains(part), "{}", error.message);
        }
    }

    #[test]
    fn values_are_kept_in_one_form() {
        let given = ContactFields {
            country: some("br"),
            birthday: some("1990-04-12T23:30:00+02:00"),
            alt_phone: some("+1 600 123 4569"),
            ..ContactFields::default()
        };
        let kept = ContactFields::default().changed(&given, &[]).expect("kept");
        assert_eq!(kept.country.as_deref(), Some("BR"));
        assert_eq!(kept.birthday.as_deref(), Some("1990-04-12T00:00:00.000Z"));
        assert_eq!(kept.alt_phone.as_deref(), Some("+16001234569"));
        let day = ContactFields { birthday: some("1990-04-12"), ..ContactFields::default() };
        assert!(ContactFields::default().changed(&day, &[]).is_ok());
    }

    #[test]
    fn everything_that_can_be_removed_is_a_field() {
        let document = serde_json::to_value(<ContactFields as utoipa::PartialSchema>::schema()).expect("a schema");
        for name in REMOVABLE {
            assert!(document["properties"].get(name).is_some(), "{name}");
        }
    }
}
