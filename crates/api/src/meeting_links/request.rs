//! What is said of links to calls.

use serde::Deserialize;
use sparkbot_core::clock::parse_iso;
use sparkbot_core::meeting_links::{Life, MeetingLinkFilter, token};
use sparkbot_core::network::Call;
use utoipa::openapi::schema::{Object, ObjectBuilder};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Paging;
use crate::error::Answer;
use crate::request::words::{one_of, words};

const KINDS: &[&str] = &["voice", "video"];

words! {
    Kind = KINDS;
    Ends = sparkbot_core::meeting_links::LIVES;
}

/// A required word with its description; an inlined type would be joined with a
/// contradicting object for that.
fn kind() -> Object {
    ObjectBuilder::from(one_of(KINDS)).description(Some("Whether people see each other.")).build()
}

fn size() -> i64 {
    20
}

fn time(text: Option<&str>) -> Option<i64> {
    text.and_then(parse_iso)
}

/// Which links.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkSearch {
    /// Only with this text in the message or the token.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only made before this time.
    #[param(format = DateTime)]
    before: Option<String>,
    /// Only made after this time.
    #[param(format = DateTime)]
    after: Option<String>,
    /// Only those that end before this time.
    #[param(format = DateTime)]
    expires_before: Option<String>,
    /// Only those that end after this time.
    #[param(format = DateTime)]
    expires_after: Option<String>,
    /// Only of this kind.
    #[param(value_type = Vec<Kind>, inline)]
    #[serde(default)]
    kind: Vec<String>,
    /// Links a page.
    #[param(minimum = 1, maximum = 500, default = 20)]
    #[serde(default = "size")]
    size: i64,
    /// Which page, from 0.
    #[param(minimum = 0, maximum = 1_000_000, default = 0)]
    #[serde(default)]
    page: i64,
}

impl LinkSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn filter(self) -> MeetingLinkFilter {
        let paging = self.paging();
        MeetingLinkFilter {
            search: self.search,
            kinds: self.kind,
            after: time(self.after.as_deref()),
            before: time(self.before.as_deref()),
            expires_after: time(self.expires_after.as_deref()),
            expires_before: time(self.expires_before.as_deref()),
            size: paging.size(),
            skip: paging.skip(),
            ..MeetingLinkFilter::default()
        }
    }
}

/// A link to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMeetingLink, example = json!({"kind": "video", "message": "Monday's round", "expiration": "7d"}))]
pub(crate) struct NewLink {
    /// Whether people see each other.
    #[schema(schema_with = kind)]
    kind: String,
    /// What it is for, kept with the link.
    #[schema(max_length = 1000)]
    pub(super) message: Option<String>,
    /// How long it stays on this list, 30 days when nothing is said.
    #[schema(value_type = Option<Ends>, inline)]
    expiration: Option<String>,
}

impl NewLink {
    pub(super) fn kind(&self) -> Call {
        if self.kind == "video" { Call::Video } else { Call::Voice }
    }

    pub(super) fn life(&self) -> Answer<Life> {
        Ok(self.expiration.as_deref().map(str::parse).transpose()?.unwrap_or_default())
    }
}

/// Which links to delete.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MeetingLinksToDelete, example = json!({"urls": ["https://call.whatsapp.com/video/0aEQZwJVKBlz1lK2o5qH2A"]}))]
pub(crate) struct LinksToDelete {
    /// These ids.
    #[schema(max_items = 500)]
    ids: Option<Vec<String>>,
    /// These addresses or tokens.
    #[schema(max_items = 500)]
    urls: Option<Vec<String>>,
    /// Only made before this time.
    #[schema(format = DateTime)]
    created_before: Option<String>,
    /// Only made after this time.
    #[schema(format = DateTime)]
    created_after: Option<String>,
    /// Only those that end before this time.
    #[schema(format = DateTime)]
    expires_before: Option<String>,
    /// Only those that end after this time.
    #[schema(format = DateTime)]
    expires_after: Option<String>,
}

impl LinksToDelete {
    pub(super) fn filter(self) -> MeetingLinkFilter {
        // An empty list of ids means none of them, not all links.
        let named = self.ids.is_some() || self.urls.is_some();
        let tokens = self.urls.unwrap_or_default().iter().map(|url| token(url)).collect();
        MeetingLinkFilter {
            named: named.then(|| (self.ids.unwrap_or_default(), tokens)),
            after: time(self.created_after.as_deref()),
            before: time(self.created_before.as_deref()),
            expires_after: time(self.expires_after.as_deref()),
            expires_before: time(self.expires_before.as_deref()),
            ..MeetingLinkFilter::default()
        }
    }
}
