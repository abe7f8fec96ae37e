//! What labels ask of the chats room.

use sparkbot_store::Writing;
use sparkbot_store::rows::DeviceRow;

use crate::chats::{self, LabelChange, Learnt};
use crate::contacts::By;
use crate::error::Result;
use crate::network::Millis;

/// Chats looked at in one go.
const AT_ONCE: i64 = 500;

/// Makes a chat that is not known yet; nobody is told.
pub(super) async fn known(w: &mut Writing, device: &DeviceRow, chat: &str, now: Millis) -> Result<()> {
    let known = Learnt { wid: chat.to_owned(), ..Learnt::default() };
    chats::learnt(w, device, known, None, now).await
}

/// Puts a label on a chat, or takes it off.
pub(super) async fn label_chat(
    w: &mut Writing,
    device: &DeviceRow,
    chat: &str,
    label: &str,
    on: bool,
    by: By<'_>,
    now: Millis,
) -> Result<()> {
    let how = if on { LabelChange::Add } else { LabelChange::Remove };
    chats::set_labels(w, device, chat, how, &[label.to_owned()], &by.of_chat(), now).await
}

/// Gives a label another name on all chats that have it.
pub(super) async fn rename_label(
    w: &mut Writing,
    device: &DeviceRow,
    from: &str,
    to: &str,
    by: By<'_>,
    now: Millis,
) -> Result<()> {
    replace(w, device, from, Some(to), by, now).await
}

/// Takes a label off all chats that have it.
pub(super) async fn drop_label(
    w: &mut Writing,
    device: &DeviceRow,
    label: &str,
    by: By<'_>,
    now: Millis,
) -> Result<()> {
    replace(w, device, label, None, by, now).await
}

async fn replace(
    w: &mut Writing,
    device: &DeviceRow,
    from: &str,
    to: Option<&str>,
    by: By<'_>,
    now: Millis,
) -> Result<()> {
    let mut after = String::new();
    loop {
        let chats = w.account(&device.account_id).chats_labelled(&device.id, from, &after, AT_ONCE).await?;
        let Some(last) = chats.last().cloned() else { return Ok(()) };
        for chat in &chats {
            label_chat(w, device, chat, from, false, by, now).await?;
            if let Some(to) = to {
                label_chat(w, device, chat, to, true, by, now).await?;
            }
        }
        after = last;
    }
}
