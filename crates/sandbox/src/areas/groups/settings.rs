//! The switches of a group.

use wacore_binary::Node;

use super::{Answer, Asked, Refused, as_admin, as_editor, info, notify};
use crate::ids::{AccountId, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::group::{Group, Kind};

/// The longest time after which messages disappear, in seconds: one year.
const MAX_EPHEMERAL: u32 = 365 * 24 * 3600;
/// What may be given as the cause of a timer.
const MAX_TRIGGER: u32 = 20;

/// One change of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Locked(bool),
    Announcement(bool),
    NoFrequentlyForwarded(bool),
    AdminReports(bool),
    History(bool),
    OpenCreation(bool),
    /// Seconds, and what switched it on; off when absent.
    Ephemeral(Option<(u32, Option<u32>)>),
    AllAdd(bool),
    AllLink(bool),
    AllShareHistory(bool),
    Approval(bool),
    LimitSharing(bool),
}

pub(super) fn switch_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let change = match asked.what.tag.as_ref() {
        "locked" => Change::Locked(true),
        "unlocked" => Change::Locked(false),
        "announcement" => Change::Announcement(true),
        "not_announcement" => Change::Announcement(false),
        "no_frequently_forwarded" => Change::NoFrequentlyForwarded(true),
        "frequently_forwarded_ok" => Change::NoFrequentlyForwarded(false),
        "allow_admin_reports" => Change::AdminReports(true),
        "not_allow_admin_reports" => Change::AdminReports(false),
        "group_history" => Change::History(true),
        "no_group_history" => Change::History(false),
        "allow_non_admin_sub_group_creation" => Change::OpenCreation(true),
        "not_allow_non_admin_sub_group_creation" => Change::OpenCreation(false),
        _ => return Err(Refused::BAD_REQUEST),
    };
    set(world, asked.me, asked.group()?, change)?;
    Ok(Vec::new())
}

pub(super) fn ephemeral_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let number = |name: &str| asked.what.number_of(name).and_then(|number| u32::try_from(number).ok());
    let ephemeral = match asked.what.tag.as_ref() {
        "ephemeral" => Some((number("expiration").ok_or(Refused::BAD_REQUEST)?, number("trigger"))),
        _ => None,
    };
    set(world, asked.me, asked.group()?, Change::Ephemeral(ephemeral.filter(|(seconds, _)| *seconds > 0)))?;
    Ok(Vec::new())
}

pub(super) fn mode_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let change = match (asked.what.tag.as_ref(), asked.what.body()) {
        ("member_add_mode", b"all_member_add") => Change::AllAdd(true),
        ("member_add_mode", b"admin_add") => Change::AllAdd(false),
        ("member_link_mode", b"all_member_link") => Change::AllLink(true),
        ("member_link_mode", b"admin_link") => Change::AllLink(false),
        ("member_share_group_history_mode", b"all_member_share") => Change::AllShareHistory(true),
        ("member_share_group_history_mode", b"admin_share") => Change::AllShareHistory(false),
        _ => return Err(Refused::BAD_REQUEST),
    };
    set(world, asked.me, asked.group()?, change)?;
    Ok(Vec::new())
}

pub(super) fn approval_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let state = asked.what.child("group_join").map(|join| join.text_of("state").into_owned());
    let change = match state.as_deref() {
        Some("on") => Change::Approval(true),
        Some("off") => Change::Approval(false),
        _ => return Err(Refused::BAD_REQUEST),
    };
    set(world, asked.me, asked.group()?, change)?;
    Ok(Vec::new())
}

/// Changes a switch and tells all members.
pub(crate) fn set(world: &mut World, by: AccountId, id: GroupId, change: Change) -> Result<(), Refused> {
    match change {
        // The timer is group info like the subject, not an admin's matter.
        Change::Ephemeral(_) => as_editor(world, id, by)?,
        _ => as_admin(world, id, by)?,
    };
    if let Change::Ephemeral(Some((seconds, trigger))) = change
        && (seconds > MAX_EPHEMERAL || trigger.is_some_and(|trigger| trigger > MAX_TRIGGER))
    {
        return Err(Refused::BAD_REQUEST);
    }
    let Some(group) = world.groups.change(id) else {
        return Err(Refused::NOT_FOUND);
    };
    apply(group, change)?;
    let told = told(group, change);
    if change == Change::Approval(false) {
        // Nobody has to wait for what is not needed any more.
        super::requests::let_all_in(world, id, by);
    }
    if let Some(group) = world.groups.get(id).cloned() {
        notify::members(world, &group, Some(by), &told, &[]);
    }
    Ok(())
}

fn apply(group: &mut Group, change: Change) -> Result<(), Refused> {
    let settings = &mut group.settings;
    match change {
        Change::Locked(on) => settings.locked = on,
        Change::Announcement(on) => settings.announcement = on,
        Change::NoFrequentlyForwarded(on) => settings.no_frequently_forwarded = on,
        Change::AdminReports(on) => settings.admin_reports = on,
        Change::History(on) => settings.history = on,
        Change::Ephemeral(ephemeral) => settings.ephemeral = ephemeral,
        Change::AllAdd(on) => settings.all_add = on,
        Change::AllLink(on) => settings.all_link = on,
        Change::AllShareHistory(on) => settings.all_share_history = on,
        Change::Approval(on) => settings.approval = on,
        Change::LimitSharing(on) => settings.limit_sharing = on,
        Change::OpenCreation(on) => match &mut group.kind {
            Kind::Community { open_creation, .. } => *open_creation = on,
            Kind::Plain | Kind::Linked { .. } => return Err(Refused::BAD_REQUEST),
        },
    }
    Ok(())
}

/// The change as a notification has it.
fn told(group: &Group, change: Change) -> Node {
    let one_of = |on: bool, yes: &'static str, no: &'static str| node(if on { yes } else { no }).build();
    match change {
        Change::Locked(on) => one_of(on, "locked", "unlocked"),
        Change::Announcement(on) => {
            node(if on { "announcement" } else { "not_announcement" }).attr("v_id", group.version).build()
        }
        Change::NoFrequentlyForwarded(on) => one_of(on, "no_frequently_forwarded", "frequently_forwarded_ok"),
        Change::AdminReports(on) => one_of(on, "allow_admin_reports", "not_allow_admin_reports"),
        Change::History(on) => one_of(on, "group_history", "no_group_history"),
        Change::OpenCreation(on) => {
            one_of(on, "allow_non_admin_sub_group_creation", "not_allow_non_admin_sub_group_creation")
        }
        Change::Ephemeral(Some((seconds, trigger))) => {
            let mut timer = node("ephemeral").attr("expiration", seconds);
            if let Some(trigger) = trigger {
                timer = timer.attr("trigger", trigger);
            }
            timer.build()
        }
        Change::Ephemeral(None) => node("not_ephemeral").build(),
        Change::AllAdd(on) => info::mode("member_add_mode", if on { "all_member_add" } else { "admin_add" }),
        Change::AllLink(on) => info::mode("member_link_mode", if on { "all_member_link" } else { "admin_link" }),
        Change::AllShareHistory(on) => {
            info::mode("member_share_group_history_mode", if on { "all_member_share" } else { "admin_share" })
        }
        Change::Approval(on) => info::approval(on),
        Change::LimitSharing(on) => one_of(on, "limit_sharing_enabled", "limit_sharing_disabled"),
    }
}
