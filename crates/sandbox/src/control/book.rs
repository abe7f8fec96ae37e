//! The address book, labels, quick replies and preferences of a phone.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use wacore_appstate::schemas;

use super::Context;
use super::chats::{chat_jid, chat_label, must_be_on};
use super::error::{Body, OfPhone, Refusal, existing};
use crate::ids::{AccountId, Domain};
use crate::phone::app_state::actions::{self, Action, chat_address};
use crate::phone::app_state::{change, chat_name};
use crate::phone::book::{Book, Contact, Label, QuickReply};
use crate::world::World;

/// The longest name, shortcut or id, in bytes.
const MAX_NAME: usize = 1_024;
/// The longest quick reply, in bytes.
const MAX_TEXT: usize = 65_536;
/// The most contacts of one request.
const MAX_CONTACTS: usize = 20_000;
/// The most favourite chats or muted statuses of one request.
const MAX_CHATS: usize = 1_000;

fn short(what: &str, text: &str) -> Result<(), Refusal> {
    if text.is_empty() || text.len() > MAX_NAME {
        return Err(Refusal::invalid(format!("{what} has 1 to {MAX_NAME} bytes")));
    }
    Ok(())
}

/// What a phone's book says, as JSON.
fn with_book(
    context: &Context,
    of: &crate::ids::PhoneNumber,
    show: impl Fn(&World, &Book) -> Value,
) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, of)?;
        Ok(Json(world.accounts.get(&me).map_or(Value::Null, |account| show(world, &account.phone.book))))
    })
}

/// Lets the person change something and answers 204.
fn changed(
    context: &Context,
    of: &crate::ids::PhoneNumber,
    wanted: impl FnOnce(&World, AccountId) -> Result<Vec<Action>, Refusal>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, of)?;
        must_be_on(world, me)?;
        let wanted = wanted(world, me)?;
        change(world, me, &wanted);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// `GET /phones/{phone}/contacts`
