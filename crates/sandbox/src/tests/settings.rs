//! App state, presence, usync, privacy, profiles.

use buffa::{Message as _, MessageField};
use wacore_appstate::hash::{HashState, generate_patch_mac};
use wacore_appstate::{encode_record, expand_app_state_keys};
use wacore_binary::Node;
use waproto::whatsapp as wa;
use waproto::whatsapp::syncd_mutation::SyncdOperation;

use crate::areas::presence;
use crate::ids::{DeviceRef, Domain};
use crate::stanza::{Reading as _, node};
use crate::testing::{Companion, account, one, pass, world, written};
use crate::world::World;

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";

fn sync(collection: Node) -> Node {
    node("sync").children([collection]).build()
}

fn collection(answer: &Node) -> &Node {
    answer.child("sync").and_then(|sync| sync.child("collection")).expect("a collection")
}

/// A patch that archives a chat, built on version 0.
fn archive(world: &World, of: DeviceRef) -> Vec<u8> {
    let key = world.accounts[&of.account].app_state.keys().all().last().unwrap();
    let keys = expand_app_state_keys(&key.data);
    let value = wa::SyncActionValue {
        timestamp: Some(1),
        archive_chat_action: MessageField::some(wa::sync_action_value::ArchiveChatAction {
            archived: Some(true),
            ..Default::default()
        }),
        ..Default::default()
    };
    let (mutation, _) = encode_record(SyncdOperation::SET, br#"["archive","x"]"#, &value, &keys, &key.id, &[3; 16], 3);
    let mut state = HashState::default();
    state.update_hash(std::slice::from_ref(&mutation), |_, _| Ok(None)).1.unwrap();
    state.version = 1;
    let mut patch = wa::SyncdPatch {
        mutations: vec![mutation],
        snapshot_mac: Some(state.generate_snapshot_mac("regular_low", &keys.snapshot_mac)),
        key_id: MessageField::some(wa::KeyId { id: Some(key.id.to_vec()) }),
        ..Default::default()
    };
    patch.patch_mac = Some(generate_patch_mac(&patch, "regular_low", &keys.patch_mac, 1));
    patch.encode_to_vec()
}

#[test]
fn a_fresh_account_has_its_push_name_in_the_first_collection() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let answer = ana.ask(
        &mut world,
        "w:sync:app:state",
        "set",
        sync(
            node("collection")
                .attr("name", "critical_block")
                .attr("version", 0)
                .attr("return_snapshot", "true")
                .build(),
        ),
    );
    let collection = collection(&answer);
    assert_eq!(collection.text_of("version"), "1");
    let patch = wa::SyncdPatch::decode_from_slice(collection.child("patches").unwrap().nodes()[0].body()).unwrap();
    assert_eq!(patch.version.as_option().unwrap().version, Some(1));
}

#[test]
fn a_patch_is_checked_kept_and_told_to_the_other_companions() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut second = Companion::linked(&mut world, ANA, 2);
    ana.read(&mut world);
    let patch = archive(&world, ana.device);
    let with = |patch: Vec<u8>, version: u64| {
        sync(
            node("collection")
                .attr("name", "regular_low")
                .attr("version", version)
                .children([node("patch").bytes(patch).build()])
                .build(),
        )
    };
    let answer = ana.ask(&mut world, "w:sync:app:state", "set", with(patch.clone(), 0));
    assert_eq!(collection(&answer).text_of("version"), "1");
    let stanzas = written(&mut world, second.conn);
    let told = stanzas.iter().find(|node| node.text_of("type") == "server_sync").unwrap().child("collection").unwrap();
    assert_eq!((told.text_of("name").as_ref(), told.text_of("version").as_ref()), ("regular_low", "1"));
    assert!(written(&mut world, ana.conn).iter().all(|node| node.text_of("type") != "server_sync"));
    let event =
        world.accounts[&ana.device.account].phone.events.after(0).find(|event| event.kind == "appState").unwrap();
    assert_eq!(event.fields["index"][0], "archive");

    let conflict = second.ask(&mut world, "w:sync:app:state", "set", with(patch.clone(), 0));
    let conflict = collection(&conflict);
    assert_eq!(conflict.child("error").unwrap().text_of("code"), "409");
    assert_eq!(conflict.child("patches").unwrap().nodes().len(), 1, "with what the client has missed");

    let mut spoiled = patch;
    let last = spoiled.len() - 1;
    spoiled[last] ^= 1;
    let refused = second.ask(&mut world, "w:sync:app:state", "set", with(spoiled, 1));
    assert_eq!(collection(&refused).child("error").unwrap().text_of("code"), "400");
    assert_eq!(world.accounts[&ana.device.account].app_state.version("regular_low"), Some(1));
}

