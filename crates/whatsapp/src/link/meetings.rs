//! Links that people join calls by. The client has no words for them, so the
//! stanza is put together here.

use std::time::Duration;

use async_trait::async_trait;
use sparkbot_network::link::MeetingLink;
use sparkbot_network::{Call, NetworkError};
use whatsapp_rust::{NodeBuilder, NodeFilter};

use super::NumberLink;
use crate::errors;

const ANSWER: Duration = Duration::from_secs(30);
/// Whom calls that ring nowhere are addressed to.
const NOBODY: &str = "@call";

#[async_trait]
impl MeetingLink for NumberLink {
    async fn make_meeting_link(&self, kind: Call) -> Result<String, NetworkError> {
        let client = self.number.logged_in()?;
        let id = client.generate_message_id();
        let media = match kind {
            Call::Voice => "audio",
            Call::Video => "video",
        };
        let wanted = NodeBuilder::new("link_create").attr("media", media).build();
        let stanza = NodeBuilder::new("call").attr("to", NOBODY).attr("id", id.as_str()).children([wanted]).build();
        // Listening comes before asking.
        let answer = client.wait_for_node(NodeFilter::tag("ack").attr("id", &id));
        client.send_node(stanza).await.map_err(|error| errors::request(&error))?;
        let answer = tokio::time::timeout(ANSWER, answer).await.map_err(|_| NetworkError::Timeout)?;
        let answer = answer.map_err(|_| NetworkError::Interrupted)?;
        let answer = answer.get();
        if let Some(code) = answer.get_attr("error").and_then(|code| code.as_str().parse().ok()) {
            return Err(NetworkError::Refused { code, reason: "no link to a call is made".to_owned() });
        }
        let token = answer.get_optional_child("link_create").and_then(|made| made.get_attr("token"));
        let token = token.map(|token| token.as_str().to_string()).filter(|token| !token.is_empty());
        token.ok_or_else(|| NetworkError::Invalid("WhatsApp's answer names no link".to_owned()))
    }
}
