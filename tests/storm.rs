//! Many messages while the sandbox drops connections, delays and loses
//! acknowledgements: each arrives exactly once, in order within its chat, and
//! every status ends true.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::support::{Phone, Sandbox, Server, text};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";
/// Without any progress for so long, something is stuck.
const STILL: Duration = Duration::from_secs(150);
/// Requests at the same time.
const SENDERS: usize = 16;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_arrives_once_and_in_order_through_a_storm() {
    let one = setting("SPARKBOT_STORM_MESSAGES", 300);
    let (chats, each) = (setting("SPARKBOT_STORM_CHATS", 15), setting("SPARKBOT_STORM_EACH", 15));
    let seed = setting("SPARKBOT_STORM_SEED", 1);
    println!("{one} to one number, {each} to each of {chats}, seed {seed}; SPARKBOT_STORM_… change them");
    let sandbox = Sandbox::start(seed).await;
    let server = Server::on(&sandbox, &[]).await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let device = server.linked("Support", &ana).await;
    let mut phones = Vec::new();
    for n in 0..chats {
        phones.push(server.phone(&format!("+1600400{n:04}"), "Receiver").await);
    }

    // Losing acks costs 20 s each until the client gives up waiting, in the chat
    // that it strikes; receipts settle most of them earlier.
    ana.fault(json!({ "kind": "lose_acks", "count": 0, "probability": 0.02 })).await;
    ana.fault(json!({ "kind": "delay_acks", "count": 0, "probability": 0.02, "ms": 300 })).await;
    let began = Instant::now();
    let storm = tokio::spawn(drops(Phone::create(&sandbox.control, ANA, "Ana").await, seed));

    let mut bodies: Vec<(String, String)> = (0..one).map(|n| (BEN.to_owned(), format!("one {n}"))).collect();
    for n in 0..each {
        bodies.extend(phones.iter().map(|phone| (phone.number.clone(), format!("each {n}"))));
    }
    let accepted = post_all(&server, &device.id, bodies).await;
    println!("{accepted} accepted after {:.1} s", began.elapsed().as_secs_f64());

    ends(&server, accepted).await;
    storm.abort();
    println!("all have ended after {:.1} s", began.elapsed().as_secs_f64());
    let wanted: Vec<String> = (0..one).map(|n| format!("one {n}")).collect();
    shown(&ben, &wanted, seed).await;
    let wanted: Vec<String> = (0..each).map(|n| format!("each {n}")).collect();
    for phone in &phones {
        shown(phone, &wanted, seed).await;
    }
    // Every phone confirms what it gets, so everything must end as delivered.
    let total = one + chats * each;
    let delivered = server.get("/v1/messages?deliveryStatus=delivered,read&size=1").await;
    assert_eq!(delivered.headers["x-total-count"], total.to_string().as_str(), "delivered (seed {seed})");
    let others = server.get("/v1/messages?status=queued,processing,failed,expired,removed&size=1").await;
    assert_eq!(others.headers["x-total-count"], "0", "{:#} (seed {seed})", others.body);
    println!("{:.1} messages a second", total as f64 / began.elapsed().as_secs_f64());
}

/// Cuts the connection at random times.
async fn drops(phone: Phone, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    loop {
        tokio::time::sleep(Duration::from_millis(random.random_range(2_000..12_000))).await;
        phone.fault(json!({ "kind": "drop" })).await;
    }
}

/// Posts messages of one chat one after the other, chats side by side.
async fn post_all(server: &Server, device: &str, bodies: Vec<(String, String)>) -> u64 {
    let mut by_chat: HashMap<String, Vec<String>> = HashMap::new();
    for (to, message) in bodies {
        by_chat.entry(to).or_default().push(message);
    }
    let posting = by_chat.into_iter().map(|(to, messages)| async move {
        for message in &messages {
            server.send(device, &to, message).await;
        }
        messages.len() as u64
    });
    use futures_util::StreamExt;
    futures_util::stream::iter(posting).buffer_unordered(SENDERS).fold(0, |sum, n| async move { sum + n }).await
}

/// Waits until nothing is on its way and all were delivered, for as long as there
/// is progress.
async fn ends(server: &Server, total: u64) {
    let mut last = (0, Instant::now());
    loop {
        let delivered = server.get("/v1/messages?deliveryStatus=delivered,read&size=1").await;
        let count: u64 = delivered.headers["x-total-count"].to_str().expect("a number").parse().expect("a number");
        if count >= total {
            return;
        }
        if count > last.0 {
            last = (count, Instant::now());
        }
        if last.1.elapsed() > STILL {
            let open = server.get("/v1/messages?deliveryStatus=pending,sent,failed&size=3").await.ok();
            panic!("{count} of {total} are delivered and nothing moves: {open:#}");
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

async fn shown(phone: &Phone, wanted: &[String], seed: u64) {
    let texts: Vec<String> = phone
        .messages()
        .await
        .iter()
        .filter(|m: &&Value| m["fromMe"] == false)
        .map(|m| text(m, "/text").to_owned())
        .collect();
    assert_eq!(texts, wanted, "{} shows each once and in order (seed {seed})", phone.number);
}
