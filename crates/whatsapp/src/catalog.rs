//! Catalogs of businesses. The client has no words for them, so the request is
//! put together here.

use std::time::Duration;

use sparkbot_network::wid::Wid;
use sparkbot_network::{NetworkError, Product};
use whatsapp_rust::wacore::request::InfoQuery;
use whatsapp_rust::wacore_binary::{NodeContent, NodeContentRef, NodeRef};
use whatsapp_rust::{Client, Jid, NodeBuilder, Server};

use crate::number::Number;
use crate::{address, errors};

const NAMESPACE: &str = "w:biz:catalog";
const ANSWER: Duration = Duration::from_secs(30);
/// Pixels of the pictures that addresses are asked for.
const PICTURE: &str = "640";

/// One product, and the address of its picture.
pub(crate) async fn product(
    number: &Number,
    seller: &Wid,
    id: &str,
) -> Result<Option<(Product, Option<String>)>, NetworkError> {
    let client = number.logged_in()?;
    let owner = address::chat_jid(&client, seller).await?;
    match ask(&client, &owner, id).await {
        Ok(found) => Ok(found.map(|details| {
            let (product, picture) = details.product(id.to_owned(), seller);
            (product, picture.map(|url| number.settings.http.for_others(url)))
        })),
        // No catalog, no product.
        Err(NetworkError::Refused { code: 404, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a catalog says of a product.
struct Details {
    name: Option<String>,
    description: Option<String>,
    price: Option<i64>,
    currency: Option<String>,
    retailer_id: Option<String>,
    url: Option<String>,
    picture: Option<String>,
}

impl Details {
    fn product(self, id: String, seller: &Wid) -> (Product, Option<String>) {
        let product = Product {
            id,
            seller: seller.clone(),
            name: self.name.unwrap_or_default(),
            description: self.description,
            price_1000: self.price,
            currency: self.currency,
            retailer_id: self.retailer_id,
            url: self.url,
        };
        (product, self.picture)
    }
}

async fn ask(client: &Client, owner: &Jid, id: &str) -> Result<Option<Details>, NetworkError> {
    let word = |tag: &'static str, text: &str| NodeBuilder::new(tag).bytes(text.as_bytes().to_vec()).build();
    let wanted = NodeBuilder::new("product").children([word("id", id)]).build();
    let list = NodeBuilder::new("product_list")
        .attr("jid", owner)
        .children([wanted, word("width", PICTURE), word("height", PICTURE)])
        .build();
    let query = InfoQuery::get(NAMESPACE, Jid::new("", Server::Pn), Some(NodeContent::Nodes(vec![list])));
    let answer = client.send_iq(query.with_timeout(ANSWER)).await.map_err(|error| errors::request(&error))?;
    let answer = answer.get();
    let Some(list) = answer.get_optional_child("product_list") else { return Ok(None) };
    let mut products = list.get_children_by_tag("product");
    Ok(products.find(|product| text(product, "id").as_deref() == Some(id)).map(details))
}

fn details(product: &NodeRef<'_>) -> Details {
    let image = product.get_optional_child("media").and_then(|media| media.get_optional_child("image"));
    Details {
        name: text(product, "name"),
        description: text(product, "description"),
        price: text(product, "price").and_then(|price| price.parse().ok()),
        currency: text(product, "currency"),
        retailer_id: text(product, "retailer_id"),
        url: text(product, "url"),
        picture: image.and_then(|image| text(image, "original_image_url").or_else(|| text(image, "request_image_url"))),
    }
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
