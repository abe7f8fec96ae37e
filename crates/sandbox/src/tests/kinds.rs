//! What messages do to other messages, and who may.

use serde_json::{Value, json};
use waproto::whatsapp as wa;

use crate::control::testing::{said, shown};
use crate::ids::AccountId;
use crate::media::cipher;
use crate::phone::files;
use crate::phone::marks::FileState;
use crate::testing::{Companion, account, one, pass, world, written};
use crate::world::{Output, World};

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";
const EVE: &str = "+16001234562";

fn people(world: &mut World) -> (AccountId, AccountId) {
    (account(world, ANA), account(world, BOB))
}

fn ignored(world: &World, of: AccountId) -> Vec<String> {
    let events = world.accounts[&of].phone.events.after(0).filter(|event| event.kind == "ignored");
    events.map(|event| event.fields["reason"].as_str().unwrap().to_owned()).collect()
}

/// Both phones show the same.
#[track_caller]
fn both(world: &World, of: [AccountId; 2], id: &str, pointer: &str, expected: &Value) {
    for me in of {
        let shown = shown(world, me, id);
        assert_eq!(shown.pointer(pointer).unwrap_or(&Value::Null), expected, "{pointer} of {shown:#}");
    }
}

#[test]
fn reactions_edits_and_deletions_change_the_message_they_are_about() {
    let mut world = world();
    let (ana, bob) = people(&mut world);
    let of = [ana, bob];
    let id = said(&mut world, ana, bob, &json!({"text": "hello"}));
    said(&mut world, bob, ana, &json!({"reaction": {"id": id, "emoji": "👍"}}));
    both(&world, of, &id, "/reactions/0", &json!({"from": BOB, "emoji": "👍"}));
    said(&mut world, bob, ana, &json!({"reaction": {"id": id, "emoji": ""}}));
    both(&world, of, &id, "/reactions", &Value::Null);
    said(&mut world, ana, bob, &json!({"edit": {"id": id, "text": "good day"}}));
    both(&world, of, &id, "/text", &json!("good day"));
    both(&world, of, &id, "/edited", &json!(true));
    said(&mut world, ana, bob, &json!({"revoke": {"id": id}}));
    both(&world, of, &id, "/text", &Value::Null);
    both(&world, of, &id, "/revokedBy", &json!(ANA));
    assert_eq!(ignored(&world, bob), Vec::<String>::new());
}

#[test]
fn nobody_edits_or_deletes_what_somebody_else_wrote() {
    let mut world = world();
    let (ana, bob) = people(&mut world);
    let id = said(&mut world, ana, bob, &json!({"text": "hello"}));
    said(&mut world, bob, ana, &json!({"edit": {"id": id, "text": "forged"}}));
    said(&mut world, bob, ana, &json!({"revoke": {"id": id}}));
    both(&world, [ana, bob], &id, "/text", &json!("hello"));
    assert_eq!(
        ignored(&world, ana),
        ["only its author may edit a message", "only its author and the admins of the group may delete a message"]
    );
}

#[test]
fn edits_and_deletions_have_their_time() {
    let mut world = world();
    let (ana, bob) = people(&mut world);
    let id = said(&mut world, ana, bob, &json!({"text": "hello"}));
    pass(&mut world, 900_000);
    said(&mut world, ana, bob, &json!({"edit": {"id": id, "text": "in time"}}));
    pass(&mut world, 1_000);
    said(&mut world, ana, bob, &json!({"edit": {"id": id, "text": "too late"}}));
    both(&world, [ana, bob], &id, "/text", &json!("in time"));
    pass(&mut world, 216_000_000);
    said(&mut world, ana, bob, &json!({"revoke": {"id": id}}));
    both(&world, [ana, bob], &id, "/revoked", &Value::Null);
    assert_eq!(ignored(&world, bob), ["the time for editing is over", "the time for deleting is over"]);
}

