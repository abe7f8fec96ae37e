//! Linking by QR code: refs, the phone's admission, the companion's answer.
//!
//! Six refs come at once; the client shows the first for 60 s and each of the
//! others for 20 s. After the last the server ends the connection.

use wacore_binary::Node;

use super::Request;
use crate::ids::{AccountId, ConnId, DeviceRef, Domain};
use crate::stanza::{Reading as _, node, server_jid};
use crate::world::World;
use crate::world::account::{Device, MAX_COMPANIONS};
use crate::world::connection::{Admission, Candidate, Connection};
use crate::world::links::Outcome;
use crate::world::queue::Queue;
use crate::world::timers::Timer;

/// How many refs a client gets.
const REFS: usize = 6;

/// Gives a new candidate its refs.
pub(crate) fn begin(world: &mut World, conn: ConnId) {
    let mut expires = world.now_ms() + world.timing.qr_first_ms;
    let mut refs = Vec::with_capacity(REFS);
    for _ in 0..REFS {
        let random: [u8; 24] = world.random();
        let reference = {
            use base64::prelude::{BASE64_STANDARD, Engine as _};
            format!("2@{}", BASE64_STANDARD.encode(random))
        };
        world.links.add_ref(reference.clone(), conn);
        refs.push((reference, expires));
        expires += world.timing.qr_next_ms;
    }
    let end = refs.last().map_or(0, |(_, expires)| *expires);
    let nodes: Vec<Node> = refs.iter().map(|(reference, _)| node("ref").bytes(reference.as_bytes()).build()).collect();
    if let Some(candidate) = world.connections.get_mut(&conn).and_then(Connection::candidate_mut) {
        candidate.refs = refs;
    }
    world.timers.set(end, Timer::LinkingEnd(conn));
    let id = world.stanza_id();
    let stanza = set_iq(&id).children([node("pair-device").children(nodes).build()]).build();
    world.send(conn, stanza);
}

fn set_iq(id: &str) -> wacore_binary::builder::NodeBuilder {
    node("iq").attr("from", server_jid()).attr("type", "set").attr("id", id).attr("xmlns", "md")
}

/// Ends a connection that nobody scanned, unless a link code is still valid.
pub(crate) fn end_if_expired(world: &mut World, conn: ConnId) {
    let now = world.now_ms();
    let Some(candidate) = world.connections.get(&conn).and_then(Connection::candidate) else {
        return;
    };
    if candidate.admitted.is_some() {
        return;
    }
    let code_until = world.links.codes.values().filter(|code| code.conn == conn).map(|code| code.expires_at_ms).max();
    match code_until.filter(|until| *until > now) {
        Some(until) => world.timers.set(until, Timer::LinkingEnd(conn)),
        None => world.end_stream(conn, node("xmlstreamend").build()),
    }
}

/// Why a scan or a code can't go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CantAdmit {
    UnknownRef,
    Expired,
    TooManyCompanions,
    /// The candidate is admitted already, or a key is unusable.
    Unusable,
}

/// The phone has scanned a ref: finds the connection that shows it.
pub(crate) fn scanned(world: &World, reference: &str) -> Result<ConnId, CantAdmit> {
    let Some(conn) = world.links.by_ref(reference) else {
        return Err(if world.links.is_expired(reference) { CantAdmit::Expired } else { CantAdmit::UnknownRef });
    };
    let candidate = world.connections.get(&conn).and_then(Connection::candidate).ok_or(CantAdmit::Expired)?;
    let valid = candidate.refs.iter().any(|(shown, expires)| shown == reference && *expires > world.now_ms());
    if valid { Ok(conn) } else { Err(CantAdmit::Expired) }
}

