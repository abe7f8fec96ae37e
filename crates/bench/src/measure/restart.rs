//! The server ended and started again, until every number is back.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::JoinSet;

use crate::failure::{Failure, Result};
use crate::footprint::{self, Footprint};
use crate::progress::say;
use crate::workplace::{Ending, Number, Workplace};

/// How often it is asked who is online.
const LOOK: Duration = Duration::from_millis(50);
/// Numbers that are disabled at the same time.
const AT_ONCE: usize = 8;
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// One restart; times are from the start of the process, in seconds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Restart {
    /// Numbers that were to come online.
    pub(crate) numbers: u32,
    /// `after SIGTERM`, `after kill -9`.
    pub(crate) after: String,
    /// How long the end took.
    pub(crate) ending_seconds: f64,
    pub(crate) first_answer_seconds: Option<f64>,
    pub(crate) ready_seconds: f64,
    /// Until half, and all, of the numbers had a fresh connection at the sandbox.
    pub(crate) half_connected_seconds: f64,
    pub(crate) all_connected_seconds: f64,
    /// Until all were connected and the API showed them online, since the restart.
    pub(crate) all_online_seconds: f64,
    /// Processor time of the server until then.
    pub(crate) cpu_seconds: f64,
    /// At rest afterwards.
    pub(crate) footprint: Footprint,
}

pub(super) async fn measure(place: Workplace, ending: Ending, numbers: &[Number]) -> Result<(Workplace, Restart)> {
    let (place, online) = again(place, ending, numbers).await?;
    say(&format!("all online after {:.2} s; waiting for the memory to settle", online.online.as_secs_f64()));
    let restart = Restart {
        numbers: u32::try_from(numbers.len()).unwrap_or(u32::MAX),
        after: ending.to_string(),
        ending_seconds: online.ended.as_secs_f64(),
        first_answer_seconds: place.server.answered_after.map(|after| after.as_secs_f64()),
        ready_seconds: place.server.ready_after.as_secs_f64(),
        half_connected_seconds: online.half.as_secs_f64(),
        all_connected_seconds: online.connected.as_secs_f64(),
        all_online_seconds: online.online.as_secs_f64(),
        cpu_seconds: online.cpu,
        footprint: footprint::settled(place.server.pid).await?,
    };
    Ok((place, restart))
}

/// Ends the server, starts it again and waits until all numbers are back.
pub(super) async fn again(place: Workplace, ending: Ending, numbers: &[Number]) -> Result<(Workplace, Online)> {
    say(&format!("restarting the server with {} numbers, {ending}", numbers.len()));
    let before = place.api.online_since().await?.pop().unwrap_or_default();
    let known: HashSet<u64> = place.phones.logged_in().await?.into_iter().map(|(id, _)| id).collect();
    let (place, ended) = place.restart(ending).await?;
    let online = tokio::time::timeout(PATIENCE, all_online(&place, &known, &before, numbers, ended));
    let online = online
        .await
        .map_err(|_| Failure::new(format!("not all numbers were online within {PATIENCE:?} {ending}")))??;
    Ok((place, online))
}

/// Disables numbers until so many of them are left; those that are.
pub(super) async fn leave(place: &Workplace, mut numbers: Vec<Number>, left: u32) -> Result<Vec<Number>> {
    let others = numbers.split_off(numbers.len().min(left as usize));
    if others.is_empty() {
        return Ok(numbers);
    }
    say(&format!("disabling {} of the numbers", others.len()));
    let mut workers = JoinSet::new();
    for some in others.chunks(others.len().div_ceil(AT_ONCE)) {
        let (api, some) = (place.api.clone(), some.to_vec());
        workers.spawn(async move {
            for number in some {
                let body = json!({ "enable": false });
                api.change(Method::PATCH, &format!("/v1/devices/{}", number.id), Some(&body)).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(done) = workers.join_next().await {
        done.map_err(|error| Failure::new(error.to_string()))??;
    }
    Ok(numbers)
}

/// How a restart went; times are from the start of the process.
pub(super) struct Online {
    ended: Duration,
    half: Duration,
    connected: Duration,
    online: Duration,
    cpu: f64,
}

/// Waits until the sandbox has a fresh connection for each number and the API
/// shows all of them as online since the restart: after `kill -9` its rows
/// still say what they said before.
async fn all_online(
    place: &Workplace,
    known: &HashSet<u64>,
    before: &str,
    numbers: &[Number],
    ended: Duration,
) -> Result<Online> {
    let started = place.server.started;
    let wanted: HashSet<&str> = numbers.iter().map(|number| number.phone.as_str()).collect();
    let (mut half, mut connected) = (None, None);
    loop {
        let there = place.phones.logged_in().await?;
        let there: HashSet<&str> = there
            .iter()
            .filter(|(id, phone)| !known.contains(id) && wanted.contains(phone.as_str()))
            .map(|(_, phone)| phone.as_str())
            .collect();
        if there.len() * 2 >= wanted.len() {
            half.get_or_insert_with(|| started.elapsed());
        }
        if there.len() == wanted.len() {
            connected.get_or_insert_with(|| started.elapsed());
            if place.api.online().await? >= wanted.len() as u64 {
                let (online, cpu) = (started.elapsed(), footprint::cpu_seconds(place.server.pid)?);
                let since = place.api.online_since().await?;
                if since.len() >= wanted.len() && since.iter().all(|at| at.as_str() > before) {
                    let connected = connected.unwrap_or(online);
                    return Ok(Online { ended, half: half.unwrap_or(connected), connected, online, cpu });
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
