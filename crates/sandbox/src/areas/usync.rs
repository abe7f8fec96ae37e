//! usync: what the server knows about people, asked for by name.

use wacore_binary::{Jid, Node, Server};

use super::Request;
use crate::ids::{AccountId, Domain, PhoneNumber};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::account::Account;

/// The most people one query may name.
const MAX_PEOPLE: usize = 2_000;
/// The most protocols one query may ask for.
const MAX_PROTOCOLS: usize = 32;

/// `<usync><query>…</query><list><user/>…</list></usync>`.
pub(crate) fn query(world: &mut World, request: &Request<'_>) {
    let (Some(usync), Some(me)) = (request.stanza.child("usync"), request.device) else {
        return;
    };
    let wanted: Vec<String> = usync
        .child("query")
        .map(crate::stanza::Reading::nodes)
        .unwrap_or_default()
        .iter()
        .take(MAX_PROTOCOLS)
        .map(|protocol| protocol.tag.to_string())
        .collect();
    if wanted.is_empty() {
        return request.error(world, 400, "bad-request");
    }
    let mut people: Vec<&Node> = Vec::new();
    for list in ["list", "side_list"] {
        people.extend(usync.child(list).map(crate::stanza::Reading::nodes).unwrap_or_default());
    }
    if people.len() > MAX_PEOPLE {
        return request.error(world, 429, "rate-overlimit");
    }
    let users: Vec<Node> = people.iter().filter_map(|person| user(world, me.account, &wanted, person)).collect();
    let result: Vec<Node> = wanted.iter().map(|protocol| named(protocol).build()).collect();
    let mut answer = node("usync").attr("index", 0).attr("last", "true");
    for name in ["sid", "mode", "context"] {
        answer = answer.attr(name, usync.text_of(name).as_ref());
    }
    request.result(
        world,
        [answer.children([node("result").children(result).build(), node("list").children(users).build()]).build()],
    );
}

fn named(tag: &str) -> wacore_binary::builder::NodeBuilder {
    wacore_binary::builder::NodeBuilder::new_dynamic(tag.to_owned())
}

/// Whom an entry of the list means.
enum Meant {
    Account(AccountId),
    /// Nobody, under this address.
    Nobody(Jid),
    /// What was typed is no number.
    NoNumber,
}

/// Whom an entry of the list names: by address, or by a number typed by hand.
fn meant(world: &World, person: &Node) -> Option<Meant> {
    if let Some(jid) = person.jid_of("jid") {
        let found = world.find(&jid).or_else(|| world.find(&person.child("lid")?.jid_of("jid")?));
        return Some(found.map_or_else(|| Meant::Nobody(jid.to_non_ad()), Meant::Account));
    }
    let typed = String::from_utf8_lossy(person.child("contact")?.body()).into_owned();
    Some(match PhoneNumber::parse(&typed) {
        Some(number) => match world.find_typed(&number) {
            Some(account) => Meant::Account(account),
            None => Meant::Nobody(Jid::new(number.digits(), Server::Pn)),
        },
        None => Meant::NoNumber,
    })
}

fn user(world: &mut World, me: AccountId, wanted: &[String], person: &Node) -> Option<Node> {
    let typed = person.child("contact").map(|contact| contact.body().to_vec()).filter(|typed| !typed.is_empty());
    let contact = |kind: &'static str| {
        let mut contact = node("contact").attr("type", kind);
        if let Some(typed) = &typed {
            contact = contact.bytes(typed.clone());
        }
        contact.build()
    };
    let asks_contact = wanted.iter().any(|protocol| protocol == "contact");
    let account = match meant(world, person)? {
        Meant::Account(account) => account,
        Meant::Nobody(jid) => {
            return Some(node("user").attr("jid", jid).children(asks_contact.then(|| contact("out"))).build());
        }
        Meant::NoNumber => return asks_contact.then(|| node("user").children([contact("invalid")]).build()),
    };
    // Whoever asks for devices wants to know when they change.
    world.acquainted(me, account);
    let domain = person.jid_of("jid").and_then(|jid| Domain::of(&jid)).unwrap_or(Domain::Pn);
    let mut children = Vec::new();
    for protocol in wanted {
        let answer = match protocol.as_str() {
            "contact" => Some(contact("in")),
            "devices" => devices(world, account, person.child("devices")),
            _ => known(world, me, account, protocol, person),
        };
        children.extend(answer);
    }
    // Somebody of whom everything is known already is left out.
    if children.is_empty() {
        return None;
    }
    let found = world.accounts.get(&account)?;
    let mut user = node("user").attr("jid", found.jid(domain));
    if domain == Domain::Lid {
        user = user.attr("pn_jid", found.jid(Domain::Pn));
    }
    Some(user.children(children).build())
}

