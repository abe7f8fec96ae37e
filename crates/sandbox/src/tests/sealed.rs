//! What is sealed with the secret of another message: opened under either name
//! of those concerned, and by nobody who lacks the secret.

use buffa::{Message as _, MessageField};
use serde_json::{Value, json};
use wacore::secret_enc_addon::{AddonContext, ModificationType, encrypt_addon};
use waproto::whatsapp as wa;
use waproto::whatsapp::message::secret_encrypted_message::SecretEncType;

use crate::control::testing::{said, shown};
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::phone::{content, outgoing};
use crate::testing::{account, pass, world};
use crate::world::World;

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";

/// Ana, Bob, and a message that Ana wrote to him.
fn setting(message: &Value) -> (World, AccountId, AccountId, String) {
    let mut world = world();
    let (ana, bob) = (account(&mut world, ANA), account(&mut world, BOB));
    let id = said(&mut world, ana, bob, message);
    (world, ana, bob, id)
}

/// Something for the message `id` of Ana, sealed by `sender` under the names given.
fn sealed(
    world: &World,
    (ana, sender): (AccountId, AccountId),
    id: &str,
    kind: ModificationType,
    plain: &[u8],
    names: (Domain, Domain),
) -> (MessageField<wa::MessageKey>, Option<Vec<u8>>, Option<Vec<u8>>) {
    let target = world.accounts[&ana].phone.conversations.known(ana, id).unwrap();
    let name = |account, domain| world.jid(DeviceRef::phone(account), domain).to_string();
    let context = AddonContext {
        stanza_id: id,
        parent_msg_original_sender: &name(ana, names.0),
        modification_sender: &name(sender, names.1),
        modification_type: kind,
    };
    let (payload, iv) = encrypt_addon(plain, content::secret(&target.message).unwrap(), &context).unwrap();
    let key = wa::MessageKey { id: Some(id.to_owned()), from_me: Some(sender == ana), ..Default::default() };
    (MessageField::some(key), Some(payload), Some(iv.to_vec()))
}

fn reaction(
    (target_message_key, enc_payload, enc_iv): (MessageField<wa::MessageKey>, Option<Vec<u8>>, Option<Vec<u8>>),
) -> wa::Message {
    let sealed = wa::message::EncReactionMessage { target_message_key, enc_payload, enc_iv };
    wa::Message { enc_reaction_message: MessageField::some(sealed), ..Default::default() }
}

fn secret_encrypted(
    kind: SecretEncType,
    (target_message_key, enc_payload, enc_iv): (MessageField<wa::MessageKey>, Option<Vec<u8>>, Option<Vec<u8>>),
) -> wa::Message {
    let sealed = wa::message::SecretEncryptedMessage {
        target_message_key,
        enc_payload,
        enc_iv,
        secret_enc_type: Some(kind),
        ..Default::default()
    };
    wa::Message { secret_encrypted_message: MessageField::some(sealed), ..Default::default() }
}

fn send(world: &mut World, from: AccountId, to: AccountId, message: wa::Message) {
    outgoing::send(world, from, to, message, None, None).unwrap();
    world.settle();
}

fn ignored(world: &World, of: AccountId) -> usize {
    world.accounts[&of].phone.events.after(0).filter(|event| event.kind == "ignored").count()
}

#[test]
fn a_reaction_is_opened_under_whichever_names_it_was_sealed() {
    let (mut world, ana, bob, id) = setting(&json!({"text": "hello"}));
    let names = [Domain::Lid, Domain::Pn];
    let names = names.into_iter().flat_map(|one| names.map(|other| (one, other)));
    for (emoji, names) in ["1", "2", "3", "4"].into_iter().zip(names) {
        let plain = wa::message::ReactionMessage { text: Some(emoji.to_owned()), ..Default::default() }.encode_to_vec();
        let sealed = sealed(&world, (ana, bob), &id, ModificationType::EncReaction, &plain, names);
        pass(&mut world, 1_000);
        send(&mut world, bob, ana, reaction(sealed));
        for me in [ana, bob] {
            assert_eq!(shown(&world, me, &id)["reactions"], json!([{"from": BOB, "emoji": emoji}]), "{names:?}");
        }
    }
}

