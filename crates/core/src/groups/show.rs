//! Groups and who is in them, from what is kept here.

use std::collections::HashMap;

use sparkbot_store::Writing;
use sparkbot_store::rows::{Account, ContactRow, DeviceRow, GroupFilter, ParticipantFilter, ParticipantRow};

use super::doc::{State, kinds_shown_as, role};
use super::unknown;
use crate::app::Core;
use crate::clock::iso;
use crate::contacts;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::network::group::Role;
use crate::page::{Page, Slice};
use crate::views::{ChatGroup, Group, GroupParticipant};
use crate::wid::Wid;

/// A page of a number's groups by name; `kinds` are the API's words for them.
///
/// # Errors
/// `device:notfound`; without the scope `groups:read`.
pub async fn list(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    kinds: &[String],
    slice: Slice,
) -> Result<Page<Group>> {
    caller.need(Scope::GroupsRead)?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let kinds: Vec<String> =
        kinds.iter().flat_map(|word| kinds_shown_as(word)).map(|kind| (*kind).to_owned()).collect();
    let kinds = Some(kinds);
    let filter = GroupFilter { kinds, size: slice.size, skip: slice.skip };
    let total = scope.count_groups(device, &filter).await?;
    let rows = scope.groups(device, &filter).await?;
    let wids: Vec<String> = rows.iter().map(|row| row.wid.clone()).collect();
    let chats = scope.chats_of(device, &wids).await?;
    let chats: HashMap<_, _> = chats.into_iter().map(|chat| (chat.wid.clone(), chat)).collect();
    let items = rows.iter().map(|row| Ok(State::read(row)?.view(chats.get(&row.wid)))).collect::<Result<_>>()?;
    Ok(Page { items, total })
}

/// One group with everybody in it.
///
/// # Errors
/// `device:notfound`, `group:notfound`; without the scope `groups:read`.
pub async fn get(core: &Core, caller: &Caller, device: &DeviceId, group: &Wid) -> Result<Group> {
    caller.need(Scope::GroupsRead)?;
    whole(core, &caller.account, device, group).await
}

/// The same without asking who asks.
pub(super) async fn whole(core: &Core, account: &AccountId, device: &DeviceId, group: &Wid) -> Result<Group> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(account);
    let row = scope.device(device).await?.ok_or_else(|| not_found(device))?;
    let known = scope.group(device, group.as_str()).await?.ok_or_else(|| unknown(group))?;
    let chat = scope.chat(device, group.as_str()).await?;
    let mut view = State::read(&known)?.view(chat.as_ref());
    let filter = ParticipantFilter { size: i64::MAX, ..ParticipantFilter::default() };
    let people = scope.participants(device, group.as_str(), &filter).await?;
    view.participants = Some(shown(&mut scope, &row, group, people, false).await?);
    Ok(view)
}

/// Which of a group's people.
#[derive(Debug, Clone, Default)]
pub struct ParticipantSearch {
    /// Only with this in a name, a number or an id.
    pub search: Option<String>,
    /// Only these, by phone number or id.
    pub phones: Option<Vec<String>>,
    /// Only `admin`, `owner` or `participant`; a maker is an admin, too.
    pub roles: Vec<String>,
    /// Only those in the address book.
    pub contacts: bool,
    /// Show the person with each.
    pub with_contact: bool,
}

/// A page of a group's people: its maker and its admins first.
///
/// # Errors
/// `device:notfound`, `group:notfound`, `phone:invalid`; without the scope `groups:read`.
pub async fn participants(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    group: &Wid,
    search: ParticipantSearch,
    slice: Slice,
) -> Result<Page<GroupParticipant>> {
    caller.need(Scope::GroupsRead)?;
    let wids = search.phones.map(|phones| {
        phones.iter().map(|phone| crate::outbound::person(phone).map(String::from)).collect::<Result<Vec<_>>>()
    });
    let filter = ParticipantFilter {
        search: search.search.filter(|text| !text.trim().is_empty()).map(|text| text.trim().to_lowercase()),
        wids: wids.transpose()?,
        roles: (!search.roles.is_empty())
            .then(|| search.roles.iter().flat_map(|word| roles_called(word)).copied().collect()),
        contacts: search.contacts,
        size: slice.size,
        skip: slice.skip,
    };
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let row = scope.device(device).await?.ok_or_else(|| not_found(device))?;
    scope.group(device, group.as_str()).await?.ok_or_else(|| unknown(group))?;
    let total = scope.count_participants(device, group.as_str(), &filter).await?;
    let people = scope.participants(device, group.as_str(), &filter).await?;
    let items = shown(&mut scope, &row, group, people, search.with_contact).await?;
    Ok(Page { items, total })
}

