//! App state: what a person or a companion changes, every device of the
//! account shows; what is not as it must be is refused.

use buffa::{Message as _, MessageField};
use wacore_appstate::hash::{HashState, generate_patch_mac};
use wacore_appstate::{encode_record, expand_app_state_keys, process_patch};
use wacore_binary::Node;
use waproto::whatsapp as wa;
use waproto::whatsapp::syncd_mutation::SyncdOperation;

use crate::ids::{AccountId, Domain};
use crate::phone::app_state::{actions, change};
use crate::phone::book::{Contact, Label};
use crate::phone::chat_list::list;
use crate::phone::{incoming, outgoing, sync_keys};
use crate::stanza::{Reading as _, node};
use crate::testing::{Companion, account, pass, world, written};
use crate::world::World;

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";

/// A client's own copy of one collection.
#[derive(Default)]
struct Copy {
    state: HashState,
    values: std::collections::HashMap<Vec<u8>, Vec<u8>>,
    seen: Vec<(Vec<String>, Option<wa::SyncActionValue>)>,
}

impl Copy {
    /// Asks for what it lacks and checks every MAC of it.
    fn sync(&mut self, world: &mut World, companion: &mut Companion, name: &'static str) {
        loop {
            let asked = node("collection").attr("name", name).attr("version", self.state.version).build();
            let answer = companion.ask(world, "w:sync:app:state", "set", node("sync").children([asked]).build());
            let collection = answer.child("sync").and_then(|sync| sync.child("collection")).unwrap().clone();
            for patch in collection.child("patches").map(|patches| patches.nodes().to_vec()).unwrap_or_default() {
                self.apply(world, companion, name, patch.body());
            }
            if collection.text_of("has_more_patches") != "true" {
                assert_eq!(collection.text_of("version"), self.state.version.to_string());
                return;
            }
        }
    }

    fn apply(&mut self, world: &World, companion: &Companion, name: &str, patch: &[u8]) {
        let patch = wa::SyncdPatch::decode_from_slice(patch).unwrap();
        let ring = world.accounts[&companion.device.account].app_state.keys();
        let keys = |id: &[u8]| {
            let key = ring.all().find(|key| key.id == id).ok_or(wacore_appstate::AppStateError::KeyNotFound)?;
            Ok(std::sync::Arc::new(expand_app_state_keys(&key.data)))
        };
        let done =
            process_patch(&patch, &mut self.state, keys, |index| Ok(self.values.get(index).cloned()), true, name)
                .unwrap();
        assert!(!self.state.mac_mismatch_fatal, "the sum over the collection is as the phone says");
        for index in done.removed_index_macs {
            self.values.remove(&index);
        }
        self.values.extend(done.added_macs.into_iter().map(|mac| (mac.index_mac, mac.value_mac)));
        self.seen.extend(done.mutations.into_iter().map(|mutation| (mutation.index, mutation.action_value)));
    }

    fn last(&self) -> &wa::SyncActionValue {
        self.seen.last().unwrap().1.as_ref().unwrap()
    }

    /// A patch that a client makes on top of what it knows.
    fn patch(
        &self,
        world: &World,
        of: AccountId,
        name: &str,
        index: &[&str],
        value: &wa::SyncActionValue,
    ) -> wa::SyncdPatch {
        let key = world.accounts[&of].app_state.keys().all().last().unwrap();
        let keys = expand_app_state_keys(&key.data);
        let index = serde_json::to_vec(index).unwrap();
        let (mutation, _) = encode_record(SyncdOperation::SET, &index, value, &keys, &key.id, &[3; 16], 3);
        let mut state = self.state.clone();
        state.update_hash(std::slice::from_ref(&mutation), |index, _| Ok(self.values.get(index).cloned())).1.unwrap();
        state.version += 1;
        let mut patch = wa::SyncdPatch {
            mutations: vec![mutation],
            snapshot_mac: Some(state.generate_snapshot_mac(name, &keys.snapshot_mac)),
            key_id: MessageField::some(wa::KeyId { id: Some(key.id.to_vec()) }),
            ..Default::default()
        };
        patch.patch_mac = Some(generate_patch_mac(&patch, name, &keys.patch_mac, state.version));
        patch
    }
}

