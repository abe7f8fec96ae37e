//! Answers as the document shows them.

use sparkbot_core::views::CatalogProduct;

fn text(text: &str) -> String {
    text.to_owned()
}

pub(super) fn product() -> CatalogProduct {
    let picture = text("https://media.cdn.whatsapp.net/v/t45.5328-4/example.jpg");
    CatalogProduct {
        id: text("7281946012345678"),
        seller: text("16001234560@c.us"),
        name: text("Green tea, 100 g"),
        description: Some(text("From small gardens, this year's harvest")),
        price: Some(12.5),
        currency: Some(text("EUR")),
        availability: Some(text("in_stock")),
        retailer_id: Some(text("TEA-100")),
        url: Some(text("https://example.com/tea")),
        link: Some(text("https://wa.me/p/7281946012345678/16001234560")),
        thumbnail: Some(picture.clone()),
        images: vec![picture],
        is_hidden: false,
        review_status: Some(text("approved")),
        synced_at: text("2026-01-31T12:00:00.000Z"),
    }
}
