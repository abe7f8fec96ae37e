//! What a user would pick instead, on the same sandbox, in turn with SparkBot: the
//! whole server against bare libraries.

mod driver;
mod runner;

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Result};
use crate::footprint;
use crate::options::Options;
use crate::progress::say;
use crate::stats::Spread;
use crate::workplace::Workplace;
use runner::{Done, Runner, Task};

/// Numbers that send, and phones that each of them writes to.
const SENDERS: u32 = 16;
const PEOPLE: u32 = 8;
/// How long memory is given to come to rest: it is measured in every run.
const SETTLING: Duration = Duration::from_secs(5);
/// Messages under way at any time.
const CONCURRENCY: u32 = 64;

/// One of them; a value for each run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contestant {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Resident KiB with the fewer numbers, and with the more, each after a start.
    pub(crate) fewer_kib: Vec<f64>,
    pub(crate) more_kib: Vec<f64>,
    /// KiB of one further idle number.
    pub(crate) idle_kib: Vec<f64>,
    /// On phones per second, and CPU seconds for 1,000.
    pub(crate) per_second: Vec<f64>,
    pub(crate) cpu_per_thousand: Vec<f64>,
    /// The same for active numbers.
    pub(crate) active_kib: Vec<f64>,
    pub(crate) active_per_second: Vec<f64>,
    pub(crate) active_cpu_per_thousand: Vec<f64>,
    /// Messages that did not arrive.
    pub(crate) missing: u32,
}

/// SparkBot's figure divided by a rival's, run by run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ratio {
    pub(crate) what: String,
    pub(crate) rival: String,
    pub(crate) spread: Spread,
}

/// All of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contest {
    /// Numbers between which memory is compared.
    pub(crate) numbers: (u32, u32),
    /// Messages of one run.
    pub(crate) messages: u32,
    /// Active numbers, the chats of each, and the messages that each has sent in the end.
    pub(crate) active: (u32, u32, u32),
    /// SparkBot first.
    pub(crate) contestants: Vec<Contestant>,
    pub(crate) ratios: Vec<Ratio>,
}

/// Names of what is compared.
pub(crate) const IDLE: &str = "memory of a further idle number";
pub(crate) const RATE: &str = "messages on phones per second";
pub(crate) const CPU: &str = "CPU for a message";
pub(crate) const ACTIVE: &str = "memory of a further active number";
pub(crate) const ACTIVE_RATE: &str = "messages of active numbers per second";
pub(crate) const ACTIVE_CPU: &str = "CPU for a message of an active number";

/// Ends the server of `place` and measures a new one beside the rivals.
pub(super) async fn measure(place: Workplace, program: &Path, options: &Options) -> Result<Contest> {
    if !program.is_file() {
        return Err(Failure::new(format!("there is no {}; name its folder with --rivals", program.display())));
    }
    say("fetching the rivals");
    let fetched = tokio::process::Command::new(program).arg("install").status().await;
    if !fetched.is_ok_and(|status| status.success()) {
        return Err(Failure::new(format!("`{} install` failed", program.display())));
    }
    let mut rivals = Vec::new();
    for name in ["baileys", "whatsmeow"] {
        rivals.push(Runner::rival(program, name, &place).await?);
    }
    let mut runners = vec![Runner::sparkbot(place).await?];
    runners.extend(rivals);
    let mut found: Vec<Contestant> = runners
        .iter()
        .map(|runner| Contestant { name: runner.name().to_owned(), version: runner.version(), ..Contestant::default() })
        .collect();
    let (fewer, more) = options.rival_numbers();
    for (numbers, of) in [(fewer, (|c| &mut c.fewer_kib) as Field), (more, |c| &mut c.more_kib)] {
        for runner in &mut runners {
            say(&format!("{}: linking {numbers} numbers", runner.name()));
            runner.link(numbers).await?;
        }
        for run in 0..options.runs() {
            say(&format!("memory with {numbers} numbers, run {} of {}", run + 1, options.runs()));
            for runner in &mut runners {
                runner.restart().await?;
            }
            for (contestant, kib) in found.iter_mut().zip(resident(&mut runners).await?) {
                of(contestant).push(kib);
            }
        }
    }
    for contestant in &mut found {
        let pairs = contestant.fewer_kib.iter().zip(&contestant.more_kib);
        contestant.idle_kib =
            pairs.map(|(fewer_kib, more_kib)| (more_kib - fewer_kib) / f64::from(more - fewer)).collect();
    }
    idle(&mut runners, &mut found, options).await?;
    let active = active(&mut runners, &mut found, options).await?;
    let ratios = ratios(&found);
    Ok(Contest { numbers: (fewer, more), messages: options.rival_messages(), active, contestants: found, ratios })
}

type Field = fn(&mut Contestant) -> &mut Vec<f64>;
/// A figure of each run.
pub(crate) type Runs = fn(&Contestant) -> &Vec<f64>;

/// Of all of them, once it stands still.
async fn resident(runners: &mut [Runner]) -> Result<Vec<f64>> {
    let mut settling = Vec::new();
    for runner in runners {
        runner.rest().await?;
        settling.push(tokio::spawn(footprint::settled_after(runner.pid()?, SETTLING)));
    }
    let mut kib = Vec::new();
    for one in settling {
        let footprint = one.await.map_err(|error| Failure::new(error.to_string()))??;
        kib.push(footprint.memory.rss as f64);
    }
    Ok(kib)
}

