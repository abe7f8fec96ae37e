//! Messages and receipts between phones and companions.

use waproto::whatsapp::Message;

use crate::ids::{AccountId, DeviceRef, Domain};
use crate::phone::{news, outgoing, reading};
use crate::stanza::{Reading as _, node};
use crate::testing::{Companion, account, one, pass, world, written};
use crate::world::World;

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";

fn text(text: &str) -> Message {
    Message { conversation: Some(text.to_owned()), ..Default::default() }
}

/// What a phone shows: who wrote it, the text, how often it came.
fn shown(world: &World, of: AccountId) -> Vec<(AccountId, String, u32)> {
    let conversations = &world.accounts[&of].phone.conversations;
    conversations
        .after(0, None)
        .map(|shown| (shown.from, shown.text.clone().unwrap_or_default(), shown.copies))
        .collect()
}

fn phone(account: AccountId) -> DeviceRef {
    DeviceRef::phone(account)
}

#[test]
fn a_phone_reaches_every_device_of_both_sides() {
    let mut world = world();
    let mut of_ana = Companion::linked(&mut world, ANA, 1);
    let mut of_bob = [Companion::linked(&mut world, BOB, 2), Companion::linked(&mut world, BOB, 3)];
    let (ana, bob) = (account(&mut world, ANA), account(&mut world, BOB));
    outgoing::send(&mut world, bob, ana, text("hello"), None, Some(Domain::Lid)).unwrap();
    assert_eq!(
        of_ana.read(&mut world).into_iter().map(|(from, text)| (from.device, text)).collect::<Vec<_>>(),
        [(0, "hello".to_owned())]
    );
    for companion in &mut of_bob {
        let stanzas = written(&mut world, companion.conn);
        let message = one(&stanzas, "message");
        assert_eq!(message.jid_of("recipient"), Some(world.accounts[&ana].jid(Domain::Lid)));
        assert_eq!(companion.open(&world, message).as_deref(), Some("hello"));
    }
    assert_eq!(shown(&world, ana), [(bob, "hello".to_owned(), 1)]);
    assert_eq!(shown(&world, bob), [(bob, "hello".to_owned(), 1)]);
}

#[test]
fn a_companion_writes_under_either_name_and_is_answered_under_the_same() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let bob = account(&mut world, BOB);
    for (id, domain) in [("A1", Domain::Pn), ("A2", Domain::Lid)] {
        companion.send(&mut world, id, bob, &[phone(bob), phone(companion.device.account)], id, domain);
        let ack = written(&mut world, companion.conn)
            .into_iter()
            .find(|node| node.tag == "ack" && node.text_of("class") == "message")
            .unwrap();
        assert_eq!((ack.text_of("id").as_ref(), ack.maybe_text("phash"), ack.maybe_text("error")), (id, None, None));
        outgoing::send(&mut world, bob, companion.device.account, text("answer"), None, None).unwrap();
        let stanzas = written(&mut world, companion.conn);
        let message = one(&stanzas, "message");
        assert_eq!(Domain::of(&message.jid_of("from").unwrap()), Some(domain));
        let other = if domain == Domain::Lid { "sender_pn" } else { "sender_lid" };
        assert_eq!(Domain::of(&message.jid_of(other).unwrap()), Some(domain.other()));
        assert_eq!(companion.open(&world, message).as_deref(), Some("answer"));
    }
    let ana = companion.device.account;
    assert_eq!(shown(&world, bob)[0], (ana, "A1".to_owned(), 1));
    assert_eq!(shown(&world, ana)[0], (ana, "A1".to_owned(), 1), "the sender's own phone has it too");
}

#[test]
fn an_outdated_device_list_is_answered_with_the_hash_of_the_right_one() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let second = Companion::linked(&mut world, BOB, 2);
    let (ana, bob) = (companion.device.account, second.device.account);
    companion.send(&mut world, "A1", bob, &[phone(bob), phone(ana)], "hi", Domain::Pn);
    let stanzas = written(&mut world, companion.conn);
    let ack = stanzas.iter().find(|node| node.text_of("class") == "message").unwrap();
    let all = [phone(bob), second.device, phone(ana)].map(|device| world.jid(device, Domain::Pn));
    assert_eq!(ack.maybe_text("phash"), wacore::messages::MessageUtils::participant_list_hash(&all).ok());
}

#[test]
fn a_message_sent_again_is_acknowledged_again_and_arrives_once() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let bob = account(&mut world, BOB);
    let stanza =
        companion.send(&mut world, "A1", bob, &[phone(bob), phone(companion.device.account)], "hi", Domain::Pn);
    written(&mut world, companion.conn);
    world.received(companion.conn, &stanza);
    assert_eq!(one(&written(&mut world, companion.conn), "ack").text_of("id"), "A1");
    assert_eq!(shown(&world, bob), [(companion.device.account, "hi".to_owned(), 1)]);
}

