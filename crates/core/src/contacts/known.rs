//! One contact per person, whatever id it came by.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ContactRow, DeviceRow};

use super::change::{self, By};
use super::fields::ContactFields;
use super::{chats, metadata, names};
use crate::error::{Error, Result};
use crate::network::Millis;
use crate::numbers;
use crate::phone::Phone;
use crate::wid::{Wid, WidKind};

/// A contact as a path names it: a WhatsApp id or a phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactId(pub Wid);

/// What was heard of a person beside their addresses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard<'a> {
    /// The name the person gives.
    pub(crate) push_name: Option<&'a str>,
    /// The name in the phone's address book, where a history tells it; what the
    /// address book itself has told counts for more.
    pub(crate) book_name: Option<&'a str>,
    /// Where it was heard: `chat`, `phone`, `group`, `history`.
    pub(crate) source: &'static str,
    /// Without an event: part of something large that is being taken over.
    pub(crate) quiet: bool,
}

/// Notes that a person was heard of, under whatever is known of their addresses.
/// Whoever was known under each address apart is one from now on.
pub(crate) async fn heard(
    w: &mut Writing,
    device: &DeviceRow,
    wid: &Wid,
    lid: Option<&Wid>,
    heard: Heard<'_>,
    now: Millis,
) -> Result<ContactRow> {
    let by = if heard.quiet { By::Nobody } else { By::WhatsApp };
    let before = known(w, device, wid, lid, heard.source, by, now).await?;
    let mut row = before.clone();
    if let Some(name) = heard.push_name.filter(|name| !name.trim().is_empty()) {
        row.push_name = Some(shortened(name));
    }
    if row.name.is_none() {
        row.name = heard.book_name.map(shortened).filter(|name| !name.is_empty());
    }
    change::save(w, device, &before, row, by, now).await
}

/// Notes a group or a channel, by its name where that is known.
pub(crate) async fn place(
    w: &mut Writing,
    device: &DeviceRow,
    wid: &Wid,
    name: Option<&str>,
    now: Millis,
) -> Result<()> {
    if !matches!(wid.kind(), WidKind::Group | WidKind::Channel) {
        return Ok(());
    }
    let before = known(w, device, wid, None, "chat", By::Nobody, now).await?;
    let mut row = before.clone();
    row.name = name.map(shortened).or(row.name);
    change::save(w, device, &before, row, By::Nobody, now).await?;
    Ok(())
}

/// Names come from outside; longer ones are cut.
pub(super) fn shortened(name: &str) -> String {
    name.trim().chars().take(120).collect()
}

/// The contact with these addresses, which is made when there is none, and made
/// of two when each address had one.
pub(super) async fn known(
    w: &mut Writing,
    device: &DeviceRow,
    wid: &Wid,
    lid: Option<&Wid>,
    source: &'static str,
    by: By<'_>,
    now: Millis,
) -> Result<ContactRow> {
    match found(w, device, wid, lid, by, now).await? {
        Some(row) => Ok(row),
        None => change::insert(w, device, fresh(wid, lid, source, now), by, now).await,
    }
}

/// The same for those that are there already.
pub(super) async fn found(
    w: &mut Writing,
    device: &DeviceRow,
    wid: &Wid,
    lid: Option<&Wid>,
    by: By<'_>,
    now: Millis,
) -> Result<Option<ContactRow>> {
    let mut ids = vec![wid.as_str()];
    ids.extend(lid.map(Wid::as_str).filter(|lid| *lid != wid.as_str()));
    let mut rows = w.account(&device.account_id).contacts_named(&device.id, &ids).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let before = rows.clone();
    // Whoever is known by phone number stays; of several the oldest.
    rows.sort_by_key(|row| (row.phone.is_none(), row.seq));
    let mut rows = rows.into_iter();
    let Some(kept) = rows.next() else { return Ok(None) };
    let mut row = kept.clone();
    for other in rows {
        row = merged(row, &other)?;
        w.account(&device.account_id).delete_contact(&device.id, &other).await?;
        tracing::debug!(device = %device.id, "two contacts are one person");
    }
    addressed(&mut row, wid, lid);
    for old in before.iter().filter(|old| old.wid != row.wid) {
        chats::merged(w, device, &old.wid, &row, now).await?;
    }
    if row == kept {
        return Ok(Some(row));
    }
    change::save(w, device, &kept, row, by, now).await.map(Some)
}

/// Gives a contact what is known of its addresses.
fn addressed(row: &mut ContactRow, wid: &Wid, lid: Option<&Wid>) {
    if let Some(lid) = lid.or_else(|| (wid.kind() == WidKind::Lid).then_some(wid)) {
        row.lid = Some(lid.to_string());
    }
    if let Some(phone) = wid.phone()
        && row.wid != wid.as_str()
        && row.kind == "private"
    {
        row.wid = wid.to_string();
        row.kind = "user".to_owned();
        row.country = phone.country();
        row.phone = Some(phone.to_string());
    }
}

fn fresh(wid: &Wid, lid: Option<&Wid>, source: &'static str, now: Millis) -> ContactRow {
    let phone = wid.phone();
    let kind = match wid.kind() {
        WidKind::Group => "group",
        WidKind::Channel => "channel",
        WidKind::Lid => "private",
        WidKind::User | WidKind::Broadcast => "user",
    };
    let own_lid = (wid.kind() == WidKind::Lid).then_some(wid);
    let mut row = ContactRow {
        wid: wid.to_string(),
        kind: kind.to_owned(),
        category: "personal".to_owned(),
        lid: lid.or(own_lid).map(Wid::to_string),
        country: phone.as_ref().and_then(Phone::country),
        phone: phone.map(String::from),
        fields: "{}".to_owned(),
        metadata: "[]".to_owned(),
        source: source.to_owned(),
        created_at: now,
        updated_at: now,
        ..ContactRow::default()
    };
    row.sort_name = names::Names::of(&row, &ContactFields::default()).sorted();
    row
}

