//! Faults, and that a seed repeats them.

use serde_json::json;

use crate::ids::{DeviceRef, Domain};
use crate::stanza::{Reading as _, node};
use crate::testing::{Companion, account, one, pass, world, written};
use crate::timing::Timing;
use crate::world::World;

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";

fn fault(world: &mut World, json: serde_json::Value) {
    let body: crate::fault::FaultBody = serde_json::from_value(json).unwrap();
    body.check().unwrap();
    world.add_fault(body).unwrap();
}

/// Ana's companion writes to Ben's, with things going wrong at random, and
/// comes back whenever it has lost its connection. Gives back what passed.
fn run(seed: u64) -> Vec<String> {
    let mut world = World::new(7, Timing::default(), crate::testing::START);
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut ben = Companion::linked(&mut world, BEN, 2);
    let to = account(&mut world, BEN);
    let devices = [DeviceRef::phone(to), ben.device, DeviceRef::phone(ana.device.account)];
    // Sessions exist before the faults begin to strike at random.
    ana.send(&mut world, "first", to, &devices, "hello", Domain::Pn);
    ben.read(&mut world);
    for (at, kind) in ["drop", "lose_acks", "duplicate", "reorder", "lose_deliveries"].into_iter().enumerate() {
        let seed = seed + u64::try_from(at).unwrap();
        fault(&mut world, json!({"kind": kind, "probability": 0.2, "seed": seed, "forMs": 60_000}));
    }
    for n in 0..40 {
        ana.send(&mut world, &format!("id-{n}"), to, &devices, &format!("text {n}"), Domain::Pn);
        ben.read(&mut world);
        pass(&mut world, 500);
        for companion in [&mut ana, &mut ben] {
            if !world.connections.contains_key(&companion.conn) || world.device_of(companion.conn).is_none() {
                written(&mut world, companion.conn);
                companion.log_in(&mut world);
            }
        }
    }
    // What is sealed differs each time: padding and ratchet keys are the Signal library's own.
    let head = |stanza: &str| stanza.split_once('>').map(|(head, _)| head.to_owned());
    let passed = world.traffic.after(0);
    passed.map(|passed| format!("{} {:?} {:?}", passed.connection, passed.direction, head(&passed.stanza))).collect()
}

#[test]
fn the_same_seed_gives_the_same_run() {
    assert_eq!(run(5), run(5));
}

#[test]
fn another_seed_gives_another_run() {
    assert_ne!(run(5), run(50));
}

#[test]
fn a_stall_holds_back_both_ways_and_then_lets_everything_pass() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    fault(&mut world, json!({"kind": "stall", "phone": ANA, "ms": 1_000}));
    ana.iq(&mut world, "w:p", "get", node("ping").build());
    assert!(written(&mut world, ana.conn).is_empty());
    pass(&mut world, 999);
    assert!(written(&mut world, ana.conn).is_empty());
    pass(&mut world, 1);
    assert_eq!(one(&written(&mut world, ana.conn), "iq").text_of("type"), "result");
}

#[test]
fn a_half_open_connection_carries_nothing_and_is_cut_in_the_end() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    fault(&mut world, json!({"kind": "half_open", "phone": ANA, "ms": 5_000}));
    ana.iq(&mut world, "w:p", "get", node("ping").build());
    pass(&mut world, 4_999);
    assert!(written(&mut world, ana.conn).is_empty());
    assert!(world.connections.contains_key(&ana.conn));
    pass(&mut world, 1);
    written(&mut world, ana.conn);
    assert!(!world.connections.contains_key(&ana.conn));
}

#[test]
fn an_expired_session_is_noticed_at_the_next_login_only() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    fault(&mut world, json!({"kind": "expire_session", "phone": ANA}));
    assert!(written(&mut world, ana.conn).is_empty(), "cut without a word");
    let answer = ana.log_in(&mut world);
    assert_eq!(one(&answer, "failure").text_of("reason"), "401");
}

#[test]
fn a_banned_account_is_cut_off_and_let_in_when_the_ban_is_over() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    fault(&mut world, json!({"kind": "ban", "phone": ANA, "ms": 60_000}));
    written(&mut world, ana.conn);
    assert!(!world.connections.contains_key(&ana.conn));
    for _ in 0..2 {
        let answer = ana.log_in(&mut world);
        let failure = one(&answer, "failure");
        assert_eq!((failure.text_of("reason"), failure.text_of("expire")), ("402".into(), "60".into()));
    }
    pass(&mut world, 60_000);
    one(&ana.log_in(&mut world), "success");
}

#[test]
fn an_old_client_is_told_so_once() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    fault(&mut world, json!({"kind": "outdated", "phone": ANA}));
    assert_eq!(one(&ana.log_in(&mut world), "failure").text_of("reason"), "405");
    one(&ana.log_in(&mut world), "success");
}

