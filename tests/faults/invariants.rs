//! What must be true whatever has happened, seen from outside:
//!
//! 1. Every accepted message is on its receiver's phone exactly once and in the
//!    order of its chat, or has failed with a reason and is on no phone.
//! 2. Every received message and every change of state is at the webhook's
//!    receiver at least once, under one id, and in order within its lane.
//! 3. No number was linked again: the phone lists the companion of before.
//! 4. No status lies: what counts as delivered is on the phone, what counts as
//!    online is connected.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::report::Report;
use super::world::{EVENTS, World};
use crate::support::{Delivery, Phone, Server, eventually, text};

/// Without any progress for so long, something is stuck.
const STILL: Duration = Duration::from_secs(150);
/// Rows of a list that are read at a time.
const PAGE: usize = 200;

/// The companions of a phone, as far as linking again would change them.
pub(super) async fn link(phone: &Phone) -> Value {
    let companions = phone.companions().await;
    companions.iter().map(|device| json!([device["id"], device["linkedAt"]])).collect()
}

/// Waits until everything has ended, then checks all of it.
pub(super) async fn hold(world: &World, report: &mut Report) {
    let seed = world.seed;
    let messages = ended(&world.server).await;
    // A line that has just been dropped is noticed a moment later.
    eventually("a number that is online on both sides", || async {
        world.server.online(&world.device.id).await;
        world.ana.companions().await.iter().all(|device| device["online"] == true).then_some(())
    })
    .await;
    assert_eq!(link(&world.ana).await, world.linked, "the number was linked again (seed {seed})");
    on_the_phones(world, &messages, report).await;
    at_the_receiver(world, report).await;
}

