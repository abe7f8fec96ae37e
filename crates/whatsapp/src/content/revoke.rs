//! Deleting for everybody.

use sparkbot_network::{NetworkError, Target};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::wacore_binary::JidExt;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::ProtocolMessage;
use whatsapp_rust::waproto::whatsapp::message::protocol_message::Type;

use super::conversation::Conversation;

pub(super) async fn message(to: &Conversation<'_>, of: &Target) -> Result<wa::Message, NetworkError> {
    if !of.from_me && !to.to.is_group() {
        return Err(NetworkError::Invalid(
            "messages of others can be deleted in groups only, as their admin".to_owned(),
        ));
    }
    let protocol = ProtocolMessage {
        key: MessageField::some(to.key(of).await?),
        r#type: Some(Type::REVOKE),
        ..ProtocolMessage::default()
    };
    Ok(wa::Message { protocol_message: MessageField::some(protocol), ..wa::Message::default() })
}
