//! What chats can be marked with. Labels of the scope `chat` are known here
//! only; those of the scope `wa` are WhatsApp Business' own and kept in step with
//! the phone in both directions ([`report`]). [`colors`] joins the API's colours
//! with WhatsApp's numbers of them.
//!
//! A label is known by its name, which no other label of the number has in any
//! case. Chats hold names; what a chat's label means to WhatsApp is [`wa_id`] of
//! its name. That a chat has got it here is a wish like any other change of a
//! chat (`chats::wishes`), told by `LabelLink::label_chat`.

mod chats;
mod colors;
mod manage;
mod report;
mod tell;

use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, LabelRow};

use crate::clock::iso;
use crate::error::{Error, Result};
use crate::views::Label;

pub use colors::COLORS;
pub use manage::{LabelScope, NewLabel, create, delete, list, update};
pub(crate) use report::reported;

/// Labels of one number at most.
pub const MOST: i64 = 500;
/// Characters of a name.
const NAME: usize = 30;

/// WhatsApp's id of a label, when it is one of WhatsApp's.
///
/// # Errors
/// As the database answers.
pub(crate) async fn wa_id(w: &mut Writing, device: &DeviceRow, name: &str) -> Result<Option<String>> {
    let found = w.account(&device.account_id).label(&device.id, &key(name)).await?;
    Ok(found.and_then(|label| label.wa_id))
}

/// A label's name as the number writes it; as it is when the number has no such
/// label.
///
/// # Errors
/// As the database answers.
pub(crate) async fn spelled(w: &mut Writing, device: &DeviceRow, name: &str) -> Result<String> {
    let found = w.account(&device.account_id).label(&device.id, &key(name)).await?;
    Ok(found.map_or_else(|| name.to_owned(), |label| label.name))
}

/// What a label is found by.
fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid(
            "label:name",
            format!("The label's name has {length} characters; it needs 1 to {NAME} printable ones."),
        ));
    }
    Ok(name.to_owned())
}

fn missing(name: &str) -> Error {
    let shown: String = name.chars().take(NAME).collect();
    Error::not_found("label:notfound", format!("This number has no label '{shown}'."))
        .hint("List the labels with GET /v1/devices/{device}/labels.")
}

fn shown(row: LabelRow) -> Label {
    Label {
        name: row.name,
        color: row.color,
        description: row.description,
        scope: row.scope,
        active: true,
        created_at: iso(row.created_at),
        updated_at: iso(row.updated_at),
    }
}
