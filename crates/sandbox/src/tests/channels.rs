//! Channels: GraphQL, posts, reactions, the directory.

use serde_json::{Value, json};
use wacore_binary::{Jid, Node};

use crate::stanza::{Reading as _, node};
use crate::testing::{Companion, one, world, written};
use crate::world::World;

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";
const CREATE: &str = "25149874324715067";
const FETCH: &str = "27456920720571478";
const JOIN: &str = "24404358912487870";
const LEAVE: &str = "9767147403369991";
const UPDATE: &str = "24250201037901610";
const DELETE: &str = "30062808666639665";
const SEARCH: &str = "26301059626252132";
const FOLLOWERS: &str = "27472091235714801";

fn mex(world: &mut World, who: &mut Companion, id: &str, variables: &Value) -> Value {
    let body = json!({ "variables": variables }).to_string().into_bytes();
    let asked = node("query").attr("query_id", id).bytes(body).build();
    let answer = who.ask(world, "w:mex", "get", asked);
    serde_json::from_slice(answer.body_of("result")).expect("JSON in the answer")
}

fn channel(world: &mut World, who: &mut Companion, name: &str) -> (String, Jid) {
    let made = mex(world, who, CREATE, &json!({"input": {"name": name, "description": "About it"}}));
    let id = made["data"]["xwa2_newsletter_create"]["id"].as_str().expect("an id").to_owned();
    let jid = id.parse().expect("an address");
    (id, jid)
}

fn post(world: &mut World, who: &Companion, to: &Jid, id: &str, edit: Option<&str>, says: &[u8]) -> Node {
    let mut stanza = node("message").attr("to", to.clone()).attr("id", id).attr("type", "text");
    if let Some(edit) = edit {
        stanza = stanza.attr("edit", edit);
    }
    let stanza = stanza.children([node("plaintext").bytes(says.to_vec()).build()]).build();
    world.received(who.conn, &stanza);
    written(world, who.conn)
        .into_iter()
        .find(|node| node.tag == "ack" && node.text_of("id") == id)
        .expect("an acknowledgement")
}

fn react(world: &mut World, who: &Companion, to: &Jid, server_id: u64, code: &str) -> Node {
    let reaction = node("reaction").attr("code", code).build();
    let stanza = node("message").attr("to", to.clone()).attr("id", "R1").attr("type", "reaction");
    let stanza = stanza.attr("server_id", server_id).children([reaction]).build();
    world.received(who.conn, &stanza);
    one(&written(world, who.conn), "ack").clone()
}

#[test]
fn a_channel_is_made_found_followed_and_left() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    let (id, _) = channel(&mut world, &mut ana, "Bread of the day");
    let seen = mex(&mut world, &mut bob, FETCH, &json!({"input": {"key": id, "type": "JID"}}));
    let seen = &seen["data"]["xwa2_newsletter"];
    assert_eq!(seen["thread_metadata"]["name"]["text"], "Bread of the day");
    assert_eq!(seen["viewer_metadata"]["role"], "guest");
    let invite = seen["thread_metadata"]["invite"].as_str().unwrap().to_owned();
    let by_invite = mex(&mut world, &mut bob, FETCH, &json!({"input": {"key": invite, "type": "INVITE"}}));
    assert_eq!(by_invite["data"]["xwa2_newsletter"]["id"], id);

    let joined = mex(&mut world, &mut bob, JOIN, &json!({ "newsletter_id": id }));
    assert_eq!(joined["data"]["xwa2_newsletter_join_v2"]["viewer_metadata"]["role"], "subscriber");
    assert_eq!(joined["data"]["xwa2_newsletter_join_v2"]["thread_metadata"]["subscribers_count"], "1");
    let followers = mex(&mut world, &mut ana, FOLLOWERS, &json!({"input": {"newsletter_id": id, "count": 10}}));
    let edges = followers["data"]["xwa2_newsletter_followers"]["followers"]["edges"].as_array().unwrap().clone();
    assert_eq!(edges.len(), 2, "the owner and one follower: {edges:?}");
    let hidden = mex(&mut world, &mut bob, FOLLOWERS, &json!({"input": {"newsletter_id": id}}));
    assert_eq!(hidden["errors"][0]["extensions"]["error_code"], 403, "only those who run it see followers");

    mex(&mut world, &mut bob, LEAVE, &json!({ "newsletter_id": id }));
    let seen = mex(&mut world, &mut bob, FETCH, &json!({"input": {"key": id, "type": "JID"}}));
    assert_eq!(seen["data"]["xwa2_newsletter"]["viewer_metadata"]["role"], "guest");
    let owner_leaves = mex(&mut world, &mut ana, LEAVE, &json!({ "newsletter_id": id }));
    assert_eq!(owner_leaves["errors"][0]["extensions"]["error_code"], 406);
}

#[test]
fn only_those_who_run_a_channel_change_it_and_followers_hear_of_it() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    let (id, _) = channel(&mut world, &mut ana, "Old");
    mex(&mut world, &mut bob, JOIN, &json!({ "newsletter_id": id }));
    let change = json!({"newsletter_id": id, "updates": {"name": "New"}});
    assert_eq!(mex(&mut world, &mut bob, UPDATE, &change)["errors"][0]["extensions"]["error_code"], 403);
    let changed = mex(&mut world, &mut ana, UPDATE, &change);
    assert_eq!(changed["data"]["xwa2_newsletter_update"]["thread_metadata"]["name"]["text"], "New");
    let told = written(&mut world, bob.conn);
    let update = one(&told, "notification").child("update").expect("an update");
    assert_eq!(update.text_of("op_name"), "NotificationNewsletterUpdate");
    let long = json!({"newsletter_id": id, "updates": {"name": "x".repeat(101)}});
    assert_eq!(mex(&mut world, &mut ana, UPDATE, &long)["errors"][0]["extensions"]["error_code"], 406);
    assert_eq!(
        mex(&mut world, &mut bob, DELETE, &json!({ "newsletter_id": id }))["data"]["xwa2_newsletter_delete_v2"],
        Value::Null
    );
    mex(&mut world, &mut ana, DELETE, &json!({ "newsletter_id": id }));
    let gone = mex(&mut world, &mut bob, FETCH, &json!({"input": {"key": id, "type": "JID"}}));
    assert_eq!(gone["errors"][0]["extensions"]["error_code"], 404);
}

