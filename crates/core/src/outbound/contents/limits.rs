//! Limits, and the sentences that name them.

use crate::error::{Error, Result};

/// How many there may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count {
    least: usize,
    most: usize,
}

impl Count {
    pub(super) const fn upto(most: usize) -> Self {
        Self { least: 0, most }
    }

    pub(super) const fn from_one_to(most: usize) -> Self {
        Self { least: 1, most }
    }

    pub(super) const fn between(least: usize, most: usize) -> Self {
        Self { least, most }
    }

    fn takes(self, number: usize) -> bool {
        (self.least..=self.most).contains(&number)
    }

    fn words(self) -> String {
        match self.least {
            0 => format!("at most {}", self.most),
            least => format!("{least} to {}", self.most),
        }
    }
}

/// Counts characters, not bytes. Blank is as good as empty.
pub(super) fn characters(code: &'static str, field: &str, text: &str, limit: Count) -> Result<()> {
    let length = if text.trim().is_empty() { 0 } else { text.chars().count() };
    if limit.takes(length) {
        return Ok(());
    }
    Err(Error::invalid(code, format!("'{field}' has {length} characters; it takes {}.", limit.words()))
        .with("limit", limit.most))
}

/// The same for something that may be absent.
pub(super) fn optional(code: &'static str, field: &str, text: Option<&str>, limit: Count) -> Result<()> {
    text.map_or(Ok(()), |text| characters(code, field, text, limit))
}

/// Entries of a list.
pub(super) fn entries(code: &'static str, field: &str, number: usize, limit: Count) -> Result<()> {
    if limit.takes(number) {
        return Ok(());
    }
    Err(Error::invalid(code, format!("'{field}' has {number} entries; it takes {}.", limit.words()))
        .with("limit", limit.most))
}

/// A number between two others.
pub(super) fn range(code: &'static str, field: &str, value: f64, least: f64, most: f64) -> Result<()> {
    if value.is_finite() && (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::invalid(code, format!("'{field}' is {value}; it must be {least} to {most}.")))
}

/// A WhatsApp message id.
pub(crate) fn message_id(field: &str, id: &str) -> Result<()> {
    // Channels number their messages; everything else has a random id.
    let fine = (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if fine {
        return Ok(());
    }
    let shown: String = id.chars().take(40).collect();
    Err(Error::invalid(
        "message:id",
        format!("'{field}' is '{shown}'; it must be a WhatsApp message id of at most 32 letters and digits."),
    )
    .hint("It is the 'waId' of a message that was sent, or the 'id' of one that was received."))
}

/// Two alike in a list where each must be another.
pub(super) fn unlike<'t>(code: &'static str, field: &str, texts: impl Iterator<Item = &'t str>) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for text in texts {
        if !seen.insert(text.trim()) {
            let shown: String = text.chars().take(60).collect();
            return Err(Error::invalid(code, format!("'{field}' has '{shown}' twice.")));
        }
    }
    Ok(())
}
