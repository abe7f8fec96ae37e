//! Changes of a number's session, told to whoever listens.

use serde_json::{Map, Value, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, SessionLogRow};

use crate::error::Result;
use crate::events::{self, Change};
use crate::views::{DeviceRef, SessionFacts};

/// Notes a change of a session: in its history and in the event log.
pub(crate) async fn session_event(
    w: &mut Writing,
    row: &DeviceRow,
    event: &str,
    message: &str,
    now: i64,
) -> Result<()> {
    session_event_with(w, row, event, message, Map::new(), now).await
}

/// The same with more to tell.
pub(crate) async fn session_event_with(
    w: &mut Writing,
    row: &DeviceRow,
    event: &str,
    message: &str,
    extra: Map<String, Value>,
    now: i64,
) -> Result<()> {
    let level = match row.session_status.as_str() {
        "blocked" | "error" => "error",
        "timeout" | "conflict" | "timeout_sync" => "warning",
        _ => "info",
    };
    let line = SessionLogRow {
        event: format!("session:{event}"),
        level: level.to_owned(),
        message: message.to_owned(),
        created_at: now,
    };
    w.account(&row.account_id).log_session(&row.id, &line).await?;
    let facts = SessionFacts::of(row)?;
    let mut data = json!({
        "id": row.id,
        "alias": row.alias,
        "phone": row.phone,
        "wid": row.wid,
        "status": row.status,
        "session": { "status": row.session_status, "newNumber": facts.new_number, "error": facts.error },
        "change": event,
        "message": message,
        "date": crate::clock::iso(now),
    });
    for (name, value) in extra {
        data[name] = value;
    }
    let change = Change {
        event: "number:session",
        object: "device",
        object_id: row.id.to_string(),
        lane: row.id.to_string(),
        data,
    };
    events::append(w, &row.account_id, Some(&DeviceRef::of(row)), change, now).await?;
    Ok(())
}
