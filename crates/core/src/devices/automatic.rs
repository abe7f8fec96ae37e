//! What a number does by itself: answering, giving chats to people, and the
//! hours in which there are people.

use serde::{Deserialize, Serialize};
use sparkbot_store::Writing;
use sparkbot_store::rows::DeviceRow;
use utoipa::ToSchema;

use crate::assignment::{AutoAssign, AutoAssignChange};
use crate::auto_replies::{AutoReplies, AutoRepliesChange};
use crate::clock::iso;
use crate::departments;
use crate::error::{Error, Result};
use crate::hours::WeekHours;
use crate::merge::{merged, present};
use crate::network::Millis;
use crate::team::OperativeHours;

/// Changes of the hours in which a number's team works; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct OperativeHoursChange {
    /// Whether there are such hours; without, it is always open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable: Option<bool>,
    /// IANA name of the zone of the hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The hours of each day, all of them anew; a day that is left out is open all day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<WeekHours>,
    /// Open in any case until then, ISO 8601; null ends the exception.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub except_until: Option<Option<String>>,
}

/// What is to change of what a number does by itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Automatic {
    pub(super) hours: Option<OperativeHoursChange>,
    pub(super) replies: Option<AutoRepliesChange>,
    pub(super) assign: Option<AutoAssignChange>,
}

impl Automatic {
    /// Puts the changes into a row, without writing it; `hours` are part of the
    /// settings, which the caller has at hand.
    pub(super) async fn put(
        self,
        w: &mut Writing,
        row: &mut DeviceRow,
        hours: &mut OperativeHours,
        user: &str,
        now: Millis,
    ) -> Result<()> {
        let rules_changed = self.hours.is_some() || self.assign.is_some();
        if let Some(change) = self.hours {
            let excepts = change.except_until.is_some();
            *hours = merged(hours, &change)?;
            hours.check()?;
            if excepts {
                let until = hours.except_until.is_some();
                hours.except_active_at = until.then(|| iso(now));
                hours.except_user = until.then(|| user.to_owned());
            }
        }
        if let Some(change) = self.replies {
            let mut replies = merged(&AutoReplies::of(row)?, &change)?;
            replies.check(w, &row.account_id, user, now).await?;
            (replies.updated_by, replies.updated_at) = (Some(user.to_owned()), Some(iso(now)));
            row.auto_replies = serde_json::to_string(&replies).map_err(Error::internal)?;
        }
        if let Some(mut change) = self.assign {
            if let Some(Some(name)) = &change.department {
                let found = departments::find(w, &row.account_id, &row.id, name).await?;
                change.department = Some(Some(found.id.to_string()));
            }
            let mut rules = merged(&AutoAssign::of(row)?, &change)?;
            rules.check()?;
            (rules.updated_by, rules.updated_at) = (Some(user.to_owned()), Some(iso(now)));
            row.auto_assign = serde_json::to_string(&rules).map_err(Error::internal)?;
        }
        if rules_changed {
            // Chats wait for somebody under the old rules.
            crate::assignment::hurry(w, &row.account_id, now).await?;
        }
        Ok(())
    }
}
