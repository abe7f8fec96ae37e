//! Who is in a group: adding, removing, leaving.

use std::collections::BTreeSet;

use wacore_binary::{Jid, Node};

use super::{Answer, Asked, Refused, as_admin, as_member, info, listed, notify, roles};
use crate::ids::{AccountId, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::group::{Group, Invitation, Kind, MAX_MEMBERS, Member, Part, Role};

/// The most people one request may name.
const MAX_NAMED: usize = MAX_MEMBERS;
/// How long an invitation is good for, in seconds: three days.
const INVITATION_SECS: u64 = 3 * 24 * 3600;

/// Somebody an operation is about, as the request names them.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) jid: Jid,
    pub(crate) account: Option<AccountId>,
}

/// What became of one person.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) who: Named,
    pub(crate) refused: Option<Refused>,
    /// Sent in place of adding somebody who does not want to be added.
    pub(crate) invitation: Option<Invitation>,
}

impl Outcome {
    pub(super) fn of(who: Named, done: Result<(), Refused>) -> Self {
        Self { who, refused: done.err(), invitation: None }
    }

    /// `<participant jid error>` of an answer.
    pub(super) fn into_node(self, world: &World, group: &Group) -> Node {
        let mut participant = match self.who.account {
            Some(account) if world.accounts.contains_key(&account) => info::named(world, group, account),
            _ => node("participant").attr("jid", self.who.jid),
        };
        if let Some(refused) = self.refused {
            participant = participant.attr("error", refused.0);
        }
        if let Some(invitation) = self.invitation {
            let request =
                node("add_request").attr("code", invitation.code).attr("expiration", invitation.expires_at).build();
            participant = participant.children([request]);
        }
        participant.build()
    }
}

/// The people a stanza lists, or an error when they are too many.
pub(super) fn named(world: &World, element: &Node) -> Result<Vec<Named>, Refused> {
    let people: Vec<Named> = listed(element).into_iter().map(|jid| Named { account: world.find(&jid), jid }).collect();
    if people.is_empty() || people.len() > MAX_NAMED { Err(Refused::BAD_REQUEST) } else { Ok(people) }
}

/// `<tag><participant/>…</tag>`, the answer to every such request.
pub(super) fn answer(world: &World, id: GroupId, tag: &'static str, outcomes: Vec<Outcome>) -> Node {
    let children: Vec<Node> = match world.groups.get(id) {
        Some(group) => outcomes.into_iter().map(|outcome| outcome.into_node(world, group)).collect(),
        None => Vec::new(),
    };
    node(tag).children(children).build()
}

pub(super) fn add_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let (id, people) = (asked.group()?, named(world, asked.what)?);
    let outcomes = add(world, asked.me, id, people)?;
    Ok(vec![answer(world, id, "add", outcomes)])
}

/// Adds people. Who has forbidden it is invited, who is added by somebody who
/// may only propose has to be let in by an admin.
pub(crate) fn add(world: &mut World, by: AccountId, id: GroupId, people: Vec<Named>) -> Result<Vec<Outcome>, Refused> {
    let group = as_member(world, id, by)?;
    let is_admin = group.is_admin(by);
    if !is_admin && !group.settings.all_add {
        return Err(Refused::FORBIDDEN);
    }
    let proposes = !is_admin && group.settings.approval;
    let mut left = MAX_MEMBERS.saturating_sub(group.members.len());
    let mut joining = Vec::new();
    let mut outcomes = Vec::with_capacity(people.len());
    for who in people {
        let mut outcome = may_be_added(world, id, by, &who);
        if outcome.is_ok() && left == 0 {
            outcome = Err(Refused::FULL);
        }
        let mut outcome = Outcome::of(who, outcome);
        match (outcome.who.account, outcome.refused) {
            (Some(account), None) if !joining.contains(&account) => {
                left -= 1;
                joining.push(account);
            }
            (Some(account), Some(Refused::FORBIDDEN)) => outcome.invitation = invite(world, by, id, account),
            _ => {}
        }
        outcomes.push(outcome);
    }
    if proposes {
        for account in joining {
            super::requests::create(world, id, account, by, "non_admin_add")?;
        }
    } else {
        join(world, id, &joining, Some(by), None);
    }
    Ok(outcomes)
}

/// Whether a person may be put into a group by another.
pub(super) fn may_be_added(world: &World, id: GroupId, by: AccountId, who: &Named) -> Result<(), Refused> {
    let account = who.account.and_then(|account| world.accounts.get(&account)).ok_or(Refused::NOT_FOUND)?;
    if world.groups.get(id).is_some_and(|group| group.role(account.id).is_some()) {
        return Err(Refused::CONFLICT);
    }
    if account.blocked.contains(&by) {
        return Err(Refused::NOT_AUTHORIZED);
    }
    match account.privacy.get("groupadd").map(String::as_str) {
        Some("none") => Err(Refused::FORBIDDEN),
        Some("contacts" | "contact_blacklist") if account.id != by && !account.contacts.contains(&by) => {
            Err(Refused::FORBIDDEN)
        }
        Some("contact_blacklist") if account.disallowed.get("groupadd").is_some_and(|out| out.contains(&by)) => {
            Err(Refused::FORBIDDEN)
        }
        _ => Ok(()),
    }
}

/// An invitation for one person, for who asks to add them to send on.
pub(super) fn invite(world: &mut World, by: AccountId, id: GroupId, account: AccountId) -> Option<Invitation> {
    let code = super::invite::new_code(world);
    let expires_at = world.now_secs() + INVITATION_SECS;
    let invitation = Invitation { code, expires_at, by };
    world.groups.change(id)?.invitations.insert(account, invitation.clone());
    Some(invitation)
}

