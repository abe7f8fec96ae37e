//! Groups and communities (`w:g2`).
//!
//! Each file has the operations as plain functions, which a phone's person
//! calls as well, and the handlers that read them from a stanza. An operation
//! that is not allowed gives back a [`Refused`] with the code of the error.

pub(crate) mod community;
pub(crate) mod create;
pub(crate) mod info;
pub(crate) mod invite;
pub(crate) mod messages;
pub(crate) mod mex;
mod notify;
pub(crate) mod participants;
pub(crate) mod picture;
pub(crate) mod properties;
pub(crate) mod receipts;
pub(crate) mod requests;
pub(crate) mod roles;
pub(crate) mod settings;

use std::sync::Arc;

use wacore_binary::{Jid, Node};

use super::Request;
use crate::ids::{AccountId, DeviceRef, GroupId};
use crate::stanza::Reading as _;
use crate::world::World;
use crate::world::group::Group;

/// That an operation is not possible, with the code of the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) u32);

impl Refused {
    pub(crate) const BAD_REQUEST: Self = Self(400);
    /// The other side has blocked who asks.
    pub(crate) const NOT_AUTHORIZED: Self = Self(401);
    /// Not a member, or not an admin where one is needed.
    pub(crate) const FORBIDDEN: Self = Self(403);
    pub(crate) const NOT_FOUND: Self = Self(404);
    /// An admin has taken out who wants to join.
    pub(crate) const NOT_ALLOWED: Self = Self(405);
    pub(crate) const NOT_ACCEPTABLE: Self = Self(406);
    /// It is so already, or has changed in between.
    pub(crate) const CONFLICT: Self = Self(409);
    /// The code is not valid any more.
    pub(crate) const GONE: Self = Self(410);
    /// The group is full.
    pub(crate) const FULL: Self = Self(419);

    /// The text that goes with the code.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::BAD_REQUEST => "bad-request",
            Self::NOT_AUTHORIZED => "not-authorized",
            Self::FORBIDDEN => "forbidden",
            Self::NOT_FOUND => "item-not-found",
            Self::NOT_ALLOWED => "not-allowed",
            Self::CONFLICT => "conflict",
            Self::GONE => "gone",
            Self::FULL => "resource-limit",
            _ => "not-acceptable",
        }
    }
}

/// What a stanza asks for.
struct Asked<'a> {
    /// Who asks.
    me: AccountId,
    /// The group it is sent to; none for `@g.us`.
    to: Option<GroupId>,
    /// The element that names the operation.
    what: &'a Node,
}

impl Asked<'_> {
    /// The group it is about.
    fn group(&self) -> Result<GroupId, Refused> {
        self.to.ok_or(Refused::BAD_REQUEST)
    }
}

/// The children of the answer.
type Answer = Result<Vec<Node>, Refused>;

/// One operation, by the type of the iq and its first child.
struct Operation {
    kind: &'static str,
    tag: &'static str,
    run: fn(&mut World, &Asked<'_>) -> Answer,
}

const fn get(tag: &'static str, run: fn(&mut World, &Asked<'_>) -> Answer) -> Operation {
    Operation { kind: "get", tag, run }
}

const fn set(tag: &'static str, run: fn(&mut World, &Asked<'_>) -> Answer) -> Operation {
    Operation { kind: "set", tag, run }
}

