//! People: who sees what of whom, tokens of trust, numbers in two ways, and
//! identities that change.

use wacore_binary::Node;

use crate::areas::message::Accepted;
use crate::areas::{blocklist, presence, privacy, profile};
use crate::ids::{AccountId, DeviceRef, Domain, PhoneNumber};
use crate::phone::app_state::{actions, change};
use crate::phone::book::Contact;
use crate::phone::{migration, outgoing};
use crate::stanza::{Reading as _, node};
use crate::testing::{Companion, account, one, world, written};
use crate::world::World;

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";
const EVE: &str = "+16001234562";

fn saves(world: &mut World, who: AccountId, person: AccountId) {
    let address = world.accounts[&person].jid(Domain::Pn).to_string();
    let details = Contact { full_name: Some("Somebody".into()), first_name: None, on_phone: true };
    change(world, who, &[actions::contact(&address, None, Some(&details))]);
}

fn usync(world: &mut World, by: &mut Companion, protocols: &[&str], users: Vec<Node>) -> Vec<Node> {
    let protocols: Vec<Node> = protocols
        .iter()
        .map(|name| wacore_binary::builder::NodeBuilder::new_dynamic((*name).to_owned()).build())
        .collect();
    let query = node("query").children(protocols).build();
    let list = node("list").children(users).build();
    let usync = node("usync").attr("sid", "s").attr("mode", "query").attr("context", "interactive");
    let answer = by.ask(world, "usync", "get", usync.children([query, list]).build());
    answer.child("usync").and_then(|usync| usync.child("list")).map(|list| list.nodes().to_vec()).unwrap_or_default()
}

fn typed(number: &str) -> Node {
    node("user").children([node("contact").bytes(number.as_bytes()).build()]).build()
}

#[test]
fn each_setting_shows_to_those_it_names_only() {
    let mut world = world();
    let [ana, bob, eve] = [ANA, BOB, EVE].map(|number| account(&mut world, number));
    saves(&mut world, ana, bob);
    saves(&mut world, ana, eve);
    let stranger = account(&mut world, "+16001234569");
    for (value, expected) in [
        ("all", [true, true, true]),
        ("contacts", [true, true, false]),
        ("contact_blacklist", [true, false, false]),
        ("none", [false, false, false]),
    ] {
        assert!(privacy::change_on_phone(&mut world, ana, "profile", value, Some(&[eve])));
        let sees = [bob, eve, stranger].map(|viewer| world.may(viewer, ana, "profile"));
        assert_eq!(sees, expected, "{value}");
        assert!(world.may(ana, ana, "profile"));
    }
    assert!(!privacy::change_on_phone(&mut world, ana, "online", "contacts", None));
    assert!(privacy::change_on_phone(&mut world, ana, "last", "none", None));
    assert!(privacy::change_on_phone(&mut world, ana, "online", "match_last_seen", None));
    assert!(!world.may(bob, ana, "online"));
    assert!(!world.may(ana, bob, "last"), "who hides it does not see it of others");
}

#[test]
fn a_companion_leaves_contacts_out_by_their_hash() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut second = Companion::linked(&mut world, ANA, 2);
    ana.read(&mut world);
    second.read(&mut world);
    let bob = account(&mut world, BOB);
    let lid = world.accounts[&bob].jid(Domain::Lid);
    let set = |dhash: &str, action: &str| {
        let user = node("user").attr("action", action).attr("jid", &lid).build();
        let category = node("category").attr("name", "last").attr("value", "contact_blacklist").attr("dhash", dhash);
        node("privacy").attr("addressing_mode", "lid").children([category.children([user]).build()]).build()
    };
    let answer = ana.ask(&mut world, "privacy", "set", set("none", "add"));
    let hash = answer.child("privacy").unwrap().nodes()[0].text_of("dhash").into_owned();
    assert_eq!(world.accounts[&ana.device.account].disallowed["last"].len(), 1);
    let told = written(&mut world, second.conn);
    assert!(told.iter().any(|node| node.text_of("type") == "account_sync" && node.child("privacy").is_some()));
    let stale = ana.ask(&mut world, "privacy", "set", set("0123", "remove"));
    assert_eq!(stale.child("error").unwrap().text_of("code"), "409");
    let list = node("privacy").children([node("list").attr("name", "last").attr("value", "contact_blacklist").build()]);
    let answer = ana.ask(&mut world, "privacy", "get", list.build());
    let list = answer.child("privacy").and_then(|privacy| privacy.child("list")).unwrap();
    assert_eq!((list.nodes().len(), list.text_of("dhash").as_ref()), (1, hash.as_str()));
    ana.ask(&mut world, "privacy", "set", set(&hash, "remove"));
    assert!(world.accounts[&ana.device.account].disallowed["last"].is_empty());
}