pub(super) async fn contacts(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    with_book(&context, &of, |_, book| {
        let contacts: Vec<Value> = book
            .contacts
            .iter()
            .map(|(contact, details)| {
                let mut json = serde_json::to_value(details).unwrap_or_default();
                if let Some(json) = json.as_object_mut() {
                    json.insert("contact".to_owned(), chat_label(contact).into());
                }
                json
            })
            .collect();
        json!({ "contacts": contacts })
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewContact {
    full_name: String,
    first_name: Option<String>,
}

impl NewContact {
    fn action(&self, world: &World, contact: &str) -> Result<Action, Refusal> {
        short("fullName", &self.full_name)?;
        self.first_name.as_deref().map_or(Ok(()), |first| short("firstName", first))?;
        let jid = chat_jid(world, contact)?;
        let lid =
            world.find(&jid).and_then(|id| world.accounts.get(&id)).map(|account| account.jid(Domain::Lid).to_string());
        let details =
            Contact { full_name: Some(self.full_name.clone()), first_name: self.first_name.clone(), on_phone: true };
        Ok(actions::contact(&chat_name(world, &jid), lid.as_deref(), Some(&details)))
    }
}

/// `PUT /phones/{phone}/contacts/{contact}`
pub(super) async fn put_contact(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, contact)): Path<(String, String)>,
    Body(new): Body<NewContact>,
) -> Result<StatusCode, Refusal> {
    changed(&context, &of, |world, _| Ok(vec![new.action(world, &contact)?]))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contacts {
    contacts: std::collections::BTreeMap<String, NewContact>,
}

/// `POST /phones/{phone}/contacts`: many at once, in one patch.
pub(super) async fn add_contacts(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<Contacts>,
) -> Result<StatusCode, Refusal> {
    if body.contacts.len() > MAX_CONTACTS {
        return Err(Refusal::invalid(format!("at most {MAX_CONTACTS} contacts at once")));
    }
    changed(&context, &of, |world, _| {
        let mut named: std::collections::BTreeMap<String, Action> = std::collections::BTreeMap::new();
        for (contact, new) in &body.contacts {
            // Two spellings of one number are one contact.
            named.insert(chat_name(world, &chat_jid(world, contact)?), new.action(world, contact)?);
        }
        Ok(named.into_values().collect())
    })
}

/// `DELETE /phones/{phone}/contacts/{contact}`
pub(super) async fn remove_contact(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, contact)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    changed(&context, &of, |world, _| {
        Ok(vec![actions::contact(&chat_name(world, &chat_jid(world, &contact)?), None, None)])
    })
}

/// `GET /phones/{phone}/labels`
pub(super) async fn labels(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    with_book(&context, &of, |_, book| {
        let labels: Vec<Value> = book
            .labels
            .iter()
            .map(|(id, label)| {
                let mut json = serde_json::to_value(label).unwrap_or_default();
                if let Some(json) = json.as_object_mut() {
                    json.insert("id".to_owned(), id.as_str().into());
                    json.insert("chats".to_owned(), label.chats.iter().map(|chat| chat_label(chat)).collect());
                    json.insert("messages".to_owned(), label.messages.iter().map(|(_, id)| id.as_str()).collect());
                }
                json
            })
            .collect();
        json!({ "labels": labels })
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewLabel {
    name: String,
    #[serde(default)]
    color: i32,
}

/// `PUT /phones/{phone}/labels/{id}`
pub(super) async fn put_label(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
    Body(new): Body<NewLabel>,
) -> Result<StatusCode, Refusal> {
    short("a label's name", &new.name)?;
    short("a label's id", &id)?;
    changed(&context, &of, |world, me| {
        let before = world.accounts.get(&me).and_then(|account| account.phone.book.labels.get(&id));
        let order = before.and_then(|label| label.order);
        let label = Label { name: new.name.clone(), color: new.color, order, ..Label::default() };
        Ok(vec![actions::label(&id, Some(&label))])
    })
}

/// `DELETE /phones/{phone}/labels/{id}`
pub(super) async fn remove_label(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    changed(&context, &of, |_, _| Ok(vec![actions::label(&id, None)]))
}

/// `GET /phones/{phone}/quick-replies`
pub(super) async fn quick_replies(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
) -> Result<Json<Value>, Refusal> {
    with_book(&context, &of, |_, book| {
        let replies: Map<String, Value> = book
            .quick_replies
            .iter()
            .map(|(id, reply)| (id.clone(), serde_json::to_value(reply).unwrap_or_default()))
            .collect();
        json!({ "quickReplies": replies })
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewQuickReply {
    shortcut: String,
    message: String,
    #[serde(default)]
    keywords: Vec<String>,
}

/// `PUT /phones/{phone}/quick-replies/{id}`
pub(super) async fn put_quick_reply(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
    Body(new): Body<NewQuickReply>,
) -> Result<StatusCode, Refusal> {
    short("shortcut", &new.shortcut)?;
    short("a quick reply's id", &id)?;
    if new.message.is_empty() || new.message.len() > MAX_TEXT || new.keywords.len() > MAX_CHATS {
        return Err(Refusal::invalid(format!(
            "message has 1 to {MAX_TEXT} bytes, and there are at most {MAX_CHATS} keywords"
        )));
    }
    let reply = QuickReply { shortcut: new.shortcut, message: new.message, keywords: new.keywords, count: 0 };
    changed(&context, &of, |_, _| Ok(vec![actions::quick_reply(&id, Some(&reply))]))
}

/// `DELETE /phones/{phone}/quick-replies/{id}`
pub(super) async fn remove_quick_reply(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    changed(&context, &of, |_, _| Ok(vec![actions::quick_reply(&id, None)]))
}

/// `GET /phones/{phone}/preferences`
pub(super) async fn preferences(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    with_book(&context, &of, |_, book| {
        json!({
            "unarchiveChats": book.unarchive_chats,
            "twentyFourHourFormat": book.twenty_four_hour_format,
            "locale": book.locale,
            "favorites": book.favorites.iter().map(|chat| chat_label(chat)).collect::<Vec<_>>(),
            "mutedStatuses": book.muted_statuses.iter().map(|chat| chat_label(chat)).collect::<Vec<_>>(),
            "starred": book.starred.iter().map(|(chat, from_me, id)| json!({"chat": chat_label(chat), "fromMe": from_me, "id": id})).collect::<Vec<_>>(),
            "other": book.other,
        })
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewPreferences {
    unarchive_chats: Option<bool>,
    twenty_four_hour_format: Option<bool>,
    locale: Option<String>,
    /// All favourite chats from now on.
    favorites: Option<Vec<String>>,
    /// All people whose status is muted from now on.
    muted_statuses: Option<Vec<String>>,
}

/// `PATCH /phones/{phone}/preferences`
pub(super) async fn change_preferences(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(new): Body<NewPreferences>,
) -> Result<StatusCode, Refusal> {
    if [&new.favorites, &new.muted_statuses].into_iter().flatten().any(|chats| chats.len() > MAX_CHATS) {
        return Err(Refusal::invalid(format!("at most {MAX_CHATS} chats")));
    }
    new.locale.as_deref().map_or(Ok(()), |locale| short("locale", locale))?;
    changed(&context, &of, |world, me| {
        let mut wanted = Vec::new();
        wanted.extend(new.unarchive_chats.map(actions::unarchive_chats));
        wanted.extend(new.twenty_four_hour_format.map(actions::time_format));
        wanted.extend(new.locale.as_deref().map(actions::locale));
        if let Some(favorites) = &new.favorites {
            let chats: Result<Vec<String>, Refusal> =
                favorites.iter().map(|chat| Ok(chat_name(world, &chat_jid(world, chat)?))).collect();
            wanted.push(actions::favorites(&chats?));
        }
        if let Some(muted) = &new.muted_statuses {
            let muted: Result<Vec<String>, Refusal> =
                muted.iter().map(|chat| Ok(chat_name(world, &chat_jid(world, chat)?))).collect();
            let muted = muted?;
            let before =
                world.accounts.get(&me).map(|account| account.phone.book.muted_statuses.clone()).unwrap_or_default();
            for person in muted
                .iter()
                .filter(|person| !before.contains(*person))
                .chain(before.iter().filter(|person| !muted.contains(person)))
            {
                if let Ok(jid) = person.parse() {
                    let address = chat_address(world, me, &schemas::USER_STATUS_MUTE, &jid);
                    wanted.push(actions::mute_status(&address, muted.contains(person)));
                }
            }
        }
        Ok(wanted)
    })
}

/// `POST /phones/{phone}/app-state/rotate`: a new key, shared with all
/// companions.
pub(super) async fn rotate(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        must_be_on(world, me)?;
        if !crate::phone::sync_keys::rotate(world, me) {
            return Err(Refusal::new(StatusCode::CONFLICT, "too_many_keys", "this phone has made too many keys"));
        }
        let keys = world.accounts.get(&me).map_or(0, |account| account.app_state.keys().all().count());
        Ok(Json(json!({ "keys": keys })))
    })
}

/// `GET /phones/{phone}/app-state`: the version of each collection.
pub(super) async fn versions(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let account = world.accounts.get(&me);
        let versions: Map<String, Value> = crate::world::app_state::COLLECTIONS
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), account?.app_state.version(name)?.into())))
            .collect();
        Ok(Json(json!({ "versions": versions })))
    })
}
