//! A profile between its row and how it is shown.

use serde::{Deserialize, Serialize};
use sparkbot_store::rows::{DeviceRow, ProfileRow};

use super::{categories, hours};
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::network::profile::{BusinessProfile, OwnProfile, ProfilePicture};
use crate::views::{self, Profile, ProfileImage};

/// What is kept of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Doc {
    pub(super) about: Option<String>,
    pub(super) picture: Option<ProfilePicture>,
    pub(super) business: Option<BusinessProfile>,
}

impl From<OwnProfile> for Doc {
    fn from(told: OwnProfile) -> Self {
        Self { about: told.about, picture: told.picture, business: told.business }
    }
}

impl Doc {
    /// What was kept of the account that the number is linked to; of the last one
    /// while it is linked to none.
    pub(super) fn of(device: &DeviceRow, row: Option<&ProfileRow>) -> Result<Option<Self>> {
        let same = |row: &&ProfileRow| device.wid.as_deref().is_none_or(|wid| wid == row.wid);
        row.filter(same).map(|row| serde_json::from_str(&row.doc).map_err(Error::internal)).transpose()
    }
}

/// Where this server hands a number's picture out.
fn address(device: &DeviceId) -> String {
    format!("/v1/devices/{device}/profile/image")
}

/// A profile as the outside sees it.
pub(super) fn view(device: &DeviceRow, row: Option<&ProfileRow>) -> Result<Profile> {
    let doc = Doc::of(device, row)?;
    let synced_at = row.filter(|_| doc.is_some()).map(|row| iso(row.synced_at));
    Ok(show(device, &doc.unwrap_or_default(), synced_at))
}

/// The same of what is about to be kept.
pub(super) fn show(device: &DeviceRow, doc: &Doc, last_sync_at: Option<String>) -> Profile {
    Profile {
        name: device.push_name.clone(),
        image: doc.picture.as_ref().map(|picture| image(&device.id, picture)),
        info: doc.about.clone(),
        status: doc.about.clone(),
        is_business: doc.business.is_some(),
        business_profile: doc.business.as_ref().map(business),
        last_sync_at,
    }
}

pub(super) fn image(device: &DeviceId, picture: &ProfilePicture) -> ProfileImage {
    ProfileImage { id: picture.id.clone(), url: address(device), data: None }
}

pub(super) fn business(told: &BusinessProfile) -> views::BusinessProfile {
    views::BusinessProfile {
        description: told.description.clone(),
        address: told.address.clone(),
        email: told.email.clone(),
        websites: told.websites.clone(),
        categories: told.categories.iter().map(categories::word).collect(),
        business_hours: told.hours.as_ref().map(hours::view),
    }
}
