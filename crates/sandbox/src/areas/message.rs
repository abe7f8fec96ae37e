//! Messages between people and between the devices of one account.
//!
//! The sender seals a copy for every device; the server passes each on and
//! can't read any. It tells the sender when its list of devices was out of date.

use std::collections::BTreeSet;

use wacore::messages::MessageUtils;
use wacore_binary::{Jid, Node, NodeContent};

use super::Request;
use crate::fault::Kind;
use crate::ids::{AccountId, DeviceRef, Domain, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::repeats::Audience;

/// The most copies taken from one stanza.
pub(crate) const MAX_COPIES: usize = 5_000;
/// Attributes of the stanza that the recipients see.
pub(crate) const PASSED_ON: [&str; 4] = ["type", "edit", "category", "push_priority"];
/// Children that are for the server or are put in place anew.
const KEPT_BACK: [&str; 5] = ["participants", "enc", "device-identity", "tctoken", "cstoken"];

/// What the sender is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// On its way; with the hash of the devices it should have gone to, when it
    /// went to others.
    Sent { phash: Option<String> },
    /// Not possible, with the code of the ack.
    Refused(u32),
}

/// `<message>` from a companion.
pub(crate) fn received(world: &mut World, request: &Request<'_>) {
    let Some(device) = request.device else {
        return;
    };
    let forced = world.message_refusal(device);
    let damaged = world.happens_to(device, Kind::DamageMessages).then(|| damaged(request.stanza));
    let stanza = damaged.as_ref().unwrap_or(request.stanza);
    let accepted = forced.map_or_else(|| accept(world, device, stanza), Accepted::Refused);
    let mut ack =
        node("ack").attr("class", "message").attr("id", stanza.text_of("id").as_ref()).attr("t", world.now_secs());
    if let Some(to) = stanza.jid_of("to") {
        ack = ack.attr("from", to);
    }
    if let Some(participant) = stanza.jid_of("participant") {
        ack = ack.attr("participant", participant);
    }
    ack = match accepted {
        Accepted::Sent { phash: Some(phash) } => ack.attr("phash", phash),
        Accepted::Sent { phash: None } => ack,
        Accepted::Refused(code) => ack.attr("error", code),
    };
    world.ack_message(request.conn, device, ack.build());
}

/// Takes a message from any device, a phone included, and passes its copies on.
pub(crate) fn accept(world: &mut World, from: DeviceRef, stanza: &Node) -> Accepted {
    let id = stanza.text_of("id").into_owned();
    let Some(to) = stanza.jid_of("to") else {
        return Accepted::Refused(400);
    };
    if id.is_empty() {
        return Accepted::Refused(400);
    }
    if let Some(group) = GroupId::of(&to) {
        return super::groups::messages::accept(world, from, group, stanza);
    }
    if super::status::is_status(&to) {
        return super::status::accept(world, from, stanza);
    }
    if Domain::of(&to).is_none() {
        return Accepted::Refused(400);
    }
    let Some(recipient) = world.find(&to) else {
        return Accepted::Refused(404);
    };
    let peer = stanza.text_of("category") == "peer";
    if !peer && !world.may_approach(from.account, recipient, stanza.nodes()) {
        return Accepted::Refused(463);
    }
    let copies = copies_of(stanza, &to);
    let retry = copies.iter().any(|(_, enc)| enc.attrs.contains_key("count"));
    // A client that missed the ack sends again; nobody gets it twice.
    let audience = if retry { Audience::All } else { world.audience(from, &id) };
    let again = retry || audience != Audience::All;
    if !peer
        && recipient != from.account
        && let Some(account) = world.accounts.get_mut(&from.account)
    {
        account.wrote_to.insert(recipient);
    }
    let blocked = world.accounts.get(&recipient).is_some_and(|account| account.blocked.contains(&from.account));
    let notice = view_once_notice(world, stanza);
    let mut reached = BTreeSet::new();
    for (jid, enc) in &copies {
        let Some((device, domain)) = world.find_device(jid).zip(Domain::of(jid)) else {
            continue;
        };
        let for_own = device.account == from.account;
        if device == from || !(for_own || device.account == recipient) || !world.device_exists(device) {
            continue;
        }
        reached.insert(device);
        if (blocked && !for_own) || !audience.has(device) {
            continue;
        }
        if retry {
            world.has_again(device, from, &id);
        }
        let enc = notice.as_ref().filter(|_| !device.is_phone()).unwrap_or(enc);
        let copy = copy_for(world, from, stanza, enc, domain, (for_own && !peer).then_some(&to));
        world.deliver(device, Some(from.account), copy);
    }
    world.acquainted(from.account, recipient);
    world.changed();
    let phash =
        if again || peer || to.device != 0 { None } else { phash_if_outdated(world, from, recipient, &to, &reached) };
    Accepted::Sent { phash }
}

