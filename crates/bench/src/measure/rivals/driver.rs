//! Another library as a process that is told what to do line by line; its lines are
//! described in bench/rivals/README.md.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::failure::{Failure, Result};

/// How long a command may say nothing.
const PATIENCE: Duration = Duration::from_secs(240);

/// A rival that runs. Dropping it kills it.
pub(super) struct Driver {
    program: PathBuf,
    name: String,
    sandbox: String,
    state: PathBuf,
    pub(super) version: String,
    pub(super) pid: u32,
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Driver {
    /// Starts it on its folder and waits until the numbers it had are online.
    pub(super) async fn start(program: &Path, name: &str, sandbox: &str, state: &Path) -> Result<Self> {
        let failed = |error: std::io::Error| Failure::new(format!("{name} can't be started: {error}"));
        std::fs::create_dir_all(state).map_err(failed)?;
        let log = File::options().create(true).append(true).open(state.with_extension("log")).map_err(failed)?;
        let mut child = Command::new(program)
            .args([name, "--sandbox", sandbox, "--state"])
            .arg(state)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::new(format!("{name} has no lines")));
        };
        let mut driver = Self {
            program: program.to_owned(),
            name: name.to_owned(),
            sandbox: sandbox.to_owned(),
            state: state.to_owned(),
            version: String::new(),
            pid: child.id().unwrap_or_default(),
            child,
            stdin,
            lines: BufReader::new(stdout).lines(),
        };
        let ready = driver.until("ready").await?;
        driver.version = ready["version"].as_str().unwrap_or("unknown").to_owned();
        // The process that counts may be another than the one that was started.
        driver.pid = ready["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).unwrap_or(driver.pid);
        if ready["numbers"].as_u64().unwrap_or(0) > 0 {
            driver.until("online").await?;
        }
        Ok(driver)
    }

    /// Tells it what to do; the line of the phase that ends it.
    pub(super) async fn tell(&mut self, command: &Value, last: &str) -> Result<Value> {
        let line = format!("{command}\n");
        let failed = |error: std::io::Error| Failure::new(format!("{} takes no commands: {error}", self.name));
        self.stdin.write_all(line.as_bytes()).await.map_err(failed)?;
        self.until(last).await
    }

    /// Ends it politely and starts it again on its folder.
    pub(super) async fn restart(mut self) -> Result<Self> {
        self.end().await?;
        Self::start(&self.program, &self.name, &self.sandbox, &self.state).await
    }

    /// Ends it politely.
    pub(super) async fn end(&mut self) -> Result<()> {
        self.tell(&json!({ "do": "quit" }), "ended").await?;
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.map_err(|_| Failure::new(format!("{} does not end", self.name))).map(drop)
    }

    async fn until(&mut self, phase: &str) -> Result<Value> {
        loop {
            let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
            let line = line.map_err(|_| Failure::new(format!("{} has said nothing for {PATIENCE:?}", self.name)))?;
            let Ok(Some(line)) = line else { return Err(self.silent(phase)) };
            let Ok(told) = serde_json::from_str::<Value>(&line) else { continue };
            if told["phase"] == phase {
                return Ok(told);
            }
            if told["phase"] == "failed" {
                return Err(Failure::new(format!("{}: {}", self.name, told["reason"])));
            }
        }
    }

    fn silent(&self, phase: &str) -> Failure {
        let log = std::fs::read_to_string(self.state.with_extension("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(5)..].join("\n");
        Failure::new(format!("{} ended before it was '{phase}':\n{last}", self.name))
    }
}
