//! What a channel shows of itself.

use serde_json::{Value, json};

use super::super::mex::{Query, Refused};
use crate::ids::AccountId;
use crate::world::World;
use crate::world::channels::{Channel, Role};

/// A channel as answers carry it, seen by `viewer`.
pub(crate) fn of(world: &World, channel: &Channel, viewer: AccountId) -> Value {
    let mut value = public(world, channel);
    let role = channel.role(viewer);
    let muted = channel.followers.get(&viewer).is_some_and(|follower| follower.muted);
    let mute = if muted { "ON" } else { "OFF" };
    let mut settings = vec![json!({"type": "MUTE_FOLLOWER_ACTIVITY", "value": mute})];
    if role.manages() {
        let quiet = if channel.quiet_admins.contains(&viewer) { "ON" } else { "OFF" };
        settings.push(json!({"type": "MUTE_ADMIN_ACTIVITY", "value": quiet}));
    }
    value["viewer_metadata"] = json!({"role": role.word(), "mute": mute, "settings": settings});
    value
}

/// A channel without what it is to somebody.
pub(crate) fn public(world: &World, channel: &Channel) -> Value {
    let path = channel.picture.as_ref().and_then(|(id, bytes)| Some((id.to_string(), world.published(bytes)?)));
    let picture = |kind: &str| {
        let (id, path) = path.clone().unwrap_or_default();
        json!({"id": id, "type": kind, "direct_path": path})
    };
    json!({
        "id": channel.jid.to_string(),
        "state": {"type": "ACTIVE"},
        "thread_metadata": {
            "name": {"id": channel.name.at_us.to_string(), "text": channel.name.text, "update_time": channel.name.at_us.to_string()},
            "description": {
                "id": channel.description.at_us.to_string(),
                "text": channel.description.text,
                "update_time": channel.description.at_us.to_string(),
            },
            "picture": picture("IMAGE"),
            "preview": picture("PREVIEW"),
            "invite": channel.invite,
            "handle": null,
            "creation_time": channel.created_at.to_string(),
            "subscribers_count": channel.subscribers().to_string(),
            "verification": if channel.verified { "VERIFIED" } else { "UNVERIFIED" },
            "settings": {"reaction_codes": {"value": channel.reactions}},
        },
    })
}

/// One channel, by address or invite code.
pub(crate) fn one(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let key = query.text("key");
    let found = match query.text("type") {
        "INVITE" => {
            let code = key.rsplit('/').next().unwrap_or(key);
            world.channels.invited(code)
        }
        _ => world.channels.get(key.strip_suffix("@newsletter").unwrap_or(key)),
    };
    found.map(|channel| of(world, channel, query.from.account)).ok_or_else(Refused::not_found)
}

/// All that the asking account owns, manages or follows.
pub(crate) fn subscribed(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let me = query.from.account;
    Ok(world.channels.of(me).map(|channel| of(world, channel, me)).collect())
}

/// For its admins: how many they are.
pub(crate) fn admin(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let channel = world.channels.get(super::id_in(query)?).ok_or_else(Refused::not_found)?;
    if channel.role(query.from.account) == Role::Guest {
        return Err(Refused::forbidden());
    }
    Ok(json!({"id": channel.jid.to_string(), "admin_count": 1 + channel.admins.len(), "admin_profile": null}))
}
