//! Who did what. The store writes the lines by itself, in the transaction of
//! the change ([`sparkbot_store::actor`]); here they are read, and forgotten
//! when they are old.

mod housekeeping;

use serde::Serialize;
pub use sparkbot_store::rows::AuditFilter;
use sparkbot_store::rows::AuditRow;
use utoipa::ToSchema;

use crate::app::Core;
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::keys::{Caller, Scope};

pub(crate) use housekeeping::start_housekeeping;
pub use housekeeping::sweep;

/// Lines a page at most.
pub const MOST: i64 = 500;

/// A line of the audit log: one request that changed something.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its place in the log; later lines have greater ones.
    pub seq: i64,
    /// ISO 8601.
    pub date: String,
    /// What was done: the operation's id in the OpenAPI document.
    pub action: String,
    /// Who did it.
    pub by: AuditBy,
    /// What was changed, as far as the action names one thing.
    pub object: Option<AuditObject>,
    /// The WhatsApp number it belongs to.
    pub device: Option<String>,
    /// The address that the request came from.
    pub origin: Option<String>,
}

/// Who did something.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditBy {
    /// Id of the team member.
    pub user: String,
    /// What they were called then.
    pub name: String,
    /// Their role then.
    pub role: String,
    /// Id of the API key that was used.
    pub key: String,
}

/// What was changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditObject {
    /// `chat`, `message`, `user`…
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// A part of the audit log, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// Pass as `cursor` for the older ones; null when there are none.
    pub cursor: Option<i64>,
}

/// Reads the audit log, newest first.
///
/// # Errors
/// Without the scope `audit:read`; `audit:limit`.
pub async fn read(core: &Core, caller: &Caller, mut filter: AuditFilter) -> Result<AuditPage> {
    caller.need(Scope::AuditRead)?;
    let size = filter.limit;
    if !(1..=MOST).contains(&size) {
        return Err(Error::invalid("audit:size", format!("The size {size} is not between 1 and {MOST}.")));
    }
    // One more tells whether there are others.
    filter.limit = size + 1;
    let mut rows = core.store().read().await?.account(&caller.account).audit(&filter).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|n| n > size);
    if more {
        rows.pop();
    }
    let cursor = rows.last().filter(|_| more).map(|row| row.seq);
    Ok(AuditPage { entries: rows.into_iter().map(entry).collect(), cursor })
}

fn entry(row: AuditRow) -> AuditEntry {
    AuditEntry {
        seq: row.seq,
        date: iso(row.at),
        action: row.action,
        by: AuditBy { user: row.user_id, name: row.user_name, role: row.role, key: row.key_id },
        object: row.object.zip(row.object_id).map(|(kind, id)| AuditObject { kind, id }),
        device: row.device_id,
        origin: row.origin,
    }
}
