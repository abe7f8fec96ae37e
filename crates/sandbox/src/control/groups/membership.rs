//! Coming into a group and going out of it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::Context;
use super::super::error::{Body, OfPhone, Refusal};
use super::{acting, group_id, outcomes_json, people, refused};
use crate::areas::groups::invite::Entered;
use crate::areas::groups::{community, invite as invites, participants, requests, roles};
use crate::world::group::Role;

/// How links to groups begin.
const LINK: &str = "https://chat.whatsapp.com/";

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Add,
    Remove,
    Promote,
    Demote,
    Approve,
    Reject,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Participants {
    action: Action,
    participants: Vec<String>,
}

/// `POST /phones/{phone}/groups/{group}/participants`
pub(super) async fn change(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, group)): Path<(String, String)>,
    Body(body): Body<Participants>,
) -> Result<Json<Value>, Refusal> {
    let id = group_id(&group)?;
    context.hub.with(|world| {
        let me = acting(world, &of)?;
        let people = people(world, &body.participants, matches!(body.action, Action::Add))?;
        let outcomes = match body.action {
            Action::Add => participants::add(world, me, id, people),
            Action::Remove => participants::remove(world, me, id, people),
            Action::Promote => roles::set_role(world, me, id, people, Role::Admin),
            Action::Demote => roles::set_role(world, me, id, people, Role::Member),
            Action::Approve => requests::decide(world, me, id, people, true),
            Action::Reject => requests::decide(world, me, id, people, false),
        };
        let outcomes = outcomes.map_err(refused)?;
        Ok(Json(json!({ "participants": outcomes_json(world, outcomes) })))
    })
}

/// `GET /phones/{phone}/groups/{group}/invite`
pub(super) async fn invite(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, group)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let id = group_id(&group)?;
    context.hub.with(|world| {
        let me = acting(world, &of)?;
        invites::code(world, me, id).map(|code| Json(link(&code))).map_err(refused)
    })
}

/// `DELETE /phones/{phone}/groups/{group}/invite`: another code.
pub(super) async fn revoke(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, group)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let id = group_id(&group)?;
    context.hub.with(|world| {
        let me = acting(world, &of)?;
        invites::reset(world, me, id).map(|code| Json(link(&code))).map_err(refused)
    })
}

fn link(code: &str) -> Value {
    json!({"code": code, "link": format!("{LINK}{code}")})
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Join {
    /// The code of a link, or of an invitation when `group` is given too.
    code: Option<String>,
    /// A group of a community the person is in, when there is no code.
    group: Option<String>,
}

/// `POST /phones/{phone}/groups/join`
pub(super) async fn join(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<Join>,
) -> Result<Json<Value>, Refusal> {
    let group = body.group.as_deref().map(group_id).transpose()?;
    let code = body.code.as_deref().map(|code| code.strip_prefix(LINK).unwrap_or(code));
    context.hub.with(|world| {
        let me = acting(world, &of)?;
        let entered = match (code, group) {
            (Some(code), None) => invites::enter(world, me, code),
            (Some(code), Some(group)) => invites::accept(world, me, group, code),
            (None, Some(group)) => community::join(world, me, group)
                .map(|joined| if joined { Entered::Joined(group) } else { Entered::Waiting(group) }),
            (None, None) => return Err(Refusal::invalid("give code, group, or both")),
        };
        let entered = entered.map_err(refused)?;
        let state = if matches!(entered, Entered::Joined(_)) { "joined" } else { "waiting" };
        Ok(Json(json!({"group": entered.group().jid().to_string(), "state": state})))
    })
}

/// `POST /phones/{phone}/groups/{group}/leave`
pub(super) async fn leave(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, group)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let id = group_id(&group)?;
    context.hub.with(|world| {
        participants::leave(world, acting(world, &of)?, id).map_err(refused)?;
        Ok(StatusCode::NO_CONTENT)
    })
}

/// `DELETE /phones/{phone}/groups/{group}/request`: does not wait any longer.
pub(super) async fn cancel(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, group)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let id = group_id(&group)?;
    context.hub.with(|world| {
        requests::cancel(world, acting(world, &of)?, id).map_err(refused)?;
        Ok(StatusCode::NO_CONTENT)
    })
}
