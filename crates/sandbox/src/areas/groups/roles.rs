//! Who is an admin.

use super::participants::{self, Named, Outcome};
use super::{Answer, Asked, Refused, as_admin, info, notify};
use crate::ids::{AccountId, GroupId};
use crate::stanza::node;
use crate::world::World;
use crate::world::group::{Part, Role};

pub(super) fn promote_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let (id, people) = (asked.group()?, participants::named(world, asked.what)?);
    let outcomes = set_role(world, asked.me, id, people, Role::Admin)?;
    Ok(vec![participants::answer(world, id, "promote", outcomes)])
}

pub(super) fn demote_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let (id, people) = (asked.group()?, participants::named(world, asked.what)?);
    let outcomes = set_role(world, asked.me, id, people, Role::Member)?;
    Ok(vec![participants::answer(world, id, "demote", outcomes)])
}

/// Makes people admins, or no longer. Who made the group stays one.
pub(crate) fn set_role(
    world: &mut World,
    by: AccountId,
    id: GroupId,
    people: Vec<Named>,
    role: Role,
) -> Result<Vec<Outcome>, Refused> {
    let group = as_admin(world, id, by)?.clone();
    let outcomes: Vec<Outcome> = people
        .into_iter()
        .map(|who| {
            let done = match who.account.and_then(|account| group.role(account)) {
                None => Err(Refused::NOT_FOUND),
                Some(Role::SuperAdmin) if role == Role::Member => Err(Refused::FORBIDDEN),
                Some(_) => Ok(()),
            };
            Outcome::of(who, done)
        })
        .collect();
    let changed: Vec<AccountId> =
        outcomes.iter().filter(|outcome| outcome.refused.is_none()).filter_map(|outcome| outcome.who.account).collect();
    change(world, id, &changed, role, Some(by));
    // Who runs a community runs its announcements.
    let announcements = group
        .linked()
        .into_iter()
        .find(|id| world.groups.get(*id).is_some_and(|group| group.part() == Some(Part::Announcement)));
    if let Some(announcements) = announcements {
        change(world, announcements, &changed, role, Some(by));
    }
    Ok(outcomes)
}

/// Changes roles and tells everybody of those that are new.
pub(super) fn change(world: &mut World, id: GroupId, people: &[AccountId], role: Role, by: Option<AccountId>) {
    let Some(group) = world.groups.change(id) else {
        return;
    };
    let before = group.version;
    let mut changed = Vec::new();
    for person in people {
        if let Some(member) = group.members.get_mut(person)
            && member.role != role
            && member.role != Role::SuperAdmin
        {
            member.role = role;
            changed.push(*person);
        }
    }
    if changed.is_empty() {
        return;
    }
    group.version += 1;
    let Some(group) = world.groups.get(id).cloned() else {
        return;
    };
    let change = node(if role.is_admin() { "promote" } else { "demote" })
        .attr("v_id", group.version)
        .attr("prev_v_id", before)
        .children(changed.iter().map(|person| info::named(world, &group, *person).build()))
        .build();
    notify::members(world, &group, by, &change, &[]);
}
