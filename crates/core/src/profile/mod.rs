//! What people see of a number: name, about, picture, and what a business says
//! of itself. Kept here, so that showing it asks nobody.
//!
//! [`refresh`] is how something is heard, [`keep`] writes it and tells of it,
//! [`change`] is what people do. [`doc`] is its shape; [`rules`], [`hours`] and
//! [`categories`] are what may be said.

mod categories;
mod change;
mod doc;
mod hours;
mod keep;
mod refresh;
mod rules;

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sparkbot_store::rows::{Account, DeviceRow};

use crate::app::Core;
use crate::devices;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::views::Profile;

pub use categories::CATEGORIES;
pub use change::{BusinessChanges, ProfileChanges, set_image, update};
pub use hours::{HoursChange, MODES, WEEK};
pub use refresh::Profiles;
pub(crate) use refresh::{named, online, reported};
pub use rules::{ABOUT, ADDRESS, DESCRIPTION, EMAIL, KINDS, NAME, WEBSITE, WEBSITES};

/// A number's picture.
#[derive(Debug, Clone)]
pub struct Image {
    /// WhatsApp's id; another picture has another one.
    pub id: String,
    /// A JPEG.
    pub jpeg: Vec<u8>,
}

/// What people see of a number; with the picture itself when asked for. What is
/// older than an hour is asked for again when the number is online.
///
/// # Errors
/// `device:notfound`; without the scope `devices:read`.
pub async fn get(core: &Core, caller: &Caller, device: &DeviceId, with_image: bool) -> Result<Profile> {
    caller.need(Scope::DevicesRead)?;
    devices::row(core, &caller.account, device).await?;
    refresh::when_old(core, &caller.account, device).await;
    let mut profile = shown(core, caller, device).await?;
    if with_image && let Some(image) = &mut profile.image {
        let kept = core.store().read().await?.account(&caller.account).profile_picture(device).await?;
        image.data = kept.map(|(_, jpeg)| format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)));
    }
    Ok(profile)
}

/// A number's picture.
///
/// # Errors
/// `device:notfound`, `profile:no_image`; without the scope `devices:read`.
pub async fn image(core: &Core, caller: &Caller, device: &DeviceId) -> Result<Image> {
    caller.need(Scope::DevicesRead)?;
    devices::row(core, &caller.account, device).await?;
    refresh::when_old(core, &caller.account, device).await;
    let kept = core.store().read().await?.account(&caller.account).profile_picture(device).await?;
    let (id, jpeg) = kept.ok_or_else(|| {
        Error::not_found("profile:no_image", format!("The WhatsApp number {device} has no picture."))
            .hint("Set one with PUT /v1/devices/{device}/profile/image.")
    })?;
    Ok(Image { id, jpeg })
}

async fn shown(core: &Core, caller: &Caller, device: &DeviceId) -> Result<Profile> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let row = scope.device(device).await?.ok_or_else(|| devices::not_found(device))?;
    let kept = scope.profile(device).await?;
    doc::view(&row, kept.as_ref())
}

/// What people see of several numbers, by id; what they say as businesses apart.
///
/// # Errors
/// As the database answers.
pub(crate) async fn of_devices(scope: &mut Account<'_>, devices: &[DeviceRow]) -> Result<HashMap<DeviceId, Profile>> {
    let ids: Vec<DeviceId> = devices.iter().map(|row| row.id.clone()).collect();
    let kept = if ids.is_empty() { Vec::new() } else { scope.profiles_of(&ids).await? };
    let show = |row: &DeviceRow| {
        let kept = kept.iter().find(|kept| kept.device_id == row.id.as_str());
        let profile = doc::view(row, kept)?;
        Ok((row.id.clone(), Profile { business_profile: None, ..profile }))
    };
    devices.iter().map(show).collect()
}