#[test]
fn receipts_come_back_by_device_and_kind() {
    let mut world = world();
    let companion = Companion::linked(&mut world, ANA, 1);
    let (ana, bob) = (companion.device.account, account(&mut world, BOB));
    let sent = outgoing::send(&mut world, bob, ana, text("hi"), None, Some(Domain::Lid)).unwrap();
    let stanzas = written(&mut world, companion.conn);
    let from = one(&stanzas, "message").jid_of("from").unwrap();
    for kind in ["", "read"] {
        let mut receipt = node("receipt").attr("id", sent.id.as_str()).attr("to", &from);
        if !kind.is_empty() {
            receipt = receipt.attr("type", kind);
        }
        world.received(companion.conn, &receipt.build());
    }
    world.settle();
    let receipts = &world.accounts[&bob].phone.conversations.find(&sent.id).unwrap().receipts;
    let seen: Vec<_> =
        receipts.iter().map(|receipt| (receipt.by.as_str(), receipt.device, receipt.kind.as_str())).collect();
    assert_eq!(seen, [(ANA, 0, "delivery"), (ANA, 1, "delivery"), (ANA, 1, "read")]);
    assert!(world.accounts[&ana].phone.conversations.find(&sent.id).unwrap().read, "read on one device is read on all");
    assert_eq!(world.accounts[&ana].devices[&1].queue.len(), 0, "a receipt is as good as an ack");
}

#[test]
fn a_phone_that_reads_tells_the_sender_and_its_own_companions() {
    let mut world = world();
    let mut of_ana = Companion::linked(&mut world, ANA, 1);
    let of_bob = Companion::linked(&mut world, BOB, 2);
    let (ana, bob) = (of_ana.device.account, of_bob.device.account);
    for id in ["A1", "A2"] {
        of_ana.send(&mut world, id, bob, &[phone(bob), phone(ana)], id, Domain::Pn);
    }
    world.settle();
    assert_eq!(reading::read(&mut world, bob, ana, None), ["A1", "A2"]);
    world.settle();
    let mut kinds = Vec::new();
    for output in world.take_outputs() {
        if let crate::world::Output::Send(conn, stanza) = output
            && stanza.tag == "receipt"
        {
            kinds.push((conn == of_bob.conn, stanza.text_of("type").into_owned(), news::receipt_ids(&stanza).len()));
        }
    }
    assert!(kinds.contains(&(false, "read".to_owned(), 2)), "{kinds:?}");
    assert!(kinds.contains(&(true, "read-self".to_owned(), 2)), "{kinds:?}");
    assert!(reading::read(&mut world, bob, ana, None).is_empty(), "nothing is read twice");
}

#[test]
fn what_a_companion_can_t_decrypt_it_gets_again() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let (ana, bob) = (companion.device.account, account(&mut world, BOB));
    world.add_fault(serde_json::from_value(serde_json::json!({"kind": "damage_deliveries"})).unwrap()).unwrap();
    let sent = outgoing::send(&mut world, bob, ana, text("hi"), None, Some(Domain::Lid)).unwrap();
    let stanzas = written(&mut world, companion.conn);
    let damaged = one(&stanzas, "message");
    assert_eq!(companion.open(&world, damaged), None);
    let retry = node("retry").attr("id", sent.id.as_str()).attr("count", 1).attr("v", 1).build();
    let registration = node("registration").bytes(companion.party.registration_id().to_be_bytes().to_vec()).build();
    let receipt = node("receipt")
        .attr("id", sent.id.as_str())
        .attr("to", damaged.jid_of("from").unwrap())
        .attr("type", "retry")
        .children([retry, registration])
        .build();
    world.received(companion.conn, &receipt);
    assert_eq!(world.accounts[&ana].devices[&1].queue.len(), 1, "a retry is no acknowledgement");
    let stanzas = written(&mut world, companion.conn);
    let again = one(&stanzas, "message");
    assert_eq!(
        (again.text_of("id").as_ref(), again.child("enc").unwrap().text_of("count").as_ref()),
        (sent.id.as_str(), "1")
    );
    assert_eq!(companion.open(&world, again).as_deref(), Some("hi"));
}

