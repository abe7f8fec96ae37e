//! What may be said of a number.

use crate::error::{Error, Result};

/// Plans that clients of the API know; accepted and shown, nothing more.
pub const PLANS: &[&str] = &[
    "professional",
    "business",
    "enterprise",
    "gateway-professional",
    "gateway-business",
    "gateway-enterprise",
    "io-professional",
    "io-business",
    "io-enterprise",
];

/// Words of `settings.rebootPolicy`.
pub const REBOOT_POLICIES: &[&str] = &[
    "disabled", "10m", "15m", "20m", "25m", "30m", "45m", "1h", "2h", "3h", "4h", "5h", "6h", "8h", "10h", "12h", "18h",
];

/// Words of `settings.retentionPolicy`.
pub const RETENTION_POLICIES: &[&str] =
    &["plan_defaults", "never", "5m", "15m", "30m", "1h", "12h", "24h", "2d", "3d", "4d", "5d", "6d", "7d", "10d"];

pub(super) fn check_alias(alias: &str) -> Result<String> {
    let alias = alias.trim();
    if alias.is_empty() || alias.chars().count() > 60 || alias.chars().any(char::is_control) {
        return Err(Error::invalid(
            "device:alias",
            format!("The alias has {} characters; it needs 1 to 60 printable ones.", alias.chars().count()),
        ));
    }
    Ok(alias.to_owned())
}

pub(super) fn check_description(text: &str) -> Result<Option<String>> {
    if text.chars().count() > 300 {
        return Err(Error::invalid(
            "device:description",
            format!("The description has {} characters; at most 300 are kept.", text.chars().count()),
        ));
    }
    Ok((!text.trim().is_empty()).then(|| text.trim().to_owned()))
}

pub(super) fn check_word(name: &str, value: &str, words: &[&str]) -> Result<String> {
    if words.contains(&value) {
        return Ok(value.to_owned());
    }
    Err(Error::invalid("device:settings", format!("{name} is '{value}'; it must be one of {}.", words.join(", "))))
}