/// Takes people in and tells everybody; those of a group of a community come
/// into the community as well. `reason` is `invite` for those who come by a
/// link.
pub(super) fn join(
    world: &mut World,
    id: GroupId,
    people: &[AccountId],
    by: Option<AccountId>,
    reason: Option<&'static str>,
) {
    let Some(before) = world.groups.get(id).cloned() else {
        return;
    };
    let people: Vec<AccountId> = people
        .iter()
        .copied()
        .filter(|person| before.role(*person).is_none())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    if people.is_empty() {
        return;
    }
    let now = world.now_secs();
    for person in &people {
        world.groups.join(id, *person, Member { role: Role::Member, joined_at: now });
    }
    let Some(after) = world.groups.get(id).cloned() else {
        return;
    };
    let mut added = node("add").attr("v_id", after.version).attr("prev_v_id", before.version);
    if let Some(reason) = reason {
        added = added.attr("reason", reason);
    }
    let added = added.children(people.iter().map(|person| info::named(world, &after, *person).build())).build();
    notify::members(world, &before, by, &added, &[]);
    notify::joined(world, &after, by, &people, (None, reason, None));
    let along: Vec<GroupId> = match &after.kind {
        Kind::Plain => Vec::new(),
        Kind::Linked { community, .. } => vec![*community],
        Kind::Community { groups, .. } => {
            let open = |id: &GroupId| world.groups.get(*id).is_some_and(|group| group.part() != Some(Part::Subgroup));
            groups.iter().copied().filter(open).collect()
        }
    };
    for other in along {
        join(world, other, &people, by, reason);
    }
}

pub(super) fn remove_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let (id, people) = (asked.group()?, named(world, asked.what)?);
    let outcomes = remove(world, asked.me, id, people)?;
    Ok(vec![answer(world, id, "remove", outcomes)])
}

/// Takes people out; out of a community means out of all its groups.
pub(crate) fn remove(
    world: &mut World,
    by: AccountId,
    id: GroupId,
    people: Vec<Named>,
) -> Result<Vec<Outcome>, Refused> {
    let group = as_admin(world, id, by)?.clone();
    let outcomes: Vec<Outcome> = people
        .into_iter()
        .map(|who| {
            let done = match who.account.and_then(|account| group.role(account)) {
                None => Err(Refused::NOT_FOUND),
                Some(Role::SuperAdmin) if who.account != Some(by) => Err(Refused::FORBIDDEN),
                Some(_) => Ok(()),
            };
            Outcome::of(who, done)
        })
        .collect();
    let removed: Vec<AccountId> =
        outcomes.iter().filter(|outcome| outcome.refused.is_none()).filter_map(|outcome| outcome.who.account).collect();
    for id in group.linked().into_iter().chain([id]) {
        if let Some(group) = world.groups.change(id) {
            group.expelled.extend(removed.iter().filter(|removed| **removed != by));
        }
        take_out(world, id, &removed, Some(by));
    }
    Ok(outcomes)
}

/// Takes people out of one group and tells everybody, them included.
pub(super) fn take_out(world: &mut World, id: GroupId, people: &[AccountId], by: Option<AccountId>) {
    let Some(before) = world.groups.get(id).cloned() else {
        return;
    };
    let gone: Vec<AccountId> = people
        .iter()
        .copied()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter(|person| before.role(*person).is_some())
        .collect();
    if gone.is_empty() {
        return;
    }
    for person in &gone {
        world.groups.leave(id, *person);
    }
    let Some(after) = world.groups.get(id).cloned() else {
        return;
    };
    let removed = node("remove")
        .attr("v_id", after.version)
        .attr("prev_v_id", before.version)
        .children(gone.iter().map(|person| info::named(world, &before, *person).build()))
        .build();
    notify::members(world, &after, by, &removed, &gone);
    if after.members.is_empty() && !after.is_community() {
        return world.groups.remove(id);
    }
    if after.admins().next().is_none() {
        // Somebody has to keep the keys: whoever has been there longest.
        let eldest = after.members.iter().min_by_key(|(id, member)| (member.joined_at, **id)).map(|(id, _)| *id);
        roles::change(world, id, &Vec::from_iter(eldest), Role::Admin, None);
    }
}

/// `<leave><group id/></leave>`, or `<community id/>`.
pub(super) fn leave_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let groups = asked.what.nodes().iter().map(info::group_in).collect::<Result<Vec<_>, _>>()?;
    if groups.is_empty() {
        return Err(Refused::BAD_REQUEST);
    }
    let mut left = Vec::new();
    for id in groups {
        let done = leave(world, asked.me, id);
        let mut element = node("group").attr("id", id.jid());
        if let Err(refused) = done {
            element = element.attr("error", refused.0);
        }
        left.push(element.build());
    }
    Ok(vec![node("leave").children(left).build()])
}

/// Leaves a group; a community with all its groups.
pub(crate) fn leave(world: &mut World, me: AccountId, id: GroupId) -> Result<(), Refused> {
    let group = as_member(world, id, me)?.clone();
    for id in group.linked().into_iter().chain([id]) {
        take_out(world, id, &[me], Some(me));
    }
    Ok(())
}

/// An account is gone: so it is from all its groups.
pub(crate) fn account_removed(world: &mut World, account: AccountId) {
    for id in world.groups.of(account) {
        take_out(world, id, &[account], Some(account));
    }
}

/// A member has another number.
pub(crate) fn renumbered(world: &mut World, account: AccountId) {
    for id in world.groups.of(account) {
        let Some(group) = world.groups.get(id).cloned() else {
            continue;
        };
        let change = node("modify").children([info::named(world, &group, account).build()]).build();
        notify::members(world, &group, Some(account), &change, &[]);
    }
}
