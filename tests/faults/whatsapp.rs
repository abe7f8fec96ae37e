//! WhatsApp loses, doubles and reorders what it should say, refuses, asks for
//! less, bans for a while, and puts another in the session's place.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::report::Report;
use super::world::{Terms, World};
use super::{cycles, seed};
use crate::support::{JumpingClock, Sandbox, eventually, text};

const MINUTE: i64 = 60_000;

/// What strikes at random moments for a while, and how likely.
const ACKS: [(&str, f64, u64); 3] = [("lose_acks", 0.03, 0), ("double_acks", 0.3, 0), ("delay_acks", 0.3, 400)];
const DELIVERIES: [(&str, f64, u64); 6] = [
    ("duplicate", 0.3, 0),
    ("reorder", 0.2, 0),
    ("delay_deliveries", 0.2, 300),
    ("lose_deliveries", 0.05, 0),
    ("lose_receipts", 0.1, 0),
    ("damage_deliveries", 0.05, 0),
];

async fn strike(world: &World, faults: &[(&str, f64, u64)], lasts: u64, seed: u64) {
    for (n, (kind, probability, ms)) in faults.iter().enumerate() {
        let mut fault =
            json!({ "kind": kind, "count": 0, "forMs": lasts, "probability": probability, "seed": seed + n as u64 });
        if *ms > 0 {
            fault["ms"] = json!(ms);
        }
        world.ana.fault(fault).await;
    }
}

/// How often each of them struck.
async fn struck(world: &World, report: &mut Report) {
    let faults = world.ana.control(Method::GET, "/faults", None).await.ok();
    for list in ["faults", "over"] {
        for fault in faults[list].as_array().into_iter().flatten() {
            report.count(text(fault, "/kind"), fault["struck"].as_u64().unwrap_or(0));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acks_that_are_lost_doubled_and_late_change_nothing() {
    let seed = seed();
    let mut report = Report::new("acks lost, doubled, reordered", seed);
    let world = World::new(seed).await;
    for cycle in 0..cycles(1) {
        strike(&world, &ACKS, 4_000, seed + 100 * cycle).await;
        let running = world.runs(Duration::from_millis(400));
        tokio::time::sleep(Duration::from_secs(4)).await;
        running.ends().await;
    }
    world.holds(&mut report).await;
    struck(&world, &mut report).await;
    report.held();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_that_are_doubled_late_lost_or_damaged_are_told_once_each() {
    let seed = seed();
    let mut report = Report::new("deliveries doubled, reordered, late, lost, damaged", seed);
    let mut world = World::new(seed).await;
    // In what order WhatsApp delivers is the fault itself.
    world.disordered = true;
    for cycle in 0..cycles(1) {
        strike(&world, &DELIVERIES, 4_000, seed + 100 * cycle).await;
        let running = world.runs(Duration::from_millis(500));
        tokio::time::sleep(Duration::from_secs(4)).await;
        running.ends().await;
        world.ana.control(Method::DELETE, "/faults", None).await.ok();
        // What was not written comes with the next login.
        world.ana.fault(json!({ "kind": "drop" })).await;
    }
    world.holds(&mut report).await;
    struck(&world, &mut report).await;
    report.held();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_limits_bans_and_a_replaced_session_hold_messages_and_lose_none() {
    let seed = seed();
    let mut report = Report::new("WhatsApp refuses, limits, bans, replaces", seed);
    let mut clock = JumpingClock::new();
    let arguments = clock.arguments();
    let extra: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut world = World::on(Sandbox::start(seed).await, seed, Terms { extra: &extra, ..Terms::default() }).await;
    let dea = world.server.phone("+16001234563", "Dea").await;
    world.people.push(dea);
    let ben = world.people[0].number.clone();
    for cycle in 0..cycles(1) {
        world.works(&format!("before {cycle}")).await;

        // Refused for good: it has failed, says why, and the others go on.
        world.ana.fault(json!({ "kind": "ack_error", "code": 479 })).await;
        world.traffic.post(&ben, &format!("refused {cycle}")).await;
        world.traffic.post(&ben, &format!("after the refused one {cycle}")).await;
        report.count("refused", 1);

        // Too much: everything waits until WhatsApp may be asked again.
        world.ana.fault(json!({ "kind": "ack_error", "code": 429 })).await;
        for n in 0..3 {
            world.traffic.post(&ben, &format!("too much {cycle}.{n}")).await;
        }
        let queue = format!("/v1/devices/{}/queue", world.device.id);
        eventually("the queue to be held", || async {
            world.server.get(&queue).await.ok()["queue"]["reason"].is_string().then_some(())
        })
        .await;
        clock.jump(10 * MINUTE).await;
        report.count("rate-limited", 1);
        world.works(&format!("after the limit {cycle}")).await;

        // Another takes its place: nothing leaves until people start it again.
        world.ana.fault(json!({ "kind": "conflict" })).await;
        world.server.session(&world.device.id, "conflict").await;
        for phone in &world.people {
            world.traffic.post(&phone.number, &format!("replaced {cycle}")).await;
            world.traffic.writes(phone, &format!("to the replaced one {cycle}")).await;
        }
        let start = format!("/v1/devices/{}/start", world.device.id);
        world.server.call(Method::POST, &start, None).await.ok();
        report.count("replaced", 1);
        world.works(&format!("started again {cycle}")).await;

        // Banned for a while: it says so, waits, and comes back by itself.
        world.ana.fault(json!({ "kind": "ban", "ms": 3000 })).await;
        world.server.session(&world.device.id, "blocked").await;
        for phone in &world.people {
            world.traffic.post(&phone.number, &format!("banned {cycle}")).await;
            world.traffic.writes(phone, &format!("to the banned one {cycle}")).await;
        }
        clock.jump(MINUTE).await;
        report.count("banned", 1);
        world.server.online(&world.device.id).await;
    }
    world.holds(&mut report).await;
    report.held();
}
