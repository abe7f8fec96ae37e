//! What a person changes, as app state words it.

use buffa::MessageField;
use wacore_appstate::schemas::{self, Collection, IndexPart, Schema, Scope};
use wacore_binary::Jid;
use waproto::whatsapp as wa;
use waproto::whatsapp::sync_action_value as action;

use crate::ids::{AccountId, Domain};
use crate::phone::book::{Contact, Label, QuickReply};
use crate::world::World;
use crate::world::app_state::Change;

/// Labelled messages, which the client's list of schemas lacks.
pub(crate) const LABEL_MESSAGE: Schema = Schema {
    key: "LabelMessage",
    name: "label_message",
    module: "",
    collection: Collection::Regular,
    version: 3,
    scope: Scope::Message,
    value_field: Some("labelAssociationAction"),
    value_proto_type: Some("SyncActionValue.LabelAssociationAction"),
    value_enum_fields: &[],
    chat_jid_index: Some(2),
    index_parts: &[IndexPart::Literal { value: "label_message" }],
};

/// One change of one thing.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    pub(crate) schema: &'static Schema,
    index: Vec<String>,
    /// `None` removes the record.
    value: Option<wa::SyncActionValue>,
}

impl Action {
    fn new(schema: &'static Schema, args: &[&str], value: wa::SyncActionValue) -> Self {
        let index = std::iter::once(schema.name).chain(args.iter().copied()).map(str::to_owned).collect();
        Self { schema, index, value: Some(value) }
    }

    /// The change at a time in milliseconds.
    pub(super) fn change(&self, now_ms: u64) -> Change {
        let value =
            self.value.clone().map(|value| wa::SyncActionValue { timestamp: i64::try_from(now_ms).ok(), ..value });
        Change {
            index: serde_json::to_vec(&self.index).unwrap_or_default(),
            value,
            version: i32::try_from(self.schema.version).unwrap_or(1),
        }
    }
}

/// The address under which a chat stands in app state: the one under which
/// something of it was set before, else the one phones write under.
pub(crate) fn chat_address(world: &World, me: AccountId, schema: &Schema, chat: &Jid) -> String {
    let Some(person) = world.find(chat).and_then(|id| world.accounts.get(&id)) else {
        return chat.to_string();
    };
    let name = |domain| person.jid(domain).to_string();
    let holds = |domain| {
        let index = serde_json::to_vec(&[schema.name, &name(domain)]).unwrap_or_default();
        world.accounts.get(&me).is_some_and(|account| account.app_state.holds(schema.collection.as_str(), &index))
    };
    let usual: Domain = world.timing.addressing.into();
    if !holds(usual) && holds(usual.other()) { name(usual.other()) } else { name(usual) }
}

pub(crate) fn push_name(name: &str) -> Action {
    let setting = action::PushNameSetting { name: Some(name.to_owned()) };
    let value = wa::SyncActionValue { push_name_setting: MessageField::some(setting), ..Default::default() };
    Action::new(&schemas::SETTING_PUSH_NAME, &[], value)
}

pub(crate) fn archive(chat: &str, archived: bool, range: Option<action::SyncActionMessageRange>) -> Action {
    let change = action::ArchiveChatAction { archived: Some(archived), message_range: range.into() };
    let value = wa::SyncActionValue { archive_chat_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::ARCHIVE, &[chat], value)
}

pub(crate) fn pin(chat: &str, pinned: bool) -> Action {
    let change = action::PinAction { pinned: Some(pinned) };
    let value = wa::SyncActionValue { pin_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::PIN, &[chat], value)
}

/// `until` in milliseconds since the epoch, -1 for ever, `None` to unmute.
pub(crate) fn mute(chat: &str, until: Option<i64>) -> Action {
    let change = action::MuteAction {
        muted: Some(until.is_some()),
        mute_end_timestamp: Some(until.unwrap_or(0)),
        ..Default::default()
    };
    let value = wa::SyncActionValue { mute_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::MUTE, &[chat], value)
}

pub(crate) fn mark_read(chat: &str, read: bool, range: Option<action::SyncActionMessageRange>) -> Action {
    let change = action::MarkChatAsReadAction { read: Some(read), message_range: range.into() };
    let value = wa::SyncActionValue { mark_chat_as_read_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::MARK_CHAT_AS_READ, &[chat], value)
}

pub(crate) fn lock(chat: &str, locked: bool) -> Action {
    let change = action::LockChatAction { locked: Some(locked) };
    let value = wa::SyncActionValue { lock_chat_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::LOCK_CHAT, &[chat], value)
}

pub(crate) fn delete_chat(chat: &str, range: Option<action::SyncActionMessageRange>) -> Action {
    let change = action::DeleteChatAction { message_range: range.into() };
    let value = wa::SyncActionValue { delete_chat_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::DELETE_CHAT, &[chat, "1"], value)
}

pub(crate) fn clear_chat(chat: &str, starred_too: bool, range: Option<action::SyncActionMessageRange>) -> Action {
    let change = action::ClearChatAction { message_range: range.into() };
    let value = wa::SyncActionValue { clear_chat_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::CLEAR_CHAT, &[chat, flag(starred_too), "0"], value)
}

/// A message as an index names it; `author` only for others' in groups.
pub(crate) struct Of<'a> {
    pub(crate) chat: &'a str,
    pub(crate) id: &'a str,
    pub(crate) from_me: bool,
    pub(crate) author: Option<&'a str>,
}

