//! Catalogs of businesses. The client has no words for them, so the requests
//! are put together here.

use std::time::Duration;

use sparkbot_network::wid::Wid;
use sparkbot_network::{CatalogProduct, NetworkError, Product};
use whatsapp_rust::wacore::request::InfoQuery;
use whatsapp_rust::wacore_binary::{Node, NodeContent, NodeContentRef, NodeRef};
use whatsapp_rust::{Client, Jid, NodeBuilder, Server};

use crate::number::Number;
use crate::{address, errors};

const NAMESPACE: &str = "w:biz:catalog";
const ANSWER: Duration = Duration::from_secs(30);
/// Pixels of the pictures that addresses are asked for.
const PICTURE: &str = "640";
/// Products of one answer.
const PAGE: usize = 100;

/// One product, and the address of its picture.
pub(crate) async fn product(
    number: &Number,
    seller: &Wid,
    id: &str,
) -> Result<Option<(Product, Option<String>)>, NetworkError> {
    let client = number.logged_in()?;
    let owner = address::chat_jid(&client, seller).await?;
    let wanted = NodeBuilder::new("product").children([word("id", id)]).build();
    let list = NodeBuilder::new("product_list")
        .attr("jid", &owner)
        .children([wanted, word("width", PICTURE), word("height", PICTURE)])
        .build();
    let Some(page) = ask(&client, list, "product_list").await? else { return Ok(None) };
    let found = page.products.into_iter().find(|product| product.id == id);
    Ok(found.map(|found| {
        let picture = found.pictures.into_iter().next().map(|url| number.settings.http.for_others(url));
        let product = Product {
            id: found.id,
            seller: seller.clone(),
            name: found.name,
            description: found.description,
            price_1000: found.price_1000,
            currency: found.currency,
            retailer_id: found.retailer_id,
            url: found.url,
        };
        (product, picture)
    }))
}

/// The products of a business, page after page; `None` when it has no catalog.
pub(crate) async fn products(
    number: &Number,
    seller: &Wid,
    most: usize,
) -> Result<Option<Vec<CatalogProduct>>, NetworkError> {
    let client = number.logged_in()?;
    let owner = address::chat_jid(&client, seller).await?;
    let mut products: Vec<CatalogProduct> = Vec::new();
    let mut after: Option<String> = None;
    while products.len() < most {
        let limit = (most - products.len()).min(PAGE).to_string();
        let mut children = vec![word("limit", &limit), word("width", PICTURE), word("height", PICTURE)];
        children.extend(after.as_deref().map(|after| word("after", after)));
        let catalog = NodeBuilder::new("product_catalog")
            .attr("jid", &owner)
            .attr("allow_shop_source", "true")
            .children(children)
            .build();
        let Some(page) = ask(&client, catalog, "product_catalog").await? else { return Ok(None) };
        let is_new = |product: &CatalogProduct| !products.iter().any(|known| known.id == product.id);
        let fresh: Vec<_> = page.products.into_iter().filter(is_new).collect();
        // An answer that leads round in a circle ends here.
        let goes_on = !fresh.is_empty();
        products.extend(fresh);
        after = page.after.filter(|_| goes_on);
        if after.is_none() {
            break;
        }
    }
    products.truncate(most);
    for product in &mut products {
        for picture in &mut product.pictures {
            *picture = number.settings.http.for_others(std::mem::take(picture));
        }
    }
    Ok(Some(products))
}

/// Products of one answer, and where the next ones begin.
struct Page {
    products: Vec<CatalogProduct>,
    after: Option<String>,
}

/// `None` when there is no catalog.
async fn ask(client: &Client, wanted: Node, answered: &'static str) -> Result<Option<Page>, NetworkError> {
    let query = InfoQuery::get(NAMESPACE, Jid::new("", Server::Pn), Some(NodeContent::Nodes(vec![wanted])));
    let answer = match client.send_iq(query.with_timeout(ANSWER)).await.map_err(|error| errors::request(&error)) {
        Ok(answer) => answer,
        Err(NetworkError::Refused { code: 404, .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(list) = answer.get().get_optional_child(answered) else { return Ok(None) };
    Ok(Some(Page {
        products: list.get_children_by_tag("product").filter_map(read).collect(),
        after: list.get_optional_child("paging").and_then(|paging| text(paging, "after")),
    }))
}

fn read(product: &NodeRef<'_>) -> Option<CatalogProduct> {
    let images = product.get_optional_child("media");
    let pictures = images.into_iter().flat_map(|media| media.get_children_by_tag("image"));
    Some(CatalogProduct {
        id: text(product, "id")?,
        name: text(product, "name").unwrap_or_default(),
        description: text(product, "description"),
        price_1000: text(product, "price").and_then(|price| price.parse().ok()),
        currency: text(product, "currency"),
        retailer_id: text(product, "retailer_id"),
        url: text(product, "url"),
        availability: text(product, "availability"),
        hidden: product.get_attr("is_hidden").is_some_and(|hidden| hidden.as_str() == "true"),
        review: product.get_optional_child("status_info").and_then(|info| text(info, "status")),
        pictures: pictures
            .filter_map(|image| text(image, "original_image_url").or_else(|| text(image, "request_image_url")))
            .collect(),
    })
}

fn word(tag: &'static str, text: &str) -> Node {
    NodeBuilder::new(tag).bytes(text.as_bytes().to_vec()).build()
}

/// What a child says; absent instead of empty.
fn text(node: &NodeRef<'_>, child: &str) -> Option<String> {
    let said = match node.get_optional_child(child)?.content.as_ref()? {
        NodeContentRef::String(text) => text.to_string(),
        NodeContentRef::Bytes(bytes) => String::from_utf8(bytes.to_vec()).ok()?,
        NodeContentRef::Nodes(_) => return None,
    };
    Some(said).filter(|said| !said.is_empty())
}
