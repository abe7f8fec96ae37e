//! To whom a message goes.

use super::contents::Said;
use crate::error::{Error, Result};
use crate::phone::Phone;
use crate::wid::{Wid, WidKind};

/// Characters of a group's or channel's id at most.
const LONGEST: usize = 50;

/// A receiver as it is named; exactly one of them.
#[derive(Debug, Clone, Default)]
pub struct Receiver {
    /// A person: E.164, or an id such as `16001234560@c.us`.
    pub phone: Option<String>,
    /// A group, `…@g.us`.
    pub group: Option<String>,
    /// A channel, `…@newsletter`.
    pub channel: Option<String>,
    /// Any of them.
    pub chat: Option<String>,
    /// Everybody who sees the number's status updates.
    pub status: bool,
}

impl Receiver {
    fn given(&self) -> Vec<&'static str> {
        [("phone", &self.phone), ("group", &self.group), ("channel", &self.channel), ("chat", &self.chat)]
            .into_iter()
            .filter(|(_, value)| value.is_some())
            .map(|(name, _)| name)
            .collect()
    }

    /// Whether nobody is named.
    pub(super) fn is_absent(&self) -> bool {
        self.given().is_empty()
    }

    /// The chat it names.
    ///
    /// # Errors
    /// When nobody, somebody twice or no such id is named.
    pub(super) fn wid(&self) -> Result<Wid> {
        let given = self.given();
        if self.status && given.is_empty() {
            return crate::statuses::CHAT.parse().map_err(Error::internal);
        }
        if given.len() != 1 {
            return Err(Error::invalid(
                "message:receiver",
                if given.is_empty() {
                    "The message has no receiver.".to_owned()
                } else {
                    format!("The message has more than one receiver: {}.", given.join(" and "))
                },
            )
            .hint("Give exactly one of 'phone' (a person), 'group' or 'channel'."));
        }
        match (&self.phone, &self.group, &self.channel, &self.chat) {
            (Some(phone), ..) => person(phone),
            (_, Some(group), ..) => wanted(group, WidKind::Group, "group:invalid", "120363012345678901@g.us"),
            (_, _, Some(channel), _) => {
                wanted(channel, WidKind::Channel, "channel:invalid", "120363012345678901@newsletter")
            }
            (_, _, _, Some(chat)) => match chat.parse::<Wid>() {
                Ok(wid) if wid.kind() != WidKind::Broadcast => Ok(wid),
                _ => person(chat),
            },
            _ => Err(Error::internal("a receiver was counted but not found")),
        }
    }
}

/// A person by id or by phone number.
pub(crate) fn person(text: &str) -> Result<Wid> {
    if let Ok(wid) = text.parse::<Wid>()
        && matches!(wid.kind(), WidKind::User | WidKind::Lid)
    {
        return Ok(wid);
    }
    let phone = Phone::parse(text).map_err(|why| {
        Error::invalid("phone:invalid", format!("The phone number {why}."))
            .hint("Give the full number in E.164 form, such as +16001234560.")
    })?;
    Ok(Wid::user(&phone))
}

/// A chat of one kind by its id.
pub(crate) fn wanted(text: &str, kind: WidKind, code: &'static str, example: &str) -> Result<Wid> {
    let length = text.chars().count();
    if length > LONGEST {
        let shown: String = text.chars().take(LONGEST).collect();
        return Err(Error::invalid(
            code,
            format!("'{shown}…' has {length} characters; the id of a chat has {LONGEST} at most."),
        ));
    }
    text.parse::<Wid>()
        .ok()
        .filter(|wid| wid.kind() == kind)
        .ok_or_else(|| Error::invalid(code, format!("'{text}' is not an id such as {example}.")))
}

/// The API's word for what kind of receiver it is.
pub(super) fn target(wid: &Wid) -> &'static str {
    match wid.kind() {
        WidKind::Group => "group",
        WidKind::Channel => "channel",
        WidKind::Broadcast => "status",
        _ => "user",
    }
}

/// Refuses what a receiver of this kind never takes.
///
/// # Errors
/// `message:channel`: posts are answered by reactions alone.
pub(super) fn takes(chat: &Wid, said: &Said) -> Result<()> {
    let what = match said {
        Said::Vote(_) => "votes",
        Said::Attend(_) => "answers to events",
        Said::Buttons { .. } => "buttons",
        Said::List { .. } => "lists",
        _ => return Ok(()),
    };
    if chat.kind() != WidKind::Channel {
        return Ok(());
    }
    Err(Error::invalid("message:channel", format!("A channel takes no {what}, and {chat} is one."))
        .hint("Send it to a person or to a group."))
}

/// The people named in a text, from those that were given, and in a group from
/// the text's own `@digits`.
///
/// # Errors
/// For a name that is none.
pub(super) fn mentions(given: &[String], text: Option<&str>, chat: &Wid) -> Result<Vec<String>> {
    const MOST: usize = 256;
    if given.len() > MOST {
        return Err(Error::invalid(
            "message:mentions",
            format!("'mentions' has {} entries; it takes at most {MOST}.", given.len()),
        ));
    }
    let mut people: Vec<String> = Vec::new();
    for name in given {
        let wid = person(name).map_err(|error| {
            Error::invalid("message:mentions", format!("'mentions' has '{name}': {}", error.message))
        })?;
        people.push(wid.to_string());
    }
    if chat.kind() == WidKind::Group {
        people.extend(named(text.unwrap_or_default()).map(|digits| format!("{digits}@c.us")));
    }
    let mut seen = std::collections::HashSet::new();
    people.retain(|wid| seen.insert(wid.clone()));
    people.truncate(MOST);
    Ok(people)
}

/// Runs of 7 to 15 digits after an `@` that starts a word.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('@').filter_map(|(at, _)| {
        let starts = text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        let rest = &text[at + 1..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let whole = rest[end..].chars().next().is_none_or(|after| !after.is_alphanumeric() && after != '@');
        (starts && whole && (7..=15).contains(&end)).then(|| &rest[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn people_are_named_in_the_text_of_a_group_or_in_a_list() {
        let group = "120363012345678901@g.us".parse().expect("a group");
        let person = "16001234560@c.us".parse().expect("a person");
        let text = Some("hi @16001234561, mail me@16001234562.com or @123 and (@16001234563)");
        assert_eq!(mentions(&[], text, &group).expect("named"), ["16001234561@c.us", "16001234563@c.us"]);
        assert!(mentions(&[], text, &person).expect("none").is_empty());
        let given = ["+16001234561".to_owned(), "123456789012345@lid".to_owned()];
        assert_eq!(
            mentions(&given, text, &group).expect("both"),
            ["16001234561@c.us", "123456789012345@lid", "16001234563@c.us"]
        );
        let bad = mentions(&["ben".to_owned()], None, &person).expect_err("nobody");
        assert!(bad.message.contains("'ben'"));
    }
}
