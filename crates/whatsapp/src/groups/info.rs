//! What a group is.

use sparkbot_network::group::{GroupFacts, GroupInfo, GroupKind, Member, Role};
use sparkbot_network::wid::Wid;
use whatsapp_rust::wacore::iq::groups::ParticipantType;
use whatsapp_rust::{Client, GroupMetadata, Jid};

use super::someone;
use crate::address;

/// The client's description of a group; `None` when its id is none.
pub(super) async fn info(client: &Client, group: GroupMetadata, admins_invite: bool) -> Option<GroupInfo> {
    let millis =
        |seconds: Option<u64>| seconds.and_then(|s| i64::try_from(s).ok()).filter(|s| *s > 0).map(|s| s * 1000);
    let kind = if group.is_parent_group {
        GroupKind::Community
    } else if group.is_default_sub_group {
        GroupKind::Announcements
    } else if group.is_general_chat {
        GroupKind::General
    } else {
        GroupKind::Group
    };
    let facts = GroupFacts {
        wid: address::wid(&group.id)?,
        kind,
        name: group.subject,
        name_at: millis(group.subject_time),
        community: group.parent_group_jid.as_ref().and_then(address::wid),
        owner: person(client, group.creator.as_ref(), group.creator_pn.as_ref()).await,
        created_at: millis(group.creation_time),
        description: group.description.filter(|text| !text.is_empty()),
        description_by: person(client, group.description_owner.as_ref(), group.description_owner_pn.as_ref()).await,
        description_at: millis(group.description_time),
        admins_edit: group.is_locked,
        admins_send: group.is_announcement,
        admins_invite,
        approval: group.membership_approval || group.parent_membership_approval_required,
        ephemeral_seconds: group.ephemeral.and_then(|timer| timer.expiration).unwrap_or(0),
        suspended: group.is_suspended,
    };
    let mut members = Vec::with_capacity(group.participants.len());
    for participant in &group.participants {
        let told = participant.phone_number.as_ref().or(participant.lid.as_ref());
        let Some(who) = someone(client, &participant.jid, told).await else { continue };
        let role = match participant.participant_type {
            ParticipantType::Member => Role::Member,
            ParticipantType::Admin => Role::Admin,
            ParticipantType::SuperAdmin => Role::SuperAdmin,
        };
        let joined_at = millis(participant.details.as_ref().and_then(|details| details.join_time));
        members.push(Member { who, role, joined_at });
    }
    Some(GroupInfo { facts, members })
}

async fn person(client: &Client, jid: Option<&Jid>, told: Option<&Jid>) -> Option<Wid> {
    Some(someone(client, jid?, told).await?.wid)
}
