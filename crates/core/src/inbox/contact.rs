//! Who was heard of, and the chats they were heard in.

use sparkbot_store::Writing;
use sparkbot_store::rows::DeviceRow;

use crate::contacts::{self, Heard};
use crate::error::Result;
use crate::network::{Millis, Received};
use crate::wid::{Wid, WidKind};

/// Notes who has written, or whom the phone has written to; of the `past`
/// without an event.
pub(super) async fn heard_of(
    w: &mut Writing,
    device: &DeviceRow,
    message: &Received,
    past: bool,
    now: Millis,
) -> Result<()> {
    let is_person = |wid: &Wid| matches!(wid.kind(), WidKind::User | WidKind::Lid);
    let source = match message.chat.kind() {
        _ if past => "history",
        WidKind::Group => "group",
        _ => "chat",
    };
    let heard = Heard { source, quiet: past, ..Heard::default() };
    if !message.from_me && is_person(&message.author) {
        let heard = Heard { push_name: message.push_name.as_deref(), ..heard };
        contacts::heard(w, device, &message.author, message.author_lid.as_ref(), heard, now).await?;
    } else if message.from_me && is_person(&message.chat) {
        contacts::heard(w, device, &message.chat, message.chat_lid.as_ref(), heard, now).await?;
    }
    Ok(())
}

/// Notes by which name the phone's address book knows somebody, as a history
/// tells it.
pub(super) async fn known_as(
    w: &mut Writing,
    device: &DeviceRow,
    wid: &Wid,
    lid: Option<&Wid>,
    name: Option<&str>,
    now: Millis,
) -> Result<()> {
    let heard = Heard { book_name: name, source: "history", quiet: true, ..Heard::default() };
    contacts::heard(w, device, wid, lid, heard, now).await?;
    Ok(())
}

/// Notes whom this number has written to.
pub(super) async fn written_to(w: &mut Writing, device: &DeviceRow, chat: &Wid, now: Millis) -> Result<()> {
    if matches!(chat.kind(), WidKind::User | WidKind::Lid) {
        let heard = Heard { source: "chat", ..Heard::default() };
        contacts::heard(w, device, chat, None, heard, now).await?;
    }
    Ok(())
}

/// What kind of chat this is, and whether it is with one person.
pub(super) fn kind(chat: &Wid) -> (&'static str, bool) {
    match chat.kind() {
        WidKind::Group => ("group", false),
        WidKind::Channel => ("channel", false),
        WidKind::Broadcast => ("broadcast", false),
        WidKind::User | WidKind::Lid => ("chat", true),
    }
}