#[test]
fn a_poll_counts_the_last_vote_of_each() {
    let mut world = world();
    let (ana, bob) = people(&mut world);
    let id = said(&mut world, ana, bob, &json!({"poll": {"name": "?", "options": ["tea", "coffee"], "selectable": 1}}));
    let votes = |world: &mut World, who, other, options: Value| {
        said(world, who, other, &json!({"vote": {"id": id, "options": options}}));
    };
    let counts = |world: &World| {
        let [one, other] = [ana, bob].map(|me| {
            let options = shown(world, me, &id)["poll"]["options"].clone();
            options.as_array().unwrap().iter().map(|option| option["votes"].as_u64().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(one, other, "both phones count alike");
        one
    };
    votes(&mut world, bob, ana, json!(["tea"]));
    votes(&mut world, ana, bob, json!(["tea"]));
    assert_eq!(counts(&world), [2, 0]);
    votes(&mut world, bob, ana, json!(["coffee"]));
    assert_eq!(counts(&world), [1, 1]);
    votes(&mut world, bob, ana, json!([]));
    assert_eq!(counts(&world), [1, 0]);
    votes(&mut world, bob, ana, json!(["tea", "coffee"]));
    assert_eq!(counts(&world), [1, 0], "one choice only");
    assert_eq!(ignored(&world, ana), ["more options were chosen than the poll allows"]);
}

#[test]
fn an_event_collects_answers() {
    let mut world = world();
    let (ana, bob) = people(&mut world);
    let id = said(&mut world, ana, bob, &json!({"event": {"name": "Lunch", "startTime": 1_800_000_000}}));
    said(&mut world, bob, ana, &json!({"respond": {"id": id, "answer": "maybe"}}));
    said(&mut world, bob, ana, &json!({"respond": {"id": id, "answer": "going", "guests": 2}}));
    both(&world, [ana, bob], &id, "/event/responses", &json!([{"from": BOB, "answer": "going", "guests": 2}]));
}

#[test]
fn pins_keeps_and_comments_show_on_the_message() {
    let mut world = world();
    let (ana, bob) = people(&mut world);
    let of = [ana, bob];
    let id = said(&mut world, ana, bob, &json!({"text": "hello"}));
    said(&mut world, bob, ana, &json!({"pin": {"id": id, "seconds": 60}}));
    said(&mut world, bob, ana, &json!({"keep": {"id": id}}));
    let comment = said(&mut world, bob, ana, &json!({"comment": {"id": id, "text": "so"}}));
    both(&world, of, &id, "/pinnedUntil", &json!(world.now_secs() + 60));
    both(&world, of, &id, "/keptBy", &json!(BOB));
    both(&world, of, &id, "/comments", &json!([{"id": comment, "from": BOB, "text": "so"}]));
    pass(&mut world, 61_000);
    both(&world, of, &id, "/pinnedUntil", &Value::Null);
    said(&mut world, bob, ana, &json!({"unkeep": {"id": id}}));
    both(&world, of, &id, "/keptBy", &Value::Null);
}

#[test]
fn buttons_are_pressed_and_rows_chosen() {
    let mut world = world();
    let (ana, bob) = people(&mut world);
    let buttons =
        said(&mut world, ana, bob, &json!({"buttons": {"text": "Go?", "buttons": [{"id": "y", "text": "Yes"}]}}));
    let pressed = said(&mut world, bob, ana, &json!({"press": {"id": buttons, "button": "y"}}));
    both(&world, [ana, bob], &pressed, "/pressed", &json!("y"));
    both(&world, [ana, bob], &pressed, "/text", &json!("Yes"));
    let rows = json!([{"title": "A", "rows": [{"id": "r1", "title": "One"}]}]);
    let list = said(&mut world, ana, bob, &json!({"list": {"text": "Pick", "button": "Open", "sections": rows}}));
    let chosen = said(&mut world, bob, ana, &json!({"choose": {"id": list, "row": "r1"}}));
    both(&world, [ana, bob], &chosen, "/chosen", &json!("r1"));
    both(&world, [ana, bob], &chosen, "/target", &json!(list));
}

#[test]
fn somebody_elses_message_of_the_same_id_is_left_alone() {
    let mut world = world();
    let (ana, bob) = people(&mut world);
    let eve = account(&mut world, EVE);
    let id = said(&mut world, ana, bob, &json!({"text": "hello"}));
    // Eve names a message of another chat.
    let key = wa::MessageKey { id: Some(id.clone()), from_me: Some(false), ..Default::default() };
    let revoke = wa::Message {
        protocol_message: buffa::MessageField::some(wa::message::ProtocolMessage {
            key: buffa::MessageField::some(key),
            r#type: Some(wa::message::protocol_message::Type::REVOKE),
            ..Default::default()
        }),
        ..Default::default()
    };
    crate::phone::outgoing::send(&mut world, eve, bob, revoke, None, None).unwrap();
    world.settle();
    both(&world, [ana, bob], &id, "/text", &json!("hello"));
}

/// Fetches what the phones want, as the media errands do.
fn fetch(world: &mut World) {
    world.settle();
    for output in world.take_outputs() {
        match output {
            Output::Fetch(wanted) => {
                let result = cipher::fetch(&world.media.clone(), &wanted, world.now_ms());
                files::fetched(world, &wanted, result);
                world.settle();
            }
            other => world.requeue(other),
        }
    }
}

/// A picture on the media host and the message that refers to it.
fn picture(world: &mut World, view_once: bool) -> wa::Message {
    let words = json!({"kind": "image", "base64": "", "viewOnce": view_once});
    let words: crate::phone::content::make_file::FileWords = serde_json::from_value(words).unwrap();
    let store = world.media.clone();
    let mut content = store.begin().unwrap();
    std::io::Write::write_all(&mut content, b"a picture").unwrap();
    let (hash, _) = store.keep(content).unwrap();
    let (file, _) = store.kept(&hash).unwrap();
    let (now, life) = (world.now_ms(), world.timing.media_life_ms);
    let kind = wacore::download::MediaType::Image;
    let sealed = cipher::upload(&store, file, kind, [3; 32], now, life).unwrap();
    words.message(&sealed, "127.0.0.1:1", now / 1_000).unwrap()
}

#[test]
fn a_phone_that_comes_too_late_for_a_file_asks_for_it_again() {
    let mut world = world();
    let (ana, bob) = people(&mut world);
    let message = picture(&mut world, false);
    let sent = crate::phone::outgoing::send(&mut world, ana, bob, message, None, None).unwrap();
    world.settle();
    // Bob's phone gets to it when the address has ended.
    let late: Vec<_> = world.take_outputs();
    for output in late {
        if let Output::Fetch(wanted) = output {
            let result = if wanted.phone == bob {
                Err(cipher::Failure::Expired)
            } else {
                cipher::fetch(&world.media.clone(), &wanted, world.now_ms())
            };
            files::fetched(&mut world, &wanted, result);
        }
    }
    let before = shown(&world, bob, &sent.id);
    assert_eq!(before["media"]["state"], "failed", "{before:#}");
    world.media.expire();
    fetch(&mut world);
    let state = |me| &world.accounts[&me].phone.conversations.find(&sent.id).unwrap().marks.file;
    assert!(matches!(state(bob), FileState::Here(_)), "{:?}", state(bob));
    assert_eq!(state(ana), state(bob));
}

#[test]
fn what_is_viewed_once_is_kept_from_companions() {
    let mut world = world();
    let of_ana = Companion::linked(&mut world, ANA, 1);
    let of_bob = Companion::linked(&mut world, BOB, 2);
    let (ana, bob) = people(&mut world);
    let message = picture(&mut world, true);
    let sent = crate::phone::outgoing::send(&mut world, ana, bob, message.clone(), None, None).unwrap();
    for companion in [&of_ana, &of_bob] {
        let stanzas = written(&mut world, companion.conn);
        let stanza = one(&stanzas, "message");
        let unavailable = crate::stanza::Reading::child(stanza, "unavailable").unwrap();
        assert_eq!(crate::stanza::Reading::text_of(unavailable, "type"), "view_once");
        assert!(crate::stanza::Reading::child(stanza, "enc").is_none());
    }
    let seen = shown(&world, bob, &sent.id);
    assert_eq!((&seen["kind"], &seen["viewOnce"]), (&json!("view_once_image"), &json!(true)));
    world.timing.view_once_on_companions = true;
    crate::phone::outgoing::send(&mut world, ana, bob, message, None, None).unwrap();
    let stanzas = written(&mut world, of_bob.conn);
    assert!(crate::stanza::Reading::child(one(&stanzas, "message"), "enc").is_some());
}
