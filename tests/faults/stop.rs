//! A polite stop while everything is under way: it ends within ten seconds, and
//! what was in flight is finished or goes on at the next start.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use super::report::Report;
use super::world::{Terms, World};
use super::{cycles, seed};
use crate::support::{Line, Mood, Sandbox, eventually, line_to};

/// What is promised.
const WITHIN: Duration = Duration::from_secs(10);
/// Between two messages of one person, or to one, at most.
const GAP: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_polite_stop_ends_in_time_and_hands_back_what_is_in_flight() {
    let (cycles, seed) = (cycles(3), seed());
    let mut report = Report::new("SIGTERM while everything is under way", seed);
    let mut random = StdRng::seed_from_u64(seed);
    let sandbox = Sandbox::start(seed).await;
    let (url, line) = line_to(&sandbox).await;
    let mut world = World::on(sandbox, seed, Terms { url: Some(&url), ..Terms::default() }).await;
    let running = world.runs(GAP);
    let mut slowest = Duration::ZERO;
    for cycle in 0..cycles {
        match cycle % 3 {
            // Nothing else is wrong.
            0 => {}
            // The receiver never answers, and acks are late.
            1 => {
                world.receiver.is(Mood::Hanging);
                world.ana.fault(json!({ "kind": "delay_acks", "count": 4, "ms": 30_000 })).await;
                let before = world.receiver.asked();
                eventually("a delivery", || async { (world.receiver.asked() > before).then_some(()) }).await;
            }
            // Nothing passes on the line to WhatsApp.
            _ => line.is(Line::Stalled),
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(0..600))).await;
        let took = world.server.stop().await;
        assert!(took < WITHIN, "a stop took {took:?} in cycle {cycle} (seed {seed})");
        slowest = slowest.max(took);
        world.receiver.is(Mood::Good);
        line.cut();
        line.is(Line::Up);
        world.comes_back().await;
        world.works(&format!("after stop {cycle}")).await;
        report.count("stops", 1);
    }
    running.ends().await;
    world.holds(&mut report).await;
    report.count("milliseconds of the slowest stop", u64::try_from(slowest.as_millis()).expect("few"));
    report.held();
}