fn error(code: u32, text: &'static str) -> Node {
    node("error").attr("code", code).attr("text", text).build()
}

/// What one protocol says about an account to somebody.
fn known(world: &World, viewer: AccountId, account: AccountId, protocol: &str, person: &Node) -> Option<Node> {
    let found = world.accounts.get(&account)?;
    let profile = &found.profile;
    Some(match protocol {
        "lid" => node("lid").attr("val", found.jid(Domain::Lid)).build(),
        "status" if world.may(viewer, account, "status") => {
            node("status").attr("t", profile.about_set_at).bytes(profile.about.as_bytes()).build()
        }
        "status" => node("status").attr("code", 401).attr("type", "fail").build(),
        "picture" => match &profile.picture {
            _ if !world.may(viewer, account, "profile") || !world.may_approach(viewer, account, person.nodes()) => {
                node("picture").children([error(401, "not-authorized")]).build()
            }
            Some(picture) => node("picture").attr("id", picture.id).build(),
            None => node("picture").children([error(404, "item-not-found")]).build(),
        },
        "disappearing_mode" => {
            let (duration, set_at) = found.disappearing;
            node("disappearing_mode").attr("duration", duration).attr("t", set_at).build()
        }
        "text_status" => match &profile.text_status {
            Some((text, emoji)) if world.may(viewer, account, "status") => node("text_status")
                .attr("text", text.as_str())
                .attr("last_update_time", profile.about_set_at)
                .children(emoji.as_ref().map(|emoji| node("emoji").attr("content", emoji.as_str()).build()))
                .build(),
            _ => node("text_status").build(),
        },
        "username" => {
            let username = node("username");
            profile.username.as_ref().map_or(username, |name| node("username").bytes(name.as_bytes())).build()
        }
        "feature" => {
            let asked = person.child("feature").map(crate::stanza::Reading::nodes).unwrap_or_default();
            node("feature")
                .children(asked.iter().map(|feature| named(&feature.tag).attr("value", "true").build()))
                .build()
        }
        "business" => {
            let business = found.business.as_ref()?;
            let name = node("verified_name").attr("name", business.verified_name.as_str()).build();
            node("business").children([name]).build()
        }
        _ => return None,
    })
}

/// The devices of an account; `None` when the client knows them by their hash.
fn devices(world: &mut World, account: AccountId, asked: Option<&Node>) -> Option<Node> {
    let now = world.now_secs();
    let World { accounts, rng, .. } = world;
    let account = accounts.get(&account)?;
    let hash = device_hash(account);
    if asked.and_then(|asked| asked.maybe_text("device_hash")).is_some_and(|known| known == hash) {
        return None;
    }
    let signed = account.key_index_list(now, rng)?;
    let mut list = vec![node("device").attr("id", 0).build()];
    for (id, device) in &account.devices {
        list.push(node("device").attr("id", *id).attr("key-index", device.key_index).build());
    }
    let device_list = node("device-list").attr("hash", hash).children(list).build();
    let key_indexes = node("key-index-list").attr("ts", now).bytes(signed).build();
    Some(node("devices").children([device_list, key_indexes]).build())
}

/// `2:` and a short hash over the ids of all devices.
fn device_hash(account: &Account) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    use sha2::{Digest as _, Sha256};
    let ids: Vec<String> = account.device_ids().iter().map(ToString::to_string).collect();
    let hash = Sha256::digest(format!("{}|{}", account.lid, ids.join(",")));
    format!("2:{}", BASE64_STANDARD.encode(&hash[..6]))
}
