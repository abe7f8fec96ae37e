//! The one door into a phone's conversations: what a message does there.
//!
//! A message is shown, counted as one more copy, or changes another one; what
//! its sender may not do is left out and noted as an `ignored` event.

use serde_json::json;
use wacore::secret_enc_addon::{AddonContext, ModificationType, decrypt_addon};
use wacore_binary::Jid;
use waproto::whatsapp as wa;

use super::content::aim::{self, Aim, Effect};
use super::content::{self, Seen};
use super::conversation::Shown;
use super::files;
use super::marks::{Comment, Marks, replace};
use crate::ids::{AccountId, Chat, DeviceRef, Domain};
use crate::world::World;

/// A decrypted message on its way into a conversation.
pub(crate) struct Arrival {
    pub(crate) id: String,
    pub(crate) chat: Chat,
    pub(crate) from: DeviceRef,
    /// Seconds since the epoch, as the server stamped it.
    pub(crate) timestamp: u64,
    pub(crate) message: wa::Message,
}

/// What came of a message that a person gets to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Not a copy of a known one, and not ignored.
    pub(crate) new: bool,
    pub(crate) kind: String,
    pub(crate) text: Option<String>,
}

/// Takes a message in; `None` for one that shows nothing (keys, settings).
pub(crate) fn take_in(world: &mut World, me: AccountId, arrival: Arrival) -> Option<Taken> {
    let Seen { mut kind, mut text, target } = content::seen(&arrival.message)?;
    let conversations = &mut world.accounts.get_mut(&me)?.phone.conversations;
    if let Some(known) = conversations.of(arrival.from.account, &arrival.id) {
        known.copies += 1;
        return Some(Taken { new: false, kind, text });
    }
    match take_effect(world, me, &arrival) {
        Ok(None) => {}
        Ok(Some(done)) => {
            kind = done.kind.map_or(kind, str::to_owned);
            text = done.text.or(text);
        }
        Err(reason) => {
            let from = world.accounts.get(&arrival.from.account).map(|account| account.number.to_string());
            let now = world.now_ms();
            let fields = json!({"id": arrival.id, "from": from, "what": kind, "target": target, "reason": reason});
            world.accounts.get_mut(&me)?.phone.events.add(now, "ignored", fields);
            return Some(Taken { new: false, kind, text });
        }
    }
    let wanted = files::wanted(me, &arrival);
    let shown = Shown {
        seq: 0,
        id: arrival.id,
        chat: arrival.chat,
        from: arrival.from.account,
        from_device: arrival.from.device,
        kind: kind.clone(),
        text: text.clone(),
        timestamp: arrival.timestamp,
        copies: 1,
        target,
        read: arrival.from.account == me,
        receipts: Vec::new(),
        marks: Marks::default(),
        message: Box::new(arrival.message),
    };
    let new = world.accounts.get_mut(&me)?.phone.conversations.add(shown);
    if let Some(wanted) = wanted {
        files::want(world, wanted);
    }
    Some(Taken { new, kind, text })
}

/// How the entry of an effect is shown.
#[derive(Default)]
struct Done {
    kind: Option<&'static str>,
    text: Option<String>,
}

