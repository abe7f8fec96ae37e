//! Changing what people see of a number.

use std::sync::Arc;

use super::doc::Doc;
use super::hours::{self, HoursChange};
use super::keep::Heard;
use super::{Image, refresh, rules, shown};
use crate::app::Core;
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::network::profile::BusinessChange;
use crate::network::{Link, NetworkError};
use crate::pictures::{self, Source};
use crate::sessions;
use crate::views::Profile;

/// What `PATCH /v1/devices/{device}/profile` may change; absent stays.
#[derive(Debug, Clone, Default)]
pub struct ProfileChanges {
    /// New name.
    pub name: Option<String>,
    /// What the number says about itself; empty for nothing.
    pub status: Option<String>,
    /// What it says as a business.
    pub business: Option<BusinessChanges>,
}

/// What a business says of itself; absent stays, empty is removed.
#[derive(Debug, Clone, Default)]
pub struct BusinessChanges {
    /// What it does.
    pub description: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Its websites, all of them.
    pub websites: Option<Vec<String>>,
    /// What kind of business it is, as the API calls it.
    pub categories: Option<Vec<String>>,
    /// When it is open.
    pub hours: Option<HoursChange>,
}

impl BusinessChanges {
    /// Within WhatsApp's limits; opening hours apart, which depend on those before.
    fn checked(&self) -> Result<BusinessChange> {
        Ok(BusinessChange {
            description: self.description.as_deref().map(rules::description).transpose()?,
            address: self.address.as_deref().map(rules::address).transpose()?,
            email: self.email.as_deref().map(rules::email).transpose()?,
            websites: self.websites.as_deref().map(rules::websites).transpose()?,
            categories: self.categories.as_deref().map(rules::categories).transpose()?,
            hours: self.hours.as_ref().map(|change| hours::changed(None, change)).transpose()?,
        })
    }
}

fn online(core: &Core, device: &DeviceId, session: &str) -> Result<Arc<dyn Link>> {
    core.sessions().online(device).ok_or_else(|| sessions::offline(device, session))
}

/// Changes what people see of a number, one after the other: name, status, what
/// it says as a business.
///
/// # Errors
/// `profile:…` for what goes beyond WhatsApp's limits, `profile:not_business`,
/// `session:offline`. What was changed before a refusal stays changed;
/// `meta.done` names it.
pub async fn update(core: &Core, caller: &Caller, device: &DeviceId, changes: ProfileChanges) -> Result<Profile> {
    caller.need(Scope::DevicesWrite)?;
    let name = changes.name.as_deref().map(rules::name).transpose()?;
    let about = changes.status.as_deref().map(rules::about).transpose()?;
    let mut business = changes.business.as_ref().map(BusinessChanges::checked).transpose()?;
    business = business.filter(|change| *change != BusinessChange::default());
    let row = devices::row(core, &caller.account, device).await?;
    let link = online(core, device, &row.session_status)?;
    let turn = core.profiles().turn(device).await;
    if let Some(change) = &mut business {
        let told = link.own_profile().await.map_err(failed)?.business.ok_or_else(|| not_business(device))?;
        if let Some(wanted) = changes.business.and_then(|business| business.hours) {
            change.hours = Some(hours::changed(told.hours.as_ref(), &wanted)?);
        }
    }
    let mut done: Vec<&str> = Vec::new();
    let mut heard = Heard::default();
    let changing = async {
        if let Some(name) = name.filter(|name| row.push_name.as_ref() != Some(name)) {
            link.set_name(&name).await?;
            done.push("name");
            heard.name = Some(name);
        }
        if let Some(about) = &about {
            link.set_about(about).await?;
            done.push("status");
        }
        if let Some(change) = business {
            link.change_business(change).await?;
            done.push("businessProfile");
        }
        Ok(())
    };
    let changed: Result<(), NetworkError> = changing.await;
    if done.iter().any(|what| *what != "name") {
        match link.own_profile().await {
            Ok(told) => heard.doc = Some(Doc::from(told)),
            // It has changed all the same; it is looked at as soon as that is possible.
            Err(_) => refresh::soon(core, &caller.account, device),
        }
    }
    refresh::write(core, &caller.account, device, heard).await?;
    drop(turn);
    match changed {
        Ok(()) => shown(core, caller, device).await,
        Err(error) => Err(refused(error, device).with("done", done)),
    }
}

/// Sets a number's picture.
///
/// # Errors
/// For what is no picture; `device:notfound`, `session:offline`.
pub async fn set_image(core: &Core, caller: &Caller, device: &DeviceId, source: Source) -> Result<Profile> {
    caller.need(Scope::DevicesWrite)?;
    let row = devices::row(core, &caller.account, device).await?;
    online(core, device, &row.session_status)?;
    let jpeg = pictures::make(core, source).await?;
    let link = online(core, device, &row.session_status)?;
    let turn = core.profiles().turn(device).await;
    let id = link.set_picture(jpeg.clone()).await.map_err(|error| refused(error, device))?;
    let asked = refresh::now(core, &caller.account, device, &*link, Some(Image { id, jpeg })).await;
    if asked.is_err() {
        // It is set all the same.
        refresh::soon(core, &caller.account, device);
    }
    drop(turn);
    shown(core, caller, device).await
}

fn not_business(device: &DeviceId) -> Error {
    Error::conflict(
        "profile:not_business",
        format!("The WhatsApp number {device} is no WhatsApp Business account, so it has no business profile."),
    )
    .hint("Leave 'businessProfile' out, or move the number to the WhatsApp Business app.")
}

fn failed(error: NetworkError) -> Error {
    match error {
        NetworkError::TooManyAttempts { retry_after } => Error::new(
            Kind::TooMany,
            "profile:too_many",
            "WhatsApp takes no more changes of this number's profile for now.",
        )
        .hint("Wait, and change it less often.")
        .after(retry_after.unwrap_or(std::time::Duration::from_secs(60))),
        other => sessions::network_error(other),
    }
}

fn refused(error: NetworkError, device: &DeviceId) -> Error {
    match error {
        NetworkError::Refused { code, reason } => Error::invalid(
            "profile:refused",
            format!("WhatsApp refused it for the number {device}: {reason} ({code})."),
        ),
        other => failed(other),
    }
}