#[test]
fn what_was_sealed_for_another_message_is_left_out() {
    let (mut world, ana, bob, id) = setting(&json!({"text": "hello"}));
    let other = said(&mut world, ana, bob, &json!({"text": "other"}));
    let plain = wa::message::ReactionMessage { text: Some("x".to_owned()), ..Default::default() }.encode_to_vec();
    let names = (Domain::Lid, Domain::Lid);
    let (_, payload, iv) = sealed(&world, (ana, bob), &other, ModificationType::EncReaction, &plain, names);
    let key = wa::MessageKey { id: Some(id.clone()), from_me: Some(false), ..Default::default() };
    send(&mut world, bob, ana, reaction((MessageField::some(key), payload, iv)));
    assert_eq!(shown(&world, ana, &id)["reactions"], Value::Null);
    assert_eq!(ignored(&world, ana), 1);
}

#[test]
fn an_event_is_changed_by_its_author_alone_and_at_any_time() {
    let (mut world, ana, bob, id) = setting(&json!({"event": {"name": "Lunch", "startTime": 1_900_000_000}}));
    pass(&mut world, 3_600_000);
    let change = |world: &mut World, who: AccountId, to: AccountId, name: &str, canceled: bool| {
        let event = wa::message::EventMessage {
            name: Some(name.to_owned()),
            is_canceled: Some(canceled),
            ..Default::default()
        };
        let plain = wa::Message { event_message: MessageField::some(event), ..Default::default() }.encode_to_vec();
        let names = (Domain::Lid, Domain::Lid);
        let sealed = sealed(world, (ana, who), &id, ModificationType::EventEdit, &plain, names);
        send(world, who, to, secret_encrypted(SecretEncType::EVENT_EDIT, sealed));
    };
    change(&mut world, bob, ana, "Forged", true);
    assert_eq!(shown(&world, ana, &id)["event"]["name"], "Lunch");
    change(&mut world, ana, bob, "Late lunch", true);
    for me in [ana, bob] {
        let event = &shown(&world, me, &id)["event"];
        assert_eq!((&event["name"], &event["canceled"]), (&json!("Late lunch"), &json!(true)));
    }
    // Answers are still sealed with the secret of the first version.
    said(&mut world, bob, ana, &json!({"respond": {"id": id, "answer": "not_going"}}));
    assert_eq!(shown(&world, ana, &id)["event"]["responses"][0]["answer"], "not_going");
}

#[test]
fn an_option_is_added_where_the_poll_allows_it() {
    for (may_add, counted) in [(true, json!([0, 0, 1])), (false, json!([0, 0]))] {
        let poll = json!({"poll": {"name": "?", "options": ["a", "b"], "mayAdd": may_add}});
        let (mut world, ana, bob, id) = setting(&poll);
        let added =
            wa::message::poll_creation_message::Option { option_name: Some("c".to_owned()), ..Default::default() };
        let plain = wa::Message {
            poll_add_option_message: MessageField::some(wa::message::PollAddOptionMessage {
                add_option: MessageField::some(added),
                ..Default::default()
            }),
            ..Default::default()
        }
        .encode_to_vec();
        let names = (Domain::Lid, Domain::Lid);
        let sealed = sealed(&world, (ana, bob), &id, ModificationType::PollAddOption, &plain, names);
        send(&mut world, bob, ana, secret_encrypted(SecretEncType::POLL_ADD_OPTION, sealed));
        if may_add {
            said(&mut world, ana, bob, &json!({"vote": {"id": id, "options": ["c"]}}));
        }
        for me in [ana, bob] {
            let options = shown(&world, me, &id)["poll"]["options"].clone();
            let counts: Vec<_> = options.as_array().unwrap().iter().map(|option| option["votes"].clone()).collect();
            assert_eq!(json!(counts), counted);
            assert_eq!(ignored(&world, me), usize::from(!may_add));
        }
    }
}
