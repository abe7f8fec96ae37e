//! What faults happen to: a sandbox, a server with one linked number, Ana's,
//! people who write to her and get messages from her, and a webhook's receiver.

use std::time::Duration;

use serde_json::Value;

use super::invariants;
use super::report::Report;
use super::traffic::{Running, Traffic};
use crate::support::{ANA, BEN, Device, Phone, Receiver, Sandbox, Server};

/// Everything that is told of messages, and of the session.
pub(super) const EVENTS: &[&str] = &[
    "message:in:new",
    "message:out:new",
    "message:out:sent",
    "message:out:ack",
    "message:out:failed",
    "message:out:retry",
    "number:session",
];
/// Tries of a webhook that was down, so that tests need not wait for minutes.
const GAPS: &str = "webhooks.retry_gaps=[\"200ms\",\"500ms\",\"1s\",\"2s\"]";
const CAM: &str = "+16001234562";

pub(super) struct World {
    pub(super) sandbox: Sandbox,
    pub(super) server: Server,
    pub(super) ana: Phone,
    /// Ben and Cam.
    pub(super) people: Vec<Phone>,
    pub(super) device: Device,
    pub(super) receiver: Receiver,
    pub(super) traffic: Traffic,
    pub(super) seed: u64,
    /// The fault itself changes the order of messages, which is not looked at then.
    pub(super) disordered: bool,
    /// Ana's companions as they were when the number was linked.
    pub(super) linked: Value,
}

/// How a world differs from the plain one.
#[derive(Default)]
pub(super) struct Terms<'t> {
    /// Further arguments of the server.
    pub(super) extra: &'t [&'t str],
    /// Where the server sees the sandbox, when not at its own address.
    pub(super) url: Option<&'t str>,
    /// Where the server sees the receiver, when not at its own address.
    pub(super) receiver: Option<(Receiver, String)>,
    /// A folder whose `data` is there already.
    pub(super) folder: Option<tempfile::TempDir>,
    /// The delays of the server, not those of tests.
    pub(super) real_gaps: bool,
}

impl World {
    pub(super) async fn new(seed: u64) -> Self {
        Self::on(Sandbox::start(seed).await, seed, Terms::default()).await
    }

    pub(super) async fn on(sandbox: Sandbox, seed: u64, terms: Terms<'_>) -> Self {
        let mut extra = if terms.real_gaps { Vec::new() } else { vec!["--set", GAPS] };
        extra.extend(terms.extra);
        let server = match (terms.folder, terms.url) {
            (Some(folder), _) => Server::in_folder(folder, &sandbox, &extra).await,
            (None, Some(url)) => Server::through(url, &sandbox, &extra).await,
            (None, None) => Server::on(&sandbox, &extra).await,
        };
        let ana = server.phone(ANA, "Ana").await;
        let people = vec![server.phone(BEN, "Ben").await, server.phone(CAM, "Cam").await];
        let (receiver, url) = match terms.receiver {
            Some(given) => given,
            None => {
                let receiver = Receiver::start().await;
                let url = receiver.url();
                (receiver, url)
            }
        };
        server.tells(&receiver, &url, EVENTS).await;
        let device = server.linked("Support", &ana).await;
        let linked = invariants::link(&ana).await;
        let traffic = Traffic::new(&server.api, &server.key, &device.id, ANA);
        let world = Self { sandbox, server, ana, people, device, receiver, traffic, seed, disordered: false, linked };
        // From here on WhatsApp names these people by their numbers; see docs/reliability.md.
        world.works("hello").await;
        world
    }

    /// Messages in all directions until the answer is ended.
    pub(super) fn runs(&self, gap: Duration) -> Running {
        self.traffic.runs(&self.people, gap, self.seed)
    }

    /// One message each way, which all must have arrived before this returns.
    pub(super) async fn works(&self, what: &str) {
        for phone in &self.people {
            let (out, back) = (format!("{what}, out"), format!("{what}, in"));
            self.traffic.post(&phone.number, &out).await;
            phone.receives(&out).await;
            self.traffic.writes(phone, &back).await;
            let of = crate::support::chat_id(&phone.number);
            self.receiver
                .event(&back, |event| {
                    event["event"] == "message:in:new"
                        && event["data"]["body"] == back.as_str()
                        && event["data"]["chat"]["id"] == of.as_str()
                })
                .await;
        }
    }

    /// `kill -9` and a new start on the same folder.
    pub(super) async fn dies_and_comes_back(&mut self) {
        self.server.kill().await;
        self.comes_back().await;
    }

    /// The new start.
    pub(super) async fn comes_back(&mut self) {
        self.server.rise().await;
        self.traffic.moved(&self.server.api);
        // What it says of the number from its first word on is true.
        let path = format!("/v1/devices/{}", self.device.id);
        let said = async || self.server.get(&path).await.ok()["session"]["status"] == "online";
        if said().await && self.ana.companions().await.iter().all(|device| device["online"] == false) {
            assert!(!said().await, "it says online before it is (seed {})", self.seed);
        }
    }

    /// Waits until nothing is on its way any more and checks every promise.
    pub(super) async fn holds(&self, report: &mut Report) {
        invariants::hold(self, report).await;
    }
}

/// How much of the server's log is shown when a test fails.
const SHOWN: usize = 80;

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.server.log();
            let lines: Vec<&str> = log.lines().collect();
            println!("{}", lines[lines.len().saturating_sub(SHOWN)..].join("\n"));
        }
    }
}
