//! When a campaign sends, how fast, and how people opt out of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::hours::{self, Opening};
use crate::clock::{iso, parse_iso};
use crate::error::{Error, Result};
use crate::network::Millis;

/// Messages a minute that can be asked for at most.
const FASTEST: f64 = 150.0;
/// How far ahead a campaign can be planned.
const AHEAD: Millis = 366 * 24 * 3_600_000;
/// Characters of the word at most.
const WORD: usize = 30;
/// Characters of the answer at most.
const ANSWER: usize = 1000;

/// When a campaign sends, and how fast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[schema(as = CampaignSettings)]
pub struct Settings {
    /// Messages a minute from each of its numbers, 0.1 to 150; 0 leaves it to the numbers' own queues.
    #[schema(minimum = 0, maximum = 150, default = 1)]
    pub speed: f64,
    /// Not before, ISO 8601; at once when absent.
    #[schema(format = DateTime)]
    pub date: Option<String>,
    /// Not after, ISO 8601.
    #[schema(format = DateTime)]
    pub expiration: Option<String>,
    /// Whose clocks `hours` are read from: a name of the IANA database.
    #[schema(default = "UTC", max_length = 60)]
    pub timezone: String,
    /// The hours of the day in which it sends; all when absent.
    pub hours: Option<Hours>,
}

/// Hours of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignHours)]
pub struct Hours {
    /// From this full hour on.
    #[schema(minimum = 0, maximum = 23)]
    pub start: i64,
    /// Until this full hour; before `start` it is that of the next day.
    #[schema(minimum = 1, maximum = 24)]
    pub end: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { speed: 1.0, date: None, expiration: None, timezone: "UTC".to_owned(), hours: None }
    }
}

impl Settings {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// `campaign:speed`, `campaign:date`, `campaign:expiration`, `campaign:timezone`, `campaign:hours`.
    pub(super) fn check(&self, now: Millis) -> Result<()> {
        if self.speed != 0.0 && !(0.1..=FASTEST).contains(&self.speed) {
            return Err(Error::invalid(
                "campaign:speed",
                format!(
                    "settings.speed is {}; it is messages a minute from 0.1 to {FASTEST}, or 0 for no pace of its own.",
                    self.speed
                ),
            ));
        }
        let time = |code: &'static str, field: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => match parse_iso(text) {
                None => {
                    let shown: String = text.chars().take(40).collect();
                    Err(Error::invalid(
                        code,
                        format!("settings.{field} is '{shown}'; it must be a date such as {}.", iso(now + 3_600_000)),
                    ))
                }
                Some(at) if at > now + AHEAD => {
                    Err(Error::invalid(code, format!("settings.{field} {text} is more than 366 days ahead.")))
                }
                Some(at) => Ok(Some(at)),
            },
        };
        let date = time("campaign:date", "date", &self.date)?;
        let end = time("campaign:expiration", "expiration", &self.expiration)?;
        if let Some(end) = end
            && end <= date.unwrap_or(now).max(now)
        {
            let text = self.expiration.as_deref().unwrap_or_default();
            return Err(Error::invalid(
                "campaign:expiration",
                format!("settings.expiration {text} has passed by the time the campaign starts."),
            ));
        }
        hours::zone(&self.timezone)?;
        self.opening().map(drop)
    }

    /// Not before.
    pub(super) fn starts_at(&self) -> Option<Millis> {
        self.date.as_deref().and_then(parse_iso)
    }

    /// Not after.
    pub(super) fn ends_at(&self) -> Option<Millis> {
        self.expiration.as_deref().and_then(parse_iso)
    }

    /// The hours of the day.
    pub(super) fn opening(&self) -> Result<Option<Opening>> {
        self.hours.map(|hours| Opening::new(&self.timezone, hours.start, hours.end)).transpose()
    }
}

/// How people opt out of all campaigns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[schema(as = CampaignUnsubscribe)]
pub struct Unsubscribe {
    /// Whether an answer is looked at for the word.
    #[schema(default = false)]
    pub active: bool,
    /// What people answer to opt out, whatever its case: 1 to 30 characters.
    #[schema(max_length = 30)]
    pub word: Option<String>,
    /// What they are answered, 1,000 characters at most; nothing when absent.
    #[schema(max_length = 1000)]
    pub message: Option<String>,
    /// What is done with their chat after that answer, as with `actions` of a message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>, max_items = 20)]
    pub actions: Vec<Value>,
}

