//! Making, changing and deleting channels.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Acting, description, explain, name, show};
use crate::app::Core;
use crate::devices::Idempotency;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::network::channel::{self, ChannelChange, ChannelRole};
use crate::pictures::{self, Source};
use crate::views::Channel;
use crate::wid::Wid;

/// What `POST /v1/devices/{device}/channels` says.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// 1 to 100 characters.
    pub name: String,
    /// Up to 2,048 characters.
    pub description: Option<String>,
    /// Its picture.
    pub picture: Option<Source>,
    /// `Idempotency-Key` with the request's fingerprint.
    pub idempotency: Option<Idempotency>,
}

/// What `PATCH /v1/devices/{device}/channels/{channel}` may change; absent stays.
#[derive(Debug, Clone, Default)]
pub struct ChannelChanges {
    /// New name.
    pub name: Option<String>,
    /// New description; an empty one removes it.
    pub description: Option<String>,
    /// New picture.
    pub picture: Option<Source>,
}

/// What came of deleting.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeletedChannel {
    /// The channel.
    pub id: String,
    /// It is gone, for everybody: the number owned it.
    pub deleted: bool,
    /// The number no longer runs or follows it.
    pub left: bool,
}

/// Makes a channel.
///
/// # Errors
/// `channel:name`, `channel:description`, for what is no picture;
/// `device:notfound`, `session:offline`; and as WhatsApp refuses.
pub async fn create(core: &Core, caller: &Caller, device: &DeviceId, new: NewChannel) -> Result<Channel> {
    let title = name(&new.name)?;
    let about = new.description.as_deref().map(description).transpose()?.filter(|text| !text.is_empty());
    let acting = Acting::new(core, caller, device, Scope::GroupsWrite).await?;
    if let Some(repeat) = &new.idempotency
        && let Some(made) = earlier(&acting, repeat).await?
    {
        return shown(&acting, &made).await;
    }
    let jpeg = match new.picture {
        Some(picture) => Some(pictures::make(core, picture).await?),
        None => None,
    };
    let asked = channel::NewChannel { name: title, description: about, jpeg };
    let made = acting.link.create_channel(asked).await.map_err(explain::failed)?.facts.wid;
    if let Some(repeat) = new.idempotency {
        remember(&acting, repeat, &made).await?;
    }
    acting.compare(&made).await?;
    shown(&acting, &made).await
}

/// Changes a channel. What is as asked already is left alone.
///
/// # Errors
/// As for a new channel, and `channel:notfound`, `channel:not_admin`.
pub async fn change(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    channel: &Wid,
    changes: ChannelChanges,
) -> Result<Channel> {
    let title = changes.name.as_deref().map(name).transpose()?;
    let about = changes.description.as_deref().map(description).transpose()?;
    let acting = Acting::new(core, caller, device, Scope::GroupsWrite).await?;
    let state = acting.channel(channel).await?;
    if state.role < Some(ChannelRole::Admin) {
        return Err(explain::not_admin(channel));
    }
    let jpeg = match changes.picture {
        Some(picture) => Some(pictures::make(core, picture).await?),
        None => None,
    };
    let facts = &state.facts;
    let wanted = ChannelChange {
        name: title.filter(|title| *title != facts.name),
        description: about.filter(|about| *about != facts.description.clone().unwrap_or_default()),
        jpeg,
    };
    if wanted.name.is_some() || wanted.description.is_some() || wanted.jpeg.is_some() {
        let changed = acting.link.change_channel(channel, wanted).await;
        changed.map_err(|error| explain::about(error, channel, state.role))?;
        acting.compare(channel).await?;
    }
    shown(&acting, channel).await
}

/// Sets a channel's picture.
///
/// # Errors
/// As for [`change`].
pub async fn picture(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    channel: &Wid,
    source: Source,
) -> Result<Channel> {
    change(core, caller, device, channel, ChannelChanges { picture: Some(source), ..ChannelChanges::default() }).await
}

/// Deletes a channel that the number owns; one that it only runs or follows it
/// leaves.
///
/// # Errors
/// `channel:notfound`, `channel:not_followed`, `session:offline`.
pub async fn delete(core: &Core, caller: &Caller, device: &DeviceId, channel: &Wid) -> Result<DeletedChannel> {
    let acting = Acting::new(core, caller, device, Scope::GroupsWrite).await?;
    let state = acting.channel(channel).await?;
    let Some(role) = state.role else {
        return Err(Error::conflict(
            "channel:not_followed",
            format!("The number neither runs nor follows the channel {channel}: there is nothing to leave."),
        ));
    };
    let deleted = role == ChannelRole::Owner;
    let done =
        if deleted { acting.link.delete_channel(channel).await } else { acting.link.unfollow_channel(channel).await };
    done.map_err(|error| explain::about(error, channel, state.role))?;
    acting.compare(channel).await?;
    Ok(DeletedChannel { id: channel.to_string(), deleted, left: true })
}

async fn shown(acting: &Acting, channel: &Wid) -> Result<Channel> {
    let shown = show::kept(&acting.core, &acting.account, &acting.device.id, channel).await?;
    shown.ok_or_else(|| explain::unknown(channel))
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