/// The messages by id, once none is on its way and every receipt is in.
async fn ended(server: &Server) -> HashMap<String, Value> {
    let mut last = (u64::MAX, Instant::now());
    loop {
        let waiting = counted(server, "status=queued,processing").await;
        let open = waiting + counted(server, "deliveryStatus=pending,sent").await;
        if open == 0 {
            break;
        }
        if open != last.0 {
            last = (open, Instant::now());
        }
        if last.1.elapsed() > STILL {
            let open = server.get("/v1/messages?size=3&deliveryStatus=pending,queued,sent").await.ok();
            panic!("messages have not ended and nothing moves: {open:#}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut messages = HashMap::new();
    for page in 0.. {
        let list = server.get(&format!("/v1/messages?size={PAGE}&page={page}&sort=date:asc")).await.ok();
        let list = list.as_array().expect("a list");
        messages.extend(list.iter().map(|message| (text(message, "/id").to_owned(), message.clone())));
        if list.len() < PAGE {
            return messages;
        }
    }
    messages
}

/// How many there are, as far as lists count.
async fn counted(server: &Server, query: &str) -> u64 {
    let list = server.get(&format!("/v1/messages?size=1&{query}")).await;
    let total = list.headers["x-total-count"].to_str().expect("a number");
    total.parse().expect("a number")
}

/// What people see, against what was promised and what is said of it.
async fn on_the_phones(world: &World, messages: &HashMap<String, Value>, report: &mut Report) {
    let seed = world.seed;
    for phone in &world.people {
        let shown: Vec<Value> = phone.messages().await.into_iter().filter(|m| m["fromMe"] == false).collect();
        let texts: Vec<&str> = shown.iter().map(|message| text(message, "/text")).collect();
        let mut times: HashMap<&str, u64> = HashMap::new();
        for text in &texts {
            *times.entry(text).or_default() += 1;
        }
        let (mut wanted, mut failed) = (Vec::new(), HashSet::new());
        {
            let promises = world.traffic.promises();
            for accepted in promises.accepted.iter().filter(|accepted| accepted.to == phone.number) {
                let message = messages.get(&accepted.id).unwrap_or_else(|| panic!("{accepted:?} is gone"));
                if message["deliveryStatus"] == "failed" {
                    let (code, reason) = (text(message, "/failureCode"), text(message, "/failureReason"));
                    assert!(!code.is_empty() && reason.ends_with('.'), "no reason: {message:#}");
                    failed.insert(accepted.text.clone());
                } else {
                    wanted.push(accepted.text.clone());
                }
            }
            let campaigns = promises.campaigns.iter().filter(|(to, _)| *to == phone.number);
            for (_, text) in campaigns {
                assert_eq!(times.remove(text.as_str()), Some(1), "'{text}' of a campaign (seed {seed})");
            }
        }
        for text in &wanted {
            let shown = times.remove(text.as_str()).unwrap_or(0);
            assert_eq!(shown, 1, "'{text}' on the phone {} (seed {seed})", phone.number);
        }
        for text in &failed {
            assert_eq!(times.get(text.as_str()), None, "'{text}' has failed and is on the phone (seed {seed})");
        }
        assert!(times.is_empty(), "on the phone and promised to nobody: {times:?} (seed {seed})");
        if !world.disordered {
            let in_order: Vec<&str> = texts.iter().copied().filter(|text| wanted.iter().any(|w| w == text)).collect();
            assert_eq!(in_order, wanted, "the order on the phone {} (seed {seed})", phone.number);
        }
        report.count("accepted", (wanted.len() + failed.len()) as u64);
        report.count("failed with a reason", failed.len() as u64);
        report.count("copies of messages", shown.iter().filter_map(|m| m["copies"].as_u64()).sum());
    }
    let promises = world.traffic.promises();
    report.count("posts repeated", promises.repeated);
    report.count("to people of campaigns", promises.campaigns.len() as u64);
}

/// What the receiver has got, against what happened.
async fn at_the_receiver(world: &World, report: &mut Report) {
    let seed = world.seed;
    let log = log(&world.server).await;
    // The webhook was there before the number, so all of it is owed.
    let wanted: BTreeMap<i64, &Value> = log.iter().map(|event| (seq(event), event)).collect();
    let received: HashSet<String> =
        world.traffic.promises().received.iter().map(|received| received.text.clone()).collect();
    let mut last = (0, Instant::now());
    let taken = loop {
        let taken = world.receiver.taken();
        let here: HashSet<i64> = taken.iter().map(|delivery| delivery.position).collect();
        let told: HashSet<&str> = taken.iter().filter_map(|delivery| delivery.body["data"]["body"].as_str()).collect();
        let missing: Vec<i64> = wanted.keys().filter(|at| !here.contains(at)).copied().collect();
        let unheard: Vec<&String> = received.iter().filter(|text| !told.contains(text.as_str())).collect();
        if missing.is_empty() && unheard.is_empty() {
            break taken;
        }
        if here.len() > last.0 {
            last = (here.len(), Instant::now());
        }
        assert!(
            last.1.elapsed() < STILL,
            "{} events never came, the first is {:?}; nothing was told of {unheard:?} (seed {seed})",
            missing.len(),
            missing.first().map(|at| wanted[at])
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    under_one_id(&taken, &wanted, seed);
    in_order(&taken, seed);
    let events = world.receiver.events();
    for phone in &world.people {
        let of = crate::support::chat_id(&phone.number);
        let mut told: Vec<&str> = events
            .iter()
            .filter(|e| e["event"] == "message:in:new" && e["data"]["chat"]["id"] == of.as_str())
            .map(|e| text(e, "/data/body"))
            .collect();
        let received = world.traffic.promises().received.clone();
        let mut written: Vec<&str> =
            received.iter().filter(|r| r.from == phone.number).map(|r| r.text.as_str()).collect();
        if !world.disordered && told != written {
            let again = asked_for_again(phone, seed).await;
            report.count("asked for again, and told out of turn", again.len() as u64);
            let in_turn =
                |all: &[&str]| all.iter().filter(|text| !again.contains(**text)).map(|t| (*t).to_owned()).collect();
            let (told, written): (Vec<String>, Vec<String>) = (in_turn(&told), in_turn(&written));
            assert_eq!(told, written, "what {} wrote, in order (seed {seed})", phone.number);
        }
        told.sort_unstable();
        written.sort_unstable();
        assert_eq!(told, written, "what {} wrote, each once (seed {seed})", phone.number);
        report.count("received", written.len() as u64);
    }
    let ended: HashSet<&str> = events
        .iter()
        .filter(|e| e["event"] == "message:out:sent" || e["event"] == "message:out:failed")
        .map(|e| text(e, "/data/id"))
        .collect();
    for accepted in &world.traffic.promises().accepted {
        assert!(ended.contains(accepted.id.as_str()), "nobody was told of the end of {accepted:?} (seed {seed})");
    }
    report.count("events", wanted.len() as u64);
    report.count("deliveries", taken.len() as u64);
}

/// What a person wrote and the number could not open at first: it asks for it
/// again, so that what was written after it may be there before.
async fn asked_for_again(phone: &Phone, seed: u64) -> HashSet<String> {
    let mut again = HashSet::new();
    for message in phone.messages().await.iter().filter(|message| message["fromMe"] == true) {
        let shown = phone.get(&phone.path(&format!("/messages/{}", text(message, "/id")))).await;
        let receipts = shown["receipts"].as_array().expect("a list");
        if receipts.iter().any(|receipt| receipt["type"] == "retry") {
            again.insert(text(message, "/text").to_owned());
        }
    }
    assert!(!again.is_empty(), "{} was told out of turn and nothing was asked for again (seed {seed})", phone.number);
    again
}

fn seq(event: &Value) -> i64 {
    event["seq"].as_i64().expect("a position")
}

/// The event log as far as the webhook wants it.
async fn log(server: &Server) -> Vec<Value> {
    let (mut log, mut after) = (Vec::new(), 0);
    loop {
        let path = format!("/v1/events?after={after}&limit=500&events={}", EVENTS.join(","));
        let page = server.get(&path).await.ok();
        let events = page["events"].as_array().expect("events");
        if events.is_empty() {
            return log;
        }
        log.extend(events.iter().cloned());
        after = page["cursor"].as_i64().expect("a cursor");
    }
}

/// An event has one id, one place and one text, however often it comes.
fn under_one_id(taken: &[Delivery], wanted: &BTreeMap<i64, &Value>, seed: u64) {
    let mut seen: HashMap<&str, &Delivery> = HashMap::new();
    for delivery in taken {
        assert_eq!(delivery.body["eventId"], delivery.id.as_str(), "header and body agree (seed {seed})");
        if let Some(logged) = wanted.get(&delivery.position) {
            assert_eq!(logged["eventId"], delivery.id.as_str(), "the log knows it by another id (seed {seed})");
        }
        let before = *seen.entry(&delivery.id).or_insert(delivery);
        assert_eq!(
            (before.position, &before.body),
            (delivery.position, &delivery.body),
            "it has changed (seed {seed})"
        );
    }
}

/// The first deliveries of a lane come in the order of the log.
fn in_order(taken: &[Delivery], seed: u64) {
    let (mut seen, mut newest) = (HashSet::new(), HashMap::new());
    for delivery in taken.iter().filter(|delivery| seen.insert(delivery.position)) {
        let lane = lane(&delivery.body);
        if let Some(before) = newest.insert(lane.clone(), delivery.position) {
            assert!(before < delivery.position, "{before} before {} in {lane} (seed {seed})", delivery.position);
        }
    }
}

/// One chat of a number, or its session.
fn lane(body: &Value) -> String {
    let of = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let chat = match body["event"].as_str() {
        Some("number:session") => String::new(),
        Some("message:in:new" | "message:out:new" | "message:out:ack") => of("/data/chat/id"),
        _ => of("/data/wid"),
    };
    format!("{}/{chat}", of("/device/id"))
}
