//! `/v1/audit`: who did what.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::audit::{self, AuditFilter, AuditPage};
use sparkbot_core::clock::parse_iso;
use utoipa::IntoParams;

use crate::error::Answer;
use crate::request::{Asked, Authorized};

fn size() -> i64 {
    50
}

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditSearch {
    /// Only by these team members.
    #[serde(default)]
    users: Vec<String>,
    /// Only with these API keys.
    #[serde(default)]
    keys: Vec<String>,
    /// Only these operations, such as `team.create`.
    #[serde(default)]
    actions: Vec<String>,
    /// Only about these WhatsApp numbers.
    #[serde(default)]
    devices: Vec<String>,
    /// Only about things of these kinds, such as `chat`.
    #[serde(default)]
    objects: Vec<String>,
    /// Only about the thing with this id.
    #[param(max_length = 200)]
    id: Option<String>,
    /// Only later, ISO 8601.
    #[param(format = DateTime)]
    after: Option<String>,
    /// Only earlier, ISO 8601.
    #[param(format = DateTime)]
    before: Option<String>,
    /// Go on after the page that answered this.
    #[param(minimum = 1)]
    cursor: Option<i64>,
    /// Lines a page.
    #[serde(default = "size")]
    #[param(default = 50, minimum = 1, maximum = 500)]
    size: i64,
}

/// Read audit log.
///
/// One line for each request that changed something, newest first: who, with which key, what, and from where.
#[utoipa::path(
    get, path = "/v1/audit", operation_id = "audit.list", tag = "Account", params(AuditSearch),
    responses((status = 200, description = "The lines, newest first.", body = AuditPage, example = json!(examples::page())))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Asked(search): Asked<AuditSearch>,
) -> Answer<Json<AuditPage>> {
    let filter = AuditFilter {
        before_seq: search.cursor,
        users: search.users,
        keys: search.keys,
        actions: search.actions,
        devices: search.devices,
        objects: search.objects,
        object_id: search.id,
        after: search.after.as_deref().and_then(parse_iso),
        before: search.before.as_deref().and_then(parse_iso),
        limit: search.size,
    };
    Ok(Json(audit::read(&core, &caller, filter).await?))
}

mod examples {
    use serde_json::{Value, json};

    use crate::examples::{DEVICE, KEY};

    pub(super) fn page() -> Value {
        json!({
            "entries": [{
                "seq": 4711,
                "date": "2026-11-20T10:12:00.000Z",
                "action": "departments.create",
                "by": {"user": "692d1f00aa11bb22cc33dd01", "name": "Ada", "role": "supervisor", "key": KEY},
                "object": {"kind": "department", "id": "692d1f00aa11bb22cc33dd07"},
                "device": DEVICE,
                "origin": "192.0.2.7"
            }],
            "cursor": null
        })
    }
}
