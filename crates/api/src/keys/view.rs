//! API keys as they are shown.

use serde::Serialize;
use sparkbot_core::clock::iso;
use sparkbot_core::keys::KeyRow;
use sparkbot_core::keys::{NewKey, Scope, scopes};
use utoipa::ToSchema;

use crate::error::Answer;

/// An API key without the key.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKey {
    /// 24 hexadecimal digits.
    id: String,
    /// What people call it.
    name: String,
    /// The key's first digits, to recognise it by.
    prefix: String,
    /// What it may be used for.
    scopes: Vec<&'static str>,
    /// For whom it acts.
    user: String,
    /// ISO 8601.
    created_at: String,
    /// When it ends by itself.
    expires_at: Option<String>,
    /// When it was last seen, to the minute.
    last_used_at: Option<String>,
    /// When it was revoked.
    revoked_at: Option<String>,
}

impl ApiKey {
    pub(crate) fn of(row: &KeyRow) -> Answer<Self> {
        Ok(Self {
            id: row.id.to_string(),
            name: row.name.clone(),
            prefix: row.prefix.clone(),
            scopes: scopes(row)?.into_iter().map(Scope::word).collect(),
            user: row.user_id.to_string(),
            created_at: iso(row.created_at),
            expires_at: row.expires_at.map(iso),
            last_used_at: row.last_used_at.map(iso),
            revoked_at: row.revoked_at.map(iso),
        })
    }
}

/// A fresh API key, told only once.
#[derive(Serialize, ToSchema)]
pub(crate) struct FreshKey {
    /// What is kept of it.
    #[serde(flatten)]
    about: ApiKey,
    /// The key itself: 80 hexadecimal digits.
    key: String,
}

impl FreshKey {
    pub(crate) fn of(new: NewKey) -> Answer<Self> {
        Ok(Self { about: ApiKey::of(&new.row)?, key: new.secret })
    }

    pub(crate) fn id(&self) -> &str {
        &self.about.id
    }
}
