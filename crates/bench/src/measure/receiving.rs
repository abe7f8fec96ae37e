//! Messages from the phones to a webhook.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use super::cast::{Cast, Pair, pairs};
use super::rounds::{Meter, Outcome, Rate, Round, sizes};
use super::sending::plan;
use crate::failure::{Failure, Result};
use crate::load::receiver::{self, Arrivals};
use crate::load::{self, Plan, Sent};
use crate::options::Options;
use crate::progress::say;
use crate::workplace::Workplace;

/// How long the webhook may go without a delivery before a round is over.
const PATIENCE: Duration = Duration::from_secs(20);

/// A webhook of the server and its receiver.
pub(super) struct Hook {
    id: String,
    arrivals: Arrivals,
}

impl Hook {
    /// For what comes in at one number, or at all.
    pub(super) async fn make(place: &Workplace, device: Option<&str>) -> Result<Self> {
        let (url, arrivals) = receiver::listen().await?;
        let mut webhook = json!({ "name": "Bench", "url": url, "events": ["message:in:new"] });
        if let Some(device) = device {
            webhook["device"] = device.into();
        }
        let made = place.api.post("/v1/webhooks", &webhook).await?;
        let id = made["id"].as_str().ok_or_else(|| Failure::new("a webhook without an id"))?.to_owned();
        Ok(Self { id, arrivals })
    }

    pub(super) async fn remove(self, place: &Workplace) -> Result<()> {
        place.api.change(Method::DELETE, &format!("/v1/webhooks/{}", self.id), None).await.map(drop)
    }

    /// When each of `name 0` to `name {sent - 1}` arrived first, and how many came
    /// more than once.
    pub(super) async fn collect(&mut self, name: &str, sent: u32) -> (HashMap<u32, Instant>, u32) {
        let (mut first, mut doubled) = (HashMap::new(), 0);
        while (first.len() as u64) < u64::from(sent) {
            let next = tokio::time::timeout(PATIENCE, self.arrivals.recv()).await;
            let Ok(Some((text, at))) = next else { break };
            let Some(n) = text.strip_prefix(name).and_then(|rest| rest.trim().parse::<u32>().ok()) else { continue };
            if first.insert(n, at).is_some() {
                doubled += 1;
            }
        }
        (first, doubled)
    }

    /// The moment at which this very text arrives.
    pub(super) async fn arrival(&mut self, text: &str) -> Option<Instant> {
        while let Ok(Some((what, at))) = tokio::time::timeout(PATIENCE, self.arrivals.recv()).await {
            if what == text {
                return Some(at);
            }
        }
        None
    }
}

pub(super) async fn measure(place: &Workplace, cast: &Cast, options: &Options) -> Result<Rate> {
    let pairs = pairs(place, &cast.receiving, 100).await?;
    let chats = pairs.len();
    let mut hook = Hook::make(place, None).await?;
    say(&format!("receiving: making the keys of {chats} conversations"));
    round(place, &mut hook, &pairs, "warm", plan(options, u32::try_from(chats).unwrap_or(u32::MAX))).await?;
    let disk_before = place.data_kib();
    let mut rounds = Vec::new();
    for messages in sizes(options.messages()) {
        say(&format!("sending {messages} messages from phones to a webhook, over {} connections", options.connections));
        let name = format!("round {}", rounds.len());
        rounds.push(round(place, &mut hook, &pairs, &name, plan(options, messages)).await?);
    }
    hook.remove(place).await?;
    Ok(Rate::new((cast.receiving.len(), chats, options.connections), disk_before, rounds))
}

async fn round(place: &Workplace, hook: &mut Hook, pairs: &Arc<Vec<Pair>>, name: &str, plan: Plan) -> Result<Round> {
    let meter = Meter::start(place).await?;
    let sent = post(place, pairs, name, plan).await?;
    let (first, doubled) = hook.collect(name, sent.requests()).await;
    let busy = meter.busy(place)?;
    let outcome = Outcome {
        messages: sent.requests(),
        began: sent.began,
        accepted: sent.ended,
        last: first.values().max().copied().unwrap_or(sent.ended),
        missing: sent.requests() - u32::try_from(first.len()).unwrap_or(u32::MAX).min(sent.requests()),
        doubled,
        refusals: sent.refusals,
    };
    meter.stop(place, busy, outcome).await
}

/// Has the people of the pairs write `name 0`, `name 1`, … to the numbers, in turn.
pub(super) async fn post(place: &Workplace, pairs: &Arc<Vec<Pair>>, name: &str, plan: Plan) -> Result<Sent> {
    let mut heads = HashMap::new();
    let mut address = String::new();
    for pair in pairs.iter() {
        let (at, head) = place.phones.sending(&pair.phone);
        heads.entry(pair.phone.clone()).or_insert_with(|| Arc::new(head));
        address = at;
    }
    let (pairs, name) = (pairs.clone(), name.to_owned());
    load::send(&address, plan, move |n| {
        let Pair { number, phone } = &pairs[n as usize % pairs.len()];
        (heads[phone].clone(), format!(r#"{{"to":"{}","text":"{name} {n}"}}"#, number.phone))
    })
    .await
}
