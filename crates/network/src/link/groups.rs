//! What a number does in groups.

use async_trait::async_trait;

use crate::error::NetworkError;
use crate::group::{GroupChange, GroupInfo, GroupPicture, JoinRequest, Joined, MemberAction, MemberOutcome, NewGroup};
use crate::wid::Wid;

/// What a number does in groups.
///
/// WhatsApp refuses ([`NetworkError::Refused`]) with 401 or 403 to who is no
/// member or no admin, 404 and 406 for groups that are not there, 410 for links
/// that were replaced, 419 when the group is full.
#[async_trait]
pub trait GroupLink: Send + Sync {
    /// All groups and communities that the number is in.
    async fn groups(&self) -> Result<Vec<GroupInfo>, NetworkError>;

    /// One group that the number is in.
    async fn group(&self, group: &Wid) -> Result<GroupInfo, NetworkError>;

    /// Makes a group. Who could not be added is not among its members.
    async fn create_group(&self, new: NewGroup) -> Result<Wid, NetworkError>;

    /// Changes one thing of a group.
    async fn change_group(&self, group: &Wid, change: GroupChange) -> Result<(), NetworkError>;

    /// Adds, removes, promotes…; what became of each, in the order asked.
    async fn change_members(
        &self,
        group: &Wid,
        action: MemberAction,
        people: &[Wid],
    ) -> Result<Vec<MemberOutcome>, NetworkError>;

    /// Who waits to be let in; for admins only.
    async fn join_requests(&self, group: &Wid) -> Result<Vec<JoinRequest>, NetworkError>;

    /// The code of the group's link, or a new one in its place.
    async fn invite_code(&self, group: &Wid, replace: bool) -> Result<String, NetworkError>;

    /// Joins by the code of a link.
    async fn join_group(&self, code: &str) -> Result<Joined, NetworkError>;

    /// Leaves a group.
    async fn leave_group(&self, group: &Wid) -> Result<(), NetworkError>;

    /// Sets the picture, a square JPEG; without bytes it is removed.
    async fn set_group_picture(&self, group: &Wid, jpeg: Option<Vec<u8>>) -> Result<(), NetworkError>;

    /// Where the pictures of groups are; groups without one are left out.
    async fn group_pictures(&self, groups: &[Wid]) -> Result<Vec<(Wid, GroupPicture)>, NetworkError>;
}
