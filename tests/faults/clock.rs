//! The machine's clock jumps, as it does after a sleep, with a bad battery or
//! at the first answer of a time server.

use std::time::Duration;

use serde_json::json;

use super::report::Report;
use super::world::{Terms, World};
use super::{cycles, seed};
use crate::support::{JumpingClock, Sandbox};

const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_forth_and_back_loses_and_delays_nothing() {
    let (cycles, seed) = (cycles(1), seed());
    let mut report = Report::new("clock jumping", seed);
    let mut clock = JumpingClock::new();
    let arguments = clock.arguments();
    let extra: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut world = World::on(Sandbox::start(seed).await, seed, Terms { extra: &extra, ..Terms::default() }).await;
    // What waits when the clock is put back is overtaken by what is posted before that is noticed.
    world.disordered = true;
    let ben = world.people[0].number.clone();
    for cycle in 0..cycles {
        let running = world.runs(Duration::from_millis(1000));
        for by in [HOUR, -2 * HOUR, 20 * SECOND, -20 * SECOND, 26 * HOUR, -25 * HOUR] {
            clock.jump(by).await;
            world.works(&format!("jump {cycle}, {by}")).await;
            report.count("jumps", 1);
        }
        running.ends().await;

        // Due in half an hour, which is over at once.
        let due = crate::support::now().as_millisecond() + clock.ahead() + HOUR / 2;
        let due = jiff::Timestamp::from_millisecond(due).expect("a date").to_string();
        let said = format!("scheduled {cycle}");
        let body = json!({ "device": world.device.id, "phone": ben, "message": said, "deliverAt": due });
        let scheduled = world.server.post("/v1/messages", body).await;
        assert_eq!(scheduled.status, 201, "{:#}", scheduled.body);
        world.traffic.promises().campaigns.push((ben.clone(), said.clone()));
        clock.jump(HOUR).await;
        world.people[0].receives(&said).await;
        report.count("scheduled messages", 1);

        // Accepted by a clock that was ahead: it does not wait for that time to come.
        let queue = format!("/v1/devices/{}/queue", world.device.id);
        world.server.post(&queue, json!({ "status": "pause" })).await.ok();
        world.traffic.post(&ben, &format!("from the future {cycle}")).await;
        clock.jump(-5 * HOUR).await;
        world.server.post(&queue, json!({ "status": "active" })).await.ok();
        world.people[0].receives(&format!("from the future {cycle}")).await;
        report.count("put back while messages wait", 1);

        // A retry that was put down by a clock that was ahead.
        world.receiver.is(crate::support::Mood::Refusing(500));
        let before = world.receiver.asked();
        world.traffic.writes(&world.people[0], &format!("told later {cycle}")).await;
        crate::support::eventually("a failed try", || async { (world.receiver.asked() > before).then_some(()) }).await;
        clock.jump(-30 * HOUR).await;
        world.receiver.is(crate::support::Mood::Good);
        report.count("put back while events are owed", 1);

        // And over a restart.
        world.server.kill().await;
        clock.jump(3 * HOUR).await;
        world.comes_back().await;
    }
    world.holds(&mut report).await;
    report.held();
}
