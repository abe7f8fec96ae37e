//! How a product is shown.

use sparkbot_store::rows::CatalogRow;

use crate::clock::iso;
use crate::error::{Error, Result};
use crate::network;
use crate::views::CatalogProduct;
use crate::wid::Wid;

/// Where WhatsApp shows products.
const LINK: &str = "https://wa.me/p";

/// A product from what is kept of it.
pub(super) fn view(text: &str, catalog: &CatalogRow) -> Result<CatalogProduct> {
    let told: network::CatalogProduct = serde_json::from_str(text).map_err(Error::internal)?;
    let phone = catalog.wid.parse::<Wid>().ok().and_then(|wid| wid.phone());
    Ok(CatalogProduct {
        link: phone.map(|phone| format!("{LINK}/{}/{}", told.id, phone.digits())),
        id: told.id,
        seller: catalog.wid.clone(),
        name: told.name,
        description: told.description,
        price: told.price_1000.map(price),
        currency: told.currency,
        availability: told.availability.map(|words| words.replace(' ', "_")),
        retailer_id: told.retailer_id,
        url: told.url,
        thumbnail: told.pictures.first().cloned(),
        images: told.pictures,
        is_hidden: told.hidden,
        review_status: told.review.map(|word| word.to_lowercase()),
        synced_at: iso(catalog.synced_at),
    })
}

#[expect(clippy::cast_precision_loss, reason = "prices are far below 2^52 thousandths")]
fn price(thousandths: i64) -> f64 {
    thousandths as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use sparkbot_store::rows::CatalogRow;

    use super::view;

    #[test]
    fn a_product_is_shown_in_the_currency_s_unit() {
        let catalog = CatalogRow { wid: "16001234560@c.us".to_owned(), products: 1, synced_at: 0 };
        let kept = r#"{"id":"7","name":"Tea","price1000":12500,"availability":"out of stock","review":"APPROVED",
            "pictures":["https://a.example/1","https://a.example/2"]}"#;
        let shown = view(kept, &catalog).expect("a product");
        assert_eq!(shown.price, Some(12.5));
        assert_eq!(shown.availability.as_deref(), Some("out_of_stock"));
        assert_eq!(shown.review_status.as_deref(), Some("approved"));
        assert_eq!(shown.link.as_deref(), Some("https://wa.me/p/7/16001234560"));
        assert_eq!((shown.thumbnail.as_deref(), shown.images.len()), (Some("https://a.example/1"), 2));
        assert_eq!((shown.is_hidden, shown.url), (false, None));
    }
}
