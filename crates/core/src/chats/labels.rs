//! Labels of chats. A chat names its labels; what else is known of a label is
//! kept by the number's list of labels.

use std::collections::BTreeSet;

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, DeviceRow};

use super::change::{self, By};
use super::find::Who;
use super::show::{self, With};
use super::wishes;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::Caller;
use crate::labels;
use crate::network::Millis;
use crate::views::Chat;

/// Labels of one chat at most.
const MOST: usize = 50;
/// Characters of a label at most.
const LENGTH: usize = 30;

/// What to do with the labels named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelChange {
    /// They are all there are from now on.
    Replace,
    /// They are added.
    Add,
    /// They are taken off.
    Remove,
}

/// Changes the labels of a chat.
///
/// # Errors
/// `device:notfound`, `chat:notfound`, `chat:labels` for too many, too long or
/// empty ones; without the scope `chats:write`.
pub async fn relabel(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    chat: &str,
    how: LabelChange,
    labels: Vec<String>,
) -> Result<Chat> {
    let who = Who::may_write(caller)?;
    let labels = checked(labels)?;
    let (id, wid, now) = (device.clone(), chat.to_owned(), core.now());
    let shown = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let (device, row) = who.place(w, &id, &wid).await?;
                let row = change(w, &device, row, how, &labels, &who.by, now).await?;
                show::show_one(&mut w.account(&device.account_id), &device, row, With::default()).await
            })
        })
        .await?;
    core.chats().wake.notify_one();
    Ok(shown)
}

/// Labels of the right form, each once.
pub(super) fn checked(labels: Vec<String>) -> Result<Vec<String>> {
    if labels.len() > MOST {
        return Err(Error::invalid(
            "chat:labels",
            format!("{} labels were given; a chat has at most {MOST}.", labels.len()),
        ));
    }
    let mut seen = BTreeSet::new();
    let mut fine = Vec::with_capacity(labels.len());
    for label in labels {
        let label = label.trim().to_owned();
        let length = label.chars().count();
        if length == 0 || length > LENGTH || label.chars().any(char::is_control) {
            let shown: String = label.chars().take(40).collect();
            return Err(Error::invalid(
                "chat:labels",
                format!("The label '{shown}' has {length} characters; it needs 1 to {LENGTH} printable ones."),
            ));
        }
        if seen.insert(label.clone()) {
            fine.push(label);
        }
    }
    Ok(fine)
}

/// Changes the labels of a chat; the chat as it is then. Labels that the number
/// has are written as it writes them, and WhatsApp is told of those that are its
/// own.
pub(super) async fn change(
    w: &mut Writing,
    device: &DeviceRow,
    before: ChatRow,
    how: LabelChange,
    labels: &[String],
    by: &By,
    now: Millis,
) -> Result<ChatRow> {
    let mut known = Vec::with_capacity(labels.len());
    for label in labels {
        let spelled = labels::spelled(w, device, label).await?;
        if !known.contains(&spelled) {
            known.push(spelled);
        }
    }
    let had: BTreeSet<String> = serde_json::from_str(&before.labels).map_err(Error::internal)?;
    let chat = write(w, device, before, how, &known, by, now).await?;
    let has: BTreeSet<String> = serde_json::from_str(&chat.labels).map_err(Error::internal)?;
    for label in had.symmetric_difference(&has) {
        if let Some(id) = labels::wa_id(w, device, label).await? {
            wishes::wish_label(w, device, &chat.wid, &id, has.contains(label), now).await?;
        }
    }
    Ok(chat)
}

async fn write(
    w: &mut Writing,
    device: &DeviceRow,
    before: ChatRow,
    how: LabelChange,
    labels: &[String],
    by: &By,
    now: Millis,
) -> Result<ChatRow> {
    let mut chat = before.clone();
    let mut has: Vec<String> = serde_json::from_str(&chat.labels).map_err(Error::internal)?;
    match how {
        LabelChange::Replace => has = labels.to_vec(),
        LabelChange::Add => {
            for label in labels {
                if !has.contains(label) {
                    has.push(label.clone());
                }
            }
        }
        LabelChange::Remove => has.retain(|label| !labels.contains(label)),
    }
    if has.len() > MOST {
        return Err(Error::invalid(
            "chat:labels",
            format!("The chat would have {} labels; it has at most {MOST}.", has.len()),
        ));
    }
    chat.labels = serde_json::to_string(&has).map_err(Error::internal)?;
    change::save(w, device, &before, &mut chat, by, now).await?;
    Ok(chat)
}

/// Changes the labels of a chat that is named by its id; nothing when there is no
/// such chat. For the list of labels, and for what WhatsApp tells of its own: it is
/// not told of it again.
pub async fn set(
    w: &mut Writing,
    device: &DeviceRow,
    wid: &str,
    how: LabelChange,
    labels: &[String],
    by: &By,
    now: Millis,
) -> Result<()> {
    match w.account(&device.account_id).chat_named(&device.id, wid).await? {
        Some(chat) => write(w, device, chat, how, labels, by, now).await.map(drop),
        None => Ok(()),
    }
}
