//! Who may see and approach a person, and the person's identity.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::Context;
use super::chats::must_be_on;
use super::error::{Body, OfPhone, Refusal, existing, made, number};
use crate::areas::{disappearing_mode, privacy};
use crate::ids::{AccountId, Domain};
use crate::phone::app_state::{actions, change};
use crate::phone::migration;
use crate::world::World;

/// The longest salt, in bytes.
const MAX_SALT: usize = 64;
/// The longest status text or user name, in bytes.
const MAX_TEXT: usize = 256;

fn shown(world: &World, me: AccountId) -> Value {
    let Some(account) = world.accounts.get(&me) else {
        return Value::Null;
    };
    let number = |id: &AccountId| world.accounts.get(id).map(|account| account.number.to_string());
    let except: BTreeMap<&String, Vec<String>> =
        account.disallowed.iter().map(|(name, people)| (name, people.iter().filter_map(number).collect())).collect();
    let tokens: Vec<Value> =
        account.tokens.iter().map(|(holder, token)| json!({"holder": number(holder), "at": token.given_at})).collect();
    json!({
        "categories": account.privacy,
        "except": except,
        "wantsTokens": account.wants_tokens,
        "tokensGiven": tokens,
        "newChatSalt": account.new_chat_salt.as_ref().map(hex::encode),
        "disappearingSeconds": account.disappearing.0,
    })
}

/// `GET /phones/{phone}/privacy`
pub(super) async fn show(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| Ok(Json(shown(world, existing(world, &of)?))))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Changes {
    #[serde(default)]
    categories: BTreeMap<String, String>,
    /// All contacts a category with `contact_blacklist` leaves out from now on.
    #[serde(default)]
    except: BTreeMap<String, Vec<String>>,
    wants_tokens: Option<bool>,
    disappearing_seconds: Option<u64>,
    /// A new salt in hexadecimal, told to the companions through app state; null
    /// takes it away.
    #[serde(default, deserialize_with = "given")]
    new_chat_salt: Option<Option<String>>,
}

/// Tells null from absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// `PATCH /phones/{phone}/privacy`
pub(super) async fn change_settings(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(changes): Body<Changes>,
) -> Result<Json<Value>, Refusal> {
    let salt = match &changes.new_chat_salt {
        Some(Some(text)) => match hex::decode(text) {
            Ok(salt) if (1..=MAX_SALT).contains(&salt.len()) => Some(Some(salt)),
            _ => return Err(Refusal::invalid(format!("newChatSalt is 1 to {MAX_SALT} bytes in hexadecimal"))),
        },
        Some(None) => Some(None),
        None => None,
    };
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        let mut except: BTreeMap<String, Vec<AccountId>> = BTreeMap::new();
        for (name, people) in &changes.except {
            let people: Result<Vec<AccountId>, Refusal> =
                people.iter().map(|person| existing(world, &number(person)?)).collect();
            except.insert(name.clone(), people?);
        }
        let mut categories = changes.categories.clone();
        for name in except.keys() {
            categories.entry(name.clone()).or_insert_with(|| "contact_blacklist".to_owned());
        }
        for (name, value) in &categories {
            let left_out = except.get(name).map(Vec::as_slice);
            if !privacy::change_on_phone(world, me, name, value, left_out) {
                return Err(Refusal::invalid(format!("{name} is no privacy category or can't be {value:?}")));
            }
        }
        if let Some(seconds) = changes.disappearing_seconds {
            disappearing_mode::change(world, me, seconds);
        }
        if let Some(salt) = salt {
            must_be_on(world, me)?;
            change(world, me, &[actions::new_chat_salt(salt.as_deref())]);
            if let Some(account) = world.accounts.get_mut(&me) {
                account.new_chat_salt = salt;
            }
        }
        if let Some((wants, account)) = changes.wants_tokens.zip(world.accounts.get_mut(&me)) {
            account.wants_tokens = wants;
        }
        world.changed();
        Ok(Json(shown(world, me)))
    })
}

/// `GET /phones/{phone}/people/{person}`: what the phone sees of somebody;
/// what it may not see is null.
pub(super) async fn person(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, person)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let person = number(&person)?;
    context.hub.with(|world| {
        let (me, person) = (existing(world, &of)?, existing(world, &person)?);
        let (Some(account), Some(found)) = (world.accounts.get(&me), world.accounts.get(&person)) else {
            return Ok(Json(Value::Null));
        };
        let may = |category| world.may(me, person, category);
        let saved = account.phone.book.contacts.get(&found.jid(Domain::Pn).to_string());
        let profile = &found.profile;
        Ok(Json(json!({
            "phone": found.number.to_string(),
            "name": saved.and_then(|contact| contact.full_name.clone()).unwrap_or_else(|| found.name.clone()),
            "about": may("status").then_some(&profile.about),
            "picture": profile.picture.as_ref().filter(|_| may("profile")).map(|picture| picture.id),
            "online": found.is_available() && may("online"),
            "lastSeen": found.last_seen.filter(|_| may("last")),
        })))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Trust {
    contact: String,
}

/// `POST /phones/{phone}/trust`: all devices of the contact get a token.
pub(super) async fn trust(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<Trust>,
) -> Result<StatusCode, Refusal> {
    let contact = number(&body.contact)?;
    context.hub.with(|world| {
        let (me, contact) = (existing(world, &of)?, made(world, &contact)?);
        let now = world.now_secs();
        world.give_token(me, contact, now);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// `POST /phones/{phone}/reinstall`: the app is set up anew, with another
/// identity key; all companions are unlinked.
pub(super) async fn reinstall(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        if !migration::reinstall(world, me) {
            return Err(Refusal::invalid("no new keys could be made"));
        }
        Ok(Json(super::phones::phone_json(world, me)))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherNumber {
    to: String,
}

/// `POST /phones/{phone}/number`: the person takes another number.
pub(super) async fn renumber(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<OtherNumber>,
) -> Result<Json<Value>, Refusal> {
    let to = number(&body.to)?;
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        if !migration::change_number(world, me, to.clone()) {
            return Err(Refusal::new(StatusCode::CONFLICT, "number_taken", format!("{to} is somebody's number")));
        }
        Ok(Json(super::phones::phone_json(world, me)))
    })
}

/// `POST /phones/{phone}/lid-migration`: tells the companions which LID belongs
/// to which number; from then on they are to write to LIDs.
pub(super) async fn migrate(State(context): State<Context>, OfPhone(of): OfPhone) -> Result<Json<Value>, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        must_be_on(world, me)?;
        Ok(Json(json!({ "mappings": migration::to_lid(world, me) })))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TextStatus {
    text: Option<String>,
    emoji: Option<String>,
    username: Option<String>,
}

/// `PUT /phones/{phone}/text-status`: what stands beside the name.
pub(super) async fn text_status(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Body(body): Body<TextStatus>,
) -> Result<StatusCode, Refusal> {
    if [&body.text, &body.emoji, &body.username].into_iter().flatten().any(|text| text.len() > MAX_TEXT) {
        return Err(Refusal::invalid(format!("text, emoji and username have at most {MAX_TEXT} bytes")));
    }
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        if let Some(account) = world.accounts.get_mut(&me) {
            account.profile.text_status = body.text.map(|text| (text, body.emoji));
            account.profile.username = body.username;
        }
        Ok(StatusCode::NO_CONTENT)
    })
}
