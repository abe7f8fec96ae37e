//! Whom a number gives chats to, as it is set and shown.

use serde::{Deserialize, Serialize};
use sparkbot_store::rows::DeviceRow;
use utoipa::ToSchema;

use crate::error::{Error, Result};

/// How one of several people is chosen.
pub const MODES: &[&str] = &["round-robin", "least-busy", "none"];
/// Minutes that somebody may have for an answer at most: a week.
const LONGEST: i64 = 7 * 24 * 60;

/// Whom a number gives chats to by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoAssign {
    /// Whether it does.
    pub active: bool,
    /// `round-robin`, `least-busy` (fewest open chats of the number), or `none`: only whom `sticky` names, and the
    /// department.
    pub mode: String,
    /// First of all to whoever had the chat last.
    pub sticky: bool,
    /// Id of the department that chats go to which have none.
    pub department: Option<String>,
    /// To people who are online.
    pub online: bool,
    /// To people who are away.
    pub away: bool,
    /// To people who are unavailable.
    pub unavailable: bool,
    /// To people who are offline.
    pub offline: bool,
    /// Whether a chat goes to somebody else when its person writes again; see `reassignOptions`.
    pub reassign: bool,
    /// Which chats do, and what becomes of those that nobody can be given.
    pub reassign_options: ReassignOptions,
    /// Minutes after which a chat that a rule has given, and that was not answered, goes to somebody else; 0 is never.
    pub reassign_after: i64,
    /// Who has set it: a team member's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    /// When, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// Which chats go to somebody else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReassignOptions {
    /// Those that were resolved.
    pub resolved: bool,
    /// Those that are open and whose agent is not there.
    pub active: bool,
    /// Nobody has them when there is nobody else; otherwise they stay where they are.
    pub unassign: bool,
}

impl Default for AutoAssign {
    fn default() -> Self {
        Self {
            active: false,
            mode: "round-robin".to_owned(),
            sticky: false,
            department: None,
            online: true,
            away: false,
            unavailable: false,
            offline: false,
            reassign: false,
            reassign_options: ReassignOptions::default(),
            reassign_after: 0,
            updated_by: None,
            updated_at: None,
        }
    }
}

impl AutoAssign {
    /// The rules of a number.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub fn of(device: &DeviceRow) -> Result<Self> {
        serde_json::from_str(&device.auto_assign).map_err(Error::internal)
    }

    /// Whether somebody in this state may be given chats.
    #[must_use]
    pub fn takes(&self, state: &str) -> bool {
        match state {
            "online" => self.online,
            "away" => self.away,
            "unavailable" => self.unavailable,
            _ => self.offline,
        }
    }

    /// Refuses what can't be carried out. The department is looked up apart.
    ///
    /// # Errors
    /// `autoassign:invalid`, naming field and value.
    pub fn check(&self) -> Result<()> {
        let wrong = |text: String| Err(Error::invalid("autoassign:invalid", text));
        if !MODES.contains(&self.mode.as_str()) {
            let modes = MODES.join(", ");
            return wrong(format!("autoAssign.mode is '{}'; it must be one of {modes}.", self.mode));
        }
        if !(0..=LONGEST).contains(&self.reassign_after) {
            return wrong(format!(
                "autoAssign.reassignAfter is {}; it is minutes from 1 to {LONGEST}, or 0 for never.",
                self.reassign_after
            ));
        }
        if self.active && !(self.online || self.away || self.unavailable || self.offline) {
            return wrong(
                "autoAssign is active, and none of 'online', 'away', 'unavailable' and 'offline' is true: nobody could \
                 be given a chat."
                    .to_owned(),
            );
        }
        if self.active && self.mode == "none" && !self.sticky && self.department.is_none() {
            return wrong("autoAssign.mode is 'none', and there is neither 'sticky' nor 'department'.".to_owned());
        }
        Ok(())
    }
}
