//! Bytes, stanzas and messages that were changed at random: no client brings the
//! server down, and no message a phone.

use buffa::Message as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use sparkbot_fuzz::Fuzz;
use wacore_binary::Node;
use wacore_binary::marshal::marshal;
use waproto::whatsapp::Message;

use crate::ids::{Chat, ConnId};
use crate::phone::content::make;
use crate::phone::{content, outgoing};
use crate::stanza::node;
use crate::testing::{Companion, account, world, written};
use crate::wire::certificate::ServerIdentity;
use crate::wire::connection::decode;
use crate::wire::frame::{FrameReader, frame};
use crate::wire::noise::answer_hello;
use crate::world::World;

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";
/// A world is made anew after so many inputs.
const FRESH: u32 = 500;

#[test]
fn fuzz_frames() {
    let mut rng = StdRng::seed_from_u64(1);
    let server = ServerIdentity::generate(&mut rng).expect("an identity");
    let whole = |payload: &[u8]| frame(payload).expect("short");
    let seeds = [
        [b"WA\x06\x03".to_vec(), whole(b"\x12\x22\x0a\x20abcdefghijklmnopqrstuvwxyz012345"), whole(b"")].concat(),
        [b"ED\0\x01\0\0\x02xyWA\x06\x03".to_vec(), whole(b"hello")].concat(),
    ];
    Fuzz::new("frames").seeds(seeds).words(["WA\x06\x03", "ED\0\x01", "\0\0\x01"]).run(|input| {
        let mut reader = FrameReader::default();
        let (mut frames, mut hellos) = (0, 0);
        // In pieces, as they arrive.
        for piece in input.chunks(1 + input.len() % 7) {
            reader.feed(piece);
            loop {
                match reader.next() {
                    Ok(Some(frame)) => {
                        frames += 1;
                        let header = reader.header().unwrap_or_default();
                        hellos += usize::from(answer_hello(&frame, &header, &server, &mut rng).is_ok());
                    }
                    Ok(None) => break,
                    Err(error) => return error.to_string().chars().filter(|c| !c.is_ascii_digit()).collect(),
                }
            }
        }
        format!("{} {}", frames.min(4), hellos.min(2))
    });
}

/// Stanzas that do something, as a client writes them.
fn stanzas() -> Vec<Node> {
    let iq = |xmlns: &str, kind: &str, child: Node| {
        let to = wacore_binary::NodeValue::from("s.whatsapp.net");
        node("iq").attr("id", "1").attr("xmlns", xmlns).attr("type", kind).attr("to", to).children([child]).build()
    };
    let user = || node("user").attr("jid", "16001234561@s.whatsapp.net").build();
    vec![
        iq("w:p", "get", node("ping").build()),
        iq("encrypt", "get", node("count").build()),
        iq("privacy", "get", node("privacy").build()),
        iq("blocklist", "set", node("item").attr("jid", "16001234561@s.whatsapp.net").attr("action", "block").build()),
        iq(
            "usync",
            "get",
            node("usync")
                .attr("mode", "query")
                .attr("context", "interactive")
                .attr("sid", "1")
                .attr("index", "0")
                .attr("last", "true")
                .children([
                    node("query")
                        .children([node("devices").attr("version", "2").build(), node("contact").build()])
                        .build(),
                    node("list").children([user()]).build(),
                ])
                .build(),
        ),
        iq("encrypt", "get", node("key").children([user()]).build()),
        iq(
            "w:sync:app:state",
            "set",
            node("sync")
                .children([node("collection")
                    .attr("name", "regular_low")
                    .attr("version", "0")
                    .attr("return_snapshot", "true")
                    .build()])
                .build(),
        ),
        iq(
            "w:g2",
            "set",
            node("create")
                .attr("subject", "All")
                .attr("key", "k")
                .children([node("participant").attr("jid", "16001234561@s.whatsapp.net").build()])
                .build(),
        ),
        node("presence").attr("type", "available").attr("name", "Ana").build(),
        node("chatstate").attr("to", "16001234561@s.whatsapp.net").children([node("composing").build()]).build(),
        node("receipt").attr("id", "A").attr("to", "16001234561@s.whatsapp.net").attr("type", "read").build(),
        node("ack").attr("id", "A").attr("to", "16001234561@s.whatsapp.net").attr("class", "message").build(),
        node("message")
            .attr("id", "A")
            .attr("to", "16001234561@s.whatsapp.net")
            .attr("type", "text")
            .children([node("enc").attr("v", "2").attr("type", "msg").bytes(vec![1; 40]).build()])
            .build(),
    ]
}

