//! Posting, editing, taking back, reacting, being seen.

use serde_json::{Value, json};
use wacore_binary::Node;

use super::super::Request;
use super::super::mex::{Query, Refused};
use super::{id_of, notify, reading};
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::channels::Post;

/// The largest post, in bytes; media is elsewhere.
const MAX_POST: usize = 256 * 1024;
/// Bytes of an emoji.
const MAX_EMOJI: usize = 64;
/// `edit` of a stanza that changes a post, and of one that takes it back.
const EDIT: &str = "3";
const REVOKE: &str = "8";
/// The most items of one receipt.
const MAX_SEEN: usize = 1_000;

/// `<message to="…@newsletter"><plaintext>` from a companion.
pub(crate) fn received(world: &mut World, request: &Request<'_>) {
    answer(world, request, |world, device, stanza| {
        let Some(plaintext) = stanza.child("plaintext") else {
            return Err(400);
        };
        let id = stanza.jid_of("to").as_ref().and_then(id_of).ok_or(405_u32)?;
        let what = Posted {
            id: stanza.text_of("id").into_owned(),
            kind: stanza.maybe_text("type").unwrap_or_else(|| "text".to_owned()),
            media: plaintext.maybe_text("mediatype"),
            plaintext: plaintext.body().to_vec(),
        };
        match stanza.text_of("edit").as_ref() {
            "" => post(world, device, &id, what),
            EDIT => edit(world, device, &id, &what.id, what.plaintext),
            REVOKE => revoke(world, device, &id, &what.id),
            _ => Err(400),
        }
    });
}

/// `<message to="…@newsletter" type="reaction" server_id><reaction code/>`
pub(crate) fn reacted(world: &mut World, request: &Request<'_>) {
    answer(world, request, |world, device, stanza| {
        let id = stanza.jid_of("to").as_ref().and_then(id_of).ok_or(405_u32)?;
        let server_id = stanza.number_of("server_id").ok_or(400_u32)?;
        let code = stanza.child("reaction").map(|reaction| reaction.text_of("code").into_owned());
        react(world, device.account, &id, server_id, code.as_deref().unwrap_or_default())
    });
}

/// Acknowledges, unless a fault is in the way.
fn answer(
    world: &mut World,
    request: &Request<'_>,
    act: impl FnOnce(&mut World, DeviceRef, &Node) -> Result<u64, u32>,
) {
    let Some(device) = request.device else {
        return;
    };
    let stanza = request.stanza;
    let forced = world.message_refusal(device);
    let done = forced.map_or_else(|| act(world, device, stanza), Err);
    let mut ack =
        node("ack").attr("class", "message").attr("id", stanza.text_of("id").as_ref()).attr("t", world.now_secs());
    if let Some(to) = stanza.jid_of("to") {
        ack = ack.attr("from", to);
    }
    ack = match done {
        Ok(server_id) => ack.attr("server_id", server_id),
        Err(code) => ack.attr("error", code),
    };
    world.ack_message(request.conn, device, ack.build());
}

/// What is posted.
pub(crate) struct Posted {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) media: Option<String>,
    pub(crate) plaintext: Vec<u8>,
}

/// Posts; answers with the post's number, or with the code of the refusal.
pub(crate) fn post(world: &mut World, by: DeviceRef, id: &str, what: Posted) -> Result<u64, u32> {
    if what.id.is_empty() || what.plaintext.is_empty() || what.plaintext.len() > MAX_POST {
        return Err(400);
    }
    let at = world.now_secs();
    let channel = world.channels.get_mut(id).ok_or(404_u32)?;
    if !channel.role(by.account).manages() {
        return Err(403);
    }
    if let Some(known) = channel.post_by_id(&what.id) {
        // A client that missed the ack posts again; nobody sees it twice.
        return Ok(known.server_id);
    }
    let post = Post {
        server_id: 0,
        id: what.id,
        author: by.account,
        at,
        edited_at: None,
        kind: what.kind,
        media: what.media,
        plaintext: what.plaintext,
        revoked: false,
        reactions: std::collections::BTreeMap::new(),
        views: 0,
    };
    let server_id = channel.add(post).ok_or(409_u32)?;
    distribute(world, id, server_id, by);
    Ok(server_id)
}

/// Changes what a post says.
pub(crate) fn edit(world: &mut World, by: DeviceRef, id: &str, post: &str, text: Vec<u8>) -> Result<u64, u32> {
    if text.is_empty() || text.len() > MAX_POST {
        return Err(400);
    }
    let at = world.now_secs();
    let known = own_post(world, by.account, id, post)?;
    known.plaintext = text;
    known.edited_at = Some(at);
    let server_id = known.server_id;
    distribute(world, id, server_id, by);
    Ok(server_id)
}

