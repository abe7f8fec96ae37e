//! What the server and the recipients may read on the outside of a message.

use wacore::send::{media_type_from_message, should_hide_decrypt_fail_for_send, stanza_type_from_message};
use wacore::types::message::EditAttribute;
use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;
use waproto::whatsapp as wa;
use waproto::whatsapp::message::secret_encrypted_message::SecretEncType;

use super::content;
use crate::stanza::node;

/// The outside of a message.
#[derive(Debug)]
pub(crate) struct Envelope {
    kind: &'static str,
    edit: Option<EditAttribute>,
    meta: Option<Node>,
    media: Option<&'static str>,
    /// Whether a recipient that can't open it should keep quiet about it.
    hide: bool,
}

impl Envelope {
    /// As WhatsApp's apps would address the message.
    pub(crate) fn of(message: &wa::Message) -> Self {
        let edit = EditAttribute::infer_from_message(message).filter(|edit| *edit != EditAttribute::Empty);
        Self {
            kind: stanza_type_from_message(message),
            meta: meta(message),
            media: media_type_from_message(message),
            hide: should_hide_decrypt_fail_for_send(edit.as_ref(), message),
            edit,
        }
    }

    /// Writes it onto the stanza.
    pub(crate) fn stanza(&self, stanza: NodeBuilder) -> NodeBuilder {
        let stanza = stanza.attr("type", self.kind);
        match &self.edit {
            Some(edit) => stanza.attr("edit", edit.to_string_val()),
            None => stanza,
        }
    }

    /// Writes it onto a sealed copy.
    pub(crate) fn copy(&self, mut enc: Node) -> Node {
        if let Some(media) = self.media {
            enc.attrs.insert("mediatype", media);
        }
        if self.hide {
            enc.attrs.insert("decrypt-fail", "hide");
        }
        enc
    }

    /// What stands beside the copies.
    pub(crate) fn meta(&self) -> Option<Node> {
        self.meta.clone()
    }
}

fn meta(message: &wa::Message) -> Option<Node> {
    let (inner, _) = content::unwrapped(message);
    let sealed = inner.secret_encrypted_message.as_option().and_then(|sealed| sealed.secret_enc_type);
    let about = if content::poll(inner).is_some() {
        Some(("polltype", "creation"))
    } else if inner.poll_update_message.is_set() {
        Some(("polltype", "vote"))
    } else if inner.event_message.is_set() {
        Some(("event_type", "creation"))
    } else if inner.enc_event_response_message.is_set() {
        Some(("event_type", "response"))
    } else if sealed == Some(SecretEncType::EVENT_EDIT) {
        Some(("event_type", "edit"))
    } else {
        None
    };
    let once = content::is_view_once(message).then_some(("view_once", "true"));
    let mut attributes = about.into_iter().chain(once).peekable();
    attributes.peek()?;
    Some(attributes.fold(node("meta"), |meta, (name, value)| meta.attr(name, value)).build())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stanza::Reading as _;

    fn written(message: &wa::Message) -> (Node, Node) {
        let envelope = Envelope::of(message);
        let stanza = envelope.stanza(node("message")).children(envelope.meta()).build();
        (stanza, envelope.copy(node("enc").build()))
    }

    fn made(json: &serde_json::Value) -> wa::Message {
        content::make::from_json(json, 0, |id| {
            Some(content::make::Target {
                key: wa::MessageKey { id: Some(id.to_owned()), from_me: Some(true), ..Default::default() },
                author: String::new(),
                own: String::new(),
                message: wa::Message::default(),
            })
        })
        .unwrap()
    }

    #[test]
    fn says_outside_what_whatsapps_apps_say() {
        let once = content::make_file::FileWords { kind: "image".to_owned(), view_once: true, ..Default::default() };
        let sealed = crate::media::cipher::Sealed {
            direct_path: String::new(),
            key: [0; 32],
            sha256: [0; 32],
            encrypted_sha256: [0; 32],
            length: 0,
            sidecar: None,
        };
        let once = once.message(&sealed, "h", 0).unwrap();
        for (message, kind, edit, meta, media, hide) in [
            (made(&json!({"text": "hi"})), "text", "", "", "", ""),
            (made(&json!({"edit": {"id": "A", "text": "b"}})), "text", "1", "", "", "hide"),
            (made(&json!({"revoke": {"id": "A"}})), "text", "7", "", "", ""),
            (made(&json!({"reaction": {"id": "A", "emoji": "x"}})), "reaction", "", "", "", "hide"),
            (made(&json!({"pin": {"id": "A"}})), "text", "2", "", "", "hide"),
            (made(&json!({"poll": {"name": "?", "options": ["a", "b"]}})), "poll", "", "polltype=creation", "", ""),
            (made(&json!({"location": {"latitude": 1, "longitude": 1}})), "media", "", "", "location", ""),
            (once, "media", "", "view_once=true", "image", ""),
        ] {
            let (stanza, enc) = written(&message);
            let said = stanza.child("meta").map_or(String::new(), |node| {
                node.attrs.iter().map(|(name, value)| format!("{name}={}", value.as_str())).collect()
            });
            assert_eq!(
                (stanza.text_of("type"), stanza.text_of("edit"), said.as_str()),
                (kind.into(), edit.into(), meta)
            );
            assert_eq!((enc.text_of("mediatype"), enc.text_of("decrypt-fail")), (media.into(), hide.into()));
        }
    }
}
