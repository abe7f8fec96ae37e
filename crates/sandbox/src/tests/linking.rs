//! Linking by QR code and by link code.

use wacore::libsignal::protocol::KeyPair;
use wacore::pair_code::PairCodeUtils;
use wacore_binary::Node;

use crate::areas::linking_code::{self, CantTry, Typed};
use crate::areas::linking_qr::{self, CantAdmit};
use crate::ids::PhoneNumber;
use crate::stanza::{Reading as _, node, public_bytes, server_jid};
use crate::testing::{Companion, account, one, pass, world, written};
use crate::world::World;
use crate::world::links::Outcome;

const ANA: &str = "+16001234560";

fn refs(stanzas: &[Node]) -> Vec<String> {
    let pair_device = one(stanzas, "iq").child("pair-device").expect("pair-device");
    pair_device.nodes().iter().map(|reference| String::from_utf8(reference.body().to_vec()).unwrap()).collect()
}

#[test]
fn a_scanned_companion_is_told_its_name_and_asked_to_come_back() {
    let mut world = world();
    let mut companion = Companion::candidate(&mut world, 7);
    let shown = refs(&written(&mut world, companion.conn));
    assert_eq!(shown.len(), 6);
    assert_eq!(linking_qr::scanned(&world, &shown[0]), Ok(companion.conn));
    let ana = account(&mut world, ANA);
    let attempt = world.links.attempt(companion.conn);
    linking_qr::admit(&mut world, companion.conn, ana, &companion.secret, attempt).unwrap();
    assert_eq!(world.links.outcome(attempt), None, "nothing is linked before the companion agrees");
    companion.confirm(&mut world);
    assert_eq!(world.links.outcome(attempt), Some(Outcome::Linked(companion.device)));
    assert_eq!(one(&written(&mut world, companion.conn), "stream:error").text_of("code"), "515");
    let stanzas = companion.log_in(&mut world);
    assert_eq!(one(&stanzas, "success").jid_of("lid").unwrap().device, 1);
}

#[test]
fn a_companion_that_signs_wrongly_is_not_linked() {
    let mut world = world();
    let companion = Companion::candidate(&mut world, 7);
    let ana = account(&mut world, ANA);
    let attempt = world.links.attempt(companion.conn);
    linking_qr::admit(&mut world, companion.conn, ana, &companion.secret, attempt).unwrap();
    let stanzas = written(&mut world, companion.conn);
    let id = stanzas.iter().find(|node| node.child("pair-success").is_some()).unwrap().text_of("id").into_owned();
    let sign = node("pair-device-sign").children([node("device-identity").bytes(vec![1, 2, 3]).build()]).build();
    world.received(companion.conn, &node("iq").attr("type", "result").attr("id", id).children([sign]).build());
    assert_eq!(world.links.outcome(attempt), Some(Outcome::Refused));
    assert_eq!(one(&written(&mut world, companion.conn), "failure").text_of("reason"), "401");
    assert!(world.accounts[&ana].devices.is_empty());
}

#[test]
fn refs_expire_one_after_the_other_and_then_the_stream_ends() {
    let mut world = world();
    let companion = Companion::candidate(&mut world, 7);
    let shown = refs(&written(&mut world, companion.conn));
    pass(&mut world, 59_999);
    assert!(linking_qr::scanned(&world, &shown[0]).is_ok());
    pass(&mut world, 1);
    assert_eq!(linking_qr::scanned(&world, &shown[0]), Err(CantAdmit::Expired));
    assert!(linking_qr::scanned(&world, &shown[1]).is_ok());
    pass(&mut world, 100_000);
    one(&written(&mut world, companion.conn), "xmlstreamend");
    assert!(world.connections.is_empty());
    assert_eq!(linking_qr::scanned(&world, &shown[5]), Err(CantAdmit::Expired));
    assert_eq!(linking_qr::scanned(&world, "2@never"), Err(CantAdmit::UnknownRef));
}

