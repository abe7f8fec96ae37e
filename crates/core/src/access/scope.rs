//! The table: what may be done, and by which role.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// What a person is in the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Answers the chats that are theirs or nobody's.
    Agent,
    /// Runs the inbox and the team of their numbers.
    Supervisor,
    /// Everything.
    Admin,
}

impl Role {
    /// Every role, the mightiest first.
    pub const ALL: &'static [Self] = &[Self::Admin, Self::Supervisor, Self::Agent];

    /// As written in requests and answers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Supervisor => "supervisor",
            Self::Agent => "agent",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Role {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|role| role.word() == text).ok_or_else(|| {
            Error::invalid("team:role", format!("'{text}' is no role; there are admin, supervisor and agent."))
        })
    }
}

/// How far a right goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everything of the account.
    All,
    /// What belongs to the numbers that the person has access to.
    Numbers,
    /// Of those numbers, the person's own: chats that they see, things they made.
    Own,
    /// Nothing.
    Not,
}

impl Reach {
    /// As the documentation says it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Numbers => "their numbers",
            Self::Own => "their own",
            Self::Not => "–",
        }
    }
}

/// Makes the scopes from the table, so that none can be without its row.
macro_rules! table {
    ($($name:ident = $word:literal, $about:literal, [$admin:ident, $supervisor:ident, $agent:ident];)+) => {
        /// What may be done: a group of actions, which keys carry and roles have.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Scope {
            $(#[doc = $about] $name,)+
        }

        impl Scope {
            /// Every scope, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// As written in requests and answers.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// What it opens.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$name => $about,)+
                }
            }

            /// How far it goes for a role.
            #[must_use]
            pub fn reach(self, role: Role) -> Reach {
                match (self, role) {
                    $(
                        (Self::$name, Role::Admin) => Reach::$admin,
                        (Self::$name, Role::Supervisor) => Reach::$supervisor,
                        (Self::$name, Role::Agent) => Reach::$agent,
                    )+
                }
            }
        }
    };
}

table! {
    All = "*", "Everything that the person may do.", [All, Not, Not];
    DevicesRead = "devices:read", "Reading numbers and their sessions.", [All, Numbers, Numbers];
    DevicesWrite = "devices:write", "Linking, starting, stopping and setting up numbers.", [All, Numbers, Not];
    DevicesManage = "devices:manage", "Making and deleting numbers.", [All, Not, Not];
    QueueWrite = "queue:write", "Pausing, emptying and routing queues.", [All, Numbers, Not];
    MessagesRead = "messages:read", "Reading messages and their files.", [All, Numbers, Own];
    MessagesWrite = "messages:write", "Sending, changing and deleting messages.", [All, Numbers, Own];
    ChatsRead = "chats:read", "Reading chats and notes.", [All, Numbers, Own];
    ChatsWrite = "chats:write", "Changing, assigning and deleting chats.", [All, Numbers, Own];
    ContactsRead = "contacts:read", "Reading contacts.", [All, Numbers, Numbers];
    ContactsWrite = "contacts:write", "Making, changing, blocking and deleting contacts.", [All, Numbers, Numbers];
    GroupsRead = "groups:read", "Reading groups and channels.", [All, Numbers, Numbers];
    GroupsWrite = "groups:write", "Making, changing and leaving groups and channels.", [All, Numbers, Not];
    CampaignsRead = "campaigns:read", "Reading campaigns and who gets them.", [All, Numbers, Not];
    CampaignsWrite = "campaigns:write", "Making, running and deleting campaigns.", [All, Numbers, Not];
    MeetingsRead = "meetings:read", "Reading links to calls.", [All, Numbers, Numbers];
    MeetingsWrite = "meetings:write", "Making and deleting links to calls.", [All, Numbers, Numbers];
    TeamRead = "team:read", "Reading team, departments, labels and quick replies.", [All, Numbers, Numbers];
    TeamWrite = "team:write", "Changing team, access, departments and labels.", [All, Numbers, Not];
    RepliesWrite = "replies:write", "Making, changing and deleting quick replies.", [All, Numbers, Own];
    SelfWrite = "self:write", "Saying whether one is available.", [Own, Own, Own];
    FilesRead = "files:read", "Reading files, as their permission says.", [All, All, All];
    FilesWrite = "files:write", "Uploading, changing and deleting files, as their permission says.", [All, All, All];
    NumbersRead = "numbers:read", "Asking WhatsApp about phone numbers.", [All, Numbers, Numbers];
    WebhooksRead = "webhooks:read", "Reading webhooks and their logs.", [All, Not, Not];
    WebhooksWrite = "webhooks:write", "Making, changing, replaying and deleting webhooks.", [All, Not, Not];
    EventsRead = "events:read", "Reading the event log.", [All, Numbers, Not];
    AuditRead = "audit:read", "Reading who did what.", [All, Not, Not];
    KeysWrite = "keys:write", "Making and revoking keys.", [All, Not, Not];
}

impl Scope {
    /// Whether it opens changes.
    #[must_use]
    pub fn changes(self) -> bool {
        !self.word().ends_with(":read")
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Scope {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|scope| scope.word() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|s| s.word()).collect();
            Error::invalid("scope:unknown", format!("'{text}' is no scope; there are {}.", known.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Reach, Role, Scope};

    #[test]
    fn a_mightier_role_never_reaches_less() {
        let rank = |reach| match reach {
            Reach::All => 3,
            Reach::Numbers => 2,
            Reach::Own => 1,
            Reach::Not => 0,
        };
        for scope in Scope::ALL {
            let [admin, supervisor, agent] =
                [Role::Admin, Role::Supervisor, Role::Agent].map(|role| rank(scope.reach(role)));
            assert!(admin >= supervisor && supervisor >= agent, "{scope}");
            assert!(admin > 0, "{scope}");
        }
    }
}
