//! The business side of an account, as its owner and its customers use it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Context;
use super::error::{Body, OfPhone, Refusal, existing, made, number};
use crate::areas::business::catalog;
use crate::areas::business::profile::CATEGORIES;
use crate::areas::notifications;
use crate::stanza::node;
use crate::world::business::{
    Business, Collection, Day, Hours, Item, MAX_COLLECTIONS, MAX_PICTURE, MAX_PRODUCTS, Order, Product,
};

/// Bytes of a text.
const MAX_TEXT: usize = 5_000;
/// The most pictures of a product.
const MAX_IMAGES: usize = 10;
/// The most different things of an order.
const MAX_ITEMS: usize = 100;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OpenDay {
    /// `sun` to `sat`.
    day: String,
    /// `specific_hours`, `open_24h` or `appointment_only`.
    mode: String,
    /// Minutes since midnight.
    open: Option<u32>,
    close: Option<u32>,
}

/// The profile of a business; absent fields are empty.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Profile {
    verified_name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    websites: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    timezone: Option<String>,
    #[serde(default)]
    hours: Vec<OpenDay>,
}

fn short(name: &str, text: &str) -> Result<(), Refusal> {
    if text.len() > MAX_TEXT { Err(Refusal::invalid(format!("{name} has at most {MAX_TEXT} bytes"))) } else { Ok(()) }
}

fn profile_json(business: &Business) -> Value {
    let hours: Vec<Value> = business
        .hours
        .iter()
        .flat_map(|hours| &hours.days)
        .map(|day| json!({"day": day.day, "mode": day.mode, "open": day.hours.map(|h| h.0), "close": day.hours.map(|h| h.1)}))
        .collect();
    json!({
        "verifiedName": business.verified_name,
        "description": business.description,
        "email": business.email,
        "address": business.address,
        "websites": business.websites,
        "categories": business.categories.iter().map(|(_, name)| name).collect::<Vec<_>>(),
        "timezone": business.hours.as_ref().map(|hours| &hours.timezone),
        "hours": hours,
        "products": business.products.len(),
        "collections": business.collections.iter().map(|c| json!({"id": c.id, "name": c.name, "products": c.products})).collect::<Vec<_>>(),
    })
}

/// WhatsApp's id of a kind of business; a made-up one for names that it does not
/// offer.
fn category(at: usize, name: &str) -> String {
    let known = CATEGORIES.iter().find(|(_, known)| *known == name);
    known.map_or_else(|| (700_000_000_000_000 + at).to_string(), |(id, _)| (*id).to_owned())
}

fn no_business() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "no_business", "this is no business account; PUT …/business makes it one")
}

/// `PUT /phones/{phone}/business`: makes the account a business, or changes its profile.
pub(super) async fn set(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<Profile>,
) -> Result<Json<Value>, Refusal> {
    for (name, text) in [
        ("verifiedName", &body.verified_name),
        ("description", &body.description),
        ("email", &body.email),
        ("address", &body.address),
    ] {
        short(name, text)?;
    }
    if body.verified_name.trim().is_empty() {
        return Err(Refusal::invalid("a business has a verifiedName"));
    }
    if body.websites.len() > 2 || body.categories.len() > 3 || body.hours.len() > 7 {
        return Err(Refusal::invalid("a business has at most 2 websites, 3 categories and 7 days"));
    }
    context.hub.with(|world| {
        let me = made(world, &of)?;
        let account = world.accounts.get_mut(&me).ok_or_else(|| Refusal::no_phone(&of))?;
        let business = account.business.get_or_insert_with(Business::default);
        business.verified_name = body.verified_name;
        business.description = body.description;
        business.email = body.email;
        business.address = body.address;
        business.websites = body.websites;
        let categories = body.categories.into_iter().enumerate();
        business.categories = categories.map(|(at, name)| (category(at, &name), name)).collect();
        business.hours = body.timezone.map(|timezone| Hours {
            timezone,
            days: body
                .hours
                .into_iter()
                .map(|day| Day { day: day.day, mode: day.mode, hours: day.open.zip(day.close) })
                .collect(),
        });
        let shown = profile_json(business);
        notifications::business_changed(world, me, node("profile"));
        world.changed();
        Ok(Json(shown))
    })
}

/// `GET /phones/{phone}/business`
pub(super) async fn show(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let business = world.accounts.get(&me).and_then(|account| account.business.as_ref());
        business.map(|business| Json(profile_json(business))).ok_or_else(no_business)
    })
}

/// A product of the catalog.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewProduct {
    name: String,
    #[serde(default)]
    description: String,
    /// Thousandths of the currency's unit.
    price1000: Option<u64>,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    retailer_id: String,
    #[serde(default)]
    url: String,
    /// JPEGs in base64.
    #[serde(default)]
    images: Vec<String>,
    #[serde(default)]
    hidden: bool,
    #[serde(default = "yes")]
    in_stock: bool,
    /// Names of the collections it belongs to; made when there are none.
    #[serde(default)]
    collections: Vec<String>,
}

fn yes() -> bool {
    true
}

