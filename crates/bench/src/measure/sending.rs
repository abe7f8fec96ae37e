//! Messages from the API to the phones: how fast they are accepted while they go
//! out, how fast they arrive, and what they cost.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cast::{Cast, Pair, pairs};
use super::rounds::{Meter, Outcome, Rate, Round, sizes};
use crate::failure::Result;
use crate::http::Phones;
use crate::load::{self, Plan, Sent};
use crate::options::Options;
use crate::progress::say;
use crate::workplace::Workplace;

/// How long the messages of one round may take to arrive after the last was accepted.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a phone is asked whether the last message is there.
const LOOK: Duration = Duration::from_millis(5);

pub(super) async fn measure(place: &Workplace, cast: &Cast, options: &Options) -> Result<Rate> {
    let pairs = pairs(place, &cast.sending, 0).await?;
    let chats = pairs.len();
    say(&format!("sending: making the keys of {chats} conversations"));
    round(place, &pairs, "warm", plan(options, u32::try_from(chats).unwrap_or(u32::MAX))).await?;
    let disk_before = place.data_kib();
    let mut rounds = Vec::new();
    for messages in sizes(options.messages()) {
        say(&format!("sending {messages} messages to phones, over {} connections", options.connections));
        rounds.push(round(place, &pairs, &format!("round {}", rounds.len()), plan(options, messages)).await?);
    }
    Ok(Rate::new((cast.sending.len(), chats, options.connections), disk_before, rounds))
}

pub(super) fn plan(options: &Options, requests: u32) -> Plan {
    let at_most = Duration::from_secs(options.round_seconds.into());
    Plan { requests, connections: options.connections.min(requests), at_most, rate: None }
}

async fn round(place: &Workplace, pairs: &Arc<Vec<Pair>>, name: &str, plan: Plan) -> Result<Round> {
    let meter = Meter::start(place).await?;
    let watch = Watch::before(&place.phones, pairs).await?;
    let sent = post(place, pairs, name, plan).await?;
    let seen = watch.until_all(&place.phones, pairs, name, sent.requests()).await?;
    let busy = meter.busy(place)?;
    let outcome = Outcome {
        messages: sent.requests(),
        began: sent.began,
        accepted: sent.ended,
        last: seen.last,
        missing: sent.requests() - seen.arrived.min(sent.requests()),
        doubled: seen.doubled,
        refusals: sent.refusals,
    };
    meter.stop(place, busy, outcome).await
}

/// Posts `name 0`, `name 1`, … to the pairs in turn.
pub(super) async fn post(place: &Workplace, pairs: &Arc<Vec<Pair>>, name: &str, plan: Plan) -> Result<Sent> {
    let (address, head) = place.api.sending();
    let (head, pairs, name) = (Arc::new(head), pairs.clone(), name.to_owned());
    load::send(&address, plan, move |n| {
        let Pair { number, phone } = &pairs[n as usize % pairs.len()];
        (head.clone(), format!(r#"{{"device":"{}","phone":"{phone}","message":"{name} {n}"}}"#, number.id))
    })
    .await
}

/// What phones show already, so that the newer can be told apart.
pub(super) struct Watch {
    newest: HashMap<String, u64>,
}

/// What phones have shown of a round.
pub(super) struct Seen {
    pub(super) arrived: u32,
    doubled: u32,
    pub(super) last: Instant,
}

impl Watch {
    pub(super) async fn before(phones: &Phones, pairs: &[Pair]) -> Result<Self> {
        let mut newest = HashMap::new();
        for pair in pairs {
            if !newest.contains_key(&pair.phone) {
                newest.insert(pair.phone.clone(), phones.newest(&pair.phone).await?);
            }
        }
        Ok(Self { newest })
    }

    /// Waits until the phones show what was sent to each. Only the last message
    /// of each is asked for, so that the sandbox has little to do with it; what
    /// they show is read and counted when the time has been taken.
    pub(super) async fn until_all(&self, phones: &Phones, pairs: &[Pair], name: &str, sent: u32) -> Result<Seen> {
        let mut expected: HashMap<&str, u64> = HashMap::new();
        for n in 0..sent as usize {
            *expected.entry(pairs[n % pairs.len()].phone.as_str()).or_default() += 1;
        }
        let until = Instant::now() + PATIENCE;
        for (phone, count) in &expected {
            while !phones.shows_after(phone, self.newest[*phone] + count - 1).await? && Instant::now() < until {
                tokio::time::sleep(LOOK).await;
            }
        }
        let mut last = Instant::now();
        loop {
            let (arrived, doubled) = self.count(phones, &format!("{name} ")).await?;
            if arrived >= sent || Instant::now() > until {
                return Ok(Seen { arrived, doubled, last });
            }
            // Something else is among them: the missing ones are waited for.
            tokio::time::sleep(LOOK * 20).await;
            last = Instant::now();
        }
    }

    /// Texts that begin so, each once, and how many of them are there twice.
    async fn count(&self, phones: &Phones, prefix: &str) -> Result<(u32, u32)> {
        let mut texts: HashMap<String, u64> = HashMap::new();
        for (phone, newest) in &self.newest {
            let mut after = *newest;
            loop {
                let (shown, last) = phones.messages(phone, after, Duration::ZERO).await?;
                if shown.is_empty() {
                    break;
                }
                after = last;
                for message in shown.into_iter().filter(|message| !message.from_me && message.text.starts_with(prefix))
                {
                    *texts.entry(message.text).or_default() += message.copies;
                }
            }
        }
        let doubled = texts.values().filter(|copies| **copies > 1).count();
        Ok((u32::try_from(texts.len()).unwrap_or(u32::MAX), u32::try_from(doubled).unwrap_or(u32::MAX)))
    }
}
