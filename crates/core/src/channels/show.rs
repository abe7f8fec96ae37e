//! Channels from what is kept here.

use std::collections::HashMap;

use sparkbot_store::Writing;
use sparkbot_store::rows::{Account, ChannelFilter, DeviceRow};

use super::doc::{State, roles_meant};
use super::{Acting, explain};
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::page::{Page, Slice};
use crate::views::{Channel, ChatChannel};
use crate::wid::Wid;

/// A page of the channels that a number runs or follows, by name; `permission`
/// is one of [`PERMISSIONS`](super::PERMISSIONS).
///
/// # Errors
/// `device:notfound`, `channel:permission`; without the scope `groups:read`.
pub async fn list(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    permission: &str,
    slice: Slice,
) -> Result<Page<Channel>> {
    caller.need(Scope::GroupsRead)?;
    if !super::PERMISSIONS.contains(&permission) {
        let shown: String = permission.chars().take(60).collect();
        return Err(Error::invalid(
            "channel:permission",
            format!("'permission' is '{shown}'; it is one of {}.", super::PERMISSIONS.join(", ")),
        ));
    }
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let roles = roles_meant(permission).iter().map(|role| (*role).to_owned()).collect();
    let filter = ChannelFilter { roles: Some(roles), size: slice.size, skip: slice.skip };
    let total = scope.count_channels(device, &filter).await?;
    let rows = scope.channels(device, &filter).await?;
    let wids: Vec<String> = rows.iter().map(|row| row.wid.clone()).collect();
    let chats = scope.chats_of(device, &wids).await?;
    let chats: HashMap<_, _> = chats.into_iter().map(|chat| (chat.wid.clone(), chat)).collect();
    let items = rows.iter().map(|row| Ok(State::read(row)?.view(chats.get(&row.wid)))).collect::<Result<_>>()?;
    Ok(Page { items, total })
}

/// One channel: from what is kept here when the number runs or follows it, from
/// WhatsApp otherwise.
///
/// # Errors
/// `device:notfound`, `channel:notfound`, `session:offline`; without the scope
/// `groups:read`.
pub async fn get(core: &Core, caller: &Caller, device: &DeviceId, channel: &Wid) -> Result<Channel> {
    caller.need(Scope::GroupsRead)?;
    if let Some(known) = kept(core, &caller.account, device, channel).await? {
        return Ok(known);
    }
    let acting = Acting::new(core, caller, device, Scope::GroupsRead).await?;
    let found = acting.compare(channel).await?.ok_or_else(|| explain::unknown(channel))?;
    Ok(found.view(None))
}

/// A channel that the number runs or follows.
pub(super) async fn kept(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    channel: &Wid,
) -> Result<Option<Channel>> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(account);
    scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let row = scope.channel(device, channel.as_str()).await?;
    let Some(state) = row.as_ref().map(State::read).transpose()?.filter(|state| state.role.is_some()) else {
        return Ok(None);
    };
    let chat = scope.chat(device, channel.as_str()).await?;
    Ok(Some(state.view(chat.as_ref())))
}

/// What chats show of their channels, by id: those of `wids` that are channels
/// which the number runs or follows.
///
/// # Errors
/// As the database answers.
pub(crate) async fn chat_channels(
    scope: &mut Account<'_>,
    device: &DeviceId,
    wids: &[String],
) -> Result<HashMap<String, ChatChannel>> {
    let channels: Vec<String> = wids.iter().filter(|wid| wid.ends_with("@newsletter")).cloned().collect();
    if channels.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = scope.channels_of(device, &channels).await?;
    rows.iter().map(|row| Ok((row.wid.clone(), State::read(row)?.chat_view()))).collect()
}

/// What a channel is called, as far as it is known.
///
/// # Errors
/// As the database answers.
pub(crate) async fn subject(w: &mut Writing, device: &DeviceRow, channel: &str) -> Result<Option<String>> {
    let row = w.account(&device.account_id).channel(&device.id, channel).await?;
    Ok(row.map(|row| row.name).filter(|name| !name.is_empty()))
}
