//! What arrives: decrypted batches become chats, messages, contacts and events,
//! in one transaction, and only then is WhatsApp answered.

use serde_json::Value;
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatMessageRow, ChatRow, ContactRow, DeviceRow, MessageRow};

use crate::app::Core;
use crate::clock::iso;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::events::{self, Change};
use crate::ids::{AccountId, DeviceId};
use crate::network::{Millis, Received};
use crate::views::{Chat, ChatMessage, ChatOwner, ChatStats, Contact, DeviceRef, MessageMeta, Quoted};
use crate::wid::{Wid, WidKind};

/// Writes a batch. What was written before is recognised by (chat, author, id)
/// and left alone, so that a batch may come again.
pub(crate) async fn ingest(core: &Core, account: &AccountId, device: &DeviceId, batch: Vec<Received>) -> Result<()> {
    let (account, device, now) = (account.clone(), device.clone(), core.now());
    let count = u64::try_from(batch.len()).unwrap_or(0);
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let row = w.account(&account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                for message in batch {
                    one(w, &row, message, now).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await?;
    metrics::counter!("sparkbot_messages_received_total").increment(count);
    Ok(())
}

async fn one(w: &mut Writing, device: &DeviceRow, message: Received, now: Millis) -> Result<()> {
    let kind = message.chat.kind();
    let own = device.wid.clone().unwrap_or_default();
    let (flow, from, to) = if message.from_me {
        ("outbound", own.clone(), message.chat.to_string())
    } else {
        ("inbound", message.chat.to_string(), own.clone())
    };
    let known = w.account(&device.account_id).chat(&device.id, message.chat.as_str()).await?;
    let meta = MessageMeta {
        is_group: kind == WidKind::Group,
        is_channel: kind == WidKind::Channel,
        is_forwarded: message.flags.forwarded,
        is_ephemeral: message.flags.ephemeral_seconds.is_some(),
        ephemeral_duration: message.flags.ephemeral_seconds,
        is_broadcast: message.flags.broadcast,
        is_first_message: known.is_none(),
        notify_name: message.push_name.clone().filter(|_| !message.from_me),
        source: "remote".to_owned(),
        via: if message.from_me { "app" } else { "remote" }.to_owned(),
    };
    let quoted = message.quoted.as_ref().map(|quoted| Quoted {
        id: quoted.id.clone(),
        from: quoted.author.as_ref().map(Wid::to_string),
        body: quoted.body.clone(),
    });
    let row = ChatMessageRow {
        chat: message.chat.to_string(),
        author: message.author.to_string(),
        wa_id: message.id.clone(),
        flow: flow.to_owned(),
        kind: message.kind.clone(),
        body: message.body.clone(),
        ack: if message.from_me { "sent" } else { "delivered" }.to_owned(),
        doc: doc(&from, &to, &meta, quoted.as_ref(), None)?,
        at: message.at,
    };
    // WhatsApp delivers again what it was not sure of.
    if !w.account(&device.account_id).insert_chat_message(&device.id, &row, Some(&message.raw), now).await? {
        return Ok(());
    }
    contacts(w, device, &message, now).await?;
    count(w, device, &row, message.chat_lid.as_ref(), message.push_name.as_deref().filter(|_| !message.from_me), now)
        .await?;
    let event = match (message.kind.as_str(), kind, message.from_me) {
        ("reaction", _, _) => "message:reaction",
        ("edit" | "revoke" | "poll_vote" | "event_response", _, _) => "message:update",
        (_, WidKind::Channel, false) => "channel:in",
        (_, WidKind::Broadcast, _) => "status:update",
        (_, _, true) => "message:out:new",
        (_, _, false) => "message:in:new",
    };
    tell(w, device, event, &row, now).await
}

/// A message of ours that WhatsApp has taken appears in its chat.
pub(crate) async fn outbound_said(
    w: &mut Writing,
    device: &DeviceRow,
    message: &MessageRow,
    at: Millis,
    now: Millis,
) -> Result<()> {
    let own = device.wid.clone().unwrap_or_default();
    let wid: Wid = message.chat.parse().map_err(Error::internal)?;
    let payload: Value = serde_json::from_str(&message.payload).map_err(Error::internal)?;
    let quoted =
        payload.get("quote").and_then(Value::as_str).map(|id| Quoted { id: id.to_owned(), from: None, body: None });
    let known = w.account(&device.account_id).chat(&device.id, wid.as_str()).await?;
    let meta = MessageMeta {
        is_group: wid.kind() == WidKind::Group,
        is_channel: wid.kind() == WidKind::Channel,
        is_forwarded: false,
        is_ephemeral: false,
        ephemeral_duration: None,
        is_broadcast: false,
        is_first_message: known.is_none(),
        notify_name: None,
        source: message.source.clone(),
        via: "platform".to_owned(),
    };
    let row = ChatMessageRow {
        chat: message.chat.clone(),
        author: own.clone(),
        wa_id: message.wa_id.clone(),
        flow: "outbound".to_owned(),
        kind: message.kind.clone(),
        body: message.body.clone(),
        ack: "sent".to_owned(),
        doc: doc(&own, &message.chat, &meta, quoted.as_ref(), message.reference.as_deref())?,
        at,
    };
    if !w.account(&device.account_id).insert_chat_message(&device.id, &row, None, now).await? {
        return Ok(());
    }
    if let Some(phone) = wid.phone() {
        let contact = ContactRow {
            wid: wid.to_string(),
            lid: None,
            phone: Some(phone.to_string()),
            name: None,
            push_name: None,
            metadata: "[]".to_owned(),
        };
        w.account(&device.account_id).merge_contact(&device.id, &contact, now).await?;
    }
    count(w, device, &row, None, None, now).await?;
    tell(w, device, "message:out:new", &row, now).await
}

/// The columns-less rest of a chat message.
fn doc(from: &str, to: &str, meta: &MessageMeta, quoted: Option<&Quoted>, reference: Option<&str>) -> Result<String> {
    let doc = serde_json::json!({ "from": from, "to": to, "meta": meta, "quoted": quoted, "reference": reference });
    serde_json::to_string(&doc).map_err(Error::internal)
}

async fn contacts(w: &mut Writing, device: &DeviceRow, message: &Received, now: Millis) -> Result<()> {
    let person = |wid: &Wid, lid: Option<&Wid>, push_name: Option<&str>| ContactRow {
        wid: wid.to_string(),
        lid: lid.map(Wid::to_string).or_else(|| (wid.kind() == WidKind::Lid).then(|| wid.to_string())),
        phone: wid.phone().map(String::from),
        name: None,
        push_name: push_name.map(str::to_owned),
        metadata: "[]".to_owned(),
    };
    let mut seen = Vec::with_capacity(2);
    if !message.from_me && matches!(message.author.kind(), WidKind::User | WidKind::Lid) {
        seen.push(person(&message.author, message.author_lid.as_ref(), message.push_name.as_deref()));
    }
    if message.from_me && matches!(message.chat.kind(), WidKind::User | WidKind::Lid) {
        seen.push(person(&message.chat, message.chat_lid.as_ref(), None));
    }
    for contact in seen {
        w.account(&device.account_id).merge_contact(&device.id, &contact, now).await?;
    }
    Ok(())
}

async fn count(
    w: &mut Writing,
    device: &DeviceRow,
    message: &ChatMessageRow,
    lid: Option<&Wid>,
    push_name: Option<&str>,
    now: Millis,
) -> Result<()> {
    let wid: Wid = message.chat.parse().map_err(Error::internal)?;
    let inbound = message.flow == "inbound";
    let (kind, person) = match wid.kind() {
        WidKind::Group => ("group", false),
        WidKind::Channel => ("channel", false),
        WidKind::Broadcast => ("broadcast", false),
        WidKind::User | WidKind::Lid => ("chat", true),
    };
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

async fn tell(
    w: &mut Writing,
    device: &DeviceRow,
    event: &'static str,
    row: &ChatMessageRow,
    now: Millis,
) -> Result<()> {
    let view = show(w, device, row).await?;
    let change = Change {
        event,
        object: "message",
        object_id: row.wa_id.clone(),
        lane: events::lane(&device.id, &row.chat),
        data: serde_json::to_value(view).map_err(Error::internal)?,
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, now).await?;
    Ok(())
}

/// A chat message as the outside sees it.
pub(crate) async fn view(w: &mut Writing, device: &DeviceRow, wa_id: &str) -> Result<Option<ChatMessage>> {
    match w.account(&device.account_id).chat_message(&device.id, wa_id).await? {
        Some(row) => show(w, device, &row).await.map(Some),
        None => Ok(None),
    }
}

async fn show(w: &mut Writing, device: &DeviceRow, row: &ChatMessageRow) -> Result<ChatMessage> {
    let doc: Value = serde_json::from_str(&row.doc).map_err(Error::internal)?;
    let text = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |wid: &str| wid.parse::<Wid>().ok().and_then(|wid| wid.phone()).map(String::from);
    let (from, to) = (text("from"), text("to"));
    let chat = chat_view(w, device, &row.chat).await?;
    let group = row.chat.ends_with("@g.us");
    Ok(ChatMessage {
        id: row.wa_id.clone(),
        kind: row.kind.clone(),
        flow: row.flow.clone(),
        status: "active".to_owned(),
        ack: row.ack.clone(),
        from_number: number(&from).or_else(|| if group { number(&row.author) } else { None }),
        to_number: number(&to),
        from,
        to,
        author: group.then(|| row.author.clone()),
        date: iso(row.at),
        timestamp: row.at / 1000,
        body: row.body.clone(),
        reactions: Vec::new(),
        chat,
        quoted: serde_json::from_value(doc["quoted"].clone()).map_err(Error::internal)?,
        reference: serde_json::from_value(doc["reference"].clone()).map_err(Error::internal)?,
        meta: serde_json::from_value(doc["meta"].clone()).map_err(Error::internal)?,
    })
}

/// A chat as the outside sees it.
pub(crate) async fn chat_view(w: &mut Writing, device: &DeviceRow, wid: &str) -> Result<Chat> {
    let mut scope = w.account(&device.account_id);
    let row = scope.chat(&device.id, wid).await?.ok_or_else(|| Error::internal("a message without its chat"))?;
    let contact = scope.contact(&device.id, wid).await?.map(|contact| {
        let name = contact.name.or(contact.push_name);
        Contact {
            display_name: name.clone().or_else(|| contact.phone.clone()).unwrap_or_else(|| contact.wid.clone()),
            wid: contact.wid,
            lid: contact.lid,
            kind: "user".to_owned(),
            phone: contact.phone,
            name,
        }
    });
    let owner: ChatOwner = serde_json::from_str(&row.owner).unwrap_or_default();
    Ok(Chat {
        id: row.wid,
        name: row.name.or_else(|| contact.as_ref().map(|c| c.display_name.clone())),
        kind: row.kind,
        lid: row.lid.or_else(|| contact.as_ref().and_then(|c| c.lid.clone())),
        status: row.status,
        wa_status: "active".to_owned(),
        first_message_at: Some(iso(row.first_message_at)),
        last_message_at: Some(iso(row.last_message_at)),
        last_inbound_message_at: row.last_inbound_at.map(iso),
        last_outbound_message_at: row.last_outbound_at.map(iso),
        stats: ChatStats {
            notes: 0,
            inbound_messages: row.inbound_messages,
            outbound_messages: row.outbound_messages,
            local_messages: 0,
        },
        labels: serde_json::from_str(&row.labels).map_err(Error::internal)?,
        owner,
        contact,
    })
}
