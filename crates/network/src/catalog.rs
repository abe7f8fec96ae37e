//! What businesses sell.

use serde::{Deserialize, Serialize};

/// A product as a catalog shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CatalogProduct {
    /// WhatsApp's id of it.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// Thousandths of the currency's unit.
    pub price_1000: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The seller's own number of it.
    pub retailer_id: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Whether it can be had, in WhatsApp's words: `in stock`, `out of stock`.
    pub availability: Option<String>,
    /// Whether the seller hides it.
    pub hidden: bool,
    /// What WhatsApp's review has found, in its words: `APPROVED`…
    pub review: Option<String>,
    /// Where its pictures are, for as long as WhatsApp's addresses are good.
    pub pictures: Vec<String>,
}