struct Place {
    world: World,
    companion: Companion,
}

impl Place {
    fn new() -> Self {
        let mut world = world();
        account(&mut world, BEN);
        let companion = Companion::linked(&mut world, ANA, 1);
        Self { world, companion }
    }
}

#[test]
fn fuzz_stanzas() {
    let seeds: Vec<Vec<u8>> = stanzas().iter().map(|stanza| marshal(stanza).expect("written")).collect();
    let (mut place, mut count) = (Place::new(), 0);
    let words =
        ["\u{f8}\x02", "\u{f8}\x00", "\u{fa}\x00\x03", "\u{fc}\x05hello", "\x00", "16001234561", "@s.whatsapp.net"];
    Fuzz::new("stanzas").seeds(seeds).words(words).run(|input| {
        count += 1;
        if count % FRESH == 0 {
            place = Place::new();
        }
        let Some(node) = decode(input) else { return "no stanza".to_owned() };
        let conn: ConnId = place.companion.conn;
        place.world.received(conn, &node);
        place.world.settle();
        let answers = written(&mut place.world, conn);
        if !place.world.device_exists(place.companion.device) {
            place = Place::new();
            return "unlinked".to_owned();
        }
        let tags: Vec<String> = answers.iter().take(3).map(|answer| answer.tag.to_string()).collect();
        format!("{} {tags:?}", node.tag.chars().take(12).collect::<String>())
    });
}

#[test]
fn fuzz_messages() {
    let kinds = [
        serde_json::json!({ "text": "hello" }),
        serde_json::json!({ "location": { "latitude": 1, "longitude": 1 } }),
        serde_json::json!({ "poll": { "name": "?", "options": ["a", "b"] } }),
        serde_json::json!({ "contact": { "displayName": "Ben", "vcard": "BEGIN:VCARD\nEND:VCARD" } }),
        serde_json::json!({ "event": { "name": "Fair", "startTime": 1_900_000_000 } }),
        serde_json::json!({ "buttons": { "text": "?", "buttons": [{ "id": "1", "text": "yes" }] } }),
    ];
    let seeds: Vec<Vec<u8>> =
        kinds.iter().map(|kind| make::from_json(kind, 0, |_| None).expect("a message").encode_to_vec()).collect();
    let fresh = || {
        let mut world = world();
        let people = (account(&mut world, ANA), account(&mut world, BEN));
        (world, people)
    };
    let ((mut world, (mut ana, mut ben)), mut count) = (fresh(), 0);
    Fuzz::new("messages").seeds(seeds).words(["\x0a\x00", "\x08\x05", "@lid", "\u{d2}\x01\x02\x0a\x00"]).run(|input| {
        count += 1;
        if count % FRESH == 0 {
            (world, (ana, ben)) = fresh();
        }
        let Ok(message) = Message::decode_from_slice(input) else { return "no message".to_owned() };
        let sent = outgoing::send_to(&mut world, ana, Chat::Person(ben), message, None, (None, &[]));
        world.settle();
        let shown = world.accounts.get(&ben).and_then(|ben| ben.phone.conversations.after(0, None).last());
        format!("{} {:?}", sent.is_ok(), shown.map(|shown| content::poll(&shown.message).is_some()))
    });
}
