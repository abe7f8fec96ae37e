//! Who has looked at an update.

use serde_json::json;
use sparkbot_store::Writing;
use sparkbot_store::rows::DeviceRow;

use super::show;
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::events::{self, Change};
use crate::network::Millis;
use crate::views::DeviceRef;
use crate::wid::Wid;

/// Tells that somebody has looked at an update of this number for the first time;
/// before it is noted.
///
/// # Errors
/// As the database answers.
pub(crate) async fn viewed(
    w: &mut Writing,
    device: &DeviceRow,
    wa_id: &str,
    by: &Wid,
    at: Millis,
    now: Millis,
) -> Result<()> {
    let mut scope = w.account(&device.account_id);
    let Some(row) = scope.chat_message(&device.id, wa_id).await? else { return Ok(()) };
    if row.chat != super::CHAT || row.flow != "outbound" {
        return Ok(());
    }
    let status = show::posted(&mut scope, device, row, false).await?;
    let mut data = serde_json::to_value(status).map_err(Error::internal)?;
    data["update"] = json!({
        "type": "view", "from": by, "fromNumber": by.phone().map(String::from), "date": iso(at),
    });
    let change = Change {
        event: "status:update",
        object: "message",
        object_id: wa_id.to_owned(),
        lane: events::lane(&device.id, super::CHAT),
        data,
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, now).await?;
    Ok(())
}
