//! What businesses sell.

use async_trait::async_trait;
use sparkbot_network::link::CatalogLink;
use sparkbot_network::wid::Wid;
use sparkbot_network::{CatalogProduct, NetworkError};

use super::NumberLink;
use crate::catalog;

#[async_trait]
impl CatalogLink for NumberLink {
    async fn catalog(&self, seller: &Wid, most: usize) -> Result<Option<Vec<CatalogProduct>>, NetworkError> {
        catalog::products(&self.number, seller, most).await
    }
}
