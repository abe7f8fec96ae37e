//! The one place where contacts are written: with what they are found by, and
//! with the event that tells of it.

use serde_json::{Value, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{ContactRow, DeviceRow};

use super::fields::{ContactFields, ContactKind};
use super::names::Names;
use super::{chats, metadata, show};
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::events::{self, Change};
use crate::keys::Caller;
use crate::network::Millis;
use crate::views::DeviceRef;

/// Who makes a change.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By<'a> {
    /// Nobody is told: part of something large that is being taken over.
    Nobody,
    /// The person themselves, or WhatsApp.
    WhatsApp,
    /// The owner of the number, on the phone or another device.
    Phone,
    /// Somebody of the team, or a program of theirs.
    Caller(&'a Caller),
    /// The actions of a message, once it was delivered.
    Message {
        /// Who has sent it.
        user: &'a str,
        /// Its id.
        id: &'a str,
    },
}

impl By<'_> {
    /// As events show it.
    pub(crate) fn shown(self) -> Value {
        match self {
            Self::Nobody | Self::WhatsApp => json!({ "source": "whatsapp" }),
            Self::Phone => json!({ "source": "phone" }),
            Self::Caller(caller) => {
                json!({ "source": "api", "user": caller.user.to_string(), "key": caller.key.to_string() })
            }
            Self::Message { user, id } => json!({ "source": "message", "user": user, "message": id }),
        }
    }

    fn is_told(self) -> bool {
        !matches!(self, Self::Nobody)
    }
}

/// Keeps a contact that is new.
pub(super) async fn insert(
    w: &mut Writing,
    device: &DeviceRow,
    mut row: ContactRow,
    by: By<'_>,
    now: Millis,
) -> Result<ContactRow> {
    settle(&mut row);
    row.seq = w.account(&device.account_id).insert_contact(&device.id, &row).await?;
    index(w, device, None, &row).await?;
    if by.is_told() {
        tell(w, device, &row, vec!["created".to_owned()], by, now).await?;
    }
    Ok(row)
}

/// Writes what has changed of a contact, if anything, and tells of it.
pub(super) async fn save(
    w: &mut Writing,
    device: &DeviceRow,
    before: &ContactRow,
    mut row: ContactRow,
    by: By<'_>,
    now: Millis,
) -> Result<ContactRow> {
    settle(&mut row);
    if row == *before {
        return Ok(row);
    }
    let changes = changes(before, &row)?;
    if !changes.is_empty() {
        row.updated_at = now;
    }
    if let By::Caller(caller) = by {
        row.updated_by = Some(caller.user.to_string());
    }
    w.account(&device.account_id).update_contact(&row).await?;
    index(w, device, Some(before), &row).await?;
    if before.wid != row.wid || before.picture_id != row.picture_id {
        w.account(&device.account_id).forget_contact_picture(&device.id, &before.wid).await?;
    }
    chats::renamed(w, device, before, &row, by, now).await?;
    if by.is_told() && !changes.is_empty() {
        tell(w, device, &row, changes, by, now).await?;
    }
    Ok(row)
}

/// Removes a contact and tells of it.
pub(super) async fn remove(
    w: &mut Writing,
    device: &DeviceRow,
    row: &ContactRow,
    by: By<'_>,
    now: Millis,
) -> Result<()> {
    w.account(&device.account_id).delete_contact(&device.id, row).await?;
    tell(w, device, row, vec!["deleted".to_owned()], by, now).await
}

/// What follows from the other columns.
fn settle(row: &mut ContactRow) {
    let fields = ContactFields::of(row);
    row.sort_name = Names::of(row, &fields).sorted();
    let business = match fields.kind {
        Some(kind) => kind == ContactKind::Business,
        None => row.business.is_some() || row.verified_name.is_some(),
    };
    row.category = if business { "business" } else { "personal" }.to_owned();
    row.email = fields.email;
}

/// What a contact is found by: all its names, its numbers, its company, its
/// e-mails.
fn words(row: &ContactRow) -> String {
    let fields = ContactFields::of(row);
    let digits = |phone: &Option<String>| phone.as_deref().map(|phone| phone.trim_start_matches('+').to_owned());
    let parts = [
        fields.name,
        fields.surname,
        row.name.clone(),
        row.short_name.clone(),
        row.push_name.clone(),
        row.verified_name.clone(),
        digits(&row.phone),
        digits(&fields.alt_phone),
        digits(&fields.company_phone),
        fields.company_name,
        fields.email,
        fields.company_email,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

async fn index(w: &mut Writing, device: &DeviceRow, before: Option<&ContactRow>, row: &ContactRow) -> Result<()> {
    let text = words(row);
    if before.is_none_or(|before| words(before) != text) {
        w.account(&device.account_id).index_contact(&device.id, row.seq, &text).await?;
    }
    if before.map_or("[]", |before| before.metadata.as_str()) != row.metadata {
        let pairs = metadata::pairs(&row.metadata)?;
        w.account(&device.account_id).index_metadata(&device.id, row.seq, &pairs).await?;
    }
    Ok(())
}

/// Names of what has changed, as the API spells it.
fn changes(before: &ContactRow, row: &ContactRow) -> Result<Vec<String>> {
    let mut changes = ContactFields::of(before).differences(&ContactFields::of(row))?;
    let columns = [
        ("wid", before.wid != row.wid),
        ("lid", before.lid != row.lid),
        ("addressBook", (&before.name, &before.short_name) != (&row.name, &row.short_name)),
        ("notifyName", before.push_name != row.push_name),
        ("verifiedName", before.verified_name != row.verified_name),
        ("businessInfo", before.business != row.business),
        ("about", before.about != row.about),
        ("image", before.picture_id != row.picture_id),
        ("blocked", before.blocked != row.blocked),
        ("metadata", before.metadata != row.metadata),
    ];
    changes.extend(columns.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned()));
    Ok(changes)
}

async fn tell(
    w: &mut Writing,
    device: &DeviceRow,
    row: &ContactRow,
    changes: Vec<String>,
    by: By<'_>,
    now: Millis,
) -> Result<()> {
    let contact = serde_json::to_value(show::contact(device, row.clone())?).map_err(Error::internal)?;
    let change = Change {
        event: "contact:update",
        object: "contact",
        object_id: row.wid.clone(),
        lane: events::lane(&device.id, &row.wid),
        data: json!({ "contact": contact, "changes": changes, "by": by.shown(), "date": iso(now) }),
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, now).await?;
    Ok(())
}