#[test]
fn a_post_reaches_followers_once_is_edited_and_taken_back() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    let (id, jid) = channel(&mut world, &mut ana, "News");
    assert_eq!(post(&mut world, &bob, &jid, "P0", None, b"x").text_of("error"), "403");
    mex(&mut world, &mut bob, JOIN, &json!({ "newsletter_id": id }));
    assert_eq!(post(&mut world, &ana, &jid, "P1", None, b"\x0a\x02hi").text_of("server_id"), "100");
    let got = written(&mut world, bob.conn);
    let message = one(&got, "message");
    assert_eq!((message.text_of("from").as_ref(), message.text_of("server_id").as_ref()), (id.as_str(), "100"));
    assert_eq!(message.body_of("plaintext"), b"\x0a\x02hi");
    bob.acknowledge(&mut world, message);
    assert_eq!(post(&mut world, &ana, &jid, "P1", None, b"\x0a\x02hi").text_of("server_id"), "100", "posted again");
    assert!(written(&mut world, bob.conn).iter().all(|node| node.tag != "message"), "nobody sees it twice");

    post(&mut world, &ana, &jid, "P1", Some("3"), b"\x0a\x02ho");
    let got = written(&mut world, bob.conn);
    assert_eq!(
        (one(&got, "message").text_of("edit").as_ref(), one(&got, "message").body_of("plaintext")),
        ("3", &b"\x0a\x02ho"[..])
    );
    post(&mut world, &ana, &jid, "P1", Some("8"), b"");
    let got = written(&mut world, bob.conn);
    assert_eq!(one(&got, "message").text_of("edit"), "8");
    assert_eq!(post(&mut world, &ana, &jid, "P1", Some("3"), b"\x0a\x02no").text_of("error"), "404");
}

#[test]
fn a_post_waits_for_a_follower_who_is_away() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    let (id, jid) = channel(&mut world, &mut ana, "News");
    mex(&mut world, &mut bob, JOIN, &json!({ "newsletter_id": id }));
    world.closed(bob.conn);
    post(&mut world, &ana, &jid, "P1", None, b"\x0a\x02hi");
    let back = bob.log_in(&mut world);
    assert_eq!(one(&back, "message").body_of("plaintext"), b"\x0a\x02hi");
}

#[test]
fn reactions_are_counted_for_those_who_look_on() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    let (id, jid) = channel(&mut world, &mut ana, "News");
    post(&mut world, &ana, &jid, "P1", None, b"\x0a\x02hi");
    assert_eq!(react(&mut world, &bob, &jid, 100, "👍").text_of("error"), "403", "a guest does not react");
    mex(&mut world, &mut bob, JOIN, &json!({ "newsletter_id": id }));
    let asked = node("iq").attr("id", "L1").attr("xmlns", "newsletter").attr("type", "set").attr("to", jid.clone());
    world.received(ana.conn, &asked.children([node("live_updates").build()]).build());
    let answer = written(&mut world, ana.conn);
    assert_eq!(
        one(&answer, "iq").child("live_updates").map(|live| live.text_of("duration").into_owned()).as_deref(),
        Some("300")
    );
    assert_eq!(react(&mut world, &bob, &jid, 100, "👍").text_of("error"), "");
    let live = written(&mut world, ana.conn);
    let message = one(&live, "notification")
        .child("live_updates")
        .and_then(|live| live.child("messages")?.child("message"))
        .expect("a post");
    let reaction = message.child("reactions").and_then(|all| all.child("reaction")).expect("a reaction");
    assert_eq!((reaction.text_of("code").as_ref(), reaction.text_of("count").as_ref()), ("👍", "1"));
}

#[test]
fn the_directory_finds_by_words_and_pages() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    for name in ["Bakery one", "Bakery two", "Chess"] {
        channel(&mut world, &mut ana, name);
    }
    let found = mex(&mut world, &mut ana, SEARCH, &json!({"input": {"search_text": "bakery", "limit": 1}}));
    let page = &found["data"]["xwa2_newsletters_directory_search"];
    assert_eq!(page["result"].as_array().unwrap().len(), 1);
    assert_eq!(page["page_info"]["hasNextPage"], true);
    let next = page["page_info"]["endCursor"].clone();
    let found = mex(
        &mut world,
        &mut ana,
        SEARCH,
        &json!({"input": {"search_text": "bakery", "limit": 5, "start_cursor": next}}),
    );
    let page = &found["data"]["xwa2_newsletters_directory_search"];
    assert_eq!((page["result"].as_array().unwrap().len(), &page["page_info"]["hasNextPage"]), (1, &json!(false)));
}

#[test]
fn an_unknown_query_is_refused_as_graphql_does() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let answer = mex(&mut world, &mut ana, "1", &json!({}));
    assert_eq!(answer["errors"][0]["extensions"]["error_code"], 400);
    let broken = node("query").attr("query_id", CREATE).bytes(b"{".to_vec()).build();
    assert_eq!(ana.ask(&mut world, "w:mex", "get", broken).child("error").expect("an error").text_of("code"), "400");
}
