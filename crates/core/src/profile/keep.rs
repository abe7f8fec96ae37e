//! Writing a profile as it is now, and telling what has changed: the one place
//! where both happen, so that a change is told once, whoever hears of it first.

use serde_json::{Map, Value, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::DeviceRow;

use super::Image;
use super::doc::{self, Doc};
use crate::clock::iso;
use crate::devices::{not_found, session_event_with};
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::Millis;
use crate::network::profile::BusinessProfile;

/// What was heard of a profile; absent is not known.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    /// The name.
    pub(super) name: Option<String>,
    /// Everything else.
    pub(super) doc: Option<Doc>,
    /// The picture's bytes.
    pub(super) image: Option<Image>,
}

/// Writes what was heard. The first time there is no news in what is there.
pub(super) async fn keep(
    w: &mut Writing,
    account: &AccountId,
    device: &DeviceId,
    heard: Heard,
    now: Millis,
) -> Result<()> {
    w.touches("device", device.as_str(), Some(device.as_str()));
    let mut scope = w.account(account);
    let mut row = scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let kept = scope.profile(device).await?;
    let before = Doc::of(&row, kept.as_ref())?;
    let mut changes = Changes::default();
    if let Some(name) = heard.name.filter(|name| row.push_name.as_ref() != Some(name)) {
        let known = row.push_name.is_some();
        changes.note("name", known, json!(row.push_name.replace(name)));
        row.updated_at = now;
        scope.update_device(&row).await?;
    }
    let mut synced_at = kept.as_ref().map(|kept| kept.synced_at);
    let mut after = before.clone();
    if let Some(doc) = heard.doc
        && let Some(wid) = row.wid.clone()
    {
        let text = serde_json::to_string(&doc).map_err(Error::internal)?;
        scope.put_profile(device, &wid, &text, now).await?;
        let still = doc.picture.as_ref().map(|picture| &picture.id);
        let has = kept.as_ref().filter(|_| before.is_some()).and_then(|kept| kept.picture_id.as_ref());
        match heard.image.filter(|image| Some(&image.id) == still) {
            Some(image) => scope.keep_profile_picture(device, Some((&image.id, &image.jpeg))).await?,
            None if still.is_none() || has != still => scope.keep_profile_picture(device, None).await?,
            None => {}
        }
        if let Some(before) = &before {
            changes.between(device, before, &doc);
        }
        synced_at = Some(now);
        after = Some(doc);
    }
    tell(w, &row, &after.unwrap_or_default(), synced_at, changes, now).await
}

/// Appends the event of what has changed, if anything has.
async fn tell(
    w: &mut Writing,
    row: &DeviceRow,
    doc: &Doc,
    synced_at: Option<Millis>,
    changes: Changes,
    now: Millis,
) -> Result<()> {
    if changes.words.is_empty() {
        return Ok(());
    }
    let profile = doc::show(row, doc, synced_at.map(iso));
    let mut extra = Map::new();
    extra.insert("changes".to_owned(), json!(changes.words));
    extra.insert("previous".to_owned(), Value::Object(changes.previous));
    extra.insert("profile".to_owned(), serde_json::to_value(profile).map_err(Error::internal)?);
    let message = format!("The number's profile has changed: {}.", changes.words.join(", "));
    session_event_with(w, row, "profile", &message, extra, now).await
}

/// What is another than before, and what it was.
#[derive(Debug, Default)]
struct Changes {
    words: Vec<&'static str>,
    previous: Map<String, Value>,
}

impl Changes {
    fn note(&mut self, word: &'static str, differs: bool, was: Value) {
        if differs {
            self.words.push(word);
            self.previous.insert(word.to_owned(), was);
        }
    }

    fn between(&mut self, device: &DeviceId, before: &Doc, after: &Doc) {
        self.note("status", before.about != after.about, json!(before.about));
        let id = |doc: &Doc| doc.picture.as_ref().map(|picture| picture.id.clone());
        let was = before.picture.as_ref().map(|picture| doc::image(device, picture));
        self.note("image", id(before) != id(after), json!(was));
        self.note(
            "isBusiness",
            before.business.is_some() != after.business.is_some(),
            json!(before.business.is_some()),
        );
        if let (Some(before), Some(after)) = (&before.business, &after.business) {
            self.business(before, after);
        }
    }

    fn business(&mut self, old: &BusinessProfile, new: &BusinessProfile) {
        let was = doc::business(old);
        let pairs = [
            ("businessProfile.description", old.description != new.description, json!(was.description)),
            ("businessProfile.address", old.address != new.address, json!(was.address)),
            ("businessProfile.email", old.email != new.email, json!(was.email)),
            ("businessProfile.websites", old.websites != new.websites, json!(was.websites)),
            ("businessProfile.categories", old.categories != new.categories, json!(was.categories)),
            ("businessProfile.businessHours", old.hours != new.hours, json!(was.business_hours)),
        ];
        for (word, differs, was) in pairs {
            self.note(word, differs, was);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Changes, Doc};
    use crate::ids::DeviceId;
    use crate::network::profile::{BusinessProfile, ProfilePicture};

    fn picture(id: &str, url: &str) -> Option<ProfilePicture> {
        Some(ProfilePicture { id: id.to_owned(), url: url.to_owned() })
    }

    #[test]
    fn only_what_is_another_is_told() {
        let mut changes = Changes::default();
        let device = DeviceId::new(0);
        let before = Doc { about: Some("Hi".to_owned()), picture: picture("1", "a"), ..Doc::default() };
        // Addresses change with each answer; the picture is the same.
        changes.between(&device, &before, &Doc { picture: picture("1", "b"), ..before.clone() });
        assert!(changes.words.is_empty());
        changes.between(&device, &before, &Doc { about: None, picture: picture("2", "a"), ..before.clone() });
        assert_eq!(changes.words, ["status", "image"]);
        assert_eq!(changes.previous["status"], "Hi");
        assert_eq!(changes.previous["image"]["id"], "1");
    }

    #[test]
    fn a_business_is_told_field_by_field() {
        let of = |business| Doc { business, ..Doc::default() };
        let shop = BusinessProfile { email: Some("a@example.com".to_owned()), ..BusinessProfile::default() };
        let mut changes = Changes::default();
        changes.between(&DeviceId::new(0), &of(Some(BusinessProfile::default())), &of(Some(shop.clone())));
        assert_eq!(changes.words, ["businessProfile.email"]);
        let mut changes = Changes::default();
        changes.between(&DeviceId::new(0), &of(Some(shop)), &of(None));
        assert_eq!(changes.words, ["isBusiness"]);
    }
}