/// What companions get in place of a message that may be viewed only once.
pub(crate) fn view_once_notice(world: &World, stanza: &Node) -> Option<Node> {
    let once = stanza.child("meta").is_some_and(|meta| meta.text_of("view_once") == "true");
    let withheld = once && !world.timing.view_once_on_companions;
    withheld.then(|| node("unavailable").attr("type", "view_once").build())
}

/// The stanza with all its sealed copies spoiled.
pub(crate) fn damaged(stanza: &Node) -> Node {
    fn spoil(node: &mut Node) {
        match &mut node.content {
            Some(NodeContent::Bytes(bytes)) if node.tag == "enc" => {
                // Within the inner message of a `pkmsg` too; its ends hold keys
                // and ids that nothing authenticates.
                let at = bytes.len() * 2 / 3;
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 0x55;
                }
            }
            Some(NodeContent::Nodes(children)) => children.iter_mut().for_each(spoil),
            _ => {}
        }
    }
    let mut stanza = stanza.clone();
    spoil(&mut stanza);
    stanza
}

/// The sealed copies: those under `<participants>`, or one for the addressee.
fn copies_of(stanza: &Node, to: &Jid) -> Vec<(Jid, Node)> {
    let direct = stanza.nodes().iter().filter(|child| child.tag == "enc").map(|enc| (to.clone(), enc.clone()));
    let listed = stanza.child("participants").map(crate::stanza::Reading::nodes).unwrap_or_default();
    let listed = listed.iter().filter_map(|to| Some((to.jid_of("jid")?, to.child("enc")?.clone())));
    direct.chain(listed).take(MAX_COPIES).collect()
}

fn copy_for(
    world: &World,
    from: DeviceRef,
    stanza: &Node,
    enc: &Node,
    domain: Domain,
    recipient: Option<&Jid>,
) -> Node {
    let mut copy = node("message")
        .attr("id", stanza.text_of("id").as_ref())
        .attr("from", world.jid(from, domain))
        .attr("t", world.now_secs());
    for name in PASSED_ON {
        if let Some(value) = stanza.attrs.get(name) {
            copy = copy.attr(name, value.clone());
        }
    }
    if let Some(account) = world.accounts.get(&from.account) {
        copy = copy.attr("notify", account.name.as_str());
        let other = account.jid(domain.other());
        copy = copy.attr(if domain == Domain::Lid { "sender_pn" } else { "sender_lid" }, other);
    }
    if let Some(chat) = recipient {
        let chat = stanza.jid_of("recipient").unwrap_or_else(|| chat.to_non_ad());
        if let (Domain::Lid, Some(account)) = (domain, world.find(&chat).and_then(|id| world.accounts.get(&id))) {
            copy = copy.attr("peer_recipient_pn", account.jid(Domain::Pn));
        }
        copy = copy.attr("recipient", chat);
    }
    let mut children = vec![enc.clone()];
    if enc.text_of("type") == "pkmsg"
        && let Some(identity) = stanza.child("device-identity")
    {
        children.push(identity.clone());
    }
    children.extend(stanza.nodes().iter().filter(|child| !KEPT_BACK.contains(&child.tag.as_ref())).cloned());
    copy.apply_content(Some(NodeContent::Nodes(children))).build()
}

/// The hash of all devices concerned but the sender, when the copies did not
/// reach exactly those.
fn phash_if_outdated(
    world: &World,
    from: DeviceRef,
    recipient: AccountId,
    to: &Jid,
    reached: &BTreeSet<DeviceRef>,
) -> Option<String> {
    let domain = Domain::of(to)?;
    let concerned: BTreeSet<DeviceRef> = [recipient, from.account]
        .into_iter()
        .filter_map(|account| world.accounts.get(&account))
        .flat_map(|account| account.device_ids().into_iter().map(|device| DeviceRef { account: account.id, device }))
        .filter(|device| *device != from)
        .collect();
    if concerned == *reached {
        return None;
    }
    let jids: Vec<Jid> = concerned.iter().map(|device| world.jid(*device, domain)).collect();
    MessageUtils::participant_list_hash(&jids).ok()
}

impl World {
    /// Whether a device exists; the phone always does.
    pub(crate) fn device_exists(&self, device: DeviceRef) -> bool {
        self.accounts
            .get(&device.account)
            .is_some_and(|account| device.is_phone() || account.devices.contains_key(&device.device))
    }

    /// Two accounts know each other from now on.
    pub(crate) fn acquainted(&mut self, one: AccountId, other: AccountId) {
        if one == other {
            return;
        }
        for (of, with) in [(one, other), (other, one)] {
            if let Some(account) = self.accounts.get_mut(&of) {
                account.contacts.insert(with);
            }
        }
    }
}
