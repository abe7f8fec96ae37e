//! Which numbers people may use.

use sparkbot_store::rows::UserFilter;

use super::handover::{Handover, Held, hand_over};
use super::manage::{may_manage, named};
use super::show::Member;
use crate::app::Core;
use crate::clock::iso;
use crate::devices;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::views::{AgentRef, DeviceAgent};

/// People of one number's team at most that one answer lists.
const MOST: i64 = 1000;

/// Everybody who may use a number, oldest first: who was given access, and the
/// administrators.
///
/// # Errors
/// `device:notfound`, `device:forbidden`.
pub async fn list_of_number(core: &Core, caller: &Caller, device: &DeviceId) -> Result<Vec<Member>> {
    caller.need(Scope::TeamRead)?;
    devices::row(core, &caller.account, device).await?;
    let filter = UserFilter { devices: Some(vec![device.to_string()]), size: MOST, ..UserFilter::default() };
    let rows = core.store().read().await?.account(&caller.account).users(&filter).await?;
    let now = core.now();
    rows.iter().map(|row| Member::of(row, now)).collect()
}

/// The same in the form that a number shows, each with the time since when.
///
/// # Errors
/// As [`list_of_number`].
pub async fn agents_of_number(core: &Core, caller: &Caller, device: &DeviceId) -> Result<Vec<DeviceAgent>> {
    caller.need(Scope::TeamRead)?;
    devices::row(core, &caller.account, device).await?;
    let filter = UserFilter { devices: Some(vec![device.to_string()]), size: MOST, ..UserFilter::default() };
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let people = scope.users(&filter).await?;
    let access = scope.access(None, Some(device.as_str())).await?;
    let shown = people.into_iter().map(|row| {
        let since =
            access.iter().find(|one| one.user_id == row.id.as_str()).map_or(row.created_at, |one| one.created_at);
        let user = AgentRef { id: row.id.to_string(), name: Some(row.name), role: Some(row.role) };
        DeviceAgent { user, created_at: iso(since) }
    });
    Ok(shown.collect())
}

/// Gives a member of the team access to a number; again is no mistake.
///
/// # Errors
/// `device:notfound`, `device:forbidden`, `agent:notfound`, `team:forbidden`.
pub async fn grant(core: &Core, caller: &Caller, device: &DeviceId, who: &str) -> Result<Member> {
    caller.need(Scope::TeamWrite)?;
    let (caller, device, who, now) = (caller.clone(), device.clone(), who.to_owned(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let account = &caller.account;
                w.account(account).device(&device).await?.ok_or_else(|| devices::not_found(&device))?;
                let row = named(w, account, &who).await?;
                // A supervisor may bring an agent of other numbers into theirs.
                may_manage(w, &caller, &row, true).await?;
                w.touches("user", row.id.as_str(), Some(device.as_str()));
                w.account(account).grant(&row.id, &device, now).await?;
                Member::of(&row, now)
            })
        })
        .await
}

/// Takes a member's access to a number back; their chats there are dealt with
/// as `handover` says. With `remove`, a member who is left without any number
/// is removed for good.
///
/// # Errors
/// `device:notfound`, `device:forbidden`, `agent:notfound`, `team:forbidden`;
/// `team:admin` for administrators, who may use all numbers by their role.
pub async fn revoke(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    who: &str,
    handover: Handover,
    remove: bool,
) -> Result<super::Removed> {
    caller.need(Scope::TeamWrite)?;
    let (asking, number, name, wanted) = (caller.clone(), device.clone(), who.to_owned(), handover.clone());
    let row = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let account = &asking.account;
                w.account(account).device(&number).await?.ok_or_else(|| devices::not_found(&number))?;
                let row = named(w, account, &name).await?;
                may_manage(w, &asking, &row, true).await?;
                if row.role == "admin" {
                    return Err(Error::conflict(
                        "team:admin",
                        format!("'{name}' is an administrator and may use all numbers."),
                    )
                    .hint("Change the role first with PATCH /v1/team."));
                }
                wanted.check(w, account, &row.id).await?;
                w.touches("user", row.id.as_str(), Some(number.as_str()));
                if !w.account(account).revoke_access(&row.id, &number).await? {
                    return Err(Error::conflict(
                        "team:no_access",
                        format!("'{name}' has no access to the WhatsApp number {number}."),
                    ));
                }
                Ok(row)
            })
        })
        .await?;
    // Access ends first, so that no chat comes after those that are handed over.
    let chats = hand_over(core, &caller.account, Held::by(&row.id), Some(device), &handover).await?;
    let mut removed = false;
    if remove {
        let (account, user, now) = (caller.account.clone(), row.id.clone(), core.now());
        removed = core
            .store()
            .write(move |w| {
                Box::pin(async move {
                    let left = w.account(&account).access(Some(user.as_str()), None).await?;
                    if !left.is_empty() {
                        return Ok(false);
                    }
                    w.account(&account).revoke_keys(&user, None, None, now).await?;
                    w.account(&account).delete_user(&user).await?;
                    Ok::<_, Error>(true)
                })
            })
            .await?;
    }
    Ok(super::Removed {
        id: row.id.to_string(),
        email: row.email,
        removed,
        status: if removed { "removed".to_owned() } else { row.status },
        chats,
    })
}
