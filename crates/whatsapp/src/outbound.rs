//! Sending, up to WhatsApp's acknowledgement.

use std::time::Duration;

use bytes::Bytes;
use sparkbot_network::phone::Phone;
use sparkbot_network::wid::{Wid, WidKind};
use sparkbot_network::{NetworkError, Outgoing, Report, Sent};
use whatsapp_rust::traits::ProtocolStore;
use whatsapp_rust::types::events::ServerAck;
use whatsapp_rust::{Client, Jid, SendOptions, waproto};

use crate::number::Number;
use crate::{address, content, errors};

/// Keys, device lists and encryption; longer means that WhatsApp does not answer.
const PREPARE: Duration = Duration::from_secs(45);
/// From the socket to the acknowledgement.
const ACKNOWLEDGE: Duration = Duration::from_secs(20);

/// Sends one message and waits for WhatsApp to take it.
pub(crate) async fn send(number: &Number, outgoing: Outgoing) -> Result<Sent, NetworkError> {
    let message = content::message(&outgoing)?;
    let raw: Bytes = waproto::codec::message_to_vec(&message).into();
    let client = number.logged_in()?;
    let (to, normalised) = tokio::time::timeout(PREPARE, receiver(number, &client, &outgoing.to))
        .await
        .map_err(|_| NetworkError::Timeout)??;
    // Before the stanza leaves: the answer may be faster than this task.
    let acknowledged = number.expect_ack(&outgoing.id);
    let options = SendOptions::default().with_message_id(outgoing.id);
    let sending = client.send_message_with_options(to, message, options);
    tokio::time::timeout(PREPARE, sending)
        .await
        .map_err(|_| NetworkError::Timeout)?
        .map_err(|error| errors::send(&error))?;
    // A connection that ends leaves open whether the message has left.
    let ack = tokio::time::timeout(ACKNOWLEDGE, acknowledged)
        .await
        .map_err(|_| NetworkError::Timeout)?
        .map_err(|_| NetworkError::Timeout)?;
    match refusal(&ack) {
        Some(error) => {
            if let NetworkError::Refused { code: 463, reason } = &error {
                number.reports.say(Report::Restricted { code: 463, reason: reason.clone() });
            }
            Err(error)
        }
        None => Ok(Sent { at: ack.timestamp.map(|at| at.timestamp_millis()), chat: normalised, raw }),
    }
}

fn refusal(ack: &ServerAck) -> Option<NetworkError> {
    let code = ack.error.as_deref()?;
    Some(errors::refusal(code.parse().unwrap_or_default(), "", None))
}

/// Where a message goes, and the chat's id where WhatsApp knows it by another
/// number than the one asked for.
async fn receiver(number: &Number, client: &Client, to: &Wid) -> Result<(Jid, Option<Wid>), NetworkError> {
    let jid = address::jid(to)?;
    let (WidKind::User, Some(phone)) = (to.kind(), to.phone()) else {
        return Ok((jid, None));
    };
    if is_known(number, client, &jid).await {
        return Ok((jid, None));
    }
    // The client reports success for messages that nobody can read, so a number
    // is looked up before it is written to for the first time.
    let found = client.contacts().is_on_whatsapp(std::slice::from_ref(&jid)).await;
    let found = found.map_err(|error| errors::request(&error))?;
    let Some(account) = found.into_iter().find(|account| account.is_registered) else {
        return Err(NetworkError::NoSuchReceiver(masked(&phone)));
    };
    let normal = account.pn_jid.filter(Jid::is_pn).unwrap_or(account.jid).to_non_ad();
    if !normal.is_pn() || normal.user_base() == jid.user_base() {
        return Ok((jid, None));
    }
    let chat = address::wid(&normal);
    Ok((normal, chat))
}

/// Shown in an error that core may log.
fn masked(phone: &Phone) -> String {
    sparkbot_network::phone::masked(phone.as_str())
}

/// Whether the receiver has devices, by what is stored of it.
async fn is_known(number: &Number, client: &Client, jid: &Jid) -> bool {
    if client.pn().is_some_and(|own| own.user_base() == jid.user_base()) {
        return true;
    }
    let lid = client.get_lid_pn_entry(jid).await.ok().flatten();
    let users = std::iter::once(jid.user_base().to_owned()).chain(lid.map(|entry| entry.lid.to_string()));
    for user in users {
        if let Ok(Some(record)) = number.storage.get_devices(&user).await
            && !record.devices.is_empty()
        {
            return true;
        }
    }
    false
}
