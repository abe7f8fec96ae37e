//! Communities: groups linked to one parent.

use std::collections::BTreeSet;

use wacore_binary::Node;

use super::{Answer, Asked, Refused, as_admin, as_member, create, existing, info, notify, participants, requests};
use crate::ids::{AccountId, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::group::{Group, Kind, MAX_LINKED, Part};

/// `<links><link link_type="sub_group"><group jid/></link></links>`.
pub(super) fn link_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let community = asked.group()?;
    let link = asked.what.child("link").ok_or(Refused::BAD_REQUEST)?;
    as_admin(world, community, asked.me)?;
    let mut linked = Vec::new();
    for element in link.nodes() {
        let id = info::group_in(element)?;
        linked.push(outcome(id, link_group(world, asked.me, community, id)));
    }
    let link = node("link").attr("link_type", "sub_group").children(linked).build();
    Ok(vec![node("links").children([link]).build()])
}

fn outcome(id: GroupId, done: Result<(), Refused>) -> Node {
    let mut element = node("group").attr("jid", id.jid());
    if let Err(refused) = done {
        element = element.attr("error", refused.0);
    }
    element.build()
}

/// Makes a group part of a community; who links must be an admin of both.
pub(crate) fn link_group(world: &mut World, by: AccountId, community: GroupId, id: GroupId) -> Result<(), Refused> {
    let parent = as_admin(world, community, by)?;
    let Kind::Community { groups, .. } = &parent.kind else {
        return Err(Refused::BAD_REQUEST);
    };
    if groups.len() >= MAX_LINKED {
        return Err(Refused::NOT_ACCEPTABLE);
    }
    match as_admin(world, id, by)?.kind {
        Kind::Plain => {}
        Kind::Community { .. } => return Err(Refused::BAD_REQUEST),
        Kind::Linked { .. } => return Err(Refused::CONFLICT),
    }
    linked(world, community, id, by);
    Ok(())
}

/// A group belongs to a community from now on, its members with it.
pub(super) fn linked(world: &mut World, community: GroupId, id: GroupId, by: AccountId) {
    create::link(world, community, id);
    if let Some(group) = world.groups.change(id) {
        group.kind = Kind::Linked { community, part: Part::Subgroup };
    }
    let (Some(group), Some(parent)) = (world.groups.get(id).cloned(), world.groups.get(community).cloned()) else {
        return;
    };
    let members: Vec<AccountId> = group.members.keys().copied().collect();
    participants::join(world, community, &members, Some(by), None);
    let upwards = node("link").attr("link_type", "parent_group").children([target(&parent)]).build();
    notify::members(world, &group, Some(by), &upwards, &[]);
    let downwards = node("link").attr("link_type", "sub_group").children([target(&group)]).build();
    if let Some(parent) = world.groups.get(community).cloned() {
        notify::members(world, &parent, Some(by), &downwards, &[]);
    }
}

/// `<group>` as the other end of a link.
fn target(group: &Group) -> Node {
    let target = node("group")
        .attr("jid", group.jid())
        .attr("subject", group.subject.text.as_str())
        .attr("s_t", group.subject.at);
    let default = (group.part() == Some(Part::Announcement)).then(|| node("default_sub_group").build());
    target.children(default).build()
}

/// `<unlink unlink_type="sub_group"><group jid remove_orphaned_members/></unlink>`.
pub(super) fn unlink_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let community = asked.group()?;
    as_admin(world, community, asked.me)?;
    let mut unlinked = Vec::new();
    for element in asked.what.nodes() {
        let id = info::group_in(element)?;
        let with_members = element.text_of("remove_orphaned_members") == "true";
        unlinked.push(outcome(id, unlink_group(world, asked.me, community, id, with_members)));
    }
    Ok(vec![node("unlink").attr("unlink_type", "sub_group").children(unlinked).build()])
}

/// Takes a group out of a community; with `remove_orphans` also those of its
/// members who are in no other group of it.
pub(crate) fn unlink_group(
    world: &mut World,
    by: AccountId,
    community: GroupId,
    id: GroupId,
    remove_orphans: bool,
) -> Result<(), Refused> {
    as_admin(world, community, by)?;
    let group = existing(world, id)?.clone();
    if group.community() != Some(community) {
        return Err(Refused::NOT_FOUND);
    }
    if group.part() == Some(Part::Announcement) {
        return Err(Refused::FORBIDDEN);
    }
    unlinked(world, community, id, by, "unlink_group");
    if remove_orphans {
        let rest = subgroups(world, community);
        let orphans: Vec<AccountId> = group
            .members
            .keys()
            .copied()
            .filter(|member| *member != by && rest.iter().all(|group| group.role(*member).is_none()))
            .collect();
        let groups = world.groups.get(community).map(|community| community.linked()).unwrap_or_default();
        for id in groups.into_iter().chain([community]) {
            participants::take_out(world, id, &orphans, Some(by));
        }
    }
    Ok(())
}

