//! Polls and votes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::limits::{Count, characters, entries, message_id, unlike};
use crate::error::{Error, Result};
use crate::network::content::Poll;

const CODE: &str = "poll:invalid";
const VOTE: &str = "vote:invalid";
/// Options of a poll at most.
const OPTIONS: usize = 12;

/// A question with answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessagePoll)]
pub struct PollEntry {
    /// The question.
    #[schema(min_length = 1, max_length = 250)]
    pub name: String,
    /// The answers, no two alike, of 1 to 100 characters.
    #[schema(min_items = 2, max_items = 12)]
    pub options: Vec<String>,
    /// Whether more than one may be chosen.
    #[serde(default)]
    pub multiple: bool,
}

/// A vote; it takes the place of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageVote)]
pub struct VoteEntry {
    /// WhatsApp id of the poll's message.
    #[schema(max_length = 32)]
    pub poll: String,
    /// What is chosen; nothing takes an earlier vote back.
    #[serde(default)]
    #[schema(max_items = 12)]
    pub options: Vec<VoteOption>,
}

/// An answer that is chosen, by its place or by its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageVoteOption)]
pub struct VoteOption {
    /// Its place, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 11)]
    pub id: Option<i64>,
    /// Its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub value: Option<String>,
}

impl PollEntry {
    pub(super) fn check(&self) -> Result<()> {
        characters(CODE, "poll.name", &self.name, Count::from_one_to(250))?;
        entries(CODE, "poll.options", self.options.len(), Count::between(2, OPTIONS))?;
        for (i, option) in self.options.iter().enumerate() {
            characters(CODE, &format!("poll.options[{i}]"), option, Count::from_one_to(100))?;
        }
        unlike(CODE, "poll.options", self.options.iter().map(String::as_str))
    }

    /// As the network takes it.
    pub(in crate::outbound) fn to_network(&self) -> Poll {
        Poll { name: self.name.clone(), options: self.options.clone(), selectable: if self.multiple { 0 } else { 1 } }
    }
}

impl VoteEntry {
    pub(super) fn check(&self) -> Result<()> {
        message_id("vote.poll", &self.poll)?;
        entries(VOTE, "vote.options", self.options.len(), Count::upto(OPTIONS))?;
        for (i, option) in self.options.iter().enumerate() {
            match (option.id, &option.value) {
                (Some(id), None) if (0..12).contains(&id) => {}
                (Some(id), None) => {
                    return Err(Error::invalid(VOTE, format!("'vote.options[{i}].id' is {id}; it must be 0 to 11.")));
                }
                (None, Some(value)) => {
                    characters(VOTE, &format!("vote.options[{i}].value"), value, Count::from_one_to(100))?;
                }
                _ => {
                    return Err(Error::invalid(VOTE, format!("'vote.options[{i}]' needs either 'id' or 'value'.")));
                }
            }
        }
        Ok(())
    }

    /// The texts that are chosen of a poll with these options.
    ///
    /// # Errors
    /// When the poll has no such option, or takes one answer only.
    pub(in crate::outbound) fn chosen(&self, poll: &Poll) -> Result<Vec<String>> {
        let mut chosen: Vec<String> = Vec::with_capacity(self.options.len());
        for option in &self.options {
            let found = match (option.id, &option.value) {
                (Some(id), _) => usize::try_from(id).ok().and_then(|id| poll.options.get(id)),
                (None, Some(value)) => poll.options.iter().find(|known| *known == value),
                (None, None) => None,
            };
            let found = found.ok_or_else(|| {
                let asked = option.value.clone().unwrap_or_else(|| option.id.unwrap_or_default().to_string());
                Error::invalid(VOTE, format!("The poll has no option '{asked}'; it has {}.", poll.options.join(", ")))
            })?;
            if !chosen.contains(found) {
                chosen.push(found.clone());
            }
        }
        if poll.selectable > 0 && chosen.len() > poll.selectable as usize {
            return Err(Error::invalid(
                VOTE,
                format!("The vote has {} options; the poll takes {}.", chosen.len(), poll.selectable),
            ));
        }
        Ok(chosen)
    }
}
