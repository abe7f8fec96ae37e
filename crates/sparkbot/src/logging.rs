//! What is told while running: to standard error, as text or JSON.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};
use crate::failure::{Failure, Result};

/// Starts telling.
///
/// # Errors
/// When the level is no filter.
pub(crate) fn start(log: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(&log.level).map_err(|error| {
        Failure::usage(format!("log.level: '{}' is no level: {error}", log.level))
            .hint("Use error, warn, info, debug or trace, or a filter such as info,sparkbot_core=debug.")
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    let started = match log.format {
        LogFormat::Text => {
            let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
            registry.with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(ansi)).try_init()
        }
        LogFormat::Json => {
            registry.with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr)).try_init()
        }
    };
    started.map_err(|error| Failure::new(format!("logging can't be started: {error}")))
}
