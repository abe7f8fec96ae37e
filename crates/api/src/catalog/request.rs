//! What requests about catalogs say.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::answer::Paging;

fn size() -> i64 {
    100
}

/// Which products of one's own.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CatalogSearch {
    /// Products a page.
    #[serde(default = "size")]
    #[param(default = 100, minimum = 1, maximum = 500)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
    /// Ask WhatsApp, however young is what is kept.
    #[serde(default)]
    #[param(default = false)]
    pub(super) sync: bool,
}

impl CatalogSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }
}

/// Whose products.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phone": "+16001234561", "size": 20}))]
pub(crate) struct CatalogQuery {
    /// The business: phone number in E.164, or WhatsApp id.
    #[schema(max_length = 60)]
    pub(super) phone: String,
    /// Products a page.
    #[serde(default = "size")]
    #[schema(default = 100, minimum = 1, maximum = 500)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[schema(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
    /// Ask WhatsApp, however young is what is kept.
    #[serde(default)]
    #[schema(default = false)]
    pub(super) sync: bool,
}

impl CatalogQuery {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }
}
