//! What requests about status updates say.

use serde::Deserialize;
use sparkbot_core::clock::parse_iso;
use sparkbot_core::devices::Idempotency;
use sparkbot_core::outbound::{MediaEntry, Schedule};
use sparkbot_core::statuses::{COLORS, FONTS, NewStatus, Search};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Paging;
use crate::chat::wid;
use crate::error::{Answer, Problem};
use crate::request::words::words;

words! {
    Flow = &["inbound", "outbound"];
    Ack = &["pending", "sent", "delivered", "read", "failed"];
    Kind = &["text", "image", "video", "audio"];
    Order = &["date:desc", "date:asc"];
    Font = FONTS;
    Color = COLORS;
    Format = &["native", "gif", "ptt"];
}

fn size() -> i64 {
    20
}

/// Which updates.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatusSearch {
    /// Only of others, or only the number's own.
    #[param(value_type = Option<Flow>, inline)]
    flow: Option<String>,
    /// Only the number's own.
    #[serde(default)]
    #[param(default = false)]
    mine: bool,
    /// Only those that wait to be posted.
    #[serde(default)]
    #[param(default = false)]
    scheduled: bool,
    /// Only those that have come this far.
    #[param(value_type = Vec<Ack>, inline)]
    #[serde(default)]
    ack: Vec<String>,
    /// Only with these WhatsApp ids.
    wid: Option<Vec<String>>,
    /// Only with all of these words, or with words that begin so.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only of this person, by WhatsApp id; `status@broadcast` means everybody.
    #[param(max_length = 60, example = "16001234561@c.us")]
    chat: Option<String>,
    /// Only of this person, by phone number in E.164.
    #[param(max_length = 60, example = "+16001234561")]
    phone: Option<String>,
    /// Only with this reference.
    #[param(max_length = 128)]
    reference: Option<String>,
    /// Only of these kinds.
    #[param(rename = "type", value_type = Vec<Kind>, inline)]
    #[serde(default, rename = "type")]
    kinds: Vec<String>,
    /// From the posted update with this id on, itself included.
    #[param(max_length = 64)]
    begin: Option<String>,
    /// Up to the posted update with this id, itself included.
    #[param(max_length = 64)]
    end: Option<String>,
    /// Only after this time.
    #[param(format = DateTime)]
    after: Option<String>,
    /// Only before this time.
    #[param(format = DateTime)]
    before: Option<String>,
    /// In which order.
    #[param(value_type = Option<Order>, inline)]
    sort: Option<String>,
    /// Updates a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

impl StatusSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn into_search(self) -> Answer<Search> {
        let chat = self.chat.filter(|chat| chat != "status@broadcast");
        let person = match (chat, self.phone) {
            (Some(_), Some(_)) => {
                return Err(Problem::invalid(
                    "status:person",
                    "'chat' and 'phone' both name a person; give one of them.",
                ));
            }
            (Some(chat), None) => Some(wid("chat", &chat)?),
            (None, Some(phone)) => Some(wid("phone", &crate::request::plus_kept(phone))?),
            (None, None) => None,
        };
        let time = |text: &Option<String>| text.as_deref().and_then(parse_iso);
        Ok(Search {
            flow: self.flow,
            mine: self.mine,
            scheduled: self.scheduled,
            ack: self.ack,
            wids: self.wid.unwrap_or_default(),
            search: self.search,
            person,
            reference: self.reference,
            kinds: self.kinds,
            begin: self.begin,
            end: self.end,
            after: time(&self.after),
            before: time(&self.before),
            ascending: self.sort.as_deref() == Some("date:asc"),
        })
    }
}

/// A picture, a film or a sound.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusMedia {
    /// Where to fetch it, `http://` or `https://`, or a `data:` URI that carries it.
    #[schema(max_length = 1000)]
    url: Option<String>,
    /// Id of a file that was uploaded.
    #[schema(min_length = 24, max_length = 24)]
    file: Option<String>,
    /// The text along with it.
    #[schema(max_length = 6000)]
    message: Option<String>,
    /// The name it is kept under.
    #[schema(max_length = 200)]
    filename: Option<String>,
    /// `native` as its type wants it, `gif` repeats without sound, `ptt` is a voice note.
    #[schema(value_type = Option<Format>, inline, default = "native")]
    format: Option<String>,
}

/// Not before a time; one of date, delay and delayTo.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StatusSchedule {
    /// ISO 8601 with a time zone.
    #[schema(format = DateTime)]
    date: Option<String>,
    /// Seconds from now.
    #[schema(minimum = 0, maximum = 31_622_400)]
    delay: Option<i64>,
    /// From now: `15m`, `30m`, `1h`, `2h`, `6h`, `12h`, `1d`, `2d`, `3d`, `1w` and other times of that kind.
    #[schema(max_length = 10)]
    delay_to: Option<String>,
}

/// A new status update: `message`, or `media`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"message": "Open until eight", "color": "moss_green", "font": "serif"}))]
pub(crate) struct PostStatus {
    /// A text.
    #[schema(min_length = 1, max_length = 700)]
    message: Option<String>,
    /// The font of the text.
    #[schema(value_type = Option<Font>, inline, default = "helvetica")]
    font: Option<String>,
    /// The colour behind the text.
    #[schema(value_type = Option<Color>, inline, default = "sky_blue")]
    color: Option<String>,
    /// A file.
    #[serde(default)]
    media: Option<StatusMedia>,
    /// Your own id for it, to find it by.
    #[schema(max_length = 128)]
    reference: Option<String>,
    /// When it is posted.
    #[serde(default)]
    schedule: Option<StatusSchedule>,
}

impl PostStatus {
    pub(super) fn into_new(self, idempotency: Option<Idempotency>) -> NewStatus {
        let media = self.media.map(|media| MediaEntry {
            url: media.url,
            file: media.file,
            message: media.message,
            filename: media.filename,
            format: media.format,
            ..MediaEntry::default()
        });
        let schedule = self.schedule.map(|schedule| Schedule {
            date: schedule.date,
            delay: schedule.delay,
            delay_to: schedule.delay_to,
        });
        NewStatus {
            message: self.message,
            font: self.font,
            color: self.color,
            media,
            reference: self.reference,
            schedule,
            idempotency,
        }
    }
}

/// Which updates to delete; all of the number's own when neither is given.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"status": ["3EB0C431C26A1916E07E"]}))]
pub(crate) struct DeleteStatuses {
    /// Scheduled ones, by their ids.
    #[schema(min_items = 1, max_items = 100)]
    pub(super) scheduled: Option<Vec<String>>,
    /// Posted ones, by their ids.
    #[schema(min_items = 1, max_items = 100)]
    pub(super) status: Option<Vec<String>>,
}
