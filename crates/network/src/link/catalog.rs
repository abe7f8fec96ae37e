//! What businesses sell.

use async_trait::async_trait;

use crate::catalog::CatalogProduct;
use crate::error::NetworkError;
use crate::wid::Wid;

/// What businesses sell.
#[async_trait]
pub trait CatalogLink: Send + Sync {
    /// The products of a business, `most` at most, in the order in which it shows
    /// them; with those it hides when it is the number itself. `None` when there
    /// is no such business, or it has no catalog.
    async fn catalog(&self, seller: &Wid, most: usize) -> Result<Option<Vec<CatalogProduct>>, NetworkError>;
}
