//! What is sent to a server to fill its memory: bodies without end, huge
//! messages, long histories, answers without end. It stays within bounds, and
//! goes on working. Files are in `files.rs` (`a_large_…`).

use std::time::Duration;

use futures_util::stream;
use reqwest::Method;
use serde_json::json;

use super::report::Report;
use super::world::World;
use super::{cycles, seed};
use crate::support::{Mood, eventually};

const MIB: u64 = 1024 * 1024;
/// Of each body, unless it is refused before.
const BODY: u64 = 64 * MIB;
/// Bodies at the same time.
const BODIES: usize = 16;
/// The text of a huge message, characters: the most that a phone takes.
const TEXT: usize = 65_000;
/// How many of them.
const MESSAGES: u64 = 50;
/// What the server may hold beyond what it held before. A test's server is built
/// without optimisations, and its allocator gives back late.
const ROOM: u64 = 160 * MIB;

/// How much more the server holds at its highest while `work` is done, MiB.
async fn growth(world: &World, what: &str, report: &mut Report, work: impl Future<Output = ()>) {
    let before = world.server.memory();
    world.server.forget_peak();
    work.await;
    let grown = world.server.peak().saturating_sub(before);
    println!("{what}: {} MiB more", grown / MIB);
    assert!(grown < ROOM, "{what}: {} MiB more than the {} MiB before", grown / MIB, before / MIB);
    report.count(&format!("MiB more: {what}"), grown / MIB);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn huge_bodies_messages_and_histories_stay_within_bounds() {
    let (cycles, seed) = (cycles(1), seed());
    let mut report = Report::new("memory pressure", seed);
    let world = World::new(seed).await;
    world.works("before").await;

    growth(&world, "bodies of 64 MiB, 16 at a time", &mut report, bodies(&world)).await;
    growth(&world, "messages of 65,000 characters", &mut report, messages(&world, cycles)).await;
    growth(&world, "a receiver that answers without end", &mut report, answers(&world)).await;
    growth(&world, "a history of 200 chats", &mut report, history(&world)).await;
    world.holds(&mut report).await;
    report.held();
}

/// None of them is taken.
async fn bodies(world: &World) {
    let posting = (0..BODIES).map(|_| async {
        let pieces = stream::iter((0..BODY / MIB).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1024 * 1024])));
        let request = world.server.request(Method::POST, "/v1/messages").header("Token", &world.server.key);
        let request = request.header("content-type", "application/json").body(reqwest::Body::wrap_stream(pieces));
        // An answer, or the door shut while it was still being sent.
        if let Ok(response) = request.send().await {
            assert_eq!(response.status().as_u16(), 413);
        }
    });
    futures_util::future::join_all(posting).await;
}

/// All of them arrive whole.
async fn messages(world: &World, times: u64) {
    for n in 0..MESSAGES * times {
        let message = format!("{n} {}", "long ".repeat(TEXT / 5));
        world.traffic.writes(&world.people[0], &message).await;
    }
    let wanted = usize::try_from(MESSAGES * times).expect("few");
    eventually("the huge messages", || async {
        let huge = |event: &serde_json::Value| event["data"]["body"].as_str().is_some_and(|body| body.len() >= TEXT);
        let here =
            world.receiver.events().iter().filter(|event| event["event"] == "message:in:new" && huge(event)).count();
        (here >= wanted).then_some(())
    })
    .await;
}

/// The answer of a receiver is read as far as its log shows it.
async fn answers(world: &World) {
    world.receiver.is(Mood::Talking);
    let before = world.receiver.asked();
    for n in 0..10 {
        for phone in &world.people {
            world.traffic.writes(phone, &format!("to a talker {n}")).await;
        }
    }
    eventually("some tries", || async { (world.receiver.asked() >= before + 6).then_some(()) }).await;
    world.receiver.is(Mood::Good);
    tokio::time::timeout(Duration::from_secs(60), world.works("after the talker")).await.expect("in time");
}

/// Another number with a long past is linked.
async fn history(world: &World) {
    let phone = world.server.phone("+16001230099", "Old").await;
    let past = json!({ "chats": 200, "messagesPerChat": 20, "days": 60, "seed": 7 });
    phone.control(Method::POST, &phone.path("/history"), Some(past)).await.ok();
    let id = world.server.linked("Old", &phone).await.id;
    eventually("the whole past", || async {
        let list = world.server.get(&format!("/v1/chat/{id}/chats?size=1")).await;
        (list.headers.get("x-total-count")? == "200").then_some(())
    })
    .await;
}
