//! Answers as the document shows them.

use sparkbot_core::chat_messages::{AckInfo, AckRecipient, DeletedMessage};
use sparkbot_core::history::DeviceSync;
use sparkbot_core::views::{
    ChatFile, ChatFileLinks, ChatFileMeta, ChatFileStats, ChatMedia, ChatMediaLinks, ChatMessage, ChatRef, Edit, Link,
    MessageChat, MessageLinks, MessageMeta, Reaction,
};

use crate::examples::DEVICE;

const WA_ID: &str = "3EB0A1B2C3D4E5F60718293A";
const FILE: &str = "697dd2285f3c2b9d8e4a7067";
const BEN: &str = "16001234561@c.us";
const NOON: &str = "2026-01-31T12:00:00.000Z";
const LATER: &str = "2026-01-31T12:00:04.250Z";
const SHA2: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

pub(super) fn text(text: &str) -> String {
    text.to_owned()
}

fn link(rest: &str) -> Link {
    Link { method: "GET", url: format!("/v1/chat/{DEVICE}/{rest}") }
}

fn meta() -> ChatFileMeta {
    ChatFileMeta {
        has_preview: true,
        width: Some(1600),
        height: Some(1200),
        aspect_ratio: Some(1.333),
        ..ChatFileMeta::default()
    }
}

fn media() -> ChatMedia {
    ChatMedia {
        id: text(FILE),
        kind: text("image"),
        format: text("native"),
        status: text("available"),
        caption: Some(text("Our new shop")),
        mime: Some(text("image/jpeg")),
        size: Some(339_070),
        filename: None,
        extension: Some(text("jpg")),
        sha2: Some(text(SHA2)),
        meta: meta(),
        preview: None,
        links: ChatMediaLinks {
            resource: link(&format!("files/{FILE}")),
            download: link(&format!("files/{FILE}/download")),
        },
    }
}

pub(super) fn image() -> ChatMessage {
    ChatMessage {
        id: text(WA_ID),
        kind: text("image"),
        subtype: None,
        flow: text("inbound"),
        status: text("active"),
        ack: text("delivered"),
        from: text(BEN),
        from_number: Some(text("+16001234561")),
        to: text("16001234560@c.us"),
        to_number: Some(text("+16001234560")),
        author: None,
        date: text(NOON),
        timestamp: 1_769_860_800,
        body: Some(text("Our new shop")),
        edited_at: None,
        edits: Vec::new(),
        post: None,
        reactions: vec![Reaction {
            from: text("16001234560@c.us"),
            from_number: Some(text("+16001234560")),
            emoji: text("👍"),
            date: text(LATER),
        }],
        mentions: Vec::new(),
        chat: MessageChat::Brief(ChatRef { id: text(BEN), name: Some(text("Ben")), kind: text("chat") }),
        media: Some(media()),
        location: None,
        contacts: None,
        poll: None,
        event: None,
        list: None,
        selected: None,
        product: None,
        order: None,
        group_invite: None,
        quoted: None,
        reference: None,
        meta: MessageMeta {
            notify_name: Some(text("Ben")),
            source: text("remote"),
            via: text("remote"),
            ..MessageMeta::default()
        },
        links: MessageLinks {
            message: link(&format!("messages/{WA_ID}")),
            ackinfo: link(&format!("messages/{WA_ID}/ackinfo")),
            chat_messages: link(&format!("messages?chat={BEN}")),
            device: Link { method: "GET", url: format!("/v1/devices/{DEVICE}") },
        },
    }
}

pub(crate) fn edited() -> ChatMessage {
    let before = image();
    ChatMessage {
        kind: text("text"),
        flow: text("outbound"),
        ack: text("read"),
        from: before.to,
        from_number: before.to_number,
        to: before.from,
        to_number: before.from_number,
        body: Some(text("See you at 5, not at 4!")),
        edited_at: Some(text(LATER)),
        edits: vec![Edit { body: Some(text("See you at 4!")), date: text(LATER) }],
        reactions: Vec::new(),
        post: None,
        media: None,
        reference: Some(text("order-7")),
        meta: MessageMeta { is_edited: true, source: text("api"), via: text("platform"), ..MessageMeta::default() },
        ..before
    }
}

pub(super) fn ackinfo() -> AckInfo {
    AckInfo {
        id: text(WA_ID),
        chat: text(BEN),
        ack: text("read"),
        sent_at: Some(text(NOON)),
        delivered: 1,
        read: 1,
        played: 0,
        recipients: vec![AckRecipient {
            id: text(BEN),
            phone: Some(text("+16001234561")),
            ack: text("read"),
            delivered_at: Some(text(NOON)),
            read_at: Some(text(LATER)),
            played_at: None,
        }],
    }
}

pub(super) fn deleted() -> DeletedMessage {
    DeletedMessage { id: text(WA_ID), deleted: true, revoked: true, removed: false, warning: None }
}

pub(super) fn file() -> ChatFile {
    ChatFile {
        id: text(FILE),
        message: text(WA_ID),
        chat: text(BEN),
        flow: text("in"),
        status: text("available"),
        error_code: None,
        error: None,
        caption: Some(text("Our new shop")),
        kind: text("image"),
        format: text("native"),
        size: Some(339_070),
        mime: Some(text("image/jpeg")),
        extension: Some(text("jpg")),
        filename: format!("{WA_ID}.jpg"),
        sha2: Some(text(SHA2)),
        created_at: text(NOON),
        uploaded_at: Some(text(LATER)),
        expires_at: Some(text("2026-03-02T12:00:04.250Z")),
        meta: meta(),
        preview: None,
        stats: ChatFileStats { downloads: 1 },
        links: ChatFileLinks {
            resource: link(&format!("files/{FILE}")),
            download: link(&format!("files/{FILE}/download?token=bG9uZyBhbmQgc2VhbGVk")),
            message: link(&format!("messages/{WA_ID}")),
            chat: link(&format!("messages?chat={BEN}")),
        },
    }
}

pub(super) fn device_sync() -> DeviceSync {
    DeviceSync {
        status: text("complete"),
        chats: 50,
        answered: 50,
        messages: 1_240,
        started_at: text(NOON),
        finished_at: text(LATER),
        device: crate::examples::device_ref(),
    }
}
