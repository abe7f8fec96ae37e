//! What a person does with a single message beside answering it: stars, labels,
//! deleting it for themselves.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use wacore_appstate::schemas;
use wacore_binary::Jid;

use super::Context;
use super::chats::must_be_on;
use super::error::{Body, OfPhone, Refusal, existing};
use crate::ids::AccountId;
use crate::phone::app_state::actions::{self, Action, Of, chat_address};
use crate::phone::app_state::{change, chat_name};
use crate::world::World;

/// A message on a phone as app state names it.
struct Named {
    chat: String,
    id: String,
    from_me: bool,
    author: Option<String>,
    timestamp: u64,
}

fn named(world: &World, me: AccountId, id: &str) -> Result<Named, Refusal> {
    let names = crate::phone::app_state::chat_names(world, me);
    let shown = world.accounts.get(&me).and_then(|account| account.phone.conversations.find(id));
    let shown = shown.ok_or_else(|| {
        Refusal::new(StatusCode::NOT_FOUND, "no_such_message", format!("this phone has no message {id}"))
    })?;
    let chat = names.get(&shown.chat).and_then(|name| name.parse::<Jid>().ok()).unwrap_or_default();
    let author = world.accounts.get(&shown.from).filter(|_| world.find(&chat).is_none() && shown.from != me);
    Ok(Named {
        chat: chat_address(world, me, &schemas::STAR, &chat),
        id: id.to_owned(),
        from_me: shown.from == me,
        author: author.map(|author| author.jid(world.timing.addressing.into()).to_string()),
        timestamp: shown.timestamp,
    })
}

impl Named {
    fn of(&self) -> Of<'_> {
        Of { chat: &self.chat, id: &self.id, from_me: self.from_me, author: self.author.as_deref() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Mark {
    starred: Option<bool>,
    /// All labels it has from now on.
    labels: Option<Vec<String>>,
}

/// `PATCH /phones/{phone}/messages/{id}`: stars and labels.
pub(super) async fn mark(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
    Body(body): Body<Mark>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        must_be_on(world, me)?;
        let message = named(world, me, &id)?;
        let mut wanted: Vec<Action> =
            body.starred.map(|starred| actions::star(&message.of(), starred)).into_iter().collect();
        if let Some(labels) = &body.labels {
            let chat = message.chat.parse::<Jid>().map(|jid| chat_name(world, &jid)).unwrap_or_default();
            let book = world.accounts.get(&me).map(|account| &account.phone.book);
            for (label, details) in book.iter().flat_map(|book| &book.labels) {
                let before = details.messages.contains(&(chat.clone(), id.clone()));
                if before != labels.contains(label) {
                    wanted.push(actions::label_message(label, &message.of(), !before));
                }
            }
        }
        change(world, me, &wanted);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// `DELETE /phones/{phone}/messages/{id}`: deleted for the person alone.
pub(super) async fn delete_for_me(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    context.hub.with(|world| {
        let me = existing(world, &of)?;
        must_be_on(world, me)?;
        let message = named(world, me, &id)?;
        change(world, me, &[actions::delete_message(&message.of(), message.timestamp)]);
        Ok(StatusCode::NO_CONTENT)
    })
}
