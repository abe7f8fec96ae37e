//! The binary as a process of its own, ended when the test ends.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::DEADLINE;

/// A running process and what it said when it was ready.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) ready: Value,
}

impl Process {
    /// Starts the binary and waits for its line of JSON.
    pub(crate) async fn start(arguments: &[&str], log: &Path) -> Self {
        let mut child = spawn(arguments, log);
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await.expect("its output") {
                if let Ok(value) = serde_json::from_str::<Value>(&line) {
                    return value;
                }
            }
            panic!("{arguments:?} ended before it was ready; its log tells why");
        };
        let ready = tokio::time::timeout(DEADLINE, ready).await.expect("ready in time");
        // The pipe stays open, or the process would die of its next word.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, ready }
    }

    /// Starts the binary and does `kill -9` after `moment`, however far it is.
    pub(crate) async fn start_and_kill(arguments: &[&str], log: &Path, moment: Duration) {
        let mut child = spawn(arguments, log);
        tokio::time::sleep(moment).await;
        child.kill().await.expect("killed");
    }

    /// `kill -9`: nothing is flushed, nothing is said.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("killed");
    }

    /// Asks it to stop and waits until it has.
    pub(crate) async fn stop(&mut self) -> std::process::ExitStatus {
        let pid = self.child.id().expect("still running");
        let asked = Command::new("kill").args(["-TERM", &pid.to_string()]).status().await.expect("kill");
        assert!(asked.success());
        tokio::time::timeout(DEADLINE, self.child.wait()).await.expect("it stops in time").expect("its status")
    }
}

fn spawn(arguments: &[&str], log: &Path) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(log).expect("a log file");
    Command::new(env!("CARGO_BIN_EXE_sparkbot"))
        .args(arguments)
        .env("RUST_BACKTRACE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .expect("the binary starts")
}

/// A sandbox in a process of its own, which outlives the servers that use it.
pub(crate) struct Sandbox {
    pub(crate) control: String,
    _process: Process,
    _folder: tempfile::TempDir,
}

impl Sandbox {
    pub(crate) async fn start(seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let seed = seed.to_string();
        let arguments = ["sandbox", "--socket", "127.0.0.1:0", "--control", "127.0.0.1:0", "--seed", &seed, "--json"];
        let process = Process::start(&arguments, &folder.path().join("sandbox.log")).await;
        let control = process.ready["control"].as_str().expect("its control address").to_owned();
        Self { control, _process: process, _folder: folder }
    }
}