/// A companion that shows a code.
struct Shown {
    companion: Companion,
    ephemeral: KeyPair,
    reference: String,
}

fn show_code(world: &mut World, code: &str) -> Shown {
    let companion = Companion::candidate(world, 7);
    let ephemeral = companion.party.identity().clone();
    let wrapped = PairCodeUtils::encrypt_ephemeral_pub(&public_bytes(&ephemeral.public_key), code);
    let hello = PairCodeUtils::build_companion_hello_iq(
        &ANA[1..],
        &companion.noise,
        &wrapped,
        "1",
        "Chrome (Linux)",
        true,
        "h".to_owned(),
    );
    world.received(companion.conn, &hello);
    let stanzas = written(world, companion.conn);
    let answer = stanzas.iter().find(|node| node.text_of("id") == "h").expect("an answer");
    let reference = answer.child("link_code_companion_reg").unwrap().body_of("link_code_pairing_ref").to_vec();
    Shown { companion, ephemeral, reference: String::from_utf8(reference).unwrap() }
}

fn type_code(world: &mut World, code: &str) -> Result<u64, CantTry> {
    let number = PhoneNumber::parse(ANA).unwrap();
    let ana = account(world, ANA);
    let (reference, wrapped) = linking_code::pending(world, &number)?;
    let companion_ephemeral = PairCodeUtils::decrypt_primary_ephemeral_pub(&wrapped, code).unwrap();
    let ephemeral = KeyPair::generate(&mut world.rng);
    let wrapped = PairCodeUtils::encrypt_ephemeral_pub(&public_bytes(&ephemeral.public_key), code).to_vec();
    linking_code::primary_hello(world, &number, ana, Typed { reference, companion_ephemeral, ephemeral, wrapped })
}

/// The companion answers the phone's hello with its own code.
fn finish(world: &mut World, shown: &mut Shown, code: &str) {
    let stanzas = written(world, shown.companion.conn);
    let registration = one(&stanzas, "notification").child("link_code_companion_reg").unwrap();
    let wrapped = registration.body_of("link_code_pairing_wrapped_primary_ephemeral_pub");
    let primary = PairCodeUtils::decrypt_primary_ephemeral_pub(wrapped, code).unwrap();
    let identity: [u8; 32] = registration.body_of("primary_identity_pub").try_into().unwrap();
    let own = shown.companion.party.identity();
    let (bundle, secret) = PairCodeUtils::prepare_key_bundle(&shown.ephemeral, &primary, &identity, own).unwrap();
    let finish = PairCodeUtils::build_companion_finish_iq(
        &ANA[1..],
        bundle,
        &public_bytes(&own.public_key),
        shown.reference.as_bytes(),
        "f".to_owned(),
    );
    shown.companion.secret = secret;
    world.received(shown.companion.conn, &finish);
}

#[test]
fn the_right_code_links() {
    let mut world = world();
    let mut shown = show_code(&mut world, "ABCDEFGH");
    let attempt = type_code(&mut world, "ABCDEFGH").unwrap();
    finish(&mut world, &mut shown, "ABCDEFGH");
    shown.companion.confirm(&mut world);
    assert_eq!(world.links.outcome(attempt), Some(Outcome::Linked(shown.companion.device)));
    assert_eq!(type_code(&mut world, "ABCDEFGH"), Err(CantTry::NoPendingCode), "a code links once");
}

