//! usync: what the server knows about people, asked for by name.

use wacore_binary::{Jid, Node, Server};

use super::Request;
use crate::ids::{Domain, PhoneNumber};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::account::Account;

/// The most people one query may name.
const MAX_PEOPLE: usize = 2_000;

/// `<usync><query>…</query><list><user/>…</list></usync>`.
pub(crate) fn query(world: &mut World, request: &Request<'_>) {
    let Some(usync) = request.stanza.child("usync") else {
        return;
    };
    let wanted: Vec<String> = usync
        .child("query")
        .map(crate::stanza::Reading::nodes)
        .unwrap_or_default()
        .iter()
        .map(|protocol| protocol.tag.to_string())
        .collect();
    let people = usync.child("list").map(crate::stanza::Reading::nodes).unwrap_or_default();
    let users: Vec<Node> =
        people.iter().take(MAX_PEOPLE).filter_map(|person| user(world, request, &wanted, person)).collect();
    let result: Vec<Node> = wanted
        .iter()
        .map(|protocol| wacore_binary::builder::NodeBuilder::new_dynamic(protocol.clone()).build())
        .collect();
    let mut answer = node("usync").attr("index", 0).attr("last", "true");
    for name in ["sid", "mode", "context"] {
        answer = answer.attr(name, usync.text_of(name).as_ref());
    }
    request.result(
        world,
        [answer.children([node("result").children(result).build(), node("list").children(users).build()]).build()],
    );
}

/// Whom an entry of the list names: by address, or by a number typed by hand.
fn named(world: &World, person: &Node) -> Option<(Jid, Option<crate::ids::AccountId>)> {
    if let Some(jid) = person.jid_of("jid") {
        let account = world.find(&jid);
        return Some((jid.to_non_ad(), account));
    }
    let typed = std::str::from_utf8(person.child("contact")?.body()).ok()?;
    let number = PhoneNumber::parse(typed)?;
    Some((Jid::new(number.digits(), Server::Pn), world.find_number(&number)))
}

fn user(world: &mut World, request: &Request<'_>, wanted: &[String], person: &Node) -> Option<Node> {
    let (jid, account) = named(world, person)?;
    let typed = person.child("contact").map(|contact| contact.body().to_vec());
    let contact = |kind: &'static str| {
        let mut contact = node("contact").attr("type", kind);
        if let Some(typed) = &typed {
            contact = contact.bytes(typed.clone());
        }
        contact.build()
    };
    let user = node("user").attr("jid", &jid);
    let Some(account) = account else {
        let children: Vec<Node> =
            wanted.iter().filter(|protocol| *protocol == "contact").map(|_| contact("out")).collect();
        return Some(user.children(children).build());
    };
    if let Some(me) = request.device {
        // Whoever asks for devices wants to know when they change.
        world.acquainted(me.account, account);
    }
    let now = world.now_secs();
    let World { accounts, rng, .. } = world;
    let account = accounts.get(&account)?;
    let mut children = Vec::new();
    for protocol in wanted {
        match protocol.as_str() {
            "contact" => children.push(contact("in")),
            "devices" => children.push(devices(account, account.key_index_list(now, rng)?, now)),
            "lid" => children.push(node("lid").attr("val", account.jid(Domain::Lid)).build()),
            "status" => children.push(
                node("status").attr("t", account.profile.about_set_at).bytes(account.profile.about.as_bytes()).build(),
            ),
            "picture" => children.push(match &account.profile.picture {
                Some((id, _)) => node("picture").attr("id", *id).build(),
                None => node("picture")
                    .children([node("error").attr("code", 404).attr("text", "item-not-found").build()])
                    .build(),
            }),
            "disappearing_mode" => children.push(node("disappearing_mode").attr("duration", 0).attr("t", 0).build()),
            _ => {}
        }
    }
    let mut user = user;
    if jid.server == Server::Lid {
        user = user.attr("pn_jid", account.jid(Domain::Pn));
    }
    Some(user.children(children).build())
}

fn devices(account: &Account, key_indexes: Vec<u8>, now: u64) -> Node {
    let mut list = vec![node("device").attr("id", 0).build()];
    for (id, device) in &account.devices {
        list.push(node("device").attr("id", *id).attr("key-index", device.key_index).build());
    }
    node("devices")
        .children([
            node("device-list").children(list).build(),
            node("key-index-list").attr("ts", now).bytes(key_indexes).build(),
        ])
        .build()
}
