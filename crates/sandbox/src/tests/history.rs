//! History sync: what a new companion is told of before.

use std::io::Read as _;

use buffa::Message as _;
use flate2::read::ZlibDecoder;
use wacore::download::{DownloadUtils, MediaType};
use wacore::messages::MessageUtils;
use waproto::whatsapp as wa;
use waproto::whatsapp::history_sync::HistorySyncType as Kind;

use crate::phone::app_state::{actions, change};
use crate::phone::past_maker::{Wanted, make};
use crate::phone::{history, outgoing};
use crate::stanza::Reading as _;
use crate::testing::{Companion, account, pass, world, written};
use crate::world::World;

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";

/// Everything a companion is told from now on.
fn told(world: &mut World, companion: &mut Companion) -> Vec<wa::HistorySync> {
    let mut told = Vec::new();
    for _ in 0..1_000 {
        let stanzas = written(world, companion.conn);
        if stanzas.is_empty() && world.accounts[&companion.device.account].phone.telling.is_empty() {
            return told;
        }
        for stanza in stanzas {
            told.extend(history_of(world, companion, &stanza));
            companion.acknowledge(world, &stanza);
        }
        pass(world, 1);
    }
    panic!("it never ends");
}

fn history_of(world: &World, companion: &mut Companion, stanza: &wacore_binary::Node) -> Option<wa::HistorySync> {
    let enc = stanza.child("enc")?;
    let from = world.find_device(&stanza.jid_of("from")?)?;
    let mut rng = rand::SeedableRng::seed_from_u64(1);
    let padded = companion.party.open(from, &enc.text_of("type"), enc.body(), &mut rng).ok()?;
    let message = wa::Message::decode_from_slice(MessageUtils::unpad_message_ref(&padded, 2).ok()?).ok()?;
    let notification = message.protocol_message.into_option()?.history_sync_notification.into_option()?;
    let packed = match notification.initial_hist_bootstrap_inline_payload {
        Some(inline) => inline,
        None => {
            let (mut file, _) = world.media.fetch(&notification.direct_path.unwrap(), world.now_ms()).unwrap();
            let mut sealed = Vec::new();
            file.read_to_end(&mut sealed).unwrap();
            DownloadUtils::verify_and_decrypt(&sealed, &notification.media_key.unwrap(), MediaType::History).unwrap()
        }
    };
    let mut plain = Vec::new();
    ZlibDecoder::new(packed.as_slice()).read_to_end(&mut plain).unwrap();
    let history = wa::HistorySync::decode_from_slice(&plain).unwrap();
    assert_eq!(history.chunk_order, notification.chunk_order);
    Some(history)
}

/// A companion that is linked and has uploaded its keys but read nothing.
fn fresh(world: &mut World, seed: u64) -> Companion {
    let mut companion = Companion::candidate(world, seed);
    let account = account(world, ANA);
    let attempt = world.links.attempt(companion.conn);
    crate::areas::linking_qr::admit(world, companion.conn, account, &companion.secret, attempt).unwrap();
    companion.confirm(world);
    companion.log_in(world);
    companion.upload(world, 20);
    companion
}

#[test]
fn a_phone_without_a_past_tells_only_that() {
    let mut world = world();
    let mut ana = fresh(&mut world, 1);
    let told = told(&mut world, &mut ana);
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].sync_type, told[0].progress, told[0].conversations.len()),
        (Kind::INITIAL_BOOTSTRAP, Some(100), 0)
    );
    assert_eq!(told[0].nct_salt.as_ref().map(Vec::len), Some(32));
}

