//! What a group is, as members and strangers are told.

use wacore::messages::MessageUtils;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node};

use super::{Answer, Asked, Refused, as_member, existing};
use crate::ids::{AccountId, DeviceRef, Domain, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::group::{Group, Kind, Member, Noted, Part};

/// The most groups one query may name.
const MAX_QUERIED: usize = 10_000;
/// Why messages disappear, when nobody said.
const DEFAULT_TRIGGER: u32 = 1;

/// `<participating>`: all groups of the account, in full when it asks so.
pub(super) fn participating(world: &mut World, asked: &Asked<'_>) -> Answer {
    let with_members = asked.what.child("participants").is_some();
    let groups: Vec<Node> = world
        .groups
        .of(asked.me)
        .into_iter()
        .filter_map(|id| world.groups.get(id))
        .map(|group| if with_members { full(world, group) } else { head(world, group).build() })
        .collect();
    Ok(vec![node("groups").children(groups).build()])
}

/// `<query>`: one group, or several when sent to `@g.us`.
pub(super) fn query(world: &mut World, asked: &Asked<'_>) -> Answer {
    let Some(id) = asked.to else {
        return Ok(vec![node("groups").children(several(world, asked)).build()]);
    };
    if let Some(invitation) = asked.what.child("add_request") {
        let group = existing(world, id)?;
        super::invite::check(world, group, asked.me, &invitation.text_of("code"))?;
        return Ok(vec![preview(world, group)]);
    }
    let group = as_member(world, id, asked.me)?;
    if let Some(known) = asked.what.maybe_text("phash")
        && phash(world, group).is_some_and(|current| current == known)
    {
        // Nothing has changed for who asks: no group in the answer.
        return Ok(Vec::new());
    }
    Ok(vec![full(world, group)])
}

fn several(world: &World, asked: &Asked<'_>) -> Vec<Node> {
    let named = asked.what.nodes().iter().take(MAX_QUERIED).filter_map(|group| group.jid_of("jid"));
    named
        .map(|jid| {
            let group = GroupId::of(&jid).and_then(|id| world.groups.get(id));
            let missing = |code: u32| node("group").attr("id", jid.user.as_str()).attr("error", code).build();
            match group {
                None => missing(404),
                Some(group) if group.role(asked.me).is_none() => missing(403),
                Some(group) => full(world, group),
            }
        })
        .collect()
}

/// The hash of the members' addresses, by which a client sees that what it
/// knows is up to date.
fn phash(world: &World, group: &Group) -> Option<String> {
    let members: Vec<Jid> = group.members.keys().map(|member| world.member_jid(group, *member)).collect();
    MessageUtils::participant_list_hash(&members).ok()
}

/// `<group>` with everything a member may know.
pub(super) fn full(world: &World, group: &Group) -> Node {
    let mut children: Vec<Node> =
        group.members.iter().map(|(account, member)| participant(world, group, *account, member)).collect();
    children.extend(properties(world, group));
    head(world, group).children(children).build()
}

/// `<group>` as somebody sees it who is invited: no members.
pub(super) fn preview(world: &World, group: &Group) -> Node {
    head(world, group).children(properties(world, group)).build()
}

/// `<group>` with its attributes.
pub(super) fn head(world: &World, group: &Group) -> NodeBuilder {
    let mut head = node("group")
        .attr("id", group.id.0.to_string())
        .attr("addressing_mode", group.addressing_mode())
        .attr("creation", group.created_at)
        .attr("subject", group.subject.text.as_str())
        .attr("s_t", group.subject.at)
        .attr("size", group.members.len())
        .attr("a_v_id", group.version)
        .attr("p_v_id", group.version);
    for (account, name, with_number) in [(group.creator, "creator", "creator_pn"), (group.subject.by, "s_o", "s_o_pn")]
    {
        if world.accounts.contains_key(&account) {
            head = head.attr(name, world.member_jid(group, account));
            if group.addressing == Domain::Lid {
                head = head.attr(with_number, world.jid(DeviceRef::phone(account), Domain::Pn));
            }
        }
    }
    head
}

/// `<participant>`: under the group's addressing, with the other name beside it.
pub(super) fn participant(world: &World, group: &Group, account: AccountId, member: &Member) -> Node {
    let mut participant = named(world, group, account);
    if member.role.is_admin() {
        participant = participant.attr("type", member.role.word());
    }
    participant.attr("join_time", member.joined_at).build()
}

/// `<participant jid phone_number|lid>`.
pub(super) fn named(world: &World, group: &Group, account: AccountId) -> NodeBuilder {
    let other = world.jid(DeviceRef::phone(account), group.addressing.other());
    node("participant")
        .attr("jid", world.member_jid(group, account))
        .attr(if group.addressing == Domain::Lid { "phone_number" } else { "lid" }, other)
}

pub(super) fn described(world: &World, group: &Group, description: &Noted) -> Node {
    let mut element = node("description")
        .attr("id", description.id.as_str())
        .attr("t", description.at)
        .attr("participant", world.member_jid(group, description.by));
    if group.addressing == Domain::Lid {
        element = element.attr("participant_pn", world.jid(DeviceRef::phone(description.by), Domain::Pn));
    }
    element.children([node("body").bytes(description.text.as_bytes()).build()]).build()
}

/// The children of `<group>` that say how it is set up. Texts are bytes and no
/// strings: whatsmeow reads only those.
fn properties(world: &World, group: &Group) -> Vec<Node> {
    let settings = &group.settings;
    let mut list = Vec::new();
    if let Some(description) = &group.description {
        list.push(described(world, group, description));
    }
    let switches = [
        (settings.locked, "locked"),
        (settings.announcement, "announcement"),
        (settings.no_frequently_forwarded, "no_frequently_forwarded"),
        (settings.admin_reports, "allow_admin_reports"),
        (settings.history, "group_history"),
    ];
    list.extend(switches.into_iter().filter(|(on, _)| *on).map(|(_, tag)| node(tag).build()));
    if let Some((expiration, trigger)) = settings.ephemeral {
        let trigger = trigger.unwrap_or(DEFAULT_TRIGGER);
        list.push(node("ephemeral").attr("expiration", expiration).attr("trigger", trigger).build());
    }
    if settings.approval {
        list.push(approval(true));
    }
    list.push(mode("member_add_mode", if settings.all_add { "all_member_add" } else { "admin_add" }));
    list.push(mode("member_link_mode", if settings.all_link { "all_member_link" } else { "admin_link" }));
    list.push(mode(
        "member_share_group_history_mode",
        if settings.all_share_history { "all_member_share" } else { "admin_share" },
    ));
    if settings.limit_sharing {
        list.push(node("limit_sharing_enabled").attr("trigger", DEFAULT_TRIGGER).build());
    }
    match &group.kind {
        Kind::Plain => {}
        Kind::Community { closed, open_creation, .. } => {
            let approval = if *closed { "request_required" } else { "no_approval" };
            list.push(node("parent").attr("default_membership_approval_mode", approval).build());
            if *open_creation {
                list.push(node("allow_non_admin_sub_group_creation").build());
            }
        }
        Kind::Linked { community, part } => {
            list.push(node("linked_parent").attr("jid", community.jid()).build());
            match part {
                Part::Announcement => list.push(node("default_sub_group").build()),
                Part::General => list.push(node("general_chat").build()),
                Part::Subgroup => {}
            }
        }
    }
    list
}

pub(super) fn approval(on: bool) -> Node {
    node("membership_approval_mode")
        .children([node("group_join").attr("state", if on { "on" } else { "off" }).build()])
        .build()
}

pub(super) fn mode(tag: &'static str, word: &str) -> Node {
    node(tag).bytes(word.as_bytes()).build()
}

/// The group a stanza must name in `jid` or `id`, with or without `@g.us`.
pub(super) fn group_in(element: &Node) -> Result<GroupId, Refused> {
    let named = element.maybe_text("jid").or_else(|| element.maybe_text("id")).ok_or(Refused::BAD_REQUEST)?;
    GroupId::parse(&named).or_else(|| named.parse().ok().map(GroupId)).ok_or(Refused::BAD_REQUEST)
}
