//! A phone with a long past is linked: until all of it is in the inbox, and how
//! quickly the API answers meanwhile.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::linking::link_one;
use super::owner;
use crate::failure::{Failure, Result};
use crate::footprint;
use crate::options::Options;
use crate::progress::say;
use crate::stats::Latency;
use crate::workplace::Workplace;

/// The phone with the past.
const PHONE: u32 = 5_000;
/// How long it may take altogether.
const PATIENCE: Duration = Duration::from_secs(900);
/// Between two requests that are timed.
const PAUSE: Duration = Duration::from_millis(50);
/// Chats that are compared with the phone, message by message.
const COMPARED: usize = 20;

/// What it took.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct History {
    pub(crate) chats: u32,
    pub(crate) messages: u64,
    /// From the request for a QR until everything can be found.
    pub(crate) seconds: f64,
    /// Of that, until the number was online.
    pub(crate) online_seconds: f64,
    pub(crate) cpu_seconds: f64,
    /// KiB, at its highest until then.
    pub(crate) peak_kib: u64,
    /// Chats that were compared with the phone, and those that differed.
    pub(crate) compared: usize,
    pub(crate) different: usize,
    /// Of requests made meanwhile.
    pub(crate) latencies: Vec<Latency>,
}

/// Requests that people make while history comes in.
const REQUESTS: [(&str, &str); 3] = [
    ("GET newest messages", "messages?size=20"),
    ("GET messages by word", "messages?size=20&search=order"),
    ("GET files", "files?size=20"),
];

pub(super) async fn measure(place: &Workplace, options: &Options) -> Result<History> {
    let (chats, each) = (options.history_chats, options.history_messages);
    let wanted = u64::from(chats) * u64::from(each);
    say(&format!("linking a phone with {chats} chats and {wanted} messages"));
    let phone = owner(PHONE);
    place.phones.create(&phone).await?;
    let past = json!({ "chats": chats, "messagesPerChat": each, "days": 60, "seed": 1 });
    place.phones.drive(&phone, "history", Some(past)).await?;
    let cpu_before = footprint::cpu_seconds(place.server.pid)?;
    let began = Instant::now();
    let number = link_one(&place.api, &place.phones, PHONE).await?;
    let online_seconds = began.elapsed().as_secs_f64();
    let base = format!("/v1/chat/{}", number.id);
    let mut took: Vec<Vec<f64>> = vec![Vec::new(); REQUESTS.len()];
    let mut next = 0;
    let seconds = loop {
        let (_, path) = REQUESTS[next % REQUESTS.len()];
        let asked = Instant::now();
        place.api.get(&format!("{base}/{path}")).await?;
        took[next % REQUESTS.len()].push(asked.elapsed().as_secs_f64() * 1000.0);
        next += 1;
        if next.is_multiple_of(5) && is_there(place, &base, wanted).await? {
            break began.elapsed().as_secs_f64();
        }
        if began.elapsed() > PATIENCE {
            return Err(Failure::new(format!("the history was not there within {PATIENCE:?}")));
        }
        tokio::time::sleep(PAUSE).await;
    };
    let cpu_seconds = footprint::cpu_seconds(place.server.pid)? - cpu_before;
    let footprint = footprint::of(place.server.pid)?;
    let (compared, different) = compare(place, &phone, &base, chats, each).await?;
    Ok(History {
        chats,
        messages: wanted,
        seconds,
        online_seconds,
        cpu_seconds,
        peak_kib: footprint.memory.peak,
        compared,
        different,
        latencies: REQUESTS.iter().zip(took).map(|((name, _), ms)| Latency::new(name, ms)).collect(),
    })
}

/// Whether so many messages are there: one more than all others can be shown.
async fn is_there(place: &Workplace, base: &str, messages: u64) -> Result<bool> {
    let last = place.api.get(&format!("{base}/messages?size=1&skip={}", messages.saturating_sub(1))).await?;
    Ok(last.as_array().is_some_and(|list| !list.is_empty()))
}

/// Chats spread over all of them, as the phone and as the API show them.
async fn compare(place: &Workplace, phone: &str, base: &str, chats: u32, each: u32) -> Result<(usize, usize)> {
    let list = place.phones.drive(phone, "chats", None).await?;
    let list = list["chats"].as_array().cloned().unwrap_or_default();
    let step = (usize::try_from(chats).unwrap_or(1) / COMPARED).max(1);
    let (mut compared, mut different) = (0, 0);
    for chat in list.iter().step_by(step) {
        let number = chat["chat"].as_str().unwrap_or_default();
        let told = place.phones.drive(phone, &format!("history?limit=1000&chat=%2B{}", &number[1..]), None).await?;
        let mut there = texts(&told["messages"], "text");
        let (mut here, mut page) = (Vec::new(), 0);
        while here.len() < there.len() && page <= each / 200 {
            let path = format!("{base}/messages?chat={}@c.us&size=200&page={page}", &number[1..]);
            here.extend(texts(&place.api.get(&path).await?, "body"));
            page += 1;
        }
        here.sort();
        there.sort();
        compared += 1;
        different += usize::from(here != there);
    }
    Ok((compared, different))
}

fn texts(list: &Value, field: &str) -> Vec<(String, String)> {
    let text = |message: &Value, field: &str| message[field].as_str().unwrap_or_default().to_owned();
    list.as_array().into_iter().flatten().map(|message| (text(message, "id"), text(message, field))).collect()
}
