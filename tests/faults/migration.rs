//! `kill -9` while the schema is brought up to date: the next start goes on
//! where the last one stopped, and every row is still there.

use std::path::Path;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::report::Report;
use super::{cycles, seed};
use crate::support::{Process, Sandbox, http, text};

/// Rows in the oldest schema, so that later steps have something to do.
const ROWS: u64 = 3_000;
/// Rows of a list that are read at a time.
const PAGE: u64 = 200;
/// A python program that writes the first schema, with an account, a number and
/// its messages.
const OLD: &str = include_str!("old_database.py");

/// A server's data as the first schema had it.
async fn old(data: &Path, rows: u64) {
    let first = concat!(env!("CARGO_MANIFEST_DIR"), "/../store/migrations/0001_first.sql");
    let mut python = tokio::process::Command::new("python3");
    python.args(["-c", OLD, first, data.to_str().expect("a plain path"), &rows.to_string()]);
    let done = python.output().await.expect("python3 runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Kills a server at a random moment of bringing an old database up to date, a
/// few times, and lets it finish then.
pub(super) async fn killed(sandbox: &Sandbox, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a data directory");
    old(&data, ROWS).await;
    let log = folder.path().join("server.log");
    let data = data.to_str().expect("a plain path");
    let arguments =
        ["serve", "--json", "--data-dir", data, "--listen", "127.0.0.1:0", "--sandbox-url", &sandbox.control];
    for _ in 0..random.random_range(1..=2) {
        Process::start_and_kill(&arguments, &log, Duration::from_millis(random.random_range(0..350))).await;
    }
    let server = Process::start(&arguments, &log).await;
    let key = tokio::process::Command::new(env!("CARGO_BIN_EXE_sparkbot"))
        .args(["key", "create", "--name", "After", "--json", "--data-dir", data])
        .output()
        .await
        .expect("the binary runs");
    let key: Value = serde_json::from_slice(&key.stdout).unwrap_or_else(|_| panic!("a key: {key:?}"));
    let api = text(&server.ready, "/api").trim_end_matches('/').to_owned();
    let ask = async |path: &str| {
        let request = http().get(format!("{api}{path}")).header("Token", text(&key, "/key")).send();
        request.await.expect("an answer")
    };
    let mut texts = Vec::new();
    for page in 0..ROWS.div_ceil(PAGE) {
        let messages = ask(&format!("/v1/messages?size={PAGE}&page={page}&sort=date:asc")).await;
        let messages: Vec<Value> = messages.json().await.expect("a list");
        texts.extend(messages.iter().map(|message| text(message, "/message").to_owned()));
    }
    let wanted: Vec<String> = (0..ROWS).map(|n| format!("message {n}")).collect();
    assert!(texts == wanted, "{} of {ROWS} rows (seed {seed})", texts.len());
    let devices: Value = ask("/v1/devices").await.json().await.expect("a list");
    assert_eq!((&devices[0]["alias"], devices.as_array().map(Vec::len)), (&json!("Old"), Some(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_migration_goes_on_at_the_next_start() {
    let (cycles, seed) = (cycles(3), seed());
    let sandbox = Sandbox::start(seed).await;
    let mut report = Report::new("kill -9 while migrating", seed);
    for cycle in 0..cycles {
        killed(&sandbox, seed * 10_000 + cycle).await;
        report.count("cycles", 1);
        report.count("rows kept", ROWS);
    }
    report.held();
}
