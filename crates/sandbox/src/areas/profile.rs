//! Profile pictures and about texts.

use wacore_binary::Jid;
use wacore_binary::builder::NodeBuilder;

use super::{Request, groups, notifications};
use crate::ids::{AccountId, DeviceRef, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::account::Picture;

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

/// About texts of those named, as far as the asker may see them.
pub(crate) fn get_about(world: &mut World, request: &Request<'_>) {
    let Some(me) = request.device else {
        return;
    };
    let users: Vec<_> = request
        .stanza
        .child("status")
        .map(crate::stanza::Reading::nodes)
        .unwrap_or_default()
        .iter()
        .filter_map(|user| user.jid_of("jid"))
        .filter_map(|jid| {
            let id = world.find(&jid)?;
            if !world.may(me.account, id, "status") {
                return Some(node("user").attr("jid", jid).attr("code", 401).attr("type", "fail").build());
            }
            let profile = &world.accounts.get(&id)?.profile;
            Some(node("user").attr("jid", jid).attr("t", profile.about_set_at).bytes(profile.about.as_bytes()).build())
        })
        .collect();
    request.result(world, [node("status").children(users).build()]);
}

/// The picture of a person: where it can be downloaded. 404 when there is none,
/// 401 when the asker may not see it; an empty answer when they have it already.
pub(crate) fn get_picture(world: &mut World, request: &Request<'_>) {
    let Some(me) = request.device else {
        return;
    };
    let asked = request.stanza.jid_of("target").or_else(|| request.stanza.jid_of("to"));
    let wanted = request.stanza.child("picture");
    let kind = match wanted.map(|wanted| wanted.text_of("type")).as_deref() {
        Some("preview") => "preview",
        _ => "image",
    };
    if let Some(group) = asked.as_ref().and_then(GroupId::of) {
        return match groups::picture::get(world, group, kind) {
            Ok(picture) => request.result(world, [picture]),
            Err(refused) => request.error(world, refused.0, refused.text()),
        };
    }
    let Some(owner) = target(world, request, asked) else {
        return request.error(world, 404, "item-not-found");
    };
    let tokens: Vec<_> =
        [Some(request.stanza), wanted].into_iter().flatten().flat_map(|node| node.nodes().to_vec()).collect();
    if !world.may(me.account, owner, "profile") || !world.may_approach(me.account, owner, &tokens) {
        return request.error(world, 401, "not-authorized");
    }
    let Some(picture) = world.accounts.get(&owner).and_then(|owner| owner.profile.picture.as_ref()) else {
        return request.error(world, 404, "item-not-found");
    };
    if wanted.and_then(|wanted| wanted.number_of("id")) == Some(picture.id) {
        return request.result(world, []);
    }
    let bytes = if kind == "preview" { picture.preview.as_ref().unwrap_or(&picture.image) } else { &picture.image };
    match located(world, bytes, picture.id, kind) {
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
    let asked = request.stanza.jid_of("target");
    if let Some(group) = asked.as_ref().and_then(GroupId::of) {
        let bytes = request.stanza.body_of("picture").to_vec();
        return match groups::picture::set(world, me.account, group, bytes) {
            Ok(id) => request.result(world, id.map(|id| node("picture").attr("id", id).build())),
            Err(refused) => request.error(world, refused.0, refused.text()),
        };
    }
    if target(world, request, asked) != Some(me.account) {
        return request.error(world, 403, "forbidden");
    }
    let of_kind = |kind: &str| {
        let mut pictures = request.stanza.nodes().iter().filter(|child| child.tag == "picture");
        pictures.find(|picture| picture.text_of("type") == kind).map(|picture| picture.body().to_vec())
    };
    let image = of_kind("image").unwrap_or_else(|| request.stanza.body_of("picture").to_vec());
    let preview = of_kind("preview").filter(|preview| !preview.is_empty());
    if image.len() > MAX_PICTURE || preview.as_ref().is_some_and(|preview| preview.len() > MAX_PICTURE) {
        return request.error(world, 406, "not-acceptable");
    }
    let id = picture(world, me, image, preview);
    let answer = id.map(|id| node("picture").attr("id", id).build());
    request.result(world, answer);
}

/// Changes a picture, or removes it when there are no bytes, and tells the
/// contacts. Gives back its id.
pub(crate) fn picture(world: &mut World, by: DeviceRef, image: Vec<u8>, preview: Option<Vec<u8>>) -> Option<u64> {
    let now = world.now_ms();
    let found = world.accounts.get_mut(&by.account)?;
    let id = found.profile.picture.as_ref().map_or(now, |before| now.max(before.id + 1));
    found.profile.picture = (!image.is_empty()).then_some(Picture { id, image, preview });
    let id = found.profile.picture.as_ref().map(|picture| picture.id);
    notifications::picture_changed(world, by.account, id);
    id
}
