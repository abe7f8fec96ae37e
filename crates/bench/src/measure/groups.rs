//! One message to many: groups of growing size.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::cast::Cast;
use crate::failure::{Failure, Result};
use crate::footprint;
use crate::options::Options;
use crate::progress::say;
use crate::stats::{Series, Spread};
use crate::workplace::Workplace;

/// How long one message may take to reach everybody.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the last member's phone is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// Messages after the first.
const AGAIN: usize = 5;
/// How long the server may go on working on receipts.
const AFTERMATH: Duration = Duration::from_secs(15);

/// One group.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sent {
    pub(crate) members: u32,
    /// Milliseconds from the request to the last phone; the first message makes a
    /// session with each device.
    pub(crate) first_ms: f64,
    pub(crate) again_ms: Spread,
    /// Of the server until it was quiet, receipts of every member included.
    pub(crate) first_cpu_seconds: f64,
    pub(crate) again_cpu_seconds: f64,
    /// Members whose phone does not show every message.
    pub(crate) missing: u32,
}

/// All groups.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Groups {
    pub(crate) groups: Vec<Sent>,
    pub(crate) first: Series,
    pub(crate) again: Series,
    pub(crate) cpu: Series,
}

pub(super) async fn measure(place: &Workplace, cast: &Cast, options: &Options) -> Result<Groups> {
    let mut groups = Vec::new();
    // Nobody is in two groups: the second would find the sessions of the first.
    let mut first = 2_000_000;
    for members in options.groups() {
        say(&format!("sending to a group of {members}"));
        groups.push(one(place, cast, members, first).await?);
        first += members;
    }
    let against = |cost, of: fn(&Sent) -> f64| {
        Series::new("members", cost, groups.iter().map(|group| (f64::from(group.members), of(group))).collect())
    };
    Ok(Groups {
        first: against("ms, first message", |group| group.first_ms),
        again: against("ms, further message", |group| group.again_ms.median),
        cpu: against("CPU seconds of the server, further message", |group| group.again_cpu_seconds),
        groups,
    })
}

/// A group of `members`, the number among them; the others are the phones from `first` on.
async fn one(place: &Workplace, cast: &Cast, members: u32, first: u32) -> Result<Sent> {
    let number = &cast.grouped;
    let people: Vec<String> = (first..first + members - 1).map(|n| format!("+1601{n:07}")).collect();
    let new = json!({ "subject": format!("Group of {members}"), "participants": people });
    let made = place.phones.drive(&number.phone, "groups", Some(new)).await?;
    let id = made["id"].as_str().ok_or_else(|| Failure::new("a group without an id"))?.to_owned();
    known(place, &number.id, &id).await?;
    footprint::quiet(place.server.pid, AFTERMATH).await?;

    let mut before = Vec::new();
    for phone in &people {
        before.push(place.phones.newest(phone).await?);
    }
    let (mut took, mut cpu) = (Vec::new(), Vec::new());
    for n in 0..=AGAIN {
        let used = footprint::cpu_seconds(place.server.pid)?;
        let began = Instant::now();
        let message = json!({ "device": number.id, "group": id, "message": format!("news {n}") });
        place.api.post("/v1/messages", &message).await?;
        let (Some(last), Some(after)) = (people.last(), before.last()) else {
            return Err(Failure::new("a group needs people"));
        };
        while !place.phones.shows_after(last, after + n as u64).await? {
            if began.elapsed() > PATIENCE {
                return Err(Failure::new(format!("message {n} was not on the last phone within {PATIENCE:?}")));
            }
            tokio::time::sleep(LOOK).await;
        }
        took.push(began.elapsed().as_secs_f64() * 1000.0);
        cpu.push(footprint::quiet(place.server.pid, AFTERMATH).await? - used);
    }
    let mut missing = 0;
    for (phone, after) in people.iter().zip(&before) {
        missing += u32::from(!place.phones.shows_after(phone, after + AGAIN as u64).await?);
    }
    let again_ms = Spread::of(took.split_off(1)).ok_or_else(|| Failure::new("no further message"))?;
    let again_cpu = Spread::of(cpu.split_off(1)).ok_or_else(|| Failure::new("no further message"))?;
    Ok(Sent {
        members,
        first_ms: took[0],
        again_ms,
        first_cpu_seconds: cpu[0],
        again_cpu_seconds: again_cpu.median,
        missing,
    })
}

/// Waits until the server knows the group.
async fn known(place: &Workplace, device: &str, group: &str) -> Result<()> {
    let began = Instant::now();
    let path = format!("/v1/devices/{device}/groups/{group}");
    loop {
        match place.api.get(&path).await {
            Ok(_) => return Ok(()),
            Err(failure) if began.elapsed() > PATIENCE => return Err(failure),
            Err(_) => tokio::time::sleep(LOOK * 25).await,
        }
    }
}
