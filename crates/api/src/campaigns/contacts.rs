//! `/v1/campaigns/{campaignId}/contacts`: who gets a campaign, and how far each is.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use sparkbot_core::Core;
use sparkbot_core::campaigns::{self, CampaignContactFilter, Import, ImportReport, Removal, named};
use sparkbot_core::ids::CampaignId;
use sparkbot_core::views::CampaignContact;
use utoipa::{IntoParams, ToSchema};

use super::examples;
use super::request::AddContacts;
use crate::answer::{Links, List, Paging};
use crate::error::{Answer, Problem};
use crate::request::words::words;
use crate::request::{Asked, Authorized, Given, Id, json_bytes_up_to, plus_kept, read_json, whole};

words! {
    Kind = &["phone", "group", "channel"];
    ContactStatus = &["pending", "processing", "delivered", "failed", "excluded", "invalid", "removed"];
    Ack = &["pending", "sent", "delivered", "read", "failed"];
    Sort = &["date:desc", "date:asc"];
}

/// Bytes of a table or list of contacts at most.
const LARGEST: usize = 8 * 1024 * 1024;

fn size() -> i64 {
    20
}

/// Which people of a campaign.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContactSearch {
    /// With this text in name, reference or number.
    #[param(max_length = 100)]
    search: Option<String>,
    /// These phone numbers, groups or channels.
    target: Option<Vec<String>>,
    /// Of these kinds.
    #[param(value_type = Vec<Kind>, inline)]
    #[serde(default)]
    kind: Vec<String>,
    /// In one of these states.
    #[param(value_type = Vec<ContactStatus>, inline)]
    #[serde(default)]
    status: Vec<String>,
    /// So far.
    #[param(value_type = Vec<Ack>, inline)]
    #[serde(default)]
    ack: Vec<String>,
    /// With one of these WhatsApp ids.
    wid: Option<Vec<String>>,
    /// Contacts a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
    /// By when their state last changed; newest first unless asked otherwise.
    #[param(value_type = Option<Sort>, inline)]
    sort: Option<String>,
}

impl ContactSearch {
    fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    fn filter(self) -> Answer<CampaignContactFilter> {
        let paging = self.paging();
        let targets = self.target.map(|all| all.into_iter().map(plus_kept).collect::<Vec<_>>());
        let targets = targets.as_deref().map(named).transpose()?;
        let wids = self.wid.as_deref().map(named).transpose()?;
        let wids = match (targets, wids) {
            (Some(targets), Some(wids)) => {
                let both: Vec<String> = targets.into_iter().filter(|target| wids.contains(target)).collect();
                // Nobody is named so.
                if both.is_empty() { vec![String::new()] } else { both }
            }
            (targets, wids) => targets.or(wids).unwrap_or_default(),
        };
        let kind = |kind: String| if kind == "phone" { "user".to_owned() } else { kind };
        Ok(CampaignContactFilter {
            search: self.search,
            wids,
            kinds: self.kind.into_iter().map(kind).collect(),
            status: self.status,
            acks: self.ack,
            ascending: self.sort.as_deref() == Some("date:asc"),
            size: paging.size(),
            skip: paging.skip(),
        })
    }
}

/// Get Campaign Contacts.
///
/// Those whose state changed last come first, unless asked otherwise.
#[utoipa::path(
    get, path = "/v1/campaigns/{campaignId}/contacts", operation_id = "campaigns.contacts.list", tag = "Campaigns",
    params(ContactSearch),
    responses((status = 200, description = "A page of contacts.", body = [CampaignContact],
        example = json!([examples::contact()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(campaign): Id<CampaignId>,
    links: Links,
    Asked(search): Asked<ContactSearch>,
) -> Answer<List<CampaignContact>> {
    let paging = search.paging();
    Ok(links.list(campaigns::contacts(&core, &caller, &campaign, search.filter()?).await?, paging))
}

/// Add Campaign Contacts.
///
/// As JSON, or a table as `text/csv`, 8 MiB and 10,000 people at most. Numbers are checked and made E.164; who is in the
/// campaign already is counted and left as they are; who can't be taken is told with the row and why.
#[utoipa::path(
    post, path = "/v1/campaigns/{campaignId}/contacts", operation_id = "campaigns.contacts.add", tag = "Campaigns",
    request_body(content((AddContacts = "application/json"), (String = "text/csv"))),
    responses((status = 201, description = "What became of them.", body = ImportReport,
        example = json!(examples::report())))
)]
pub(crate) async fn add(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(campaign): Id<CampaignId>,
    request: Request,
) -> Answer<(StatusCode, Json<ImportReport>)> {
    let import = read(request).await?;
    Ok((StatusCode::CREATED, Json(campaigns::import(&core, &caller, &campaign, import).await?)))
}

async fn read(request: Request) -> Answer<Import> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv") {
        let bytes = whole(request, LARGEST).await?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Problem::invalid("campaign:csv", format!("The table is no text in UTF-8: byte {} is none of it.", at + 1))
                .hint("Save it as 'CSV UTF-8', and send it again.")
        })?;
        return Ok(Import::Csv(text));
    }
    let bytes = json_bytes_up_to(request, LARGEST).await?;
    let bytes = bytes
        .ok_or_else(|| Problem::invalid("body:missing", "This call needs a JSON body, or a table as text/csv."))?;
    read_json::<AddContacts>(&bytes)?.import()
}

/// Who is to be taken out; nothing given means everybody whose turn has not come.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"targets": ["+16001234561"]}))]
pub(crate) struct RemoveContacts {
    /// Ids of contacts.
    #[schema(max_items = 500)]
    ids: Option<Vec<String>>,
    /// Phone numbers, groups or channels.
    #[schema(max_items = 500)]
    targets: Option<Vec<String>>,
}

/// What a removal of contacts answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemovedContacts {
    /// How many were taken out.
    deleted: u64,
    /// How many are still in the campaign.
    total: i64,
}

/// Remove Campaign Contacts.
///
/// Takes out those whose turn has not come; the others stay with what became of them. Without a condition, all.
#[utoipa::path(
    delete, path = "/v1/campaigns/{campaignId}/contacts", operation_id = "campaigns.contacts.remove", tag = "Campaigns",
    request_body = Option<RemoveContacts>,
    responses((status = 200, description = "How many were taken out.", body = RemovedContacts,
        example = json!({"deleted": 2, "total": 40})))
)]
pub(crate) async fn remove(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(campaign): Id<CampaignId>,
    Given(which): Given<RemoveContacts>,
) -> Answer<Json<RemovedContacts>> {
    let removal = Removal { ids: which.ids, targets: which.targets };
    let removed = campaigns::remove(&core, &caller, &campaign, removal).await?;
    Ok(Json(RemovedContacts { deleted: removed.deleted, total: removed.total }))
}
