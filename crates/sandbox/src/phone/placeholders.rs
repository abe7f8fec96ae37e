//! A companion that could not open a message asks its phone for the content.

use buffa::{Message as _, MessageField};
use wacore_binary::Jid;
use waproto::whatsapp as wa;
use waproto::whatsapp::message::PeerDataOperationRequestType as Operation;
use waproto::whatsapp::message::peer_data_operation_request_response_message::{
    PeerDataOperationResult, peer_data_operation_result::PlaceholderMessageResendResponse,
};
use waproto::whatsapp::message::protocol_message::Type;

use super::{outgoing, sync_keys};
use crate::ids::{AccountId, Chat, Domain};
use crate::world::World;

/// How many messages one request may name.
const MAX_ASKED: usize = 64;

/// Answers a request with what the phone has of each message; what it does not
/// have is answered without content.
pub(super) fn answer(
    world: &mut World,
    me: AccountId,
    device: u16,
    request_id: &str,
    request: &wa::message::PeerDataOperationRequestMessage,
) {
    let asked = &request.placeholder_message_resend_request;
    let results: Vec<PeerDataOperationResult> = asked
        .iter()
        .take(MAX_ASKED)
        .filter_map(|asked| asked.message_key.as_option())
        .map(|key| PeerDataOperationResult {
            placeholder_message_resend_response: MessageField::some(PlaceholderMessageResendResponse {
                web_message_info_bytes: Some(found(world, me, key).encode_to_vec()),
            }),
            ..Default::default()
        })
        .collect();
    if results.is_empty() {
        return;
    }
    let response = wa::message::PeerDataOperationRequestResponseMessage {
        peer_data_operation_request_type: Some(Operation::PLACEHOLDER_MESSAGE_RESEND),
        stanza_id: Some(request_id.to_owned()),
        peer_data_operation_result: results,
    };
    let message = sync_keys::peer(Type::PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE, |protocol| {
        protocol.peer_data_operation_request_response_message = MessageField::some(response);
    });
    outgoing::send_peer(world, me, device, &message);
}

/// The message a key names. Companions look for the chat under its number.
fn found(world: &World, me: AccountId, key: &wa::MessageKey) -> wa::WebMessageInfo {
    let find = |address: &Option<String>| address.as_deref()?.parse::<Jid>().ok().and_then(|jid| world.find(&jid));
    let named = find(&key.participant).or_else(|| find(&key.remote_jid));
    let author = if key.from_me == Some(true) { Some(me) } else { named };
    let shown = author.zip(key.id.as_deref()).and_then(|(author, id)| {
        world.accounts.get(&me)?.phone.conversations.known(author, id).filter(|shown| shown.marks.revoked_by.is_none())
    });
    let Some(shown) = shown else {
        return wa::WebMessageInfo { key: MessageField::some(key.clone()), ..Default::default() };
    };
    let person = world.accounts.get(&shown.from);
    let key = wa::MessageKey {
        remote_jid: world.chat_jid(shown.chat, Domain::Pn).map(|jid| jid.to_string()),
        from_me: Some(shown.from == me),
        id: Some(shown.id.clone()),
        participant: match shown.chat {
            Chat::Person(_) => None,
            Chat::Group(_) | Chat::Status => key.participant.clone(),
        },
    };
    wa::WebMessageInfo {
        key: MessageField::some(key),
        message: MessageField::some((*shown.message).clone()),
        message_timestamp: Some(shown.timestamp),
        push_name: person.map(|person| person.name.clone()),
        ..Default::default()
    }
}
