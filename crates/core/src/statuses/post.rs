//! Posting an update: it goes through the queue, as messages do.

use super::{COLOR, FONT, TEXT, look, show};
use crate::app::Core;
use crate::devices::Idempotency;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::outbound::{self, Contents, MediaEntry, NewMessage, Options, Receiver, Schedule, TextLook};
use crate::views::Status;

/// What `POST /v1/chat/{device}/status` says.
#[derive(Debug, Clone, Default)]
pub struct NewStatus {
    /// A text of 1 to 700 characters; without a file.
    pub message: Option<String>,
    /// One of [`FONTS`](super::FONTS), for a text.
    pub font: Option<String>,
    /// One of [`COLORS`](super::COLORS), for a text.
    pub color: Option<String>,
    /// A picture, a film or a sound.
    pub media: Option<MediaEntry>,
    /// The caller's own id, 128 characters at most.
    pub reference: Option<String>,
    /// When it is posted.
    pub schedule: Option<Schedule>,
    /// `Idempotency-Key` with the request's fingerprint.
    pub idempotency: Option<Idempotency>,
}

/// Accepts an update: it is in the queue, durable, when this returns.
///
/// # Errors
/// `status:content`, `status:text`, `status:look`, and what messages are refused
/// for; `device:notfound`; without the scope `messages:write`.
pub async fn post(core: &Core, caller: &Caller, device: &DeviceId, new: NewStatus) -> Result<Status> {
    caller.need(Scope::MessagesWrite)?;
    let text = new.message.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let look = match (text, &new.media) {
        (Some(text), None) => Some(text_look(text, new.color.as_deref(), new.font.as_deref())?),
        (None, Some(_)) if new.color.is_none() && new.font.is_none() => None,
        (None, Some(_)) => {
            return Err(Error::invalid("status:look", "'color' and 'font' are for texts; a file looks like itself."));
        }
        (Some(_), Some(_)) => {
            return Err(Error::invalid("status:content", "A status has either 'message' or 'media'.")
                .hint("The text along with a file is 'media.message'."));
        }
        (None, None) => {
            return Err(Error::invalid("status:content", "The status has neither 'message' nor 'media'."));
        }
    };
    let message = NewMessage {
        device: device.clone(),
        receiver: Receiver { status: true, ..Receiver::default() },
        message: new.message,
        contents: Contents { media: new.media, ..Contents::default() },
        options: Options { status: look, preview_url: Some(false), ..Options::default() },
        priority: None,
        reference: new.reference,
        agent: None,
        retries: None,
        deliver_at: None,
        schedule: new.schedule,
        expiration: None,
        quote: None,
        idempotency: new.idempotency,
    };
    let accepted = outbound::enqueue(core, caller, message).await?;
    show::queued_or_posted(core, &caller.account, device, &accepted.wa_id).await
}

fn text_look(text: &str, color: Option<&str>, font: Option<&str>) -> Result<TextLook> {
    let length = text.chars().count();
    if length > TEXT {
        return Err(Error::invalid(
            "status:text",
            format!("The text of a status has at most {TEXT} characters, but this one has {length}."),
        ));
    }
    let (color, font) = (color.unwrap_or(COLOR), font.unwrap_or(FONT));
    if look::look(color, font).is_none() {
        return Err(Error::invalid("status:look", format!("There is no colour '{color}' or no font '{font}'.")));
    }
    Ok(TextLook { color: color.to_owned(), font: font.to_owned() })
}
