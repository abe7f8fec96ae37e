//! What businesses sell.

use serde::Serialize;
use utoipa::ToSchema;

/// A product of a catalog.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CatalogProduct {
    /// Id within WhatsApp's catalog; `product` of a message that shows it.
    pub id: String,
    /// WhatsApp id of the business.
    pub seller: String,
    /// What it is called.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// In the currency's unit.
    pub price: Option<f64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// `in_stock`, `out_of_stock`, or another word of WhatsApp's.
    pub availability: Option<String>,
    /// The seller's own number of it.
    pub retailer_id: Option<String>,
    /// Its page, as the seller says.
    pub url: Option<String>,
    /// Where WhatsApp shows it.
    pub link: Option<String>,
    /// Its first picture, at WhatsApp.
    pub thumbnail: Option<String>,
    /// Its pictures, at WhatsApp, for as long as these addresses are good.
    pub images: Vec<String>,
    /// Whether the seller hides it; only one's own are shown hidden.
    pub is_hidden: bool,
    /// What WhatsApp's review has found: `approved`, `rejected`…
    pub review_status: Option<String>,
    /// When WhatsApp was asked, ISO 8601.
    pub synced_at: String,
}
