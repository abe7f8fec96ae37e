//! No stanza, however made, may bring the server down.

use proptest::prelude::*;
use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node, Server};

use crate::stanza::node;
use crate::testing::{Companion, world, written};

const ANA: &str = "+16001234560";

/// Words the handlers look for, so that random stanzas get past the door.
const WORDS: [&str; 48] = [
    "iq",
    "message",
    "receipt",
    "ack",
    "ib",
    "presence",
    "chatstate",
    "notification",
    "get",
    "set",
    "result",
    "error",
    "encrypt",
    "usync",
    "md",
    "w:sync:app:state",
    "privacy",
    "blocklist",
    "passive",
    "active",
    "participants",
    "to",
    "enc",
    "pkmsg",
    "msg",
    "retry",
    "list",
    "item",
    "sync",
    "collection",
    "patch",
    "critical_block",
    "link_code_companion_reg",
    "companion_hello",
    "companion_finish",
    "pair-device-sign",
    "device-identity",
    "key",
    "user",
    "skey",
    "digest",
    "count",
    "rotate",
    "query",
    "devices",
    "contact",
    "offline_batch",
    "remove-companion-device",
];
const KEYS: [&str; 16] = [
    "id",
    "type",
    "xmlns",
    "to",
    "from",
    "jid",
    "participant",
    "recipient",
    "class",
    "name",
    "version",
    "stage",
    "count",
    "category",
    "all",
    "action",
];

fn jid() -> impl Strategy<Value = Jid> {
    let user = prop_oneof![Just("16001234560".to_owned()), Just(String::new()), "[0-9a-z.]{1,12}"];
    let server =
        prop::sample::select(vec![Server::Pn, Server::Lid, Server::Group, Server::Broadcast, Server::Newsletter]);
    (user, server, 0_u16..4).prop_map(|(user, server, device)| Jid::new(user, server).with_device(device))
}

fn attribute() -> impl Strategy<Value = (&'static str, wacore_binary::NodeValue)> {
    let value = prop_oneof![
        prop::sample::select(WORDS.to_vec()).prop_map(wacore_binary::NodeValue::from),
        jid().prop_map(wacore_binary::NodeValue::from),
        any::<u64>().prop_map(wacore_binary::NodeValue::from),
        ".{0,12}".prop_map(wacore_binary::NodeValue::from),
    ];
    (prop::sample::select(KEYS.to_vec()), value)
}

fn any_node() -> impl Strategy<Value = Node> {
    let bare = || (prop::sample::select(WORDS.to_vec()), prop::collection::vec(attribute(), 0..6));
    let leaf = (bare(), prop::collection::vec(any::<u8>(), 0..100))
        .prop_map(|((tag, attributes), bytes)| NodeBuilder::new(tag).attrs(attributes).bytes(bytes).build());
    leaf.prop_recursive(4, 32, 5, move |inner| {
        (bare(), prop::collection::vec(inner, 0..5)).prop_map(|((tag, attributes), children)| {
            NodeBuilder::new(tag).attrs(attributes).children(children).build()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_stanzas_never_panic_and_never_wedge(stanzas in prop::collection::vec(any_node(), 1..40)) {
        let mut world = world();
        let mut companion = Companion::linked(&mut world, ANA, 1);
        let candidate = Companion::candidate(&mut world, 2);
        for stanza in &stanzas {
            world.received(companion.conn, stanza);
            world.received(candidate.conn, stanza);
            world.settle();
        }
        written(&mut world, companion.conn);
        if world.device_exists(companion.device) {
            companion.log_in(&mut world);
            let answer = companion.ask(&mut world, "w:p", "get", node("ping").build());
            prop_assert_eq!(answer.tag, "iq");
        }
    }

    #[test]
    fn random_login_payloads_never_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut world = world();
        let conn = world.open("XX", [1; 32], &payload);
        written(&mut world, conn);
    }
}
