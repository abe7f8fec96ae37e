//! Deleting messages: on the number's own devices, for everybody, or here only.

use serde::Serialize;
use serde_json::json;
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatMessageRow, DeviceRow};
use utoipa::ToSchema;

use super::{Parts, changeable, confirm, number, show_one, target};
use crate::app::Core;
use crate::clock::iso;
use crate::error::{Error, Kind, Result};
use crate::events::{self, Change};
use crate::ids::DeviceId;
use crate::inbox::Doc;
use crate::keys::{Caller, Scope};
use crate::network::{Millis, Target};
use crate::views::{DeviceRef, MessageMeta};

/// How long WhatsApp's apps take deletions for everybody: 60 hours.
const WINDOW: Millis = 60 * 3600 * 1000;

/// How to delete a message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deletion {
    /// Here only: WhatsApp is not told.
    pub clean: bool,
    /// Here in any case, whatever WhatsApp says.
    pub force: bool,
    /// For everybody, not only for this number.
    pub revoke: bool,
}

/// What a deletion did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeletedMessage {
    /// WhatsApp's id of the message.
    pub id: String,
    /// Always true.
    pub deleted: bool,
    /// Whether it is deleted for everybody.
    pub revoked: bool,
    /// Whether it is forgotten here; a message deleted for everybody stays in lists as `revoked` unless `clean` is set.
    pub removed: bool,
    /// What WhatsApp did not do, when it was forced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// Deletes a message.
///
/// # Errors
/// `message:notfound`; `message:not_sent` for what waits in the queue; `message:not_own`, `message:too_old` for what can't be
/// deleted for everybody; `session:offline`; `message:unconfirmed`; without the
/// scope `messages:write`.
pub async fn delete(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    id: &str,
    how: Deletion,
) -> Result<DeletedMessage> {
    caller.need(Scope::MessagesWrite)?;
    let (mut reading, device) = number(core, &caller.account, device).await?;
    let row = changeable(&mut reading.account(&caller.account), &device.id, id, &caller.sight()).await?;
    drop(reading);
    if row.kind == "note" {
        let gone = crate::chats::delete_notes(core, caller, &device.id, &row.chat, vec![row.wa_id]).await?;
        let id = gone.deleted.into_iter().next().unwrap_or_default();
        return Ok(DeletedMessage { id, deleted: true, revoked: false, removed: true, warning: None });
    }
    let told = match (how.revoke, how.clean) {
        (true, _) => revoke(core, &device, &row, how.force).await,
        (false, true) => Ok(()),
        (false, false) => for_me(core, &device, &row).await,
    };
    let warning = match told {
        Ok(()) => None,
        Err(error) if how.force => Some(error.message),
        Err(error) => return Err(error),
    };
    let revoked = how.revoke && warning.is_none();
    let removed = how.clean || !revoked;
    if removed {
        let (number, row, now) = (device, row.clone(), core.now());
        core.store().write(move |w| Box::pin(async move { forget(w, &number, &row, now).await })).await?;
    }
    Ok(DeletedMessage { id: row.wa_id, deleted: true, revoked, removed, warning })
}

async fn revoke(core: &Core, device: &DeviceRow, row: &ChatMessageRow, force: bool) -> Result<()> {
    if row.status == "revoked" {
        return Ok(());
    }
    if row.flow != "outbound" && !row.chat.ends_with("@g.us") {
        return Err(Error::conflict(
            "message:not_own",
            format!("The message {} was received; only its sender can delete it for everybody.", row.wa_id),
        )
        .hint("Leave out 'revoke' to delete it on this number's own devices."));
    }
    if !force && row.at + WINDOW <= core.now() {
        return Err(Error::conflict(
            "message:too_old",
            format!("The message {} is older than the 60 hours for which WhatsApp deletes for everybody.", row.wa_id),
        )
        .hint("Set 'force' to try it all the same."));
    }
    confirm::carry_out(core, device, row, None, WINDOW).await
}

async fn for_me(core: &Core, device: &DeviceRow, row: &ChatMessageRow) -> Result<()> {
    let link = core
        .sessions()
        .online(&device.id)
        .ok_or_else(|| crate::sessions::offline(&device.id, &device.session_status))?;
    link.delete_for_me(&target(row)?, row.at, true).await.map_err(|error| {
        let error = crate::sessions::network_error(error);
        match error.kind {
            Kind::Internal => error,
            _ => error.hint("Set 'clean' to delete it here only, or 'force' to do so whatever WhatsApp says."),
        }
    })
}

/// A message was deleted on another device of the account, for the account alone.
pub(crate) async fn deleted_elsewhere(
    w: &mut Writing,
    device: &DeviceRow,
    message: &Target,
    now: Millis,
) -> Result<()> {
    let mut scope = w.account(&device.account_id);
    let found = scope.chat_messages_under(&device.id, message.chat.as_str(), &message.id).await?;
    let mine = |row: &ChatMessageRow| (row.flow == "outbound") == message.from_me;
    match found.into_iter().find(|row| row.status != "removed" && mine(row)) {
        Some(row) => forget(w, device, &row, now).await,
        None => Ok(()),
    }
}

/// Forgets a message here, with its file and what was put on it.
async fn forget(w: &mut Writing, device: &DeviceRow, row: &ChatMessageRow, now: Millis) -> Result<()> {
    let told = empty(w, device, row, now).await?;
    let (chat, id) = (told.chat.clone(), told.wa_id.clone());
    let mut scope = w.account(&device.account_id);
    let view = show_one(&mut scope, device, told, Parts::EVENT).await?;
    let mut data = serde_json::to_value(view).map_err(Error::internal)?;
    data["update"] = json!({ "type": "delete", "date": iso(now) });
    let change = Change {
        event: if chat == crate::statuses::CHAT { "status:update" } else { "message:update" },
        object: "message",
        object_id: id,
        lane: events::lane(&device.id, &chat),
        data,
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, now).await?;
    Ok(())
}

/// The same without telling anybody; what is left of it.
pub(crate) async fn empty(
    w: &mut Writing,
    device: &DeviceRow,
    row: &ChatMessageRow,
    now: Millis,
) -> Result<ChatMessageRow> {
    let mut scope = w.account(&device.account_id);
    let doc = Doc::read(row)?;
    let file = scope.chat_files_of(&device.id, &[row.seq]).await?.pop().and_then(|file| file.filename);
    scope.forget_words(&device.id, row, &doc.search_text(row.body.as_deref(), file.as_deref())).await?;
    scope.forget_marks(&device.id, &row.chat, &row.wa_id).await?;
    scope.end_chat_file(&device.id, row.seq, now).await?;
    let meta = MessageMeta { source: doc.meta.source, via: doc.meta.via, ..MessageMeta::default() };
    let left = Doc { from: doc.from, to: doc.to, meta, ..Doc::default() };
    scope.empty_chat_message(&device.id, row.seq, "removed", &left.column()?).await?;
    Ok(ChatMessageRow { status: "removed".to_owned(), body: None, doc: left.column()?, ..row.clone() })
}
