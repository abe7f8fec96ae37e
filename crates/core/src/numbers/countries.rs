//! Facts about countries, from a table that is compiled in.

use std::sync::LazyLock;

use phonenumber::country::Id;
use serde::Serialize;
use utoipa::ToSchema;

use crate::phone::Phone;

/// A country of the numbering plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Country {
    /// ISO 3166 alpha-2.
    pub code: String,
    /// Short name, English.
    pub name: String,
    /// Official name, English.
    pub official_name: String,
    /// Country calling code, without plus.
    pub phone_prefix: String,
    /// Emoji.
    pub flag: String,
    /// Top-level domain, with its dot.
    pub domain: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The currency's name, English.
    pub currency_name: Option<String>,
    /// Official languages, ISO 639.
    pub languages: Vec<String>,
    /// Locales, BCP 47.
    pub locales: Vec<String>,
    /// Time zones, by their names in the IANA database.
    pub timezones: Vec<String>,
}

static COUNTRIES: LazyLock<Vec<Country>> =
    LazyLock::new(|| include_str!("countries.tsv").lines().filter_map(country).collect());

/// One line of the table.
fn country(line: &str) -> Option<Country> {
    if line.starts_with('#') {
        return None;
    }
    let mut fields = line.split('\t');
    let mut text = || fields.next().unwrap_or_default().to_owned();
    let (code, name, official_name) = (text(), text(), text());
    let mut some = || Some(text()).filter(|text| !text.is_empty());
    let (domain, currency, currency_name) = (some(), some(), some());
    let mut list = || text().split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let (languages, locales, timezones) = (list(), list(), list());
    let id: Id = code.parse().ok()?;
    let prefix = phonenumber::metadata::DATABASE.by_id(id.as_ref())?.country_code();
    Some(Country {
        flag: flag(&code),
        code,
        name,
        official_name,
        phone_prefix: prefix.to_string(),
        domain,
        currency,
        currency_name,
        languages,
        locales,
        timezones,
    })
}

/// Flags are their country's letters, written as regional indicators.
fn flag(code: &str) -> String {
    let letters = code.bytes().filter(u8::is_ascii_uppercase);
    letters.filter_map(|letter| char::from_u32(0x1F1E6 + u32::from(letter - b'A'))).collect()
}

/// The country with this code.
pub(crate) fn named(code: &str) -> Option<&'static Country> {
    let code = code.to_ascii_uppercase();
    COUNTRIES.iter().find(|country| country.code == code)
}

/// Whether this is a country's code, in capitals.
pub(crate) fn is_country(code: &str) -> bool {
    code.len() == 2 && named(code).is_some_and(|country| country.code == code)
}

/// The country that a number belongs to.
pub(crate) fn of(phone: &Phone) -> Option<Country> {
    named(&phone.country()?).cloned()
}

#[cfg(test)]
mod tests {
    use super::{COUNTRIES, named};

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = include_str!("countries.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(COUNTRIES.len(), lines);
        assert!(lines > 240, "{lines} countries");
        for country in COUNTRIES.iter() {
            assert_eq!(country.flag.chars().count(), 2, "{}", country.code);
            let complete = !country.name.is_empty()
                && !country.official_name.is_empty()
                && !country.languages.is_empty()
                && !country.locales.is_empty()
                && !country.timezones.is_empty()
                && country.currency.as_ref().is_some_and(|code| code.len() == 3);
            assert!(complete, "{country:?}");
        }
    }

    #[test]
    fn facts_are_right() {
        let brazil = named("br").expect("Brazil");
        assert_eq!((brazil.phone_prefix.as_str(), brazil.flag.as_str()), ("55", "🇧🇷"));
        assert_eq!(brazil.official_name, "Federative Republic of Brazil");
        assert_eq!((brazil.currency.as_deref(), brazil.domain.as_deref()), (Some("BRL"), Some(".br")));
        assert!(brazil.timezones.contains(&"America/Sao_Paulo".to_owned()));
        assert_eq!(named("GB").expect("the United Kingdom").domain.as_deref(), Some(".uk"));
        assert!(named("ZZ").is_none());
    }
}
