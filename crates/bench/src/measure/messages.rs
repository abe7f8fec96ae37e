//! Messages: how fast they are accepted, how fast they are on the phones, and
//! what they cost.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;

use super::friend;
use crate::failure::{Failure, Result};
use crate::footprint;
use crate::http::Phones;
use crate::options::Options;
use crate::progress::say;
use crate::stats::Series;
use crate::workplace::{Number, Workplace};

/// Numbers that send, and phones that each of them sends to.
const SENDERS: usize = 16;
const RECEIVERS: u32 = 8;
/// How long the messages of one round may take to arrive.
const PATIENCE: Duration = Duration::from_secs(120);
/// A connection that is refused so often gives up; before, it waits and tries again.
const REFUSALS: usize = 5;
const AGAIN: Duration = Duration::from_millis(500);
/// How long the server may go on working afterwards, on receipts.
const AFTERMATH: Duration = Duration::from_secs(15);

/// So many messages, all at once.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Round {
    pub(crate) messages: u32,
    /// From the first request to the last 201.
    pub(crate) accepting_seconds: f64,
    pub(crate) accepted_per_second: f64,
    /// From the first request to the last text on a phone.
    pub(crate) arriving_seconds: f64,
    pub(crate) arrived_per_second: f64,
    /// Until the server is quiet again.
    pub(crate) cpu_seconds: f64,
    pub(crate) sandbox_cpu_seconds: f64,
    pub(crate) data_kib: u64,
    /// Accepted and not on a phone in time.
    pub(crate) missing: u32,
    /// On a phone more than once, or in several copies.
    pub(crate) doubled: u32,
    /// Requests that were not answered with a 2xx; they are made again.
    pub(crate) refused: u32,
    pub(crate) first_refusal: Option<String>,
}

/// Rounds of growing size.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Messages {
    pub(crate) senders: usize,
    pub(crate) chats: usize,
    pub(crate) connections: u32,
    pub(crate) rounds: Vec<Round>,
    pub(crate) cpu: Series,
    pub(crate) disk: Series,
}

struct Load<'a> {
    place: &'a Workplace,
    pairs: Arc<Vec<(String, String)>>,
    connections: u32,
}

pub(super) async fn measure(place: &Workplace, numbers: &[Number], options: &Options) -> Result<Messages> {
    let stride = (numbers.len() / SENDERS).max(1);
    let senders: Vec<&Number> = numbers.iter().step_by(stride).take(SENDERS).collect();
    for n in 0..RECEIVERS {
        place.phones.create(&friend(n)).await?;
    }
    let pairs: Vec<(String, String)> =
        (0..RECEIVERS).flat_map(|n| senders.iter().map(move |sender| (sender.id.clone(), friend(n)))).collect();
    let chats = pairs.len();
    let load = Load { place, pairs: Arc::new(pairs), connections: options.connections };

    say("making the keys of each conversation");
    load.round("warm", u32::try_from(chats).unwrap_or(u32::MAX)).await?;
    let mut rounds = Vec::new();
    let disk_before = place.data_kib();
    for (round, part) in [4, 2, 1].into_iter().enumerate() {
        let messages = options.messages / part;
        if messages > 0 {
            say(&format!("sending {messages} messages over {} connections", options.connections));
            rounds.push(load.round(&format!("round {round}"), messages).await?);
        }
    }
    let cpu = rounds.iter().map(|r| (f64::from(r.messages), r.cpu_seconds)).collect();
    let mut sum = 0.0;
    let disk = std::iter::once((0.0, disk_before as f64)).chain(rounds.iter().map(|r| {
        sum += f64::from(r.messages);
        (sum, r.data_kib as f64)
    }));
    let disk = Series::new("messages", "KiB on disk", disk.collect());
    Ok(Messages {
        senders: senders.len(),
        chats,
        connections: options.connections,
        cpu: Series::new("messages", "CPU seconds", cpu),
        disk,
        rounds,
    })
}

