//! Messages that a message is about: whether they are known, and what of them
//! goes with it.

use serde_json::Value;
use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, TargetRow};

use super::contents::Said;
use super::payload::Payload;
use crate::access::Sight;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::content::{Poll, Target};
use crate::wid::Wid;

/// The message that a kind is about, and the field that names it.
fn named(said: &Said) -> Result<Option<(&'static str, &str, Option<Wid>)>> {
    Ok(match said {
        Said::Vote(vote) => Some(("vote.poll", vote.poll.as_str(), None)),
        Said::Attend(reply) => Some(("attend.event", reply.event.as_str(), None)),
        Said::Reaction { of, .. } => Some(("reactionMessage", of.as_str(), None)),
        Said::Forward(forward) => Some(("forward.message", forward.message.as_str(), forward.chat_wid()?)),
        _ => None,
    })
}

/// Refuses messages about others that are not known here, that the person does
/// not see, or that stand in another chat. One that is about a message still waiting in the queue is fine: the
/// order within the chat brings that one first.
pub(super) async fn check(
    w: &mut Writing,
    device: &DeviceRow,
    sight: &Sight,
    chat: &Wid,
    said: &Said,
    quote: Option<&str>,
) -> Result<()> {
    let about = named(said)?;
    let asked = about.iter().map(|(field, id, place)| (*field, *id, place.as_ref()));
    for (field, id, place) in asked.chain(quote.map(|id| ("quote", id, None))) {
        let mut scope = w.account(&device.account_id);
        let found = scope.target_message(&device.id, id, place.map(Wid::as_str)).await?;
        let waiting = match found {
            Some(_) => None,
            None => scope
                .message_by_wa_id(&device.id, id)
                .await?
                .filter(|waiting| place.is_none_or(|place| place.as_str() == waiting.chat)),
        };
        let stands = found.as_ref().map(|found| found.chat.as_str()).or(waiting.as_ref().map(|m| m.chat.as_str()));
        let Some(stands) = stands else {
            return Err(unknown(field, id));
        };
        if !scope.sees(&device.id, stands, sight).await? {
            return Err(unknown(field, id));
        }
        if said.changes_another() && field != "quote" && elsewhere(stands, chat) {
            return Err(Error::invalid(
                "message:chat",
                format!("The message {id} that '{field}' names is in the chat {stands}, not in {chat}."),
            )
            .hint("Send it to the chat in which that message is."));
        }
        let kind = found.as_ref().map(|found| found.kind.as_str()).or(waiting.as_ref().map(|m| m.kind.as_str()));
        let wanted = match said {
            Said::Vote(_) if field == "vote.poll" => Some("poll"),
            Said::Attend(_) if field == "attend.event" => Some("event"),
            _ => None,
        };
        if let (Some(wanted), Some(kind)) = (wanted, kind)
            && kind != wanted
        {
            return Err(Error::invalid(
                "message:kind",
                format!("The message {id} that '{field}' names is no {wanted}; it is of the kind '{kind}'."),
            ));
        }
    }
    Ok(())
}

/// Whether two ids can't name one chat. A person has two ids, so that only ids
/// of one kind tell.
fn elsewhere(stands: &str, chat: &Wid) -> bool {
    stands.parse::<Wid>().is_ok_and(|stands| stands.kind() == chat.kind() && stands != *chat)
}

fn unknown(field: &str, id: &str) -> Error {
    Error::not_found("message:notfound", format!("The message {id} that '{field}' names is not known to this number."))
        .hint("It must be the 'waId' of a message sent from here, or the 'id' of one that was received here.")
}

/// A message that another one is about, ready to go with it.
pub(super) struct Found {
    pub(super) target: Target,
    pub(super) row: TargetRow,
}

impl Found {
    /// The protobuf.
    ///
    /// # Errors
    /// When it was not kept.
    pub(super) fn raw(&self) -> Result<bytes::Bytes> {
        let raw = self.row.raw.clone().ok_or_else(|| {
            Error::invalid("message:incomplete", format!("The message {} was not kept whole", self.target.id))
        })?;
        Ok(raw.into())
    }
}

/// Finds a message that is needed now.
///
/// # Errors
/// `message:notfound`.
pub(super) async fn find(
    core: &Core,
    account: &AccountId,
    device: &DeviceId,
    field: &str,
    id: &str,
    chat: Option<&Wid>,
) -> Result<Found> {
    let mut reading = core.store().read().await?;
    let row = reading.account(account).target_message(device, id, chat.map(Wid::as_str)).await?;
    drop(reading);
    let row = row.ok_or_else(|| unknown(field, id))?;
    let target = Target {
        id: id.to_owned(),
        chat: row.chat.parse().map_err(Error::internal)?,
        author: row.author.parse().map_err(Error::internal)?,
        from_me: row.flow == "outbound",
    };
    Ok(Found { target, row })
}

/// The question and options of a poll, sent from here or received.
pub(super) async fn poll(core: &Core, account: &AccountId, device: &DeviceId, found: &Found) -> Result<Option<Poll>> {
    let own = core.store().read().await?.account(account).message_by_wa_id(device, &found.target.id).await?;
    if let Some(own) = own
        && let Some(poll) = Payload::of(&own)?.contents.poll
    {
        return Ok(Some(poll.to_network()));
    }
    let doc: Value = serde_json::from_str(&found.row.doc).map_err(Error::internal)?;
    Ok(doc.get("poll").and_then(received))
}

/// A poll as the inbox keeps it; options are texts or objects with a name.
fn received(poll: &Value) -> Option<Poll> {
    let text = |option: &Value| option.as_str().or_else(|| option.get("name")?.as_str()).map(str::to_owned);
    let options: Option<Vec<String>> = poll.get("options")?.as_array()?.iter().map(text).collect();
    let selectable = poll.get("selectable").or_else(|| poll.get("max")).and_then(Value::as_u64).unwrap_or(0);
    Some(Poll {
        name: poll.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        options: options?,
        selectable: u32::try_from(selectable).unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{elsewhere, received};

    #[test]
    fn a_poll_is_read_with_texts_or_named_options() {
        let one = received(&json!({"name": "Which?", "options": ["a", "b"], "selectable": 1})).expect("a poll");
        let other = received(&json!({"name": "Which?", "options": [{"name": "a"}, {"name": "b"}], "max": 1}));
        assert_eq!(Some(one), other);
        assert_eq!(received(&json!({"name": "Which?"})), None);
    }

    #[test]
    fn two_ids_of_one_kind_are_two_chats() {
        let chat = "16001234561@c.us".parse().expect("a person");
        assert!(elsewhere("16001234562@c.us", &chat));
        assert!(!elsewhere("16001234561@c.us", &chat));
        assert!(!elsewhere("123456789012345@lid", &chat));
    }
}
