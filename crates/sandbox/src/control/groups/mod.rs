//! Groups on a phone: what it shows of them, and what its person does there.

mod membership;
mod settings;
mod shown;

use axum::Json;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post, put};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Context;
use super::error::{Body, OfPhone, Refusal, existing, made, number};
use crate::areas::groups::create::{self, Community, Wanted};
use crate::areas::groups::participants::{Named, Outcome};
use crate::areas::groups::{Refused, community};
use crate::ids::{AccountId, DeviceRef, GroupId};
use crate::timing::Addressing;
use crate::world::World;

/// The routes under `/phones/{phone}/groups`.
pub(super) fn routes() -> Router<Context> {
    Router::new()
        .route("/phones/{phone}/groups", get(shown::list).post(new))
        .route("/phones/{phone}/groups/join", post(membership::join))
        .route("/phones/{phone}/groups/{group}", get(shown::show).patch(settings::change).delete(deactivate))
        .route("/phones/{phone}/groups/{group}/picture", put(settings::picture))
        .route("/phones/{phone}/groups/{group}/participants", post(membership::change))
        .route("/phones/{phone}/groups/{group}/invite", get(membership::invite).delete(membership::revoke))
        .route("/phones/{phone}/groups/{group}/leave", post(membership::leave))
        .route("/phones/{phone}/groups/{group}/request", delete(membership::cancel))
        .route("/phones/{phone}/groups/{group}/linked", post(link))
        .route("/phones/{phone}/groups/{group}/linked/{linked}", delete(unlink))
}

/// The refusal of the server, as WhatsApp's app would put it.
fn refused(refused: Refused) -> Refusal {
    let (status, code, sentence) = match refused {
        Refused::NOT_AUTHORIZED | Refused::FORBIDDEN => {
            (StatusCode::FORBIDDEN, "forbidden", "only a member may do that, and perhaps only an admin")
        }
        Refused::NOT_ALLOWED => (
            StatusCode::FORBIDDEN,
            "not_allowed",
            "an admin has taken this person out; the link does not work for them",
        ),
        Refused::NOT_FOUND => (StatusCode::NOT_FOUND, "no_such_group", "there is no such group, member or request"),
        Refused::CONFLICT => (StatusCode::CONFLICT, "conflict", "it is so already"),
        Refused::GONE => (StatusCode::GONE, "gone", "the code is not valid any more"),
        Refused::FULL => (StatusCode::CONFLICT, "full", "a group has at most 1,024 members"),
        Refused::NOT_ACCEPTABLE => (StatusCode::UNPROCESSABLE_ENTITY, "not_acceptable", "empty, too long, or unknown"),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "that is not possible with this group"),
    };
    Refusal::new(status, code, sentence).with("code", refused.0)
}

/// The id of a group out of a request, with or without `@g.us`.
fn group_id(text: &str) -> Result<GroupId, Refusal> {
    GroupId::parse(text)
        .or_else(|| text.parse().ok().map(GroupId))
        .ok_or_else(|| Refusal::invalid(format!("{text:?} is not a group; write it like 120363000000000001@g.us")))
}

/// The people of a request. Who does not exist is made when `new` is set.
fn people(world: &mut World, numbers: &[String], new: bool) -> Result<Vec<Named>, Refusal> {
    numbers
        .iter()
        .map(|text| {
            let number = number(text)?;
            let account = if new { made(world, &number)? } else { existing(world, &number)? };
            Ok(Named { jid: world.jid(DeviceRef::phone(account), crate::ids::Domain::Pn), account: Some(account) })
        })
        .collect()
}

/// What became of each person of a request.
fn outcomes_json(world: &World, outcomes: Vec<Outcome>) -> Value {
    let outcomes: Vec<Value> = outcomes
        .into_iter()
        .map(|outcome| {
            let account = outcome.who.account.and_then(|account| world.accounts.get(&account));
            let mut json = json!({
                "phone": account.map(|account| account.number.to_string()),
                "error": outcome.refused.map(|refused| refused.0),
            });
            if let (Some(invitation), Some(json)) = (outcome.invitation, json.as_object_mut()) {
                let invitation = json!({"code": invitation.code, "expiration": invitation.expires_at});
                json.insert("invitation".to_owned(), invitation);
            }
            json
        })
        .collect();
    outcomes.into()
}

/// Whoever acts, on a phone that is on.
fn acting(world: &World, of: &crate::ids::PhoneNumber) -> Result<AccountId, Refusal> {
    let me = existing(world, of)?;
    if world.accounts.get(&me).is_some_and(|account| account.phone.online) {
        Ok(me)
    } else {
        Err(Refusal::new(
            StatusCode::CONFLICT,
            "phone_offline",
            "the phone is switched off; POST …/online switches it on",
        ))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct NewCommunity {
    closed: bool,
    open_creation: bool,
    general_chat: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewGroup {
    subject: String,
    #[serde(default)]
    participants: Vec<String>,
    description: Option<String>,
    #[serde(default)]
    settings: settings::Switches,
    addressing: Option<Addressing>,
    /// Makes a community.
    community: Option<NewCommunity>,
    /// The community the group is made in.
    parent: Option<String>,
}

/// `POST /phones/{phone}/groups`
async fn new(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<NewGroup>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let parent = body.parent.as_deref().map(group_id).transpose()?;
    if parent.is_some() && body.community.is_some() {
        return Err(Refusal::invalid("a community is not made within another: give either community or parent"));
    }
    context.hub.with(|world| {
        let me = acting(world, &of)?;
        let wanted = Wanted {
            subject: body.subject,
            people: people(world, &body.participants, true)?,
            settings: body.settings.of_new_group(),
            description: body.description.map(|text| (hex::encode_upper(world.random::<4>()), text)),
            key: None,
            addressing: body.addressing.map(Into::into),
            community: body.community.map(|community| Community {
                closed: community.closed,
                open_creation: community.open_creation,
                general_chat: community.general_chat,
            }),
            parent,
        };
        let (id, left_out) = create::create(world, me, wanted).map_err(refused)?;
        world.settle();
        let mut json = shown::group_json(world, me, id)?;
        if let Some(json) = json.as_object_mut() {
            json.insert("refused".to_owned(), outcomes_json(world, left_out));
        }
        Ok((StatusCode::CREATED, Json(json)))
    })
}

/// `DELETE /phones/{phone}/groups/{group}`: ends a community.
async fn deactivate(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, group)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let id = group_id(&group)?;
    context.hub.with(|world| {
        community::deactivate(world, acting(world, &of)?, id).map_err(refused)?;
        Ok(StatusCode::NO_CONTENT)
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Link {
    group: String,
}

/// `POST /phones/{phone}/groups/{group}/linked`
async fn link(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, group)): Path<(String, String)>,
    Body(body): Body<Link>,
) -> Result<StatusCode, Refusal> {
    let (id, other) = (group_id(&group)?, group_id(&body.group)?);
    context.hub.with(|world| {
        community::link_group(world, acting(world, &of)?, id, other).map_err(refused)?;
        Ok(StatusCode::NO_CONTENT)
    })
}

/// `DELETE /phones/{phone}/groups/{group}/linked/{linked}`
async fn unlink(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, group, linked)): Path<(String, String, String)>,
) -> Result<StatusCode, Refusal> {
    let (id, other) = (group_id(&group)?, group_id(&linked)?);
    context.hub.with(|world| {
        community::unlink_group(world, acting(world, &of)?, id, other, false).map_err(refused)?;
        Ok(StatusCode::NO_CONTENT)
    })
}
