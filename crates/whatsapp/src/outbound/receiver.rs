//! Whether a receiver is there, and under which number.

use sparkbot_network::NetworkError;
use sparkbot_network::phone::Phone;
use sparkbot_network::wid::{Wid, WidKind};
use whatsapp_rust::traits::ProtocolStore;
use whatsapp_rust::{Client, Jid};

use crate::number::Number;
use crate::{address, errors};

/// Where a message goes, and the chat's id where WhatsApp knows it by another
/// number than the one asked for.
pub(super) async fn find(number: &Number, client: &Client, to: &Wid) -> Result<(Jid, Option<Wid>), NetworkError> {
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
