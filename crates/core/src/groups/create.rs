//! Making a group.

use serde::Serialize;
use utoipa::ToSchema;

use super::members::{self, NewParticipant, ParticipantResult};
use super::{Acting, admins_only, count, description, explain, name, seconds, show};
use crate::app::Core;
use crate::devices::Idempotency;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::Caller;
use crate::network::group::{self, GroupChange, MemberAction};
use crate::views::Group;
use crate::wid::Wid;

/// What `POST /v1/devices/{device}/groups` says.
#[derive(Debug, Clone, Default)]
pub struct NewGroup {
    /// 1 to 100 characters.
    pub name: String,
    /// Up to 2,048 characters.
    pub description: Option<String>,
    /// Who changes name, description, picture and timer: `all`, `admins`.
    pub edit: Option<String>,
    /// Who writes.
    pub send: Option<String>,
    /// Who adds people.
    pub invite: Option<String>,
    /// Whether an admin has to let in who joins by link.
    pub approval: bool,
    /// `off`, `24h`, `7d`, `90d`.
    pub ephemeral: Option<String>,
    /// Who is to be in it.
    pub participants: Vec<NewParticipant>,
    /// `Idempotency-Key` with the request's fingerprint.
    pub idempotency: Option<Idempotency>,
}

/// A group that was made, and what did not go as asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedGroup {
    /// The group as it is now.
    #[serde(flatten)]
    pub group: Group,
    /// Who could not be added, and why.
    pub refused: Vec<ParticipantResult>,
    /// What else did not go as asked: the group was made all the same.
    pub warnings: Vec<String>,
}

/// Makes a group.
///
/// # Errors
/// `group:name`, `group:description`, `group:permission`, `group:ephemeral`,
/// `group:count`, `phone:invalid`; `device:notfound`, `session:offline`; and as
/// WhatsApp refuses.
pub async fn create(core: &Core, caller: &Caller, device: &DeviceId, new: NewGroup) -> Result<CreatedGroup> {
    let title = name(&new.name)?;
    let about = new.description.as_deref().map(description).transpose()?.flatten();
    let only = |name: &str, word: &Option<String>| word.as_deref().map_or(Ok(false), |word| admins_only(name, word));
    let (edit, send) = (only("permissions.edit", &new.edit)?, only("permissions.send", &new.send)?);
    let admins_invite = only("permissions.invite", &new.invite)?;
    let ephemeral_seconds = new.ephemeral.as_deref().map_or(Ok(0), seconds)?;
    count(new.participants.len())?;
    let people = members::people(&new.participants)?;
    let acting = Acting::new(core, caller, device).await?;
    if let Some(repeat) = &new.idempotency
        && let Some(made) = earlier(&acting, repeat).await?
    {
        let group = show::whole(core, &acting.account, device, &made).await?;
        return Ok(CreatedGroup { group, refused: Vec::new(), warnings: Vec::new() });
    }
    let asked = group::NewGroup {
        name: title,
        description: about,
        members: people.iter().map(|(wid, _)| wid.clone()).collect(),
        admins_invite,
        approval: new.approval,
        ephemeral_seconds,
    };
    let made = acting.link.create_group(asked).await.map_err(explain::failed)?;
    if let Some(repeat) = new.idempotency {
        remember(&acting, repeat, &made).await?;
    }
    let mut warnings = Vec::new();
    let refused = refused(&acting, &made, &people, &mut warnings).await;
    for change in [edit.then_some(GroupChange::AdminsEdit(true)), send.then_some(GroupChange::AdminsSend(true))] {
        let Some(change) = change else { continue };
        if let Err(error) = acting.link.change_group(&made, change).await {
            warnings.push(explain::about(error, &made, None).message);
        }
    }
    let out = |wid: &Wid| refused.iter().any(|result: &ParticipantResult| result.wid == wid.as_str());
    let admins: Vec<Wid> =
        people.iter().filter(|(wid, admin)| *admin && !out(wid)).map(|(wid, _)| wid.clone()).collect();
    if !admins.is_empty() {
        match acting.link.change_members(&made, MemberAction::Promote, &admins).await {
            Ok(outcomes) => warnings.extend(
                outcomes
                    .iter()
                    .filter(|outcome| outcome.error.is_some())
                    .map(|outcome| format!("{} could not be made an admin.", outcome.wid)),
            ),
            Err(error) => warnings.push(explain::about(error, &made, None).message),
        }
    }
    acting.compare(&made, false).await?;
    let group = show::whole(core, &acting.account, device, &made).await?;
    Ok(CreatedGroup { group, refused, warnings })
}

/// Who is not in the group that was made, and why: WhatsApp tells when they are
/// added once more.
async fn refused(
    acting: &Acting,
    group: &Wid,
    people: &[(Wid, bool)],
    warnings: &mut Vec<String>,
) -> Vec<ParticipantResult> {
    let info = match acting.link.group(group).await {
        Ok(info) => info,
        Err(error) => {
            warnings.push(explain::failed(error).message);
            return Vec::new();
        }
    };
    let is_in = |wid: &Wid| info.members.iter().any(|m| m.who.wid == *wid || m.who.lid.as_ref() == Some(wid));
    let missing: Vec<Wid> = people.iter().map(|(wid, _)| wid).filter(|wid| !is_in(wid)).cloned().collect();
    if missing.is_empty() {
        return Vec::new();
    }
    match acting.link.change_members(group, MemberAction::Add, &missing).await {
        Ok(outcomes) => {
            let refused = outcomes.into_iter().filter(|outcome| outcome.error.is_some_and(|code| code != 409));
            refused.map(|outcome| ParticipantResult::of(outcome, "added")).collect()
        }
        Err(error) => {
            warnings.push(explain::about(error, group, None).message);
            missing.iter().map(ParticipantResult::unexplained).collect()
        }
    }
}

async fn earlier(acting: &Acting, repeat: &Idempotency) -> Result<Option<Wid>> {
    let (repeat, account) = (repeat.clone(), acting.account.clone());
    let earlier =
        acting.core.store().write(move |w| Box::pin(async move { repeat.earlier(w, &account).await })).await?;
    earlier.map(|id| id.parse().map_err(Error::internal)).transpose()
}

async fn remember(acting: &Acting, repeat: Idempotency, made: &Wid) -> Result<()> {
    let (account, id, now) = (acting.account.clone(), made.to_string(), acting.core.now());
    acting
        .core
        .store()
        .write(move |w| Box::pin(async move { repeat.remember(w, &account, id, now).await.map_err(Error::from) }))
        .await
}
