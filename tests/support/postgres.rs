//! A PostgreSQL of a test's own, which can be stopped and started. The folder of
//! its programs is in `FAULT_POSTGRES`, which `scripts/postgres.sh` sets.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

pub(crate) struct Postgres {
    programs: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

impl Postgres {
    /// A running one; nothing where there are no programs.
    pub(crate) async fn start() -> Option<Self> {
        let programs = PathBuf::from(std::env::var("FAULT_POSTGRES").ok()?);
        let folder = tempfile::tempdir().expect("a folder");
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        if owner().is_some() {
            let given = Command::new("chown").arg("postgres").arg(folder.path()).status().await;
            assert!(given.expect("chown").success());
        }
        let this = Self { programs, folder, port };
        this.run("initdb", &["-U", "sparkbot", "--auth=trust"]).await;
        this.up().await;
        let made = Command::new(this.programs.join("psql"))
            .args(["-q", &format!("postgres://sparkbot@127.0.0.1:{port}/postgres"), "-c", "CREATE DATABASE sparkbot"])
            .status()
            .await;
        assert!(made.expect("psql runs").success());
        Some(this)
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://sparkbot@127.0.0.1:{}/sparkbot", self.port)
    }

    /// Starts it again.
    pub(crate) async fn up(&self) {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={}",
            self.port,
            self.folder.path().display()
        );
        let log = self.folder.path().join("log");
        self.run("pg_ctl", &["-w", "-l", log.to_str().expect("a plain path"), "-o", &options, "start"]).await;
    }

    /// Ends it as a crash does, or politely, connections and all.
    pub(crate) async fn down(&self, mode: &str) {
        self.run("pg_ctl", &["-w", "-m", mode, "stop"]).await;
    }

    async fn run(&self, program: &str, arguments: &[&str]) {
        let data = self.folder.path().join("data");
        let mut command = as_owner(&self.programs.join(program));
        command.arg("-D").arg(&data).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        // The server that is started must not keep a pipe of ours open.
        let done = command.stdin(Stdio::null()).current_dir("/").status().await;
        assert!(done.expect("it runs").success(), "{program} {arguments:?}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut command = as_owner(&self.programs.join("pg_ctl")).into_std();
        command.arg("-D").arg(self.folder.path().join("data")).args(["-m", "immediate", "stop"]);
        drop(command.stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/").status());
    }
}

/// PostgreSQL refuses to run as root.
fn owner() -> Option<&'static str> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.to_owned();
    (uid == "0").then_some("postgres")
}

fn as_owner(program: &Path) -> Command {
    match owner() {
        Some(owner) => {
            let mut command = Command::new("runuser");
            command.args(["-u", owner, "--"]).arg(program);
            command
        }
        None => Command::new(program),
    }
}
