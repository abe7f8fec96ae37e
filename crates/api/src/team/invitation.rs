//! `/v1/team/invitations/{token}`: how an invited person gets in.

use std::net::SocketAddr;

use axum::Extension;
use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use sparkbot_core::Kind;
use sparkbot_core::team::{self, Member};
use utoipa::ToSchema;

use super::examples;
use crate::app::App;
use crate::error::{Answer, Problem};
use crate::request::Body;

/// What an invited person says.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"password": "correct horse battery"}))]
pub(crate) struct AcceptInvitation {
    /// What they log in with from now on.
    #[schema(min_length = 8, max_length = 128)]
    password: String,
}

/// Accept invitation.
///
/// Needs no key: the token of the link is the proof. The person is active then, and logs in with `POST /v1/login`.
#[utoipa::path(
    post, path = "/v1/team/invitations/{token}", operation_id = "team.acceptInvitation", tag = "Team", security(()),
    params(("token" = String, Path, description = "Token of an invitation.", min_length = 64, max_length = 64)),
    request_body = AcceptInvitation,
    responses((status = 200, description = "The member.", body = Member, example = json!(examples::member())))
)]
pub(crate) async fn accept_invitation(
    State(app): State<App>,
    origin: Option<Extension<ConnectInfo<SocketAddr>>>,
    Path(token): Path<String>,
    Body(accept): Body<AcceptInvitation>,
) -> Answer<Json<Member>> {
    let from = origin.map(|Extension(ConnectInfo(from))| from.ip().to_canonical());
    match team::accept(&app.core, &token, &accept.password, from.map(|from| from.to_string())).await {
        Ok(member) => Ok(Json(member)),
        Err(error) if error.kind == Kind::NotFound => match app.guesses.wrong(from, app.core.now()) {
            None => Err(error.into()),
            Some(wait) => Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "invitation:too_many",
                "Too many wrong invitations or keys came from this address within a minute.",
            )
            .hint("Check the link, wait the seconds in the header 'Retry-After', and try again.")
            .after(wait)),
        },
        Err(error) => Err(error.into()),
    }
}
