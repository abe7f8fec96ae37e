//! What a number does in groups.

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use sparkbot_network::NetworkError;
use sparkbot_network::group::{
    GroupChange, GroupInfo, GroupPicture, JoinRequest, Joined, MemberAction, MemberOutcome, NewGroup,
};
use sparkbot_network::link::GroupLink;
use sparkbot_network::wid::Wid;
use whatsapp_rust::wacore::iq::groups::{MemberLinkMode, PictureType};
use whatsapp_rust::{
    Client, GroupCreateOptions, GroupDescription, GroupError, GroupParticipantOptions, GroupSubject, Jid,
    JoinGroupResult, MemberAddMode, MembershipApprovalMode, PreviousDescription,
};

use super::{NumberLink, member_jid};
use crate::groups::{ask, members};
use crate::{address, errors};

/// Lists of hundreds of groups and groups of a thousand members take their time.
const ANSWER: Duration = Duration::from_secs(60);
/// Pictures asked for at once at most.
const PICTURES: usize = 1000;

#[async_trait]
impl GroupLink for NumberLink {
    async fn groups(&self) -> Result<Vec<GroupInfo>, NetworkError> {
        let client = self.number.logged_in()?;
        tokio::time::timeout(ANSWER, ask::all(&client)).await.map_err(|_| NetworkError::Timeout)?
    }

    async fn group(&self, group: &Wid) -> Result<GroupInfo, NetworkError> {
        let client = self.number.logged_in()?;
        let jid = address::jid(group)?;
        tokio::time::timeout(ANSWER, ask::one(&client, &jid)).await.map_err(|_| NetworkError::Timeout)?
    }

    async fn create_group(&self, new: NewGroup) -> Result<Wid, NetworkError> {
        let client = self.number.logged_in()?;
        let mut options = GroupCreateOptions::new(new.name);
        for member in &new.members {
            options.participants.push(GroupParticipantOptions::new(address::jid(member)?));
        }
        options.member_link_mode = Some(MemberLinkMode::AdminLink);
        options.member_add_mode = Some(add_mode(new.admins_invite));
        options.membership_approval_mode = Some(approval(new.approval));
        options.ephemeral_expiration = Some(new.ephemeral_seconds);
        options.description = new.description.map(|text| description(&text)).transpose()?;
        let made = answered(client.groups().create_group(options)).await?;
        address::wid(&made.metadata.id).ok_or_else(|| NetworkError::State("a group without an id".to_owned()))
    }

