//! App state: what devices of an account agree on, by version.

use wacore_binary::Node;

use super::{Request, notifications};
use crate::ids::DeviceRef;
use crate::phone;
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::app_state::{AppState, COLLECTIONS, Rejected};

/// How many patches an answer carries per collection.
const PAGE: usize = 100;
/// How many collections one request may name.
const MAX_COLLECTIONS: usize = 16;

/// `<sync><collection name version>[<patch>]</collection>…`.
pub(crate) fn sync(world: &mut World, request: &Request<'_>) {
    let (Some(me), Some(sync)) = (request.device, request.stanza.child("sync")) else {
        return;
    };
    let answers: Vec<Node> =
        sync.nodes().iter().take(MAX_COLLECTIONS).map(|collection| answer(world, me, collection)).collect();
    request.result(world, [node("sync").children(answers).build()]);
}

fn answer(world: &mut World, me: DeviceRef, collection: &Node) -> Node {
    let asked = collection.text_of("name");
    let Some(name) = COLLECTIONS.into_iter().find(|name| *name == asked) else {
        return refused(&asked, 404, "item-not-found", Missed::default());
    };
    let known = collection.number_of("version").unwrap_or(0);
    let Some(patch) = collection.child("patch") else {
        let snapshot = collection.text_of("return_snapshot") == "true";
        return missed(world, me, name, known, snapshot).into_node(name);
    };
    match upload(world, me, name, known, patch.body()) {
        Ok(version) => {
            notifications::app_state_changed(world, me.account, Some(me.device), name, version);
            phone::app_state::catch_up(world, me.account);
            world.changed();
            node("collection").attr("name", name).attr("version", version).build()
        }
        Err(Rejected::Conflict) => {
            let missed = missed(world, me, name, known, false);
            refused(name, 409, "conflict", missed)
        }
        Err(Rejected::Invalid) => refused(name, 400, "bad-request", Missed::default()),
        Err(Rejected::Full) => refused(name, 429, "rate-overlimit", Missed::default()),
    }
}

fn upload(world: &mut World, me: DeviceRef, name: &str, base: u64, patch: &[u8]) -> Result<u64, Rejected> {
    let mut patch = AppState::parse(patch).ok_or(Rejected::Invalid)?;
    if patch.external_mutations.is_set() {
        patch.mutations = world.outside_mutations(&patch).ok_or(Rejected::Invalid)?;
        patch.external_mutations = buffa::MessageField::none();
    }
    let account = world.accounts.get_mut(&me.account).ok_or(Rejected::Invalid)?;
    account.app_state.upload(name, base, patch, me.device)
}

/// What a device lacks.
#[derive(Default)]
struct Missed {
    version: u64,
    more: bool,
    children: Vec<Node>,
}

impl Missed {
    fn into_node(self, name: &'static str) -> Node {
        let mut answer = node("collection").attr("name", name).attr("version", self.version);
        if self.more {
            answer = answer.attr("has_more_patches", "true");
        }
        answer.children(self.children).build()
    }
}

/// The patches after a version; a snapshot instead when the device has nothing
/// yet or is further behind than patches are kept.
fn missed(world: &mut World, me: DeviceRef, name: &'static str, known: u64, fresh: bool) -> Missed {
    let Some(account) = world.accounts.get(&me.account) else {
        return Missed::default();
    };
    let version = account.app_state.version(name).unwrap_or(0);
    let too_far = account.app_state.after(name, known, PAGE).is_none();
    let worth_it = version >= world.timing.snapshot_from;
    if (too_far || (fresh && worth_it))
        && let Some(snapshot) = world.snapshot(me.account, name)
    {
        return Missed { version, more: false, children: vec![snapshot] };
    }
    let Some((patches, more)) =
        world.accounts.get(&me.account).and_then(|account| account.app_state.after(name, known, PAGE))
    else {
        return Missed { version, ..Missed::default() };
    };
    let patches: Vec<Vec<u8>> = patches.map(|patch| patch.bytes.clone()).collect();
    let patches: Vec<Node> =
        patches.into_iter().map(|patch| node("patch").bytes(world.with_large_outside(patch)).build()).collect();
    let children = if patches.is_empty() { Vec::new() } else { vec![node("patches").children(patches).build()] };
    Missed { version: version.max(known), more, children }
}

fn refused(name: &str, code: u32, text: &'static str, missed: Missed) -> Node {
    let error = node("error").attr("code", code).attr("text", text).build();
    let mut answer = node("collection").attr("name", name).attr("type", "error");
    if missed.more {
        answer = answer.attr("has_more_patches", "true");
    }
    answer.children(std::iter::once(error).chain(missed.children)).build()
}
