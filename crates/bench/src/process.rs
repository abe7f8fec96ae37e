//! The binary as a process: started, timed, ended.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::failure::{Failure, Result};

/// How long a process may take to be ready, or to end when asked.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a server that is starting is knocked at.
const KNOCK: Duration = Duration::from_millis(2);

/// A running process. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    pub(crate) pid: u32,
    pub(crate) ready: Value,
    /// The moment before it was started.
    pub(crate) started: Instant,
    /// From there to its line of JSON.
    pub(crate) ready_after: Duration,
    /// From there to the first answer at the address that was knocked at.
    pub(crate) answered_after: Option<Duration>,
}

impl Process {
    /// Starts `program` and waits for its line of JSON, and for an answer at
    /// `knock_at` when there is one.
    pub(crate) async fn start(
        program: &Path,
        arguments: &[String],
        log: &Path,
        knock_at: Option<(&reqwest::Client, String)>,
    ) -> Result<Self> {
        let stderr = File::options()
            .create(true)
            .append(true)
            .open(log)
            .map_err(|error| Failure::new(format!("{}: {error}", log.display())))?;
        let started = Instant::now();
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Failure::new(format!("{} can't be started: {error}", program.display())))?;
        let pid = child.id().ok_or_else(|| ended(arguments, log))?;
        let stdout = child.stdout.take().ok_or_else(|| ended(arguments, log))?;
        let mut lines = BufReader::new(stdout).lines();
        let ready = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Ok(value) = serde_json::from_str::<Value>(&line) {
                    return Ok((value, started.elapsed()));
                }
            }
            Err(ended(arguments, log))
        };
        let answered = async {
            match knock_at {
                Some((http, url)) => Some(first_answer(http, &url, started).await),
                None => None,
            }
        };
        let both = async {
            let (ready, answered) = tokio::join!(ready, tokio::time::timeout(PATIENCE, answered));
            Ok::<_, Failure>((ready?, answered.ok().flatten()))
        };
        let ((ready, ready_after), answered_after) = tokio::time::timeout(PATIENCE, both)
            .await
            .map_err(|_| Failure::new(format!("{} was not ready within {PATIENCE:?}", program.display())))??;
        // The pipe stays open, or the process would die of its next word.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { child, pid, ready, started, ready_after, answered_after })
    }

    /// Asks it to end; how long that took.
    pub(crate) async fn stop(mut self) -> Result<Duration> {
        let began = Instant::now();
        let failed = |error: std::io::Error| Failure::new(format!("process can't be ended: {error}"));
        Command::new("kill").args(["-TERM", &self.pid.to_string()]).status().await.map_err(failed)?;
        tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .map_err(|_| Failure::new(format!("the process did not end within {PATIENCE:?}")))?
            .map_err(failed)?;
        Ok(began.elapsed())
    }

    /// `kill -9`.
    pub(crate) async fn kill(mut self) -> Result<Duration> {
        let began = Instant::now();
        self.child.kill().await.map_err(|error| Failure::new(format!("process can't be killed: {error}")))?;
        Ok(began.elapsed())
    }
}

async fn first_answer(http: &reqwest::Client, url: &str, started: Instant) -> Duration {
    loop {
        if http.get(url).send().await.is_ok_and(|response| response.status().is_success()) {
            return started.elapsed();
        }
        tokio::time::sleep(KNOCK).await;
    }
}

fn ended(arguments: &[String], log: &Path) -> Failure {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(20)..].join("\n");
    Failure::new(format!(
        "`sparkbot {}` ended before it was ready:\n{last}",
        arguments.first().map_or("", String::as_str)
    ))
}

/// The binary to measure.
pub(crate) fn program(chosen: Option<&PathBuf>) -> Result<PathBuf> {
    let path = match chosen {
        Some(path) => path.clone(),
        None => std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join("sparkbot"))).unwrap_or_default(),
    };
    if path.is_file() {
        return Ok(path);
    }
    Err(Failure::new(format!(
        "there is no server at {}; build it with `cargo build --release -p sparkbot --features sandbox`, or name it with --server",
        path.display()
    )))
}
