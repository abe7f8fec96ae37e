//! Messages accepted at the API, with nothing going out: each is on disk when it
//! is answered, and waits in the queue of a number that is paused.

use serde_json::json;

use super::cast::{Cast, pairs};
use super::rounds::{Meter, Outcome, Rate, sizes};
use super::sending::{plan, post};
use crate::failure::{Failure, Result};
use crate::options::Options;
use crate::progress::say;
use crate::workplace::Workplace;

pub(super) async fn measure(place: &Workplace, cast: &Cast, options: &Options) -> Result<Rate> {
    let pairs = pairs(place, &cast.paused, 200).await?;
    for number in &cast.paused {
        place.api.post(&format!("/v1/devices/{}/queue", number.id), &json!({ "status": "pause" })).await?;
    }
    let disk_before = place.data_kib();
    let mut waiting = 0;
    let mut rounds = Vec::new();
    for messages in sizes(options.messages()) {
        say(&format!("sending {messages} messages to paused numbers, over {} connections", options.connections));
        let meter = Meter::start(place).await?;
        let sent = post(place, &pairs, "paused", plan(options, messages)).await?;
        let busy = meter.busy(place)?;
        waiting += u64::from(sent.requests());
        let outcome = Outcome {
            messages: sent.requests(),
            began: sent.began,
            accepted: sent.ended,
            last: sent.ended,
            missing: 0,
            doubled: 0,
            refusals: sent.refusals,
        };
        rounds.push(meter.stop(place, busy, outcome).await?);
    }
    let queued = queued(place, cast).await?;
    if queued != waiting {
        return Err(Failure::new(format!("{waiting} messages were accepted and {queued} wait in the queues")));
    }
    Ok(Rate::new((cast.paused.len(), pairs.len(), options.connections), disk_before, rounds))
}

/// What the queues say of themselves.
async fn queued(place: &Workplace, cast: &Cast) -> Result<u64> {
    let mut sum = 0;
    for number in &cast.paused {
        let queue = place.api.get(&format!("/v1/devices/{}/queue", number.id)).await?;
        sum += queue["queue"]["messages"].as_u64().unwrap_or(0);
    }
    Ok(sum)
}