#[test]
fn what_may_not_be_seen_is_neither_told_nor_found() {
    let mut world = world();
    let ana = Companion::linked(&mut world, ANA, 1);
    let mut eve = Companion::linked(&mut world, EVE, 2);
    let me = ana.device.account;
    world.acquainted(me, eve.device.account);
    for category in ["profile", "status", "last"] {
        assert!(privacy::change_on_phone(&mut world, me, category, "contacts", None));
    }
    privacy::change_on_phone(&mut world, me, "online", "match_last_seen", None);
    eve.read(&mut world);
    profile::picture(&mut world, DeviceRef::phone(me), vec![1], None);
    profile::about(&mut world, me, "secret");
    let jid = world.accounts[&me].jid(Domain::Pn);
    presence::set_available(&mut world, DeviceRef::phone(me), true);
    let subscribe = node("presence").attr("type", "subscribe").attr("to", &jid).build();
    world.received(eve.conn, &subscribe);
    let seen = written(&mut world, eve.conn);
    assert!(seen.iter().all(|node| node.tag != "notification"), "{seen:?}");
    assert_eq!(one(&seen, "presence").text_of("last"), "deny");
    let user = || node("user").attr("jid", &jid).build();
    let users = usync(&mut world, &mut eve, &["status", "picture"], vec![user()]);
    assert_eq!(users[0].child("status").unwrap().text_of("code"), "401");
    assert_eq!(users[0].child("picture").unwrap().child("error").unwrap().text_of("code"), "401");

    // In the address book she sees all of it, from that moment on.
    saves(&mut world, me, eve.device.account);
    presence::seen_anew(&mut world, me);
    let seen = written(&mut world, eve.conn);
    assert_eq!(one(&seen, "presence").text_of("type"), "");
    let users = usync(&mut world, &mut eve, &["status", "picture"], vec![user()]);
    assert_eq!(users[0].child("status").unwrap().body(), b"secret");
    assert!(users[0].child("picture").unwrap().child("error").is_none());
}

#[test]
fn a_subscription_ends_with_its_connection() {
    let mut world = world();
    let ana = account(&mut world, ANA);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    let lid = world.accounts[&ana].jid(Domain::Lid);
    world.received(bob.conn, &node("presence").attr("type", "subscribe").attr("to", &lid).build());
    let stanzas = written(&mut world, bob.conn);
    assert_eq!(one(&stanzas, "presence").jid_of("from"), Some(lid), "under the name that was asked for");
    world.closed(bob.conn);
    bob.log_in(&mut world);
    presence::set_available(&mut world, DeviceRef::phone(ana), true);
    assert!(written(&mut world, bob.conn).iter().all(|node| node.tag != "presence"));
    assert!(world.accounts[&ana].watchers.is_empty());
}

