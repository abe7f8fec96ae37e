//! `kill -9` at random moments of everything a server does, while messages go
//! both ways all the time.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::{Value, json};

use super::report::Report;
use super::world::World;
use super::{cycles, migration, seed};
use crate::support::{DEADLINE, Mood, Phone, eventually, text};

/// Between two messages of one person, or to one, at most.
const GAP: Duration = Duration::from_millis(600);
/// Messages of one run, so that no phone forgets the first of them.
const MOST: usize = 12_000;

/// What the server is at when it dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Sending,
    Receiving,
    Delivering,
    InACampaign,
    /// A code is being asked for, or is out.
    CodeRequested,
    /// The phone has the code and pairs.
    Pairing,
    /// The phone lists the companion, which logs in for the first time.
    FirstConnection,
    Starting,
    Migrating,
}

/// A round of these, in this order. In a round one step of linking has its turn,
/// in every other one a migration: both cost more than all others together.
const ROUND: [Step; 14] = [
    Step::Sending,
    Step::Receiving,
    Step::Delivering,
    Step::Starting,
    Step::InACampaign,
    Step::Sending,
    Step::Receiving,
    Step::Delivering,
    Step::Starting,
    Step::Sending,
    Step::InACampaign,
    Step::Receiving,
    Step::Delivering,
    Step::Sending,
];
const LINKING: [Step; 3] = [Step::CodeRequested, Step::Pairing, Step::FirstConnection];

