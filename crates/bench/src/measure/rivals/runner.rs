//! SparkBot and the others behind the same few questions.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::driver::Driver;
use crate::failure::{Failure, Result};
use crate::footprint;
use crate::load::Plan;
use crate::measure::cast::Pair;
use crate::measure::{linking, restart, sending};
use crate::workplace::{Ending, Number, Workplace};

/// How long it may go on working after the last message, on receipts.
const AFTERMATH: Duration = Duration::from_secs(15);
/// How long one round may send.
const AT_MOST: Duration = Duration::from_secs(240);
/// Numbers that are linked at the same time.
const AT_ONCE: u32 = 4;

/// What holds numbers.
pub(super) enum Runner {
    SparkBot { place: Option<Box<Workplace>>, numbers: Vec<Number> },
    Rival { name: &'static str, driver: Option<Box<Driver>> },
}

/// What to send: `messages` from the first `numbers`, each to `people` in turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'t> {
    pub(super) name: &'t str,
    pub(super) messages: u32,
    pub(super) numbers: u32,
    pub(super) people: u32,
    /// Under way at any time.
    pub(super) concurrency: u32,
}

/// What it took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done {
    pub(super) per_second: f64,
    /// Until it was quiet again.
    pub(super) cpu_per_thousand: f64,
    pub(super) missing: u32,
}

fn gone() -> Failure {
    Failure::new("it did not come back from a restart")
}

impl Runner {
    /// A server that has no numbers yet, in place of the one that was measured.
    pub(super) async fn sparkbot(place: Workplace) -> Result<Self> {
        let place = place.afresh("beside-rivals").await?;
        Ok(Self::SparkBot { place: Some(Box::new(place)), numbers: Vec::new() })
    }

    pub(super) async fn rival(program: &Path, name: &'static str, place: &Workplace) -> Result<Self> {
        let driver = Driver::start(program, name, &place.phones.control, &place.beside(name)).await?;
        Ok(Self::Rival { name, driver: Some(Box::new(driver)) })
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::SparkBot { .. } => "SparkBot",
            Self::Rival { name: "baileys", .. } => "Baileys",
            Self::Rival { .. } => "whatsmeow",
        }
    }

    pub(super) fn version(&self) -> String {
        match self {
            Self::SparkBot { .. } => env!("CARGO_PKG_VERSION").to_owned(),
            Self::Rival { driver, .. } => driver.as_ref().map_or_else(String::new, |driver| driver.version.clone()),
        }
    }

    pub(super) fn pid(&self) -> Result<u32> {
        match self {
            Self::SparkBot { place, .. } => Ok(place.as_ref().ok_or_else(gone)?.server.pid),
            Self::Rival { driver, .. } => Ok(driver.as_ref().ok_or_else(gone)?.pid),
        }
    }

    /// Links until there are so many.
    pub(super) async fn link(&mut self, up_to: u32) -> Result<()> {
        match self {
            Self::SparkBot { place, numbers } => {
                let place = place.as_ref().ok_or_else(gone)?;
                // Numbers of their own: those of the server before are still linked to it.
                let first = FIRST + u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                numbers.extend(linking::link(place, first..FIRST + up_to, AT_ONCE).await?);
            }
            Self::Rival { driver, .. } => {
                let link = json!({ "do": "link", "numbers": up_to, "concurrency": AT_ONCE });
                driver.as_mut().ok_or_else(gone)?.tell(&link, "linked").await?;
            }
        }
        Ok(())
    }

    /// Ends it and starts it again, until all of its numbers are back.
    pub(super) async fn restart(&mut self) -> Result<()> {
        match self {
            Self::SparkBot { place, numbers } => {
                let (again, _) = restart::again(*place.take().ok_or_else(gone)?, Ending::Asked, numbers).await?;
                *place = Some(Box::new(again));
            }
            Self::Rival { driver, .. } => {
                let again = driver.take().ok_or_else(gone)?.restart().await?;
                *driver = Some(Box::new(again));
            }
        }
        Ok(())
    }

    /// Has it collect its garbage, where there is such a thing.
    pub(super) async fn rest(&mut self) -> Result<()> {
        if let Self::Rival { driver, .. } = self {
            driver.as_mut().ok_or_else(gone)?.tell(&json!({ "do": "rest" }), "resting").await?;
        }
        Ok(())
    }

    /// Sends, and waits for the last to be on its phone.
    pub(super) async fn send(&mut self, task: Task<'_>) -> Result<Done> {
        let pid = self.pid()?;
        let before = footprint::quiet(pid, AFTERMATH).await?;
        let (seconds, missing) = match self {
            Self::SparkBot { place, numbers } => sparkbot(place.as_ref().ok_or_else(gone)?, numbers, task).await?,
            Self::Rival { driver, .. } => {
                let driver = driver.as_mut().ok_or_else(gone)?;
                let send = json!({ "do": "send", "messages": task.messages, "numbers": task.numbers,
                    "phones": task.people, "concurrency": task.concurrency, "name": task.name });
                let told = driver.tell(&send, "arrived").await?;
                (told["seconds"].as_f64().unwrap_or(0.0), told["missing"].as_u64().unwrap_or(0))
            }
        };
        let cpu = footprint::quiet(pid, AFTERMATH).await? - before;
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let arrived = f64::from(task.messages.saturating_sub(missing));
        if seconds <= 0.0 || arrived <= 0.0 {
            return Err(Failure::new(format!("{} has sent nothing", self.name())));
        }
        Ok(Done { per_second: arrived / seconds, cpu_per_thousand: cpu * 1000.0 / arrived, missing })
    }
}

/// The first number of the server beside the rivals.
const FIRST: u32 = 10_000;
/// The first phone that it writes to.
const PEOPLE: u32 = 10_000;

async fn sparkbot(place: &Workplace, numbers: &[Number], task: Task<'_>) -> Result<(f64, u64)> {
    let numbers = &numbers[..numbers.len().min(task.numbers as usize)];
    let mut pairs = Vec::new();
    for n in PEOPLE..PEOPLE + task.people {
        let phone = crate::measure::friend(n);
        place.phones.create(&phone).await?;
        pairs.extend(numbers.iter().map(|number| Pair { number: number.clone(), phone: phone.clone() }));
    }
    let plan = Plan { requests: task.messages, connections: task.concurrency, at_most: AT_MOST, rate: None };
    let pairs = Arc::new(pairs);
    let watch = sending::Watch::before(&place.phones, &pairs).await?;
    let sent = sending::post(place, &pairs, task.name, plan).await?;
    let seen = watch.until_all(&place.phones, &pairs, task.name, sent.requests()).await?;
    let missing = u64::from(task.messages).saturating_sub(u64::from(seen.arrived));
    Ok((seen.last.duration_since(sent.began).as_secs_f64(), missing))
}