fn archived(archived: bool) -> wa::SyncActionValue {
    wa::SyncActionValue {
        timestamp: Some(1),
        archive_chat_action: MessageField::some(wa::sync_action_value::ArchiveChatAction {
            archived: Some(archived),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn upload(world: &mut World, by: &mut Companion, name: &'static str, base: u64, patch: &wa::SyncdPatch) -> Node {
    let patch = node("patch").bytes(patch.encode_to_vec()).build();
    let collection = node("collection").attr("name", name).attr("version", base).children([patch]).build();
    let answer = by.ask(world, "w:sync:app:state", "set", node("sync").children([collection]).build());
    answer.child("sync").and_then(|sync| sync.child("collection")).unwrap().clone()
}

fn code(collection: &Node) -> String {
    collection.child("error").map(|error| error.text_of("code").into_owned()).unwrap_or_default()
}

#[test]
fn what_the_person_changes_a_companion_can_check_and_read() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let me = ana.device.account;
    let bob = account(&mut world, BOB);
    let chat = world.accounts[&bob].jid(Domain::Lid).to_string();
    change(&mut world, me, &[actions::archive(&chat, true, None), actions::pin(&chat, true)]);
    let told = written(&mut world, ana.conn);
    assert!(told.iter().any(|node| node.text_of("type") == "server_sync"));
    let mut low = Copy::default();
    low.sync(&mut world, &mut ana, "regular_low");
    let indexes: Vec<&str> = low.seen.iter().map(|(index, _)| index[0].as_str()).collect();
    assert_eq!(indexes, ["archive", "pin_v1"], "one patch with both");
    assert_eq!(low.state.version, 1);
    let state = world.accounts[&me].phone.book.chats.values().next().unwrap().clone();
    assert_eq!((state.archived, state.pinned_at.is_some()), (false, true), "pinning takes a chat out of the archive");

    change(&mut world, me, &[actions::archive(&chat, true, None)]);
    low.sync(&mut world, &mut ana, "regular_low");
    assert_eq!(low.last().archive_chat_action.as_option().unwrap().archived, Some(true));
}

#[test]
fn what_a_companion_changes_the_phone_and_the_other_companion_show() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut second = Companion::linked(&mut world, ANA, 2);
    ana.read(&mut world);
    let me = ana.device.account;
    let bob = account(&mut world, BOB);
    outgoing::send(
        &mut world,
        bob,
        me,
        wa::Message { conversation: Some("hi".into()), ..Default::default() },
        None,
        None,
    )
    .unwrap();
    world.settle();
    let lid = world.accounts[&bob].jid(Domain::Lid).to_string();
    let low = Copy::default();
    let patch = low.patch(&world, me, "regular_low", &["archive", &lid], &archived(true));
    assert_eq!(upload(&mut world, &mut ana, "regular_low", 0, &patch).text_of("version"), "1");
    let shown = list(&world, me);
    assert_eq!((shown.len(), shown[0].state.archived, shown[0].unread), (1, true, 1));
    assert_eq!(shown[0].chat, "16001234561@s.whatsapp.net", "one person is one chat, whatever they are called");
    let mut copy = Copy::default();
    copy.sync(&mut world, &mut second, "regular_low");
    assert_eq!(copy.seen[0].0, ["archive", lid.as_str()]);
}

#[test]
fn a_phone_that_was_off_takes_over_what_it_missed() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let me = ana.device.account;
    world.accounts.get_mut(&me).unwrap().phone.online = false;
    let mut copy = Copy::default();
    for (base, name) in ["A", "B"].into_iter().enumerate() {
        let value = wa::SyncActionValue {
            push_name_setting: MessageField::some(wa::sync_action_value::PushNameSetting { name: Some(name.into()) }),
            ..Default::default()
        };
        copy.sync(&mut world, &mut ana, "critical_block");
        let patch = copy.patch(&world, me, "critical_block", &["setting_pushName"], &value);
        assert_eq!(code(&upload(&mut world, &mut ana, "critical_block", base as u64 + 1, &patch)), "");
    }
    assert_eq!(world.accounts[&me].name, ANA);
    incoming::switched_on(&mut world, me);
    assert_eq!(world.accounts[&me].name, "B");
    let events = world.accounts[&me].phone.events.after(0).filter(|event| event.kind == "appState").count();
    assert_eq!(events, 2);
}

#[test]
fn patches_with_a_wrong_mac_key_or_base_are_refused() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let me = ana.device.account;
    let copy = Copy::default();
    let good = copy.patch(&world, me, "regular_low", &["archive", "1@s.whatsapp.net"], &archived(true));
    let resealed = |world: &World, mut patch: wa::SyncdPatch| {
        let key = world.accounts[&me].app_state.keys().all().last().unwrap();
        let keys = expand_app_state_keys(&key.data);
        patch.patch_mac = Some(generate_patch_mac(&patch, "regular_low", &keys.patch_mac, 1));
        patch
    };
    let mut wrong = Vec::new();
    wrong.push(("no patch MAC", wa::SyncdPatch { patch_mac: None, ..good.clone() }));
    wrong.push(("another patch MAC", wa::SyncdPatch { patch_mac: Some(vec![1; 32]), ..good.clone() }));
    // Even when the patch as a whole is sealed again:
    wrong.push((
        "another sum over the collection",
        resealed(&world, wa::SyncdPatch { snapshot_mac: Some(vec![1; 32]), ..good.clone() }),
    ));
    let mut value = good.clone();
    if let Some(blob) = value.mutations[0].record.as_option_mut().unwrap().value.as_option_mut().unwrap().blob.as_mut()
    {
        blob[20] ^= 1;
    }
    wrong.push(("a changed value", value));
    wrong.push((
        "an unknown key",
        wa::SyncdPatch { key_id: MessageField::some(wa::KeyId { id: Some(vec![9; 6]) }), ..good.clone() },
    ));
    wrong.push(("no key", wa::SyncdPatch { key_id: MessageField::none(), ..good.clone() }));
    wrong.push(("nothing in it", wa::SyncdPatch { mutations: Vec::new(), ..good.clone() }));
    for (what, patch) in wrong {
        assert_eq!(code(&upload(&mut world, &mut ana, "regular_low", 0, &patch)), "400", "{what}");
    }
    assert_eq!(code(&upload(&mut world, &mut ana, "regular_low", 3, &good)), "409");
    assert_eq!(code(&upload(&mut world, &mut ana, "regular_low", 0, &good)), "");
    let conflict = upload(&mut world, &mut ana, "regular_low", 0, &good);
    assert_eq!((code(&conflict).as_str(), conflict.child("patches").unwrap().nodes().len()), ("409", 1));
}

