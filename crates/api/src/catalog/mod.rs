//! `/v1/devices/{device}/catalog`: what businesses sell.

mod examples;
mod request;

use axum::extract::State;
use axum::http::{HeaderName, header};
use sparkbot_core::Core;
use sparkbot_core::catalog::{self, Catalog};
use sparkbot_core::ids::DeviceId;
use sparkbot_core::views::CatalogProduct;

use self::request::{CatalogQuery, CatalogSearch};
use crate::answer::{Links, List, Paging};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, Id};

/// How old the answer is, as caches tell it.
type Aged = [(HeaderName, String); 1];

fn aged(links: Links, catalog: Catalog, paging: Paging) -> (Aged, List<CatalogProduct>) {
    ([(header::AGE, (catalog.age / 1000).to_string())], links.list(catalog.page, paging))
}

/// Get My Catalog.
///
/// The number's own products, hidden ones too, in the order in which they are shown. What is kept is answered while it is
/// younger than an hour, or WhatsApp can't be asked; the header `Age` tells its age in seconds.
#[utoipa::path(
    get, path = "/v1/devices/{device}/catalog", operation_id = "catalog.list", tag = "Business catalog",
    params(CatalogSearch),
    responses((status = 200, description = "A page of products.", body = [CatalogProduct],
        example = json!([examples::product()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    links: Links,
    Asked(search): Asked<CatalogSearch>,
) -> Answer<(Aged, List<CatalogProduct>)> {
    let paging = search.paging();
    Ok(aged(links, catalog::own(&core, &caller, &device, paging.slice(), search.sync).await?, paging))
}

/// Query Business Catalog.
///
/// The products of any business, kept and aged as one's own.
#[utoipa::path(
    post, path = "/v1/devices/{device}/catalog", operation_id = "catalog.query", tag = "Business catalog",
    request_body = CatalogQuery,
    responses((status = 200, description = "Products.", body = [CatalogProduct], example = json!([examples::product()])))
)]
pub(crate) async fn query(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    links: Links,
    Body(query): Body<CatalogQuery>,
) -> Answer<(Aged, List<CatalogProduct>)> {
    let paging = query.paging();
    let found = catalog::of(&core, &caller, &device, &query.phone, paging.slice(), query.sync).await?;
    Ok(aged(links, found, paging))
}