#[test]
fn three_wrong_codes_use_the_code_up() {
    let mut world = world();
    let mut shown = show_code(&mut world, "ABCDEFGH");
    for left in [2, 1, 0] {
        let attempt = type_code(&mut world, "HGFEDCBA").unwrap();
        assert_eq!(type_code(&mut world, "ABCDEFGH"), Err(CantTry::Busy));
        finish(&mut world, &mut shown, "ABCDEFGH");
        assert_eq!(world.links.outcome(attempt), Some(Outcome::WrongCode { tries_left: left }));
    }
    assert_eq!(type_code(&mut world, "ABCDEFGH"), Err(CantTry::NoTriesLeft));
    let stanzas = written(&mut world, shown.companion.conn);
    let refresh = one(&stanzas, "notification").child("link_code_companion_reg").unwrap();
    assert_eq!(
        (refresh.text_of("stage").as_ref(), refresh.text_of("force_manual_refresh").as_ref()),
        ("refresh_code", "true")
    );
}

#[test]
fn a_code_lives_for_three_minutes_and_keeps_the_stream_open_that_long() {
    let mut world = world();
    let shown = show_code(&mut world, "ABCDEFGH");
    pass(&mut world, 179_999);
    assert!(linking_code::pending(&world, &PhoneNumber::parse(ANA).unwrap()).is_ok());
    assert!(world.connections.contains_key(&shown.companion.conn));
    pass(&mut world, 1);
    assert_eq!(type_code(&mut world, "ABCDEFGH"), Err(CantTry::Expired));
    written(&mut world, shown.companion.conn);
    assert_eq!(
        type_code(&mut world, "ABCDEFGH"),
        Err(CantTry::NoPendingCode),
        "the stream has ended and its code with it"
    );
}

/// What a companion that asks for a code is sent; the answer has the id `h`.
fn ask_for_a_code(world: &mut World, companion: &Companion) -> Vec<Node> {
    let number = &ANA[1..];
    let id = "h".to_owned();
    let hello =
        PairCodeUtils::build_companion_hello_iq(number, &companion.noise, &[0; 80], "1", "Chrome (Linux)", true, id);
    world.received(companion.conn, &hello);
    written(world, companion.conn)
}

#[test]
fn too_many_codes_are_refused_on_request() {
    let mut world = world();
    world.add_fault(serde_json::from_value(serde_json::json!({"kind": "too_many_link_codes"})).unwrap()).unwrap();
    let companion = Companion::candidate(&mut world, 7);
    let stanzas = ask_for_a_code(&mut world, &companion);
    let answer = stanzas.iter().find(|node| node.text_of("id") == "h").unwrap();
    assert_eq!(answer.child("error").unwrap().text_of("code"), "429");
}

#[test]
fn a_passkey_is_asked_for_on_request() {
    let mut world = world();
    world.add_fault(serde_json::from_value(serde_json::json!({"kind": "passkey", "phone": ANA})).unwrap()).unwrap();
    let companion = Companion::candidate(&mut world, 7);
    let stanzas = ask_for_a_code(&mut world, &companion);
    let asked = stanzas.iter().position(|node| node.text_of("type") == "passkey_prologue_request").unwrap();
    let refused = stanzas.iter().position(|node| node.text_of("id") == "h").unwrap();
    assert!(asked < refused, "a client must know why before it is refused");
    let options = stanzas[asked].body_of("passkey_request_options").to_vec();
    let options: serde_json::Value = serde_json::from_slice(&options).unwrap();
    assert_eq!(options["rpId"], "whatsapp.com");
}

#[test]
fn a_companion_that_leaves_takes_its_codes_and_attempts_along() {
    let mut world = world();
    let shown = show_code(&mut world, "ABCDEFGH");
    let attempt = type_code(&mut world, "ABCDEFGH").unwrap();
    written(&mut world, shown.companion.conn);
    world.closed(shown.companion.conn);
    assert_eq!(world.links.outcome(attempt), Some(Outcome::Gone));
    assert_eq!(type_code(&mut world, "ABCDEFGH"), Err(CantTry::NoPendingCode));
    let stanza = node("iq").attr("type", "get").attr("xmlns", "w:p").attr("id", "x").attr("to", server_jid()).build();
    world.received(shown.companion.conn, &stanza);
    assert!(written(&mut world, shown.companion.conn).is_empty());
}