#[test]
fn many_patches_come_in_pages_and_a_conflict_says_that_there_are_more() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let me = ana.device.account;
    for n in 0..230 {
        change(&mut world, me, &[actions::time_format(n % 2 == 0)]);
    }
    let mut copy = Copy::default();
    let stale = copy.patch(&world, me, "regular_low", &["archive", "1@s.whatsapp.net"], &archived(true));
    let conflict = upload(&mut world, &mut ana, "regular_low", 0, &stale);
    assert_eq!(conflict.text_of("has_more_patches"), "true");
    copy.sync(&mut world, &mut ana, "regular_low");
    assert_eq!((copy.state.version, copy.seen.len(), copy.values.len()), (230, 230, 1));
}

#[test]
fn a_new_key_replaces_what_the_old_one_sealed() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let me = ana.device.account;
    let mut copy = Copy::default();
    change(&mut world, me, &[actions::archive("1@s.whatsapp.net", true, None)]);
    copy.sync(&mut world, &mut ana, "regular_low");
    assert!(sync_keys::rotate(&mut world, me));
    let shared = written(&mut world, ana.conn);
    assert!(shared.iter().any(|node| node.tag == "message" && node.text_of("category") == "peer"), "the key is shared");
    change(&mut world, me, &[actions::archive("1@s.whatsapp.net", false, None)]);
    copy.sync(&mut world, &mut ana, "regular_low");
    assert_eq!(copy.values.len(), 1, "the record of the old key is gone");
    // What a companion seals with the new key is taken.
    let patch = copy.patch(&world, me, "regular_low", &["archive", "2@s.whatsapp.net"], &archived(true));
    assert_eq!(code(&upload(&mut world, &mut ana, "regular_low", 2, &patch)), "");
}

