//! `/v1/login`: a key for who knows email and password.

mod attempts;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use sparkbot_core::clock::iso;
use sparkbot_core::team::{self, Member};
use sparkbot_core::{Core, Kind};
use utoipa::ToSchema;

pub(crate) use self::attempts::Attempts;
use crate::app::App;
use crate::error::{Answer, Problem};
use crate::request::{Authorized, Body};

/// Email and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ada@example.com", "password": "correct horse battery"}))]
pub(crate) struct Login {
    /// The member's email.
    #[schema(min_length = 3, max_length = 254)]
    email: String,
    /// The member's password.
    #[schema(min_length = 1, max_length = 128)]
    password: String,
}

/// A key of limited life.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoginKey {
    /// The API key; told only this once.
    key: String,
    /// Its id.
    id: String,
    /// When it ends, ISO 8601.
    expires_at: String,
    /// Who has come in.
    user: Member,
}

/// Log in.
///
/// Needs no key. The answer's key acts for the person for 7 days and can do what their role can. Wrong guesses are slowed
/// down: by email and address, by email, and by address.
#[utoipa::path(
    post, path = "/v1/login", operation_id = "login.create", tag = "Account", security(()), request_body = Login,
    responses((status = 200, description = "A key.", body = LoginKey, example = json!(example())))
)]
pub(crate) async fn create(
    State(app): State<App>,
    origin: Option<Extension<ConnectInfo<SocketAddr>>>,
    Body(login): Body<Login>,
) -> Answer<Json<LoginKey>> {
    let from = origin.map(|Extension(ConnectInfo(from))| from.ip().to_canonical());
    let email = login.email.trim().to_lowercase();
    // Counted before it is compared, so that many at once are no way around.
    if let Some(wait) = app.attempts.begin(from, &email, app.core.now()) {
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "login:too_many",
            "Too many logins were tried with wrong passwords.",
        )
        .hint("Wait the seconds in the header 'Retry-After', and try again.")
        .after(wait));
    }
    let done = team::log_in(&app.core, &email, &login.password, from.map(|from| from.to_string())).await;
    if matches!(&done, Err(error) if error.kind == Kind::Unauthorized) {
        metrics::counter!("sparkbot_guesses_total", "what" => "password").increment(1);
    } else {
        app.attempts.right(from, &email);
    }
    let done = done?;
    Ok(Json(LoginKey {
        key: done.secret,
        id: done.key.id.to_string(),
        expires_at: done.key.expires_at.map(iso).unwrap_or_default(),
        user: done.member,
    }))
}

/// What logging out answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoggedOut {
    /// Always true.
    ended: bool,
}

/// Log out.
///
/// Ends the login whose key asks.
#[utoipa::path(
    delete, path = "/v1/login", operation_id = "login.delete", tag = "Account",
    responses((status = 200, description = "The key is dead.", body = LoggedOut, example = json!({"ended": true})))
)]
pub(crate) async fn delete(Authorized(caller): Authorized, State(core): State<Core>) -> Answer<Json<LoggedOut>> {
    team::log_out(&core, &caller).await?;
    Ok(Json(LoggedOut { ended: true }))
}

fn example() -> serde_json::Value {
    serde_json::json!({
        "key": "5f3c2b9d8e4a70615f3c2b9d8e4a70615f3c2b9d8e4a70615f3c2b9d8e4a70615f3c2b9d8e4a7061",
        "id": crate::examples::KEY,
        "expiresAt": "2026-02-07T12:00:00.000Z",
        "user": crate::team::example(),
    })
}
