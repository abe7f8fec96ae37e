//! Contacts found and shown.

use std::collections::HashMap;

use sparkbot_store::rows::{ChatRow, ContactFilter, ContactRow, DeviceRow};
use sparkbot_store::{Reading, rows};

use super::known::{ContactId, missing};
use super::{profile, show};
use crate::access::Sight;
use crate::app::Core;
use crate::chats;
use crate::devices::not_found;
use crate::error::Result;
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::page::Page;
use crate::views::ContactDetails;
use crate::wid::Wid;

/// A page of a number's contacts. The total is counted up to 10,000 beyond the
/// page, less far where words or filters are looked up contact by contact.
///
/// # Errors
/// `device:notfound`; without the scope `contacts:read`.
pub async fn list(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    filter: ContactFilter,
    with_chat: bool,
) -> Result<Page<ContactDetails>> {
    caller.need(Scope::ContactsRead)?;
    let (mut reading, device) = number(core, &caller.account, device).await?;
    let mut scope = reading.account(&caller.account);
    let (total, rows) = scope.contacts(&device.id, &filter).await?;
    let items = show_all(&mut scope, &caller.sight(), &device, rows, with_chat).await?;
    Ok(Page { items, total })
}

/// One contact. Somebody of whom WhatsApp was not asked lately is asked for
/// beside, for the next time.
///
/// # Errors
/// `device:notfound`, `contact:notfound`; without the scope `contacts:read`.
pub async fn get(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    contact: &ContactId,
    with_chat: bool,
) -> Result<ContactDetails> {
    caller.need(Scope::ContactsRead)?;
    let sight = with_chat.then(|| caller.sight());
    let shown = shown(core, &caller.account, device, contact.0.as_str(), sight).await?;
    profile::refresh_when_old(core, &caller.account, device, &shown.wid).await?;
    Ok(shown)
}

/// One contact by any of its ids, with its chat for whoever sees it.
pub(super) async fn shown(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    id: &str,
    chat_for: Option<Sight>,
) -> Result<ContactDetails> {
    let (mut reading, device) = number(core, account, device).await?;
    let mut scope = reading.account(account);
    let row = scope.contact(&device.id, id).await?;
    let row = match (row, id.parse::<Wid>()) {
        (Some(row), _) => row,
        (None, Ok(wid)) => return Err(missing(&wid)),
        (None, Err(error)) => return Err(crate::error::Error::internal(error)),
    };
    let (with_chat, sight) = (chat_for.is_some(), chat_for.unwrap_or_default());
    let mut shown = show_all(&mut scope, &sight, &device, vec![row], with_chat).await?;
    shown.pop().ok_or_else(|| crate::error::Error::internal("a contact was not shown"))
}

/// Several contacts by their WhatsApp ids.
pub(super) async fn several(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    wids: &[String],
) -> Result<HashMap<String, ContactDetails>> {
    let (mut reading, device) = number(core, account, device).await?;
    let mut scope = reading.account(account);
    let rows = scope.contacts_of(&device.id, wids).await?;
    let shown = show_all(&mut scope, &Sight::All, &device, rows, false).await?;
    Ok(shown.into_iter().map(|contact| (contact.wid.clone(), contact)).collect())
}

async fn show_all(
    scope: &mut rows::Account<'_>,
    sight: &Sight,
    device: &DeviceRow,
    rows: Vec<ContactRow>,
    with_chat: bool,
) -> Result<Vec<ContactDetails>> {
    let mut chats: HashMap<String, ChatRow> = HashMap::new();
    if with_chat {
        let wids: Vec<String> = rows.iter().map(|row| row.wid.clone()).collect();
        let seen = scope.chats_of(&device.id, &wids).await?.into_iter();
        let seen = seen.filter(|chat| sight.sees(chat.agent.as_deref(), chat.department.as_deref()));
        chats = seen.map(|chat| (chat.wid.clone(), chat)).collect();
    }
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let chat = chats.remove(&row.wid).map(|chat| chats::shown(&device.id, chat, None)).transpose()?;
        shown.push(show::with_chat(device, row, chat)?);
    }
    Ok(shown)
}

pub(super) async fn number(core: &Core, account: &AccountId, device: &DeviceId) -> Result<(Reading, DeviceRow)> {
    let mut reading = core.store().read().await?;
    let row = reading.account(account).device(device).await?.ok_or_else(|| not_found(device))?;
    Ok((reading, row))
}