#[test]
fn deleted_and_cleared_chats_lose_their_messages_and_stay_away() {
    let mut world = world();
    let ana = Companion::linked(&mut world, ANA, 1);
    let me = ana.device.account;
    let bob = account(&mut world, BOB);
    let chat = world.accounts[&bob].jid(Domain::Pn).to_string();
    let text = |text: &str| wa::Message { conversation: Some(text.into()), ..Default::default() };
    for id in ["A", "B", "C"] {
        outgoing::send(&mut world, bob, me, text(id), Some(id.into()), None).unwrap();
        world.settle();
        pass(&mut world, 1_000);
    }
    let of = |id| actions::Of { chat: &chat, id, from_me: false, author: None };
    change(&mut world, me, &[actions::star(&of("B"), true), actions::delete_message(&of("A"), 0)]);
    let ids = |world: &World| {
        world.accounts[&me].phone.conversations.iter().map(|shown| shown.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&world), ["B", "C"]);
    change(&mut world, me, &[actions::clear_chat(&chat, false, None)]);
    assert_eq!(ids(&world), ["B"], "a star keeps a message");
    change(
        &mut world,
        me,
        &[
            actions::label("7", Some(&Label { name: "New".into(), ..Label::default() })),
            actions::label_chat("7", &chat, true),
        ],
    );
    assert_eq!(list(&world, me)[0].labels, ["7"]);
    change(&mut world, me, &[actions::delete_chat(&chat, None)]);
    assert!(ids(&world).is_empty() && list(&world, me).is_empty());
    assert!(world.accounts[&me].phone.book.labels["7"].chats.is_empty());
    outgoing::send(&mut world, bob, me, text("A"), Some("A".into()), None).unwrap();
    world.settle();
    assert!(ids(&world).is_empty(), "a second copy does not bring it back");
}

#[test]
fn a_message_range_spares_what_came_later() {
    let mut world = world();
    let ana = Companion::linked(&mut world, ANA, 1);
    let me = ana.device.account;
    let bob = account(&mut world, BOB);
    let chat = world.accounts[&bob].jid(Domain::Pn).to_string();
    let text = |text: &str| wa::Message { conversation: Some(text.into()), ..Default::default() };
    outgoing::send(&mut world, bob, me, text("A"), Some("A".into()), None).unwrap();
    world.settle();
    let range = wa::sync_action_value::SyncActionMessageRange {
        last_message_timestamp: i64::try_from(world.now_secs()).ok(),
        ..Default::default()
    };
    pass(&mut world, 5_000);
    outgoing::send(&mut world, bob, me, text("B"), Some("B".into()), None).unwrap();
    world.settle();
    change(&mut world, me, &[actions::mark_read(&chat, true, Some(range.clone()))]);
    assert_eq!(list(&world, me)[0].unread, 1);
    change(&mut world, me, &[actions::delete_chat(&chat, Some(range))]);
    let left: Vec<&str> = world.accounts[&me].phone.conversations.iter().map(|shown| shown.id.as_str()).collect();
    assert_eq!(left, ["B"]);
}

#[test]
fn the_address_book_follows_what_is_saved_and_removed() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let me = ana.device.account;
    let details = Contact { full_name: Some("Bob B".into()), first_name: Some("Bob".into()), on_phone: true };
    let bob = "16001234561@s.whatsapp.net";
    change(&mut world, me, &[actions::contact(bob, None, Some(&details))]);
    assert_eq!(world.accounts[&me].phone.book.contacts[bob].full_name.as_deref(), Some("Bob B"));
    let mut copy = Copy::default();
    copy.sync(&mut world, &mut ana, "critical_unblock_low");
    assert_eq!(copy.last().contact_action.as_option().unwrap().first_name.as_deref(), Some("Bob"));
    change(&mut world, me, &[actions::contact(bob, None, None)]);
    assert!(world.accounts[&me].phone.book.contacts.is_empty());
    copy.sync(&mut world, &mut ana, "critical_unblock_low");
    assert!(copy.values.is_empty());
    let version = world.accounts[&me].app_state.version("critical_unblock_low");
    change(&mut world, me, &[actions::contact(bob, None, None)]);
    assert_eq!(world.accounts[&me].app_state.version("critical_unblock_low"), version, "nothing to remove, no patch");
}