/// The phone lets the candidate in: `pair-success` goes out. The outcome is
/// found under `attempt`.
pub(crate) fn admit(
    world: &mut World,
    conn: ConnId,
    account_id: AccountId,
    secret: &[u8; 32],
    attempt: u64,
) -> Result<(), CantAdmit> {
    let now = world.now_secs();
    let World { accounts, connections, rng, .. } = world;
    let candidate = connections.get_mut(&conn).and_then(Connection::candidate_mut).ok_or(CantAdmit::Expired)?;
    let account = accounts.get_mut(&account_id).ok_or(CantAdmit::Unusable)?;
    if candidate.admitted.is_some() {
        return Err(CantAdmit::Unusable);
    }
    if account.devices.len() >= MAX_COMPANIONS {
        return Err(CantAdmit::TooManyCompanions);
    }
    let (device, key_index) = account.reserve_device().ok_or(CantAdmit::TooManyCompanions)?;
    let container = account.admit(&candidate.keys.identity, key_index, secret, now, rng).ok_or(CantAdmit::Unusable)?;
    let device = DeviceRef { account: account_id, device };
    let id = world.stanza_id();
    let stanza = set_iq(&id);
    let pair_success = node("pair-success")
        .children([
            node("device-identity").bytes(container).build(),
            node("device")
                .attr("jid", world.jid(device, Domain::Pn))
                .attr("lid", world.jid(device, Domain::Lid))
                .build(),
            node("platform").attr("name", "android").build(),
        ])
        .build();
    if let Some(candidate) = world.connections.get_mut(&conn).and_then(Connection::candidate_mut) {
        candidate.admitted = Some(Admission { device, key_index, stanza_id: id, attempt });
    }
    let now = world.now_secs();
    world.send(conn, stanza.attr("t", now).children([pair_success]).build());
    Ok(())
}

/// `pair-device-sign`: the companion accepts; from now on it exists.
pub(crate) fn confirmed(world: &mut World, request: &Request<'_>) {
    let Some(candidate) = world.connections.get(&request.conn).and_then(Connection::candidate) else {
        return;
    };
    let Some(admission) =
        candidate.admitted.clone().filter(|admission| admission.stanza_id == request.stanza.text_of("id"))
    else {
        return;
    };
    let device_identity = request
        .stanza
        .child("pair-device-sign")
        .map(|sign| sign.body_of("device-identity").to_vec())
        .unwrap_or_default();
    let device = device_of(world, request.conn, candidate, &admission, device_identity);
    let confirmed = world
        .accounts
        .get(&admission.device.account)
        .is_some_and(|account| account.confirms(&device.device_identity, &device.keys.identity, admission.key_index));
    if !confirmed {
        world.links.end(admission.attempt, Outcome::Refused);
        return world.refuse(request.conn, 401, "bad-device-signature");
    }
    if let Some(account) = world.accounts.get_mut(&admission.device.account) {
        account.devices.insert(admission.device.device, device);
    }
    world.links.end(admission.attempt, Outcome::Linked(admission.device));
    super::notifications::device_added(world, admission.device);
    world.end_stream(request.conn, node("stream:error").attr("code", 515).build());
    world.changed();
}

fn device_of(
    world: &World,
    conn: ConnId,
    candidate: &Candidate,
    admission: &Admission,
    device_identity: Vec<u8>,
) -> Device {
    Device {
        noise: world.connections.get(&conn).map(|connection| connection.client_static).unwrap_or_default(),
        keys: candidate.keys.clone(),
        device_identity,
        key_index: admission.key_index,
        platform: candidate.platform.clone(),
        os: candidate.os.clone(),
        linked_at_ms: world.now_ms(),
        queue: Queue::default(),
        connection: None,
        available: false,
        watching: std::collections::BTreeSet::new(),
        wants_full_history: candidate.wants_full_history,
    }
}

/// The companion refuses what the phone signed.
pub(crate) fn declined(world: &mut World, request: &Request<'_>) {
    let Some(candidate) = world.connections.get_mut(&request.conn).and_then(Connection::candidate_mut) else {
        return;
    };
    if let Some(admission) = candidate.admitted.take_if(|admission| admission.stanza_id == request.stanza.text_of("id"))
    {
        world.links.end(admission.attempt, Outcome::Refused);
        world.changed();
    }
}
