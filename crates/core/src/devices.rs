//! WhatsApp numbers: what an account calls its devices.

use sparkbot_store::rows::DeviceFilter;

use crate::app::Core;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::keys::Caller;
use crate::page::Page;
use crate::views::{Device, DeviceSettings};

/// What `POST /v1/devices` may say.
#[derive(Debug, Clone, Default)]
pub struct NewDevice {
    /// What people will call it, 1 to 60 characters.
    pub alias: String,
    /// Free text, 300 characters at most.
    pub description: Option<String>,
    /// Accepted for compatibility.
    pub plan: Option<String>,
    /// Ids of team members to give access.
    pub agents: Vec<String>,
    /// `Idempotency-Key` with the request's fingerprint.
    pub idempotency: Option<Idempotency>,
}

/// A repeatable POST.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// As sent, 1 to 255 characters.
    pub key: String,
    /// Hash over method, path and body.
    pub fingerprint: String,
}

/// What `PATCH /v1/devices/{id}` may change; absent stays.
#[derive(Debug, Clone, Default)]
pub struct DeviceChanges {
    /// Whether it runs.
    pub enable: Option<bool>,
    /// New alias.
    pub alias: Option<String>,
    /// New description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// Accepted for compatibility.
    pub plan: Option<String>,
    /// Webhooks that get only this number's events.
    pub webhooks: Option<Vec<String>>,
    /// New settings, each on its own.
    pub reboot_policy: Option<String>,
    /// How long messages are kept.
    pub retention_policy: Option<String>,
    /// Messages a minute.
    pub delivery_speed: Option<f64>,
}

/// A page of numbers, oldest first.
///
/// # Errors
/// Without the scope `devices:read`.
pub async fn list(core: &Core, caller: &Caller, filter: DeviceFilter) -> Result<Page<Device>> {
    todo!("{core:p} {caller:?} {filter:?}")
}

/// One number.
///
/// # Errors
/// `device:notfound`.
pub async fn get(core: &Core, caller: &Caller, id: &DeviceId) -> Result<Device> {
    todo!("{core:p} {caller:?} {id}")
}

/// Makes a number; it is `pending` until it is linked.
///
/// # Errors
/// For an empty or too long alias.
pub async fn create(core: &Core, caller: &Caller, new: NewDevice) -> Result<Device> {
    todo!("{core:p} {caller:?} {new:?}")
}

/// Changes a number.
///
/// # Errors
/// `device:notfound`, or for values out of range.
pub async fn update(core: &Core, caller: &Caller, id: &DeviceId, changes: DeviceChanges) -> Result<Device> {
    todo!("{core:p} {caller:?} {id} {changes:?}")
}

/// Deletes a number: it is unlinked on the phone, its session destroyed.
///
/// # Errors
/// `device:notfound`.
pub async fn delete(core: &Core, caller: &Caller, id: &DeviceId) -> Result<()> {
    todo!("{core:p} {caller:?} {id}")
}

/// Deletes the chats with these phone numbers, on this server only; how many there were.
///
/// # Errors
/// `device:notfound`, `phone:invalid`.
pub async fn delete_chats(core: &Core, caller: &Caller, id: &DeviceId, phones: &[String]) -> Result<u64> {
    todo!("{core:p} {caller:?} {id} {phones:?} {:?}", DeviceSettings::default())
}
