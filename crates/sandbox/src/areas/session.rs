//! Logging in, becoming active, pings, pulling the backlog.

use waproto::whatsapp::ClientPayload;

use super::Request;
use crate::fault::Whom;
use crate::ids::{ConnId, DeviceRef, Domain};
use crate::stanza::{Reading as _, node, server_jid};
use crate::world::World;
use crate::world::connection::{Stage, login_of};

/// How many stanzas a client gets that asks for a batch without a count.
const DEFAULT_BATCH: u64 = 100;

/// Lets a device in, or tells it why not.
pub(crate) fn log_in(world: &mut World, conn: ConnId, payload: &ClientPayload) {
    let Some((account, device)) = login_of(world, payload) else {
        return world.refuse(conn, 400, "malformed");
    };
    let number = account.and_then(|id| world.accounts.get(&id)).map(|account| account.number.to_string());
    let now = world.now_ms();
    let whom = Whom { phone: number.as_deref(), device: Some(device), xmlns: None };
    if let Some(refusal) = world.faults.refusal(whom, now) {
        return world.refuse_with(conn, &refusal);
    }
    let client_static = world.connections.get(&conn).map(|connection| connection.client_static);
    let known = account.and_then(|id| world.accounts.get_mut(&id)).and_then(|account| {
        let id = account.id;
        account.devices.get_mut(&device).map(|companion| (id, companion))
    });
    let Some((account, companion)) = known.filter(|(_, companion)| Some(companion.noise) == client_static) else {
        // Unknown, unlinked, or another's Noise key: WhatsApp answers all alike.
        return world.refuse(conn, 401, "device_removed");
    };
    let device = DeviceRef { account, device };
    let before = companion.connection.replace(conn);
    if let Some(name) = payload.push_name.as_deref().filter(|name| !name.is_empty())
        && let Some(account) = world.accounts.get_mut(&account)
        && account.name == account.number.to_string()
    {
        account.name = name.to_owned();
    }
    if let Some(before) = before {
        world.end_stream(before, replaced());
    }
    world.set_stage(conn, Stage::LoggedIn(device));
    let lid = world.jid(device, Domain::Lid);
    let (created, name) =
        world.accounts.get(&account).map(|account| (account.created_at, account.name.clone())).unwrap_or_default();
    let success = node("success")
        .attr("t", world.now_secs())
        .attr("props", 27)
        .attr("location", "sbx")
        .attr("companion_enc_static", "")
        .attr("abprops", 1)
        .attr("creation", created)
        .attr("display_name", name)
        .attr("lid", lid)
        .build();
    world.send(conn, success);
    let token: [u8; 8] = world.random();
    world.send(conn, edge_routing(&token));
}

/// What a connection gets whose device has logged in elsewhere.
pub(crate) fn replaced() -> wacore_binary::Node {
    node("stream:error").children([node("conflict").attr("type", "replaced").build()]).build()
}

/// `<iq xmlns=w:p>`, the keepalive.
pub(crate) fn ping(world: &mut World, request: &Request<'_>) {
    request.result(world, []);
}

/// An answer to an iq of the server; none of them needs one.
pub(crate) fn answered(_: &mut World, _: &Request<'_>) {}

/// `<active/>`: the client wants what waited for it.
pub(crate) fn active(world: &mut World, request: &Request<'_>) {
    request.result(world, []);
    if let Some(device) = request.device {
        world.activate(request.conn, device);
    }
}

/// `<passive/>`: the client goes to the background.
pub(crate) fn passive(world: &mut World, request: &Request<'_>) {
    request.result(world, []);
}

/// `<clean type timestamp/>`: a dirty bit is dealt with.
pub(crate) fn clean(world: &mut World, request: &Request<'_>) {
    request.result(world, []);
}

/// `<ib>`: a batch of the backlog is wanted; anything else is only told.
pub(crate) fn information(world: &mut World, request: &Request<'_>) {
    if request.device.is_none() {
        return;
    }
    if let Some(batch) = request.stanza.child("offline_batch") {
        let count = batch.number_of("count").unwrap_or(DEFAULT_BATCH);
        world.pull(request.conn, usize::try_from(count).unwrap_or(usize::MAX));
    }
}

/// The routing prefix clients may send on their next connection.
fn edge_routing(token: &[u8]) -> wacore_binary::Node {
    let info = node("routing_info").bytes(token.to_vec()).build();
    node("ib").attr("from", server_jid()).children([node("edge_routing").children([info]).build()]).build()
}
