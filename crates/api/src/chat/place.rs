//! What paths below a number name.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use sparkbot_core::contacts::ContactId;
use sparkbot_core::ids::{ChatFileId, DeviceId};
use sparkbot_core::phone::Phone;
use sparkbot_core::wid::Wid;

use crate::app::App;
use crate::error::Problem;
use crate::request::{parse_id, plus_kept};

/// A thing of a number, both named by the path.
pub(crate) struct In<T>(pub(crate) DeviceId, pub(crate) T);

/// WhatsApp's id of a message.
pub(crate) struct MessageId(pub(crate) String);

/// WhatsApp's id of a chat; a phone number names one as well.
pub(crate) struct ChatId(pub(crate) String);

impl OfNumber for ChatId {
    fn read(text: &str) -> Result<Self, Problem> {
        wid("chatId", text).map(Self)
    }
}

/// A chat, by WhatsApp id.
pub(crate) struct ChatWid(pub(crate) String);

/// Things that paths below a number name.
pub(crate) trait OfNumber: Sized {
    /// Reads the path's last part.
    fn read(text: &str) -> Result<Self, Problem>;
}

impl OfNumber for MessageId {
    /// Phones and programs make ids of 16 to 40 letters and digits, upper-case
    /// hexadecimal as a rule; what is none can't be found.
    fn read(text: &str) -> Result<Self, Problem> {
        let fine = (8..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if fine {
            return Ok(Self(text.to_owned()));
        }
        let shown: String = text.chars().take(40).collect();
        Err(Problem::invalid(
            "message:invalid",
            format!("'{shown}' is not WhatsApp's id of a message, such as 3EB0A1B2C3D4E5F60718293A."),
        ))
    }
}

impl OfNumber for ChatWid {
    fn read(text: &str) -> Result<Self, Problem> {
        wid("chatId", text).map(Self)
    }
}

impl OfNumber for ContactId {
    fn read(text: &str) -> Result<Self, Problem> {
        contact("contactId", text)
    }
}

impl OfNumber for ChatFileId {
    fn read(text: &str) -> Result<Self, Problem> {
        parse_id(text)
    }
}

impl<T: OfNumber + Send> FromRequestParts<App> for In<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::invalid("path:invalid", "The path contains bytes that are not UTF-8."))?;
        let mut params = params.iter().map(|(_, text)| text);
        let (Some(device), Some(thing)) = (params.next(), params.next()) else {
            return Err(Problem::internal("a route below a number names nothing"));
        };
        Ok(Self(parse_id(device)?, T::read(thing)?))
    }
}

/// A contact, by WhatsApp id or phone number.
pub(crate) fn contact(name: &str, text: &str) -> Result<ContactId, Problem> {
    if let Ok(wid) = text.parse::<Wid>() {
        return Ok(ContactId(wid));
    }
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let phone = if digits { format!("+{text}") } else { plus_kept(text.to_owned()) };
    match Phone::parse(&phone) {
        Ok(phone) => Ok(ContactId(Wid::user(&phone))),
        Err(_) => {
            let shown: String = text.chars().take(60).collect();
            Err(Problem::invalid(
                "contact:invalid",
                format!(
                    "'{name}' is '{shown}'; it must be a WhatsApp id such as 16001234561@c.us, or a phone number in E.164."
                ),
            ))
        }
    }
}

/// A chat or a person, by WhatsApp id or phone number.
pub(crate) fn wid(name: &str, text: &str) -> Result<String, Problem> {
    if let Ok(wid) = text.parse::<Wid>() {
        return Ok(wid.to_string());
    }
    match Phone::parse(&plus_kept(text.to_owned())) {
        Ok(phone) => Ok(Wid::user(&phone).to_string()),
        Err(_) => {
            let shown: String = text.chars().take(60).collect();
            Err(Problem::invalid(
                "chat:invalid",
                format!(
                    "'{name}' is '{shown}'; it must be a WhatsApp id such as 16001234561@c.us or 120363012345678901@g.us, \
                     or a phone number in E.164."
                ),
            ))
        }
    }
}
