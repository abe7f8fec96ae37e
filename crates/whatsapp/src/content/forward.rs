//! Messages again.

use sparkbot_network::NetworkError;
use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::waproto::codec;
use whatsapp_rust::waproto::whatsapp as wa;

use super::stored;

pub(super) fn check(raw: &[u8]) -> Result<(), NetworkError> {
    let message =
        codec::message_decode(raw).map_err(|_| NetworkError::Invalid("the stored message can't be read".to_owned()))?;
    if message.is_view_once() {
        return Err(NetworkError::Invalid("messages that open once can't be forwarded".to_owned()));
    }
    let base = message.get_base_message();
    let changes_another = base.protocol_message.is_set()
        || base.reaction_message.is_set()
        || base.enc_reaction_message.is_set()
        || base.poll_update_message.is_set()
        || base.enc_event_response_message.is_set()
        || base.pin_in_chat_message.is_set()
        || base.keep_in_chat_message.is_set()
        || base.secret_encrypted_message.is_set();
    if changes_another || codec::message_encoded_len(base) == 0 {
        return Err(NetworkError::Invalid("this kind of message can't be forwarded".to_owned()));
    }
    Ok(())
}

/// The same content, marked as forwarded and without what it was an answer to.
/// Files are not uploaded again: WhatsApp's copy is good for everybody.
pub(super) fn message(raw: &[u8]) -> Result<wa::Message, NetworkError> {
    Ok(*stored(raw)?.prepare_for_forward())
}
