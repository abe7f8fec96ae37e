//! Making, changing and deleting a channel, and who runs it.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use super::super::mex::{Query, Refused};
use super::{id_in, metadata, notify, user_in};
use crate::ids::{AccountId, DeviceRef};
use crate::world::World;
use crate::world::channels::{Channel, Dated, MAX_DESCRIPTION, MAX_NAME, MAX_PICTURE, Role};

/// How long an invitation to be an admin holds, in seconds.
const INVITATION: u64 = 7 * 86_400;

/// What a channel may be changed to; absent fields stay.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    /// JPEG; empty removes it.
    pub(crate) picture: Option<Vec<u8>>,
    /// `ALL`, `BASIC` or `NONE`.
    pub(crate) reactions: Option<String>,
}

impl Changes {
    fn read(from: &Value) -> Result<Self, Refused> {
        let text = |name: &str| from[name].as_str().map(str::to_owned);
        let picture = from["picture"]
            .as_str()
            .map(|picture| BASE64_STANDARD.decode(picture))
            .transpose()
            .map_err(|_| Refused::new(400, "the picture is not base64"))?;
        let changes = Self {
            name: text("name"),
            description: text("description"),
            picture,
            reactions: from["settings"]["reaction_codes"]["value"].as_str().map(str::to_owned),
        };
        changes.check()?;
        Ok(changes)
    }

    /// Whether WhatsApp would take it.
    pub(crate) fn check(&self) -> Result<(), Refused> {
        if self.name.as_ref().is_some_and(|name| name.trim().is_empty() || name.chars().count() > MAX_NAME) {
            return Err(Refused::new(406, format!("a channel's name has 1 to {MAX_NAME} characters")));
        }
        if self.description.as_ref().is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
            return Err(Refused::new(406, format!("a channel's description has at most {MAX_DESCRIPTION} characters")));
        }
        if self.picture.as_ref().is_some_and(|bytes| bytes.len() > MAX_PICTURE) {
            return Err(Refused::new(406, "the picture is too large"));
        }
        if self.reactions.as_ref().is_some_and(|word| !["ALL", "BASIC", "NONE"].contains(&word.as_str())) {
            return Err(Refused::new(400, "reaction_codes is ALL, BASIC or NONE"));
        }
        Ok(())
    }
}

/// Makes a channel owned by the asking account.
pub(crate) fn create(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let changes = Changes::read(&json!({
        "name": query.get("name"),
        "description": query.get("description"),
        "picture": query.get("picture"),
    }))?;
    let channel = make(world, query.from, changes)?;
    Ok(metadata::of(world, &channel, query.from.account))
}

/// Makes a channel.
pub(crate) fn make(world: &mut World, owner: DeviceRef, with: Changes) -> Result<Channel, Refused> {
    with.check()?;
    let name = with.name.ok_or_else(|| Refused::new(400, "a channel needs a name"))?;
    let description = with.description.unwrap_or_default();
    let now = world.now_ms();
    let picture = with.picture.filter(|bytes| !bytes.is_empty());
    let World { channels, rng, .. } = world;
    let channel = channels
        .create(owner.account, &name, &description, picture, now, rng)
        .ok_or_else(|| Refused::new(429, "the sandbox holds no more channels"))?
        .clone();
    notify::joined(world, &channel, owner);
    world.changed();
    Ok(channel)
}

/// The channel a variable names, when the asking account may change it.
fn managed<'w>(world: &'w mut World, id: &str, by: AccountId) -> Result<&'w mut Channel, Refused> {
    let channel = world.channels.get_mut(id).ok_or_else(Refused::not_found)?;
    if channel.role(by).manages() { Ok(channel) } else { Err(Refused::forbidden()) }
}

fn owned<'w>(world: &'w mut World, id: &str, by: AccountId) -> Result<&'w mut Channel, Refused> {
    let channel = world.channels.get_mut(id).ok_or_else(Refused::not_found)?;
    if channel.role(by) == Role::Owner { Ok(channel) } else { Err(Refused::forbidden()) }
}

