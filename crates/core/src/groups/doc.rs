//! A group between its row and its facts, and how it is shown.

use serde::{Deserialize, Serialize};
use sparkbot_store::rows::{ChatRow, GroupRow};

use crate::clock::iso;
use crate::error::{Error, Result};
use crate::network::Millis;
use crate::network::group::{GroupFacts, GroupKind, GroupPicture, Role};
use crate::views::{ChatGroup, Group, GroupPermissions};

/// Where a group's link leads.
pub(super) const LINK: &str = "https://chat.whatsapp.com/";

/// What is kept of a group besides its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Doc {
    /// What WhatsApp says of it.
    #[serde(flatten)]
    pub(super) facts: GroupFacts,
    /// Its picture.
    #[serde(default)]
    pub(super) picture: Option<GroupPicture>,
    /// The code of its link, as last heard.
    #[serde(default)]
    pub(super) invite_code: Option<String>,
}

/// A group as it stands.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) doc: Doc,
    pub(super) size: i64,
    /// What the number may do in it; `None` when it is no longer in it.
    pub(super) role: Option<Role>,
    pub(super) synced_at: Millis,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
}

impl State {
    /// From its row.
    pub(super) fn read(row: &GroupRow) -> Result<Self> {
        Ok(Self {
            doc: serde_json::from_str(&row.doc).map_err(Error::internal)?,
            size: row.size,
            role: row.role.as_deref().map(role),
            synced_at: row.synced_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }

    /// For its row.
    pub(super) fn row(&self) -> Result<GroupRow> {
        let facts = &self.doc.facts;
        Ok(GroupRow {
            wid: facts.wid.to_string(),
            kind: kind_word(facts.kind).to_owned(),
            name: facts.name.clone(),
            size: self.size,
            role: self.role.map(|role| role_word(role).to_owned()),
            doc: serde_json::to_string(&self.doc).map_err(Error::internal)?,
            synced_at: self.synced_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }

    /// As the outside sees it, with what its chat adds.
    pub(super) fn view(&self, chat: Option<&ChatRow>) -> Group {
        let facts = &self.doc.facts;
        let admin = self.role >= Some(Role::Admin);
        Group {
            id: facts.wid.to_string(),
            wid: facts.wid.to_string(),
            kind: if facts.kind == GroupKind::Community { "community" } else { "group" }.to_owned(),
            name: facts.name.clone(),
            description: facts.description.clone(),
            image_url: self.doc.picture.as_ref().and_then(|picture| picture.url.clone()),
            owner: facts.owner.as_ref().map(ToString::to_string),
            created_at: facts.created_at.map(iso),
            last_message_at: chat.map(|chat| iso(chat.last_message_at)),
            last_sync_at: iso(self.synced_at),
            updated_at: iso(self.updated_at),
            unread_count: chat.map_or(0, |chat| chat.unread),
            is_archive: chat.is_some_and(|chat| chat.archived == 1),
            is_read_only: self.role.is_none()
                || facts.suspended
                || facts.kind == GroupKind::Community
                || (facts.admins_send && !admin),
            is_pinned: chat.is_some_and(|chat| chat.pinned_at.is_some()),
            is_community_announce: facts.kind == GroupKind::Announcements,
            community_parent_group: facts.community.as_ref().map(ToString::to_string),
            is_suspended: facts.suspended,
            invite_link: self.doc.invite_code.as_ref().map(|code| format!("{LINK}{code}")),
            invite_code: self.doc.invite_code.clone(),
            total_participants: self.size,
            role: self.role.map(|role| shown_role(role).to_owned()),
            permissions: GroupPermissions {
                edit: who(facts.admins_edit),
                send: who(facts.admins_send),
                invite: who(facts.admins_invite),
                approval: facts.approval,
            },
            ephemeral: timer(facts.ephemeral_seconds),
            participants: None,
        }
    }

    /// What a chat shows of it.
    pub(super) fn chat_view(&self) -> ChatGroup {
        let facts = &self.doc.facts;
        let shown = |wid: &Option<crate::wid::Wid>| wid.as_ref().map(ToString::to_string);
        ChatGroup {
            synced_at: iso(self.synced_at),
            owner: shown(&facts.owner),
            description: facts.description.clone(),
            community: shown(&facts.community),
            is_community_announce: facts.kind == GroupKind::Announcements,
            image_url: self.doc.picture.as_ref().and_then(|picture| picture.url.clone()),
            total_participants: self.size,
            membership_approval: facts.approval,
            membership_invite: !facts.admins_invite,
            announce: facts.admins_send,
            restrict: facts.admins_edit,
            subject_updated_at: facts.name_at.map(iso),
            description_owner: shown(&facts.description_by),
            description_updated_at: facts.description_at.map(iso),
            participants: None,
        }
    }
}

/// `all` or `admins`.
pub(super) fn who(admins_only: bool) -> &'static str {
    if admins_only { "admins" } else { "all" }
}

/// A timer as the API writes it.
pub(super) fn timer(seconds: u32) -> String {
    match TIMERS.iter().find(|(_, known)| *known == seconds) {
        Some((word, _)) => (*word).to_owned(),
        None => format!("{seconds}s"),
    }
}

/// Timers that the API knows by name.
pub(super) const TIMERS: &[(&str, u32)] = &[("off", 0), ("24h", 86_400), ("7d", 604_800), ("90d", 7_776_000)];

fn kind_word(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Group => "group",
        GroupKind::Community => "community",
        GroupKind::Announcements => "announcements",
        GroupKind::General => "general",
    }
}

/// Kinds of rows that the API calls by a word.
pub(super) fn kinds_shown_as(word: &str) -> &'static [&'static str] {
    match word {
        "group" => &["group", "announcements", "general"],
        "community" => &["community"],
        // WhatsApp tells linked devices of no broadcast lists.
        _ => &[],
    }
}

pub(super) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Member => "member",
        Role::Admin => "admin",
        Role::SuperAdmin => "super_admin",
    }
}

