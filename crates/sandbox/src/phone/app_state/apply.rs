//! Taking over one mutation: the phone shows it from now on.

use wacore_appstate::Mutation;
use wacore_binary::Jid;
use waproto::whatsapp as wa;
use waproto::whatsapp::sync_action_value::SyncActionMessageRange;
use waproto::whatsapp::syncd_mutation::SyncdOperation;

use super::{chat_name, chat_names};
use crate::ids::AccountId;
use crate::phone::book::{Book, FOR_EVER};
use crate::phone::conversation::Shown;
use crate::world::World;

/// The longest text kept of a setting, in bytes.
const MAX_TEXT: usize = 4_096;

/// Does what a mutation says; one that nothing is known about is kept as it is.
pub(super) fn apply(world: &mut World, me: AccountId, mutation: &Mutation) {
    let removed = mutation.operation == SyncdOperation::REMOVE;
    let nothing = wa::SyncActionValue::default();
    let value = mutation.action_value.as_ref().filter(|_| !removed).unwrap_or(&nothing);
    let index = &mutation.index;
    let part = |at: usize| index.get(at).map(String::as_str).unwrap_or_default();
    let name = |at: usize| part(at).parse::<Jid>().ok().map(|jid| chat_name(world, &jid));
    match part(0) {
        "archive" | "pin_v1" | "mute" | "lock" => {
            if let Some(chat) = name(1) {
                stand(world, me, part(0), &chat, value);
            }
        }
        "markChatAsRead" => {
            let change = value.mark_chat_as_read_action.as_option();
            if let Some((chat, change)) = name(1).zip(change) {
                let until = last_of(change.message_range.as_option());
                mark_read(world, me, &chat, change.read == Some(true), until);
            }
        }
        "deleteChat" => {
            if let Some(chat) = name(1).filter(|_| !removed) {
                let change = value.delete_chat_action.as_option();
                delete_chat(world, me, &chat, change.and_then(|change| last_of(change.message_range.as_option())));
            }
        }
        "clearChat" => {
            if let Some(chat) = name(1).filter(|_| !removed) {
                let until =
                    value.clear_chat_action.as_option().and_then(|change| last_of(change.message_range.as_option()));
                let starred_too = part(2) == "1";
                forget_messages(world, me, |book, shown, of| {
                    of == chat
                        && until.is_none_or(|until| shown.timestamp <= until)
                        && (starred_too || !book.is_starred(&chat, shown.from == me, &shown.id))
                });
            }
        }
        "star" => {
            let starred = value.star_action.as_option().and_then(|change| change.starred) == Some(true);
            if let Some((chat, book)) = name(1).zip(book(world, me)) {
                book.star(&chat, part(3) == "1", part(2), starred);
            }
        }
        "deleteMessageForMe" => {
            if let Some(chat) = name(1).filter(|_| !removed) {
                let (id, own) = (part(2).to_owned(), part(3) == "1");
                forget_messages(world, me, |_, shown, of| of == chat && shown.id == id && (shown.from == me) == own);
            }
        }
        "label_edit" | "label_jid" | "label_message" => {
            let chat = name(2);
            if let Some(book) = book(world, me) {
                label(book, index, chat, value);
            }
        }
        "contact" | "lid_contact" => {
            if let Some((person, book)) = name(1).zip(book(world, me)) {
                contact(book, &person, value);
            }
        }
        "quick_reply" => {
            if let Some(book) = book(world, me) {
                quick_reply(book, part(1), value);
            }
        }
        "favorites" => {
            let listed = value.favorites_action.as_option().map(|change| change.favorites.clone()).unwrap_or_default();
            let favorites = listed.into_iter().filter_map(|favorite| favorite.id?.parse::<Jid>().ok());
            let favorites = favorites.map(|jid| chat_name(world, &jid)).collect();
            if let Some(book) = book(world, me) {
                book.favorites = favorites;
            }
        }
        "userStatusMute" => {
            let muted = value.user_status_mute_action.as_option().and_then(|change| change.muted) == Some(true);
            if let Some((person, book)) = name(1).zip(book(world, me)) {
                if muted {
                    book.muted_statuses.insert(person);
                } else {
                    book.muted_statuses.remove(&person);
                }
            }
        }
        "setting_pushName" => {
            let new = value.push_name_setting.as_option().and_then(|setting| setting.name.clone());
            if let Some((new, account)) = new.filter(|new| new.len() <= MAX_TEXT).zip(world.accounts.get_mut(&me)) {
                account.name = new;
            }
        }
        _ => {
            if let Some(book) = book(world, me) {
                preference(book, index, value);
            }
        }
    }
}

fn book(world: &mut World, me: AccountId) -> Option<&mut Book> {
    world.accounts.get_mut(&me).map(|account| &mut account.phone.book)
}

/// Up to when a range reaches, in seconds; `None` when it does not say.
fn last_of(range: Option<&SyncActionMessageRange>) -> Option<u64> {
    range?.last_message_timestamp.filter(|last| *last > 0).and_then(|last| u64::try_from(last).ok())
}

/// How a chat stands in the list.
fn stand(world: &mut World, me: AccountId, what: &str, chat: &str, value: &wa::SyncActionValue) {
    let Some(state) = book(world, me).and_then(|book| book.chat_mut(chat)) else {
        return;
    };
    match what {
        "archive" => {
            state.archived = value.archive_chat_action.as_option().and_then(|change| change.archived) == Some(true);
            if state.archived {
                // The app takes the pin of a chat it puts away.
                state.pinned_at = None;
            }
        }
        "pin_v1" => {
            let pinned = value.pin_action.as_option().and_then(|change| change.pinned) == Some(true);
            state.pinned_at = pinned.then(|| value.timestamp.unwrap_or(0));
            if pinned {
                state.archived = false;
            }
        }
        "mute" => {
            let change = value.mute_action.as_option();
            let muted = change.and_then(|change| change.muted) == Some(true);
            let end = change.and_then(|change| change.mute_end_timestamp).filter(|end| *end != 0);
            state.muted_until = muted.then(|| end.unwrap_or(FOR_EVER));
        }
        _ => state.locked = value.lock_chat_action.as_option().and_then(|change| change.locked) == Some(true),
    }
}

