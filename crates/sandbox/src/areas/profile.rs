//! Profile pictures and about texts.

use wacore_binary::Jid;
use wacore_binary::builder::NodeBuilder;

use super::{Request, groups, notifications};
use crate::ids::{AccountId, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// The longest about text, in bytes.
const MAX_ABOUT: usize = 1_024;
/// The largest picture, in bytes.
pub(crate) const MAX_PICTURE: usize = 1024 * 1024;

fn target(world: &World, request: &Request<'_>, jid: Option<Jid>) -> Option<AccountId> {
    match jid.filter(|jid| !jid.user.is_empty()) {
        Some(jid) => world.find(&jid),
        None => request.device.map(|me| me.account),
    }
}

/// Sets the own about text.
pub(crate) fn set_about(world: &mut World, request: &Request<'_>) {
    let text = String::from_utf8_lossy(request.stanza.body_of("status")).into_owned();
    if text.len() > MAX_ABOUT {
        return request.error(world, 406, "not-acceptable");
    }
    if let Some(me) = request.device {
        about(world, me.account, &text);
    }
    request.result(world, []);
}

/// Changes an about text and tells the contacts.
pub(crate) fn about(world: &mut World, account: AccountId, text: &str) {
    let now = world.now_secs();
    if let Some(found) = world.accounts.get_mut(&account) {
        text.clone_into(&mut found.profile.about);
        found.profile.about_set_at = now;
        notifications::about_changed(world, account, text);
    }
}

/// About texts of those named.
pub(crate) fn get_about(world: &mut World, request: &Request<'_>) {
    let users: Vec<_> = request
        .stanza
        .child("status")
        .map(crate::stanza::Reading::nodes)
        .unwrap_or_default()
        .iter()
        .filter_map(|user| user.jid_of("jid"))
        .filter_map(|jid| {
            let profile = &world.accounts.get(&world.find(&jid)?)?.profile;
            Some(node("user").attr("jid", jid).attr("t", profile.about_set_at).bytes(profile.about.as_bytes()).build())
        })
        .collect();
    request.result(world, [node("status").children(users).build()]);
}

/// The picture of a person: where it is downloaded.
pub(crate) fn get_picture(world: &mut World, request: &Request<'_>) {
    let asked = request.stanza.jid_of("target").or_else(|| request.stanza.jid_of("to"));
    let kind = request
        .stanza
        .child("picture")
        .map(|picture| picture.text_of("type").into_owned())
        .filter(|kind| !kind.is_empty())
        .unwrap_or_else(|| "image".to_owned());
    if let Some(group) = asked.as_ref().and_then(GroupId::of) {
        return match groups::picture::get(world, group, &kind) {
            Ok(picture) => request.result(world, [picture]),
            Err(refused) => request.error(world, refused.0, refused.text()),
        };
    }
    let picture = target(world, request, asked).and_then(|account| {
        let account = world.accounts.get(&account)?;
        account.profile.picture.clone()
    });
    let Some((id, bytes)) = picture else {
        return request.error(world, 404, "item-not-found");
    };
    match located(world, &bytes, id, &kind) {
        Some(found) => request.result(world, [found.build()]),
        None => request.error(world, 500, "internal-server-error"),
    }
}

/// `<picture>` of a person or group: where it is downloaded. `None` when the
/// media host is full.
pub(crate) fn located(world: &World, bytes: &[u8], id: u64, kind: &str) -> Option<NodeBuilder> {
    let path = world.media.put(bytes, false, world.now_ms(), world.timing.media_life_ms).ok()?;
    let host = world.media.hosts().first().cloned().unwrap_or_default();
    let found = node("picture")
        .attr("type", kind)
        .attr("id", id)
        .attr("url", format!("https://{host}{path}"))
        .attr("direct_path", path);
    Some(found)
}

/// Sets or, without a picture, removes the own picture.
pub(crate) fn set_picture(world: &mut World, request: &Request<'_>) {
    let Some(me) = request.device else {
        return;
    };
    let bytes = request.stanza.body_of("picture").to_vec();
    let asked = request.stanza.jid_of("target").or_else(|| request.stanza.jid_of("to"));
    if let Some(group) = asked.as_ref().and_then(GroupId::of) {
        return match groups::picture::set(world, me.account, group, bytes) {
            Ok(id) => request.result(world, id.map(|id| node("picture").attr("id", id).build())),
            Err(refused) => request.error(world, refused.0, refused.text()),
        };
    }
    if bytes.len() > MAX_PICTURE {
        return request.error(world, 406, "not-acceptable");
    }
    let id = picture(world, me.account, bytes);
    let answer = id.map(|id| node("picture").attr("id", id).build());
    request.result(world, answer);
}

/// Changes a picture, or removes it when there are no bytes, and tells the
/// contacts. Gives back its id.
pub(crate) fn picture(world: &mut World, account: AccountId, bytes: Vec<u8>) -> Option<u64> {
    let id = world.now_ms();
    let found = world.accounts.get_mut(&account)?;
    found.profile.picture = (!bytes.is_empty()).then_some((id, bytes));
    let id = found.profile.picture.as_ref().map(|(id, _)| *id);
    notifications::picture_changed(world, account, id);
    id
}