const OPERATIONS: &[Operation] = &[
    set("create", create::asked),
    get("participating", info::participating),
    get("query", info::query),
    get("pictures", picture::several),
    set("add", participants::add_asked),
    set("remove", participants::remove_asked),
    set("promote", roles::promote_asked),
    set("demote", roles::demote_asked),
    set("leave", participants::leave_asked),
    set("subject", properties::subject_asked),
    set("description", properties::description_asked),
    set("locked", settings::switch_asked),
    set("unlocked", settings::switch_asked),
    set("announcement", settings::switch_asked),
    set("not_announcement", settings::switch_asked),
    set("no_frequently_forwarded", settings::switch_asked),
    set("frequently_forwarded_ok", settings::switch_asked),
    set("allow_admin_reports", settings::switch_asked),
    set("not_allow_admin_reports", settings::switch_asked),
    set("group_history", settings::switch_asked),
    set("no_group_history", settings::switch_asked),
    set("allow_non_admin_sub_group_creation", settings::switch_asked),
    set("not_allow_non_admin_sub_group_creation", settings::switch_asked),
    set("ephemeral", settings::ephemeral_asked),
    set("not_ephemeral", settings::ephemeral_asked),
    set("member_add_mode", settings::mode_asked),
    set("member_link_mode", settings::mode_asked),
    set("member_share_group_history_mode", settings::mode_asked),
    set("membership_approval_mode", settings::approval_asked),
    get("invite", invite::get_asked),
    set("invite", invite::set_asked),
    set("accept", invite::accept_asked),
    set("revoke", invite::withdraw_asked),
    get("membership_approval_requests", requests::list_asked),
    set("membership_requests_action", requests::decide_asked),
    set("cancel_membership_requests", requests::cancel_asked),
    set("ack", acknowledged),
    set("links", community::link_asked),
    set("unlink", community::unlink_asked),
    set("delete_parent", community::deactivate_asked),
    get("sub_groups", community::groups_asked),
    get("query_linked", community::linked_asked),
    set("join_linked_group", community::join_asked),
    get("linked_groups_participants", community::participants_asked),
];

/// `<iq xmlns="w:g2">`.
pub(crate) fn handle(world: &mut World, request: &Request<'_>) {
    let (Some(device), Some(what)) = (request.device, request.stanza.nodes().first()) else {
        return request.error(world, 400, "bad-request");
    };
    let kind = request.stanza.text_of("type");
    let Some(operation) =
        OPERATIONS.iter().find(|operation| operation.tag == what.tag && operation.kind == kind.as_ref())
    else {
        return request.error(world, 501, "feature-not-implemented");
    };
    let to = request.stanza.jid_of("to").and_then(|to| GroupId::of(&to));
    let asked = Asked { me: device.account, to, what };
    match (operation.run)(world, &asked) {
        Ok(children) => request.result(world, children),
        Err(refused) => request.error(world, refused.0, refused.text()),
    }
    world.changed();
}

/// `<ack/>`: the client has seen what happened.
fn acknowledged(_: &mut World, asked: &Asked<'_>) -> Answer {
    asked.group().map(|_| Vec::new())
}

/// A group that exists.
pub(crate) fn existing(world: &World, id: GroupId) -> Result<&Arc<Group>, Refused> {
    world.groups.get(id).ok_or(Refused::NOT_FOUND)
}

/// A group that `me` is in.
fn as_member(world: &World, id: GroupId, me: AccountId) -> Result<&Arc<Group>, Refused> {
    let group = existing(world, id)?;
    if group.role(me).is_some() { Ok(group) } else { Err(Refused::FORBIDDEN) }
}

/// A group that `me` is an admin of.
fn as_admin(world: &World, id: GroupId, me: AccountId) -> Result<&Arc<Group>, Refused> {
    let group = existing(world, id)?;
    if group.is_admin(me) { Ok(group) } else { Err(Refused::FORBIDDEN) }
}

/// A group whose subject, description, picture and timer `me` may change.
fn as_editor(world: &World, id: GroupId, me: AccountId) -> Result<&Arc<Group>, Refused> {
    let group = as_member(world, id, me)?;
    if group.settings.locked && !group.is_admin(me) { Err(Refused::FORBIDDEN) } else { Ok(group) }
}

/// The people a stanza lists, as it names them.
fn listed(node: &Node) -> Vec<Jid> {
    node.nodes().iter().filter(|child| child.tag == "participant").filter_map(|child| child.jid_of("jid")).collect()
}

impl World {
    /// How a member is called in a group.
    pub(crate) fn member_jid(&self, group: &Group, member: AccountId) -> Jid {
        self.jid(DeviceRef::phone(member), group.addressing)
    }

    /// All devices of all members.
    pub(crate) fn devices_in(&self, group: &Group) -> Vec<DeviceRef> {
        group.members.keys().flat_map(|member| self.devices_of(*member)).collect()
    }

    /// All devices of an account, the phone first.
    pub(crate) fn devices_of(&self, account: AccountId) -> Vec<DeviceRef> {
        let ids = self.accounts.get(&account).map(crate::world::account::Account::device_ids).unwrap_or_default();
        ids.into_iter().map(|device| DeviceRef { account, device }).collect()
    }
}