/// Read on a companion: nobody else is told by this alone.
fn mark_read(world: &mut World, me: AccountId, chat: &str, read: bool, until: Option<u64>) {
    if let Some(state) = book(world, me).and_then(|book| book.chat_mut(chat)) {
        state.marked_unread = !read;
    }
    if !read {
        return;
    }
    let names = chat_names(world, me);
    if let Some(account) = world.accounts.get_mut(&me) {
        let of_chat =
            account.phone.conversations.iter_mut().filter(|shown| names.get(&shown.chat).is_some_and(|of| of == chat));
        for shown in of_chat.filter(|shown| until.is_none_or(|until| shown.timestamp <= until)) {
            shown.read = true;
        }
        account.phone.past.mark_read(chat);
    }
}

fn delete_chat(world: &mut World, me: AccountId, chat: &str, until: Option<u64>) {
    forget_messages(world, me, |_, shown, of| of == chat && until.is_none_or(|until| shown.timestamp <= until));
    if let Some(account) = world.accounts.get_mut(&me) {
        account.phone.book.forget_chat(chat);
        account.phone.past.forget(chat);
    }
}

/// Takes messages off the phone; `forget` gets the name of the chat too.
fn forget_messages(world: &mut World, me: AccountId, forget: impl Fn(&Book, &Shown, &str) -> bool) {
    let names = chat_names(world, me);
    let Some(account) = world.accounts.get_mut(&me) else {
        return;
    };
    let book = &account.phone.book;
    account.phone.conversations.forget(|shown| names.get(&shown.chat).is_some_and(|chat| forget(book, shown, chat)));
}

fn label(book: &mut Book, index: &[String], chat: Option<String>, value: &wa::SyncActionValue) {
    let Some(id) = index.get(1) else {
        return;
    };
    let labeled = value.label_association_action.as_option().and_then(|change| change.labeled) == Some(true);
    match (index[0].as_str(), value.label_edit_action.as_option(), chat) {
        ("label_edit", Some(edit), _) if edit.deleted != Some(true) => {
            if let Some(label) = book.label_mut(id) {
                label.name = edit.name.clone().unwrap_or_default();
                label.color = edit.color.unwrap_or(0);
                label.predefined_id = edit.predefined_id;
                label.order = edit.order_index;
            }
        }
        ("label_edit", _, _) => {
            book.labels.remove(id);
        }
        ("label_jid", _, Some(chat)) => {
            if let Some(label) = book.label_mut(id) {
                if labeled {
                    label.chats.insert(chat);
                } else {
                    label.chats.remove(&chat);
                }
            }
        }
        ("label_message", _, Some(chat)) => {
            if let Some((label, message)) = book.label_mut(id).zip(index.get(3)) {
                let key = (chat, message.clone());
                if labeled {
                    label.messages.insert(key);
                } else {
                    label.messages.remove(&key);
                }
            }
        }
        _ => {}
    }
}

fn contact(book: &mut Book, person: &str, value: &wa::SyncActionValue) {
    let (full_name, first_name, on_phone) =
        match (value.contact_action.as_option(), value.lid_contact_action.as_option()) {
            (Some(contact), _) => (
                contact.full_name.clone(),
                contact.first_name.clone(),
                contact.save_on_primary_addressbook.unwrap_or(false),
            ),
            (None, Some(contact)) => (contact.full_name.clone(), contact.first_name.clone(), false),
            (None, None) => {
                book.contacts.remove(person);
                return;
            }
        };
    if let Some(contact) = book.contact_mut(person) {
        contact.full_name = full_name;
        contact.first_name = first_name;
        contact.on_phone = on_phone;
    }
}

fn quick_reply(book: &mut Book, id: &str, value: &wa::SyncActionValue) {
    match value.quick_reply_action.as_option() {
        Some(change) if change.deleted != Some(true) => {
            if let Some(reply) = book.quick_reply_mut(id) {
                reply.shortcut = change.shortcut.clone().unwrap_or_default();
                reply.message = change.message.clone().unwrap_or_default();
                reply.keywords.clone_from(&change.keywords);
                reply.count = change.count.unwrap_or(0);
            }
        }
        _ => {
            book.quick_replies.remove(id);
        }
    }
}

fn preference(book: &mut Book, index: &[String], value: &wa::SyncActionValue) {
    match index.first().map(String::as_str).unwrap_or_default() {
        "setting_unarchiveChats" => {
            book.unarchive_chats = value.unarchive_chats_setting.as_option().and_then(|it| it.unarchive_chats);
        }
        "time_format" => {
            book.twenty_four_hour_format =
                value.time_format_action.as_option().and_then(|it| it.is_twenty_four_hour_format_enabled);
        }
        "setting_locale" => book.locale = value.locale_setting.as_option().and_then(|it| it.locale.clone()),
        "" => {}
        _ => {
            let key = serde_json::to_string(index).unwrap_or_default();
            let value = serde_json::to_value(value).map(crate::phone::content::pruned).unwrap_or_default();
            if key.len() <= MAX_TEXT {
                book.set_other(&key, value);
            }
        }
    }
}
