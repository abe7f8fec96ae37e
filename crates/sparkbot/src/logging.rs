//! What is told while running: to standard error, as text or JSON.

mod plain;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use self::plain::Plain;
use crate::config::{Log, LogFormat};
use crate::failure::{Failure, Result};

/// Starts telling.
///
/// # Errors
/// When the level is no filter.
pub(crate) fn start(log: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(filter(&log.level)).map_err(|error| {
        Failure::usage(format!("log.level: '{}' is no level: {error}", log.level))
            .hint("Use error, warn, info, debug or trace, or a filter such as info,sparkbot_core=debug.")
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    let started = match log.format {
        LogFormat::Text => {
            let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
            let writer = move || Plain::new(std::io::stderr(), ansi);
            registry.with(tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(ansi)).try_init()
        }
        LogFormat::Json => {
            // Control characters are escaped by the format.
            let writer = || Plain::new(std::io::stderr(), false);
            registry.with(tracing_subscriber::fmt::layer().json().with_writer(writer)).try_init()
        }
    };
    started.map_err(|error| Failure::new(format!("logging can't be started: {error}")))
}

/// A level alone is SparkBot's own. Libraries don't know what is private here, so
/// that what they tell beyond `info` has to be asked for by name.
fn filter(level: &str) -> String {
    match level.trim().to_lowercase().as_str() {
        own @ ("debug" | "trace") => format!("info,sparkbot={own}"),
        _ => level.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn a_level_alone_is_our_own() {
        for (level, wanted) in [
            ("trace", "info,sparkbot=trace"),
            (" Debug ", "info,sparkbot=debug"),
            ("info", "info"),
            ("warn", "warn"),
            ("info,sparkbot_core=debug", "info,sparkbot_core=debug"),
            ("info,wacore=debug", "info,wacore=debug"),
        ] {
            assert_eq!(filter(level), wanted);
        }
    }
}
