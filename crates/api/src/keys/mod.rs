//! `/v1/apikeys`: who may ask for what.

mod view;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::clock::parse_iso;
use sparkbot_core::ids::KeyId;
use sparkbot_core::keys::{self, Scope};
use utoipa::ToSchema;

pub(crate) use self::view::{ApiKey, FreshKey};
use crate::answer::{Created, Deleted};
use crate::error::Answer;
use crate::request::words::words;
use crate::request::{Authorized, Body, Id};

/// List API keys.
///
/// All keys of the account, newest first, revoked ones too.
#[utoipa::path(
    get, path = "/v1/apikeys", operation_id = "apikeys.list", tag = "API keys",
    responses((status = 200, description = "The keys, without the keys.", body = [ApiKey], example = json!([crate::examples::key()])))
)]
pub(crate) async fn list(Authorized(caller): Authorized, State(core): State<Core>) -> Answer<Json<Vec<ApiKey>>> {
    let keys = keys::list(&core, &caller).await?;
    Ok(Json(keys.iter().map(ApiKey::of).collect::<Answer<_>>()?))
}

words! {
    ScopeName = &Scope::ALL.iter().copied().map(Scope::word).collect::<Vec<_>>();
}

/// A new API key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "n8n", "scopes": ["messages:write", "devices:read"]}))]
pub(crate) struct CreateKey {
    /// What people will call it.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// What it may be used for; `*` is everything.
    #[schema(value_type = Vec<ScopeName>, inline, min_items = 1)]
    scopes: Vec<String>,
    /// When it ends by itself, ISO 8601 with a time zone; never when absent.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// Create API key.
///
/// Only this answer shows the key. It can't have more scopes than the key that makes it.
#[utoipa::path(
    post, path = "/v1/apikeys", operation_id = "apikeys.create", tag = "API keys",
    request_body = CreateKey,
    responses((status = 201, description = "The new key.", body = FreshKey, example = json!(crate::examples::new_key())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Body(new): Body<CreateKey>,
) -> Answer<Created<FreshKey>> {
    let scopes = new.scopes.iter().map(|word| word.parse()).collect::<Result<Vec<Scope>, _>>()?;
    let ends = new.expires_at.as_deref().and_then(parse_iso);
    let made = FreshKey::of(keys::create(&core, &caller, &new.name, &scopes, ends).await?)?;
    Ok(Created { path: format!("/v1/apikeys/{}", made.id()), made })
}

/// Revoke API key.
///
/// It is dead at once. A key can't revoke itself.
#[utoipa::path(
    delete, path = "/v1/apikeys/{keyId}", operation_id = "apikeys.revoke", tag = "API keys",
    responses((status = 200, description = "It is revoked.", body = Deleted, example = json!({"id": crate::examples::KEY, "deleted": true})))
)]
pub(crate) async fn revoke(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(key): Id<KeyId>,
) -> Answer<Json<Deleted>> {
    keys::revoke(&core, &caller, &key).await?;
    Ok(Deleted::of(&key))
}
