//! Groups and communities, as WhatsApp tells of them.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::wid::Wid;

/// What a group is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// A group, of a community or not.
    #[default]
    Group,
    /// A community: the roof over its groups. Nobody writes in it.
    Community,
    /// A community's announcements, where only its admins write.
    Announcements,
    /// A community's general chat.
    General,
}

/// What is known of a group besides its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupFacts {
    /// `…@g.us`.
    pub wid: Wid,
    /// What it is.
    #[serde(default)]
    pub kind: GroupKind,
    /// Its name.
    pub name: String,
    /// When it was named so.
    #[serde(default)]
    pub name_at: Option<Millis>,
    /// The community it belongs to.
    #[serde(default)]
    pub community: Option<Wid>,
    /// Who has made it.
    #[serde(default)]
    pub owner: Option<Wid>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Millis>,
    /// What it is about.
    #[serde(default)]
    pub description: Option<String>,
    /// Who has written that.
    #[serde(default)]
    pub description_by: Option<Wid>,
    /// And when.
    #[serde(default)]
    pub description_at: Option<Millis>,
    /// Only admins change name, description, picture and timer.
    #[serde(default)]
    pub admins_edit: bool,
    /// Only admins write.
    #[serde(default)]
    pub admins_send: bool,
    /// Only admins add members.
    #[serde(default)]
    pub admins_invite: bool,
    /// An admin has to let in who joins by link.
    #[serde(default)]
    pub approval: bool,
    /// Messages disappear after so many seconds; 0 when they stay.
    #[serde(default)]
    pub ephemeral_seconds: u32,
    /// WhatsApp has suspended it.
    #[serde(default)]
    pub suspended: bool,
}

/// A group with everybody in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInfo {
    /// What is known of it.
    pub facts: GroupFacts,
    /// Who is in it; empty for communities whose members WhatsApp does not tell.
    pub members: Vec<Member>,
}

/// How much a member may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What all may.
    #[default]
    Member,
    /// What admins may.
    Admin,
    /// Has made the group.
    SuperAdmin,
}

/// A person under the addresses that are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Someone {
    /// By phone number where known, else the private id.
    pub wid: Wid,
    /// The private id.
    pub lid: Option<Wid>,
}

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub who: Someone,
    /// What they may do.
    pub role: Role,
    /// When they came, where told.
    pub joined_at: Option<Millis>,
}

/// A group to be made.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// Up to 100 characters.
    pub name: String,
    /// Up to 2,048 characters.
    pub description: Option<String>,
    /// Who is to be in it.
    pub members: Vec<Wid>,
    /// Only admins add members.
    pub admins_invite: bool,
    /// An admin has to let in who joins by link.
    pub approval: bool,
    /// Messages disappear after so many seconds; 0 when they stay.
    pub ephemeral_seconds: u32,
}

/// One change of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupChange {
    /// Another name.
    Name(String),
    /// Another description, or none.
    Description(Option<String>),
    /// Whether only admins change name, description, picture and timer.
    AdminsEdit(bool),
    /// Whether only admins write.
    AdminsSend(bool),
    /// Whether only admins add members.
    AdminsInvite(bool),
    /// Whether an admin has to let in who joins by link.
    Approval(bool),
    /// After how many seconds messages disappear; 0 when they stay.
    Ephemeral(u32),
}

/// What is to be done to members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberAction {
    /// Put them in.
    Add,
    /// Take them out.
    Remove,
    /// Make them admins.
    Promote,
    /// Make them members again.
    Demote,
    /// Let in those who wait.
    Approve,
    /// Turn down those who wait.
    Reject,
}

/// What became of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberOutcome {
    /// Who, as asked.
    pub wid: Wid,
    /// WhatsApp's code when it refused: 401 (has blocked the number), 403 (not
    /// allowed), 404 (no such person or member), 408 (has left lately), 409 (is
    /// in already), 419 (the group is full).
    pub error: Option<u32>,
    /// What WhatsApp gives out to be sent to somebody who does not let
    /// themselves be added.
    pub invitation: Option<Invitation>,
}

/// An invitation for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its code.
    pub code: String,
    /// Until when it is good.
    pub expires_at: Millis,
}

/// Somebody who wants to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest {
    /// Who.
    pub who: Someone,
    /// Since when, where told.
    pub at: Option<Millis>,
}

/// What came of joining a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The group.
    pub group: Wid,
    /// An admin has to agree first.
    pub waiting: bool,
}

/// Where a group's picture is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPicture {
    /// WhatsApp's number of it.
    pub id: Option<String>,
    /// Where WhatsApp gives it out, for some days.
    pub url: Option<String>,
}