#[test]
fn presence_goes_to_those_who_asked_and_ends_with_the_connection() {
    let mut world = world();
    let ana = Companion::linked(&mut world, ANA, 1);
    let bob = Companion::linked(&mut world, BOB, 2);
    let to = world.accounts[&ana.device.account].jid(Domain::Lid);
    world.received(bob.conn, &node("presence").attr("type", "subscribe").attr("to", to).build());
    let state = |world: &mut World| {
        let stanzas = written(world, bob.conn);
        stanzas
            .iter()
            .filter(|node| node.tag == "presence")
            .map(|node| node.maybe_text("type").unwrap_or_else(|| "available".to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(state(&mut world), ["unavailable"]);
    world.received(ana.conn, &node("presence").attr("type", "available").attr("name", "Ana").build());
    assert_eq!(state(&mut world), ["available"]);
    assert_eq!(world.accounts[&ana.device.account].name, "Ana");
    presence::set_available(&mut world, DeviceRef::phone(ana.device.account), true);
    world.closed(ana.conn);
    assert!(state(&mut world).is_empty(), "the phone is still there");
    presence::set_available(&mut world, DeviceRef::phone(ana.device.account), false);
    assert_eq!(state(&mut world), ["unavailable"]);
    pass(&mut world, 60_000);
    assert!(state(&mut world).is_empty());
}

#[test]
fn usync_knows_people_by_either_name_and_by_typed_number() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let bob = account(&mut world, BOB);
    let lid = world.accounts[&bob].jid(Domain::Lid);
    let query = node("query")
        .children(
            ["contact", "lid", "devices", "status"]
                .map(|name| wacore_binary::builder::NodeBuilder::new_dynamic(name.to_owned()).build()),
        )
        .build();
    let list = node("list")
        .children([
            node("user").attr("jid", &lid).build(),
            node("user").children([node("contact").bytes(BOB.as_bytes()).build()]).build(),
            node("user").children([node("contact").bytes(b"+19990000000".as_slice()).build()]).build(),
            node("user").children([node("contact").bytes(b"nonsense".as_slice()).build()]).build(),
        ])
        .build();
    let usync =
        node("usync").attr("sid", "s").attr("mode", "query").attr("context", "message").children([query, list]).build();
    let answer = ana.ask(&mut world, "usync", "get", usync);
    let users = answer.child("usync").unwrap().child("list").unwrap().nodes();
    assert_eq!(users.len(), 4);
    for user in &users[..2] {
        assert_eq!(user.child("lid").unwrap().jid_of("val"), Some(lid.clone()));
        assert_eq!(user.child("devices").unwrap().child("device-list").unwrap().nodes().len(), 1);
    }
    let kinds: Vec<_> = users.iter().map(|user| user.child("contact").unwrap().text_of("type").into_owned()).collect();
    assert_eq!(kinds, ["in", "in", "out", "invalid"]);
}

#[test]
fn privacy_can_be_read_and_changed_but_not_invented() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let set = |name: &str, value: &str| {
        node("privacy").children([node("category").attr("name", name).attr("value", value).build()]).build()
    };
    assert_eq!(ana.ask(&mut world, "privacy", "set", set("readreceipts", "none")).text_of("type"), "result");
    assert_eq!(ana.ask(&mut world, "privacy", "set", set("invented", "none")).text_of("type"), "error");
    let answer = ana.ask(&mut world, "privacy", "get", node("privacy").build());
    let categories = answer.child("privacy").unwrap().nodes();
    let value = |name: &str| {
        categories
            .iter()
            .find(|category| category.text_of("name") == name)
            .map(|category| category.text_of("value").into_owned())
    };
    assert_eq!(value("readreceipts").as_deref(), Some("none"));
    assert_eq!(value("invented"), None);
}

#[test]
fn an_iq_nobody_knows_is_refused_and_not_left_hanging() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let answer = ana.ask(&mut world, "w:dance", "get", node("dance").build());
    assert_eq!(answer.child("error").unwrap().text_of("code"), "501");
}

#[test]
fn a_changed_picture_is_told_to_contacts_and_found() {
    let mut world = world();
    let ana = Companion::linked(&mut world, ANA, 1);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    world.acquainted(ana.device.account, bob.device.account);
    let jid = world.accounts[&ana.device.account].jid(Domain::Pn);
    let ask = |bob: &mut Companion, world: &mut World| {
        let stanza = node("iq")
            .attr("id", "pic")
            .attr("xmlns", "w:profile:picture")
            .attr("type", "get")
            .attr("target", &jid)
            .children([node("picture").attr("type", "image").build()]);
        world.received(bob.conn, &stanza.build());
        written(world, bob.conn)
    };
    assert_eq!(one(&ask(&mut bob, &mut world), "iq").child("error").unwrap().text_of("code"), "404");
    crate::areas::profile::picture(&mut world, DeviceRef::phone(ana.device.account), vec![1, 2, 3], None);
    let stanzas = ask(&mut bob, &mut world);
    assert!(one(&stanzas, "notification").child("set").is_some());
    assert!(one(&stanzas, "iq").child("picture").unwrap().text_of("url").starts_with("https://"));
}

#[test]
fn typing_is_passed_on_and_pauses_by_itself() {
    let mut world = world();
    let ana = Companion::linked(&mut world, ANA, 1);
    let bob = Companion::linked(&mut world, BOB, 2);
    let to = world.accounts[&bob.device.account].jid(Domain::Pn);
    let composing = node("chatstate").attr("to", to).children([node("composing").build()]).build();
    let states = |world: &mut World| {
        let stanzas = written(world, bob.conn);
        let states = stanzas.iter().filter(|node| node.tag == "chatstate");
        states.map(|state| state.nodes()[0].tag.to_string()).collect::<Vec<_>>()
    };
    world.received(ana.conn, &composing);
    pass(&mut world, 20_000);
    world.received(ana.conn, &composing);
    assert_eq!(states(&mut world), ["composing", "composing"]);
    pass(&mut world, 24_999);
    assert!(states(&mut world).is_empty(), "it was renewed");
    pass(&mut world, 1);
    assert_eq!(states(&mut world), ["paused"]);
}
