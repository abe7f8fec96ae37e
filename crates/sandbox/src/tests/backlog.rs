//! What waits for a companion, and that nothing is lost on the way.

use waproto::whatsapp::Message;

use crate::ids::{AccountId, Domain};
use crate::phone::outgoing;
use crate::stanza::{Reading as _, node};
use crate::testing::{Companion, account, one, pass, world, written};
use crate::world::World;

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";

fn send(world: &mut World, from: AccountId, to: AccountId, count: usize) {
    for n in 0..count {
        let message = Message { conversation: Some(n.to_string()), ..Default::default() };
        outgoing::send(world, from, to, message, None, Some(Domain::Lid)).unwrap();
    }
    world.settle();
}

fn messages(stanzas: &[wacore_binary::Node]) -> Vec<&wacore_binary::Node> {
    stanzas.iter().filter(|node| node.tag == "message").collect()
}

fn away(world: &mut World) -> (Companion, AccountId) {
    let companion = Companion::linked(world, ANA, 1);
    let bob = account(world, BOB);
    world.closed(companion.conn);
    (companion, bob)
}

#[test]
fn an_empty_backlog_ends_at_once() {
    let mut world = world();
    let (mut companion, _) = away(&mut world);
    let stanzas = companion.log_in(&mut world);
    let ibs: Vec<_> = stanzas.iter().filter(|node| node.tag == "ib").flat_map(crate::stanza::Reading::nodes).collect();
    assert_eq!(ibs.iter().find(|ib| ib.tag == "offline_preview").unwrap().text_of("count"), "0");
    assert_eq!(ibs.last().unwrap().tag, "offline");
}

#[test]
fn a_backlog_is_announced_primed_and_pulled_in_order() {
    let mut world = world();
    let (mut companion, bob) = away(&mut world);
    send(&mut world, bob, companion.device.account, 20);
    let stanzas = companion.log_in(&mut world);
    let preview = stanzas.iter().filter(|node| node.tag == "ib").find_map(|ib| ib.child("offline_preview")).unwrap();
    assert_eq!((preview.text_of("count").as_ref(), preview.text_of("message").as_ref()), ("20", "20"));
    assert_eq!(messages(&stanzas).len(), 5);
    // One more arrives while the client is still pulling: it comes last.
    send(&mut world, bob, companion.device.account, 1);
    let mut all = stanzas;
    for (wanted, expected) in [(10, 10), (10, 6)] {
        let batch = node("ib").children([node("offline_batch").attr("count", wanted).build()]).build();
        world.received(companion.conn, &batch);
        let stanzas = written(&mut world, companion.conn);
        assert_eq!(messages(&stanzas).len(), expected);
        all.extend(stanzas);
    }
    let texts: Vec<_> = messages(&all).into_iter().map(|message| companion.open(&world, message).unwrap()).collect();
    let expected: Vec<_> = (0..20).chain([0]).map(|n: i32| n.to_string()).collect();
    assert_eq!(texts, expected);
    let offline: Vec<_> = messages(&all).into_iter().map(|message| message.maybe_text("offline").is_some()).collect();
    assert_eq!(offline.iter().filter(|offline| **offline).count(), 20);
    assert_eq!(offline.last(), Some(&false));
    let end = all.iter().rposition(|node| node.child("offline").is_some()).unwrap();
    assert_eq!(all[end].child("offline").unwrap().text_of("count"), "20");
    assert_eq!(all[end + 1].tag, "message");
}

#[test]
fn a_client_that_never_pulls_gets_everything_after_a_while() {
    let mut world = world();
    let (mut companion, bob) = away(&mut world);
    send(&mut world, bob, companion.device.account, 2_500);
    assert_eq!(messages(&companion.log_in(&mut world)).len(), 5);
    pass(&mut world, 1_000);
    let stanzas = written(&mut world, companion.conn);
    assert_eq!(messages(&stanzas).len(), 2_495);
    assert!(stanzas.last().unwrap().child("offline").is_some());
}

#[test]
fn what_was_written_but_not_acknowledged_comes_again_after_a_crash() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let (ana, bob) = (companion.device.account, account(&mut world, BOB));
    send(&mut world, bob, ana, 3);
    let first = written(&mut world, companion.conn);
    assert_eq!(messages(&first).len(), 3);
    companion.acknowledge(&mut world, messages(&first)[1]);
    world.closed(companion.conn);
    let again = companion.log_in(&mut world);
    let ids = |stanzas: &[wacore_binary::Node]| {
        messages(stanzas).into_iter().map(|message| message.text_of("id").into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&again), [ids(&first)[0].clone(), ids(&first)[2].clone()]);
    assert!(messages(&again).into_iter().all(|message| message.maybe_text("offline").is_some()));
    for message in messages(&again) {
        assert!(companion.open(&world, message).is_some(), "never opened before, so it opens now");
    }
}

#[test]
fn an_aggregated_receipt_acknowledges_all_it_names() {
    let mut world = world();
    let companion = Companion::linked(&mut world, ANA, 1);
    let (ana, bob) = (companion.device.account, account(&mut world, BOB));
    send(&mut world, bob, ana, 3);
    let stanzas = written(&mut world, companion.conn);
    let all = messages(&stanzas);
    let items = all[1..].iter().map(|message| node("item").attr("id", message.text_of("id").as_ref()).build());
    let receipt = node("receipt")
        .attr("id", all[0].text_of("id").as_ref())
        .attr("to", all[0].jid_of("from").unwrap())
        .attr("type", "inactive")
        .children([node("list").children(items.collect::<Vec<_>>()).build()]);
    world.received(companion.conn, &receipt.build());
    assert_eq!(world.accounts[&ana].devices[&1].queue.len(), 0);
    let answer = written(&mut world, companion.conn);
    assert_eq!(one(&answer, "ack").text_of("class"), "receipt");
}

#[test]
fn a_receipt_that_the_server_misses_leaves_the_message_queued() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let (ana, bob) = (companion.device.account, account(&mut world, BOB));
    world
        .add_fault(serde_json::from_value(serde_json::json!({"kind": "lose_receipts", "phone": ANA})).unwrap())
        .unwrap();
    send(&mut world, bob, ana, 1);
    assert_eq!(companion.read(&mut world).len(), 1);
    assert_eq!(world.accounts[&ana].devices[&1].queue.len(), 1);
    world.closed(companion.conn);
    assert_eq!(messages(&companion.log_in(&mut world)).len(), 1);
    companion.read(&mut world);
}

#[test]
fn a_phone_that_is_off_gets_everything_when_it_is_on_again() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let (ana, bob) = (companion.device.account, account(&mut world, BOB));
    world.accounts.get_mut(&bob).unwrap().phone.online = false;
    let to = [crate::ids::DeviceRef::phone(bob)];
    companion.send(&mut world, "A1", bob, &to, "hi", Domain::Pn);
    world.settle();
    assert_eq!(world.accounts[&bob].phone.conversations.last(), 0);
    assert!(written(&mut world, companion.conn).iter().all(|node| node.tag != "receipt"));
    crate::phone::incoming::switched_on(&mut world, bob);
    world.settle();
    assert_eq!(world.accounts[&bob].phone.conversations.after(0, Some(ana.into())).count(), 1);
    one(&written(&mut world, companion.conn), "receipt");
}
