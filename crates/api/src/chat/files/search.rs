//! Which files `GET /v1/chat/{device}/files` shows.

use serde::Deserialize;
use sparkbot_core::access::Sight;
use sparkbot_core::chat_files::ChatFileFilter;
use sparkbot_core::clock::parse_iso;
use utoipa::IntoParams;

use crate::answer::Paging;
use crate::chat::place::wid;
use crate::error::Answer;
use crate::request::words::words;

words! {
    FileKind = &["image", "video", "audio", "ptt", "document", "sticker"];
    FileFlow = &["in", "out"];
    FileOrder = &["date:desc", "date:asc", "size:desc", "size:asc"];
}

fn size() -> i64 {
    20
}

/// Which files.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChatFileSearch {
    /// Only of these kinds; `ptt` are recordings made in the chat, `video` includes short films that repeat.
    #[param(rename = "type", value_type = Vec<FileKind>, inline)]
    #[serde(default, rename = "type")]
    kinds: Vec<String>,
    /// Only with all of these words in name or caption, or words that begin so; or with this text in the MIME type.
    /// Words are looked for as in messages: of a word that very many messages have, in the newest 150,000 of them,
    /// 20,000 for an agent.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only in these chats: WhatsApp ids, or phone numbers in E.164.
    chat: Option<Vec<String>>,
    /// Only these ids.
    ids: Option<Vec<String>>,
    /// Only of messages with these WhatsApp ids.
    message: Option<Vec<String>>,
    /// Only received, or only sent ones.
    #[param(value_type = Option<FileFlow>, inline)]
    flow: Option<String>,
    /// Only after this time.
    #[param(format = DateTime)]
    after: Option<String>,
    /// Only before this time.
    #[param(format = DateTime)]
    before: Option<String>,
    /// Files a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
    /// In which order.
    #[param(value_type = Option<FileOrder>, inline)]
    sort: Option<String>,
}

impl ChatFileSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn filter(self) -> Answer<ChatFileFilter> {
        let paging = self.paging();
        let time = |text: &Option<String>| text.as_deref().and_then(parse_iso);
        let mut kinds = self.kinds;
        if kinds.iter().any(|kind| kind == "video") {
            kinds.extend(["gif".to_owned(), "video_note".to_owned()]);
        }
        let chats = self.chat.unwrap_or_default().into_iter().map(|chat| wid("chat", &chat));
        let flow = self.flow.map(|flow| if flow == "in" { "inbound" } else { "outbound" }.to_owned());
        let sort = self.sort.as_deref().unwrap_or("date:desc");
        Ok(ChatFileFilter {
            kinds,
            search: self.search,
            chats: chats.collect::<Answer<_>>()?,
            ids: self.ids.unwrap_or_default(),
            messages: self.message.unwrap_or_default(),
            flow,
            after: time(&self.after),
            before: time(&self.before),
            sight: Sight::All,
            by_size: sort.starts_with("size"),
            ascending: sort.ends_with("asc"),
            size: paging.size(),
            skip: paging.skip(),
        })
    }
}
