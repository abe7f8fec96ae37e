//! The catalog of a business: products and collections.

use wacore_binary::{Jid, Node};

use super::super::{Request, notifications};
use super::{said, text};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::business::{Business, MAX_PRODUCTS, Product};

/// The most products of one answer.
const MAX_PAGE: usize = 100;
/// Bytes of a name, description, link.
const MAX_TEXT: usize = 5_000;

/// The business a request names, and its address.
fn seller<'w>(world: &'w World, asked: &Node) -> Option<(Jid, &'w Business)> {
    let jid = asked.jid_of("jid").or_else(|| asked.jid_of("biz_jid"))?;
    let business = world.accounts.get(&world.find(&jid)?)?.business.as_ref()?;
    Some((jid, business))
}

fn number(of: &Node, tag: &str) -> Option<usize> {
    said(of, tag).parse().ok()
}

/// `<iq xmlns="w:biz:catalog" type="get"><product_catalog jid>`: a page of
/// products, visible ones only unless it is one's own catalog.
pub(crate) fn list(world: &mut World, request: &Request<'_>) {
    let Some(asked) = request.stanza.child("product_catalog") else {
        return request.error(world, 400, "bad-request");
    };
    let limit = number(asked, "limit").unwrap_or(10).clamp(1, MAX_PAGE);
    let after = said(asked, "after");
    let start = if after.is_empty() { 0 } else { after.parse::<usize>().unwrap_or(usize::MAX) };
    let Some((jid, business)) = seller(world, asked) else {
        return request.error(world, 404, "item-not-found");
    };
    let own = request.device.is_some_and(|me| world.find(&jid) == Some(me.account));
    let visible: Vec<&Product> = business.products.iter().filter(|product| own || !product.hidden).collect();
    let end = start.saturating_add(limit).min(visible.len());
    let page = visible.get(start..end).unwrap_or_default();
    let mut children: Vec<Node> = page.iter().map(|product| shown(world, product)).collect();
    if end < visible.len() {
        children.push(node("paging").children([text("after", end.to_string())]).build());
    }
    let answer = node("product_catalog").attr("jid", jid).children(children).build();
    request.result(world, [answer]);
}

/// `<product_list jid><product><id>`: products by id, in the order asked.
pub(crate) fn some(world: &mut World, request: &Request<'_>) {
    let Some(asked) = request.stanza.child("product_list") else {
        return request.error(world, 400, "bad-request");
    };
    let Some((jid, business)) = seller(world, asked) else {
        return request.error(world, 404, "item-not-found");
    };
    let wanted = asked.nodes().iter().filter(|child| child.tag == "product").take(MAX_PAGE);
    let found: Vec<Node> = wanted
        .filter_map(|wanted| business.product(&said(wanted, "id")))
        .map(|product| shown(world, product))
        .collect();
    let answer = node("product_list").attr("jid", jid).children(found).build();
    request.result(world, [answer]);
}

/// `<collections biz_jid>`: what belongs together, with its products.
pub(crate) fn collections(world: &mut World, request: &Request<'_>) {
    let Some(asked) = request.stanza.child("collections") else {
        return request.error(world, 400, "bad-request");
    };
    let items = number(asked, "item_limit").unwrap_or(10).min(MAX_PAGE);
    let limit = number(asked, "collection_limit").unwrap_or(10).min(MAX_PAGE);
    let Some((_, business)) = seller(world, asked) else {
        return request.error(world, 404, "item-not-found");
    };
    let all: Vec<Node> = business
        .collections
        .iter()
        .take(limit)
        .map(|collection| {
            let mut children = vec![text("id", collection.id.as_str()), text("name", collection.name.as_str())];
            let products = collection.products.iter().filter_map(|id| business.product(id)).take(items);
            children.extend(products.map(|product| shown(world, product)));
            children.push(node("status_info").children([text("status", "APPROVED")]).build());
            node("collection").children(children).build()
        })
        .collect();
    request.result(world, [node("collections").children(all).build()]);
}

