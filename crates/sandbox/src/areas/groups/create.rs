//! Making groups and communities.

use std::collections::{BTreeMap, BTreeSet};

use wacore_binary::Node;

use super::participants::{self, Named, Outcome};
use super::{Answer, Asked, Refused, as_member, info, listed, notify};
use crate::ids::{AccountId, Domain, GroupId};
use crate::stanza::Reading as _;
use crate::world::World;
use crate::world::group::{
    Group, Kind, MAX_DESCRIPTION, MAX_LINKED, MAX_MEMBERS, MAX_SUBJECT, Member, Noted, Part, Role, Settings,
};
use crate::world::groups::MAX_GROUPS;

/// How ids of groups begin: the first of them all.
const FIRST_ID: u64 = 120_363_000_000_000_000;
/// And how many there may be.
const IDS: u64 = 1_000_000_000_000;
/// What a community's general chat is called.
const GENERAL: &str = "General";

/// A group that is wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) subject: String,
    pub(crate) people: Vec<Named>,
    pub(crate) settings: Settings,
    /// The id by which it is changed later, and the text.
    pub(crate) description: Option<(String, String)>,
    /// Of the client's choice, to recognise the group in the notification.
    pub(crate) key: Option<String>,
    /// How members are called; as the sandbox is set up when absent.
    pub(crate) addressing: Option<Domain>,
    pub(crate) community: Option<Community>,
    /// The community it is made in.
    pub(crate) parent: Option<GroupId>,
}

/// That the wanted group is a community.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Community {
    pub(crate) closed: bool,
    pub(crate) open_creation: bool,
    pub(crate) general_chat: bool,
}

pub(super) fn asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let wanted = wanted(world, asked.what)?;
    let (id, refused) = create(world, asked.me, wanted)?;
    let Some(group) = world.groups.get(id) else {
        return Err(Refused::NOT_FOUND);
    };
    let mut answer = info::full(world, group);
    if let Some(wacore_binary::NodeContent::Nodes(children)) = &mut answer.content {
        children.extend(refused.into_iter().map(|outcome| outcome.into_node(world, group)));
    }
    Ok(vec![answer])
}

/// Reads `<create>`.
fn wanted(world: &World, element: &Node) -> Result<Wanted, Refused> {
    let people = listed(element).into_iter().map(|jid| Named { account: world.find(&jid), jid }).collect();
    let word = |tag: &str| String::from_utf8_lossy(element.body_of(tag)).into_owned();
    let has = |tag: &str| element.child(tag).is_some();
    let ephemeral = element.child("ephemeral").and_then(|ephemeral| {
        let seconds = ephemeral.number_of("expiration").and_then(|seconds| u32::try_from(seconds).ok())?;
        let trigger = ephemeral.number_of("trigger").and_then(|trigger| u32::try_from(trigger).ok());
        (seconds > 0).then_some((seconds, trigger))
    });
    let approval = element.child("membership_approval_mode").and_then(|mode| mode.child("group_join"));
    let parent = element.child("linked_parent").map(info::group_in).transpose()?;
    let community = element.child("parent").filter(|_| parent.is_none()).map(|community| Community {
        closed: community.text_of("default_membership_approval_mode") == "request_required",
        open_creation: has("allow_non_admin_sub_group_creation"),
        general_chat: has("create_general_chat"),
    });
    let description = element.child("description").map(|description| {
        (description.text_of("id").into_owned(), String::from_utf8_lossy(description.body_of("body")).into_owned())
    });
    Ok(Wanted {
        subject: element.text_of("subject").into_owned(),
        people,
        settings: Settings {
            locked: has("locked"),
            announcement: has("announcement"),
            ephemeral,
            approval: approval.is_some_and(|approval| approval.text_of("state") == "on"),
            // Members may add others unless it is said otherwise.
            all_add: word("member_add_mode") != "admin_add",
            all_link: word("member_link_mode") == "all_member_link",
            all_share_history: word("member_share_group_history_mode") == "all_member_share",
            ..Settings::default()
        },
        description: description.filter(|(_, text)| !text.is_empty()),
        key: element.maybe_text("key"),
        addressing: None,
        community,
        parent,
    })
}

