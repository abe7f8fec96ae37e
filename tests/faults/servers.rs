//! Two servers on one database.

use std::time::Duration;

use reqwest::Method;

use super::report::Report;
use super::seed;
use super::world::World;
use crate::support::DEADLINE;

/// What a start says that must be refused.
async fn refused(arguments: &[&str]) -> String {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_sparkbot"));
    command.args(arguments).kill_on_drop(true);
    let done = tokio::time::timeout(DEADLINE, command.output()).await.expect("it ends by itself").expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(!done.status.success(), "a second server runs: {said}");
    said
}

/// The first one goes on as if nothing had been.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_on_one_database_is_refused_and_disturbs_nobody() {
    let seed = seed();
    let mut report = Report::new("two servers on one database", seed);
    let world = World::new(seed).await;
    let running = world.runs(Duration::from_millis(500));
    let folder = world.server.folder().join("data");
    let data = folder.to_str().expect("a plain path");
    let sandbox = world.sandbox.control.as_str();
    let own = ["serve", "--json", "--listen", "127.0.0.1:0", "--sandbox-url", sandbox, "--data-dir"];

    // The same folder.
    let said = refused(&[&own[..], &[data]].concat()).await;
    assert!(said.contains("another SparkBot server uses"), "{said}");
    report.count("the same folder", 1);

    // A folder of its own with the first one's database, and its key.
    let other = tempfile::tempdir().expect("a folder");
    std::fs::copy(folder.join("master.key"), other.path().join("master.key")).expect("the key");
    let database = match std::env::var("SPARKBOT_TEST_POSTGRES") {
        Ok(server) => format!("{server}/{}", world.server.database_name()),
        Err(_) => format!("sqlite://{data}/sandbox.db"),
    };
    let elsewhere = other.path().to_str().expect("a plain path");
    let said = refused(&[&own[..], &[elsewhere, "--database", &database]].concat()).await;
    assert!(said.contains("another SparkBot server"), "{said}");
    report.count("the same database from another folder", 1);

    world.works("after both").await;
    running.ends().await;
    let health = format!("/v1/devices/{}/health", world.device.id);
    let health = world.server.call(Method::GET, &health, None).await.ok();
    assert_eq!(health["session"], "online", "{health:#}");
    world.holds(&mut report).await;
    report.held();
}
