//! Which messages `GET /v1/chat/{device}/messages` shows.

use serde::Deserialize;
use sparkbot_core::access::Sight;
use sparkbot_core::chat_messages::kinds::{self, KINDS};
use sparkbot_core::chat_messages::{ChatMessageFilter, Parts, Search};
use sparkbot_core::clock::parse_iso;
use utoipa::IntoParams;

use crate::answer::Paging;
use crate::chat::place::wid;
use crate::error::Answer;
use crate::request::words::words;

words! {
    Flow = &["inbound", "outbound"];
    Ack = &["pending", "sent", "delivered", "read", "played", "failed"];
    ChatKind = &["chat", "group", "channel", "community"];
    Kind = KINDS;
    Part = &["contact", "chat", "media"];
    Order = &["date:desc", "date:asc"];
}

fn size() -> i64 {
    20
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChatMessageSearch {
    /// Only received, or only sent ones.
    #[param(value_type = Option<Flow>, inline)]
    flow: Option<String>,
    /// Only those that have come this far.
    #[param(value_type = Vec<Ack>, inline)]
    #[serde(default)]
    ack: Vec<String>,
    /// Only with these WhatsApp ids.
    wid: Option<Vec<String>>,
    /// Only with all of these words, or with words that begin so. Several words, and words along with other filters, are
    /// looked for in the newest messages that have the rarest of the words: 150,000 of them. It is the newest 20,000 in a
    /// chat or of a person with more than 20,000 messages, for an agent, and where the words are beginnings that still
    /// more messages have. `before` looks further back.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only in this chat: a WhatsApp id, or a phone number in E.164.
    #[param(max_length = 60, example = "16001234561@c.us")]
    chat: Option<String>,
    /// Only from this chat, or by this member of a group: a WhatsApp id, or a phone number in E.164.
    #[param(max_length = 60)]
    from: Option<String>,
    /// Only to this chat: a WhatsApp id, or a phone number in E.164. The number's own id means all that it received.
    #[param(max_length = 60)]
    to: Option<String>,
    /// Only in chats of these kinds.
    #[param(rename = "type", value_type = Vec<ChatKind>, inline)]
    #[serde(default, rename = "type")]
    chat_kinds: Vec<String>,
    /// Only with this reference.
    #[param(max_length = 128)]
    reference: Option<String>,
    /// Only of these kinds.
    #[param(value_type = Vec<Kind>, inline)]
    #[serde(default)]
    kind: Vec<String>,
    /// Compare with WhatsApp first; the number must be online.
    #[serde(default)]
    #[param(default = false)]
    sync: bool,
    /// From the message with this WhatsApp id on, itself included.
    #[param(max_length = 64)]
    begin: Option<String>,
    /// Up to the message with this WhatsApp id, itself included.
    #[param(max_length = 64)]
    end: Option<String>,
    /// Only after this time.
    #[param(format = DateTime)]
    after: Option<String>,
    /// Only before this time.
    #[param(format = DateTime)]
    before: Option<String>,
    /// Show these in full: the person, the chat, the small picture of a file.
    #[param(value_type = Vec<Part>, inline)]
    #[serde(default)]
    include: Vec<String>,
    /// In which order.
    #[param(value_type = Option<Order>, inline)]
    sort: Option<String>,
    /// Messages a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
    /// Messages to leave out before the page.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 100_000_000)]
    skip: i64,
}

impl ChatMessageSearch {
    /// Links count in pages, unless `skip` is used.
    pub(super) fn paging(&self) -> Paging {
        if self.skip == 0 {
            return Paging::pages(self.size, self.page);
        }
        Paging::rows(self.size, self.skip + self.size * self.page)
    }

    pub(super) fn into_search(self) -> Answer<Search> {
        let paging = self.paging();
        let place = |name: &str, text: Option<String>| text.map(|text| wid(name, &text)).transpose();
        let has = |word: &str| self.include.iter().any(|part| part == word);
        let parts = Parts { chat: has("chat") || has("contact"), contact: has("contact"), media: has("media") };
        let time = |text: &Option<String>| text.as_deref().and_then(parse_iso);
        let filter = ChatMessageFilter {
            flow: self.flow,
            ack: self.ack,
            wids: self.wid.unwrap_or_default(),
            search: self.search,
            chat: place("chat", self.chat)?,
            from: place("from", self.from)?,
            to: place("to", self.to)?,
            own: None,
            chat_kinds: self.chat_kinds,
            reference: self.reference,
            kinds: kinds::filtered(&self.kind),
            begin: None,
            end: None,
            after: time(&self.after),
            before: time(&self.before),
            // What the caller may see is added where it is known.
            sight: Sight::All,
            ascending: self.sort.as_deref() == Some("date:asc"),
            size: paging.size(),
            skip: paging.skip(),
        };
        Ok(Search { filter, begin: self.begin, end: self.end, sync: self.sync, parts })
    }
}
