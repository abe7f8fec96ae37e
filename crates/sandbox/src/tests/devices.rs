//! Linking more than one companion, unlinking, replacing a connection.

use crate::areas::unlink;
use crate::stanza::{Reading as _, node};
use crate::testing::{Companion, account, one, world, written};

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";

#[test]
fn companions_get_different_ids_and_contacts_hear_of_them() {
    let mut world = world();
    let bob = Companion::linked(&mut world, BOB, 9);
    let ana = account(&mut world, ANA);
    world.acquainted(ana, bob.device.account);
    let first = Companion::linked(&mut world, ANA, 1);
    let second = Companion::linked(&mut world, ANA, 2);
    assert_eq!((first.device.device, second.device.device), (1, 2));
    for (conn, expected) in [(bob.conn, vec![1, 2]), (first.conn, vec![2])] {
        let stanzas = written(&mut world, conn);
        let added: Vec<u16> = stanzas
            .iter()
            .filter_map(|node| node.child("add")?.child("device")?.jid_of("jid"))
            .map(|jid| jid.device)
            .collect();
        assert_eq!(added, expected);
    }
}

#[test]
fn a_companion_unlinked_by_the_phone_is_cut_off_and_stays_out() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    assert!(unlink::remove(&mut world, companion.device));
    let error = written(&mut world, companion.conn);
    let error = one(&error, "stream:error");
    assert_eq!(
        (error.text_of("code").as_ref(), error.child("conflict").unwrap().text_of("type").as_ref()),
        ("401", "device_removed")
    );
    let stanzas = companion.log_in(&mut world);
    assert_eq!(one(&stanzas, "failure").text_of("reason"), "401");
    assert!(!unlink::remove(&mut world, companion.device));
}

#[test]
fn a_companion_can_unlink_itself_but_no_one_else_s() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let other = Companion::linked(&mut world, BOB, 2);
    let remove = |jid| node("remove-companion-device").attr("jid", jid).attr("reason", "user_initiated").build();
    let of_other = world.jid(other.device, crate::ids::Domain::Pn);
    let answer = companion.ask(&mut world, "md", "set", remove(of_other));
    assert_eq!(answer.child("error").unwrap().text_of("code"), "400");
    let own = world.jid(companion.device, crate::ids::Domain::Pn);
    companion.iq(&mut world, "md", "set", remove(own));
    let stanzas = written(&mut world, companion.conn);
    assert_eq!(one(&stanzas, "iq").text_of("type"), "result");
    one(&stanzas, "stream:error");
    assert!(world.accounts[&companion.device.account].devices.is_empty());
}

#[test]
fn the_newer_of_two_connections_stays() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    let before = companion.conn;
    one(&companion.log_in(&mut world), "success");
    let stanzas = written(&mut world, before);
    assert_eq!(one(&stanzas, "stream:error").child("conflict").unwrap().text_of("type"), "replaced");
    assert_eq!(world.device_of(companion.conn), Some(companion.device));
    let device = &world.accounts[&companion.device.account].devices[&1];
    assert_eq!(device.connection, Some(companion.conn));
}

#[test]
fn another_noise_key_does_not_open_the_door() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    companion.noise = [9; 32];
    let stanzas = companion.log_in(&mut world);
    assert_eq!(one(&stanzas, "failure").text_of("reason"), "401");
}

#[test]
fn a_login_is_refused_with_the_reason_asked_for() {
    let mut world = world();
    let mut companion = Companion::linked(&mut world, ANA, 1);
    for code in [401, 403, 405, 463, 503] {
        world
            .add_fault(
                serde_json::from_value(serde_json::json!({"kind": "failure", "phone": ANA, "code": code})).unwrap(),
            )
            .unwrap();
        let stanzas = companion.log_in(&mut world);
        assert_eq!(one(&stanzas, "failure").text_of("reason"), code.to_string());
    }
    one(&companion.log_in(&mut world), "success");
}

#[test]
fn forgetting_an_account_frees_its_number() {
    let mut world = world();
    let companion = Companion::linked(&mut world, ANA, 1);
    world.remove_account(companion.device.account);
    one(&written(&mut world, companion.conn), "stream:error");
    let again = account(&mut world, ANA);
    assert_ne!(again, companion.device.account);
    assert!(world.accounts[&again].devices.is_empty());
}
