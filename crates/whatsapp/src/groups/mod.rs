//! Groups between the client's words and the port's: [`ask`] asks for them, [`info`]
//! says what a group is, [`news`] what has happened in one, [`members`] what became of people.

pub(crate) mod ask;
mod info;
pub(crate) mod members;
pub(crate) mod news;

use sparkbot_network::group::Someone;
use whatsapp_rust::{Client, Jid};

use crate::address;

/// A person from an address and what came with it.
pub(crate) async fn someone(client: &Client, jid: &Jid, told: Option<&Jid>) -> Option<Someone> {
    let person = address::person(client, jid, told).await?;
    Some(Someone { wid: person.wid, lid: person.lid })
}
