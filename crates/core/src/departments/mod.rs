//! Departments of a number: what it is divided into, and who works where.

use sparkbot_store::Writing;
use sparkbot_store::rows::DepartmentRow;

use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};

/// A department of a number, by id or name, whatever the name's case.
///
/// # Errors
/// `department:notfound`.
pub async fn find(w: &mut Writing, account: &AccountId, device: &DeviceId, id_or_name: &str) -> Result<DepartmentRow> {
    let found = w.account(account).department(device, &id_or_name.trim().to_lowercase()).await?;
    found.ok_or_else(|| {
        let shown: String = id_or_name.chars().take(60).collect();
        Error::invalid("department:notfound", format!("There is no department '{shown}' in this WhatsApp number."))
            .hint("GET /v1/devices/{id}/departments lists them.")
    })
}