/// Who is in a group, admins first; for whoever shows its chat.
///
/// # Errors
/// As the database answers.
pub(crate) async fn people(
    scope: &mut Account<'_>,
    device: &DeviceRow,
    group: &str,
    limit: i64,
) -> Result<Vec<GroupParticipant>> {
    let wid: Wid = group.parse().map_err(Error::internal)?;
    let filter = ParticipantFilter { size: limit, ..ParticipantFilter::default() };
    let people = scope.participants(&device.id, group, &filter).await?;
    shown(scope, device, &wid, people, false).await
}

fn roles_called(word: &str) -> &'static [&'static str] {
    match word {
        "owner" => &["super_admin"],
        "admin" => &["admin", "super_admin"],
        _ => &["member"],
    }
}

/// Contacts read at once: databases take so many values in one statement.
const AT_ONCE: usize = 500;

async fn shown(
    scope: &mut Account<'_>,
    device: &DeviceRow,
    group: &Wid,
    people: Vec<ParticipantRow>,
    with_contact: bool,
) -> Result<Vec<GroupParticipant>> {
    let wids: Vec<String> = people.iter().map(|person| person.wid.clone()).collect();
    let mut known: HashMap<String, ContactRow> = HashMap::new();
    let mut chats = std::collections::HashSet::new();
    for part in wids.chunks(AT_ONCE) {
        let found = scope.contacts_of(&device.id, part).await?;
        known.extend(found.into_iter().map(|contact| (contact.wid.clone(), contact)));
        chats.extend(scope.chats_of(&device.id, part).await?.into_iter().map(|chat| chat.wid));
    }
    let own_name = device.push_name.clone();
    let show = |person: ParticipantRow| -> Result<GroupParticipant> {
        let wid: Wid = person.wid.parse().map_err(Error::internal)?;
        let contact = known.remove(&person.wid);
        let is_own = device.wid.as_deref() == Some(&person.wid);
        let named = contact.clone().and_then(|contact| contacts::brief(contact).name);
        let what = role(&person.role);
        Ok(GroupParticipant {
            chat_wid: group.to_string(),
            phone: wid.phone().map(String::from),
            lid: person.lid.or_else(|| contact.as_ref().and_then(|contact| contact.lid.clone())),
            name: named.or_else(|| own_name.clone().filter(|_| is_own)),
            is_admin: what >= Role::Admin,
            is_super_admin: what == Role::SuperAdmin,
            is_contact: contact.as_ref().is_some_and(|contact| contact.name.is_some()),
            is_chat_active: chats.contains(&person.wid),
            joined_at: person.joined_at.map(iso),
            synced_at: iso(person.synced_at),
            contact: contact.filter(|_| with_contact).map(contacts::brief),
            wid: person.wid,
        })
    };
    people.into_iter().map(show).collect()
}

/// What chats show of their groups, by id: those of `wids` that are groups.
///
/// # Errors
/// As the database answers.
pub(crate) async fn chat_groups(
    scope: &mut Account<'_>,
    device: &DeviceId,
    wids: &[String],
) -> Result<HashMap<String, ChatGroup>> {
    let groups: Vec<String> = wids.iter().filter(|wid| wid.ends_with("@g.us")).cloned().collect();
    if groups.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = scope.groups_of(device, &groups).await?;
    rows.iter().map(|row| Ok((row.wid.clone(), State::read(row)?.chat_view()))).collect()
}

/// What a group is called, as far as it is known.
///
/// # Errors
/// As the database answers.
pub(crate) async fn subject(w: &mut Writing, device: &DeviceRow, group: &str) -> Result<Option<String>> {
    let rows = w.account(&device.account_id).groups_of(&device.id, &[group.to_owned()]).await?;
    let name = rows.first().map(State::read).transpose()?.map(|state| state.doc.facts.name);
    Ok(name.filter(|name| !name.is_empty()))
}
