//! Outgoing messages as protobuf, one room per kind.

mod contacts;
mod context;
pub(crate) mod conversation;
mod edit;
mod event;
mod forward;
mod location;
mod media;
mod menu;
mod poll;
mod product;
mod reaction;
mod revoke;
mod text;

use sparkbot_network::{Content, NetworkError, Outgoing};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::wacore_binary::Node;
use whatsapp_rust::waproto::codec;
use whatsapp_rust::waproto::whatsapp as wa;

use self::conversation::Conversation;
use crate::secrets;

/// A message that is ready to be encrypted.
pub(crate) struct Draft {
    pub(crate) message: wa::Message,
    /// What its stanza carries besides.
    pub(crate) nodes: Vec<Node>,
    /// By what WhatsApp knows media of channels, which are not encrypted.
    pub(crate) media_handle: Option<String>,
}

impl Draft {
    fn new(message: wa::Message) -> Self {
        Self { message, nodes: Vec::new(), media_handle: None }
    }
}

/// What can be refused without asking anybody.
pub(crate) fn check(content: &Content) -> Result<(), NetworkError> {
    match content {
        Content::Text { body, .. } => text::check(body),
        Content::Media(media) => media::check(media),
        Content::Location(location) => location::check(location),
        Content::Contacts(cards) => contacts::check(cards),
        Content::Poll(poll) => poll::check(poll),
        Content::Event(event) => event::check(event),
        Content::Reaction { emoji, .. } => reaction::check(emoji),
        Content::Edit { body, .. } => text::check(body),
        Content::Forward { raw } => forward::check(raw),
        Content::Menu { menu, .. } => menu::check(menu),
        Content::Vote { .. } | Content::Attend { .. } | Content::Revoke { .. } | Content::Product { .. } => Ok(()),
    }
}

/// Builds a message; files are uploaded on the way.
pub(crate) async fn draft(to: &Conversation<'_>, outgoing: &Outgoing) -> Result<Draft, NetworkError> {
    let mut draft = match &outgoing.content {
        Content::Text { body, preview } => {
            let look = outgoing.status.as_ref().and_then(|post| post.look);
            Draft::new(look.map_or_else(|| text::message(body, preview.as_deref()), |look| text::status(body, look)))
        }
        Content::Media(media) => media::draft(to, outgoing, media).await?,
        Content::Location(location) => Draft::new(location::message(location)),
        Content::Contacts(cards) => Draft::new(contacts::message(cards)),
        Content::Poll(poll) => Draft::new(poll::message(poll)),
        Content::Vote { poll, raw, options } => Draft::new(poll::vote(to, poll, raw, options).await?),
        Content::Event(event) => Draft::new(event::message(event)),
        Content::Attend { event, raw, answer } => Draft::new(event::answer(to, event, raw, *answer).await?),
        Content::Reaction { of, emoji } => Draft::new(reaction::message(to, of, emoji).await?),
        Content::Edit { of, raw, body } => {
            Draft::new(edit::message(to, of, raw.as_deref(), body, &outgoing.mentions).await?)
        }
        Content::Revoke { of } => Draft::new(revoke::message(to, of).await?),
        Content::Product { product, image, body } => {
            product::draft(to, outgoing, product, image.as_deref(), body.as_deref()).await?
        }
        Content::Forward { raw } => Draft::new(forward::message(raw)?),
        Content::Menu { body, menu } => menu::draft(body, menu),
    };
    if stands_alone(&outgoing.content) {
        if !matches!(outgoing.content, Content::Forward { .. })
            && let Some(context) = context::of(to, outgoing).await?
            && !draft.message.set_context_info(context)
        {
            return Err(NetworkError::Invalid("this kind of message can't quote or mention".to_owned()));
        }
        if let Some(seconds) = outgoing.ephemeral_seconds {
            draft.message.set_ephemeral_expiration(seconds);
        }
    }
    draft.message = wrapped(draft.message, &outgoing.content);
    if stands_alone(&outgoing.content) && !to.is_channel() {
        // Reactions, votes and answers are encrypted under this. Chosen here,
        // since the client's own choice would differ from try to try.
        let secret = outgoing.secret.map_or_else(|| secrets::derived(to.client, "message", &outgoing.id), Ok)?;
        draft.message.message_context_info = MessageField::some(wa::MessageContextInfo {
            message_secret: Some(secret.to_vec()),
            ..wa::MessageContextInfo::default()
        });
        if matches!(outgoing.content, Content::Poll(_) | Content::Event(_)) {
            secrets::keep(to.number, &to.chat, &to.own()?, &outgoing.id, secret).await?;
        }
    }
    Ok(draft)
}

/// Whether it is shown by itself, rather than changing another message.
fn stands_alone(content: &Content) -> bool {
    !matches!(
        content,
        Content::Vote { .. }
            | Content::Attend { .. }
            | Content::Reaction { .. }
            | Content::Edit { .. }
            | Content::Revoke { .. }
    )
}

/// Some kinds travel inside of another message.
fn wrapped(message: wa::Message, content: &Content) -> wa::Message {
    let Content::Media(media) = content else { return message };
    let inner = |message| MessageField::some(wa::message::FutureProofMessage { message: MessageField::some(message) });
    if media.view_once {
        return if message.audio_message.is_set() {
            wa::Message { view_once_message_v2_extension: inner(message), ..wa::Message::default() }
        } else {
            wa::Message { view_once_message_v2: inner(message), ..wa::Message::default() }
        };
    }
    let has_caption = message.document_message.as_option().is_some_and(|document| document.caption.is_some());
    if has_caption {
        return wa::Message { document_with_caption_message: inner(message), ..wa::Message::default() };
    }
    message
}

/// A stored protobuf of a message, out of its wrappers.
fn stored(raw: &[u8]) -> Result<wa::Message, NetworkError> {
    let message =
        codec::message_decode(raw).map_err(|_| NetworkError::Invalid("the stored message can't be read".to_owned()))?;
    let context = message.message_context_info.clone();
    let mut base = message.into_base_message();
    if base.message_context_info.is_unset() {
        base.message_context_info = context;
    }
    Ok(base)
}