/// What is done in a cycle.
fn step(cycle: u64) -> Step {
    let every = ROUND.len() as u64 + 2;
    let (round, place) = (usize::try_from(cycle / every).expect("few"), usize::try_from(cycle % every).expect("few"));
    match place {
        0..14 => ROUND[place],
        14 => LINKING[round % LINKING.len()],
        _ if round % 2 == 0 => Step::Migrating,
        _ => Step::Starting,
    }
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Sending => "killed while sending",
            Self::Receiving => "killed while receiving",
            Self::Delivering => "killed while delivering",
            Self::InACampaign => "killed in a campaign",
            Self::CodeRequested => "killed with a code out",
            Self::Pairing => "killed while pairing",
            Self::FirstConnection => "killed at the first connection",
            Self::Starting => "killed while starting",
            Self::Migrating => "killed while migrating",
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_linked_again_by_kill_9() {
    let (cycles, seed) = (cycles(16), seed());
    println!("{cycles} cycles with seed {seed}; FAULT_CYCLES and FAULT_SEED change them");
    let mut report = Report::new("kill -9", seed);
    let mut random = StdRng::seed_from_u64(seed);
    let mut world = World::new(seed).await;
    let traffic = world.runs(GAP);
    let mut traffic = Some(traffic);
    for cycle in 0..cycles {
        let step = step(cycle);
        match step {
            Step::Sending => sending(&mut world, cycle, &mut random).await,
            Step::Receiving => receiving(&mut world, cycle, &mut random).await,
            Step::Delivering => delivering(&mut world, cycle, &mut random).await,
            Step::InACampaign => campaign(&mut world, cycle, &mut random).await,
            Step::CodeRequested | Step::Pairing | Step::FirstConnection => {
                linking(&mut world, step, cycle, &mut random).await;
            }
            Step::Starting => {
                world.server.kill().await;
                let moment = Duration::from_millis(random.random_range(0..600));
                world.server.dies_at_its_start(moment).await;
                world.comes_back().await;
            }
            Step::Migrating => migration::killed(&world.sandbox, random.random()).await,
        }
        report.count("cycles", 1);
        report.count(step.name(), 1);
        world.server.online(&world.device.id).await;
        assert_eq!(super::invariants::link(&world.ana).await, world.linked, "cycle {cycle}, {step:?} (seed {seed})");
        if cycle % 50 == 49 {
            println!("{} cycles after {} messages", cycle + 1, world.traffic.promises().accepted.len());
        }
        if world.traffic.promises().accepted.len() > MOST
            && let Some(traffic) = traffic.take()
        {
            traffic.ends().await;
        }
    }
    if let Some(traffic) = traffic {
        traffic.ends().await;
    }
    world.works("the last one").await;
    world.holds(&mut report).await;
    report.held();
}

/// Dies while a handful of messages is being posted and sent.
async fn sending(world: &mut World, cycle: u64, random: &mut StdRng) {
    let moment = Duration::from_millis(random.random_range(0..250));
    let numbers: Vec<String> = world.people.iter().map(|phone| phone.number.clone()).collect();
    let burst = numbers.into_iter().map(|number| {
        let traffic = world.traffic.clone();
        tokio::spawn(async move {
            for n in 0..3 {
                traffic.post(&number, &format!("burst {cycle}.{n}")).await;
            }
        })
    });
    let burst: Vec<_> = burst.collect();
    tokio::time::sleep(moment).await;
    world.dies_and_comes_back().await;
    for posting in burst {
        posting.await.expect("posted");
    }
}

/// Dies while somebody writes.
async fn receiving(world: &mut World, cycle: u64, random: &mut StdRng) {
    let moment = Duration::from_millis(random.random_range(0..200));
    let phone = world.people.choose(random).expect("somebody").again();
    let traffic = world.traffic.clone();
    let writing = tokio::spawn(async move {
        for n in 0..6 {
            traffic.writes(&phone, &format!("flood {cycle}.{n}")).await;
        }
    });
    tokio::time::sleep(moment).await;
    world.dies_and_comes_back().await;
    writing.await.expect("written");
}

/// Dies while the receiver has not answered, or has just failed.
async fn delivering(world: &mut World, cycle: u64, random: &mut StdRng) {
    let mood = if random.random() { Mood::Slow(Duration::from_millis(150)) } else { Mood::Refusing(503) };
    world.receiver.is(mood);
    let before = world.receiver.asked();
    let phone = world.people.choose(random).expect("somebody").again();
    world.traffic.writes(&phone, &format!("to be told {cycle}")).await;
    eventually("a delivery", || async { (world.receiver.asked() > before).then_some(()) }).await;
    tokio::time::sleep(Duration::from_millis(random.random_range(0..200))).await;
    world.server.kill().await;
    world.receiver.is(Mood::Good);
    world.comes_back().await;
}

/// Dies in a campaign to everybody; the campaign goes on by itself.
async fn campaign(world: &mut World, cycle: u64, random: &mut StdRng) {
    let said = format!("news {cycle}");
    let contacts: Vec<Value> = world.people.iter().map(|phone| json!({ "phone": phone.number })).collect();
    let made = json!({
        "name": format!("Campaign {cycle}"), "devices": [world.device.id], "message": said, "contacts": contacts,
        "settings": { "speed": 0 },
    });
    let made = world.server.post("/v1/campaigns", made).await;
    assert_eq!(made.status, 201, "{:#}", made.body);
    let path = format!("/v1/campaigns/{}", text(&made.body, "/id"));
    let start = Some(json!({ "action": "start" }));
    world.server.call(Method::PUT, &format!("{path}/status"), start).await.ok();
    let to = world.people.iter().map(|phone| (phone.number.clone(), said.clone()));
    world.traffic.promises().campaigns.extend(to);
    tokio::time::sleep(Duration::from_millis(random.random_range(0..400))).await;
    world.dies_and_comes_back().await;
    ends(world, &path).await;
}

/// Waits until a campaign is completed.
async fn ends(world: &World, path: &str) {
    let began = std::time::Instant::now();
    loop {
        let campaign = world.server.get(path).await.ok();
        if campaign["status"] == "completed" {
            return;
        }
        if began.elapsed() > DEADLINE {
            let people = world.server.get(&format!("{path}/contacts")).await.ok();
            panic!("a campaign stands still: {campaign:#} {people:#}");
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// Dies at a step of linking another number, which then is linked, or was not
/// and can be.
async fn linking(world: &mut World, step: Step, cycle: u64, random: &mut StdRng) {
    let phone = world.server.phone(&format!("+1600200{cycle:04}"), "Newcomer").await;
    let id = world.server.device("Newcomer").await;
    let path = format!("/v1/devices/{id}");
    let body = json!({ "phone": phone.number });
    if step == Step::CodeRequested {
        let request =
            world.server.request(Method::POST, &format!("{path}/authcode")).header("Token", &world.server.key);
        let asking = request.json(&body).send();
        let moment = Duration::from_millis(random.random_range(0..800));
        drop(tokio::time::timeout(moment, asking).await);
    } else {
        let code = world.server.post(&format!("{path}/authcode"), body).await.ok();
        let code = text(&code, "/code").to_owned();
        let typing = {
            let (phone, code) = (phone.again(), code);
            tokio::spawn(async move { phone.link(&code).await.status })
        };
        if step == Step::FirstConnection {
            assert_eq!(typing.await.expect("typed"), 200, "cycle {cycle}");
            tokio::time::sleep(Duration::from_millis(random.random_range(0..300))).await;
        } else {
            tokio::time::sleep(Duration::from_millis(random.random_range(0..900))).await;
        }
    }
    world.dies_and_comes_back().await;
    linked_or_linkable(world, &id, &phone, cycle).await;
    // Numbers that stay would make every later round slower.
    world.server.delete(&path).await.ok();
}

/// What the phone lists is online by itself; what it does not can be linked.
async fn linked_or_linkable(world: &World, id: &str, phone: &Phone, cycle: u64) {
    if phone.companions().await.is_empty() {
        world.server.link(id, phone).await;
    } else {
        world.server.online(id).await;
    }
    assert_eq!(phone.companions().await.len(), 1, "cycle {cycle}: linked twice");
}
