//! How long one message takes: through a server that has nothing else to do, and
//! through one that does half of what it can.

use std::time::{Duration, Instant};

use serde_json::json;

use super::cast::{Cast, pairs};
use super::friend;
use super::receiving::{self, Hook};
use super::sending;
use crate::failure::{Failure, Result};
use crate::load::Plan;
use crate::options::Options;
use crate::progress::{Progress, say};
use crate::stats::Latency;
use crate::workplace::{Number, Workplace};

/// How long one message may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two messages, so that nothing of the one before is left.
const PAUSE: Duration = Duration::from_millis(20);
/// Not counted: the first ones make the keys of the conversation.
const WARM_UP: u32 = 5;
/// How long half load lasts.
const HALF_LOAD: Duration = Duration::from_secs(6);
/// Not counted of it: the start.
const RUN_UP: Duration = Duration::from_secs(1);
/// The phone that messages are timed with.
const TIMED: u32 = 999;

/// One at a time.
pub(super) async fn at_idle(place: &Workplace, cast: &Cast, samples: u32) -> Result<Vec<Latency>> {
    let (number, phone) = (&cast.timed, friend(TIMED));
    place.phones.create(&phone).await?;
    let progress = Progress::new("timing messages from the API to a phone", samples.into());
    let mut probe = Probe::new(place, number, &phone).await?;
    let mut took = Vec::new();
    for n in 0..samples + WARM_UP {
        let ms = probe.out(&format!("out {n}")).await?;
        if n >= WARM_UP {
            took.push(ms);
            progress.step();
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(vec![Latency::new("API → phone", took), to_webhook(place, number, &phone, samples).await?])
}

/// From the moment a person sends to the delivery at a webhook.
async fn to_webhook(place: &Workplace, number: &Number, phone: &str, samples: u32) -> Result<Latency> {
    let progress = Progress::new("timing messages from a phone to a webhook", samples.into());
    let mut hook = Hook::make(place, Some(&number.id)).await?;
    let mut took = Vec::new();
    for n in 0..samples + WARM_UP {
        let text = format!("in {n}");
        let began = Instant::now();
        place.phones.send(phone, &number.phone, &text).await?;
        let at = hook.arrival(&text).await;
        let at = at.ok_or_else(|| Failure::new(format!("'{text}' was not at the webhook in time")))?;
        if n >= WARM_UP {
            took.push(at.duration_since(began).as_secs_f64() * 1000.0);
            progress.step();
        }
        tokio::time::sleep(PAUSE).await;
    }
    hook.remove(place).await?;
    Ok(Latency::new("phone → webhook", took))
}

/// Messages of one number to one phone, one at a time.
struct Probe<'p> {
    place: &'p Workplace,
    number: &'p Number,
    phone: &'p str,
    after: u64,
}

impl<'p> Probe<'p> {
    async fn new(place: &'p Workplace, number: &'p Number, phone: &'p str) -> Result<Self> {
        Ok(Self { place, number, phone, after: place.phones.newest(phone).await? })
    }

    /// Milliseconds from the request to the text on the phone.
    async fn out(&mut self, text: &str) -> Result<f64> {
        let began = Instant::now();
        let message = json!({ "device": self.number.id, "phone": self.phone, "message": text });
        self.place.api.post("/v1/messages", &message).await?;
        loop {
            let (shown, last) = self.place.phones.messages(self.phone, self.after, PATIENCE).await?;
            self.after = last;
            if shown.iter().any(|message| message.text == text) {
                return Ok(began.elapsed().as_secs_f64() * 1000.0);
            }
            if began.elapsed() > PATIENCE {
                return Err(Failure::new(format!("'{text}' was not on the phone within {PATIENCE:?}")));
            }
        }
    }
}

fn paced(options: &Options, rate: f64) -> Plan {
    let requests = (rate * HALF_LOAD.as_secs_f64()).ceil() as u32;
    Plan { requests, connections: options.connections, at_most: HALF_LOAD * 2, rate: Some(rate) }
}

/// One number's messages, one at a time, while others send at `rate` per second.
pub(super) async fn out_at_half_load(place: &Workplace, cast: &Cast, options: &Options, rate: f64) -> Result<Latency> {
    let pairs = pairs(place, &cast.sending, 0).await?;
    let phone = friend(TIMED);
    place.phones.create(&phone).await?;
    say(&format!("timing messages from the API to a phone while {rate:.0} others a second go out"));
    let watch = sending::Watch::before(&place.phones, &pairs).await?;
    let mut probe = Probe::new(place, &cast.timed, &phone).await?;
    let others = sending::post(place, &pairs, "half", paced(options, rate));
    let timed = async {
        tokio::time::sleep(RUN_UP).await;
        let began = Instant::now();
        let mut took = Vec::new();
        while began.elapsed() + RUN_UP < HALF_LOAD {
            let ms = probe.out(&format!("half {}", took.len())).await?;
            took.push(ms);
        }
        Ok::<_, Failure>(took)
    };
    let (others, took) = tokio::join!(others, timed);
    watch.until_all(&place.phones, &pairs, "half", others?.requests()).await?;
    Ok(Latency::new("API → phone at half load", took?))
}

/// All messages that people write at `rate` per second.
pub(super) async fn in_at_half_load(place: &Workplace, cast: &Cast, options: &Options, rate: f64) -> Result<Latency> {
    let pairs = pairs(place, &cast.receiving, 100).await?;
    say(&format!("timing {rate:.0} messages a second from phones to a webhook"));
    let mut hook = Hook::make(place, None).await?;
    let sent = receiving::post(place, &pairs, "half", paced(options, rate)).await?;
    let (first, _) = hook.collect("half", sent.requests()).await;
    hook.remove(place).await?;
    let missing = sent.at.len() - first.len();
    if missing > 0 {
        return Err(Failure::new(format!("{missing} of {} messages were not at the webhook in time", sent.at.len())));
    }
    let counted = first.iter().filter_map(|(n, at)| Some((sent.at.get(*n as usize)?, at)));
    let counted = counted.filter(|(from, _)| from.duration_since(sent.began) >= RUN_UP);
    let took = counted.map(|(from, at)| at.duration_since(*from).as_secs_f64() * 1000.0).collect();
    Ok(Latency::new(Latency::IN_AT_HALF_LOAD, took))
}