#[test]
fn numbers_written_the_other_way_are_the_same_person() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    for known in ["+551187654321", "+5491123456789", "+5215512345678"] {
        account(&mut world, known);
    }
    let typed_numbers = ["+5511987654321", "+541123456789", "+525512345678", "+551187654321", "+5521987654321", "+12"];
    let users = usync(&mut world, &mut ana, &["contact"], typed_numbers.map(typed).to_vec());
    let found: Vec<(String, String, String)> = users
        .iter()
        .map(|user| {
            let contact = user.child("contact").unwrap();
            let typed = String::from_utf8(contact.body().to_vec()).unwrap();
            (typed, contact.text_of("type").into_owned(), user.text_of("jid").into_owned())
        })
        .collect();
    let expected = [
        ("+5511987654321", "in", "551187654321@s.whatsapp.net"),
        ("+541123456789", "in", "5491123456789@s.whatsapp.net"),
        ("+525512345678", "in", "5215512345678@s.whatsapp.net"),
        ("+551187654321", "in", "551187654321@s.whatsapp.net"),
        ("+5521987654321", "out", "5521987654321@s.whatsapp.net"),
        ("+12", "invalid", ""),
    ];
    assert_eq!(found, expected.map(|(typed, kind, jid)| (typed.to_owned(), kind.to_owned(), jid.to_owned())));
}

#[test]
fn known_devices_are_not_told_again() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let bob = Companion::linked(&mut world, BOB, 2);
    let jid = world.accounts[&bob.device.account].jid(Domain::Pn);
    let users = usync(&mut world, &mut ana, &["devices"], vec![node("user").attr("jid", &jid).build()]);
    let hash = users[0].child("devices").unwrap().child("device-list").unwrap().text_of("hash").into_owned();
    let knows = |hash: &str| {
        let devices = node("devices").attr("device_hash", hash).attr("ts", 1).build();
        vec![node("user").attr("jid", &jid).children([devices]).build()]
    };
    assert!(usync(&mut world, &mut ana, &["devices"], knows(&hash)).is_empty());
    Companion::linked(&mut world, BOB, 3);
    assert_eq!(usync(&mut world, &mut ana, &["devices"], knows(&hash)).len(), 1);
}

#[test]
fn a_stranger_needs_a_token_or_the_salt() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let bob = account(&mut world, BOB);
    let me = ana.device.account;
    world.accounts.get_mut(&bob).unwrap().wants_tokens = true;
    let lid = world.accounts[&bob].jid(Domain::Lid);
    let mut next = 0;
    let mut sends = |world: &mut World, token: Option<Node>| {
        next += 1;
        let stanza = node("message").attr("to", &lid).attr("id", next).attr("type", "text").children(token).build();
        crate::areas::message::accept(world, ana.device, &stanza)
    };
    let refused = Accepted::Refused(463);
    assert_eq!(sends(&mut world, None), refused);
    assert_eq!(sends(&mut world, Some(node("tctoken").bytes(vec![1; 16]).build())), refused);
    let salted = world.first_contact_token(me, bob).unwrap();
    assert_ne!(sends(&mut world, Some(node("cstoken").bytes(salted).build())), refused);
    // A token that Bob gives reaches the companion, and lets it through.
    world.give_token(bob, me, 1_800_000_000);
    let told = written(&mut world, ana.conn);
    let told = told.iter().find(|node| node.text_of("type") == "privacy_token").unwrap();
    assert_eq!(told.jid_of("sender_lid"), Some(lid.clone()));
    let token = told.child("tokens").unwrap().nodes()[0].body().to_vec();
    assert_ne!(sends(&mut world, Some(node("tctoken").bytes(token.clone()).build())), refused);
    crate::testing::pass(&mut world, 29 * 86_400_000);
    assert_eq!(sends(&mut world, Some(node("tctoken").bytes(token).build())), refused, "it does not last for ever");
    // Once Bob has written, Ana is nobody unknown.
    outgoing::send(&mut world, bob, me, text("hello"), None, None).unwrap();
    assert_ne!(sends(&mut world, None), refused);
    let _ = ana.read(&mut world);
}

fn text(text: &str) -> waproto::whatsapp::Message {
    waproto::whatsapp::Message { conversation: Some(text.to_owned()), ..Default::default() }
}

