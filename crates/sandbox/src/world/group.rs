//! One group or community: who is in it, and under which settings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wacore_binary::Jid;

use crate::ids::{AccountId, Domain, GroupId};

/// The most people in one group.
pub(crate) const MAX_MEMBERS: usize = 1_024;
/// The longest subject, in characters.
pub(crate) const MAX_SUBJECT: usize = 100;
/// The longest description, in characters.
pub(crate) const MAX_DESCRIPTION: usize = 2_048;
/// The most groups linked to one community, its own two included.
pub(crate) const MAX_LINKED: usize = 100;
/// The most people waiting to be let into one group.
pub(crate) const MAX_REQUESTS: usize = 1_024;

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Member,
    Admin,
    /// Who made the group; can't be demoted or removed by others.
    SuperAdmin,
}

impl Role {
    pub(crate) fn is_admin(self) -> bool {
        self != Self::Member
    }

    /// The word for it, in stanzas and in the control API.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::SuperAdmin => "superadmin",
        }
    }
}

/// One person in a group.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) role: Role,
    /// Seconds since the epoch.
    pub(crate) joined_at: u64,
}

/// A text of the group, who set it and when (seconds since the epoch).
#[derive(Debug, Clone)]
pub(crate) struct Noted {
    /// By which a change of the text names the version it replaces.
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) by: AccountId,
    pub(crate) at: u64,
}

/// The switches of a group.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// Only admins change subject, description, picture and the timer.
    pub(crate) locked: bool,
    /// Only admins send messages.
    pub(crate) announcement: bool,
    /// After how many seconds messages disappear, and what switched it on.
    pub(crate) ephemeral: Option<(u32, Option<u32>)>,
    /// Whoever joins by a link must be let in by an admin.
    pub(crate) approval: bool,
    /// Members who are no admins may add others.
    pub(crate) all_add: bool,
    /// Members who are no admins may see the invite link.
    pub(crate) all_link: bool,
    pub(crate) no_frequently_forwarded: bool,
    pub(crate) admin_reports: bool,
    /// New members are sent what was written before.
    pub(crate) history: bool,
    /// Members who are no admins may share what was written before.
    pub(crate) all_share_history: bool,
    pub(crate) limit_sharing: bool,
}

/// Someone who waits to be let in.
#[derive(Debug, Clone)]
pub(crate) struct JoinRequest {
    /// Seconds since the epoch.
    pub(crate) at: u64,
    /// `invite_link`, `linked_group_join` or `non_admin_add`.
    pub(crate) method: &'static str,
}

/// An invitation for one person who could not be added.
#[derive(Debug, Clone)]
pub(crate) struct Invitation {
    pub(crate) code: String,
    /// Seconds since the epoch.
    pub(crate) expires_at: u64,
    pub(crate) by: AccountId,
}

/// The part a group plays in a community.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Where only admins write, with everybody of the community in it.
    Announcement,
    General,
    Subgroup,
}

/// What sort of group it is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Plain,
    /// A community: the groups linked to it.
    Community {
        /// Joining needs an admin.
        closed: bool,
        /// Members who are no admins may make groups in it.
        open_creation: bool,
        groups: BTreeSet<GroupId>,
    },
    Linked {
        community: GroupId,
        part: Part,
    },
}

/// One group or community.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) id: GroupId,
    /// Under which names its members know each other.
    pub(crate) addressing: Domain,
    pub(crate) creator: AccountId,
    /// Seconds since the epoch.
    pub(crate) created_at: u64,
    pub(crate) subject: Noted,
    pub(crate) description: Option<Noted>,
    /// The picture's id and bytes.
    pub(crate) picture: Option<(u64, Arc<Vec<u8>>)>,
    pub(crate) members: BTreeMap<AccountId, Member>,
    pub(crate) settings: Settings,
    pub(crate) kind: Kind,
    /// The code of its invite link.
    pub(crate) code: String,
    pub(crate) requests: BTreeMap<AccountId, JoinRequest>,
    pub(crate) invitations: BTreeMap<AccountId, Invitation>,
    /// Whom an admin has taken out; the link does not let them in again.
    pub(crate) expelled: BTreeSet<AccountId>,
    /// Counts the changes of its members.
    pub(crate) version: u64,
}

impl Group {
    pub(crate) fn role(&self, account: AccountId) -> Option<Role> {
        self.members.get(&account).map(|member| member.role)
    }

    pub(crate) fn is_admin(&self, account: AccountId) -> bool {
        self.role(account).is_some_and(Role::is_admin)
    }

    pub(crate) fn admins(&self) -> impl Iterator<Item = AccountId> {
        self.members.iter().filter(|(_, member)| member.role.is_admin()).map(|(account, _)| *account)
    }

    /// The community it belongs to.
    pub(crate) fn community(&self) -> Option<GroupId> {
        match self.kind {
            Kind::Linked { community, .. } => Some(community),
            Kind::Plain | Kind::Community { .. } => None,
        }
    }

    /// The groups of a community; none for other groups.
    pub(crate) fn linked(&self) -> Vec<GroupId> {
        match &self.kind {
            Kind::Community { groups, .. } => groups.iter().copied().collect(),
            Kind::Plain | Kind::Linked { .. } => Vec::new(),
        }
    }

    /// The part it plays in its community.
    pub(crate) fn part(&self) -> Option<Part> {
        match self.kind {
            Kind::Linked { part, .. } => Some(part),
            Kind::Plain | Kind::Community { .. } => None,
        }
    }

    pub(crate) fn is_community(&self) -> bool {
        matches!(self.kind, Kind::Community { .. })
    }

    pub(crate) fn jid(&self) -> Jid {
        self.id.jid()
    }

    /// `lid` or `pn`, as stanzas say it.
    pub(crate) fn addressing_mode(&self) -> &'static str {
        match self.addressing {
            Domain::Lid => "lid",
            Domain::Pn => "pn",
        }
    }
}
