//! Rounds of growing size, and what each of them cost.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::failure::Result;
use crate::footprint;
use crate::load::cpu::Cpu;
use crate::stats::Series;
use crate::workplace::Workplace;

/// How long the server may go on working afterwards, on receipts.
const AFTERMATH: Duration = Duration::from_secs(15);

/// So many messages, all at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Round {
    pub(crate) messages: u32,
    /// From the first request until the last message was where it should be.
    pub(crate) seconds: f64,
    pub(crate) per_second: f64,
    /// The same until the last request was answered.
    pub(crate) accepted_per_second: f64,
    /// Processor time during `seconds`.
    pub(crate) busy: Cpu,
    /// The same until the server was quiet again.
    pub(crate) cpu: Cpu,
    /// On disk afterwards, without the database's log.
    pub(crate) data_kib: u64,
    /// Accepted and not there in time.
    pub(crate) missing: u32,
    /// There more than once.
    pub(crate) doubled: u32,
    /// Requests that were not answered with a 2xx; they are made again.
    pub(crate) refused: u32,
    pub(crate) first_refusal: Option<String>,
}

impl Round {
    /// Of the server, for 1,000 messages, until it was quiet.
    pub(crate) fn cpu_per_thousand(&self) -> f64 {
        self.cpu.server * 1000.0 / f64::from(self.messages.max(1))
    }

    /// The same of the load generator.
    pub(crate) fn generator_per_thousand(&self) -> f64 {
        self.cpu.generator * 1000.0 / f64::from(self.messages.max(1))
    }
}

/// The rounds of one kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rate {
    pub(crate) numbers: usize,
    pub(crate) chats: usize,
    pub(crate) connections: u32,
    pub(crate) rounds: Vec<Round>,
    pub(crate) seconds: Series,
    pub(crate) cpu: Series,
    pub(crate) disk: Series,
}

impl Rate {
    pub(super) fn new(sizes: (usize, usize, u32), disk_before: u64, rounds: Vec<Round>) -> Self {
        let against = |cost, of: fn(&Round) -> f64| {
            Series::new("messages", cost, rounds.iter().map(|round| (f64::from(round.messages), of(round))).collect())
        };
        let mut sum = 0.0;
        let disk = std::iter::once((0.0, disk_before as f64)).chain(rounds.iter().map(|round| {
            sum += f64::from(round.messages);
            (sum, round.data_kib as f64)
        }));
        let (numbers, chats, connections) = sizes;
        Self {
            numbers,
            chats,
            connections,
            seconds: against("seconds", |round| round.seconds),
            cpu: against("CPU seconds of the server", |round| round.cpu.server),
            disk: Series::new("messages in all", "KiB on disk", disk.collect()),
            rounds,
        }
    }

    /// The largest round: what is kept up longest.
    pub(crate) fn largest(&self) -> Option<&Round> {
        self.rounds.last()
    }
}

/// Sizes of the rounds up to `most`.
pub(super) fn sizes(most: u32) -> impl Iterator<Item = u32> {
    [8, 4, 2, 1].into_iter().map(move |part| most / part).filter(|messages| *messages > 0)
}

/// A round under way.
pub(super) struct Meter {
    before: Cpu,
}

/// What a round has found.
pub(super) struct Outcome {
    pub(super) messages: u32,
    pub(super) began: Instant,
    pub(super) accepted: Instant,
    /// When the last message was there.
    pub(super) last: Instant,
    pub(super) missing: u32,
    pub(super) doubled: u32,
    pub(super) refusals: Vec<String>,
}

impl Meter {
    /// Once the server is quiet.
    pub(super) async fn start(place: &Workplace) -> Result<Self> {
        footprint::quiet(place.server.pid, AFTERMATH).await?;
        Ok(Self { before: Cpu::now(place)? })
    }

    /// What has been used so far.
    pub(super) fn busy(&self, place: &Workplace) -> Result<Cpu> {
        Cpu::since(place, self.before)
    }

    /// Once the server is quiet again; `busy` is what [`Meter::busy`] said when the last was there.
    pub(super) async fn stop(self, place: &Workplace, busy: Cpu, outcome: Outcome) -> Result<Round> {
        footprint::quiet(place.server.pid, AFTERMATH).await?;
        let seconds = outcome.last.duration_since(outcome.began).as_secs_f64();
        let accepting = outcome.accepted.duration_since(outcome.began).as_secs_f64();
        let messages = f64::from(outcome.messages);
        Ok(Round {
            messages: outcome.messages,
            seconds,
            per_second: f64::from(outcome.messages - outcome.missing.min(outcome.messages)) / seconds,
            accepted_per_second: messages / accepting,
            busy,
            cpu: Cpu::since(place, self.before)?,
            data_kib: place.data_kib(),
            missing: outcome.missing,
            doubled: outcome.doubled,
            refused: u32::try_from(outcome.refusals.len()).unwrap_or(u32::MAX),
            first_refusal: outcome.refusals.into_iter().next(),
        })
    }
}