/// Changes name, description, picture or settings.
pub(crate) fn update(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let changes = Changes::read(query.get("updates"))?;
    let channel = change(world, query.from, id_in(query)?, changes)?;
    Ok(metadata::public(world, &channel))
}

/// Changes a channel and tells everybody concerned.
pub(crate) fn change(world: &mut World, by: DeviceRef, id: &str, changes: Changes) -> Result<Channel, Refused> {
    changes.check()?;
    let now = world.now_ms();
    let channel = managed(world, id, by.account)?;
    if let Some(text) = changes.name {
        channel.name = Dated { text, at_us: now * 1000 };
    }
    if let Some(text) = changes.description {
        channel.description = Dated { text, at_us: now * 1000 };
    }
    if let Some(picture) = changes.picture {
        channel.picture = (!picture.is_empty()).then_some((now, picture));
    }
    if let Some(reactions) = changes.reactions {
        channel.reactions = reactions;
    }
    let channel = channel.clone();
    notify::updated(world, &channel, by);
    world.changed();
    Ok(channel)
}

/// Deletes a channel; only its owner may.
pub(crate) fn delete(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let jid = remove(world, query.from, id_in(query)?)?.jid;
    Ok(json!({"id": jid.to_string(), "state": {"type": "DELETED"}}))
}

/// Deletes a channel and tells its followers.
pub(crate) fn remove(world: &mut World, by: DeviceRef, id: &str) -> Result<Channel, Refused> {
    owned(world, id, by.account)?;
    let channel = world.channels.remove(id).ok_or_else(Refused::not_found)?;
    notify::deleted(world, &channel, by);
    world.changed();
    Ok(channel)
}

/// Gives a channel to one of its admins.
pub(crate) fn change_owner(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let heir = user_in(world, query)?;
    let me = query.from.account;
    let channel = owned(world, id_in(query)?, me)?;
    if !channel.admins.contains(&heir) {
        return Err(Refused::new(406, "only an admin can become the owner"));
    }
    channel.admins.retain(|admin| *admin != heir);
    channel.admins.push(me);
    channel.owner = heir;
    Ok(named(channel))
}

/// Makes an admin a follower again.
pub(crate) fn demote(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let whom = user_in(world, query)?;
    let now = world.now_secs();
    let by = query.from.account;
    let id = id_in(query)?;
    let channel = if whom == by { managed(world, id, by)? } else { owned(world, id, by)? };
    if !channel.admins.contains(&whom) {
        return Err(Refused::not_found());
    }
    channel.admins.retain(|admin| *admin != whom);
    channel.followers.entry(whom).or_default().since = now;
    channel.invited.remove(&whom);
    Ok(named(channel))
}

/// Invites somebody to run the channel too.
pub(crate) fn invite_admin(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let whom = user_in(world, query)?;
    let until = world.now_secs() + INVITATION;
    let channel = owned(world, id_in(query)?, query.from.account)?;
    channel.invited.insert(whom, until);
    Ok(json!({"id": channel.jid.to_string(), "invite_expiration_time": until.to_string()}))
}

/// Takes an invitation to run a channel.
pub(crate) fn accept_admin(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let now = world.now_secs();
    let me = query.from.account;
    let channel = world.channels.get_mut(id_in(query)?).ok_or_else(Refused::not_found)?;
    if channel.invited.remove(&me).is_none_or(|until| until < now) {
        return Err(Refused::forbidden());
    }
    channel.followers.remove(&me);
    channel.admins.push(me);
    Ok(named(channel))
}

/// Takes an invitation back.
pub(crate) fn revoke_admin(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let whom = user_in(world, query)?;
    let channel = owned(world, id_in(query)?, query.from.account)?;
    channel.invited.remove(&whom);
    Ok(named(channel))
}

fn named(channel: &Channel) -> Value {
    json!({"__typename": "XWA2Newsletter", "id": channel.jid.to_string()})
}
