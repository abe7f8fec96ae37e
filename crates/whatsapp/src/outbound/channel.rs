//! Sending to channels: nothing is encrypted, and posts are known by a number
//! of the server's beside their id.

use std::time::Duration;

use bytes::Bytes;
use sparkbot_network::{Content, NetworkError, Outgoing, Sent};
use whatsapp_rust::wacore::send::{media_type_from_message, stanza_type_from_message};
use whatsapp_rust::wacore_binary::Node;
use whatsapp_rust::waproto::codec;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::{Jid, NodeBuilder, NodeFilter};

use super::acknowledgement;
use crate::content::Draft;
use crate::content::conversation::Conversation;
use crate::errors;
use crate::number::Number;

/// What a stanza changes of another post, as WhatsApp numbers it.
const EDIT: &str = "3";
const REVOKE: &str = "8";
const REACTION_TAKEN_BACK: &str = "7";
/// Between the two ears that hear one answer.
const SAME_ANSWER: Duration = Duration::from_secs(1);

pub(super) async fn send(
    number: &Number,
    to: &Conversation<'_>,
    outgoing: &Outgoing,
    draft: Draft,
) -> Result<Sent, NetworkError> {
    let channel = &to.to;
    let (id, stanza, said) = match &outgoing.content {
        Content::Vote { .. } | Content::Attend { .. } | Content::Menu { .. } => {
            return Err(NetworkError::Invalid("channels don't take this kind of message".to_owned()));
        }
        Content::Reaction { of, emoji } => {
            let post = number.storage.post(&channel.to_string(), &of.id).await;
            let post = post.map_err(|error| NetworkError::State(error.to_string()))?;
            let post =
                post.ok_or_else(|| NetworkError::Invalid("this post of the channel is not known here".to_owned()))?;
            (outgoing.id.as_str(), reaction(channel, &outgoing.id, post, emoji), draft.message)
        }
        // Both go under the id of the post that they change.
        Content::Edit { of, .. } => {
            let edited =
                draft.message.protocol_message.into_option().and_then(|protocol| protocol.edited_message.into_option());
            let edited = edited.unwrap_or_default();
            (of.id.as_str(), message(channel, &of.id, &edited, None, Some(EDIT)), edited)
        }
        Content::Revoke { of } => {
            let stanza =
                stanza(channel, &of.id, "text", Some(REVOKE)).children([NodeBuilder::new("plaintext").build()]);
            (of.id.as_str(), stanza.build(), draft.message)
        }
        _ => {
            let stanza = message(channel, &outgoing.id, &draft.message, draft.media_handle.as_deref(), None);
            (outgoing.id.as_str(), stanza, draft.message)
        }
    };
    let acknowledged = number.expect_ack(id);
    let numbered = to.client.wait_for_node(NodeFilter::tag("ack").attr("id", id));
    to.client.send_node(stanza).await.map_err(|error| errors::request(&error))?;
    let at = acknowledgement(number, acknowledged, false).await?;
    // The same stanza; it has arrived.
    if let Ok(Ok(ack)) = tokio::time::timeout(SAME_ANSWER, numbered).await
        && let Some(post) = ack.get().get_attr("server_id").and_then(|post| post.as_str().parse().ok())
        && let Err(error) = number.storage.put_post(&channel.to_string(), id, post).await
    {
        tracing::warn!(device = %number.device, %error, "a post's number is lost: it can't be reacted to");
    }
    Ok(Sent { at, chat: None, raw: Bytes::from(codec::message_to_vec(&said)) })
}

fn stanza(channel: &Jid, id: &str, kind: &str, edit: Option<&str>) -> NodeBuilder {
    let stanza = NodeBuilder::new("message").attr("to", channel).attr("type", kind).attr("id", id);
    match edit {
        Some(edit) => stanza.attr("edit", edit),
        None => stanza,
    }
}

fn message(channel: &Jid, id: &str, message: &wa::Message, handle: Option<&str>, edit: Option<&str>) -> Node {
    let mut plain = NodeBuilder::new("plaintext");
    if let Some(media) = media_type_from_message(message) {
        plain = plain.attr("mediatype", media);
    }
    let mut children = vec![plain.bytes(codec::message_to_vec(message)).build()];
    let is_poll = message.poll_creation_message.is_set() || message.poll_creation_message_v3.is_set();
    if is_poll {
        children.push(NodeBuilder::new("meta").attr("polltype", "creation").build());
    }
    let mut stanza = stanza(channel, id, stanza_type_from_message(message), edit);
    if let Some(handle) = handle {
        stanza = stanza.attr("media_id", handle);
    }
    stanza.children(children).build()
}

fn reaction(channel: &Jid, id: &str, post: u64, emoji: &str) -> Node {
    let taken_back = emoji.is_empty().then_some(REACTION_TAKEN_BACK);
    let mut reaction = NodeBuilder::new("reaction");
    if taken_back.is_none() {
        reaction = reaction.attr("code", emoji);
    }
    stanza(channel, id, "reaction", taken_back).attr("server_id", post).children([reaction.build()]).build()
}