/// Both contacts as one: what `kept` says counts, the rest comes from `other`.
fn merged(mut kept: ContactRow, other: &ContactRow) -> Result<ContactRow> {
    let (mine, theirs) = (ContactFields::of(&kept), ContactFields::of(other));
    let notes = match (&mine.notes, &theirs.notes) {
        (Some(mine), Some(theirs)) if mine != theirs => {
            Some(format!("{mine}\n\n{theirs}").chars().take(5000).collect())
        }
        (mine, theirs) => mine.clone().or_else(|| theirs.clone()),
    };
    let mut fields = theirs.changed(&mine, &[])?;
    fields.notes = notes;
    kept.fields = fields.column()?;
    let mut pairs = metadata::pairs(&kept.metadata)?;
    for (key, value) in metadata::pairs(&other.metadata)? {
        if !pairs.iter().any(|(known, _)| *known == key) {
            pairs.push((key, value));
        }
    }
    kept.metadata = metadata::column(&pairs);
    if other.category == "business" {
        kept.category = "business".to_owned();
    }
    fn fill(kept: &mut Option<String>, other: &Option<String>) {
        if kept.is_none() {
            kept.clone_from(other);
        }
    }
    fill(&mut kept.lid, &other.lid);
    fill(&mut kept.phone, &other.phone);
    fill(&mut kept.country, &other.country);
    fill(&mut kept.name, &other.name);
    fill(&mut kept.short_name, &other.short_name);
    fill(&mut kept.push_name, &other.push_name);
    fill(&mut kept.verified_name, &other.verified_name);
    fill(&mut kept.business, &other.business);
    fill(&mut kept.about, &other.about);
    fill(&mut kept.picture_id, &other.picture_id);
    fill(&mut kept.created_by, &other.created_by);
    fill(&mut kept.updated_by, &other.updated_by);
    kept.blocked = kept.blocked.max(other.blocked);
    kept.book_due = kept.book_due.max(other.book_due);
    kept.created_at = kept.created_at.min(other.created_at);
    kept.synced_at = kept.synced_at.min(other.synced_at);
    Ok(kept)
}

/// The contact under the spelling that is known, where a number has two.
pub(super) async fn spelled(w: &mut Writing, device: &DeviceRow, wid: &Wid) -> Result<Wid> {
    let Some(phone) = wid.phone() else { return Ok(wid.clone()) };
    if w.account(&device.account_id).contact(&device.id, wid.as_str()).await?.is_some() {
        return Ok(wid.clone());
    }
    for other in numbers::other_spellings(&phone) {
        let other = Wid::user(&other);
        if w.account(&device.account_id).contact(&device.id, other.as_str()).await?.is_some() {
            return Ok(other);
        }
    }
    Ok(wid.clone())
}

/// `contact:notfound`.
pub(super) fn missing(wid: &Wid) -> Error {
    Error::not_found("contact:notfound", format!("This number has no contact {wid}."))
        .hint("List the contacts with GET /v1/chat/{device}/contacts; a contact is named by its 'wid' or phone number.")
}

#[cfg(test)]
mod tests {
    use super::{Wid, addressed, fresh, merged};
    use crate::contacts::fields::ContactFields;

    fn wid(text: &str) -> Wid {
        text.parse().expect("an id")
    }

    #[test]
    fn a_private_contact_becomes_one_with_a_number() {
        let (lid, phone) = (wid("77@lid"), wid("491701234567@c.us"));
        let mut row = fresh(&lid, None, "chat", 1);
        assert_eq!((row.kind.as_str(), row.lid.as_deref(), row.phone.as_deref()), ("private", Some("77@lid"), None));
        addressed(&mut row, &phone, Some(&lid));
        assert_eq!((row.wid.as_str(), row.kind.as_str()), (phone.as_str(), "user"));
        assert_eq!((row.phone.as_deref(), row.country.as_deref()), (Some("+491701234567"), Some("DE")));
    }

    #[test]
    fn what_hangs_on_both_stays() {
        let (lid, phone) = (wid("77@lid"), wid("491701234567@c.us"));
        let mut kept = fresh(&phone, None, "phone", 20);
        let mut other = fresh(&lid, None, "chat", 10);
        let write = |notes: &str, city: Option<&str>, email: Option<&str>| {
            let fields = ContactFields {
                notes: Some(notes.to_owned()),
                city: city.map(str::to_owned),
                email: email.map(str::to_owned),
                ..ContactFields::default()
            };
            fields.column().expect("a column")
        };
        kept.fields = write("one", Some("Bonn"), None);
        other.fields = write("two", Some("Köln"), Some("a@b.de"));
        kept.metadata = r#"[{"key":"a","value":"1"}]"#.to_owned();
        other.metadata = r#"[{"key":"a","value":"2"},{"key":"b","value":"3"}]"#.to_owned();
        other.push_name = Some("Ben".to_owned());
        other.blocked = 1;
        let one = merged(kept, &other).expect("one");
        let fields = ContactFields::of(&one);
        assert_eq!((fields.notes.as_deref(), fields.city.as_deref()), (Some("one\n\ntwo"), Some("Bonn")));
        assert_eq!(fields.email.as_deref(), Some("a@b.de"));
        assert_eq!(one.metadata, r#"[{"key":"a","value":"1"},{"key":"b","value":"3"}]"#);
        assert_eq!((one.push_name.as_deref(), one.blocked, one.created_at), (Some("Ben"), 1, 10));
        assert_eq!((one.wid.as_str(), one.lid.as_deref()), (phone.as_str(), Some("77@lid")));
    }
}
