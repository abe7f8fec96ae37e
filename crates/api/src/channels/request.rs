//! What requests about channels say.

use serde::Deserialize;
use sparkbot_core::channels::{
    CATEGORIES, ChannelChanges, DirectorySearch, Invitation, NewChannel, PERMISSIONS, SORT_FIELDS,
};
use sparkbot_core::devices::Idempotency;
use sparkbot_core::pictures::Source;
use utoipa::{IntoParams, ToSchema};

use crate::answer::Paging;
use crate::error::{Answer, Problem};
use crate::request::words::words;

words! {
    Permission = PERMISSIONS;
    Category = CATEGORIES;
    SortField = SORT_FIELDS;
    Order = &["desc", "asc"];
}

fn size() -> i64 {
    20
}

/// Which channels.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChannelSearch {
    /// Only those to which the number is this: `write` means owner or admin, `read` subscriber.
    #[param(value_type = Option<Permission>, inline)]
    permission: Option<String>,
    /// Channels a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

impl ChannelSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn permission(&self) -> &str {
        self.permission.as_deref().unwrap_or("all")
    }
}

/// A picture; one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelPicture {
    /// Where it is; fetched with one GET.
    url: Option<String>,
    /// The picture itself as base64, or as a data URI.
    data: Option<String>,
}

/// A new channel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Bakery Lane", "description": "Bread of the day",
    "image": {"url": "https://example.com/bread.png"}}))]
pub(crate) struct CreateChannel {
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it is about.
    #[schema(max_length = 2048)]
    description: Option<String>,
    /// Its picture.
    #[serde(default)]
    image: Option<ChannelPicture>,
}

impl CreateChannel {
    pub(super) fn into_new(self, idempotency: Option<Idempotency>) -> Answer<NewChannel> {
        let picture = match self.image {
            None => None,
            Some(ChannelPicture { url: Some(url), data: None }) => Some(Source::Url(url)),
            Some(ChannelPicture { url: None, data: Some(data) }) => Some(Source::Text(data)),
            Some(_) => {
                return Err(Problem::invalid("picture:source", "'image' must have one of 'url' and 'data'."));
            }
        };
        Ok(NewChannel { name: self.name, description: self.description, picture, idempotency })
    }
}

/// Changes of a channel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Bakery Lane 7", "description": "Open from six"}))]
pub(crate) struct ChangeChannel {
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// What it is about; an empty text removes it.
    #[schema(max_length = 2048)]
    description: Option<String>,
    /// The address of a picture, or a data URI.
    image: Option<String>,
}

impl ChangeChannel {
    pub(super) fn into_changes(self) -> ChannelChanges {
        ChannelChanges { name: self.name, description: self.description, picture: self.image.map(Source::Url) }
    }
}

/// How to join; one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp"}))]
pub(crate) struct JoinChannel {
    /// The code at the end of a channel's link, or a channel's id.
    #[schema(max_length = 60)]
    code: Option<String>,
    /// A channel's link.
    #[schema(max_length = 300)]
    url: Option<String>,
}

impl JoinChannel {
    pub(super) fn into_invitation(self) -> Answer<Invitation> {
        match (self.code, self.url) {
            (Some(code), None) => Ok(Invitation::parse(&code)?),
            (None, Some(url)) => Ok(Invitation::of_url(&url)?),
            _ => Err(Problem::invalid("channel:join", "The body must have one of 'code' and 'url'.")),
        }
    }
}

/// What to look for in WhatsApp's directory.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"search": "bakery", "limit": 10, "sortField": "subscribers", "sort": "desc"}))]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchDirectory {
    /// Words in the name or the description.
    #[schema(max_length = 100)]
    search: Option<String>,
    /// Channels at most.
    #[serde(default = "limit")]
    #[schema(default = 50, minimum = 1, maximum = 100)]
    limit: i64,
    /// Which part of the directory.
    #[schema(value_type = Option<Category>, inline, default = "recommended")]
    category: Option<String>,
    /// From the most down, or from the least up.
    #[schema(value_type = Option<Order>, inline, default = "desc")]
    sort: Option<String>,
    /// What to sort by.
    #[schema(value_type = Option<SortField>, inline, default = "subscribers")]
    sort_field: Option<String>,
    /// Only of these countries: two letters, ISO 3166.
    #[serde(default)]
    #[schema(max_items = 50)]
    countries: Vec<String>,
}

fn limit() -> i64 {
    50
}

impl SearchDirectory {
    pub(super) fn into_search(self) -> DirectorySearch {
        DirectorySearch {
            search: self.search,
            limit: self.limit,
            category: self.category.unwrap_or_else(|| "recommended".to_owned()),
            ascending: self.sort.as_deref() == Some("asc"),
            sort_field: self.sort_field.unwrap_or_else(|| "subscribers".to_owned()),
            countries: self.countries,
        }
    }
}
