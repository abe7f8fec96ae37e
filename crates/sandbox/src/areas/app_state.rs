//! App state: what devices of an account agree on, by version.

use wacore_binary::Node;

use super::{Request, notifications};
use crate::ids::DeviceRef;
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::app_state::Rejected;

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
    let name = collection.text_of("name").into_owned();
    let known = collection.number_of("version").unwrap_or(0);
    let Some(account) = world.accounts.get_mut(&me.account) else {
        return refused(&name, 404, "item-not-found", None);
    };
    let Some(version) = account.app_state.version(&name) else {
        return refused(&name, 404, "item-not-found", None);
    };
    if let Some(patch) = collection.child("patch") {
        return match account.app_state.upload(&name, known, patch.body()) {
            Ok(mutations) => {
                applied(world, me, &name, known + 1, &mutations);
                node("collection").attr("name", name).attr("version", known + 1).build()
            }
            Err(Rejected::Conflict) => {
                let newer = patches(world, me, &name, known);
                refused(&name, 409, "conflict", newer)
            }
            Err(Rejected::Invalid) => refused(&name, 400, "bad-request", None),
            Err(Rejected::Full) => refused(&name, 429, "rate-overlimit", None),
        };
    }
    let (_, more) = account.app_state.after(&name, known, PAGE);
    let mut answer = node("collection").attr("name", name.as_str()).attr("version", version.max(known));
    if more {
        answer = answer.attr("has_more_patches", "true");
    }
    if let Some(patches) = patches(world, me, &name, known) {
        answer = answer.children([patches]);
    }
    answer.build()
}

fn patches(world: &World, me: DeviceRef, name: &str, after: u64) -> Option<Node> {
    let (patches, _) = world.accounts.get(&me.account)?.app_state.after(name, after, PAGE);
    let patches: Vec<Node> = patches.iter().map(|patch| node("patch").bytes(patch.clone()).build()).collect();
    (!patches.is_empty()).then(|| node("patches").children(patches).build())
}

fn refused(name: &str, code: u32, text: &'static str, patches: Option<Node>) -> Node {
    let error = node("error").attr("code", code).attr("text", text).build();
    node("collection").attr("name", name).attr("type", "error").children(std::iter::once(error).chain(patches)).build()
}

/// The phone reads what a companion has changed and takes over its part.
fn applied(world: &mut World, me: DeviceRef, collection: &str, version: u64, mutations: &[wacore_appstate::Mutation]) {
    let now = world.now_ms();
    if let Some(account) = world.accounts.get_mut(&me.account) {
        for mutation in mutations {
            let value = mutation.action_value.as_ref().and_then(|value| serde_json::to_value(value).ok());
            if let Some(name) = mutation
                .action_value
                .as_ref()
                .and_then(|value| value.push_name_setting.as_option())
                .and_then(|setting| setting.name.clone())
            {
                account.name = name;
            }
            account.phone.events.add(
                now,
                "appState",
                serde_json::json!({
                    "device": me.device,
                    "collection": collection,
                    "version": version,
                    "operation": format!("{:?}", mutation.operation).to_lowercase(),
                    "index": mutation.index,
                    "value": value.map(crate::phone::content::pruned),
                }),
            );
        }
    }
    notifications::app_state_changed(world, me.account, Some(me.device), collection, version);
    world.changed();
}
