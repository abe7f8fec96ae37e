//! The client's events and messages as core's.

mod calls;
mod chats;

use bytes::Bytes;
use sparkbot_network::{Flags, ProfileNews, Receipt, ReceiptKind, Received, ReceivedContent, Report};
use whatsapp_rust::types::events::{
    ConnectFailure, ConnectFailureReason, DecryptFailMode, Event, InboundMessage, LoggedOut, PairError, PairSuccess,
    TemporaryBan, UnavailableType, UndecryptableMessage,
};
use whatsapp_rust::types::message::MessageInfo;
use whatsapp_rust::types::presence::ReceiptType;
use whatsapp_rust::wacore_binary::JidExt;
use whatsapp_rust::{Client, Jid, waproto};

use crate::address::{self, Person};
use crate::channels;
use crate::errors::scrubbed;
use crate::groups::news;
use crate::inbound::{Arrival, context};
use crate::looks;
use crate::number::Number;
use crate::profile;

/// A received message; `None` for those that people never see.
pub(crate) async fn received(number: &Number, client: &Client, item: &InboundMessage) -> Option<Received> {
    let (message, info) = (&*item.message, &*item.info);
    let (chat, author) = whereabouts(client, info).await?;
    let reading = Arrival { number, client, info, chat: &chat, author: &author }.read(message).await?;
    let is_change = matches!(reading.content, ReceivedContent::Change { .. });
    Some(Received {
        quoted: reading.quoted,
        mentions: reading.mentions,
        flags: context::flags(message, info),
        raw: Bytes::from(waproto::codec::message_to_vec(message)),
        ..plain(info, chat, author, is_change, (reading.kind, reading.body, reading.content))
    })
}

/// A message that only the phone can show: the server keeps it from companions.
async fn withheld(client: &Client, info: &MessageInfo) -> Option<Received> {
    let (chat, author) = whereabouts(client, info).await?;
    let mut message = plain(info, chat, author, false, ("view_once", None, ReceivedContent::Unknown));
    message.flags.view_once = true;
    Some(message)
}

fn plain(
    info: &MessageInfo,
    chat: Person,
    author: Person,
    is_change: bool,
    (kind, body, content): (&str, Option<String>, ReceivedContent),
) -> Received {
    // Changes of a channel's post carry the post's id; each is a message of its own.
    let id = if is_change && info.source.chat.is_newsletter() {
        format!("{}-{}", info.id, info.timestamp.timestamp())
    } else {
        info.id.clone()
    };
    Received {
        id,
        chat: chat.wid,
        chat_lid: chat.lid,
        author: author.wid,
        author_lid: author.lid,
        from_me: info.source.is_from_me,
        at: info.timestamp.timestamp_millis(),
        push_name: Some(info.push_name.clone()).filter(|name| !name.is_empty()),
        kind: kind.to_owned(),
        body,
        quoted: None,
        mentions: Vec::new(),
        offline: info.is_offline,
        flags: Flags::default(),
        content,
        raw: Bytes::new(),
    }
}

/// The chat and the author of a message, under both of their addresses.
async fn whereabouts(client: &Client, info: &MessageInfo) -> Option<(Person, Person)> {
    let source = &info.source;
    let is_person = |jid: &Jid| jid.server.is_pn_family() || jid.server.is_lid_family();
    let author = if source.is_from_me {
        let (phone, lid) = (client.pn(), client.lid());
        address::person(client, phone.as_ref().unwrap_or(&source.sender), lid.as_ref()).await?
    } else {
        address::person(client, &source.sender, source.sender_alt.as_ref()).await?
    };
    let chat = if !is_person(&source.chat) {
        address::person(client, &source.chat, None).await?
    } else if source.is_from_me {
        let told = source.recipient_alt.as_ref().or(info.peer_recipient_pn.as_ref());
        address::person(client, &source.chat, told).await?
    } else {
        author.clone()
    };
    Some((chat, author))
}

/// A message that will never be readable here, if `lost` is one: media that
/// opens once, which WhatsApp shows on the phone only.
pub(crate) async fn unreadable(client: &Client, lost: &UndecryptableMessage) -> Option<Received> {
    if lost.is_unavailable && lost.unavailable_type == UnavailableType::ViewOnce {
        return withheld(client, &lost.info).await;
    }
    None
}