fn unlinked(world: &mut World, community: GroupId, id: GroupId, by: AccountId, reason: &'static str) {
    if let Some(group) = world.groups.change(id) {
        group.kind = Kind::Plain;
    }
    if let Some(Group { kind: Kind::Community { groups, .. }, .. }) = world.groups.change(community) {
        groups.remove(&id);
    }
    let (Some(group), Some(parent)) = (world.groups.get(id).cloned(), world.groups.get(community).cloned()) else {
        return;
    };
    for (told, kind, other) in [(&group, "parent_group", &parent), (&parent, "sub_group", &group)] {
        let change = node("unlink").attr("unlink_type", kind).attr("unlink_reason", reason).children([target(other)]);
        notify::members(world, told, Some(by), &change.build(), &[]);
    }
}

/// The groups of a community that people have made in it or linked to it.
fn subgroups(world: &World, community: GroupId) -> Vec<std::sync::Arc<Group>> {
    let linked = world.groups.get(community).map(|community| community.linked()).unwrap_or_default();
    linked
        .into_iter()
        .filter_map(|id| world.groups.get(id))
        .filter(|group| group.part() == Some(Part::Subgroup))
        .cloned()
        .collect()
}

pub(super) fn deactivate_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    deactivate(world, asked.me, asked.group()?)?;
    Ok(Vec::new())
}

/// Ends a community. Its groups go on without it, except for its own two.
pub(crate) fn deactivate(world: &mut World, by: AccountId, id: GroupId) -> Result<(), Refused> {
    if !as_admin(world, id, by)?.is_community() {
        return Err(Refused::BAD_REQUEST);
    }
    for group in subgroups(world, id) {
        unlinked(world, id, group.id, by, "delete_parent_group");
    }
    let own = world.groups.get(id).map(|community| community.linked()).unwrap_or_default();
    let deleted = node("delete").attr("reason", "delete_parent_group").build();
    for id in own.into_iter().chain([id]) {
        if let Some(group) = world.groups.get(id).cloned() {
            world.groups.remove(id);
            notify::members(world, &group, Some(by), &deleted, &[]);
        }
    }
    Ok(())
}

/// `<sub_groups/>`: what belongs to a community.
pub(super) fn groups_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let community = as_member(world, asked.group()?, asked.me)?;
    let groups: Vec<Node> = community
        .linked()
        .into_iter()
        .filter_map(|id| world.groups.get(id))
        .map(|group| info::preview(world, group))
        .collect();
    Ok(vec![node("sub_groups").children(groups).build()])
}

/// `<query_linked type="sub_group" jid/>`: a group of the community, also for
/// those of its members who are not in it.
pub(super) fn linked_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let group = group_of_community(world, asked)?;
    let info = if group.role(asked.me).is_some() { info::full(world, group) } else { info::preview(world, group) };
    Ok(vec![node("linked_group").children([info]).build()])
}

fn group_of_community<'w>(world: &'w World, asked: &Asked<'_>) -> Result<&'w Group, Refused> {
    let community = asked.group()?;
    as_member(world, community, asked.me)?;
    let group = existing(world, info::group_in(asked.what)?)?;
    if group.community() == Some(community) { Ok(group) } else { Err(Refused::NOT_FOUND) }
}

/// `<join_linked_group jid/>`.
pub(super) fn join_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let id = group_of_community(world, asked)?.id;
    if !join(world, asked.me, id)? {
        return Ok(vec![node("membership_approval_request").attr("jid", id.jid()).build()]);
    }
    let group = existing(world, id)?;
    Ok(vec![node("linked_group").children([info::full(world, group)]).build()])
}

/// Joins a group of one's community; `false` when an admin has to let one in.
pub(crate) fn join(world: &mut World, me: AccountId, id: GroupId) -> Result<bool, Refused> {
    let group = existing(world, id)?;
    as_member(world, group.community().ok_or(Refused::NOT_FOUND)?, me)?;
    if group.role(me).is_some() {
        return Err(Refused::CONFLICT);
    }
    if group.members.len() >= crate::world::group::MAX_MEMBERS {
        return Err(Refused::FULL);
    }
    if group.settings.approval {
        requests::create(world, id, me, me, "linked_group_join")?;
        return Ok(false);
    }
    participants::join(world, id, &[me], Some(me), Some("linked_group_join"));
    Ok(true)
}

/// `<linked_groups_participants/>`: everybody who is in any of the groups.
pub(super) fn participants_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let community = as_member(world, asked.group()?, asked.me)?;
    let groups = community.linked().into_iter().filter_map(|id| world.groups.get(id));
    let people: BTreeSet<AccountId> =
        groups.flat_map(|group| group.members.keys()).chain(community.members.keys()).copied().collect();
    let people: Vec<Node> = people.into_iter().map(|person| info::named(world, community, person).build()).collect();
    Ok(vec![node("linked_groups_participants").children(people).build()])
}
