//! Which chats `GET /v1/chat/{device}/chats` shows, and what along with them.

use serde::Deserialize;
use sparkbot_core::chats::{ChatFilter, ChatOrder, With};
use utoipa::IntoParams;

use crate::answer::Paging;
use crate::request::words::words;

words! {
    ChatStatus = &["pending", "active", "resolved", "archived", "muted"];
    ChatKind = &["chat", "group", "channel", "community"];
    Part = &["messages", "notes", "participants"];
    Order = &["lastMessageAt:desc", "lastMessageAt:asc", "unreadCount:desc", "name:asc", "name:desc"];
}

fn size() -> i64 {
    20
}

/// Which chats.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChatSearch {
    /// Only with one of these statuses. An archived chat has no other status than that; a muted one has.
    #[param(value_type = Vec<ChatStatus>, inline)]
    #[serde(default)]
    status: Vec<String>,
    /// Only with something unread, or marked as unread.
    #[serde(default)]
    #[param(default = false)]
    unread: bool,
    /// Only open ones: pending or active, and not archived.
    #[serde(default)]
    #[param(default = false)]
    active: bool,
    /// Only where this number may write.
    #[serde(default, rename = "canSend")]
    #[param(rename = "canSend", default = false)]
    can_send: bool,
    /// Only where nobody but admins may write.
    #[serde(default, rename = "readOnly")]
    #[param(rename = "readOnly", default = false)]
    read_only: bool,
    /// Only of these kinds.
    #[param(rename = "type", value_type = Vec<ChatKind>, inline)]
    #[serde(default, rename = "type")]
    kinds: Vec<String>,
    /// Only those that one of these agents looks after, by id.
    agent: Option<Vec<String>>,
    /// Only with all of these words in name or number, or with words that begin so.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only with one of these labels.
    labels: Option<Vec<String>>,
    /// Only with none of these labels.
    #[serde(rename = "labelsExclude")]
    #[param(rename = "labelsExclude")]
    labels_exclude: Option<Vec<String>>,
    /// Show along with each: its newest 20 messages, its newest 20 notes, who is in the group.
    #[param(value_type = Vec<Part>, inline)]
    #[serde(default)]
    include: Vec<String>,
    /// In which order; the newest message first unless told otherwise.
    #[param(value_type = Option<Order>, inline)]
    sort: Option<String>,
    /// Chats a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

impl ChatSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn parts(&self) -> With {
        with(&self.include)
    }

    pub(super) fn into_filter(self) -> ChatFilter {
        let paging = self.paging();
        ChatFilter {
            statuses: self.status,
            unread: self.unread,
            active: self.active,
            can_send: self.can_send,
            read_only: self.read_only,
            kinds: self.kinds,
            agents: self.agent.unwrap_or_default(),
            search: self.search,
            labels: self.labels.unwrap_or_default(),
            labels_exclude: self.labels_exclude.unwrap_or_default(),
            order: match self.sort.as_deref() {
                Some("lastMessageAt:asc") => ChatOrder::Oldest,
                Some("unreadCount:desc") => ChatOrder::Unread,
                Some("name:asc") => ChatOrder::Name,
                Some("name:desc") => ChatOrder::NameBackwards,
                _ => ChatOrder::Newest,
            },
            size: paging.size(),
            skip: paging.skip(),
            ..ChatFilter::default()
        }
    }
}

/// What to show along with a chat.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChatParts {
    /// Show along with it: its newest 20 messages, its newest 20 notes, who is in the group.
    #[param(value_type = Vec<Part>, inline)]
    #[serde(default)]
    include: Vec<String>,
}

impl ChatParts {
    pub(super) fn with(&self) -> With {
        with(&self.include)
    }
}

fn with(include: &[String]) -> With {
    let has = |word: &str| include.iter().any(|part| part == word);
    With { messages: has("messages"), notes: has("notes"), participants: has("participants") }
}
