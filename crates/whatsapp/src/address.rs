//! WhatsApp's addresses and ours.
//!
//! A person has two: a phone number and a private id (LID). WhatsApp writes
//! under either; core gets the phone number where it is known, with the other
//! beside it.

use sparkbot_network::NetworkError;
use sparkbot_network::phone::Phone;
use sparkbot_network::wid::{Wid, WidKind};
use whatsapp_rust::{Client, Jid, Server};

/// A person under both addresses, as far as they are known.
#[derive(Clone)]
pub(crate) struct Person {
    /// The phone number's, or the private one when that is all there is.
    pub(crate) wid: Wid,
    pub(crate) lid: Option<Wid>,
}

/// The id as core shows it. `None` for what core has no word for (bots).
pub(crate) fn wid(jid: &Jid) -> Option<Wid> {
    let server = match jid.server {
        Server::Group => "g.us",
        Server::Newsletter => "newsletter",
        Server::Broadcast => "broadcast",
        server if server.is_pn_family() || server == Server::Legacy => "c.us",
        server if server.is_lid_family() => "lid",
        _ => return None,
    };
    format!("{}@{server}", jid.user_base()).parse().ok()
}

/// The id as the wire shows it.
pub(crate) fn jid(wid: &Wid) -> Result<Jid, NetworkError> {
    let local = wid.local();
    Ok(match wid.kind() {
        WidKind::User => Jid::pn(local),
        WidKind::Lid => Jid::lid(local),
        WidKind::Group => Jid::group(local),
        WidKind::Channel => Jid::newsletter(local),
        WidKind::Broadcast if local == "status" => Jid::status_broadcast(),
        WidKind::Broadcast => return Err(NetworkError::Invalid("broadcast lists can't be written to".to_owned())),
    })
}

/// The phone number of one's own id.
pub(crate) fn phone(jid: &Jid) -> Phone {
    Phone::from_digits(jid.user_base())
}

/// The other address of a person: what the stanza says, else what was learnt.
pub(crate) async fn other(client: &Client, jid: &Jid, told: Option<&Jid>) -> Option<Jid> {
    let to_lid = jid.server.is_pn_family();
    if !to_lid && !jid.server.is_lid_family() {
        return None;
    }
    if let Some(own) = own_other(client, jid) {
        return Some(own);
    }
    if let Some(told) = told
        && (if to_lid { told.server.is_lid_family() } else { told.server.is_pn_family() })
    {
        return Some(told.to_non_ad());
    }
    let bare = if to_lid { Jid::pn(jid.user_base()) } else { Jid::lid(jid.user_base()) };
    // A failed read costs the second address of this one message, not the message.
    let entry = client.get_lid_pn_entry(&bare).await.ok().flatten()?;
    Some(if to_lid { Jid::lid(&*entry.lid) } else { Jid::pn(&*entry.phone_number) })
}

/// The other address of the own account.
fn own_other(client: &Client, jid: &Jid) -> Option<Jid> {
    let (phone, lid) = (client.pn()?.to_non_ad(), client.lid()?.to_non_ad());
    if jid.server == phone.server && jid.user_base() == phone.user_base() {
        return Some(lid);
    }
    (jid.server == lid.server && jid.user_base() == lid.user_base()).then_some(phone)
}

/// A person from the text of an address, as protobufs carry them.
pub(crate) async fn person_named(client: &Client, text: &str) -> Option<Person> {
    let jid = text.parse::<Jid>().ok()?;
    person(client, &jid, None).await
}

/// A person from an address and what came with it.
pub(crate) async fn person(client: &Client, jid: &Jid, told: Option<&Jid>) -> Option<Person> {
    let known = wid(jid)?;
    match known.kind() {
        WidKind::User => {
            let lid = other(client, jid, told).await.and_then(|lid| wid(&lid));
            Some(Person { wid: known, lid })
        }
        WidKind::Lid => {
            let phone = other(client, jid, told).await.and_then(|phone| wid(&phone));
            Some(Person { wid: phone.unwrap_or_else(|| known.clone()), lid: Some(known) })
        }
        _ => Some(Person { wid: known, lid: None }),
    }
}

/// The address under which WhatsApp keeps a chat with a person: private for
/// accounts that were moved to private ids, the phone number otherwise.
pub(crate) async fn chat_jid(client: &Client, chat: &Wid) -> Result<Jid, NetworkError> {
    let jid = jid(chat)?;
    if jid.is_pn()
        && client.is_lid_migrated().await
        && let Some(lid) = other(client, &jid, None).await
    {
        return Ok(lid);
    }
    Ok(jid)
}
