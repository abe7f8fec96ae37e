//! `/v1/campaigns/exclusions`: who gets no campaign any more.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sparkbot_core::Core;
use sparkbot_core::campaigns::{self, ExclusionFilter, named};
use sparkbot_core::views::CampaignExclusion;
use utoipa::{IntoParams, ToSchema};

use super::examples;
use crate::answer::{Links, List, Paging};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, plus_kept};

fn size() -> i64 {
    20
}

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExclusionSearch {
    /// These phone numbers, groups or channels.
    target: Option<Vec<String>>,
    /// Rows a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

/// Who is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignExclusionTargets, example = json!({"targets": ["+16001234561"]}))]
pub(crate) struct Targets {
    /// Phone numbers, groups or channels.
    #[schema(min_items = 1, max_items = 500)]
    targets: Vec<String>,
}

/// How many were not yet, or are no longer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignExclusionsChanged)]
pub(crate) struct Changed {
    /// How many this has changed.
    changed: u64,
}

/// Get Campaign Exclusions.
///
/// Who has opted out, or was excluded by the team; newest first.
#[utoipa::path(
    get, path = "/v1/campaigns/exclusions", operation_id = "campaigns.exclusions.list", tag = "Campaigns",
    params(ExclusionSearch),
    responses((status = 200, description = "A page of them.", body = [CampaignExclusion],
        example = json!([examples::exclusion()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    links: Links,
    Asked(search): Asked<ExclusionSearch>,
) -> Answer<List<CampaignExclusion>> {
    let paging = Paging::pages(search.size, search.page);
    let targets: Vec<String> = search.target.unwrap_or_default().into_iter().map(plus_kept).collect();
    let filter = ExclusionFilter { wids: named(&targets)?, size: paging.size(), skip: paging.skip() };
    Ok(links.list(campaigns::excluded(&core, &caller, filter).await?, paging))
}

/// Add Campaign Exclusions.
///
/// They get no campaign of the account any more; what waits for them in queues is taken out.
#[utoipa::path(
    post, path = "/v1/campaigns/exclusions", operation_id = "campaigns.exclusions.add", tag = "Campaigns",
    request_body = Targets,
    responses((status = 200, description = "How many were not yet.", body = Changed, example = json!({"changed": 1})))
)]
pub(crate) async fn exclude(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Body(who): Body<Targets>,
) -> Answer<Json<Changed>> {
    Ok(Json(Changed { changed: campaigns::exclude(&core, &caller, &who.targets).await? }))
}

/// Remove Campaign Exclusions.
///
/// They get campaigns again: only when they have asked for it.
#[utoipa::path(
    delete, path = "/v1/campaigns/exclusions", operation_id = "campaigns.exclusions.remove", tag = "Campaigns",
    request_body = Targets,
    responses((status = 200, description = "How many there were.", body = Changed, example = json!({"changed": 1})))
)]
pub(crate) async fn include(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Body(who): Body<Targets>,
) -> Answer<Json<Changed>> {
    Ok(Json(Changed { changed: campaigns::include(&core, &caller, &who.targets).await? }))
}
