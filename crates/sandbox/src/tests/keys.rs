//! Prekeys: upload, count, digest, rotation, bundles.

use std::collections::HashSet;

use wacore::prekeys::compute_key_bundle_digest;

use crate::ids::Domain;
use crate::stanza::{Reading as _, node};
use crate::testing::{Companion, world, written};

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";

#[test]
fn a_one_time_key_is_handed_out_once_and_the_last_resort_is_none() {
    let mut world = world();
    let ana = Companion::linked(&mut world, ANA, 1);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    let jid = world.jid(ana.device, Domain::Lid);
    let mut ids = HashSet::new();
    // 20 were uploaded; the phone took one to send its key.
    for _ in 0..19 {
        assert!(ids.insert(bob.bundle(&mut world, jid.clone()).one_time.unwrap().0));
    }
    let last = bob.bundle(&mut world, jid);
    assert!(last.one_time.is_none());
    assert!(last.device_identity.is_some());
    let stanzas = written(&mut world, ana.conn);
    let low: Vec<_> = stanzas
        .iter()
        .filter(|node| node.text_of("type") == "encrypt")
        .filter_map(|node| node.child("count"))
        .collect();
    assert_eq!(
        low.iter().map(|count| count.text_of("value").into_owned()).collect::<Vec<_>>(),
        ["9"],
        "asked for more once"
    );
}

#[test]
fn count_and_digest_agree_with_what_was_uploaded() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let answer = ana.ask(&mut world, "encrypt", "get", node("count").build());
    assert_eq!(answer.child("count").unwrap().text_of("value"), "19");
    let answer = ana.ask(&mut world, "encrypt", "get", node("digest").build());
    let digest = answer.child("digest").unwrap();
    let keys = &world.accounts[&ana.device.account].devices[&1].keys;
    let publics: Vec<&[u8]> = keys.one_time.iter().map(|(_, public)| public.as_slice()).collect();
    let expected = compute_key_bundle_digest(
        digest.body_of("identity"),
        digest.child("skey").unwrap().body_of("value"),
        digest.child("skey").unwrap().body_of("signature"),
        &publics,
    );
    assert_eq!(digest.body_of("hash"), expected);
    assert_eq!(digest.child("list").unwrap().nodes().len(), 19);
}

#[test]
fn a_rotated_key_must_be_signed_by_the_device() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    let jid = world.jid(ana.device, Domain::Pn);
    let own = bob.bundle(&mut world, jid).signed;
    let rotate = |signature: [u8; 64]| {
        let id = node("id").bytes(vec![0, 0, 9]).build();
        let value = node("value").bytes(own.public.to_vec()).build();
        let signature = node("signature").bytes(signature.to_vec()).build();
        node("rotate").children([node("skey").children([id, value, signature]).build()]).build()
    };
    let refused = ana.ask(&mut world, "encrypt", "set", rotate([0; 64]));
    assert_eq!(refused.child("error").unwrap().text_of("code"), "406");
    let accepted = ana.ask(&mut world, "encrypt", "set", rotate(own.signature));
    assert_eq!(accepted.text_of("type"), "result");
    let jid = world.jid(ana.device, Domain::Pn);
    assert_eq!(bob.bundle(&mut world, jid).signed.id, 9);
}

#[test]
fn a_device_nobody_has_is_not_found() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    for jid in ["19999999999@s.whatsapp.net", "16001234560:77@s.whatsapp.net", "5@lid"] {
        let jid: wacore_binary::Jid = jid.parse().unwrap();
        let answer = ana.ask(
            &mut world,
            "encrypt",
            "get",
            node("key").children([node("user").attr("jid", jid).build()]).build(),
        );
        let user = answer.child("list").unwrap().child("user").unwrap();
        assert_eq!(user.child("error").unwrap().text_of("code"), "404");
    }
}
