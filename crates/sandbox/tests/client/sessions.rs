//! What a client does with keys by itself: features/signal.rs and
//! features/rotate_key.rs, as far as the server has to do with it.

use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::{Jid, NodeBuilder};

use crate::catalog::{asks, bytes, child};
use crate::support::{ALICE, BOB, Companion, OWN, Place, jid};

#[tokio::test]
async fn devices_are_found_and_sessions_made_with_them() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let of_alice = Companion::link(&place, ALICE).await;
    let signal = own.client.signal();
    let mut devices = signal.get_user_devices(&[jid(ALICE)]).await.unwrap();
    devices.sort_by_key(|device| device.device);
    let ids: Vec<u64> = devices.iter().map(|device| device.device.into()).collect();
    assert_eq!(ids, [0, of_alice.device]);

    assert!(!signal.validate_session(&devices[0]).await.unwrap(), "there is none yet");
    signal.assert_sessions(&devices).await.unwrap();
    for device in &devices {
        assert!(signal.validate_session(device).await.unwrap());
        assert!(signal.session_info(device).await.unwrap().is_some());
    }
    let text = wa::Message { conversation: Some("for each device".to_owned()), ..Default::default() };
    let (copies, with_identity) = signal.create_participant_nodes(&[jid(ALICE)], &text).await.unwrap();
    assert_eq!((copies.len(), with_identity), (2, true));
    signal.delete_sessions(&devices).await.unwrap();
    assert!(!signal.validate_session(&devices[0]).await.unwrap());
    // A new session is made when there is something to say.
    let sent = own.client.send_text(&jid(ALICE), "hello").await.unwrap();
    place.sees(ALICE, &sent.message_id).await;
    of_alice.message(sent.message_id.as_str()).await;
}

/// The id of the signed key that the server hands out for a device.
async fn signed_key(asking: &Companion, device: &Jid) -> Vec<u8> {
    let user = NodeBuilder::new("user").attr("jid", device).build();
    let key = NodeBuilder::new("key").children([user]).build();
    let answer = asks(asking, "encrypt", "get", key).await;
    let user = child(child(&answer, "list"), "user");
    bytes(child(child(user, "skey"), "id")).to_vec()
}

#[tokio::test]
async fn a_rotated_key_is_handed_out_and_writes_to_the_client() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let of_alice = Companion::link(&place, ALICE).await;
    let device = jid(OWN).with_device(u16::try_from(own.device).unwrap());
    let before = signed_key(&of_alice, &device).await;
    own.client.rotate_signed_pre_key().await.unwrap();
    assert_ne!(signed_key(&of_alice, &device).await, before);
    // Bob has never written to it, so that he starts with the new key.
    let id = place.writes(BOB, OWN, "sealed with the new key").await;
    own.message(&id).await;
    place.receipt(BOB, &id, OWN, "delivery").await;
    own.client.send_digest_key_bundle().await.unwrap();
    assert!(place.get(&format!("/phones/{OWN}")).await["devices"][0]["prekeys"].as_u64() > Some(0));
}
