//! Who was heard of, and the chats they were heard in.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatMessageRow, ChatRow, ContactRow, DeviceRow};

use crate::chat_messages;
use crate::error::{Error, Result};
use crate::groups;
use crate::network::{Millis, Received};
use crate::views::Chat;
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

/// Counts a message into its chat.
pub(super) async fn count(
    w: &mut Writing,
    device: &DeviceRow,
    message: &ChatMessageRow,
    lid: Option<&Wid>,
    push_name: Option<&str>,
    now: Millis,
) -> Result<()> {
    let wid: Wid = message.chat.parse().map_err(Error::internal)?;
    let inbound = message.flow == "inbound";
    let (kind, person) = kind(&wid);
    let chat = ChatRow {
        wid: message.chat.clone(),
        lid: lid.map(Wid::to_string),
        kind: kind.to_owned(),
        name: push_name.filter(|_| person).map(str::to_owned),
        status: "pending".to_owned(),
        inbound_messages: i64::from(inbound),
        outbound_messages: i64::from(!inbound),
        unread: i64::from(inbound),
        first_message_at: message.at,
        last_message_at: message.at,
        last_inbound_at: inbound.then_some(message.at),
        last_outbound_at: (!inbound).then_some(message.at),
        labels: "[]".to_owned(),
        owner: "{}".to_owned(),
    };
    w.account(&device.account_id).count_message(&device.id, &chat, now).await?;
    Ok(())
}

/// A chat as the outside sees it.
pub(crate) async fn chat_view(w: &mut Writing, device: &DeviceRow, wid: &str) -> Result<Chat> {
    let mut scope = w.account(&device.account_id);
    let row = scope.chat(&device.id, wid).await?.ok_or_else(|| Error::internal("a message without its chat"))?;
    let contact = scope.contact(&device.id, wid).await?;
    let mut chat = chat_messages::chat(row, contact)?;
    chat.group = groups::chat_groups(&mut scope, &device.id, std::slice::from_ref(&chat.id)).await?.remove(&chat.id);
    Ok(chat)
}
