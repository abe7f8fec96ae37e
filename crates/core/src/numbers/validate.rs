//! Reads numbers as people write them, without asking anybody.

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber, Type};
use serde::Serialize;
use utoipa::ToSchema;

use super::MOST;
use super::countries::{self, Country};
use crate::error::{Error, Result};
use crate::keys::{Caller, Scope};
use crate::phone::Phone;
use crate::wid::Wid;

/// Characters of a number at most.
const LONGEST: usize = 50;

/// How a number reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NumberCheck {
    /// As given.
    pub number: String,
    /// Whether it is a number of its country's plan.
    pub valid: bool,
    /// In E.164.
    pub phone: Option<String>,
    /// The id that it has on WhatsApp, if it is there under this spelling.
    pub wid: Option<String>,
    /// `mobile`, `fixed_line`, `fixed_line_or_mobile`, `toll_free`, `premium_rate`, `shared_cost`, `voip`, `personal`,
    /// `pager`, `uan`, `voicemail` or `unknown`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// As written within the country.
    pub national: Option<String>,
    /// As written for people abroad.
    pub international: Option<String>,
    /// The country it belongs to.
    pub country: Option<Country>,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// Reads up to [`MOST`] numbers, in the order given; `country` is that of
/// numbers without a country code. A number that is wrong is an answer, not an
/// error.
///
/// # Errors
/// `country:invalid`, `numbers:count`; without the scope `numbers:read`.
pub fn validate(caller: &Caller, numbers: &[String], country: Option<&str>) -> Result<Vec<NumberCheck>> {
    caller.need(Scope::NumbersRead)?;
    if numbers.is_empty() || numbers.len() > MOST {
        return Err(Error::invalid(
            "numbers:count",
            format!("There are {} numbers; a request takes 1 to {MOST}.", numbers.len()),
        ));
    }
    let region = match country.filter(|code| !code.is_empty()) {
        None => None,
        Some(code) => {
            let known = countries::named(code).and_then(|country| country.code.parse::<Id>().ok());
            let shown: String = code.chars().take(10).collect();
            Some(known.ok_or_else(|| {
                Error::invalid(
                    "country:invalid",
                    format!("'{shown}' is no country; it must be two letters, such as BR."),
                )
            })?)
        }
    };
    Ok(numbers.iter().map(|number| check(number, region)).collect())
}

fn check(text: &str, region: Option<Id>) -> NumberCheck {
    let wrong = |error: String| NumberCheck {
        number: text.chars().take(LONGEST).collect(),
        valid: false,
        phone: None,
        wid: None,
        kind: None,
        national: None,
        international: None,
        country: None,
        error: Some(error),
    };
    if text.chars().count() > LONGEST {
        return wrong(format!("It has more than {LONGEST} characters."));
    }
    let trimmed = text.trim();
    let abroad = trimmed.strip_prefix("00").map(|rest| format!("+{rest}"));
    let written = if region.is_none() { abroad.as_deref().unwrap_or(trimmed) } else { trimmed };
    if region.is_none() && !written.starts_with('+') {
        return wrong("It has no country code, and no country is given for such numbers.".to_owned());
    }
    match phonenumber::parse(region, written) {
        Ok(number) => shown(text, &number),
        Err(error) => wrong(format!("It can't be read: {error}.")),
    }
}

fn shown(text: &str, number: &PhoneNumber) -> NumberCheck {
    let e164 = number.format().mode(Mode::E164).to_string();
    let phone = Phone::parse(&e164).ok();
    let valid = number.is_valid() && phone.is_some();
    let country = number.country().id().and_then(|id| countries::named(id.as_ref()).cloned());
    NumberCheck {
        number: text.to_owned(),
        valid,
        wid: phone.as_ref().filter(|_| valid).map(|phone| Wid::user(phone).to_string()),
        kind: Some(kind(number.number_type(&DATABASE)).to_owned()),
        national: Some(number.format().mode(Mode::National).to_string()),
        international: Some(number.format().mode(Mode::International).to_string()),
        error: (!valid).then(|| match &country {
            Some(country) => format!("It is not a number of {}'s plan.", country.name),
            None => "It is not a number of any country's plan.".to_owned(),
        }),
        phone: Some(e164),
        country,
    }
}

fn kind(kind: Type) -> &'static str {
    match kind {
        Type::Mobile => "mobile",
        Type::FixedLine => "fixed_line",
        Type::FixedLineOrMobile => "fixed_line_or_mobile",
        Type::TollFree => "toll_free",
        Type::PremiumRate => "premium_rate",
        Type::SharedCost => "shared_cost",
        Type::Voip => "voip",
        Type::PersonalNumber => "personal",
        Type::Pager => "pager",
        Type::Uan => "uan",
        Type::Voicemail => "voicemail",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let german = check("0170 1234567", Some("DE".parse().expect("a country")));
        assert!(german.valid, "{german:?}");
        assert_eq!(german.phone.as_deref(), Some("+491701234567"));
        assert_eq!(german.kind.as_deref(), Some("mobile"));
        assert_eq!(german.wid.as_deref(), Some("491701234567@c.us"));
        let country = german.country.expect("Germany");
        assert_eq!((country.code.as_str(), country.phone_prefix.as_str()), ("DE", "49"));
        assert_eq!(check("0049 170 1234567", None).phone.as_deref(), Some("+491701234567"));
        assert_eq!(check("+55 (11) 98765-4321", None).international.as_deref(), Some("+55 11 98765-4321"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, part) in [
            ("0170 1234567", "no country code"),
            ("+49", "can't be read"),
            ("+1600", "not a number"),
            ("hello", "no country code"),
            ("+4917012345670123456701234567012345670123456701234567", "more than 50"),
        ] {
            let answer = check(text, None);
            let error = answer.error.expect("an error");
            assert!(!answer.valid && error.contains(part), "{text}: {error}");
        }
    }
}