#[test]
fn what_a_phone_can_t_decrypt_it_asks_for() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let (ana, bob) = (companion.device.account, account(&mut world, BOB));
    world.add_fault(serde_json::from_value(serde_json::json!({"kind": "damage_messages"})).unwrap()).unwrap();
    companion.send(&mut world, "A1", bob, &[phone(bob)], "hi", Domain::Pn);
    let stanzas = written(&mut world, companion.conn);
    let retry = one(&stanzas, "receipt");
    assert_eq!((retry.text_of("type").as_ref(), retry.text_of("id").as_ref()), ("retry", "A1"));
    assert!(retry.child("keys").is_some());
    assert!(shown(&world, bob).is_empty());
    // The client seals it anew, with the count of the retry.
    let padded = wacore::messages::MessageUtils::pad_message_v2(buffa::Message::encode_to_vec(&text("hi")));
    let sealed = companion.party.seal(phone(bob), &padded).unwrap();
    let enc = node("enc").attr("v", 2).attr("type", sealed.kind).attr("count", 1).bytes(sealed.bytes).build();
    let again = node("message")
        .attr("to", world.jid(phone(bob), Domain::Pn))
        .attr("id", "A1")
        .attr("type", "text")
        .children([enc])
        .build();
    world.received(companion.conn, &again);
    world.settle();
    assert_eq!(shown(&world, bob), [(ana, "hi".to_owned(), 1)]);
}

#[test]
fn sent_to_everybody_again_a_message_reaches_whoever_asked_for_it() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let (ana, bob) = (companion.device.account, account(&mut world, BOB));
    companion.send(&mut world, "A1", bob, &[phone(ana)], "hi", Domain::Pn);
    world.settle();
    assert_eq!(shown(&world, ana).len(), 1);
    // Bob's phone could not open its copy.
    let retry = node("retry").attr("id", "A1").attr("count", 1).attr("v", 1).build();
    let receipt = node("receipt")
        .attr("id", "A1")
        .attr("to", world.jid(companion.device, Domain::Pn))
        .attr("type", "retry")
        .children([retry])
        .build();
    crate::areas::receipt::accept(&mut world, phone(bob), &receipt);
    for _ in 0..2 {
        companion.send(&mut world, "A1", bob, &[phone(bob), phone(ana)], "hi", Domain::Pn);
        world.settle();
    }
    assert_eq!(shown(&world, bob), [(ana, "hi".to_owned(), 1)]);
    assert_eq!(shown(&world, ana), [(ana, "hi".to_owned(), 1)], "it had not asked");
}

#[test]
fn a_phone_answers_by_script_but_never_a_script() {
    let mut world = world();
    let (ana, bob) = (account(&mut world, ANA), account(&mut world, BOB));
    for id in [ana, bob] {
        let body = serde_json::from_value(serde_json::json!({"echo": true, "echoDelayMs": 50})).unwrap();
        world.accounts.get_mut(&id).unwrap().phone.script = crate::phone::script::Script::new(body).unwrap();
    }
    outgoing::send(&mut world, ana, bob, text("hi"), None, None).unwrap();
    world.settle();
    pass(&mut world, 49);
    assert_eq!(shown(&world, ana).len(), 1);
    for _ in 0..10 {
        pass(&mut world, 50);
    }
    assert_eq!(shown(&world, ana), [(ana, "hi".to_owned(), 1), (bob, "hi".to_owned(), 1)]);
}

#[test]
fn a_blocked_contact_notices_nothing_and_reaches_nobody() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let (ana, bob) = (companion.device.account, account(&mut world, BOB));
    crate::areas::blocklist::change(&mut world, bob, ana, true, None);
    companion.send(&mut world, "A1", bob, &[phone(bob), phone(ana)], "hi", Domain::Pn);
    let stanzas = written(&mut world, companion.conn);
    assert_eq!(one(&stanzas, "ack").maybe_text("error"), None);
    assert!(shown(&world, bob).is_empty());
    assert_eq!(shown(&world, ana).len(), 1);
}

#[test]
fn acks_are_lost_delayed_and_refused_on_request() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let bob = account(&mut world, BOB);
    let to = [phone(bob), phone(companion.device.account)];
    for fault in [
        serde_json::json!({"kind": "lose_acks"}),
        serde_json::json!({"kind": "delay_acks", "ms": 500}),
        serde_json::json!({"kind": "ack_error", "code": 463}),
    ] {
        world.add_fault(serde_json::from_value(fault).unwrap()).unwrap();
    }
    let acks = |world: &mut World, conn| {
        written(world, conn)
            .into_iter()
            .filter(|node| node.text_of("class") == "message")
            .map(|ack| ack.text_of("error").into_owned())
            .collect::<Vec<_>>()
    };
    companion.send(&mut world, "A1", bob, &to, "refused", Domain::Pn);
    assert!(acks(&mut world, companion.conn).is_empty(), "the first ack is lost, with its error");
    companion.send(&mut world, "A2", bob, &to, "late", Domain::Pn);
    assert!(acks(&mut world, companion.conn).is_empty());
    pass(&mut world, 500);
    assert_eq!(acks(&mut world, companion.conn), [""]);
    assert_eq!(shown(&world, bob).iter().map(|(_, text, _)| text.as_str()).collect::<Vec<_>>(), ["late"]);
}
