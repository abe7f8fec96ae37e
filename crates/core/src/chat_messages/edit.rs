//! A new text for a message of one's own.

use super::{Parts, changeable, confirm, found, number, show_one};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::network::Millis;
use crate::views::ChatMessage;

/// How long WhatsApp's apps take edits of a message.
const WINDOW: Millis = 15 * 60 * 1000;
/// The same for posts of a channel.
const CHANNEL_WINDOW: Millis = 30 * 24 * 3600 * 1000;
/// Kinds that have a text or a caption.
const KINDS: &[&str] = &["text", "image", "video", "document"];
/// Characters of a text at most.
const TEXT: usize = 6000;

/// Gives a message of the number's own a new text or caption, on all phones; it
/// is there when this returns. One that WhatsApp does not confirm in time is
/// sent again until the time for edits is over.
///
/// # Errors
/// `message:notfound`; `message:not_sent` for what waits in the queue; `message:not_own`, `message:kind`, `message:too_old` for
/// what WhatsApp does not let be edited; `session:offline`;
/// `message:unconfirmed`; without the scope `messages:write`.
pub async fn edit(core: &Core, caller: &Caller, device: &DeviceId, id: &str, text: &str) -> Result<ChatMessage> {
    caller.need(Scope::MessagesWrite)?;
    let length = text.chars().count();
    if text.trim().is_empty() || length > TEXT {
        return Err(Error::invalid(
            "message:text",
            format!("The new text has {length} characters; it needs 1 to {TEXT}, and not blanks alone."),
        ));
    }
    let (mut reading, device) = number(core, &caller.account, device).await?;
    let row = changeable(&mut reading.account(&caller.account), &device.id, id, &caller.sight()).await?;
    drop(reading);
    if row.flow != "outbound" {
        return Err(Error::conflict(
            "message:not_own",
            format!("The message {} was received; only messages that this number has sent can be edited.", row.wa_id),
        ));
    }
    if row.status != "active" {
        return Err(Error::conflict("message:revoked", format!("The message {} was deleted.", row.wa_id)));
    }
    if !KINDS.contains(&row.kind.as_str()) || row.subtype.as_deref() == Some("video_note") {
        return Err(Error::conflict(
            "message:kind",
            format!("The message {} is of the kind '{}', which has no text to edit.", row.wa_id, row.kind),
        )
        .hint("Texts, and captions of images, videos and documents can be edited."));
    }
    let window = if row.chat.ends_with("@newsletter") { CHANNEL_WINDOW } else { WINDOW };
    let left = row.at + window - core.now();
    if left <= 0 {
        let minutes = window / 60_000;
        return Err(Error::conflict(
            "message:too_old",
            format!("The message {} is too old: WhatsApp takes edits for {minutes} minutes.", row.wa_id),
        ));
    }
    if row.body.as_deref() != Some(text) {
        confirm::carry_out(core, &device, &row, Some(text.to_owned()), left).await?;
    }
    let (mut reading, device) = number(core, &caller.account, &device.id).await?;
    let mut scope = reading.account(&caller.account);
    let row = found(&mut scope, &device.id, id, &caller.sight()).await?;
    show_one(&mut scope, &device, row, Parts::ALL).await
}
