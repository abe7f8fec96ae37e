//! Notes of WhatsApp's own in a chat.

use sparkbot_network::ReceivedContent;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::call_log_message::CallOutcome;
use whatsapp_rust::waproto::whatsapp::message::protocol_message::Type;

use super::{Reading, Verdict};

/// `None` when it is a message of somebody.
pub(super) fn read(base: &wa::Message) -> Option<Verdict> {
    let note =
        |kind, what: &str| Some(Verdict::says(Reading::new(kind, None, ReceivedContent::System(what.to_owned()))));
    if let Some(protocol) = base.protocol_message.as_option() {
        return match protocol.r#type {
            Some(Type::EPHEMERAL_SETTING) if protocol.ephemeral_expiration.unwrap_or(0) > 0 => {
                note("system", "disappearing_on")
            }
            Some(Type::EPHEMERAL_SETTING) => note("system", "disappearing_off"),
            Some(Type::LIMIT_SHARING) => note("system", "limit_sharing"),
            // Between devices and clients.
            _ => Some(Verdict::Nothing),
        };
    }
    if let Some(log) = base.call_log_messsage.as_option() {
        let what = match log.call_outcome {
            Some(CallOutcome::CONNECTED | CallOutcome::ACCEPTED_ELSEWHERE | CallOutcome::ONGOING) => "call",
            Some(CallOutcome::REJECTED) => "call_rejected",
            _ => "call_missed",
        };
        return note("call", what);
    }
    if base.call.is_set() {
        return note("call", "call");
    }
    None
}
