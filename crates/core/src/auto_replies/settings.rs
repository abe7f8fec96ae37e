//! What a number answers by itself, as it is set and shown.

use serde::{Deserialize, Serialize};
use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, FileRow};
use utoipa::ToSchema;

use super::rules::period;
use crate::error::{Error, Result};
use crate::hours::{WeekHours, zone};
use crate::ids::{AccountId, FileId};
use crate::network::Millis;

/// Who is answered.
pub const TARGETS: &[&str] = &["all", "new_contacts"];
/// Characters of a text at most: as of every message.
const TEXT: usize = 6000;

/// What a number answers by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AutoReplies {
    /// To who writes for the first time, or again after a long silence.
    pub welcome: Welcome,
    /// To who writes outside of business hours.
    pub away: Away,
    /// To who writes while nobody of the team is there.
    pub busy: Busy,
    /// To who calls.
    pub call: CallReply,
    /// Who has set it: a team member's id.
    #[serde(rename = "updatedBy", skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    /// When, ISO 8601.
    #[serde(rename = "updatedAt", skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A welcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Welcome {
    /// Whether it is sent.
    pub active: bool,
    /// The text, or the file's caption.
    pub message: Option<String>,
    /// Id of a file that goes along.
    pub file: Option<String>,
    /// `all`, or `new_contacts` with whom nothing was ever said.
    pub target: String,
    /// How long nothing must have been said, and the least time between two.
    pub timeframe: String,
    /// Not in chats that were resolved.
    pub skip_resolved: bool,
    /// Not in chats that somebody looks after.
    pub skip_assigned: bool,
}

/// An answer outside of business hours: once each time the doors are closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Away {
    /// Whether it is sent.
    pub active: bool,
    /// The text, or the file's caption.
    pub message: Option<String>,
    /// Id of a file that goes along.
    pub file: Option<String>,
    /// `all`, or `new_contacts` with whom nothing was ever said.
    pub target: String,
    /// Not in chats that were resolved.
    pub skip_resolved: bool,
    /// Not in chats that somebody looks after.
    pub skip_assigned: bool,
    /// Not in chats that waited for an answer already.
    pub skip_pending: bool,
    /// IANA name of the zone of the hours.
    pub timezone: String,
    /// Hours of its own; the number's operative hours when absent.
    pub business_hours: Option<WeekHours>,
}

/// An answer while nobody is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Busy {
    /// Whether it is sent.
    pub active: bool,
    /// The text, or the file's caption.
    pub message: Option<String>,
    /// Id of a file that goes along.
    pub file: Option<String>,
    /// `all`, or `new_contacts` with whom nothing was ever said.
    pub target: String,
    /// The least time between two.
    pub timeframe: String,
    /// Not in chats that waited for an answer already.
    pub skip_pending: bool,
    /// Not in chats that were resolved.
    pub skip_resolved: bool,
    /// Not in chats that somebody looks after.
    pub skip_assigned: bool,
}

/// An answer to a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CallReply {
    /// Whether calls are dealt with at all.
    pub active: bool,
    /// The text, or the file's caption.
    pub message: Option<String>,
    /// Id of a file that goes along.
    pub file: Option<String>,
    /// Whether the call is rejected, so that it stops ringing.
    pub reject: bool,
}

impl Default for Welcome {
    fn default() -> Self {
        Self {
            active: false,
            message: None,
            file: None,
            target: "all".to_owned(),
            timeframe: "14d".to_owned(),
            skip_resolved: false,
            skip_assigned: false,
        }
    }
}

impl Default for Away {
    fn default() -> Self {
        Self {
            active: false,
            message: None,
            file: None,
            target: "all".to_owned(),
            skip_resolved: false,
            skip_assigned: false,
            skip_pending: false,
            timezone: "UTC".to_owned(),
            business_hours: None,
        }
    }
}

impl Default for Busy {
    fn default() -> Self {
        Self {
            active: false,
            message: None,
            file: None,
            target: "all".to_owned(),
            timeframe: "5m".to_owned(),
            skip_pending: false,
            skip_resolved: false,
            skip_assigned: false,
        }
    }
}

impl AutoReplies {
    /// Those of a number.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub fn of(device: &DeviceRow) -> Result<Self> {
        serde_json::from_str(&device.auto_replies).map_err(Error::internal)
    }

    /// Refuses what can't be carried out.
    ///
    /// # Errors
    /// `autoreply:invalid`, `hours:invalid`, `hours:timezone`, naming field and value.
    pub async fn check(&self, w: &mut Writing, account: &AccountId, user: &str, now: Millis) -> Result<()> {
        let (welcome, away, busy, call) = (&self.welcome, &self.away, &self.busy, &self.call);
        for (name, active, message, file) in [
            ("welcome", welcome.active, &welcome.message, &welcome.file),
            ("away", away.active, &away.message, &away.file),
            ("busy", busy.active, &busy.message, &busy.file),
            ("call", call.active && !call.reject, &call.message, &call.file),
        ] {
            said(name, active, message.as_deref(), file.as_deref())?;
            if let Some(file) = file {
                exists(w, account, user, (name, file), now).await?;
            }
        }
        for (name, target) in [("welcome", &welcome.target), ("away", &away.target), ("busy", &busy.target)] {
            if !TARGETS.contains(&target.as_str()) {
                return Err(wrong(format!(
                    "autoReplies.{name}.target is '{target}'; it must be one of {}.",
                    TARGETS.join(", ")
                )));
            }
        }
        for (name, timeframe) in [("welcome", &welcome.timeframe), ("busy", &busy.timeframe)] {
            if period(timeframe).is_none() {
                return Err(wrong(format!(
                    "autoReplies.{name}.timeframe is '{timeframe}'; it must be a time such as 5m, 12h, 14d or 2w, from \
                     1m to 365d."
                )));
            }
        }
        zone(&away.timezone)?;
        away.business_hours.as_ref().map_or(Ok(()), |hours| hours.check("autoReplies.away.businessHours"))
    }
}

fn wrong(text: String) -> Error {
    Error::invalid("autoreply:invalid", text)
}

fn said(name: &str, active: bool, message: Option<&str>, file: Option<&str>) -> Result<()> {
    let length = message.map_or(0, |text| text.chars().count());
    if length > TEXT {
        return Err(wrong(format!("autoReplies.{name}.message has {length} characters; {TEXT} are possible.")));
    }
    let says_nothing = message.is_none_or(|text| text.trim().is_empty()) && file.is_none();
    if active && says_nothing {
        return Err(wrong(format!("autoReplies.{name} is active and has neither 'message' nor 'file'.")));
    }
    Ok(())
}

async fn exists(
    w: &mut Writing,
    account: &AccountId,
    user: &str,
    (name, file): (&str, &str),
    now: Millis,
) -> Result<()> {
    let found = match file.parse::<FileId>() {
        Ok(id) => w.account(account).file(&id).await?,
        Err(_) => None,
    };
    let seen = |row: &FileRow| row.expires_at > now && (row.permission != "private" || row.created_by == user);
    if found.as_ref().is_some_and(seen) {
        return Ok(());
    }
    let shown: String = file.chars().take(40).collect();
    Err(wrong(format!("autoReplies.{name}.file is '{shown}', and there is no such file in this account.")))
}
