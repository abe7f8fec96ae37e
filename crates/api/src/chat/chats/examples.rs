//! Answers as the document shows them.

use sparkbot_core::chats::{BulkOutcome, BulkResult, DeletedChat, TypingShown};
use sparkbot_core::views::{Chat, ChatLinks, ChatMessage, ChatMeta, ChatOwner, ChatStats, Contact, Link, MessageMeta};

use crate::chat::examples::{image, text};
use crate::examples::DEVICE;

const BEN: &str = "16001234561@c.us";
const AGENT: &str = "697dd2285f3c2b9d8e4a7061";
const NOON: &str = "2026-01-31T12:00:00.000Z";
const LATER: &str = "2026-01-31T12:00:04.250Z";

fn link(method: &'static str, rest: &str) -> Link {
    Link { method, url: format!("/v1/{rest}") }
}

pub(super) fn chat() -> Chat {
    Chat {
        group: None,
        channel: None,
        id: text(BEN),
        name: Some(text("Ben")),
        kind: text("chat"),
        lid: Some(text("123456789012345@lid")),
        status: text("active"),
        wa_status: text("active"),
        status_updated_at: Some(text(LATER)),
        status_updated_by: Some(text(AGENT)),
        prev_status: Some(text("pending")),
        prev_status_updated_at: Some(text(NOON)),
        first_message_at: Some(text(NOON)),
        last_message_at: Some(text(NOON)),
        last_message_time: Some(1_769_860_800),
        last_inbound_message_at: Some(text(NOON)),
        last_outbound_message_at: None,
        last_message: Some(Box::new(image())),
        last_note_at: Some(text(LATER)),
        last_reaction_at: None,
        last_reaction_emoji: None,
        last_reaction_author: None,
        last_auto_reply: None,
        last_auto_reply_at: None,
        stats: ChatStats { notes: 1, inbound_messages: 1, outbound_messages: 0, local_messages: 1 },
        labels: vec![text("customer")],
        owner: ChatOwner {
            agent: Some(text(AGENT)),
            assigner: Some(text(AGENT)),
            assigned_at: Some(text(LATER)),
            assignment_type: Some(text("manual")),
            ..ChatOwner::default()
        },
        contact: Some(Contact {
            wid: text(BEN),
            lid: Some(text("123456789012345@lid")),
            kind: text("user"),
            phone: Some(text("+16001234561")),
            name: Some(text("Ben")),
            display_name: text("Ben"),
        }),
        meta: ChatMeta { can_send: true, is_pinned: true, ..ChatMeta::default() },
        messages: None,
        notes: None,
        links: ChatLinks {
            chat: link("GET", &format!("chat/{DEVICE}/chats/{BEN}")),
            messages: link("GET", &format!("chat/{DEVICE}/messages?chat={BEN}")),
            status: link("PATCH", &format!("chat/{DEVICE}/chats/{BEN}/status")),
            device: link("GET", &format!("devices/{DEVICE}")),
        },
    }
}

pub(super) fn archived() -> Chat {
    let before = chat();
    Chat {
        status: text("archived"),
        wa_status: text("archived"),
        prev_status: Some(text("active")),
        meta: ChatMeta { is_archived: true, is_pinned: false, ..before.meta },
        ..before
    }
}

pub(super) fn note() -> ChatMessage {
    let message = image();
    ChatMessage {
        id: text("5F3C2B9D8E4A7067697DD228"),
        kind: text("note"),
        flow: text("outbound"),
        ack: text("sent"),
        author: Some(text(AGENT)),
        from: message.to,
        from_number: message.to_number,
        to: message.from,
        to_number: message.from_number,
        body: Some(text("Wants the blue one, call back on Monday.")),
        reactions: Vec::new(),
        post: None,
        media: None,
        meta: MessageMeta { source: text("api"), via: text("platform"), ..MessageMeta::default() },
        ..message
    }
}

pub(super) fn typing() -> TypingShown {
    TypingShown { chat: text(BEN), action: "typing", until: Some(text(LATER)) }
}

pub(super) fn deleted() -> DeletedChat {
    DeletedChat { id: text(BEN), deleted: true, whatsapp: true, pending: false }
}

pub(super) fn bulk() -> BulkOutcome {
    BulkOutcome {
        updated: 1,
        failed: 1,
        results: vec![
            BulkResult { chat: text(BEN), ok: true, error_code: None, message: None },
            BulkResult {
                chat: text("16001234599@c.us"),
                ok: false,
                error_code: Some(text("chat:notfound")),
                message: Some(text("This number has no chat 16001234599@c.us.")),
            },
        ],
    }
}