#[test]
fn a_long_past_is_told_whole_and_each_message_once() {
    let mut world = world();
    let me = account(&mut world, ANA);
    let wanted = Wanted { seed: 5, chats: 60, messages_per_chat: 120, days: 60 };
    assert_eq!(make(&mut world, me, wanted), 7_200);
    let mut ana = fresh(&mut world, 1);
    let told = told(&mut world, &mut ana);
    let kinds: Vec<Kind> = told.iter().map(|part| part.sync_type).collect();
    assert_eq!(kinds[0], Kind::INITIAL_BOOTSTRAP);
    for kind in [Kind::PUSH_NAME, Kind::RECENT, Kind::NON_BLOCKING_DATA, Kind::INITIAL_STATUS_V3] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
    let recent: Vec<&wa::HistorySync> = told.iter().filter(|part| part.sync_type == Kind::RECENT).collect();
    assert!(recent.len() > 5, "in parts: {}", recent.len());
    assert_eq!(recent.last().unwrap().progress, Some(100));
    let orders: Vec<u32> = recent.iter().filter_map(|part| part.chunk_order).collect();
    assert!(orders.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    let mut ids = std::collections::BTreeSet::new();
    for message in told.iter().flat_map(|part| &part.conversations).flat_map(|chat| &chat.messages) {
        let key = message.message.as_option().unwrap().key.as_option().unwrap();
        assert!(ids.insert(key.id.clone().unwrap()), "each message once");
    }
    assert_eq!(ids.len(), 7_200);
    let mappings: usize = told[0].phone_number_to_lid_mappings.len();
    assert_eq!(mappings, told[0].conversations.len());
}

#[test]
fn only_a_companion_that_wants_all_gets_what_is_older() {
    for (wants, expected) in [(false, 0), (true, 1)] {
        let mut world = world();
        let me = account(&mut world, ANA);
        make(&mut world, me, Wanted { seed: 5, chats: 1, messages_per_chat: 400, days: 2_000 });
        let mut ana = Companion::candidate(&mut world, 1);
        if let Some(candidate) = world.connections.get_mut(&ana.conn).and_then(|connection| connection.candidate_mut())
        {
            candidate.wants_full_history = wants;
        }
        let attempt = world.links.attempt(ana.conn);
        crate::areas::linking_qr::admit(&mut world, ana.conn, me, &ana.secret, attempt).unwrap();
        ana.confirm(&mut world);
        ana.log_in(&mut world);
        ana.upload(&mut world, 20);
        let told = told(&mut world, &mut ana);
        assert_eq!(told.iter().filter(|part| part.sync_type == Kind::FULL).count(), expected);
        let messages: usize = told.iter().flat_map(|part| &part.conversations).map(|chat| chat.messages.len()).sum();
        assert_eq!(messages == 400, wants, "{messages}");
    }
}

#[test]
fn chats_come_with_how_they_stand_and_what_came_of_their_messages() {
    let mut world = world();
    let me = account(&mut world, ANA);
    let bob = account(&mut world, BOB);
    let text = |text: &str| wa::Message { conversation: Some(text.into()), ..Default::default() };
    outgoing::send(&mut world, bob, me, text("question"), Some("Q".into()), None).unwrap();
    world.settle();
    pass(&mut world, 1_000);
    outgoing::send(&mut world, me, bob, text("answer"), Some("A".into()), None).unwrap();
    world.settle();
    pass(&mut world, 1_000);
    let key = wa::MessageKey { id: Some("A".into()), ..Default::default() };
    let reaction = wa::Message {
        reaction_message: buffa::MessageField::some(wa::message::ReactionMessage {
            key: buffa::MessageField::some(key),
            text: Some("❤️".into()),
            ..Default::default()
        }),
        ..Default::default()
    };
    outgoing::send(&mut world, bob, me, reaction, None, None).unwrap();
    world.settle();
    let address = "16001234561@s.whatsapp.net";
    let until = 1_900_000_000_000;
    change(&mut world, me, &[actions::pin(address, true), actions::mute(address, Some(until))]);
    let mut ana = fresh(&mut world, 1);
    let told = told(&mut world, &mut ana);
    let chat = &told[0].conversations[0];
    assert!(chat.id.ends_with("@lid"), "phones write to LIDs: {}", chat.id);
    assert_eq!(chat.pn_jid.as_deref(), Some(address));
    assert!(chat.pinned.is_some_and(|pinned| pinned > 0));
    assert_eq!(chat.mute_end_time, Some(1_900_000_000));
    assert_eq!(chat.messages.len(), 2, "a reaction is no message of its own");
    let newest = chat.messages[0].message.as_option().unwrap();
    assert_eq!(newest.key.as_option().unwrap().id.as_deref(), Some("A"));
    assert_eq!(newest.reactions[0].text.as_deref(), Some("❤️"));
    assert_eq!(newest.user_receipt.len(), 1);
    let names = told.iter().find(|part| part.sync_type == Kind::PUSH_NAME).unwrap();
    assert!(names.pushnames.iter().any(|name| name.pushname.as_deref() == Some(BOB)));
}

#[test]
fn more_is_given_on_demand_until_the_beginning() {
    let mut world = world();
    let me = account(&mut world, ANA);
    make(&mut world, me, Wanted { seed: 5, chats: 1, messages_per_chat: 50, days: 2_000 });
    let mut ana = fresh(&mut world, 1);
    told(&mut world, &mut ana);
    let (chat, oldest) = {
        let past = &world.accounts[&me].phone.past;
        let (chat, past) = past.chats.iter().next().unwrap();
        (chat.clone(), past.messages[20].id.to_string())
    };
    let mut ask = |world: &mut World, oldest: &str, count| {
        let request = wa::message::peer_data_operation_request_message::HistorySyncOnDemandRequest {
            chat_jid: Some(chat.clone()),
            oldest_msg_id: Some(oldest.to_owned()),
            on_demand_msg_count: Some(count),
            ..Default::default()
        };
        history::on_demand(world, me, ana.device.device, "REQ", &request);
        told(world, &mut ana).remove(0)
    };
    let first = ask(&mut world, &oldest, 15);
    assert_eq!((first.sync_type, first.conversations[0].messages.len()), (Kind::ON_DEMAND, 15));
    let oldest = first.conversations[0].messages.last().unwrap().message.as_option().unwrap();
    let second = ask(&mut world, oldest.key.as_option().unwrap().id.as_deref().unwrap(), 15);
    assert_eq!(second.conversations[0].messages.len(), 5);
    use wa::conversation::EndOfHistoryTransferType as End;
    let ends = [first, second].map(|part| part.conversations[0].end_of_history_transfer_type.unwrap());
    assert_eq!(
        ends,
        [
            End::COMPLETE_ON_DEMAND_SYNC_BUT_MORE_MSG_REMAIN_ON_PRIMARY,
            End::COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY
        ]
    );
}

#[test]
fn a_phone_that_is_switched_off_goes_on_when_it_is_back() {
    let mut world = world();
    let me = account(&mut world, ANA);
    make(&mut world, me, Wanted { seed: 5, chats: 30, messages_per_chat: 200, days: 60 });
    let mut ana = fresh(&mut world, 1);
    world.accounts.get_mut(&me).unwrap().phone.online = false;
    pass(&mut world, 10);
    assert!(!world.accounts[&me].phone.telling.is_empty());
    crate::phone::incoming::switched_on(&mut world, me);
    let told = told(&mut world, &mut ana);
    let messages: usize = told.iter().flat_map(|part| &part.conversations).map(|chat| chat.messages.len()).sum();
    assert_eq!(messages, 6_000);
}
