//! What a phone shows of its groups.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::Context;
use super::super::error::{OfPhone, Refusal, existing};
use super::group_id;
use crate::areas::groups::invite;
use crate::ids::{AccountId, DeviceRef, Domain, GroupId};
use crate::phone::groups::Known;
use crate::world::World;
use crate::world::group::{Group, Kind, Part};

/// `GET /phones/{phone}/groups`
pub(super) async fn list(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let known = world.accounts.get(&me).map(|account| &account.phone.many.groups);
        let groups: Vec<Value> = known.into_iter().flatten().map(|(_, known)| summary(me, known)).collect();
        Ok(Json(json!({ "groups": groups })))
    })
}

/// `GET /phones/{phone}/groups/{group}`
pub(super) async fn show(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, group)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let id = group_id(&group)?;
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        group_json(world, me, id).map(Json)
    })
}

fn number(world: &World, account: AccountId) -> Value {
    world.accounts.get(&account).map_or(Value::Null, |account| account.number.to_string().into())
}

/// A line of the list.
fn summary(me: AccountId, known: &Known) -> Value {
    let group = &known.group;
    json!({
        "id": group.jid().to_string(),
        "subject": group.subject.text,
        "kind": kind(group),
        "member": known.member,
        "role": group.role(me).filter(|_| known.member).map(crate::world::group::Role::word),
        "size": group.members.len(),
    })
}

fn kind(group: &Group) -> &'static str {
    match &group.kind {
        Kind::Plain => "group",
        Kind::Community { .. } => "community",
        Kind::Linked { part: Part::Announcement, .. } => "announcements",
        Kind::Linked { part: Part::General, .. } => "general",
        Kind::Linked { part: Part::Subgroup, .. } => "subgroup",
    }
}

/// A group as the phone has last heard of it.
pub(super) fn group_json(world: &World, me: AccountId, id: GroupId) -> Result<Value, Refusal> {
    let known = world.accounts.get(&me).and_then(|account| account.phone.many.groups.get(&id)).ok_or_else(|| {
        Refusal::new(StatusCode::NOT_FOUND, "no_such_group", format!("this phone shows no group {}", id.jid()))
    })?;
    let group = &known.group;
    let mut json = summary(me, known);
    let details = json!({
        "addressing": group.addressing_mode(),
        "creator": number(world, group.creator),
        "createdAt": group.created_at,
        "subjectBy": number(world, group.subject.by),
        "subjectAt": group.subject.at,
        "description": group.description.as_ref().map(|description| &description.text),
        "descriptionBy": group.description.as_ref().map(|description| number(world, description.by)),
        "picture": group.picture.as_ref().map(|(id, _)| id),
        "participants": participants(world, known),
        "settings": settings(group),
        "requests": requests(world, group),
        "code": invite::code(world, me, id).ok(),
        "community": group.community().map(|community| community.jid().to_string()),
        "linked": group.linked().into_iter().map(|linked| linked.jid().to_string()).collect::<Vec<_>>(),
    });
    if let (Some(json), Value::Object(details)) = (json.as_object_mut(), details) {
        json.extend(details);
    }
    Ok(json)
}

fn participants(world: &World, known: &Known) -> Vec<Value> {
    let people = known.group.members.iter();
    people
        .map(|(account, member)| {
            json!({
                "phone": number(world, *account),
                "lid": world.jid(DeviceRef::phone(*account), Domain::Lid).to_string(),
                "name": world.accounts.get(account).map(|account| &account.name),
                "role": member.role.word(),
                "joinedAt": member.joined_at,
                "label": known.labels.get(account),
            })
        })
        .collect()
}

fn settings(group: &Group) -> Value {
    let settings = &group.settings;
    let (closed, open_creation) = match &group.kind {
        Kind::Community { closed, open_creation, .. } => (Some(closed), Some(open_creation)),
        Kind::Plain | Kind::Linked { .. } => (None, None),
    };
    json!({
        "locked": settings.locked,
        "announcement": settings.announcement,
        "ephemeral": settings.ephemeral.map_or(0, |(seconds, _)| seconds),
        "approval": settings.approval,
        "membersAdd": settings.all_add,
        "membersShareLink": settings.all_link,
        "membersShareHistory": settings.all_share_history,
        "noFrequentlyForwarded": settings.no_frequently_forwarded,
        "adminReports": settings.admin_reports,
        "history": settings.history,
        "limitSharing": settings.limit_sharing,
        "closed": closed,
        "openCreation": open_creation,
    })
}

fn requests(world: &World, group: &Group) -> Vec<Value> {
    let requests = group.requests.iter();
    requests
        .map(|(account, request)| json!({"phone": number(world, *account), "at": request.at, "method": request.method}))
        .collect()
}