    async fn change_group(&self, group: &Wid, change: GroupChange) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let jid = &address::jid(group)?;
        let groups = client.groups();
        match change {
            GroupChange::Name(name) => {
                let subject = GroupSubject::new(&name).map_err(|error| NetworkError::Invalid(error.to_string()))?;
                answered(groups.set_subject(jid, subject)).await
            }
            GroupChange::Description(text) => describe(&client, jid, text).await,
            GroupChange::AdminsEdit(only) => answered(groups.set_locked(jid, only)).await,
            GroupChange::AdminsSend(only) => answered(groups.set_announce(jid, only)).await,
            GroupChange::AdminsInvite(only) => answered(groups.set_member_add_mode(jid, add_mode(only))).await,
            GroupChange::Approval(on) => answered(groups.set_membership_approval(jid, approval(on))).await,
            GroupChange::Ephemeral(seconds) => answered(groups.set_ephemeral(jid, seconds)).await,
        }
    }

    async fn change_members(
        &self,
        group: &Wid,
        action: MemberAction,
        people: &[Wid],
    ) -> Result<Vec<MemberOutcome>, NetworkError> {
        let client = self.number.logged_in()?;
        let jid = address::jid(group)?;
        let mut named = Vec::with_capacity(people.len());
        for person in people {
            named.push(match action {
                MemberAction::Add => address::jid(person)?,
                _ => member_jid(&client, &jid, person).await?,
            });
        }
        let changing = members::change(&client, &jid, action, people, &named);
        tokio::time::timeout(ANSWER, changing).await.map_err(|_| NetworkError::Timeout)?
    }

    async fn join_requests(&self, group: &Wid) -> Result<Vec<JoinRequest>, NetworkError> {
        let client = self.number.logged_in()?;
        let jid = address::jid(group)?;
        tokio::time::timeout(ANSWER, ask::requests(&client, &jid)).await.map_err(|_| NetworkError::Timeout)?
    }

    async fn invite_code(&self, group: &Wid, replace: bool) -> Result<String, NetworkError> {
        let client = self.number.logged_in()?;
        let link = answered(client.groups().get_invite_link(&address::jid(group)?, replace)).await?;
        Ok(link.rsplit('/').next().unwrap_or_default().to_owned())
    }

    async fn join_group(&self, code: &str) -> Result<Joined, NetworkError> {
        let client = self.number.logged_in()?;
        let joined = answered(client.groups().join_with_invite_code(code)).await?;
        let waiting = matches!(joined, JoinGroupResult::PendingApproval(_));
        let group = address::wid(joined.group_jid());
        let group = group.ok_or_else(|| NetworkError::State("a group without an id".to_owned()))?;
        Ok(Joined { group, waiting })
    }

    async fn leave_group(&self, group: &Wid) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        answered(client.groups().leave(&address::jid(group)?)).await
    }

    async fn set_group_picture(&self, group: &Wid, jpeg: Option<Vec<u8>>) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let jid = &address::jid(group)?;
        let groups = client.groups();
        match jpeg {
            Some(bytes) => answered(groups.set_profile_picture(jid, bytes)).await.map(drop),
            None => answered(groups.remove_profile_picture(jid)).await.map(drop),
        }
    }

    async fn group_pictures(&self, groups: &[Wid]) -> Result<Vec<(Wid, GroupPicture)>, NetworkError> {
        let client = self.number.logged_in()?;
        let mut pictures = Vec::new();
        for part in groups.chunks(PICTURES) {
            let jids = part.iter().map(address::jid).collect::<Result<Vec<_>, _>>()?;
            let found = answered(client.groups().get_profile_pictures(jids, PictureType::Image)).await?;
            for picture in found {
                let Some(wid) = address::wid(&picture.group_jid) else { continue };
                pictures.push((wid, GroupPicture { id: picture.photo_id, url: picture.url }));
            }
        }
        Ok(pictures)
    }
}

/// Sets a description; once more when somebody else has just changed it.
async fn describe(client: &Client, group: &Jid, text: Option<String>) -> Result<(), NetworkError> {
    let text = text.map(|text| description(&text)).transpose()?;
    let groups = client.groups();
    for _ in 0..2 {
        let setting = groups.set_description(group, text.clone(), PreviousDescription::Resolve);
        match tokio::time::timeout(ANSWER, setting).await.map_err(|_| NetworkError::Timeout)? {
            Err(GroupError::DescriptionConflict) => {}
            other => return other.map_err(|error| errors::request(&error)),
        }
    }
    Err(NetworkError::Unreachable("the description is being changed by somebody else".to_owned()))
}

fn description(text: &str) -> Result<GroupDescription, NetworkError> {
    GroupDescription::new(text).map_err(|error| NetworkError::Invalid(error.to_string()))
}

fn add_mode(admins_only: bool) -> MemberAddMode {
    if admins_only { MemberAddMode::AdminAdd } else { MemberAddMode::AllMemberAdd }
}

fn approval(on: bool) -> MembershipApprovalMode {
    if on { MembershipApprovalMode::On } else { MembershipApprovalMode::Off }
}

async fn answered<T>(asking: impl Future<Output = Result<T, GroupError>>) -> Result<T, NetworkError> {
    let answer = tokio::time::timeout(ANSWER, asking).await.map_err(|_| NetworkError::Timeout)?;
    answer.map_err(|error| errors::request(&error))
}
