//! How long links are kept.

use std::str::FromStr;

use crate::error::{Error, Result};

/// How long links can be kept.
pub const LIVES: &[&str] = &["1h", "2h", "8h", "12h", "24h", "2d", "3d", "4d", "5d", "6d", "7d", "15d", "30d"];

/// How long a link is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    hours: i64,
}

impl Life {
    /// In milliseconds.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.hours * 3_600_000
    }
}

impl Default for Life {
    fn default() -> Self {
        Self { hours: 30 * 24 }
    }
}

impl FromStr for Life {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = LIVES.iter().find(|known| **known == text).and_then(|known| {
            let (number, unit) = known.split_at(known.len() - 1);
            let hours = if unit == "d" { 24 } else { 1 };
            number.parse::<i64>().ok().map(|number| Self { hours: number * hours })
        });
        known.ok_or_else(|| {
            let shown: String = text.chars().take(20).collect();
            let sentence = format!("A link can't be kept for '{shown}'; it can for {}.", LIVES.join(", "));
            Error::invalid("meeting:expiration", sentence)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{LIVES, Life};

    #[test]
    fn lives_grow_in_their_order() {
        let millis: Vec<i64> = LIVES.iter().map(|word| word.parse::<Life>().unwrap().millis()).collect();
        assert!(millis.is_sorted());
        assert_eq!((millis[0], millis.last()), (3_600_000, Some(&Life::default().millis())));
        assert!("25h".parse::<Life>().is_err());
    }
}