impl Unsubscribe {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// `campaign:unsubscribe`.
    pub(super) fn check(&self) -> Result<()> {
        let refuse = |sentence: String| Err(Error::invalid("campaign:unsubscribe", sentence));
        let word = self.word.as_deref().unwrap_or_default();
        let length = word.chars().count();
        if length > WORD {
            return refuse(format!("unsubscribe.word has {length} characters; it takes {WORD}."));
        }
        if self.active && plain(word).is_empty() {
            return refuse("unsubscribe needs a 'word' that people answer.".to_owned());
        }
        let length = self.message.as_deref().unwrap_or_default().chars().count();
        if length > ANSWER {
            return refuse(format!("unsubscribe.message has {length} characters; it takes {ANSWER}."));
        }
        if !self.actions.is_empty() && self.answer().is_none() {
            return refuse("unsubscribe.actions are carried out after an answer, so they need a 'message'.".to_owned());
        }
        crate::outbound::check_actions(&self.actions)
    }

    /// What people are answered.
    pub(super) fn answer(&self) -> Option<&str> {
        self.message.as_deref().filter(|text| !text.trim().is_empty())
    }

    /// Whether somebody opts out by saying `text`: the word and nothing else.
    pub(super) fn is_meant(&self, text: &str) -> bool {
        let word = plain(self.word.as_deref().unwrap_or_default());
        self.active && !word.is_empty() && plain(text) == word
    }
}

/// A text without what people put around a word: case, spaces, quotes, dots.
fn plain(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c == '\u{200b}')
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Hours, Settings, Unsubscribe};

    const NOW: i64 = 1_800_000_000_000;

    #[test]
    fn settings_out_of_range_are_named() {
        let fine = Settings::default();
        assert!(fine.check(NOW).is_ok());
        let date = |text: &str| Some(text.to_owned());
        for (settings, code, part) in [
            (Settings { speed: 150.5, ..fine.clone() }, "campaign:speed", "150.5"),
            (Settings { speed: -1.0, ..fine.clone() }, "campaign:speed", "-1"),
            (Settings { speed: 0.05, ..fine.clone() }, "campaign:speed", "0.05"),
            (Settings { speed: f64::NAN, ..fine.clone() }, "campaign:speed", "NaN"),
            (Settings { date: date("soon"), ..fine.clone() }, "campaign:date", "'soon'"),
            (Settings { date: date("2030-01-01T00:00:00Z"), ..fine.clone() }, "campaign:date", "366 days"),
            (
                Settings { expiration: date("2020-01-01T00:00:00Z"), ..fine.clone() },
                "campaign:expiration",
                "has passed",
            ),
            (
                Settings {
                    date: date("2027-02-01T00:00:00Z"),
                    expiration: date("2027-01-20T00:00:00Z"),
                    ..fine.clone()
                },
                "campaign:expiration",
                "has passed",
            ),
            (Settings { timezone: "Nowhere".to_owned(), ..fine.clone() }, "campaign:timezone", "'Nowhere'"),
            (Settings { hours: Some(Hours { start: 9, end: 9 }), ..fine.clone() }, "campaign:hours", "no time"),
        ] {
            let error = settings.check(NOW).expect_err(part);
            assert!(error.code == code && error.message.contains(part), "{code}: {}", error.message);
        }
    }

    #[test]
    fn a_word_is_known_whatever_stands_around_it() {
        let stop = Unsubscribe { active: true, word: Some("Stop".to_owned()), ..Unsubscribe::default() };
        for text in ["stop", "STOP!", " \"Stop\" ", "stop.", "¡stop!", "\u{200b}stop"] {
            assert!(stop.is_meant(text), "{text}");
        }
        for text in ["", "please stop", "stop it", "nonstop", "s t o p"] {
            assert!(!stop.is_meant(text), "{text}");
        }
        let two = Unsubscribe { word: Some("no más".to_owned()), ..stop.clone() };
        assert!(two.is_meant("No  MÁS!") && !two.is_meant("no"));
        assert!(!Unsubscribe { active: false, ..stop }.is_meant("stop"));
    }

    #[test]
    fn an_opt_out_that_makes_no_sense_is_named() {
        let stop = Unsubscribe { active: true, word: Some("stop".to_owned()), ..Unsubscribe::default() };
        assert!(stop.check().is_ok());
        let action = serde_json::json!({"action": "chat:resolve"});
        for (bad, part) in [
            (Unsubscribe { word: None, ..stop.clone() }, "needs a 'word'"),
            (Unsubscribe { word: Some("?!".to_owned()), ..stop.clone() }, "needs a 'word'"),
            (Unsubscribe { word: Some("x".repeat(31)), ..stop.clone() }, "31 characters"),
            (Unsubscribe { message: Some("x".repeat(1001)), ..stop.clone() }, "1001 characters"),
            (Unsubscribe { actions: vec![action.clone()], ..stop.clone() }, "need a 'message'"),
        ] {
            let error = bad.check().expect_err(part);
            assert!(error.message.contains(part), "{}", error.message);
        }
    }
}
