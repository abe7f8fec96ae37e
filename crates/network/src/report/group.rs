//! What happens in groups.

use crate::clock::Millis;
use crate::group::{Member, Role, Someone};
use crate::wid::Wid;

/// A change of a group, made by whomever on whatever device.
#[derive(Debug, Clone)]
pub struct GroupReport {
    /// The group.
    pub group: Wid,
    /// Who did it, as WhatsApp names them.
    pub by: Option<Someone>,
    /// When.
    pub at: Millis,
    /// What.
    pub news: GroupNews,
}

/// What has changed.
#[derive(Debug, Clone)]
pub enum GroupNews {
    /// Its name.
    Name(String),
    /// Its description; none any more.
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
    /// WhatsApp has suspended it, or lets it be again.
    Suspended(bool),
    /// People have come.
    Added(Vec<Member>),
    /// People have gone or were taken out.
    Removed(Vec<Someone>),
    /// People have another role.
    Roles(Vec<Someone>, Role),
    /// People ask to be let in.
    Asking(Vec<Someone>),
    /// People no longer ask, or were turned down.
    NotAsking(Vec<Someone>),
    /// The link has another code; `None` when it is not told which.
    InviteCode(Option<String>),
    /// Another picture, or none.
    Picture {
        /// Whether there is none any more.
        removed: bool,
    },
    /// The group is gone.
    Deleted,
    /// Something else has changed: WhatsApp has to be asked.
    Stale,
}
