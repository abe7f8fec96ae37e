//! Protobuf by hand: what no app would send.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A protobuf message under construction.
#[derive(Default, Clone)]
pub(super) struct Wire(Vec<u8>);

impl Wire {
    pub(super) fn new() -> Self {
        Self::default()
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(u8::try_from(value & 0x7f).expect("seven bits") | 0x80);
            value >>= 7;
        }
        self.0.push(u8::try_from(value).expect("seven bits"));
    }

    /// A number or a truth.
    pub(super) fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    /// Bytes or text.
    pub(super) fn bytes(mut self, field: u64, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    /// A message in the message.
    pub(super) fn message(self, field: u64, value: Self) -> Self {
        self.bytes(field, value.0)
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    /// What the sandbox's control address takes as a message of any kind.
    pub(super) fn body(self, to: &str) -> Value {
        json!({ "to": to, "message": { "protobuf": STANDARD.encode(self.0) } })
    }
}

/// A `Message` that is a `ProtocolMessage` of this type.
pub(super) fn protocol(kind: u64, what: impl FnOnce(Wire) -> Wire) -> Wire {
    Wire::new().message(12, what(Wire::new().number(2, kind)))
}

/// A `Message` that is a text.
pub(super) fn text(said: &str) -> Wire {
    Wire::new().bytes(1, said)
}

/// A `MessageKey`.
pub(super) fn key(chat: &str, from_me: bool, id: &str, author: Option<&str>) -> Wire {
    let key = Wire::new().bytes(1, chat).number(2, u64::from(from_me)).bytes(3, id);
    match author {
        Some(author) => key.bytes(4, author),
        None => key,
    }
}

/// A `HistorySync` with one message that somebody is said to have written.
pub(super) fn history(chat: &str, said: &str) -> Vec<u8> {
    let message = Wire::new().message(1, key(chat, false, "3EB0FA15EFA15EFA15E0", None)).message(2, text(said));
    let message = message.number(3, 1_700_000_000);
    let conversation = Wire::new().bytes(1, chat).message(2, Wire::new().message(1, message));
    Wire::new().number(1, 0).message(2, conversation).finish()
}
