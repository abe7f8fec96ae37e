//! Products and orders.

use sparkbot_network::{MediaKind, Order, Product, ReceivedContent};
use whatsapp_rust::waproto::whatsapp::message::{OrderMessage, ProductMessage};

use super::{Arrival, media, some};
use crate::address;

pub(super) async fn product(arrival: &Arrival<'_>, message: &ProductMessage) -> ReceivedContent {
    let Some(product) = message.product.as_option() else { return ReceivedContent::Unknown };
    let seller = match message.business_owner_jid.as_deref() {
        Some(seller) => address::person_named(arrival.client, seller).await.map(|seller| seller.wid),
        None => None,
    };
    let picture = product.product_image.as_option().map(|image| Box::new(media::image(image, MediaKind::Image)));
    let product = Product {
        id: product.product_id.clone().unwrap_or_default(),
        // Whoever sends a product without saying whose it is sells it.
        seller: seller.unwrap_or_else(|| arrival.author.wid.clone()),
        name: product.title.clone().unwrap_or_default(),
        description: some(product.description.as_deref()),
        price_1000: product.price_amount1000,
        currency: some(product.currency_code.as_deref()),
        retailer_id: some(product.retailer_id.as_deref()),
        url: some(product.url.as_deref()),
    };
    ReceivedContent::Product(Box::new(product), picture)
}

pub(super) async fn order(arrival: &Arrival<'_>, order: &OrderMessage) -> Order {
    let seller = match order.seller_jid.as_deref() {
        Some(seller) => address::person_named(arrival.client, seller).await.map(|seller| seller.wid),
        None => None,
    };
    Order {
        id: order.order_id.clone().unwrap_or_default(),
        seller,
        title: some(order.order_title.as_deref()),
        message: some(order.message.as_deref()),
        items: order.item_count.and_then(|count| u32::try_from(count).ok()).unwrap_or(0),
        total_1000: order.total_amount1000,
        currency: some(order.total_currency_code.as_deref()),
        token: some(order.token.as_deref()),
    }
}
