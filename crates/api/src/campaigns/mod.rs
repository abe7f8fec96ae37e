//! `/v1/campaigns`: one message to many people.

pub(crate) mod contacts;
mod examples;
pub(crate) mod exclusions;
mod request;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sparkbot_core::Core;
use sparkbot_core::campaigns::{self, ImportReport};
use sparkbot_core::ids::CampaignId;
use sparkbot_core::views::Campaign;
use utoipa::ToSchema;

use self::request::{CampaignSearch, ChangeCampaign, CreateCampaign, NewStatus};
use crate::answer::{Created, Deleted, Links, List};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, Id, Repeatable};

/// A new campaign, and what became of its contacts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewlyMade {
    #[serde(flatten)]
    campaign: Campaign,
    /// What became of `contacts`, `csv` or `pick`; null when none was given.
    import: Option<ImportReport>,
}

/// Get Campaigns.
///
/// Newest first, unless asked otherwise.
#[utoipa::path(
    get, path = "/v1/campaigns", operation_id = "campaigns.list", tag = "Campaigns",
    params(CampaignSearch),
    responses((status = 200, description = "A page of campaigns.", body = [Campaign],
        example = json!([examples::campaign()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    links: Links,
    Asked(search): Asked<CampaignSearch>,
) -> Answer<List<Campaign>> {
    let paging = search.paging();
    Ok(links.list(campaigns::list(&core, &caller, search.filter()?).await?, paging))
}

/// Create Campaign.
///
/// A draft, filled with people right away if you like. It sends once it is started.
#[utoipa::path(
    post, path = "/v1/campaigns", operation_id = "campaigns.create", tag = "Campaigns",
    request_body = CreateCampaign,
    responses((status = 201, description = "The campaign, and what became of its contacts.", body = NewlyMade,
        example = json!(examples::new_campaign())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    new: Repeatable<CreateCampaign>,
) -> Answer<Created<NewlyMade>> {
    let (campaign, import) = campaigns::create(&core, &caller, new.body.into_new(new.idempotency)?).await?;
    Ok(Created { path: format!("/v1/campaigns/{}", campaign.id), made: NewlyMade { campaign, import } })
}

/// Get Campaign.
///
/// How it stands, and its figures.
#[utoipa::path(
    get, path = "/v1/campaigns/{campaignId}", operation_id = "campaigns.get", tag = "Campaigns",
    responses((status = 200, description = "The campaign.", body = Campaign, example = json!(examples::campaign())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(campaign): Id<CampaignId>,
) -> Answer<Json<Campaign>> {
    Ok(Json(campaigns::get(&core, &caller, &campaign).await?))
}

/// Update Campaign.
///
/// What is not given stays as it is. While it sends, only name and owner can change: pause it for the rest.
#[utoipa::path(
    patch, path = "/v1/campaigns/{campaignId}", operation_id = "campaigns.update", tag = "Campaigns",
    request_body = ChangeCampaign,
    responses((status = 200, description = "The changed campaign.", body = Campaign,
        example = json!(examples::campaign())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(campaign): Id<CampaignId>,
    Body(change): Body<ChangeCampaign>,
) -> Answer<Json<Campaign>> {
    Ok(Json(campaigns::update(&core, &caller, &campaign, change.into_changes()?).await?))
}

/// Update Campaign Status.
///
/// `pause` and `stop` take what nobody has tried to send yet back out of the queues; those people wait again, and
/// `resume` or `start` goes on with them. Nobody gets it twice.
#[utoipa::path(
    put, path = "/v1/campaigns/{campaignId}/status", operation_id = "campaigns.status", tag = "Campaigns",
    request_body = NewStatus,
    responses((status = 200, description = "The campaign.", body = Campaign, example = json!(examples::campaign())))
)]
pub(crate) async fn status(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(campaign): Id<CampaignId>,
    Body(new): Body<NewStatus>,
) -> Answer<Json<Campaign>> {
    Ok(Json(campaigns::act(&core, &caller, &campaign, new.action()).await?))
}

/// Delete Campaign.
///
/// With its people. A running one ends first; whoever has opted out stays excluded.
#[utoipa::path(
    delete, path = "/v1/campaigns/{campaignId}", operation_id = "campaigns.delete", tag = "Campaigns",
    responses((status = 200, description = "It is deleted.", body = Deleted,
        example = json!({"id": examples::CAMPAIGN, "deleted": true})))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(campaign): Id<CampaignId>,
) -> Answer<Json<Deleted>> {
    campaigns::delete(&core, &caller, &campaign).await?;
    Ok(Deleted::of(&campaign))
}