#[test]
fn iqs_are_refused_lost_or_late() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let about = |text: &str| node("status").bytes(text.as_bytes().to_vec()).build();
    let now_about = |world: &World, of: &Companion| world.accounts[&of.device.account].profile.about.clone();

    fault(&mut world, json!({"kind": "iq_error", "xmlns": "status", "code": 503}));
    let answer = ana.ask(&mut world, "w:p", "get", node("ping").build());
    assert_eq!(answer.text_of("type"), "result", "of another namespace");
    let answer = ana.ask(&mut world, "status", "set", about("refused"));
    assert_eq!(answer.child("error").unwrap().text_of("code"), "503");
    assert_ne!(now_about(&world, &ana), "refused");

    fault(&mut world, json!({"kind": "rate_limit"}));
    let answer = ana.ask(&mut world, "status", "set", about("too often"));
    assert_eq!(answer.child("error").unwrap().text_of("text"), "rate-overlimit");

    fault(&mut world, json!({"kind": "lose_iqs"}));
    ana.iq(&mut world, "status", "set", about("lost"));
    assert!(written(&mut world, ana.conn).iter().all(|stanza| stanza.tag != "iq"));
    assert_eq!(now_about(&world, &ana), "lost", "it has its effect all the same");

    fault(&mut world, json!({"kind": "delay_iqs", "ms": 200}));
    ana.iq(&mut world, "status", "set", about("late"));
    assert!(written(&mut world, ana.conn).iter().all(|stanza| stanza.tag != "iq"));
    pass(&mut world, 200);
    one(&written(&mut world, ana.conn), "iq");
}

#[test]
fn messages_are_refused_when_there_are_too_many() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let to = account(&mut world, BEN);
    fault(&mut world, json!({"kind": "rate_limit", "phone": ANA, "xmlns": "none of the iqs", "count": 1}));
    world.faults.clear();
    ana.send(&mut world, "A", to, &[DeviceRef::phone(to)], "one", Domain::Pn);
    written(&mut world, ana.conn);
    fault(&mut world, json!({"kind": "rate_limit", "phone": ANA}));
    ana.send(&mut world, "B", to, &[DeviceRef::phone(to)], "two", Domain::Pn);
    assert_eq!(one(&written(&mut world, ana.conn), "ack").text_of("error"), "429");
    let got = &world.accounts[&to].phone.conversations;
    assert_eq!(got.after(0, None).filter_map(|shown| shown.text.clone()).collect::<Vec<_>>(), ["one"]);
}

#[test]
fn the_clock_of_the_server_is_wrong_as_long_as_the_fault_is_there() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let told = |stanzas: &[wacore_binary::Node]| one(stanzas, "success").number_of("t").unwrap();
    let right = told(&ana.log_in(&mut world));
    fault(&mut world, json!({"kind": "skew_clock", "skewMs": -7_200_000}));
    assert_eq!(told(&ana.log_in(&mut world)), right - 7_200);
    world.faults.clear();
    assert_eq!(told(&ana.log_in(&mut world)), right);
}

#[test]
fn deliveries_change_places_come_late_or_after_the_next_login() {
    let mut world = world();
    let mut ben = Companion::linked(&mut world, BEN, 2);
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let to = ben.device.account;
    let mut send = |world: &mut World, id: &str| {
        ana.send(world, id, to, &[DeviceRef::phone(to), ben.device], id, Domain::Pn);
    };
    let ids = |stanzas: &[wacore_binary::Node]| {
        let messages = stanzas.iter().filter(|stanza| stanza.tag == "message");
        messages.map(|stanza| stanza.text_of("id").into_owned()).collect::<Vec<_>>()
    };
    fault(&mut world, json!({"kind": "reorder", "phone": BEN}));
    send(&mut world, "A");
    send(&mut world, "B");
    assert_eq!(ids(&written(&mut world, ben.conn)), ["B", "A"]);

    fault(&mut world, json!({"kind": "reorder", "phone": BEN}));
    send(&mut world, "C");
    assert!(ids(&written(&mut world, ben.conn)).is_empty());
    pass(&mut world, 2_000);
    assert_eq!(ids(&written(&mut world, ben.conn)), ["C"], "nothing came after it");

    fault(&mut world, json!({"kind": "delay_deliveries", "phone": BEN, "ms": 50}));
    send(&mut world, "D");
    assert!(ids(&written(&mut world, ben.conn)).is_empty());
    pass(&mut world, 50);
    assert_eq!(ids(&written(&mut world, ben.conn)), ["D"]);

    fault(&mut world, json!({"kind": "corrupt", "phone": BEN, "count": 1}));
    fault(&mut world, json!({"kind": "lose_deliveries", "phone": BEN, "count": 1}));
    send(&mut world, "E");
    send(&mut world, "F");
    assert!(ids(&written(&mut world, ben.conn)).is_empty());
    let again = ben.log_in(&mut world);
    assert!(ids(&again).ends_with(&["E".to_owned()]), "the primer has room for five: {:?}", ids(&again));
}

#[test]
fn a_connection_that_ends_while_it_takes_its_backlog_does_not_wedge_the_server() {
    let mut world = world();
    let mut ben = Companion::linked(&mut world, BEN, 2);
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let to = ben.device.account;
    fault(&mut world, json!({"kind": "drop", "phone": BEN}));
    written(&mut world, ben.conn);
    for n in 0..10 {
        ana.send(&mut world, &format!("id-{n}"), to, &[DeviceRef::phone(to), ben.device], "hi", Domain::Pn);
    }
    ben.log_in(&mut world);
    fault(&mut world, json!({"kind": "stream_error", "phone": BEN}));
    pass(&mut world, 2_000);
    assert!(world.device_of(ben.conn).is_none());
}
