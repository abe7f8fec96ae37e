//! Who was heard of, and the chats they were heard in.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ContactRow, DeviceRow};

use crate::error::Result;
use crate::network::{Millis, Received};
use crate::wid::{Wid, WidKind};

pub(super) fn person(wid: &Wid, lid: Option<&Wid>, push_name: Option<&str>) -> ContactRow {
    ContactRow {
        wid: wid.to_string(),
        lid: lid.map(Wid::to_string).or_else(|| (wid.kind() == WidKind::Lid).then(|| wid.to_string())),
        phone: wid.phone().map(String::from),
        name: None,
        push_name: push_name.map(str::to_owned),
        metadata: "[]".to_owned(),
    }
}

/// Notes who has written, or whom the phone has written to.
pub(super) async fn heard_of(w: &mut Writing, device: &DeviceRow, message: &Received, now: Millis) -> Result<()> {
    let is_person = |wid: &Wid| matches!(wid.kind(), WidKind::User | WidKind::Lid);
    let contact = if !message.from_me && is_person(&message.author) {
        person(&message.author, message.author_lid.as_ref(), message.push_name.as_deref())
    } else if message.from_me && is_person(&message.chat) {
        person(&message.chat, message.chat_lid.as_ref(), None)
    } else {
        return Ok(());
    };
    w.account(&device.account_id).merge_contact(&device.id, &contact, now).await?;
    Ok(())
}

/// Notes by which name the phone's address book knows somebody.
pub(super) async fn known_as(
    w: &mut Writing,
    device: &DeviceRow,
    wid: &Wid,
    lid: Option<&Wid>,
    name: Option<&str>,
    now: Millis,
) -> Result<()> {
    let contact = ContactRow { name: name.map(str::to_owned), ..person(wid, lid, None) };
    w.account(&device.account_id).merge_contact(&device.id, &contact, now).await?;
    Ok(())
}

/// Notes whom this number has written to.
pub(super) async fn written_to(w: &mut Writing, device: &DeviceRow, chat: &Wid, now: Millis) -> Result<()> {
    if chat.kind() == WidKind::User {
        w.account(&device.account_id).merge_contact(&device.id, &person(chat, None, None), now).await?;
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