impl Load<'_> {
    async fn round(&self, name: &str, messages: u32) -> Result<Round> {
        let Self { place, pairs, .. } = self;
        let server_before = footprint::quiet(place.server.pid, AFTERMATH).await?;
        let sandbox_before = footprint::cpu_seconds(place.sandbox.pid)?;
        let mut watching = JoinSet::new();
        let mut expected: HashMap<&str, u32> = HashMap::new();
        for n in 0..messages {
            *expected.entry(pairs[n as usize % pairs.len()].1.as_str()).or_default() += 1;
        }
        let began = Instant::now();
        for (phone, count) in expected {
            let after = place.phones.newest(phone).await?;
            let (phones, phone, prefix) = (place.phones.clone(), phone.to_owned(), format!("{name} "));
            watching.spawn(async move { watch(&phones, &phone, after, &prefix, count, began + PATIENCE).await });
        }
        let began = Instant::now();
        let (accepting, refusals) = self.accept(name, messages).await?;
        let (mut arrived, mut doubled, mut last) = (0, 0, began);
        while let Some(seen) = watching.join_next().await {
            let seen = seen.map_err(|error| Failure::new(error.to_string()))??;
            arrived += seen.arrived;
            doubled += seen.doubled;
            last = last.max(seen.last);
        }
        let arriving = last.duration_since(began).as_secs_f64();
        let cpu_seconds = footprint::quiet(place.server.pid, AFTERMATH).await? - server_before;
        Ok(Round {
            messages,
            accepting_seconds: accepting.as_secs_f64(),
            accepted_per_second: f64::from(messages) / accepting.as_secs_f64(),
            arriving_seconds: arriving,
            arrived_per_second: f64::from(arrived) / arriving,
            cpu_seconds,
            sandbox_cpu_seconds: footprint::cpu_seconds(place.sandbox.pid)? - sandbox_before,
            data_kib: place.data_kib(),
            missing: messages.saturating_sub(arrived),
            doubled,
            refused: u32::try_from(refusals.len()).unwrap_or(u32::MAX),
            first_refusal: refusals.into_iter().next(),
        })
    }

    /// Sends all, as fast as the connections allow; how long it took until the
    /// last was accepted, and why some were not at first.
    async fn accept(&self, name: &str, messages: u32) -> Result<(Duration, Vec<String>)> {
        let began = Instant::now();
        let next = Arc::new(AtomicU32::new(0));
        let mut senders = JoinSet::new();
        for _ in 0..self.connections {
            let (api, pairs, next, name) = (self.place.api.clone(), self.pairs.clone(), next.clone(), name.to_owned());
            senders.spawn(async move {
                let mut refusals = Vec::new();
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= messages {
                        return Ok::<_, Failure>(refusals);
                    }
                    let (device, phone) = &pairs[n as usize % pairs.len()];
                    let body = json!({ "device": device, "phone": phone, "message": format!("{name} {n}") });
                    while let Err(refusal) = api.post("/v1/messages", &body).await {
                        refusals.push(refusal.to_string());
                        if refusals.len() >= REFUSALS {
                            return Err(refusal);
                        }
                        tokio::time::sleep(AGAIN).await;
                    }
                }
            });
        }
        let mut refusals = Vec::new();
        while let Some(sent) = senders.join_next().await {
            refusals.extend(sent.map_err(|error| Failure::new(error.to_string()))??);
        }
        Ok((began.elapsed(), refusals))
    }
}

struct Seen {
    arrived: u32,
    doubled: u32,
    last: Instant,
}

/// Counts what a phone shows of a round until all of it is there.
async fn watch(phones: &Phones, phone: &str, mut after: u64, prefix: &str, count: u32, until: Instant) -> Result<Seen> {
    let mut texts: HashMap<String, u64> = HashMap::new();
    let mut last = Instant::now();
    while (texts.len() as u64) < u64::from(count) && Instant::now() < until {
        let (shown, newest) = phones.messages(phone, after, Duration::from_secs(5)).await?;
        after = newest;
        for message in shown.into_iter().filter(|message| !message.from_me && message.text.starts_with(prefix)) {
            last = Instant::now();
            *texts.entry(message.text).or_default() += message.copies;
        }
        // Long polls that answer for each single message would cost more than
        // the messages themselves.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let doubled = texts.values().filter(|copies| **copies > 1).count();
    Ok(Seen {
        arrived: u32::try_from(texts.len()).unwrap_or(u32::MAX),
        doubled: u32::try_from(doubled).unwrap_or(u32::MAX),
        last,
    })
}
