//! Following channels.

use serde_json::{Value, json};

use super::super::mex::{Query, Refused};
use super::{id_in, metadata, notify};
use crate::ids::{DeviceRef, Domain};
use crate::world::World;
use crate::world::channels::{Channel, Follower, Role};

/// The most followers listed in one answer.
const MAX_LISTED: usize = 1_000;

/// Follows a channel.
pub(crate) fn join(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let channel = follow(world, query.from, id_in(query)?)?;
    Ok(metadata::of(world, &channel, query.from.account))
}

/// Follows a channel; its other devices learn.
pub(crate) fn follow(world: &mut World, who: DeviceRef, id: &str) -> Result<Channel, Refused> {
    let since = world.now_secs();
    let channel = world.channels.get_mut(id).ok_or_else(Refused::not_found)?;
    if channel.role(who.account) == Role::Guest {
        channel.followers.insert(who.account, Follower { since, muted: false });
    }
    let channel = channel.clone();
    notify::joined(world, &channel, who);
    world.changed();
    Ok(channel)
}

/// No longer follows a channel.
pub(crate) fn leave(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let channel = unfollow(world, query.from, id_in(query)?)?;
    Ok(json!({"id": channel.jid.to_string(), "state": {"type": "ACTIVE"}}))
}

/// No longer follows a channel; its other devices learn. The owner can't leave.
pub(crate) fn unfollow(world: &mut World, who: DeviceRef, id: &str) -> Result<Channel, Refused> {
    let channel = world.channels.get_mut(id).ok_or_else(Refused::not_found)?;
    if channel.owner == who.account {
        return Err(Refused::new(406, "the owner can't leave a channel"));
    }
    channel.followers.remove(&who.account);
    channel.admins.retain(|admin| *admin != who.account);
    channel.watchers.retain(|device, _| device.account != who.account);
    let channel = channel.clone();
    notify::left(world, &channel, who);
    world.changed();
    Ok(channel)
}

/// Silences a channel or lets it be heard, the current way.
pub(crate) fn setting(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let on = match query.text("value") {
        "ON" => true,
        "OFF" => false,
        other => return Err(Refused::new(400, format!("value is {other:?} and must be ON or OFF"))),
    };
    if query.text("type") == "MUTE_ADMIN_ACTIVITY" {
        let channel = world.channels.get_mut(id_in(query)?).ok_or_else(Refused::not_found)?;
        if !channel.role(query.from.account).manages() {
            return Err(Refused::forbidden());
        }
        if on {
            channel.quiet_admins.insert(query.from.account);
        } else {
            channel.quiet_admins.remove(&query.from.account);
        }
        return Ok(json!({"id": channel.jid.to_string(), "state": {"type": "ACTIVE"}}));
    }
    silence(world, query, on)
}

/// Silences a channel, the way of older clients.
pub(crate) fn mute(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    silence(world, query, true)
}

/// Lets a channel be heard again.
pub(crate) fn unmute(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    silence(world, query, false)
}

fn silence(world: &mut World, query: &Query<'_>, muted: bool) -> Result<Value, Refused> {
    let channel = world.channels.get_mut(id_in(query)?).ok_or_else(Refused::not_found)?;
    let Some(follower) = channel.followers.get_mut(&query.from.account) else {
        return Err(Refused::forbidden());
    };
    follower.muted = muted;
    let channel = channel.clone();
    notify::muted(world, &channel, query.from, muted);
    world.changed();
    Ok(json!({"id": channel.jid.to_string(), "state": {"type": "ACTIVE"}}))
}

/// Followers with their numbers, for those who run the channel.
pub(crate) fn followers(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    Ok(json!({ "followers": { "edges": edges(world, query)? } }))
}

/// The same for older clients.
pub(crate) fn subscribers(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    Ok(json!({ "subscribers": { "edges": edges(world, query)? } }))
}

fn edges(world: &World, query: &Query<'_>) -> Result<Vec<Value>, Refused> {
    let channel = world.channels.get(id_in(query)?).ok_or_else(Refused::not_found)?;
    if !channel.role(query.from.account).manages() {
        return Err(Refused::forbidden());
    }
    let count = query.get("count").as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(MAX_LISTED);
    let one = |account, since: u64| {
        let account = world.accounts.get(&account)?;
        Some(json!({
            "role": channel.role(account.id).word().to_uppercase(),
            "follow_time": since.to_string(),
            "node": {
                "id": account.jid(Domain::Lid).to_string(),
                "pn": account.jid(Domain::Pn).to_string(),
                "display_name": account.name,
            },
        }))
    };
    let run = channel.audience().into_iter().filter(|account| channel.role(*account).manages());
    Ok(run
        .filter_map(|account| one(account, channel.created_at))
        .chain(channel.followers.iter().filter_map(|(account, follower)| one(*account, follower.since)))
        .take(count.min(MAX_LISTED))
        .collect())
}