fn flag(set: bool) -> &'static str {
    if set { "1" } else { "0" }
}

pub(crate) fn star(message: &Of<'_>, starred: bool) -> Action {
    let change = action::StarAction { starred: Some(starred) };
    let value = wa::SyncActionValue { star_action: MessageField::some(change), ..Default::default() };
    let author = message.author.unwrap_or("0");
    Action::new(&schemas::STAR, &[message.chat, message.id, flag(message.from_me), author], value)
}

pub(crate) fn delete_message(message: &Of<'_>, timestamp: u64) -> Action {
    let change =
        action::DeleteMessageForMeAction { delete_media: Some(true), message_timestamp: i64::try_from(timestamp).ok() };
    let value = wa::SyncActionValue { delete_message_for_me_action: MessageField::some(change), ..Default::default() };
    let author = message.author.unwrap_or("0");
    Action::new(&schemas::DELETE_MESSAGE_FOR_ME, &[message.chat, message.id, flag(message.from_me), author], value)
}

/// `contact` is the address by number; `None` takes it out of the address book.
pub(crate) fn contact(contact: &str, lid: Option<&str>, details: Option<&Contact>) -> Action {
    let value = details.map(|details| wa::SyncActionValue {
        contact_action: MessageField::some(action::ContactAction {
            full_name: details.full_name.clone(),
            first_name: details.first_name.clone(),
            lid_jid: lid.map(str::to_owned),
            save_on_primary_addressbook: Some(details.on_phone),
            ..Default::default()
        }),
        ..Default::default()
    });
    Action { value, ..Action::new(&schemas::CONTACT, &[contact], wa::SyncActionValue::default()) }
}

/// `None` deletes the label.
pub(crate) fn label(id: &str, details: Option<&Label>) -> Action {
    let change = action::LabelEditAction {
        name: details.map(|label| label.name.clone()),
        color: details.map(|label| label.color),
        predefined_id: details.and_then(|label| label.predefined_id),
        order_index: details.and_then(|label| label.order),
        deleted: Some(details.is_none()),
        ..Default::default()
    };
    let value = wa::SyncActionValue { label_edit_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::LABEL_EDIT, &[id], value)
}

fn association(labeled: bool) -> wa::SyncActionValue {
    let change = action::LabelAssociationAction { labeled: Some(labeled), ..Default::default() };
    wa::SyncActionValue { label_association_action: MessageField::some(change), ..Default::default() }
}

pub(crate) fn label_chat(id: &str, chat: &str, labeled: bool) -> Action {
    Action::new(&schemas::LABEL_JID, &[id, chat], association(labeled))
}

pub(crate) fn label_message(id: &str, message: &Of<'_>, labeled: bool) -> Action {
    static SCHEMA: Schema = LABEL_MESSAGE;
    let author = message.author.unwrap_or("0");
    Action::new(&SCHEMA, &[id, message.chat, message.id, flag(message.from_me), author], association(labeled))
}

/// `None` deletes the quick reply.
pub(crate) fn quick_reply(id: &str, details: Option<&QuickReply>) -> Action {
    let change = action::QuickReplyAction {
        shortcut: details.map(|reply| reply.shortcut.clone()),
        message: details.map(|reply| reply.message.clone()),
        keywords: details.map(|reply| reply.keywords.clone()).unwrap_or_default(),
        count: details.map(|reply| reply.count),
        deleted: Some(details.is_none()),
        ..Default::default()
    };
    let value = wa::SyncActionValue { quick_reply_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::QUICK_REPLY, &[id], value)
}

pub(crate) fn favorites(chats: &[String]) -> Action {
    let favorites = chats.iter().map(|chat| action::favorites_action::Favorite { id: Some(chat.clone()) }).collect();
    let change = action::FavoritesAction { favorites };
    let value = wa::SyncActionValue { favorites_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::FAVORITES, &[], value)
}

pub(crate) fn mute_status(person: &str, muted: bool) -> Action {
    let change = action::UserStatusMuteAction { muted: Some(muted) };
    let value = wa::SyncActionValue { user_status_mute_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::USER_STATUS_MUTE, &[person], value)
}

pub(crate) fn unarchive_chats(unarchive: bool) -> Action {
    let change = action::UnarchiveChatsSetting { unarchive_chats: Some(unarchive) };
    let value = wa::SyncActionValue { unarchive_chats_setting: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::UNARCHIVE_CHATS_SETTING, &[], value)
}

pub(crate) fn time_format(twenty_four_hours: bool) -> Action {
    let change = action::TimeFormatAction { is_twenty_four_hour_format_enabled: Some(twenty_four_hours) };
    let value = wa::SyncActionValue { time_format_action: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::TIME_FORMAT, &[], value)
}

pub(crate) fn locale(locale: &str) -> Action {
    let change = action::LocaleSetting { locale: Some(locale.to_owned()) };
    let value = wa::SyncActionValue { locale_setting: MessageField::some(change), ..Default::default() };
    Action::new(&schemas::LOCALE_SETTING, &[], value)
}

/// The secret from which companions make tokens for people they never wrote to.
pub(crate) fn new_chat_salt(salt: Option<&[u8]>) -> Action {
    let value = salt.map(|salt| wa::SyncActionValue {
        nct_salt_sync_action: MessageField::some(action::NctSaltSyncAction { salt: Some(salt.to_vec()) }),
        ..Default::default()
    });
    Action { value, ..Action::new(&schemas::NCT_SALT_SYNC, &[], wa::SyncActionValue::default()) }
}
