//! People who wait to be let in by an admin.

use wacore_binary::Node;

use super::participants::{self, Named, Outcome};
use super::{Answer, Asked, Refused, as_admin, existing, info, notify};
use crate::ids::{AccountId, DeviceRef, Domain, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::group::{Group, JoinRequest, MAX_REQUESTS};

/// Puts somebody on the list and tells the admins.
pub(super) fn create(
    world: &mut World,
    id: GroupId,
    who: AccountId,
    by: AccountId,
    method: &'static str,
) -> Result<(), Refused> {
    let at = world.now_secs();
    let group = world.groups.change(id).ok_or(Refused::NOT_FOUND)?;
    if group.requests.contains_key(&who) {
        return Err(Refused::CONFLICT);
    }
    if group.requests.len() >= MAX_REQUESTS {
        return Err(Refused::FULL);
    }
    group.requests.insert(who, JoinRequest { at, method });
    let Some(group) = world.groups.get(id).cloned() else {
        return Err(Refused::NOT_FOUND);
    };
    let other = world.jid(DeviceRef::phone(who), group.addressing.other());
    let user = node("requested_user")
        .attr("jid", world.member_jid(&group, who))
        .attr(if group.addressing == Domain::Lid { "phone_number" } else { "lid" }, other)
        .build();
    let mut change = node("created_membership_requests").attr("request_method", method);
    if let Some(community) = group.community() {
        change = change.attr("parent_group_jid", community.jid());
    }
    notify::admins(world, &group, Some(by), &change.children([user]).build());
    Ok(())
}

pub(super) fn list_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let group = as_admin(world, asked.group()?, asked.me)?;
    let requests: Vec<Node> = group
        .requests
        .iter()
        .map(|(account, request)| {
            let other = world.jid(DeviceRef::phone(*account), group.addressing.other());
            node("membership_approval_request")
                .attr("jid", world.member_jid(group, *account))
                .attr(if group.addressing == Domain::Lid { "phone_number" } else { "lid" }, other)
                .attr("request_time", request.at)
                .attr("request_method", request.method)
                .build()
        })
        .collect();
    Ok(vec![node("membership_approval_requests").children(requests).build()])
}

/// `<membership_requests_action><approve|reject>`.
pub(super) fn decide_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let id = asked.group()?;
    let decision = asked.what.nodes().first().ok_or(Refused::BAD_REQUEST)?;
    let (approve, tag) = match decision.tag.as_ref() {
        "approve" => (true, "approve"),
        "reject" => (false, "reject"),
        _ => return Err(Refused::BAD_REQUEST),
    };
    let people = participants::named(world, decision)?;
    let outcomes = decide(world, asked.me, id, people, approve)?;
    let answer = participants::answer(world, id, tag, outcomes);
    Ok(vec![node("membership_requests_action").children([answer]).build()])
}

/// Lets people in or turns them down.
pub(crate) fn decide(
    world: &mut World,
    by: AccountId,
    id: GroupId,
    people: Vec<Named>,
    approve: bool,
) -> Result<Vec<Outcome>, Refused> {
    let group = as_admin(world, id, by)?.clone();
    let (outcomes, waiting) = sorted(&group, people);
    if approve {
        participants::join(world, id, &waiting, Some(by), None);
    } else {
        withdraw(world, id, &waiting, by);
    }
    Ok(outcomes)
}

fn sorted(group: &Group, people: Vec<Named>) -> (Vec<Outcome>, Vec<AccountId>) {
    let mut waiting = Vec::new();
    let outcomes = people
        .into_iter()
        .map(|who| {
            let known = who.account.filter(|account| group.requests.contains_key(account));
            waiting.extend(known);
            Outcome { who, refused: known.is_none().then_some(Refused::NOT_FOUND), invitation: None }
        })
        .collect();
    (outcomes, waiting)
}

/// Takes people off the list; they and the admins learn of it.
fn withdraw(world: &mut World, id: GroupId, people: &[AccountId], by: AccountId) {
    if people.is_empty() {
        return;
    }
    if let Some(group) = world.groups.change(id) {
        people.iter().for_each(|person| {
            group.requests.remove(person);
        });
    }
    let Some(group) = world.groups.get(id).cloned() else {
        return;
    };
    let change = node("revoked_membership_requests")
        .children(people.iter().map(|person| info::named(world, &group, *person).build()))
        .build();
    notify::admins_and(world, &group, Some(by), &change, people);
}

/// `<cancel_membership_requests>`: somebody does not want to join any more.
pub(super) fn cancel_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let (id, people) = (asked.group()?, participants::named(world, asked.what)?);
    let group = existing(world, id)?.clone();
    let (outcomes, waiting) = sorted(&group, people);
    if waiting.iter().any(|person| *person != asked.me) {
        return Err(Refused::FORBIDDEN);
    }
    withdraw(world, id, &waiting, asked.me);
    Ok(vec![participants::answer(world, id, "cancel_membership_requests", outcomes)])
}

/// Stops waiting on one's own account.
pub(crate) fn cancel(world: &mut World, me: AccountId, id: GroupId) -> Result<(), Refused> {
    if !existing(world, id)?.requests.contains_key(&me) {
        return Err(Refused::NOT_FOUND);
    }
    withdraw(world, id, &[me], me);
    Ok(())
}

/// Lets in everybody who waits.
pub(super) fn let_all_in(world: &mut World, id: GroupId, by: AccountId) {
    let waiting: Vec<AccountId> =
        world.groups.get(id).map(|group| group.requests.keys().copied().collect()).unwrap_or_default();
    participants::join(world, id, &waiting, Some(by), None);
}
