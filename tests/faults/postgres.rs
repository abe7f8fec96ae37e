//! PostgreSQL goes away and comes back. Runs where `scripts/postgres.sh` has
//! said where its programs are.

use std::time::Duration;

use super::report::Report;
use super::world::{Terms, World};
use super::{cycles, seed};
use crate::support::{Postgres, Sandbox, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_and_comes_back_delays_and_loses_nothing() {
    let (cycles, seed) = (cycles(2), seed());
    let Some(database) = Postgres::start().await else {
        println!("skipped: FAULT_POSTGRES names no folder of PostgreSQL's programs; make test-postgres does");
        return;
    };
    let mut report = Report::new("PostgreSQL gone and back", seed);
    let url = database.url();
    let terms = Terms { extra: &["--database", &url], ..Terms::default() };
    let mut world = World::on(Sandbox::start(seed).await, seed, terms).await;
    let running = world.runs(Duration::from_millis(1000));
    for cycle in 0..cycles {
        tokio::time::sleep(Duration::from_millis(500)).await;
        database.down(if cycle % 2 == 0 { "immediate" } else { "fast" }).await;
        let before = world.traffic.promises().repeated;
        eventually("posts to be refused", || async { (world.traffic.promises().repeated > before + 10).then_some(()) })
            .await;
        if cycle % 3 == 2 {
            world.server.kill().await;
        }
        database.up().await;
        if cycle % 3 == 2 {
            world.comes_back().await;
            report.count("killed meanwhile", 1);
        }
        world.works(&format!("back {cycle}")).await;
        report.count("times away", 1);
    }
    running.ends().await;
    world.holds(&mut report).await;
    report.held();
}
