//! `sparkbot doctor`: what is right, what is odd, what is wrong, and what to do
//! about it. It changes nothing.

mod database;
mod machine;
mod reach;

use std::fmt;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

use crate::cli::Global;
use crate::config::{self, Config};
use crate::failure::{Failure, Result};
use crate::terminal::{self, Progress};

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// Right.
    Ok,
    /// It works, and something should be looked at.
    Warn,
    /// It does not work.
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        })
    }
}

/// One line of the doctor's.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    found: String,
    /// What to do.
    advice: Option<String>,
}

impl Check {
    fn new(name: &'static str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self { name, verdict, found: found.into(), advice: None }
    }

    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Verdict::Ok, found)
    }

    fn warn(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..Self::new(name, Verdict::Warn, found) }
    }

    fn fail(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..Self::new(name, Verdict::Fail, found) }
    }

    fn of(name: &'static str, failure: &Failure) -> Self {
        Self { advice: failure.advice().map(str::to_owned), ..Self::new(name, Verdict::Fail, failure.message()) }
    }
}

pub(super) async fn run(global: &Global) -> Result<ExitCode> {
    let progress = Progress::start("Checking…", global.json);
    let checks = match config::load(global, None) {
        Ok(loaded) => {
            let mut checks = vec![configuration(&loaded)];
            checks.extend(all(&loaded.config, &progress).await);
            checks
        }
        // Nothing else can be checked before this is mended.
        Err(failure) => vec![Check::of("configuration", &failure)],
    };
    drop(progress);
    let worst = checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Ok);
    if global.json {
        terminal::json(&json!({ "verdict": worst, "checks": checks, "version": env!("CARGO_PKG_VERSION") }));
    } else {
        for check in &checks {
            terminal::line(format_args!("{:<5} {:<14} {}", check.verdict, check.name, check.found));
            if let Some(advice) = &check.advice {
                terminal::line(format_args!("{:20} → {advice}", ""));
            }
        }
    }
    Ok(if worst == Verdict::Fail { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn all(config: &Config, progress: &Progress) -> Vec<Check> {
    let mut checks = vec![machine::build(), machine::master_key(config)];
    checks.extend(machine::disk(config));
    progress.say("Checking the database…");
    checks.extend(database::check(config).await);
    progress.say("Reaching WhatsApp…");
    checks.extend(reach::check().await);
    checks.push(machine::port(config).await);
    checks
}

fn configuration(loaded: &config::Loaded) -> Check {
    let found = match &loaded.file {
        Some(file) => format!("{} is read", file.display()),
        None => "no file; defaults, variables and flags".to_owned(),
    };
    match &loaded.warnings[..] {
        [] => Check::ok("configuration", found),
        warnings => Check::warn("configuration", found, warnings.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn the_worst_verdict_counts() {
        assert_eq!([Verdict::Ok, Verdict::Fail, Verdict::Warn].into_iter().max(), Some(Verdict::Fail));
    }
}
