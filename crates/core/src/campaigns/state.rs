//! How a campaign stands, and what people may do with it.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// How a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// Being put together.
    Draft,
    /// Started, before its date.
    Pending,
    /// Sending.
    Processing,
    /// Stands still: by a person, or by itself with a reason.
    Paused,
    /// Ended by a person.
    Stopped,
    /// Everybody had their turn.
    Completed,
    /// Its time was over before everybody had their turn.
    Incomplete,
    /// It can't go on: none of its numbers is left.
    Failed,
    /// Deleted.
    Removed,
}

/// The words of the states that are shown.
pub const STATUSES: &[&str] =
    &["draft", "pending", "processing", "completed", "failed", "stopped", "paused", "incomplete"];
/// What people may do.
pub const ACTIONS: &[&str] = &["start", "stop", "pause", "resume"];

const ALL: &[(Status, &str)] = &[
    (Status::Draft, "draft"),
    (Status::Pending, "pending"),
    (Status::Processing, "processing"),
    (Status::Paused, "paused"),
    (Status::Stopped, "stopped"),
    (Status::Completed, "completed"),
    (Status::Incomplete, "incomplete"),
    (Status::Failed, "failed"),
    (Status::Removed, "removed"),
];

impl Status {
    pub(super) fn word(self) -> &'static str {
        ALL.iter().find(|(status, _)| *status == self).map_or("failed", |(_, word)| word)
    }

    /// Whether the runner has to do with it.
    pub(super) fn runs(self) -> bool {
        matches!(self, Self::Pending | Self::Processing)
    }
}

impl FromStr for Status {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let found = ALL.iter().find(|(_, word)| *word == text).map(|(status, _)| *status);
        found.ok_or_else(|| Error::internal(format!("a campaign is '{text}'")))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a person does with a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Start,
    Stop,
    Pause,
    Resume,
}

impl FromStr for Action {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "start" => Self::Start,
            "stop" => Self::Stop,
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            other => {
                let shown: String = other.chars().take(40).collect();
                let sentence = format!("'{shown}' is nothing to do with a campaign; there are {}.", ACTIONS.join(", "));
                return Err(Error::invalid("campaign:action", sentence));
            }
        })
    }
}

/// What an action makes of a campaign with `waiting` people whose turn has not
/// come; `None` when it changes nothing. `later` when its date has not come.
///
/// # Errors
/// A sentence, when it is not possible.
pub(super) fn after(status: Status, action: Action, waiting: i64, later: bool) -> Result<Option<Status>, String> {
    use Status::{Completed, Draft, Failed, Incomplete, Paused, Pending, Processing, Removed, Stopped};
    let running = if later { Pending } else { Processing };
    match (action, status) {
        (_, Removed) => Err("It was deleted.".to_owned()),
        (Action::Start | Action::Resume, Pending | Processing) => Ok(None),
        (Action::Start | Action::Resume, _) if waiting == 0 && status != Paused => Err(match status {
            Draft => "It has no contacts yet.".to_owned(),
            _ => format!("It is {status}, and nobody is left whose turn has not come."),
        }),
        (Action::Resume, Draft) => Err("It was never started.".to_owned()),
        (Action::Start | Action::Resume, Draft | Paused | Stopped | Completed | Incomplete | Failed) => {
            Ok(Some(running))
        }
        (Action::Pause, Pending | Processing) => Ok(Some(Paused)),
        (Action::Pause, Paused) | (Action::Stop, Stopped) => Ok(None),
        (Action::Pause, _) => Err(format!("It is {status}; only a running campaign can be paused.")),
        (Action::Stop, Pending | Processing | Paused) => Ok(Some(Stopped)),
        (Action::Stop, _) => Err(format!("It is {status}; only a running or paused campaign can be stopped.")),
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Action, STATUSES, Status, after};
    use Status::{Completed, Draft, Incomplete, Paused, Pending, Processing, Removed, Stopped};

    #[test]
    fn every_state_has_its_word() {
        for (status, word) in ALL {
            assert_eq!(word.parse::<Status>().expect("a state"), *status);
            assert_eq!(STATUSES.contains(word), *status != Removed);
        }
    }

    #[test]
    fn what_people_do_leads_from_state_to_state() {
        for (status, action, waiting, later, wanted) in [
            (Draft, Action::Start, 3, false, Ok(Some(Processing))),
            (Draft, Action::Start, 3, true, Ok(Some(Pending))),
            (Draft, Action::Start, 0, false, Err("no contacts yet")),
            (Draft, Action::Resume, 3, false, Err("never started")),
            (Draft, Action::Pause, 3, false, Err("only a running")),
            (Draft, Action::Stop, 3, false, Err("only a running or paused")),
            (Processing, Action::Start, 3, false, Ok(None)),
            (Processing, Action::Pause, 3, false, Ok(Some(Paused))),
            (Processing, Action::Stop, 3, false, Ok(Some(Stopped))),
            (Pending, Action::Pause, 3, true, Ok(Some(Paused))),
            (Paused, Action::Pause, 3, false, Ok(None)),
            (Paused, Action::Resume, 3, false, Ok(Some(Processing))),
            (Paused, Action::Start, 0, false, Ok(Some(Processing))),
            (Paused, Action::Stop, 3, false, Ok(Some(Stopped))),
            (Stopped, Action::Start, 3, false, Ok(Some(Processing))),
            (Stopped, Action::Stop, 3, false, Ok(None)),
            (Completed, Action::Start, 0, false, Err("nobody is left")),
            (Completed, Action::Start, 2, false, Ok(Some(Processing))),
            (Incomplete, Action::Start, 2, false, Ok(Some(Processing))),
            (Removed, Action::Start, 2, false, Err("deleted")),
        ] {
            match (after(status, action, waiting, later), wanted) {
                (Ok(became), Ok(wanted)) => assert_eq!(became, wanted, "{status} {action:?}"),
                (Err(sentence), Err(part)) => assert!(sentence.contains(part), "{status} {action:?}: {sentence}"),
                (became, _) => panic!("{status} {action:?}: {became:?}"),
            }
        }
    }
}