/// Makes a group, with the announcements and the general chat of a community.
/// Gives back its id and who could not be added.
pub(crate) fn create(world: &mut World, by: AccountId, wanted: Wanted) -> Result<(GroupId, Vec<Outcome>), Refused> {
    let subject = wanted.subject.trim();
    let description_too_long =
        wanted.description.as_ref().is_some_and(|(_, text)| text.chars().count() > MAX_DESCRIPTION);
    if subject.is_empty() || subject.chars().count() > MAX_SUBJECT || description_too_long {
        return Err(Refused::NOT_ACCEPTABLE);
    }
    if wanted.people.len() >= MAX_MEMBERS || world.groups.len() + 3 > MAX_GROUPS {
        return Err(Refused::FULL);
    }
    if let Some(parent) = wanted.parent {
        let community = as_member(world, parent, by)?;
        let Kind::Community { open_creation, groups, .. } = &community.kind else {
            return Err(Refused::BAD_REQUEST);
        };
        if !open_creation && !community.is_admin(by) {
            return Err(Refused::FORBIDDEN);
        }
        if groups.len() >= MAX_LINKED {
            return Err(Refused::NOT_ACCEPTABLE);
        }
    }
    let (mut people, mut refused) = (BTreeSet::new(), Vec::new());
    for who in wanted.people {
        if who.account == Some(by) {
            continue;
        }
        match (who.account, participants::may_be_added(world, GroupId(0), by, &who)) {
            (Some(account), Ok(())) => {
                people.insert(account);
            }
            (_, done) => refused.push(Outcome { who, refused: done.err(), invitation: None }),
        }
    }
    let kind = match (wanted.parent, wanted.community) {
        (Some(community), _) => Kind::Linked { community, part: Part::Subgroup },
        (None, Some(Community { closed, open_creation, .. })) => {
            Kind::Community { closed, open_creation, groups: BTreeSet::new() }
        }
        (None, None) => Kind::Plain,
    };
    let id = made(world, by, subject, &people, wanted.settings, kind, wanted.addressing);
    let now = world.now_secs();
    if let (Some((text_id, text)), Some(group)) = (wanted.description, world.groups.change(id)) {
        group.description = Some(Noted { id: text_id, text, by, at: now });
    }
    for outcome in &mut refused {
        if let (Some(account), Some(Refused::FORBIDDEN)) = (outcome.who.account, outcome.refused) {
            outcome.invitation = participants::invite(world, by, id, account);
        }
    }
    let mut new = vec![id];
    if let Some(community) = wanted.community {
        let announcements = Settings { announcement: true, locked: true, ..Settings::default() };
        let mut parts = vec![(Part::Announcement, subject, announcements)];
        if community.general_chat {
            parts.push((Part::General, GENERAL, Settings { all_add: true, ..Settings::default() }));
        }
        for (part, subject, settings) in parts {
            let kind = Kind::Linked { community: id, part };
            let linked = made(world, by, subject, &people, settings, kind, wanted.addressing);
            link(world, id, linked);
            new.push(linked);
        }
    }
    for id in new {
        if let Some(group) = world.groups.get(id).cloned() {
            let members: Vec<AccountId> = group.members.keys().copied().collect();
            notify::joined(world, &group, Some(by), &members, (Some("new"), None, wanted.key.as_deref()));
        }
    }
    if let Some(parent) = wanted.parent {
        super::community::linked(world, parent, id, by);
    }
    world.changed();
    Ok((id, refused))
}

/// Notes in a community that a group belongs to it.
pub(super) fn link(world: &mut World, community: GroupId, id: GroupId) {
    if let Some(Group { kind: Kind::Community { groups, .. }, .. }) = world.groups.change(community) {
        groups.insert(id);
    }
}

fn made(
    world: &mut World,
    by: AccountId,
    subject: &str,
    people: &BTreeSet<AccountId>,
    settings: Settings,
    kind: Kind,
    addressing: Option<Domain>,
) -> GroupId {
    use rand::Rng as _;
    let id = loop {
        let id = GroupId(FIRST_ID + world.rng.next_u64() % IDS);
        if world.groups.get(id).is_none() {
            break id;
        }
    };
    let now = world.now_secs();
    let code = super::invite::new_code(world);
    let mut members: BTreeMap<AccountId, Member> =
        people.iter().map(|person| (*person, Member { role: Role::Member, joined_at: now })).collect();
    members.insert(by, Member { role: Role::SuperAdmin, joined_at: now });
    world.groups.insert(Group {
        id,
        addressing: addressing.unwrap_or_else(|| world.timing.addressing.into()),
        creator: by,
        created_at: now,
        subject: Noted { id: String::new(), text: subject.to_owned(), by, at: now },
        description: None,
        picture: None,
        members,
        settings,
        kind,
        code,
        requests: BTreeMap::new(),
        invitations: BTreeMap::new(),
        expelled: BTreeSet::new(),
        version: 1,
    });
    id
}