/// Rounds of the same messages, in turn.
async fn idle(runners: &mut [Runner], found: &mut [Contestant], options: &Options) -> Result<()> {
    let numbers = SENDERS.min(options.rival_numbers().0);
    let task = Task { name: "warm", messages: numbers * PEOPLE, numbers, people: PEOPLE, concurrency: CONCURRENCY };
    for runner in runners.iter_mut() {
        say(&format!("{}: making the keys of {} conversations", runner.name(), numbers * PEOPLE));
        runner.send(task).await?;
    }
    for run in 0..options.runs() {
        for (runner, contestant) in runners.iter_mut().zip(found.iter_mut()) {
            let messages = options.rival_messages();
            say(&format!("{}: sending {messages} messages, run {} of {}", runner.name(), run + 1, options.runs()));
            let name = format!("run {run}");
            let done = runner.send(Task { name: &name, messages, ..task }).await?;
            told(runner, done);
            contestant.per_second.push(done.per_second);
            contestant.cpu_per_thousand.push(done.cpu_per_thousand);
            contestant.missing += done.missing;
        }
    }
    Ok(())
}

/// A few numbers that write with many people: half of their messages to make the
/// chats, the others in runs.
async fn active(runners: &mut [Runner], found: &mut [Contestant], options: &Options) -> Result<(u32, u32, u32)> {
    let (numbers, chats, messages) = options.active();
    let first = numbers * chats;
    let task = Task { name: "active", messages: first, numbers, people: chats, concurrency: CONCURRENCY };
    let before = resident(runners).await?;
    for runner in runners.iter_mut() {
        say(&format!("{}: {numbers} numbers write to {chats} people each", runner.name()));
        let done = runner.send(task).await?;
        told(runner, done);
    }
    let each = (numbers * messages).saturating_sub(first) / options.runs();
    for run in 0..options.runs() {
        for (runner, contestant) in runners.iter_mut().zip(found.iter_mut()) {
            say(&format!(
                "{}: {each} messages of active numbers, run {} of {}",
                runner.name(),
                run + 1,
                options.runs()
            ));
            let name = format!("active {run}");
            let done = runner.send(Task { name: &name, messages: each, ..task }).await?;
            told(runner, done);
            contestant.active_per_second.push(done.per_second);
            contestant.active_cpu_per_thousand.push(done.cpu_per_thousand);
            contestant.missing += done.missing;
        }
        for ((contestant, now), before) in found.iter_mut().zip(resident(runners).await?).zip(&before) {
            let idle = contestant.idle_kib[run as usize % contestant.idle_kib.len()];
            contestant.active_kib.push(idle + (now - before) / f64::from(numbers));
        }
    }
    Ok((numbers, chats, messages))
}

fn told(runner: &Runner, done: Done) {
    say(&format!(
        "{}: {:.0} per second, {:.2} CPU seconds for 1,000, {} missing",
        runner.name(),
        done.per_second,
        done.cpu_per_thousand,
        done.missing
    ));
}

fn ratios(found: &[Contestant]) -> Vec<Ratio> {
    let [own, rivals @ ..] = found else { return Vec::new() };
    let figures: [(&str, Runs); 6] = [
        (RATE, |c| &c.per_second),
        (CPU, |c| &c.cpu_per_thousand),
        (IDLE, |c| &c.idle_kib),
        (ACTIVE_RATE, |c| &c.active_per_second),
        (ACTIVE_CPU, |c| &c.active_cpu_per_thousand),
        (ACTIVE, |c| &c.active_kib),
    ];
    let mut ratios = Vec::new();
    for rival in rivals {
        for (what, of) in figures {
            let runs = of(own).iter().zip(of(rival)).map(|(own, rival)| own / rival).collect();
            let spread = Spread::of(runs);
            ratios.extend(spread.map(|spread| Ratio { what: what.to_owned(), rival: rival.name.clone(), spread }));
        }
    }
    ratios
}

#[cfg(test)]
mod tests {
    use super::{CPU, Contestant, RATE, ratios};

    #[test]
    fn ratios_are_taken_run_by_run() {
        let own = Contestant {
            name: "SparkBot".to_owned(),
            per_second: vec![100.0, 200.0, 300.0],
            cpu_per_thousand: vec![1.0, 1.0, 1.0],
            ..Contestant::default()
        };
        let rival = Contestant {
            name: "Other".to_owned(),
            per_second: vec![10.0, 10.0, 100.0],
            cpu_per_thousand: vec![4.0, 2.0, 8.0],
            ..Contestant::default()
        };
        let ratios = ratios(&[own, rival]);
        let of = |what| ratios.iter().find(|ratio| ratio.what == what).map(|ratio| ratio.spread).unwrap();
        assert_eq!(ratios.len(), 2, "what was not measured has no ratio");
        assert_eq!((of(RATE).min, of(RATE).median, of(RATE).max, of(RATE).runs), (3.0, 10.0, 20.0, 3));
        assert_eq!((of(CPU).min, of(CPU).median, of(CPU).max), (0.125, 0.25, 0.5));
    }
}
