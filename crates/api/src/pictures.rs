//! Pictures of groups and channels, as requests bring them.

use serde::Deserialize;
use sparkbot_core::pictures::Source;
use utoipa::ToSchema;

use crate::error::{Answer, Problem};

/// A picture; one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://example.com/team.png"}))]
pub(crate) struct SetPicture {
    /// Where it is; fetched with one GET.
    url: Option<String>,
    /// The picture itself as base64, or as a data URI.
    image: Option<String>,
}

impl SetPicture {
    pub(crate) fn into_source(self) -> Answer<Source> {
        match (self.url, self.image) {
            (Some(url), None) => Ok(Source::Url(url)),
            (None, Some(text)) => Ok(Source::Text(text)),
            _ => Err(Problem::invalid("picture:source", "The body must have one of 'url' and 'image'.")),
        }
    }
}
