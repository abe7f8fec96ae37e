//! Reading and building stanzas.
//!
//! Addresses are always written as JID nodes, never as strings: whatsmeow drops
//! a stanza whose `from` is the string token.

use std::borrow::Cow;

use wacore::libsignal::protocol::PublicKey;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node, NodeContent, Server};

/// Short for `NodeBuilder::new`.
pub(crate) fn node(tag: &'static str) -> NodeBuilder {
    NodeBuilder::new(tag)
}

/// `s.whatsapp.net`, the server itself.
pub(crate) fn server_jid() -> Jid {
    Jid::new("", Server::Pn)
}

/// The 32 bytes of a public key, without Signal's type byte.
pub(crate) fn public_bytes(key: &PublicKey) -> [u8; 32] {
    let mut bytes = [0; 32];
    // A curve key is 32 bytes long by construction.
    if let Some(source) = key.public_key_bytes().first_chunk::<32>() {
        bytes = *source;
    }
    bytes
}

/// A big-endian unsigned number of up to four bytes, as ids travel.
pub(crate) fn uint(bytes: &[u8]) -> Option<u32> {
    (1..=4).contains(&bytes.len()).then(|| bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

/// What the areas read from a stanza.
pub(crate) trait Reading {
    /// An attribute as text, empty when absent.
    fn text_of(&self, key: &str) -> Cow<'_, str>;
    /// An attribute as text.
    fn maybe_text(&self, key: &str) -> Option<String>;
    /// An attribute as an address.
    fn jid_of(&self, key: &str) -> Option<Jid>;
    /// An attribute as a number.
    fn number_of(&self, key: &str) -> Option<u64>;
    /// The first child with this tag.
    fn child(&self, tag: &str) -> Option<&Node>;
    /// All children.
    fn nodes(&self) -> &[Node];
    /// The content as bytes, whether it was sent as bytes or as text.
    fn body(&self) -> &[u8];
    /// The bytes of a child, empty when absent.
    fn body_of(&self, tag: &str) -> &[u8] {
        self.child(tag).map_or(&[], Reading::body)
    }
}

impl Reading for Node {
    fn text_of(&self, key: &str) -> Cow<'_, str> {
        self.attrs.get(key).map_or(Cow::Borrowed(""), wacore_binary::NodeValue::as_str)
    }

    fn maybe_text(&self, key: &str) -> Option<String> {
        self.attrs.get(key).map(|value| value.as_str().into_owned())
    }

    fn jid_of(&self, key: &str) -> Option<Jid> {
        self.attrs.get(key)?.to_jid()
    }

    fn number_of(&self, key: &str) -> Option<u64> {
        self.text_of(key).parse().ok()
    }

    fn child(&self, tag: &str) -> Option<&Node> {
        self.nodes().iter().find(|child| child.tag == tag)
    }

    fn nodes(&self) -> &[Node] {
        self.children().unwrap_or_default()
    }

    fn body(&self) -> &[u8] {
        match &self.content {
            Some(NodeContent::Bytes(bytes)) => bytes,
            Some(NodeContent::String(text)) => text.as_bytes(),
            _ => &[],
        }
    }
}

/// Takes out lists of no children: a node either has children or no content,
/// and Baileys reads the first child of a list without looking.
pub(crate) fn without_empty_lists(node: &mut Node) {
    if let Some(NodeContent::Nodes(children)) = &mut node.content {
        if children.is_empty() {
            node.content = None;
        } else {
            children.iter_mut().for_each(without_empty_lists);
        }
    }
}

/// How a stanza looks in traces: XML, cut after about `limit` bytes.
pub(crate) fn display(node: &Node, limit: usize) -> String {
    let mut text = String::new();
    write_node(node, &mut text, limit);
    text
}

/// Text that can't be taken for a part of the stanza's form.
fn escape(content: &str, text: &mut String) {
    for c in content.chars() {
        match c {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '"' => text.push_str("&quot;"),
            c => text.push(c),
        }
    }
}

fn write_node(node: &Node, text: &mut String, limit: usize) {
    if text.len() > limit {
        if !text.ends_with('…') {
            text.push('…');
        }
        return;
    }
    text.push('<');
    text.push_str(&node.tag);
    for (key, value) in node.attrs.iter() {
        text.push(' ');
        text.push_str(key);
        text.push_str("=\"");
        escape(&value.as_str(), text);
        text.push('"');
    }
    match &node.content {
        None => {
            text.push_str("/>");
            return;
        }
        Some(NodeContent::Nodes(children)) => {
            text.push('>');
            for child in children {
                write_node(child, text, limit);
            }
        }
        Some(NodeContent::String(content)) => {
            text.push('>');
            escape(content, text);
        }
        Some(NodeContent::Bytes(bytes)) => {
            text.push('>');
            match std::str::from_utf8(bytes) {
                Ok(content) if !content.chars().any(char::is_control) => escape(content, text),
                _ => {
                    text.push_str(&hex::encode(&bytes[..bytes.len().min(64)]));
                    if bytes.len() > 64 {
                        text.push_str(&format!("… ({} bytes)", bytes.len()));
                    }
                }
            }
        }
    }
    text.push_str("</");
    text.push_str(&node.tag);
    text.push('>');
}
