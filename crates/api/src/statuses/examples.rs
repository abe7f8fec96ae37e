//! Answers as the document shows them.

use sparkbot_core::statuses::{DeletedStatuses, Failed};
use sparkbot_core::views::{ChatMessage, ChatRef, MessageChat, MessageMeta, Status, StatusViewer, StatusViews};

use crate::chat::text_message;

const STATUS: &str = "3EB0C431C26A1916E07E";
const LATER: &str = "3EB0D542D37B2A27F18F";
const FEED: &str = "status@broadcast";

fn text(text: &str) -> String {
    text.to_owned()
}

fn update(views: Option<StatusViews>) -> Status {
    let message = text_message();
    let base = message.links.message.url.split("/messages").next().unwrap_or_default().to_owned();
    let mut links = message.links.clone();
    links.message.url = format!("{base}/messages/{STATUS}");
    links.ackinfo.url = format!("{base}/messages/{STATUS}/ackinfo");
    links.chat_messages.url = format!("{base}/messages?chat={FEED}");
    let message = ChatMessage {
        id: text(STATUS),
        body: Some(text("Open until eight")),
        edited_at: None,
        edits: Vec::new(),
        author: Some(message.from.clone()),
        to: text(FEED),
        to_number: None,
        chat: MessageChat::Brief(ChatRef { id: text(FEED), name: None, kind: text("broadcast") }),
        reference: Some(text("evening")),
        meta: MessageMeta {
            is_edited: false,
            color: Some(text("moss_green")),
            font: Some(text("serif")),
            ..message.meta.clone()
        },
        links,
        ..message
    };
    Status {
        message,
        mtype: "status",
        scheduled: false,
        outbound: None,
        failure_reason: None,
        expires_at: text("2026-02-01T12:00:00.000Z"),
        views,
    }
}

pub(super) fn listed() -> Status {
    update(Some(StatusViews { count: 1, viewers: None }))
}

pub(super) fn posted() -> Status {
    let ben = StatusViewer {
        wid: text("16001234561@c.us"),
        phone: Some(text("+16001234561")),
        name: Some(text("Ben")),
        date: text("2026-01-31T12:00:04.250Z"),
    };
    update(Some(StatusViews { count: 1, viewers: Some(vec![ben]) }))
}

pub(super) fn waiting() -> Status {
    let mut status = update(None);
    status.message.ack = text("pending");
    status.scheduled = true;
    status.outbound = Some(text("65a1b2c3d4e5f60718293a4d"));
    status
}

pub(super) fn deleted() -> DeletedStatuses {
    DeletedStatuses {
        status: vec![text(STATUS)],
        scheduled: Vec::new(),
        failed: vec![Failed {
            id: text(LATER),
            error_code: text("status:notfound"),
            message: format!("There is no status {LATER} of this number, or it is over."),
        }],
    }
}
