//! `/v1/me`: who asks.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sparkbot_core::Core;
use sparkbot_core::accounts::{self, Me};
use sparkbot_core::clock::iso;
use utoipa::ToSchema;

use crate::error::Answer;
use crate::keys::ApiKey;
use crate::request::Authorized;

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeAnswer {
    /// The account.
    account: AccountAnswer,
    /// The person for whom the key acts.
    user: UserAnswer,
    /// The key, without the key.
    key: ApiKey,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountAnswer {
    /// 24 hexadecimal digits.
    id: String,
    /// What people call it.
    name: String,
    /// ISO 8601.
    created_at: String,
}

/// A person of the team.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserAnswer {
    /// 24 hexadecimal digits.
    id: String,
    /// What people call them.
    name: String,
    /// `admin`, `supervisor` or `agent`.
    role: String,
    /// `active`, `pending` or `suspended`.
    status: String,
    /// ISO 8601.
    created_at: String,
}

impl MeAnswer {
    fn of(me: Me) -> Answer<Self> {
        let Me { account, user, key } = me;
        Ok(Self {
            account: AccountAnswer {
                id: account.id.to_string(),
                name: account.name,
                created_at: iso(account.created_at),
            },
            user: UserAnswer {
                id: user.id.to_string(),
                name: user.name,
                role: user.role,
                status: user.status,
                created_at: iso(user.created_at),
            },
            key: ApiKey::of(&key)?,
        })
    }
}

/// Who am I.
///
/// The account, the person and the key that ask: the quickest way to see that a key works.
#[utoipa::path(
    get, path = "/v1/me", operation_id = "me.get", tag = "Account",
    responses((status = 200, description = "Who asks.", body = MeAnswer, example = json!(crate::examples::me())))
)]
pub(crate) async fn get(Authorized(caller): Authorized, State(core): State<Core>) -> Answer<Json<MeAnswer>> {
    MeAnswer::of(accounts::me(&core, &caller).await?).map(Json)
}
