//! Name, description, permissions, timer and picture of a group.

use super::{Acting, admins_only, description, explain, name, seconds, show};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::Caller;
use crate::network::group::GroupChange;
use crate::pictures::{self, Source};
use crate::views::Group;
use crate::wid::Wid;

/// What `PATCH /v1/devices/{device}/groups/{group}` may change; absent stays.
#[derive(Debug, Clone, Default)]
pub struct GroupChanges {
    /// New name.
    pub name: Option<String>,
    /// New description; an empty one removes it.
    pub description: Option<String>,
    /// Who changes name, description, picture and timer: `all`, `admins`.
    pub edit: Option<String>,
    /// Who writes.
    pub send: Option<String>,
    /// Who adds people.
    pub invite: Option<String>,
    /// Whether an admin has to let in who joins by link.
    pub approval: Option<bool>,
    /// `off`, `24h`, `7d`, `90d`.
    pub ephemeral: Option<String>,
}

/// Changes a group. What is as asked already is left alone.
///
/// # Errors
/// As for a new group, and `group:notfound`, `group:not_member`,
/// `group:not_admin`. What was changed before the refusal stays changed;
/// `meta.done` names it.
pub async fn change(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    group: &Wid,
    changes: GroupChanges,
) -> Result<Group> {
    let title = changes.name.as_deref().map(name).transpose()?;
    let about = changes.description.as_deref().map(description).transpose()?;
    let only = |name: &str, word: &Option<String>| word.as_deref().map(|word| admins_only(name, word)).transpose();
    let edit = only("permissions.edit", &changes.edit)?;
    let send = only("permissions.send", &changes.send)?;
    let invite = only("permissions.invite", &changes.invite)?;
    let timer = changes.ephemeral.as_deref().map(seconds).transpose()?;
    let acting = Acting::new(core, caller, device).await?;
    let state = acting.group(group).await?;
    let facts = &state.doc.facts;
    let wanted = [
        title.filter(|title| *title != facts.name).map(|title| ("name", GroupChange::Name(title))),
        about.filter(|about| *about != facts.description).map(|about| ("description", GroupChange::Description(about))),
        edit.filter(|only| *only != facts.admins_edit).map(|only| ("permissions.edit", GroupChange::AdminsEdit(only))),
        send.filter(|only| *only != facts.admins_send).map(|only| ("permissions.send", GroupChange::AdminsSend(only))),
        invite
            .filter(|only| *only != facts.admins_invite)
            .map(|only| ("permissions.invite", GroupChange::AdminsInvite(only))),
        changes
            .approval
            .filter(|on| *on != facts.approval)
            .map(|on| ("permissions.approval", GroupChange::Approval(on))),
        timer
            .filter(|seconds| *seconds != facts.ephemeral_seconds)
            .map(|seconds| ("ephemeral", GroupChange::Ephemeral(seconds))),
    ];
    let mut done: Vec<&str> = Vec::new();
    let mut failure: Option<Error> = None;
    for (what, change) in wanted.into_iter().flatten() {
        match acting.link.change_group(group, change).await {
            Ok(()) => done.push(what),
            Err(error) => {
                failure = Some(explain::about(error, group, Some(&state)).with("failed", what));
                break;
            }
        }
    }
    if !done.is_empty() {
        acting.compare(group, false).await?;
    }
    match failure {
        Some(error) => Err(error.with("done", done)),
        None => show::whole(core, &acting.account, device, group).await,
    }
}

/// Sets a group's picture.
///
/// # Errors
/// For what is no picture; `group:notfound`, `group:not_member`, `group:not_admin`.
pub async fn picture(core: &Core, caller: &Caller, device: &DeviceId, group: &Wid, source: Source) -> Result<Group> {
    let acting = Acting::new(core, caller, device).await?;
    let state = acting.group(group).await?;
    let jpeg = pictures::make(core, source).await?;
    let set = acting.link.set_group_picture(group, Some(jpeg)).await;
    set.map_err(|error| explain::about(error, group, Some(&state)))?;
    acting.compare(group, true).await?;
    show::whole(core, &acting.account, device, group).await
}