/// What an event means to core, if anything.
pub(crate) async fn report(client: &Client, event: &Event) -> Option<Report> {
    Some(match event {
        Event::PairSuccess(success) => linked(client, success).await?,
        Event::PairError(error) => Report::LinkFailed { reason: link_failed(error) },
        Event::PairPasskeyRequest(_) => Report::PasskeyRequired,
        Event::QrScannedWithoutMultidevice(_) => Report::LinkFailed {
            reason: "the phone's WhatsApp is too old for linked devices: update it and scan again".to_owned(),
        },
        Event::Connected(_) => {
            let phone = address::phone(&client.pn()?);
            Report::Online { phone, push_name: some(client.push_name()) }
        }
        Event::LoggedOut(out) => logged_out(out),
        Event::StreamReplaced(_) => Report::Replaced,
        Event::TemporaryBan(ban) => temporary_ban(ban),
        Event::ConnectFailure(failure) => connect_failure(failure),
        Event::ClientOutdated(_) => Report::Outdated,
        Event::SelfPushNameUpdated(update) => Report::PushName { name: update.new_name.clone() },
        Event::UndecryptableMessage(lost) if lost.decrypt_fail_mode == DecryptFailMode::Show => {
            let (chat, _) = whereabouts(client, &lost.info).await?;
            Report::Undecryptable { id: lost.info.id.clone(), chat: chat.wid }
        }
        // The account's phone, or another companion, has read something.
        Event::Receipt(receipt) if matches!(receipt.r#type, ReceiptType::ReadSelf) => {
            Report::Seen { ids: receipt.message_ids.clone() }
        }
        Event::Receipt(receipt) => receipt_report(client, receipt).await?,
        Event::RawNode(node) => looks::report(client, node.get()).await?,
        Event::GroupUpdate(update) => news::changed(client, update).await?,
        Event::MexNotification(told) => channels::news::changed(told)?,
        Event::Notification(told) => channels::news::live(told.get())?,
        Event::PictureUpdate(update) if update.jid.is_group() => news::picture(client, update).await?,
        Event::PictureUpdate(update) if profile::is_own(client, &update.jid) => Report::Profile(ProfileNews::Picture),
        Event::UserAboutUpdate(update) if profile::is_own(client, &update.jid) => Report::Profile(ProfileNews::About),
        Event::BusinessStatusUpdate(update) => profile::news::business(client, update).await?,
        Event::IncomingCall(call) => return calls::incoming(client, call).await,
        Event::MissedCall(call) => return calls::missed(client, call).await,
        event => return chats::report(client, event).await,
    })
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

async fn linked(client: &Client, success: &PairSuccess) -> Option<Report> {
    let own = address::person(client, &success.id, Some(&success.lid)).await?;
    Some(Report::Linked {
        phone: address::phone(&success.id),
        wid: own.wid,
        lid: own.lid,
        push_name: some(client.push_name()),
        business_name: some(success.business_name.clone()),
        platform: some(success.platform.clone()),
    })
}

/// Says what the person with the phone can do about it.
fn link_failed(error: &PairError) -> String {
    let text = &error.error;
    if text.contains("signature-mismatch") {
        "the phone's signature can't be verified. This is known of WhatsApp Business accounts that are connected to \
         Meta's Cloud API or another hosted service (coexistence): disconnect the account there, or link another number"
            .to_owned()
    } else if text.contains("hmac-mismatch") {
        "the phone has answered another code or QR than the one shown last: ask for a new one and try again".to_owned()
    } else if text.contains("invalid-key") {
        "the phone sent an account key that is not valid: update WhatsApp on the phone and try again".to_owned()
    } else {
        scrubbed(text)
    }
}

fn logged_out(out: &LoggedOut) -> Report {
    let said = out.logout_message.as_ref().and_then(|message| {
        let parts: Vec<&str> =
            [&message.header, &message.subtext].into_iter().filter_map(|part| part.as_deref()).collect();
        some(parts.join(" "))
    });
    if out.reason == ConnectFailureReason::AccountLocked {
        let reason = said.unwrap_or_else(|| "WhatsApp has locked the account".to_owned());
        return Report::Banned { reason, code: Some(403), expires_in: None };
    }
    let reason = said.unwrap_or_else(|| {
        if out.on_connect {
            format!("WhatsApp no longer knows this device ({})", out.reason.code())
        } else {
            "the device was removed on the phone".to_owned()
        }
    });
    Report::Unlinked { reason }
}

fn temporary_ban(ban: &TemporaryBan) -> Report {
    Report::Banned {
        reason: ban.message.clone().unwrap_or_else(|| ban.code.to_string()),
        code: Some(i64::from(ban.code.code())),
        expires_in: ban.expire.to_std().ok(),
    }
}

fn connect_failure(failure: &ConnectFailure) -> Report {
    let said = failure.message.clone();
    if failure.reason == ConnectFailureReason::TempBanned {
        let reason = said.unwrap_or_else(|| "WhatsApp has banned the number".to_owned());
        return Report::Banned { reason, code: Some(402), expires_in: None };
    }
    let code = failure.reason.code();
    let reason = match said {
        Some(said) => format!("WhatsApp refused the login: {said} ({code})"),
        None => format!("WhatsApp refused the login ({code})"),
    };
    Report::Offline { reason, retry_in: None }
}

async fn receipt_report(client: &Client, receipt: &whatsapp_rust::types::events::Receipt) -> Option<Report> {
    let kind = match receipt.r#type {
        // An inactive device has it all the same.
        ReceiptType::Delivered | ReceiptType::Inactive => ReceiptKind::Delivered,
        ReceiptType::Read => ReceiptKind::Read,
        ReceiptType::Played => ReceiptKind::Played,
        _ => return None,
    };
    let source = &receipt.source;
    let by = address::person(client, &source.sender, source.sender_alt.as_ref()).await?;
    let own = client.pn().and_then(|own| address::wid(&own));
    if own.as_ref() == Some(&by.wid) {
        // Another device of the account, which is no receiver.
        return None;
    }
    let chat = if source.chat.server.is_pn_family() || source.chat.server.is_lid_family() {
        by.wid.clone()
    } else {
        address::wid(&source.chat)?
    };
    Some(Report::Receipt(Receipt {
        ids: receipt.message_ids.clone(),
        chat,
        by: by.wid,
        kind,
        at: receipt.timestamp.timestamp_millis(),
    }))
}