/// A product as answers carry it.
fn shown(world: &World, product: &Product) -> Node {
    let mut children = vec![
        text("id", product.id.as_str()),
        text("name", product.name.as_str()),
        text("description", product.description.as_str()),
        text("retailer_id", product.retailer_id.as_str()),
        text("url", product.url.as_str()),
        text("currency", product.currency.as_str()),
        text("availability", if product.in_stock { "in stock" } else { "out of stock" }),
        node("status_info").children([text("status", "APPROVED"), text("can_appeal", "false")]).build(),
    ];
    if let Some(price) = product.price_1000 {
        children.push(text("price", price.to_string()));
    }
    let images: Vec<Node> = product
        .images
        .iter()
        .enumerate()
        .filter_map(|(at, image)| {
            let url = world.published_url(image)?;
            let parts = [
                text("id", format!("{}{at}", product.id)),
                text("request_image_url", url.as_str()),
                text("original_image_url", url),
            ];
            Some(node("image").children(parts).build())
        })
        .collect();
    children.push(node("media").children(images).build());
    let mut shown = node("product");
    if product.hidden {
        shown = shown.attr("is_hidden", "true");
    }
    shown.children(children).build()
}

/// `<iq xmlns="w:biz:catalog" type="set"><product_catalog_add>`
pub(crate) fn add(world: &mut World, request: &Request<'_>) {
    change(world, request, "product_catalog_add", |business, given, id| {
        if business.products.len() >= MAX_PRODUCTS {
            return Err(429);
        }
        let mut product = Product { id, in_stock: true, ..Product::default() };
        fill(&mut product, given)?;
        if product.name.is_empty() {
            return Err(406);
        }
        business.products.push(product.clone());
        Ok(product)
    });
}

/// `<product_catalog_edit>`: fields given change, the others stay.
pub(crate) fn edit(world: &mut World, request: &Request<'_>) {
    change(world, request, "product_catalog_edit", |business, given, _| {
        let id = said(given, "id");
        let product = business.products.iter_mut().find(|product| product.id == id).ok_or(404_u32)?;
        let mut changed = product.clone();
        fill(&mut changed, given)?;
        *product = changed.clone();
        Ok(changed)
    });
}

fn change(
    world: &mut World,
    request: &Request<'_>,
    tag: &'static str,
    make: impl FnOnce(&mut Business, &Node, String) -> Result<Product, u32>,
) {
    let given = request.stanza.child(tag).and_then(|change| change.child("product"));
    let Some((me, given)) = request.device.zip(given) else {
        return request.error(world, 400, "bad-request");
    };
    let id = product_id(world);
    let business = world.accounts.get_mut(&me.account).and_then(|account| account.business.as_mut());
    match business.map_or(Err(403), |business| make(business, given, id)) {
        Ok(product) => {
            let answer = node(tag).children([shown(world, &product)]).build();
            notifications::products_changed(world, me.account, std::slice::from_ref(&product.id));
            world.changed();
            request.result(world, [answer]);
        }
        Err(code) => request.error(world, code, "not-acceptable"),
    }
}

/// A fresh id, as long as WhatsApp's.
pub(crate) fn product_id(world: &mut World) -> String {
    let random = u64::from_be_bytes(world.random());
    format!("{}", 1_000_000_000_000_000 + random % 9_000_000_000_000_000)
}

fn fill(product: &mut Product, given: &Node) -> Result<(), u32> {
    for (tag, field) in [
        ("name", &mut product.name),
        ("description", &mut product.description),
        ("retailer_id", &mut product.retailer_id),
        ("url", &mut product.url),
        ("currency", &mut product.currency),
    ] {
        if given.child(tag).is_some() {
            let says = said(given, tag);
            if says.len() > MAX_TEXT {
                return Err(406);
            }
            *field = says;
        }
    }
    if given.child("price").is_some() {
        product.price_1000 = Some(said(given, "price").parse().map_err(|_| 406_u32)?);
    }
    if let Some(hidden) = given.maybe_text("is_hidden") {
        product.hidden = hidden == "true";
    }
    Ok(())
}

/// `<product_catalog_delete>`: products by id.
pub(crate) fn delete(world: &mut World, request: &Request<'_>) {
    let Some((me, given)) = request.device.zip(request.stanza.child("product_catalog_delete")) else {
        return request.error(world, 400, "bad-request");
    };
    let ids: Vec<String> =
        given.nodes().iter().filter(|child| child.tag == "product").map(|product| said(product, "id")).collect();
    let Some(business) = world.accounts.get_mut(&me.account).and_then(|account| account.business.as_mut()) else {
        return request.error(world, 403, "forbidden");
    };
    let before = business.products.len();
    business.products.retain(|product| !ids.contains(&product.id));
    let deleted = before - business.products.len();
    notifications::products_changed(world, me.account, &ids);
    world.changed();
    request.result(world, [node("product_catalog_delete").attr("deleted_count", deleted).build()]);
}