/// Takes a post back.
pub(crate) fn revoke(world: &mut World, by: DeviceRef, id: &str, post: &str) -> Result<u64, u32> {
    let known = own_post(world, by.account, id, post)?;
    known.plaintext.clear();
    known.revoked = true;
    let server_id = known.server_id;
    distribute(world, id, server_id, by);
    Ok(server_id)
}

fn own_post<'w>(world: &'w mut World, by: AccountId, id: &str, post: &str) -> Result<&'w mut Post, u32> {
    let channel = world.channels.get_mut(id).ok_or(404_u32)?;
    if !channel.role(by).manages() {
        return Err(403);
    }
    channel.post_by_id(post).filter(|post| !post.revoked).ok_or(404)
}

/// Brings a post to every device of everybody who follows, but to the one that
/// it came from. Phones look at the server.
fn distribute(world: &mut World, id: &str, server_id: u64, from: DeviceRef) {
    let Some((jid, post, audience)) = world.channels.get_mut(id).and_then(|channel| {
        let post = channel.post(server_id)?.clone();
        Some((channel.jid.clone(), post, channel.audience()))
    }) else {
        return;
    };
    for account in audience {
        let devices: Vec<u16> =
            world.accounts.get(&account).map(|account| account.devices.keys().copied().collect()).unwrap_or_default();
        for device in devices.into_iter().map(|device| DeviceRef { account, device }) {
            if device != from {
                world.deliver(device, None, reading::delivered(&jid, &post, account));
            }
        }
    }
    notify::live(world, id, server_id);
    world.changed();
}

/// Reacts to a post; no emoji takes the reaction back. Only who follows may.
pub(crate) fn react(world: &mut World, who: AccountId, id: &str, server_id: u64, emoji: &str) -> Result<u64, u32> {
    let channel = world.channels.get_mut(id).ok_or(404_u32)?;
    if emoji.len() > MAX_EMOJI {
        return Err(400);
    }
    if channel.reactions == "NONE" || channel.role(who) == crate::world::channels::Role::Guest {
        return Err(403);
    }
    let post = channel.post(server_id).filter(|post| !post.revoked).ok_or(404_u32)?;
    if emoji.is_empty() {
        post.reactions.remove(&who);
    } else {
        post.reactions.insert(who, emoji.to_owned());
    }
    notify::live(world, id, server_id);
    world.changed();
    Ok(server_id)
}

/// `<receipt type="view"><list><item server_id/>`: somebody has looked at posts.
pub(crate) fn viewed(world: &mut World, request: &Request<'_>) {
    let stanza = request.stanza;
    let Some((to, id)) = stanza.jid_of("to").and_then(|to| Some((to.clone(), id_of(&to)?))) else {
        return super::super::receipt::received(world, request);
    };
    let answer = node("ack")
        .attr("class", "receipt")
        .attr("type", "view")
        .attr("id", stanza.text_of("id").as_ref())
        .attr("from", to)
        .attr("t", world.now_secs());
    world.send(request.conn, answer.build());
    let items = stanza.child("list").map(crate::stanza::Reading::nodes).unwrap_or_default();
    let seen: Vec<u64> = items.iter().filter_map(|item| item.number_of("server_id")).take(MAX_SEEN).collect();
    for server_id in seen {
        if let Some(post) = world.channels.get_mut(&id).and_then(|channel| channel.post(server_id)) {
            post.views += 1;
            notify::live(world, &id, server_id);
        }
    }
    world.changed();
}

/// Who reacted to a post, for those who run the channel.
pub(crate) fn reaction_senders(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let id = query.text("id").strip_suffix("@newsletter").ok_or_else(Refused::not_found)?;
    let server_id = query.text("server_id").parse().map_err(|_| Refused::new(400, "server_id is no number"))?;
    let World { channels, accounts, .. } = world;
    let channel = channels.get_mut(id).ok_or_else(Refused::not_found)?;
    if !channel.role(query.from.account).manages() {
        return Err(Refused::forbidden());
    }
    let post = channel.post(server_id).ok_or_else(Refused::not_found)?;
    let mut by_code: std::collections::BTreeMap<&str, Vec<Value>> = std::collections::BTreeMap::new();
    for (account, code) in &post.reactions {
        if let Some(account) = accounts.get(account) {
            let sender = json!({"node": {"id": account.jid(Domain::Lid).to_string(), "profile_pic_direct_path": null}});
            by_code.entry(code).or_default().push(sender);
        }
    }
    let reactions: Vec<Value> = by_code
        .into_iter()
        .map(|(code, edges)| json!({"reaction_code": code, "sender_list": {"edges": edges}}))
        .collect();
    Ok(json!({ "reactions": reactions }))
}