fn product_json(product: &Product) -> Value {
    json!({
        "id": product.id,
        "name": product.name,
        "description": product.description,
        "price1000": product.price_1000,
        "currency": product.currency,
        "retailerId": product.retailer_id,
        "url": product.url,
        "images": product.images.len(),
        "hidden": product.hidden,
        "inStock": product.in_stock,
    })
}

/// `POST /phones/{phone}/products`
pub(super) async fn add(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<NewProduct>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    for (name, text) in [("name", &body.name), ("description", &body.description), ("url", &body.url)] {
        short(name, text)?;
    }
    if body.images.len() > MAX_IMAGES {
        return Err(Refusal::invalid(format!("a product has at most {MAX_IMAGES} images")));
    }
    let images: Vec<Vec<u8>> = body
        .images
        .iter()
        .map(|image| BASE64_STANDARD.decode(image).ok().filter(|bytes| bytes.len() <= MAX_PICTURE))
        .collect::<Option<_>>()
        .ok_or_else(|| Refusal::invalid(format!("images are base64 of at most {MAX_PICTURE} bytes each")))?;
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let id = catalog::product_id(world);
        let business =
            world.accounts.get_mut(&me).and_then(|account| account.business.as_mut()).ok_or_else(no_business)?;
        if business.products.len() >= MAX_PRODUCTS {
            let full = format!("a catalog holds at most {MAX_PRODUCTS} products");
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_products", full));
        }
        let product = Product {
            id,
            name: body.name,
            description: body.description,
            price_1000: body.price1000,
            currency: body.currency,
            retailer_id: body.retailer_id,
            url: body.url,
            images,
            hidden: body.hidden,
            in_stock: body.in_stock,
        };
        let shown = product_json(&product);
        for name in body.collections {
            let full = business.collections.len() >= MAX_COLLECTIONS;
            match business.collections.iter_mut().find(|collection| collection.name == name) {
                Some(collection) => collection.products.push(product.id.clone()),
                None if !full => business.collections.push(Collection {
                    id: format!("{}00", product.id),
                    name,
                    products: vec![product.id.clone()],
                }),
                None => return Err(Refusal::invalid(format!("at most {MAX_COLLECTIONS} collections"))),
            }
        }
        let id = product.id.clone();
        business.products.push(product);
        notifications::products_changed(world, me, &[id]);
        world.changed();
        Ok((StatusCode::CREATED, Json(shown)))
    })
}

/// `GET /phones/{phone}/products`
pub(super) async fn products(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let business = world.accounts.get(&me).and_then(|account| account.business.as_ref()).ok_or_else(no_business)?;
        let products: Vec<Value> = business.products.iter().map(product_json).collect();
        Ok(Json(json!({ "products": products })))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    product: String,
    #[serde(default = "one")]
    quantity: u64,
}

fn one() -> u64 {
    1
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewOrder {
    /// The business's number.
    seller: String,
    items: Vec<Wanted>,
}

/// `POST /phones/{phone}/orders`: places an order; `{id, token}` belong into the
/// order message that the buyer then writes.
pub(super) async fn order(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<NewOrder>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let seller = number(&body.seller)?;
    if body.items.is_empty() || body.items.len() > MAX_ITEMS {
        return Err(Refusal::invalid(format!("an order has 1 to {MAX_ITEMS} items")));
    }
    context.hub.with(|world| {
        let (me, seller) = (made(world, &of)?, existing(world, &seller)?);
        let (id, token) = (catalog::product_id(world), hex::encode(world.random::<16>()));
        let created_at = world.now_secs();
        let business =
            world.accounts.get_mut(&seller).and_then(|account| account.business.as_mut()).ok_or_else(no_business)?;
        let mut items = Vec::with_capacity(body.items.len());
        for wanted in body.items {
            let product = business.product(&wanted.product).ok_or_else(|| {
                Refusal::new(
                    StatusCode::NOT_FOUND,
                    "no_such_product",
                    format!("there is no product {}", wanted.product),
                )
            })?;
            items.push(Item {
                product: product.id.clone(),
                name: product.name.clone(),
                price_1000: product.price_1000.unwrap_or(0),
                currency: product.currency.clone(),
                quantity: wanted.quantity,
            });
        }
        business.placed(id.clone(), Order { buyer: me, token: token.clone(), created_at, items });
        world.changed();
        Ok((StatusCode::CREATED, Json(json!({"id": id, "token": token}))))
    })
}

/// `GET /phones/{phone}/orders`: what was ordered from this business.
pub(super) async fn orders(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let business = world.accounts.get(&me).and_then(|account| account.business.as_ref()).ok_or_else(no_business)?;
        let orders: Vec<Value> = business
            .orders
            .iter()
            .map(|(id, order)| {
                let buyer = world.accounts.get(&order.buyer).map(|buyer| buyer.number.to_string());
                let items = order.items.iter().map(|item| {
                    json!({"product": item.product, "name": item.name, "price1000": item.price_1000, "currency": item.currency, "quantity": item.quantity})
                });
                json!({"id": id, "buyer": buyer, "createdAt": order.created_at * 1000, "items": items.collect::<Vec<_>>()})
            })
            .collect();
        Ok(Json(json!({ "orders": orders })))
    })
}
