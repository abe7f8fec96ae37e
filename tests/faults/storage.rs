//! The disk is full, or somebody else holds the database.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};

use super::report::Report;
use super::world::{Terms, World};
use super::{cycles, seed, setting};
use crate::support::{Sandbox, eventually};

/// Between two messages of one person, or to one, at most.
const GAP: Duration = Duration::from_millis(1000);
/// The small disk.
const DISK: &str = "size=48m,mode=700";

/// A file system of its own in memory, gone with the test.
struct Disk(PathBuf);

impl Disk {
    /// Nothing where mounting is not allowed.
    fn mounted(at: &Path) -> Option<Self> {
        std::fs::create_dir(at).expect("a folder");
        let mut mounting = Command::new("mount");
        mounting.args(["-t", "tmpfs", "-o", DISK, "none"]).arg(at).stderr(Stdio::null());
        let done = mounting.status().is_ok_and(|status| status.success());
        done.then(|| Self(at.to_owned()))
    }

    /// Writes until there is no room.
    fn fill(&self) {
        use std::io::Write;
        let mut ballast = std::fs::File::create(self.0.join("ballast")).expect("a file");
        for size in [1 << 20, 4096, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.0.join("ballast")).expect("it was there");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_takes_nothing_that_it_can_not_keep() {
    let seed = seed();
    let mut report = Report::new("disk full", seed);
    let folder = tempfile::tempdir().expect("a folder");
    let Some(disk) = Disk::mounted(&folder.path().join("data")) else {
        println!("skipped: mounting a small disk takes rights that are missing here");
        return;
    };
    let terms = Terms { folder: Some(folder), ..Terms::default() };
    let mut world = World::on(Sandbox::start(seed).await, seed, terms).await;
    for cycle in 0..cycles(1) {
        let running = world.runs(GAP);
        tokio::time::sleep(Duration::from_millis(500)).await;
        disk.fill();
        // Until something is refused, and then some more.
        let before = world.traffic.promises().repeated;
        eventually("a post to be refused", || async { (world.traffic.promises().repeated > before + 5).then_some(()) })
            .await;
        if cycle % 2 == 1 {
            world.server.kill().await;
        }
        disk.free();
        if cycle % 2 == 1 {
            world.comes_back().await;
            report.count("killed with a full disk", 1);
        }
        world.works(&format!("room again {cycle}")).await;
        running.ends().await;
        report.count("times full", 1);
    }
    world.holds(&mut report).await;
    report.held();
    drop(world);
    drop(disk);
}

/// Another process takes the database for itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_delays_and_loses_nothing() {
    if std::env::var("SPARKBOT_TEST_POSTGRES").is_ok() {
        println!("skipped: this is about the file of SQLite");
        return;
    }
    let (seed, seconds) = (seed(), setting("FAULT_LOCK_SECONDS", 12));
    let mut report = Report::new("database locked by another process", seed);
    let world = World::new(seed).await;
    let running = world.runs(GAP);
    for cycle in 0..cycles(1) {
        let file = world.server.folder().join("data/sandbox.db");
        let program = "import sqlite3, sys, time\n\
             db = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)\n\
             db.execute('BEGIN EXCLUSIVE')\nprint('locked', flush=True)\ntime.sleep(float(sys.argv[2]))\ndb.rollback()\n";
        let mut locker = tokio::process::Command::new("python3")
            .args(["-c", program, file.to_str().expect("a plain path"), &seconds.to_string()])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("python3 runs");
        let mut said = BufReader::new(locker.stdout.take().expect("its output")).lines();
        assert_eq!(said.next_line().await.expect("its output").as_deref(), Some("locked"));
        let before = world.traffic.promises().accepted.len();
        assert!(locker.wait().await.expect("it ends").success());
        let during = world.traffic.promises().accepted.len() - before;
        // What was being written when the lock came may have been answered.
        assert!(during <= 4, "{during} messages were accepted while nothing could be written (seed {seed})");
        world.works(&format!("unlocked {cycle}")).await;
        report.count("times locked", 1);
        report.count("seconds locked", seconds);
    }
    running.ends().await;
    world.holds(&mut report).await;
    report.held();
}