/// Does to another message what this one wants; the error says why not.
fn take_effect(world: &mut World, me: AccountId, arrival: &Arrival) -> Result<Option<Done>, &'static str> {
    let (inner, _) = content::unwrapped(&arrival.message);
    let Some(aim) = aim::of(inner) else {
        return Ok(None);
    };
    let sender = arrival.from.account;
    let Some((author, id)) = target(world, me, arrival, aim.key()) else {
        // Nothing is lost of a message the phone never had.
        return Ok(None);
    };
    let now_ms = i64::try_from(arrival.timestamp * 1_000).unwrap_or(i64::MAX);
    let (effect, at_ms, kind) = match aim {
        Aim::Open { effect, at_ms, .. } => (effect, at_ms, None),
        Aim::Sealed { payload, iv, kind, at_ms, .. } => {
            let secret = world
                .accounts
                .get(&me)
                .and_then(|account| account.phone.conversations.known(author, &id))
                .and_then(|target| content::secret(&target.message).map(<[u8]>::to_vec))
                .ok_or("the message it is aimed at has no secret")?;
            let plain = open(world, &secret, &id, author, sender, kind, payload, iv)
                .ok_or("it can't be opened with the secret of the message it is aimed at")?;
            let effect = aim::opened(kind, &plain).ok_or("there is nothing in it that is understood")?;
            (effect, at_ms, Some(kind))
        }
    };
    let at_ms = at_ms.unwrap_or(now_ms);
    let admin = may_moderate(world, arrival.chat, sender);
    let (edit_secs, revoke_secs) = (world.timing.edit_ms / 1_000, world.timing.revoke_ms / 1_000);
    let Some(account) = world.accounts.get_mut(&me) else {
        return Ok(None);
    };
    let Some(target) = account.phone.conversations.of(author, &id) else {
        return Ok(None);
    };
    let age = arrival.timestamp.saturating_sub(target.timestamp);
    let done = |kind: &'static str, text: Option<String>| Ok(Some(Done { kind: Some(kind), text }));
    if target.marks.revoked_by.is_some() {
        return Err("the message it is aimed at was deleted");
    }
    match effect {
        Effect::React(emoji) => {
            replace(&mut target.marks.reactions, sender, at_ms, emoji.clone());
            done("reaction", Some(emoji))
        }
        Effect::Edit(edited) => {
            if sender != author {
                return Err("only its author may edit a message");
            }
            // An event may be changed until it begins, and called off any time.
            if kind != Some(ModificationType::EventEdit) && age > edit_secs {
                return Err("the time for editing is over");
            }
            target.edit(&edited, at_ms);
            let text = target.text.clone();
            done("edit", text)
        }
        Effect::Revoke => {
            if sender != author && !admin {
                return Err("only its author and the admins of the group may delete a message");
            }
            if sender == author && age > revoke_secs {
                return Err("the time for deleting is over");
            }
            target.revoke(sender);
            done("revoke", None)
        }
        Effect::Vote(hashes) => {
            let chosen = target.chosen(&hashes).ok_or("the message it is aimed at is not a poll")?;
            let Some(most) = target.selectable() else {
                return Err("the message it is aimed at is not a poll");
            };
            if most > 0 && chosen.len() > most {
                return Err("more options were chosen than the poll allows");
            }
            replace(&mut target.marks.votes, sender, at_ms, hashes);
            done("poll_update", Some(chosen.join(", ")))
        }
        Effect::AddOption(name) => {
            if !target.add_option(&name) {
                return Err("the poll takes no more options");
            }
            done("poll_add_option", Some(name))
        }
        Effect::Respond(answer) => {
            if target.kind != "event" {
                return Err("the message it is aimed at is not an event");
            }
            let text = Some(answer.answer.to_owned());
            replace(&mut target.marks.responses, sender, at_ms, answer);
            done("event_response", text)
        }
        Effect::Pin(seconds) => {
            target.marks.pinned_until = seconds.map(|seconds| arrival.timestamp + u64::from(seconds));
            Ok(Some(Done::default()))
        }
        Effect::Keep(keep) => {
            target.marks.kept_by = keep.then_some(sender);
            Ok(Some(Done::default()))
        }
        Effect::Comment(text) => {
            target.marks.comment(Comment { id: arrival.id.clone(), from: sender, text: text.clone() });
            done("comment", text)
        }
    }
}

/// The author and id of the message a key names, as this phone has it. Keys are
/// written in the frame of their sender.
fn target(world: &World, me: AccountId, arrival: &Arrival, key: &wa::MessageKey) -> Option<(AccountId, String)> {
    let id = key.id.clone()?;
    let sender = arrival.from.account;
    let named = key.participant.as_ref().and_then(|jid| world.find(&jid.parse::<Jid>().ok()?));
    let author = match (key.from_me, named, arrival.chat) {
        (Some(true), _, _) => Some(sender),
        (_, Some(author), _) => Some(author),
        (_, None, Chat::Person(other)) => Some(if sender == me { other } else { me }),
        _ => None,
    };
    let conversations = &world.accounts.get(&me)?.phone.conversations;
    if let Some(author) = author
        && conversations.known(author, &id).is_some_and(|known| known.chat == arrival.chat)
    {
        return Some((author, id));
    }
    // Some clients fill keys in carelessly.
    conversations.find(&id).filter(|found| found.chat == arrival.chat).map(|found| (found.from, id))
}

/// Whether somebody may delete messages of others in a chat.
fn may_moderate(world: &World, chat: Chat, who: AccountId) -> bool {
    match chat {
        Chat::Group(id) => world.groups.get(id).is_some_and(|group| group.is_admin(who)),
        Chat::Person(_) | Chat::Status => false,
    }
}

/// Opens what was sealed with the secret of another message. The names of both
/// people go into the key, and which of their two names only its sender knows.
#[expect(clippy::too_many_arguments, reason = "all of them go into the key")]
fn open(
    world: &World,
    secret: &[u8],
    id: &str,
    author: AccountId,
    sender: AccountId,
    kind: ModificationType,
    payload: &[u8],
    iv: &[u8],
) -> Option<Vec<u8>> {
    const TRIED: [(Domain, Domain); 4] =
        [(Domain::Lid, Domain::Lid), (Domain::Pn, Domain::Pn), (Domain::Lid, Domain::Pn), (Domain::Pn, Domain::Lid)];
    let name = |account: AccountId, domain| world.accounts.get(&account).map(|account| account.jid(domain).to_string());
    TRIED.into_iter().find_map(|(of_author, of_sender)| {
        let context = AddonContext {
            stanza_id: id,
            parent_msg_original_sender: &name(author, of_author)?,
            modification_sender: &name(sender, of_sender)?,
            modification_type: kind,
        };
        decrypt_addon(payload, iv, secret, &context).ok()
    })
}
