//! Answers as the document shows them.

use sparkbot_core::groups::{
    CreatedGroup, Invite, JoinedGroup, ParticipantInvitation, ParticipantResult, PendingMember,
};
use sparkbot_core::views::{Group, GroupParticipant, GroupPermissions};

use super::ParticipantResults;

pub(super) const GROUP: &str = "120363012345678901@g.us";
const CODE: &str = "AbCdEfGhIjKlMnOpQrStUv";
const NOON: &str = "2026-01-31T12:00:00.000Z";
const LATER: &str = "2026-01-31T12:00:04.250Z";
const OWN: &str = "16001234560@c.us";

fn text(text: &str) -> String {
    text.to_owned()
}

pub(super) fn listed() -> Group {
    Group {
        id: text(GROUP),
        wid: text(GROUP),
        kind: text("group"),
        name: text("Launch team"),
        description: Some(text("Spring launch")),
        image_url: None,
        owner: Some(text(OWN)),
        created_at: Some(text(NOON)),
        last_message_at: Some(text(LATER)),
        last_sync_at: text(LATER),
        updated_at: text(LATER),
        unread_count: 2,
        is_archive: false,
        is_read_only: false,
        is_pinned: false,
        is_community_announce: false,
        community_parent_group: None,
        is_suspended: false,
        invite_code: Some(text(CODE)),
        invite_link: Some(format!("https://chat.whatsapp.com/{CODE}")),
        total_participants: 2,
        role: Some(text("owner")),
        permissions: GroupPermissions { edit: "admins", send: "all", invite: "all", approval: true },
        ephemeral: text("7d"),
        participants: None,
    }
}

pub(super) fn participant() -> GroupParticipant {
    GroupParticipant {
        chat_wid: text(GROUP),
        wid: text("16001234561@c.us"),
        phone: Some(text("+16001234561")),
        lid: Some(text("100000000000002@lid")),
        name: Some(text("Ben")),
        is_admin: true,
        is_super_admin: false,
        is_contact: true,
        is_chat_active: true,
        joined_at: Some(text(NOON)),
        synced_at: text(LATER),
        contact: None,
    }
}

pub(super) fn group() -> Group {
    let own = GroupParticipant {
        wid: text(OWN),
        phone: Some(text("+16001234560")),
        lid: Some(text("100000000000001@lid")),
        name: Some(text("Support")),
        is_super_admin: true,
        is_contact: false,
        is_chat_active: false,
        ..participant()
    };
    Group { participants: Some(vec![own, participant()]), ..listed() }
}

fn result(phone: &str, status: &str) -> ParticipantResult {
    ParticipantResult {
        wid: format!("{}@c.us", phone.trim_start_matches('+')),
        phone: Some(text(phone)),
        status: text(status),
        error_code: None,
        message: None,
        invitation: None,
    }
}

fn refused() -> ParticipantResult {
    ParticipantResult {
        error_code: Some(text("participant:not_allowed")),
        message: Some(text(
            "WhatsApp does not allow it: the person lets only some people add them, or the number may not do it.",
        )),
        invitation: Some(ParticipantInvitation { code: text(CODE), expires_at: text("2026-02-03T12:00:00.000Z") }),
        ..result("+16001234562", "failed")
    }
}

fn results(participants: Vec<ParticipantResult>) -> ParticipantResults {
    ParticipantResults { id: text(GROUP), participants }
}

pub(super) fn created() -> CreatedGroup {
    CreatedGroup { group: group(), refused: vec![refused()], warnings: Vec::new() }
}

pub(super) fn added() -> ParticipantResults {
    results(vec![result("+16001234561", "added"), refused()])
}

pub(super) fn promoted() -> ParticipantResults {
    results(vec![result("+16001234561", "promoted")])
}

pub(super) fn removed() -> ParticipantResults {
    results(vec![result("+16001234561", "removed")])
}

pub(super) fn approved() -> ParticipantResults {
    results(vec![result("+16001234563", "approved")])
}

pub(super) fn rejected() -> ParticipantResults {
    results(vec![result("+16001234563", "rejected")])
}

pub(super) fn pending() -> PendingMember {
    PendingMember {
        wid: text("16001234563@c.us"),
        phone: Some(text("+16001234563")),
        lid: Some(text("100000000000004@lid")),
        name: Some(text("Carol")),
        requested_at: Some(text(NOON)),
    }
}

pub(super) fn invite() -> Invite {
    Invite { id: text(GROUP), code: text(CODE), url: format!("https://chat.whatsapp.com/{CODE}") }
}

pub(super) fn joined() -> JoinedGroup {
    JoinedGroup { id: text(GROUP), status: "joined", group: Some(group()) }
}
