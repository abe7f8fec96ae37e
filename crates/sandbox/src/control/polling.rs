//! Asking for what is newer than a number, and waiting for it.

use std::time::Duration;

use serde::Deserialize;
use serde::de::Error as _;

use crate::hub::Hub;
use crate::world::World;

/// The longest wait, in milliseconds.
const MAX_WAIT_MS: u64 = 60_000;
/// How many items an answer has when the caller names no limit.
const DEFAULT_LIMIT: usize = 100;
/// The most items of an answer.
const MAX_LIMIT: usize = 1_000;

/// `?after=&wait=&limit=`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Poll {
    #[serde(deserialize_with = "optional")]
    after: Option<u64>,
    #[serde(deserialize_with = "optional")]
    wait: Option<u64>,
    #[serde(deserialize_with = "optional")]
    limit: Option<u64>,
}

/// An empty parameter counts as absent.
fn optional<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.filter(|text| !text.is_empty())
        .map(|text| text.parse().map_err(|_| D::Error::custom(format!("{text:?} is not a whole number"))))
        .transpose()
}

impl Poll {
    /// The number after which the caller wants to know.
    pub(super) fn after(&self) -> u64 {
        self.after.unwrap_or(0)
    }

    pub(super) fn limit(&self) -> usize {
        self.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT)
    }

    /// What `ask` finds, as soon as it finds anything or the wait is over.
    pub(super) async fn answer<T, E>(
        &self,
        hub: &Hub,
        mut ask: impl FnMut(&mut World) -> Result<Vec<T>, E>,
    ) -> Result<Vec<T>, E> {
        let wait = Duration::from_millis(self.wait.unwrap_or(0).min(MAX_WAIT_MS));
        let found = hub
            .wait_for(wait, |world| match ask(world) {
                Ok(items) if items.is_empty() => None,
                other => Some(other),
            })
            .await;
        found.unwrap_or_else(|| Ok(Vec::new()))
    }
}
