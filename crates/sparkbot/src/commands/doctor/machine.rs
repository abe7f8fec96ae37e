//! The build, the master key, the disk, the port.

use std::path::Path;
use std::time::Duration;

use sparkbot_whatsapp::guard::{self, Verification};

use super::Check;
use crate::config::Config;
use crate::master_key;

/// Below this, the disk is full soon.
const LITTLE: u64 = 1 << 30;
/// Below this, SQLite may fail at any moment.
const NOTHING: u64 = 50 << 20;

/// Whether the build checks that a server is WhatsApp.
pub(super) fn build() -> Check {
    match guard::prove() {
        Ok(Verification::Enforced) => {
            Check::ok("build", "servers other than WhatsApp's are refused (proven with a forged certificate)")
        }
        Ok(Verification::Off) => {
            Check::ok("build", "has the sandbox: any server is accepted, and only on loopback (proven)")
        }
        Err(error) => Check::fail("build", error.to_string(), "Build it again from a clean checkout."),
    }
}

/// Whether secrets can be opened, and by us only.
pub(super) fn master_key(config: &Config) -> Check {
    const NAME: &str = "master key";
    if std::env::var_os(master_key::VARIABLE).is_some() {
        return match master_key::sealer(config) {
            Ok(_) => Check::ok(NAME, format!("from {}", master_key::VARIABLE)),
            Err(failure) => Check::of(NAME, &failure),
        };
    }
    let file = config.master_key_file();
    if !file.exists() {
        let database = config.data_dir.join(if cfg!(feature = "sandbox") { "sandbox.db" } else { "sparkbot.db" });
        return if database.exists() {
            Check::fail(
                NAME,
                format!("{} is gone, and the database is there", file.display()),
                "Restore it from a backup: without it, linked numbers and webhook secrets can't be opened.",
            )
        } else {
            Check::ok(NAME, format!("{} will be made at the first start", file.display()))
        };
    }
    match master_key::read(&file) {
        Ok(_) => Check::ok(NAME, format!("{}, readable by its owner only", file.display())),
        Err(failure) => Check::of(NAME, &failure),
    }
}

/// Whether the data directory can be written, and for how long.
pub(super) fn disk(config: &Config) -> Vec<Check> {
    const NAME: &str = "disk";
    let dir = &config.data_dir;
    // Before the first start it does not exist: its parent is what counts.
    let existing = dir.ancestors().find(|path| path.exists() || path.as_os_str().is_empty()).unwrap_or(dir);
    let existing = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
    let probe = existing.join(format!(".sparkbot-doctor-{}", std::process::id()));
    let writable = match std::fs::write(&probe, b"probe").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Check::ok(NAME, format!("{} can be written", existing.display())),
        Err(error) => Check::fail(
            NAME,
            format!("{} can't be written: {error}", existing.display()),
            "Give this user the right to write there, or choose another folder with --data-dir.",
        ),
    };
    let mut checks = vec![writable];
    checks.extend(free(existing));
    checks
}

#[cfg(unix)]
fn free(path: &Path) -> Option<Check> {
    const NAME: &str = "disk space";
    let facts = rustix::fs::statvfs(path).ok()?;
    let free = facts.f_bavail.saturating_mul(facts.f_frsize);
    let found = format!("{:.1} GB free", free as f64 / 1e9);
    Some(if free < NOTHING {
        Check::fail(NAME, found, "Free some space: writes fail when the disk is full.")
    } else if free < LITTLE {
        Check::warn(NAME, found, "Free some space, or shorten retention.events.")
    } else {
        Check::ok(NAME, found)
    })
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<Check> {
    None
}

/// Whether the API can listen.
pub(super) async fn port(config: &Config) -> Check {
    const NAME: &str = "port";
    let address = config.listen.0;
    let error = match tokio::net::TcpListener::bind(address).await {
        Ok(_) if address.ip().is_loopback() => return Check::ok(NAME, format!("{address} is free")),
        Ok(_) => {
            return Check::warn(
                NAME,
                format!("{address} is free, and reachable from other machines"),
                "Put a reverse proxy with TLS in front and listen on 127.0.0.1; keys can be read on the way otherwise.",
            );
        }
        Err(error) => error,
    };
    if is_sparkbot(address).await {
        return Check::ok(NAME, format!("{address}: a SparkBot server is running there"));
    }
    Check::fail(
        NAME,
        format!("{address} can't be listened on: {error}"),
        "Stop the program that has it, or choose another with --listen.",
    )
}

async fn is_sparkbot(address: std::net::SocketAddr) -> bool {
    let Ok(client) = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build() else {
        return false;
    };
    match client.get(format!("http://{address}/healthz")).send().await {
        Ok(answer) => answer.status().is_success() && answer.headers().contains_key("x-request-id"),
        Err(_) => false,
    }
}
