//! Numbers linked by QR, and what each one adds. A QR spares both sides the code's 131,072 rounds of hashing, which
//! no number costs again afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::JoinSet;

use super::owner;
use crate::failure::{Failure, Result};
use crate::footprint::{self, Footprint};
use crate::http::{Api, Phones};
use crate::options::Options;
use crate::progress::{Progress, say};
use crate::stats::Series;
use crate::workplace::{Number, Workplace};

/// How long one number may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// How often a number is asked whether it is online: each time costs the server
/// a request.
const LOOK: Duration = Duration::from_millis(100);

/// The server with so many numbers, at rest.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Point {
    pub(crate) numbers: u32,
    pub(crate) footprint: Footprint,
    pub(crate) data_kib: u64,
}

/// What linking cost.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Linking {
    pub(crate) points: Vec<Point>,
    pub(crate) rss: Series,
    pub(crate) anonymous: Series,
    pub(crate) file: Series,
    pub(crate) disk: Series,
    /// Without the pauses in which memory settles.
    pub(crate) seconds: f64,
    pub(crate) cpu_seconds: f64,
    pub(crate) sandbox_cpu_seconds: f64,
}

pub(super) async fn measure(place: &Workplace, options: &Options) -> Result<(Linking, Vec<Number>)> {
    say("waiting for the empty server to settle");
    let mut points = vec![point(place, 0).await?];
    let mut numbers = Vec::new();
    let (mut seconds, mut cpu, mut sandbox_cpu) = (0.0, 0.0, 0.0);
    let mut linked = 0;
    for up_to in options.numbers() {
        let (began, cpu_before) = (Instant::now(), footprint::cpu_seconds(place.server.pid)?);
        let sandbox_before = footprint::cpu_seconds(place.sandbox.pid)?;
        numbers.extend(link(place, linked..up_to, options.at_once).await?);
        seconds += began.elapsed().as_secs_f64();
        let point = point(place, up_to).await?;
        // What goes on after the last one is online belongs to linking too.
        cpu += point.footprint.cpu_seconds - cpu_before;
        sandbox_cpu += footprint::cpu_seconds(place.sandbox.pid)? - sandbox_before;
        points.push(point);
        linked = up_to;
    }
    let series = |cost, of: fn(&Point) -> u64| {
        Series::new("numbers", cost, points.iter().map(|p| (f64::from(p.numbers), of(p) as f64)).collect())
    };
    let linking = Linking {
        rss: series("KiB resident", |p| p.footprint.memory.rss),
        anonymous: series("KiB resident, anonymous", |p| p.footprint.memory.anonymous),
        file: series("KiB resident, of files", |p| p.footprint.memory.file + p.footprint.memory.shared),
        disk: series("KiB on disk", |p| p.data_kib),
        points,
        seconds,
        cpu_seconds: cpu,
        sandbox_cpu_seconds: sandbox_cpu,
    };
    Ok((linking, numbers))
}

async fn point(place: &Workplace, numbers: u32) -> Result<Point> {
    let footprint = footprint::settled(place.server.pid).await?;
    Ok(Point { numbers, footprint, data_kib: place.data_kib() })
}

/// Links numbers `range`, `at_once` at a time.
pub(super) async fn link(place: &Workplace, range: std::ops::Range<u32>, at_once: u32) -> Result<Vec<Number>> {
    let progress = Arc::new(Progress::new(
        format!("linking numbers {} to {}", range.start + 1, range.end),
        (range.end - range.start).into(),
    ));
    let next = Arc::new(AtomicU32::new(range.start));
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let (api, phones) = (place.api.clone(), place.phones.clone());
        let (next, progress, end) = (next.clone(), progress.clone(), range.end);
        workers.spawn(async move {
            let mut linked = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= end {
                    return Ok::<_, Failure>(linked);
                }
                let one = tokio::time::timeout(PATIENCE, link_one(&api, &phones, n)).await;
                linked.push(one.map_err(|_| Failure::new(format!("number {n} was not online within {PATIENCE:?}")))??);
                progress.step();
            }
        });
    }
    let mut numbers = Vec::new();
    while let Some(linked) = workers.join_next().await {
        numbers.extend(linked.map_err(|error| Failure::new(error.to_string()))??);
    }
    numbers.sort_by(|a, b| a.phone.cmp(&b.phone));
    Ok(numbers)
}

pub(super) async fn link_one(api: &Api, phones: &Phones, n: u32) -> Result<Number> {
    let phone = owner(n);
    let device = api.post("/v1/devices", &json!({ "alias": format!("Number {n}") })).await?;
    let id = device["id"].as_str().ok_or_else(|| Failure::new("a device without an id"))?.to_owned();
    let qr = api.get(&format!("/v1/devices/{id}/scan?encoding=uri")).await?;
    let qr = qr["data"].as_str().ok_or_else(|| Failure::new("a QR code without its text"))?.to_owned();
    phones.scan(&phone, &qr).await?;
    let path = format!("/v1/devices/{id}");
    while api.get(&path).await?["session"]["status"] != "online" {
        tokio::time::sleep(LOOK).await;
    }
    Ok(Number { id, phone })
}
