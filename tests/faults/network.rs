//! The line to WhatsApp is cut, stands still, comes in bits, or loses its other
//! end without a word.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::report::Report;
use super::world::{Terms, World};
use super::{cycles, seed};
use crate::support::{Line, Proxy, Sandbox, line_to};

/// Between two messages of one person, or to one, at most.
const GAP: Duration = Duration::from_millis(1000);

async fn behind_a_line(seed: u64) -> (World, Proxy) {
    let sandbox = Sandbox::start(seed).await;
    let (url, line) = line_to(&sandbox).await;
    let terms = Terms { url: Some(&url), ..Terms::default() };
    (World::on(sandbox, seed, terms).await, line)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_stalls_or_trickles_loses_nothing() {
    let (cycles, seed) = (cycles(2), seed());
    let mut report = Report::new("connection cut, refused, stalled, trickling", seed);
    let mut random = StdRng::seed_from_u64(seed);
    let (world, mut line) = behind_a_line(seed).await;
    let running = world.runs(GAP);
    for cycle in 0..cycles {
        let mut lasts = |most: u64| Duration::from_millis(random.random_range(100..most));
        tokio::time::sleep(lasts(400)).await;
        line.cut();
        report.count("cut", 1);
        world.works(&format!("cut {cycle}")).await;

        line.down().await;
        tokio::time::sleep(lasts(1500)).await;
        line.up().await;
        report.count("refused for a while", 1);
        world.works(&format!("down {cycle}")).await;

        line.is(Line::Stalled);
        tokio::time::sleep(lasts(2500)).await;
        line.is(Line::Up);
        report.count("stalled", 1);
        world.works(&format!("stalled {cycle}")).await;

        // What was written into a line that stands still is lost with it.
        line.is(Line::Stalled);
        tokio::time::sleep(lasts(1500)).await;
        line.cut();
        line.is(Line::Up);
        report.count("stalled, then cut", 1);
        world.works(&format!("stalled and cut {cycle}")).await;

        line.is(Line::Trickling);
        tokio::time::sleep(lasts(1500)).await;
        world.works(&format!("trickling {cycle}")).await;
        line.is(Line::Up);
        report.count("byte by byte", 1);
    }
    running.ends().await;
    report.count("connections", line.opened() as u64);
    world.holds(&mut report).await;
    report.held();
}

/// Nobody tells a program that its network is gone: it has to notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_open_line_is_noticed_and_nothing_is_lost() {
    let (cycles, seed) = (cycles(1), seed());
    let mut report = Report::new("connection half-open", seed);
    let (world, line) = behind_a_line(seed).await;
    for cycle in 0..cycles {
        let opened = line.opened();
        line.half_open();
        let lost = Instant::now();
        for n in 0..3 {
            for phone in &world.people {
                world.traffic.post(&phone.number, &format!("into the void {cycle}.{n}")).await;
                world.traffic.writes(phone, &format!("to nobody {cycle}.{n}")).await;
            }
        }
        while line.opened() == opened {
            assert!(lost.elapsed() < Duration::from_secs(150), "nobody has noticed (seed {seed})");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        report.count("half-open", 1);
        report.count("seconds until noticed", lost.elapsed().as_secs());
    }
    world.holds(&mut report).await;
    report.held();
}
