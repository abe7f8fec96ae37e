//! Status updates: sealed like a message to a group whose members are all those
//! who may see it.

use std::sync::Arc;

use bytes::Bytes;
use sparkbot_network::status::StatusPost;
use sparkbot_network::{NetworkError, Sent};
use whatsapp_rust::{Client, Jid, StatusPrivacySetting, StatusSendOptions, waproto};

use super::{PREPARE, acknowledgement};
use crate::content::Draft;
use crate::number::Number;
use crate::{address, errors};

/// People looked up at once.
const AT_ONCE: usize = 200;

/// Posts an update, or takes one back.
pub(super) async fn send(
    number: &Number,
    client: &Arc<Client>,
    id: String,
    draft: Draft,
    post: &StatusPost,
) -> Result<Sent, NetworkError> {
    let people = people(client, post).await?;
    let raw = Bytes::from(waproto::codec::message_to_vec(&draft.message));
    // Before the stanza leaves: the answer may be faster than this task.
    let acknowledged = number.expect_ack(&id);
    let options = StatusSendOptions {
        privacy: StatusPrivacySetting::Contacts,
        message_id: Some(id),
        extra_stanza_nodes: draft.nodes,
        ..StatusSendOptions::default()
    };
    let status = client.status();
    let sending = status.send_raw(draft.message, &people, options);
    tokio::time::timeout(PREPARE, sending)
        .await
        .map_err(|_| NetworkError::Timeout)?
        .map_err(|error| errors::send(&error, false))?;
    let at = acknowledgement(number, acknowledged, false).await?;
    Ok(Sent { at, chat: None, raw })
}

/// The audience as WhatsApp addresses it, the own account among them. The client
/// leaves out whom it knows no private id of: those are looked up first.
async fn people(client: &Client, post: &StatusPost) -> Result<Vec<Jid>, NetworkError> {
    let mut people = Vec::with_capacity(post.audience.len() + 1);
    people.push(client.pn().ok_or(NetworkError::NotLinked)?.to_non_ad());
    let mut unknown = Vec::new();
    for wid in &post.audience {
        let jid = address::jid(wid)?;
        if jid.is_pn() && address::other(client, &jid, None).await.is_none() {
            unknown.push(jid.clone());
        }
        people.push(jid);
    }
    let contacts = client.contacts();
    for part in unknown.chunks(AT_ONCE) {
        let asked =
            tokio::time::timeout(PREPARE, contacts.is_on_whatsapp(part)).await.map_err(|_| NetworkError::Timeout)?;
        asked.map_err(|error| errors::request(&error))?;
    }
    Ok(people)
}
