//! Appending to the log, in the transaction that makes the change.

use serde_json::{Value, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::NewEvent;

use super::envelope::EventBy;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::views::DeviceRef;

/// A change that somebody may want to hear of.
#[derive(Debug, Clone)]
pub struct Change {
    /// `message:in:new` and so on.
    pub event: &'static str,
    /// What `object_id` names: `message`, `device`, `chat`…
    pub object: &'static str,
    /// The thing that changed.
    pub object_id: String,
    /// Events of one lane are delivered in order: the chat, or the device.
    pub lane: String,
    /// The payload, in the form in which the API shows the thing.
    pub data: Value,
}

/// The lane of one chat of one number.
pub(crate) fn lane(device: &DeviceId, chat: &str) -> String {
    format!("{device}/{chat}")
}

/// Appends a change to the log; its position.
///
/// The number is stored as it was at that moment, so that every delivery of
/// the event says the same and needs no look-up. So is who made the change, when
/// a person did.
///
/// # Errors
/// As the database answers, or when the device's id is none.
pub async fn append(
    w: &mut Writing,
    account: &AccountId,
    device: Option<&DeviceRef>,
    change: Change,
    now: i64,
) -> Result<i64> {
    let id = device.map(|device| device.id.parse::<DeviceId>()).transpose().map_err(Error::internal)?;
    let by = w.actor().map(|actor| EventBy {
        user: actor.user.to_string(),
        name: actor.name.clone(),
        role: actor.role.clone(),
        key: actor.key.to_string(),
    });
    let data = json!({ "device": device, "by": by, "data": change.data }).to_string();
    let event = NewEvent {
        account: account.clone(),
        device: id,
        event: change.event.to_owned(),
        object: change.object.to_owned(),
        object_id: change.object_id,
        lane: change.lane,
        data,
        at: now,
    };
    Ok(w.append_event(event).await?)
}
