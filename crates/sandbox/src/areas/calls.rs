//! Calls: links to join by, ringing, rejecting, ending.

use serde_json::json;
use wacore_binary::Node;

use super::Request;
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::calls::{Call, CallLink};

/// `<call>` from a companion: what it asks of the server, or tells the other
/// side.
pub(crate) fn received(world: &mut World, request: &Request<'_>) {
    let Some((me, action)) = request.device.zip(request.stanza.nodes().first()) else {
        return;
    };
    let answer = match action.tag.as_ref() {
        "link_create" => Some(link_created(world, me, action)),
        "link_query" => Some(link_known(world, action)),
        _ => {
            signalled(world, me, action);
            None
        }
    };
    let mut ack = node("ack")
        .attr("class", "call")
        .attr("type", action.tag.as_ref())
        .attr("id", request.stanza.text_of("id").as_ref())
        .attr("t", world.now_secs());
    if let Some(to) = request.stanza.jid_of("to") {
        ack = ack.attr("from", to);
    }
    let ack = match answer {
        Some(Ok(child)) => ack.children([child]),
        Some(Err(code)) => ack.attr("error", code),
        None => ack,
    };
    world.send(request.conn, ack.build());
}

fn link_created(world: &mut World, me: DeviceRef, asked: &Node) -> Result<Node, u32> {
    let video = match asked.text_of("media").as_ref() {
        "video" => true,
        "audio" => false,
        _ => return Err(400),
    };
    let token = make_link(world, me.account, video);
    Ok(node("link_create").attr("media", media(video)).attr("token", token).build())
}

/// Makes a link; its token.
pub(crate) fn make_link(world: &mut World, creator: AccountId, video: bool) -> String {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    // 22 letters, as in https://call.whatsapp.com/video/….
    let token = BASE64_URL_SAFE_NO_PAD.encode(world.random::<16>());
    let created_at = world.now_ms();
    world.calls.link(token.clone(), CallLink { creator, video, created_at });
    world.changed();
    token
}

fn link_known(world: &World, asked: &Node) -> Result<Node, u32> {
    let token = asked.text_of("token");
    let link = world.calls.linked(&token).ok_or(404_u32)?;
    let creator = world.accounts.get(&link.creator).ok_or(404_u32)?;
    Ok(node("link_query")
        .attr("token", token.as_ref())
        .attr("media", media(link.video))
        .attr("link_creator", creator.jid(Domain::Lid))
        .attr("link_creator_pn", creator.jid(Domain::Pn))
        .build())
}

fn media(video: bool) -> &'static str {
    if video { "video" } else { "audio" }
}

/// A step of a call: told to the other side, and to one's other devices when the
/// call is over for them too.
fn signalled(world: &mut World, me: DeviceRef, action: &Node) {
    let id = action.text_of("call-id").into_owned();
    let Some(call) = world.calls.get(&id).cloned() else {
        return;
    };
    let (caller, called) = (call.from, call.to);
    if me.account != caller.account && me.account != called {
        return;
    }
    match action.tag.as_ref() {
        "reject" => {
            world.calls.end(&id);
            tell_device(world, me, caller, action.clone());
            others_stop_ringing(world, me, &id, &call, "rejected_elsewhere");
            said(world, &id, &call, "rejected", me);
        }
        "accept" => {
            tell_device(world, me, caller, action.clone());
            others_stop_ringing(world, me, &id, &call, "accepted_elsewhere");
            said(world, &id, &call, "accepted", me);
        }
        "terminate" => end(world, me, &id),
        _ => {}
    }
}

/// The phone of `from` rings at `to`; the id of the call.
pub(crate) fn ring(world: &mut World, from: AccountId, to: AccountId, video: bool) -> Option<String> {
    let caller = DeviceRef::phone(from);
    let id = hex::encode_upper(world.random::<16>());
    let began_at = world.now_ms();
    let call = Call { from: caller, to, video, began_at };
    world.calls.begin(id.clone(), call.clone());
    let blocked = world.accounts.get(&to)?.blocked.contains(&from);
    if !blocked {
        let pn = world.jid(caller, Domain::Pn);
        let mut children =
            vec![node("audio").attr("enc", "opus").attr("rate", 16_000).build(), node("net").attr("medium", 3).build()];
        if video {
            children.push(node("video").attr("enc", "vp8").attr("orientation", 0).build());
        }
        let offer = node("offer")
            .attr("call-id", id.as_str())
            .attr("call-creator", world.jid(caller, Domain::Lid))
            .attr("caller_pn", pn)
            .children(children)
            .build();
        for device in companions(world, to) {
            deliver(world, caller, device, offer.clone());
        }
        said(world, &id, &call, "ringing", caller);
    }
    Some(id)
}

/// Ends a call from either side.
pub(crate) fn end(world: &mut World, by: DeviceRef, id: &str) {
    let Some(call) = world.calls.end(id) else {
        return;
    };
    let other = if by.account == call.from.account { call.to } else { call.from.account };
    let over = terminate(world, id, &call, None);
    for device in companions(world, other) {
        deliver(world, by, device, over.clone());
    }
    said(world, id, &call, "ended", by);
}

fn others_stop_ringing(world: &mut World, me: DeviceRef, id: &str, call: &Call, reason: &'static str) {
    let over = terminate(world, id, call, Some(reason));
    for device in companions(world, me.account).into_iter().filter(|device| *device != me) {
        deliver(world, call.from, device, over.clone());
    }
}

fn terminate(world: &World, id: &str, call: &Call, reason: Option<&'static str>) -> Node {
    let mut over = node("terminate").attr("call-id", id).attr("call-creator", world.jid(call.from, Domain::Lid));
    if let Some(reason) = reason {
        over = over.attr("reason", reason);
    }
    over.build()
}

fn companions(world: &World, account: AccountId) -> Vec<DeviceRef> {
    let devices = world.accounts.get(&account).map(|account| account.devices.keys().copied());
    devices.into_iter().flatten().map(|device| DeviceRef { account, device }).collect()
}

fn tell_device(world: &mut World, from: DeviceRef, to: DeviceRef, action: Node) {
    if !to.is_phone() {
        deliver(world, from, to, action);
    }
}

fn deliver(world: &mut World, from: DeviceRef, to: DeviceRef, action: Node) {
    let mut stanza = node("call")
        .attr("from", world.jid(from, Domain::Lid))
        .attr("id", world.stanza_id())
        .attr("t", world.now_secs())
        .attr("platform", "android")
        .attr("version", "2.26.1.1");
    if let Some(account) = world.accounts.get(&from.account) {
        stanza = stanza.attr("notify", account.name.as_str());
    }
    let stanza = stanza.children([action]).build();
    world.deliver(to, Some(from.account), stanza);
}

/// Both phones show what becomes of the call.
fn said(world: &mut World, id: &str, call: &Call, state: &'static str, by: DeviceRef) {
    let now = world.now_ms();
    let number = |world: &World, account| {
        world.accounts.get(&account).map(|account| account.number.to_string()).unwrap_or_default()
    };
    let (caller, called) = (number(world, call.from.account), number(world, call.to));
    let fields = json!({
        "id": id,
        "from": caller,
        "to": called,
        "video": call.video,
        "state": state,
        "by": number(world, by.account),
        "device": by.device,
    });
    for account in [call.from.account, call.to] {
        if let Some(account) = world.accounts.get_mut(&account) {
            account.phone.events.add(now, "call", fields.clone());
        }
    }
    world.changed();
}
