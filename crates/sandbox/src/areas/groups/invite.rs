//! Invite links, and invitations for one person.

use wacore_binary::Node;

use super::{Answer, Asked, Refused, as_admin, as_member, existing, info, notify, participants, requests};
use crate::ids::{AccountId, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::group::{Group, MAX_MEMBERS};
use crate::world::groups::Code;

/// How long a code is, in characters.
const CODE_LENGTH: usize = 22;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A fresh code for a link or an invitation.
pub(super) fn new_code(world: &mut World) -> String {
    let random: [u8; CODE_LENGTH] = world.random();
    random.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

/// How somebody who wanted to join ended up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entered {
    Joined(GroupId),
    /// An admin has to let them in.
    Waiting(GroupId),
}

impl Entered {
    pub(crate) fn group(self) -> GroupId {
        match self {
            Self::Joined(id) | Self::Waiting(id) => id,
        }
    }

    fn into_node(self, world: &World) -> Node {
        let tag = match self {
            Self::Waiting(_) => "membership_approval_request",
            Self::Joined(id) if world.groups.get(id).is_some_and(|group| group.is_community()) => "community",
            Self::Joined(_) => "group",
        };
        node(tag).attr("jid", self.group().jid()).build()
    }
}

/// `<invite/>` of a group, or `<invite code/>`: where a code leads to.
pub(super) fn get_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    if let Some(id) = asked.to {
        let code = code(world, asked.me, id)?;
        return Ok(vec![node("invite").attr("code", code).build()]);
    }
    let group = existing(world, group_of(world, &asked.what.text_of("code"))?)?;
    Ok(vec![info::preview(world, group)])
}

/// `<invite/>`: another code for a group; `<invite code/>`: joins by it.
pub(super) fn set_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    if let Some(id) = asked.to {
        let code = reset(world, asked.me, id)?;
        return Ok(vec![node("invite").attr("code", code).build()]);
    }
    let entered = enter(world, asked.me, &asked.what.text_of("code"))?;
    Ok(vec![entered.into_node(world)])
}

/// The code of the group's link, for those who may pass it on.
pub(crate) fn code(world: &World, me: AccountId, id: GroupId) -> Result<String, Refused> {
    let group = as_member(world, id, me)?;
    if group.is_admin(me) || group.settings.all_link { Ok(group.code.clone()) } else { Err(Refused::NOT_AUTHORIZED) }
}

/// Replaces the code; the old one leads nowhere from now on.
pub(crate) fn reset(world: &mut World, by: AccountId, id: GroupId) -> Result<String, Refused> {
    as_member(world, id, by)?;
    as_admin(world, id, by).map_err(|_| Refused::NOT_AUTHORIZED)?;
    let code = new_code(world);
    world.groups.set_code(id, code.clone());
    if let Some(group) = world.groups.get(id).cloned() {
        let change = node("invite").attr("code", code.as_str()).build();
        if group.settings.all_link {
            notify::members(world, &group, Some(by), &change, &[]);
        } else {
            notify::admins(world, &group, Some(by), &change);
        }
    }
    Ok(code)
}

/// The group a code leads to.
pub(crate) fn group_of(world: &World, code: &str) -> Result<GroupId, Refused> {
    match world.groups.by_code(code) {
        Code::Valid(id) => Ok(id),
        Code::Revoked => Err(Refused::GONE),
        Code::Unknown => Err(Refused::NOT_ACCEPTABLE),
    }
}

/// Joins by the code of a link, or asks to be let in.
pub(crate) fn enter(world: &mut World, me: AccountId, code: &str) -> Result<Entered, Refused> {
    let id = group_of(world, code)?;
    let group = may_enter(world, id, me)?;
    if group.expelled.contains(&me) {
        return Err(Refused::NOT_ALLOWED);
    }
    if group.settings.approval {
        requests::create(world, id, me, me, "invite_link")?;
        return Ok(Entered::Waiting(id));
    }
    participants::join(world, id, &[me], Some(me), Some("invite"));
    Ok(Entered::Joined(id))
}

fn may_enter(world: &World, id: GroupId, me: AccountId) -> Result<&Group, Refused> {
    let group = existing(world, id)?;
    if group.role(me).is_some() {
        return Err(Refused::CONFLICT);
    }
    if group.members.len() >= MAX_MEMBERS {
        return Err(Refused::FULL);
    }
    Ok(group)
}

/// Whether an invitation for `me` is good.
pub(super) fn check(world: &World, group: &Group, me: AccountId, code: &str) -> Result<AccountId, Refused> {
    let invitation =
        group.invitations.get(&me).filter(|invitation| invitation.code == code).ok_or(Refused::NOT_FOUND)?;
    if invitation.expires_at < world.now_secs() { Err(Refused::GONE) } else { Ok(invitation.by) }
}

/// `<accept code expiration admin/>`.
pub(super) fn accept_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let entered = accept(world, asked.me, asked.group()?, &asked.what.text_of("code"))?;
    Ok(vec![entered.into_node(world)])
}

/// Joins by an invitation that was made for this person.
pub(crate) fn accept(world: &mut World, me: AccountId, id: GroupId, code: &str) -> Result<Entered, Refused> {
    let by = check(world, may_enter(world, id, me)?, me, code)?;
    participants::join(world, id, &[me], Some(by), Some("invite"));
    Ok(Entered::Joined(id))
}

/// `<revoke><participant/></revoke>`: takes invitations back.
pub(super) fn withdraw_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let (id, people) = (asked.group()?, participants::named(world, asked.what)?);
    as_admin(world, id, asked.me)?;
    let outcomes = people
        .into_iter()
        .map(|who| {
            let group = world.groups.change(id);
            let known = group.and_then(|group| group.invitations.remove(&who.account?)).is_some();
            participants::Outcome { who, refused: (!known).then_some(Refused::NOT_FOUND), invitation: None }
        })
        .collect();
    Ok(vec![participants::answer(world, id, "revoke", outcomes)])
}
