//! Many people on several numbers, while connections break, acknowledgements get
//! lost, and the server is killed: everybody has it exactly once.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::{Campaign, adds_up, inbox};
use crate::support::{Phone, Sandbox, Server, text};

/// Without any progress for so long, something is stuck.
const STILL: Duration = Duration::from_secs(150);
/// Phones made or looked at side by side.
const SIDE_BY_SIDE: usize = 16;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn number(n: u64) -> String {
    format!("+1700{n:07}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_survives_kills_and_faults() {
    use futures_util::StreamExt;

    let (people, seed) = (setting("CAMPAIGN_PEOPLE", 150), setting("CAMPAIGN_SEED", 1));
    println!("{people} people on 3 numbers, seed {seed}; CAMPAIGN_PEOPLE and CAMPAIGN_SEED change them");
    let sandbox = Sandbox::start(seed).await;
    let mut server = Server::on(&sandbox, &[]).await;
    let mut devices = Vec::new();
    let mut storms = Vec::new();
    for n in 0..3u64 {
        let phone = server.phone(&format!("+1600123456{n}"), "Sender").await;
        devices.push(server.linked(&format!("Number {n}"), &phone).await.id);
        phone.fault(json!({ "kind": "lose_acks", "count": 0, "probability": 0.02 })).await;
        phone.fault(json!({ "kind": "delay_acks", "count": 0, "probability": 0.02, "ms": 300 })).await;
        let phone = Phone::create(&sandbox.control, &phone.number, "Sender").await;
        storms.push(tokio::spawn(drops(phone, seed + n)));
    }
    let began = Instant::now();
    let phones: Vec<Phone> = futures_util::stream::iter(0..people)
        .map(|n| {
            let control = sandbox.control.clone();
            async move { Phone::create(&control, &number(n), "Receiver").await }
        })
        .buffered(SIDE_BY_SIDE)
        .collect()
        .await;
    println!("{people} phones after {:.1} s", began.elapsed().as_secs_f64());

    let contacts: Vec<Value> =
        (0..people).map(|n| json!({ "phone": number(n), "name": format!("person {n}") })).collect();
    let (campaign, made) = Campaign::new(
        &server,
        json!({ "devices": devices, "message": "{Hi|Hello|Hey} {{name}}", "contacts": contacts }),
    )
    .await;
    assert_eq!(made["import"]["added"], people, "{:#}", made["import"]);
    let id = campaign.id.clone();
    let began = Instant::now();
    campaign.act("start").await;
    let mut random = StdRng::seed_from_u64(seed);
    for third in 1..=2 {
        reaches(&server, &id, people * third / 3).await;
        tokio::time::sleep(Duration::from_millis(random.random_range(0..200))).await;
        server.kill().await;
        server = server.again().await;
        println!("killed when {third} of 3 were sent, after {:.1} s", began.elapsed().as_secs_f64());
    }
    reaches(&server, &id, people).await;
    for storm in storms {
        storm.abort();
    }
    let campaign = Campaign { server: &server, id };
    campaign.once("be completed", |c| c["status"] == "completed").await;
    campaign.once("hear of every phone", |c| c["stats"]["delivered"] == people).await;
    let took = began.elapsed().as_secs_f64();
    println!("all {people} have it after {took:.1} s, {:.1} a second", people as f64 / took);

    let shown: Vec<(String, Vec<String>)> = futures_util::stream::iter(&phones)
        .map(|phone| async move { (phone.number.clone(), inbox(phone).await) })
        .buffered(SIDE_BY_SIDE)
        .collect()
        .await;
    for (n, (phone, texts)) in shown.iter().enumerate() {
        assert_eq!(texts.len(), 1, "{phone} shows {texts:?} (seed {seed})");
        assert!(texts[0].ends_with(&format!(" person {n}")), "{phone} shows {texts:?} (seed {seed})");
    }
    let stats = adds_up(&server, &campaign).await;
    assert_eq!((&stats["total"], &stats["sent"]), (&json!(people), &json!(people)), "{stats:#}");
    // Each number has done its part, and nobody has two messages here either.
    let mut by_device: HashMap<String, u64> = HashMap::new();
    for page in 0..people.div_ceil(200) {
        for contact in campaign.contacts(&format!("size=200&page={page}")).await {
            *by_device.entry(text(&contact, "/device/id").to_owned()).or_default() += 1;
        }
    }
    assert_eq!(by_device.values().sum::<u64>(), people);
    assert!(devices.iter().all(|device| by_device.get(device).is_some_and(|n| *n >= people / 10)), "{by_device:?}");
    println!("{by_device:?}");
}

/// Waits until so many were sent, for as long as there is progress.
async fn reaches(server: &Server, id: &str, wanted: u64) {
    let mut last = (0, Instant::now());
    loop {
        let campaign = server.get(&format!("/v1/campaigns/{id}")).await.ok();
        let sent = campaign["stats"]["sent"].as_u64().expect("a figure");
        if sent >= wanted {
            return;
        }
        if sent > last.0 {
            last = (sent, Instant::now());
        }
        assert!(last.1.elapsed() < STILL, "{sent} of {wanted} are sent and nothing moves: {campaign:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Cuts the connection at random times.
async fn drops(phone: Phone, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    loop {
        tokio::time::sleep(Duration::from_millis(random.random_range(2_000..12_000))).await;
        phone.fault(json!({ "kind": "drop" })).await;
    }
}
