//! What was ordered from a catalog.

use wacore_binary::Node;

use super::super::Request;
use super::{said, text};
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// `<iq xmlns="fb:thrift_iq"><order op="get" id><token>`: whoever holds the token
/// may read the order.
pub(crate) fn get(world: &mut World, request: &Request<'_>) {
    let Some(asked) = request.stanza.child("order") else {
        return request.error(world, 400, "bad-request");
    };
    let (id, token) = (asked.text_of("id").into_owned(), said(asked, "token"));
    let found = world.accounts.values().find_map(|account| {
        let business = account.business.as_ref()?;
        Some((business, business.orders.get(&id)?))
    });
    let Some((business, order)) = found.filter(|(_, order)| order.token == token) else {
        return request.error(world, 404, "item-not-found");
    };
    let total: u64 = order.items.iter().map(|item| item.price_1000.saturating_mul(item.quantity)).sum();
    let currency = order.items.first().map_or_else(String::new, |item| item.currency.clone());
    let mut children: Vec<Node> = order
        .items
        .iter()
        .map(|item| {
            let image =
                business.product(&item.product).and_then(|product| world.published_url(product.images.first()?));
            node("product")
                .children([
                    text("id", item.product.as_str()),
                    text("name", item.name.as_str()),
                    text("price", item.price_1000.to_string()),
                    text("currency", item.currency.as_str()),
                    text("quantity", item.quantity.to_string()),
                    node("image").children([text("url", image.unwrap_or_default())]).build(),
                ])
                .build()
        })
        .collect();
    let price = [text("total", total.to_string()), text("subtotal", total.to_string()), text("currency", currency)];
    children.push(node("price").attr("price_status", "provided_by_business").children(price).build());
    let answer = node("order").attr("id", id).attr("creation_ts", order.created_at).children(children).build();
    request.result(world, [answer]);
}