#[test]
fn tokens_are_given_by_request_and_given_back() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let bob = account(&mut world, BOB);
    let lid = world.accounts[&bob].jid(Domain::Lid);
    let give = || {
        let token = node("token").attr("jid", &lid).attr("t", 1_799_999_000).attr("type", "trusted_contact").build();
        node("tokens").children([token]).build()
    };
    assert!(ana.ask(&mut world, "privacy", "set", give()).child("tokens").is_none(), "Bob has given none");
    assert_eq!(world.token_of(ana.device.account, bob).unwrap().given_at, 1_799_999_000);
    world.give_token(bob, ana.device.account, 1_799_999_500);
    let answer = ana.ask(&mut world, "privacy", "set", give());
    let given = &answer.child("tokens").unwrap().nodes()[0];
    assert_eq!(given.body(), world.token_of(bob, ana.device.account).unwrap().bytes);
}

#[test]
fn an_app_set_up_anew_has_another_identity_and_no_companions() {
    let mut world = world();
    let ana = Companion::linked(&mut world, ANA, 1);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    let (me, other) = (ana.device.account, bob.device.account);
    outgoing::send(&mut world, other, me, text("before"), None, None).unwrap();
    world.settle();
    bob.read(&mut world);
    let key = |world: &World| crate::stanza::public_bytes(&world.accounts[&me].phone.party.identity().public_key);
    let before = key(&world);
    assert!(migration::reinstall(&mut world, me));
    assert_ne!(key(&world), before);
    let last = written(&mut world, ana.conn);
    assert_eq!(one(&last, "stream:error").text_of("code"), "401");
    let told = written(&mut world, bob.conn);
    let told = told.iter().find(|node| node.text_of("type") == "encrypt").unwrap();
    assert!(told.child("identity").is_some());
    assert_eq!(told.jid_of("from"), Some(world.accounts[&me].jid(Domain::Pn)));
    world.settle();
    outgoing::send(&mut world, other, me, text("after"), Some("AFTER".into()), None).unwrap();
    world.settle();
    assert!(world.accounts[&me].phone.conversations.find("AFTER").is_some());
}

#[test]
fn disappearing_messages_by_default_are_told_and_found() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    world.acquainted(ana.device.account, bob.device.account);
    let mode = node("disappearing_mode").attr("duration", 86_400).build();
    assert_eq!(ana.ask(&mut world, "disappearing_mode", "set", mode).text_of("type"), "result");
    let told = written(&mut world, bob.conn);
    let told = told.iter().find(|node| node.text_of("type") == "disappearing_mode").unwrap();
    assert_eq!(told.child("disappearing_mode").unwrap().text_of("duration"), "86400");
    let found = usync(&mut world, &mut bob, &["disappearing_mode"], vec![typed(ANA)]);
    assert_eq!(found[0].child("disappearing_mode").unwrap().text_of("duration"), "86400");
    assert!(PhoneNumber::parse(ANA).is_some());
}

#[test]
fn a_changed_block_list_says_what_it_was_and_is() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let (me, bob, eve) = (ana.device.account, account(&mut world, BOB), account(&mut world, EVE));
    let answer = ana.ask(&mut world, "blocklist", "get", node("list").build());
    let mut before = answer.child("list").unwrap().text_of("dhash").into_owned();
    for (person, block) in [(bob, true), (eve, true), (bob, false)] {
        blocklist::change(&mut world, me, person, block, None);
        let told = written(&mut world, ana.conn);
        let change = one(&told, "notification").child("blocklist").unwrap();
        assert_eq!(
            (change.text_of("action").as_ref(), change.text_of("prev_dhash")),
            ("modify", before.clone().into())
        );
        let now = change.text_of("dhash").into_owned();
        let item = change.child("item").unwrap();
        assert_eq!(item.text_of("action"), if block { "block" } else { "unblock" });
        assert_ne!(now, before);
        before = now;
    }
}
