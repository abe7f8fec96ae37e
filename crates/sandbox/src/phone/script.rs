//! What a phone answers by itself.

use regex::Regex;
use serde::{Deserialize, Serialize};

/// The most rules a script may have.
pub(crate) const MAX_RULES: usize = 100;
/// The longest reply or pattern, in bytes.
const MAX_TEXT: usize = 65_536;
/// The longest delay, an hour.
const MAX_DELAY_MS: u64 = 3_600_000;

/// A script as a control request sends and shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct ScriptBody {
    /// Answer every text with the same text.
    pub(crate) echo: bool,
    /// Milliseconds before an echo.
    pub(crate) echo_delay_ms: u64,
    pub(crate) rules: Vec<RuleBody>,
    /// Send delivery receipts.
    pub(crate) receipts: bool,
    /// Send a read receipt for everything at once.
    pub(crate) read: bool,
}

impl Default for ScriptBody {
    fn default() -> Self {
        Self { echo: false, echo_delay_ms: 0, rules: Vec::new(), receipts: true, read: false }
    }
}

/// One rule: exactly one of the three conditions, and a reply.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RuleBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contains: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) equals: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) matches: Option<String>,
    pub(crate) reply: String,
    #[serde(default)]
    pub(crate) delay_ms: u64,
}

#[derive(Debug)]
enum Condition {
    Contains(String),
    Equals(String),
    Matches(Regex),
}

#[derive(Debug)]
struct Rule {
    condition: Condition,
    reply: String,
    delay_ms: u64,
}

/// A script that can be followed.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) body: ScriptBody,
    rules: Vec<Rule>,
}

impl Script {
    /// Checks a script; the error is a sentence for the caller.
    pub(crate) fn new(body: ScriptBody) -> Result<Self, String> {
        if body.rules.len() > MAX_RULES {
            return Err(format!("a script has at most {MAX_RULES} rules"));
        }
        let mut rules = Vec::with_capacity(body.rules.len());
        for (at, rule) in body.rules.iter().enumerate() {
            let condition = match (&rule.contains, &rule.equals, &rule.matches) {
                (Some(text), None, None) => Condition::Contains(text.clone()),
                (None, Some(text), None) => Condition::Equals(text.clone()),
                (None, None, Some(pattern)) => Condition::Matches(
                    Regex::new(pattern)
                        .map_err(|error| format!("rule {at}: matches is not a regular expression: {error}"))?,
                ),
                _ => return Err(format!("rule {at} needs exactly one of contains, equals and matches")),
            };
            if rule.reply.is_empty() || rule.reply.len() > MAX_TEXT {
                return Err(format!("rule {at}: the reply must have 1 to {MAX_TEXT} bytes"));
            }
            if rule.delay_ms > MAX_DELAY_MS {
                return Err(format!("rule {at}: delayMs is at most {MAX_DELAY_MS}"));
            }
            rules.push(Rule { condition, reply: rule.reply.clone(), delay_ms: rule.delay_ms });
        }
        if body.echo_delay_ms > MAX_DELAY_MS {
            return Err(format!("echoDelayMs is at most {MAX_DELAY_MS}"));
        }
        Ok(Self { body, rules })
    }

    /// What to answer to a text, and after how many milliseconds: the first
    /// rule that fits, else the echo. `$1` in the reply of a `matches` rule is
    /// its first group.
    pub(crate) fn reply_to(&self, text: &str) -> Option<(String, u64)> {
        for rule in &self.rules {
            match &rule.condition {
                Condition::Contains(part) if text.contains(part.as_str()) => {
                    return Some((rule.reply.clone(), rule.delay_ms));
                }
                Condition::Equals(whole) if text == whole => return Some((rule.reply.clone(), rule.delay_ms)),
                Condition::Matches(pattern) => {
                    if let Some(captures) = pattern.captures(text) {
                        let mut reply = String::new();
                        captures.expand(&rule.reply, &mut reply);
                        return Some((reply, rule.delay_ms));
                    }
                }
                _ => {}
            }
        }
        self.body.echo.then(|| (text.to_owned(), self.body.echo_delay_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(json: &str) -> Result<Script, String> {
        Script::new(serde_json::from_str(json).map_err(|error| error.to_string())?)
    }

    #[test]
    fn the_first_rule_that_fits_answers_before_the_echo() {
        let script = script(r#"{"echo":true,"rules":[{"equals":"ping","reply":"pong"},{"matches":"^my name is (\\w+)","reply":"hi $1","delayMs":5},{"contains":"?","reply":"maybe"}]}"#).unwrap();
        assert_eq!(script.reply_to("ping"), Some(("pong".to_owned(), 0)));
        assert_eq!(script.reply_to("my name is Ana!"), Some(("hi Ana".to_owned(), 5)));
        assert_eq!(script.reply_to("ping?"), Some(("maybe".to_owned(), 0)));
        assert_eq!(script.reply_to("other"), Some(("other".to_owned(), 0)));
        assert!(Script::default().reply_to("ping").is_none());
    }

    #[test]
    fn says_what_is_wrong_with_a_script() {
        assert!(script(r#"{"rules":[{"reply":"x"}]}"#).unwrap_err().contains("exactly one"));
        assert!(script(r#"{"rules":[{"matches":"(","reply":"x"}]}"#).unwrap_err().contains("regular expression"));
        assert!(script(r#"{"ecko":true}"#).unwrap_err().contains("ecko"));
    }
}
