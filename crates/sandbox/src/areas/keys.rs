//! Signal keys: upload, count, digest, rotation, bundles.

use std::collections::HashSet;

use wacore::prekeys::compute_key_bundle_digest;
use wacore_binary::Node;

use super::Request;
use crate::phone::sync_keys;
use crate::stanza::{Reading as _, node, uint};
use crate::world::World;
use crate::world::account::Device;
use crate::world::keys::{MAX_ONE_TIME, SignedKey};

/// The most bundles given for one request.
const MAX_BUNDLES: usize = 2_000;

fn own<'w>(world: &'w mut World, request: &Request<'_>) -> Option<&'w mut Device> {
    let device = request.device?;
    world.accounts.get_mut(&device.account)?.devices.get_mut(&device.device)
}

fn signed_key(node: &Node) -> Option<SignedKey> {
    Some(SignedKey {
        id: uint(node.body_of("id"))?,
        public: node.body_of("value").try_into().ok()?,
        signature: node.body_of("signature").try_into().ok()?,
    })
}

/// One-time keys, with the identity and the signed key they belong to.
pub(crate) fn upload(world: &mut World, request: &Request<'_>) {
    let stanza = request.stanza;
    let (Some(registration_id), Ok(identity), Some(signed)) = (
        uint(stanza.body_of("registration")),
        <[u8; 32]>::try_from(stanza.body_of("identity")),
        stanza.child("skey").and_then(signed_key),
    ) else {
        return request.error(world, 406, "not-acceptable");
    };
    let mut keys = Vec::new();
    for key in stanza.child("list").map(crate::stanza::Reading::nodes).unwrap_or_default() {
        let (Some(id), Ok(public)) = (uint(key.body_of("id")), <[u8; 32]>::try_from(key.body_of("value"))) else {
            return request.error(world, 406, "not-acceptable");
        };
        keys.push((id, public));
    }
    let Some(companion) = own(world, request) else {
        return request.error(world, 401, "not-authorized");
    };
    // A companion can't become another: its identity is what the phone signed.
    if identity != companion.keys.identity
        || !signed.signed_by(&identity)
        || companion.keys.one_time.len() + keys.len() > MAX_ONE_TIME
    {
        return request.error(world, 406, "not-acceptable");
    }
    let known: HashSet<u32> = companion.keys.one_time.iter().map(|(id, _)| *id).collect();
    companion.keys.registration_id = registration_id;
    companion.keys.signed = signed;
    companion.keys.one_time.extend(keys.into_iter().filter(|(id, _)| !known.contains(id)));
    let first = !std::mem::replace(&mut companion.keys.uploaded, true);
    request.result(world, []);
    if let (true, Some(device)) = (first, request.device) {
        sync_keys::companion_ready(world, device);
    }
}

/// `<rotate><skey>`: another signed key.
pub(crate) fn rotate(world: &mut World, request: &Request<'_>) {
    let signed = request.stanza.child("rotate").and_then(|rotate| rotate.child("skey")).and_then(signed_key);
    let accepted = match (signed, own(world, request)) {
        (Some(signed), Some(companion)) if signed.signed_by(&companion.keys.identity) => {
            companion.keys.signed = signed;
            true
        }
        _ => false,
    };
    if accepted { request.result(world, []) } else { request.error(world, 406, "not-acceptable") }
}

/// `<count/>`: how many one-time keys are left.
pub(crate) fn count(world: &mut World, request: &Request<'_>) {
    let count = own(world, request).map_or(0, |companion| companion.keys.one_time.len());
    request.result(world, [node("count").attr("value", count).build()]);
}

/// `<digest/>`: what the server holds, and a SHA-1 over the public keys by which
/// the client sees that nothing is missing.
pub(crate) fn digest(world: &mut World, request: &Request<'_>) {
    let Some(companion) = own(world, request).filter(|companion| companion.keys.uploaded) else {
        return request.error(world, 404, "item-not-found");
    };
    let keys = &companion.keys;
    let publics: Vec<&[u8]> = keys.one_time.iter().map(|(_, public)| public.as_slice()).collect();
    let hash = compute_key_bundle_digest(&keys.identity, &keys.signed.public, &keys.signed.signature, &publics);
    let id = |id: u32| node("id").bytes(id.to_be_bytes()[1..].to_vec()).build();
    let digest = node("digest")
        .children([
            node("registration").bytes(keys.registration_id.to_be_bytes().to_vec()).build(),
            node("type").bytes(vec![5]).build(),
            node("identity").bytes(keys.identity.to_vec()).build(),
            node("skey")
                .children([
                    id(keys.signed.id),
                    node("value").bytes(keys.signed.public.to_vec()).build(),
                    node("signature").bytes(keys.signed.signature.to_vec()).build(),
                ])
                .build(),
            node("list").children(keys.one_time.iter().map(|(key, _)| id(*key))).build(),
            node("hash").bytes(hash).build(),
        ])
        .build();
    request.result(world, [digest]);
}

/// `<key><user jid/>…`: a bundle of every device named, each with a one-time
/// key that nobody else gets.
pub(crate) fn bundles(world: &mut World, request: &Request<'_>) {
    let users = request.stanza.child("key").map(crate::stanza::Reading::nodes).unwrap_or_default();
    let mut answers = Vec::with_capacity(users.len().min(MAX_BUNDLES));
    for user in users.iter().take(MAX_BUNDLES) {
        let Some(jid) = user.jid_of("jid") else {
            continue;
        };
        let bundle = world.find_device(&jid).and_then(|device| world.take_bundle(device));
        answers.push(match bundle {
            Some(bundle) => bundle.into_node(jid),
            None => missing(&jid),
        });
    }
    request.result(world, [node("list").children(answers).build()]);
}

/// `<identity><user jid/>…`: only the identity keys.
pub(crate) fn identities(world: &mut World, request: &Request<'_>) {
    let users = request.stanza.child("identity").map(crate::stanza::Reading::nodes).unwrap_or_default();
    let mut answers = Vec::new();
    for jid in users.iter().take(MAX_BUNDLES).filter_map(|user| user.jid_of("jid")) {
        let identity = world.find_device(&jid).and_then(|device| {
            let account = world.accounts.get(&device.account)?;
            if device.is_phone() {
                Some(crate::stanza::public_bytes(&account.phone.party.identity().public_key))
            } else {
                Some(account.devices.get(&device.device)?.keys.identity)
            }
        });
        answers.push(match identity {
            Some(identity) => node("user")
                .attr("jid", jid)
                .children([node("type").bytes(vec![5]).build(), node("identity").bytes(identity.to_vec()).build()])
                .build(),
            None => missing(&jid),
        });
    }
    request.result(world, [node("list").children(answers).build()]);
}

fn missing(jid: &wacore_binary::Jid) -> Node {
    node("user")
        .attr("jid", jid)
        .children([node("error").attr("code", 404).attr("text", "item-not-found").build()])
        .build()
}