pub(super) fn role(word: &str) -> Role {
    match word {
        "super_admin" => Role::SuperAdmin,
        "admin" => Role::Admin,
        _ => Role::Member,
    }
}

/// Roles in the API's words.
pub(super) fn shown_role(role: Role) -> &'static str {
    match role {
        Role::Member => "participant",
        Role::Admin => "admin",
        Role::SuperAdmin => "owner",
    }
}

#[cfg(test)]
mod tests {
    use super::{Doc, State, timer};
    use crate::network::group::{GroupFacts, GroupKind, Role};

    fn state(role: Option<Role>) -> State {
        let facts = GroupFacts {
            wid: "120363000000000001@g.us".parse().expect("an id"),
            kind: GroupKind::Announcements,
            name: "News".to_owned(),
            name_at: None,
            community: Some("120363000000000002@g.us".parse().expect("an id")),
            owner: None,
            created_at: Some(1),
            description: None,
            description_by: None,
            description_at: None,
            admins_edit: true,
            admins_send: true,
            admins_invite: false,
            approval: false,
            ephemeral_seconds: 3600,
            suspended: false,
        };
        let doc = Doc { facts, picture: None, invite_code: Some("AbC".to_owned()) };
        State { doc, size: 7, role, synced_at: 0, created_at: 0, updated_at: 0 }
    }

    #[test]
    fn a_row_holds_all_of_it() {
        let state = state(Some(Role::Admin));
        let read = State::read(&state.row().expect("a row")).expect("read");
        assert_eq!(read.doc, state.doc);
        assert_eq!((read.size, read.role), (7, Some(Role::Admin)));
    }

    #[test]
    fn who_can_write_is_told() {
        assert!(!state(Some(Role::Admin)).view(None).is_read_only);
        assert!(state(Some(Role::Member)).view(None).is_read_only, "only admins write");
        assert!(state(None).view(None).is_read_only, "no longer in it");
        let view = state(None).view(None);
        assert_eq!((view.kind.as_str(), view.is_community_announce), ("group", true));
        assert_eq!(view.invite_link.as_deref(), Some("https://chat.whatsapp.com/AbC"));
        assert_eq!((view.permissions.edit, view.permissions.invite), ("admins", "all"));
    }

    #[test]
    fn timers_have_names() {
        assert_eq!((timer(0).as_str(), timer(604_800).as_str(), timer(3600).as_str()), ("off", "7d", "3600s"));
    }
}
