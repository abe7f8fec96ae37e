//! Which contacts `GET /v1/chat/{device}/contacts` shows.

use serde::Deserialize;
use sparkbot_core::clock::parse_iso;
use sparkbot_core::contacts::{ContactFilter, ContactOrder};
use utoipa::IntoParams;

use crate::answer::Paging;
use crate::request::words::words;

words! {
    Type = &["personal", "business", "user", "group", "channel", "private"];
    Has = &["email", "chat"];
    Part = &["chat"];
    Order = &["name:asc", "name:desc", "createdAt:desc", "createdAt:asc", "updatedAt:desc", "updatedAt:asc"];
}

fn size() -> i64 {
    20
}

/// Which contacts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContactSearch {
    /// Only with all of these words, or with words that begin so: names, company, e-mail, digits of phone numbers.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only of these kinds (`user`, `private`: people whose number is not known, `group`, `channel`) and sorts
    /// (`personal`, `business`).
    #[param(rename = "type", value_type = Vec<Type>, inline)]
    #[serde(default, rename = "type")]
    types: Vec<String>,
    /// Only with all of these.
    #[param(value_type = Vec<Has>, inline)]
    #[serde(default)]
    has: Vec<String>,
    /// Only with a chat (`true`), or without one.
    has_chat: Option<bool>,
    /// Only with numbers of these countries, two letters each.
    #[serde(default)]
    country: Vec<String>,
    /// Only whose chat has one of these labels.
    #[serde(default)]
    labels: Vec<String>,
    /// Not those whose chat has one of these labels.
    #[serde(default)]
    labels_exclude: Vec<String>,
    /// Show these, too.
    #[param(value_type = Vec<Part>, inline)]
    #[serde(default)]
    include: Vec<String>,
    /// Only with one of these keys among the metadata.
    #[serde(default)]
    metadata_key: Vec<String>,
    /// Only with one of these values among the metadata, below one of the keys when some are given; values are compared up
    /// to 300 characters.
    #[serde(default)]
    metadata_value: Vec<String>,
    /// Only first heard of after this time.
    #[param(format = DateTime)]
    after: Option<String>,
    /// Only first heard of before this time.
    #[param(format = DateTime)]
    before: Option<String>,
    /// Only changed after this time.
    #[param(format = DateTime)]
    updated_after: Option<String>,
    /// Only changed before this time.
    #[param(format = DateTime)]
    updated_before: Option<String>,
    /// Only with a newest message after this time.
    #[param(format = DateTime)]
    last_message_after: Option<String>,
    /// Only with a newest message before this time.
    #[param(format = DateTime)]
    last_message_before: Option<String>,
    /// Contacts a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
    /// In which order.
    #[param(value_type = Option<Order>, inline)]
    sort: Option<String>,
}

impl ContactSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn with_chat(&self) -> bool {
        !self.include.is_empty()
    }

    pub(super) fn into_filter(self) -> ContactFilter {
        let paging = self.paging();
        let time = |text: &Option<String>| text.as_deref().and_then(parse_iso);
        let has = |word: &str| self.has.iter().any(|wanted| wanted == word);
        ContactFilter {
            with_email: has("email"),
            has_chat: self.has_chat.or_else(|| has("chat").then_some(true)),
            countries: self.country.iter().map(|code| code.to_ascii_uppercase()).collect(),
            after: time(&self.after),
            before: time(&self.before),
            updated_after: time(&self.updated_after),
            updated_before: time(&self.updated_before),
            last_message_after: time(&self.last_message_after),
            last_message_before: time(&self.last_message_before),
            order: order(self.sort.as_deref()),
            size: paging.size(),
            skip: paging.skip(),
            search: self.search,
            types: self.types,
            labels: self.labels,
            labels_exclude: self.labels_exclude,
            metadata_keys: self.metadata_key,
            metadata_values: self.metadata_value,
        }
    }
}

fn order(word: Option<&str>) -> ContactOrder {
    match word {
        Some("name:desc") => ContactOrder::NameDescending,
        Some("createdAt:asc") => ContactOrder::Created,
        Some("createdAt:desc") => ContactOrder::CreatedDescending,
        Some("updatedAt:asc") => ContactOrder::Updated,
        Some("updatedAt:desc") => ContactOrder::UpdatedDescending,
        _ => ContactOrder::Name,
    }
}

/// What to show along with a contact.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContactParts {
    /// Show these, too.
    #[param(value_type = Vec<Part>, inline)]
    #[serde(default)]
    include: Vec<String>,
}

impl ContactParts {
    pub(super) fn with_chat(&self) -> bool {
        !self.include.is_empty()
    }
}
