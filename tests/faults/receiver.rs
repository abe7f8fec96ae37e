//! A webhook's receiver that is dead for a day, slow, that answers nonsense or
//! nothing: nothing is lost, and what comes late comes in order.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use super::report::Report;
use super::world::{Terms, World};
use super::{seed, setting};
use crate::support::{JumpingClock, Mood, Proxy, Receiver, Sandbox, eventually, text};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// The gaps between tries as docs/webhooks.md promises them, in seconds.
const GAPS: [i64; 11] = [5, 15, 60, 300, 900, 3600, 7200, 14_400, 28_800, 28_800, 28_800];

async fn webhook(world: &World) -> Value {
    world.server.get(&format!("/v1/webhooks/{}", world.receiver.webhook())).await.ok()
}

/// Milliseconds of the time in a field.
fn at(value: &Value, name: &str) -> i64 {
    value[name].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok()).map_or(0, jiff::Timestamp::as_millisecond)
}

/// Lets so much time pass with the receiver dead, and messages go both ways all
/// the while, try after try.
async fn passes(world: &World, clock: &mut JumpingClock, until: i64, step: i64, report: &mut Report, part: &str) {
    let (mut gaps, mut pieces) = (GAPS.iter(), 0);
    while clock.ahead() < until {
        // A tenth is added at random, and a second for the clock itself.
        let gap = gaps.next().map_or(HOUR, |gap| gap * 1100 + 1000);
        let whole = clock.ahead() + gap <= until;
        let next = (clock.ahead() + gap).min(until);
        let before = at(&webhook(world).await, "lastFailureAt");
        while clock.ahead() < next {
            let piece = step.min(next - clock.ahead());
            clock.jump(piece).await;
            for phone in &world.people {
                world.traffic.writes(phone, &format!("{part}: in {pieces}")).await;
                world.traffic.post(&phone.number, &format!("{part}: out {pieces}")).await;
            }
            pieces += 1;
        }
        if !whole {
            break;
        }
        eventually("the next try", || async {
            let webhook = webhook(world).await;
            (webhook["status"] == "failed" || at(&webhook, "lastFailureAt") > before).then_some(())
        })
        .await;
        report.count("tries watched", 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_is_dead_for_a_day_gets_everything_in_order_once_it_is_back() {
    let (hours, seed) = (i64::try_from(setting("FAULT_HOURS", 24)).expect("few"), seed());
    let step = i64::try_from(setting("FAULT_STEP_MINUTES", 480)).expect("few") * MINUTE;
    let mut report = Report::new("receiver dead for a day", seed);
    let mut clock = JumpingClock::new();
    let receiver = Receiver::start().await;
    let mut line = Proxy::to(receiver.address()).await;
    let url = format!("http://{}/hook", line.address);
    let arguments = clock.arguments();
    let extra: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let terms = Terms { extra: &extra, receiver: Some((receiver, url)), real_gaps: true, ..Terms::default() };
    let world = World::on(Sandbox::start(seed).await, seed, terms).await;
    world.works("before").await;

    // Back in the last minutes of the day: the last try brings everything.
    line.down().await;
    let began = clock.ahead();
    passes(&world, &mut clock, began + hours * HOUR - 10 * MINUTE, step, &mut report, "a day").await;
    assert_eq!(webhook(&world).await["status"], "pending");
    line.up().await;
    clock.jump(HOUR).await;
    world.holds(&mut report).await;
    assert_eq!(webhook(&world).await["status"], "active", "it came back by itself");

    // Dead for longer: it is taken out of service, says so, and keeps everything.
    line.down().await;
    let began = clock.ahead();
    passes(&world, &mut clock, began + (hours + 2) * HOUR, step, &mut report, "longer").await;
    let failed = eventually("the webhook to be out of service", || async {
        let webhook = webhook(&world).await;
        (webhook["status"] == "failed").then_some(webhook)
    })
    .await;
    world.traffic.writes(&world.people[0], "out of service").await;
    line.up().await;
    let path = format!("/v1/webhooks/{}/enable", text(&failed, "/id"));
    world.server.call(Method::POST, &path, None).await.ok();
    world.holds(&mut report).await;
    report.count("simulated hours", u64::try_from(2 * hours + 2).expect("few"));
    report.held();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_is_slow_refuses_hangs_or_sends_away_gets_everything_later() {
    let seed = seed();
    let mut report = Report::new("receiver in bad moods", seed);
    let terms = Terms { extra: &["--set", "webhooks.timeout=1s"], ..Terms::default() };
    let world = World::on(Sandbox::start(seed).await, seed, terms).await;
    let running = world.runs(Duration::from_millis(1000));
    for _ in 0..super::cycles(1) {
        for (mood, name) in [
            (Mood::Slow(Duration::from_millis(400)), "slow"),
            (Mood::Refusing(500), "answering 500"),
            (Mood::Redirecting, "redirecting"),
            (Mood::Hanging, "hanging"),
            (Mood::Talking, "answering without end"),
            (Mood::Refusing(429), "answering 429"),
        ] {
            world.receiver.is(mood);
            let before = world.receiver.asked();
            eventually("some tries", || async { (world.receiver.asked() >= before + 3).then_some(()) }).await;
            report.count(name, 1);
        }
        world.receiver.is(Mood::Good);
        let before = world.receiver.deliveries();
        eventually("it to be back", || async { (world.receiver.deliveries() > before).then_some(()) }).await;
    }
    running.ends().await;
    world.holds(&mut report).await;
    report.held();
}
