//! One person of an import, checked.

use std::collections::BTreeMap;

use super::super::template::{Template, is_key};
use super::NewContact;
use crate::error::{Error, Result};
use crate::outbound::{check_own, person as read_person, wanted};
use crate::views::Variable;
use crate::wid::WidKind;

/// Characters of a name at most.
const NAME: usize = 100;
/// Characters of a reference at most.
const REFERENCE: usize = 128;
/// Variables of one person at most.
const VARIABLES: usize = 50;
/// Characters of a value at most.
const VALUE: usize = 1000;
/// Characters of a refused value that are shown.
const SHOWN: usize = 60;

/// Somebody as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) kind: &'static str,
    pub(super) wid: String,
    pub(super) name: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) message: Option<String>,
    /// JSON.
    pub(super) variables: String,
}

/// Checks one contact.
///
/// # Errors
/// `contact:receiver`, `phone:invalid`, `group:invalid`, `channel:invalid`, `contact:name`, `contact:reference`,
/// `contact:variables`, and as for a text.
pub(super) fn person(contact: &NewContact) -> Result<Person> {
    let (wid, kind) = match (&contact.phone, &contact.group, &contact.channel) {
        (Some(phone), None, None) => (read_person(phone)?, "user"),
        (None, Some(group), None) => {
            (wanted(group, WidKind::Group, "group:invalid", "120363012345678901@g.us")?, "group")
        }
        (None, None, Some(channel)) => {
            (wanted(channel, WidKind::Channel, "channel:invalid", "120363012345678901@newsletter")?, "channel")
        }
        _ => {
            return Err(Error::invalid(
                "contact:receiver",
                "A contact needs exactly one of 'phone', 'group' and 'channel'.",
            ));
        }
    };
    let name = short("contact:name", "name", contact.name.as_deref(), NAME)?;
    let reference = short("contact:reference", "reference", contact.reference.as_deref(), REFERENCE)?;
    let message = contact.message.clone().filter(|text| !text.trim().is_empty());
    if let Some(text) = &message {
        Template::parse(text)?;
        check_own(Some(text), None)?;
    }
    let variables = serde_json::to_string(&variables(&contact.variables)?).map_err(Error::internal)?;
    Ok(Person { kind, wid: wid.to_string(), name, reference, message, variables })
}

fn short(code: &'static str, field: &str, text: Option<&str>, most: usize) -> Result<Option<String>> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let length = text.chars().count();
    if length > most {
        return Err(Error::invalid(code, format!("The {field} has {length} characters; it takes {most}.")));
    }
    Ok(Some(text.to_owned()))
}

/// By name in lower case, each once.
fn variables(given: &[Variable]) -> Result<Vec<Variable>> {
    let refuse = |sentence: String| Err(Error::invalid("contact:variables", sentence));
    if given.len() > VARIABLES {
        return refuse(format!("There are {} variables; a contact takes {VARIABLES}.", given.len()));
    }
    let mut all = BTreeMap::new();
    for variable in given {
        let key = variable.key.trim().to_lowercase();
        let shown: String = variable.key.chars().take(SHOWN).collect();
        if !is_key(&key) {
            return refuse(format!(
                "'{shown}' is no name of a variable: it has 1 to 40 letters, digits, spaces, '_', '-' and '.'."
            ));
        }
        let length = variable.value.chars().count();
        if length > VALUE {
            return refuse(format!("The value of '{shown}' has {length} characters; it takes {VALUE}."));
        }
        if all.insert(key, variable.value.clone()).is_some() {
            return refuse(format!("The variable '{shown}' is given twice."));
        }
    }
    Ok(all.into_iter().map(|(key, value)| Variable { key, value }).collect())
}

/// How somebody was named, for the report.
pub(super) fn shown(contact: &NewContact) -> String {
    let named = [&contact.phone, &contact.group, &contact.channel].into_iter().flatten().next();
    named.map(String::as_str).unwrap_or_default().chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::super::NewContact;
    use super::{Variable, person};

    fn contact(phone: &str) -> NewContact {
        NewContact { phone: Some(phone.to_owned()), ..NewContact::default() }
    }

    fn variable(key: &str, value: &str) -> Variable {
        Variable { key: key.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn one_number_is_one_person_however_it_is_written() {
        let wid = |phone: &str| person(&contact(phone)).expect(phone).wid;
        for phone in ["+16001234560", "+1 (600) 123-4560", "0016001234560", " +1.600.123.4560 ", "16001234560@c.us"] {
            assert_eq!(wid(phone), "16001234560@c.us", "{phone}");
        }
        let group = NewContact { group: Some("120363012345678901@g.us".to_owned()), ..NewContact::default() };
        assert_eq!(person(&group).expect("a group").kind, "group");
        let channel = NewContact { channel: Some("120363012345678901@newsletter".to_owned()), ..NewContact::default() };
        assert_eq!(person(&channel).expect("a channel").kind, "channel");
    }

    #[test]
    fn variables_are_known_by_their_name_whatever_its_case() {
        let full = NewContact {
            variables: vec![variable(" City ", "Lima"), variable("plan", "")],
            name: Some("  Ada ".to_owned()),
            ..contact("+16001234560")
        };
        let person = person(&full).expect("a person");
        assert_eq!(person.variables, r#"[{"key":"city","value":"Lima"},{"key":"plan","value":""}]"#);
        assert_eq!(person.name.as_deref(), Some("Ada"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let base = || contact("+16001234560");
        for (contact, code, part) in [
            (NewContact::default(), "contact:receiver", "exactly one"),
            (NewContact { group: Some("x@g.us".to_owned()), ..base() }, "contact:receiver", "exactly one"),
            (contact("6001234560"), "phone:invalid", "must start with '+'"),
            (contact("+1600"), "phone:invalid", "only 4 digits"),
            (NewContact { name: Some("x".repeat(101)), ..base() }, "contact:name", "101 characters"),
            (NewContact { reference: Some("x".repeat(129)), ..base() }, "contact:reference", "129 characters"),
            (NewContact { message: Some("{a|b".to_owned()), ..base() }, "campaign:template", "never ends"),
            (NewContact { message: Some("x".repeat(6001)), ..base() }, "message:too_long", "6001"),
            (NewContact { variables: vec![variable("a=b", "")], ..base() }, "contact:variables", "'a=b'"),
            (
                NewContact { variables: vec![variable("a", "1"), variable("A", "2")], ..base() },
                "contact:variables",
                "twice",
            ),
            (NewContact { variables: vec![variable("a", &"x".repeat(1001))], ..base() }, "contact:variables", "1001"),
            (NewContact { variables: vec![variable("a", "1"); 51], ..base() }, "contact:variables", "51 variables"),
        ] {
            let error = person(&contact).expect_err(part);
            assert!(error.code == code && error.message.contains(part), "{code}: {} {}", error.code, error.message);
        }
    }
}
