//! What has happened in a group.

use sparkbot_network::group::{Member, Role, Someone};
use sparkbot_network::{GroupNews, GroupReport, Report};
use whatsapp_rust::types::events::{GroupUpdate, PictureUpdate};
use whatsapp_rust::wacore::stanza::groups::{
    GroupNotificationAction as Action, GroupParticipantInfo, GroupParticipantType,
};
use whatsapp_rust::{Client, Jid};

use super::someone;
use crate::address;

/// A change that the client was told of; `None` for what nobody sees.
pub(crate) async fn changed(client: &Client, update: &GroupUpdate) -> Option<Report> {
    let by = match &update.participant {
        Some(jid) => someone(client, jid, update.participant_pn.as_ref()).await,
        None => None,
    };
    let news = if update.has_incomplete_participant_information {
        GroupNews::Stale
    } else {
        news(client, &update.action, by.as_ref()).await?
    };
    let group = address::wid(&update.group_jid)?;
    Some(Report::Group(GroupReport { group, by, at: update.timestamp.timestamp_millis(), news }))
}

/// A group's picture is another one, or gone.
pub(crate) async fn picture(client: &Client, update: &PictureUpdate) -> Option<Report> {
    let group = address::wid(&update.jid)?;
    let by = match &update.author {
        Some(jid) => someone(client, jid, None).await,
        None => None,
    };
    let news = GroupNews::Picture { removed: update.removed };
    Some(Report::Group(GroupReport { group, by, at: update.timestamp.timestamp_millis(), news }))
}

async fn news(client: &Client, action: &Action, by: Option<&Someone>) -> Option<GroupNews> {
    Some(match action {
        Action::Subject { subject, .. } => GroupNews::Name(subject.clone()),
        Action::Description { description, .. } => {
            GroupNews::Description(description.clone().filter(|text| !text.is_empty()))
        }
        Action::Locked { .. } => GroupNews::AdminsEdit(true),
        Action::Unlocked => GroupNews::AdminsEdit(false),
        Action::Announce => GroupNews::AdminsSend(true),
        Action::NotAnnounce => GroupNews::AdminsSend(false),
        Action::MemberAddMode { mode } => GroupNews::AdminsInvite(mode == "admin_add"),
        Action::MembershipApprovalMode { enabled } => GroupNews::Approval(*enabled),
        Action::Ephemeral { expiration, .. } => GroupNews::Ephemeral(*expiration),
        Action::Suspended => GroupNews::Suspended(true),
        Action::Unsuspended => GroupNews::Suspended(false),
        Action::Add { participants, .. } => GroupNews::Added(members(client, participants).await),
        Action::Remove { participants, .. } => GroupNews::Removed(people(client, participants).await),
        Action::Promote { participants } => GroupNews::Roles(people(client, participants).await, Role::Admin),
        Action::Demote { participants } => GroupNews::Roles(people(client, participants).await, Role::Member),
        Action::CreatedMembershipRequests { requests, .. } => GroupNews::Asking(people(client, requests).await),
        Action::MembershipApprovalRequest { .. } => GroupNews::Asking(vec![by?.clone()]),
        Action::RevokedMembershipRequests { participants } => GroupNews::NotAsking(named(client, participants).await),
        Action::Invite { code } => GroupNews::InviteCode(Some(code.clone()).filter(|code| !code.is_empty())),
        Action::RevokeInvite => GroupNews::InviteCode(None),
        Action::Delete { .. } => GroupNews::Deleted,
        Action::Create { .. } | Action::Modify { .. } | Action::Link { .. } | Action::Unlink { .. } => GroupNews::Stale,
        _ => return None,
    })
}

async fn people(client: &Client, told: &[GroupParticipantInfo]) -> Vec<Someone> {
    let mut people = Vec::with_capacity(told.len());
    for person in told {
        people.extend(someone(client, &person.jid, person.phone_number.as_ref().or(person.lid.as_ref())).await);
    }
    people
}

async fn members(client: &Client, told: &[GroupParticipantInfo]) -> Vec<Member> {
    let mut members = Vec::with_capacity(told.len());
    for person in told {
        let other = person.phone_number.as_ref().or(person.lid.as_ref());
        let Some(who) = someone(client, &person.jid, other).await else { continue };
        let role = match person.r#type {
            Some(GroupParticipantType::Admin) => Role::Admin,
            Some(GroupParticipantType::SuperAdmin) => Role::SuperAdmin,
            _ => Role::Member,
        };
        let joined_at = person.join_time.and_then(|s| i64::try_from(s).ok()).map(|s| s * 1000);
        members.push(Member { who, role, joined_at });
    }
    members
}

async fn named(client: &Client, jids: &[Jid]) -> Vec<Someone> {
    let mut people = Vec::with_capacity(jids.len());
    for jid in jids {
        people.extend(someone(client, jid, None).await);
    }
    people
}
