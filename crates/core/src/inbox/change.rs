//! What changes another message: reactions, edits, deletions, votes, answers,
//! pins. Each is kept as a mark on its message, so that it counts also when it
//! arrives first; the newest of a person wins.
//!
//! Who may: an edit is its author's; a deletion for everybody its author's, or
//! in a group an admin's (the adapter lets only what the server calls an admin's
//! through, and [`may`] looks at the members); everything
//! else is open to all who are in the chat.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatMessageRow, DeviceRow, MarkRow};

use super::contact;
use super::doc::Doc;
use crate::chat_messages::{self, Parts};
use crate::chats;
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::events;
use crate::network::{Attendance, Change, Millis, Received, Target};
use crate::statuses::CHAT;
use crate::views::DeviceRef;
use crate::wid::{Wid, WidKind};

/// A change and whose message it is about.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) row: MarkRow,
    /// Who wrote the message, as the change says.
    pub(crate) author: String,
}

/// SHA-256 of an option's text: how votes name what they choose.
pub(crate) fn option_hash(option: &str) -> [u8; 32] {
    Sha256::digest(option.as_bytes()).into()
}

/// The word of an answer to an event.
fn answer(attendance: Attendance) -> &'static str {
    match attendance {
        Attendance::Going => "going",
        Attendance::NotGoing => "not_going",
        Attendance::Maybe => "maybe",
    }
}

impl Mark {
    /// Kind and value of a change; `None` for what is a message of its own.
    fn say(of: &Target, change: &Change) -> Option<(&'static str, Option<String>)> {
        Some(match change {
            Change::Reaction(emoji) => ("reaction", emoji.as_ref().map(|emoji| emoji.chars().take(16).collect())),
            Change::Edit(body) => ("edit", Some(json!(body).to_string())),
            // Whose message it is: somebody else's only when an admin deletes it.
            Change::Revoke => ("revoke", Some(of.author.to_string())),
            Change::Vote(chosen) => {
                let chosen: Vec<String> = chosen.iter().take(64).map(hex::encode).collect();
                ("vote", (!chosen.is_empty()).then(|| json!(chosen).to_string()))
            }
            Change::Attend(attendance) => ("attend", Some(answer(*attendance).to_owned())),
            Change::Pin(on) => ("pin", on.then(|| "true".to_owned())),
            Change::Keep(on) => ("keep", on.then(|| "true".to_owned())),
            Change::Comment(_) | Change::Sealed => return None,
        })
    }

    /// A change that arrived.
    pub(super) fn of(of: &Target, change: &Change, message: &Received) -> Option<Self> {
        let (kind, value) = Self::say(of, change)?;
        let row = MarkRow {
            target: of.id.clone(),
            chat: message.chat.to_string(),
            kind: kind.to_owned(),
            person: message.author.to_string(),
            person_lid: message.author_lid.as_ref().map(Wid::to_string),
            wa_id: message.id.clone(),
            value,
            at: message.at,
        };
        Some(Self { row, author: of.author.to_string() })
    }

    /// A star that another device of the account has put on a message or taken off.
    pub(crate) fn star(of: &Target, starred: bool, device: &DeviceRow, at: Millis) -> Self {
        let row = MarkRow {
            target: of.id.clone(),
            chat: of.chat.to_string(),
            kind: "star".to_owned(),
            person: device.wid.clone().unwrap_or_default(),
            person_lid: device.lid.clone(),
            // Stars come without an id: this tells one from the next.
            wa_id: format!("star-{at}-{starred}"),
            value: starred.then(|| "true".to_owned()),
            at,
        };
        Self { row, author: of.author.to_string() }
    }

    /// A change that this number has sent.
    pub(crate) fn ours(of: &Target, change: &Change, device: &DeviceRow, wa_id: &str, at: Millis) -> Option<Self> {
        let (kind, value) = Self::say(of, change)?;
        let row = MarkRow {
            target: of.id.clone(),
            chat: of.chat.to_string(),
            kind: kind.to_owned(),
            person: device.wid.clone().unwrap_or_default(),
            person_lid: device.lid.clone(),
            wa_id: wa_id.to_owned(),
            value,
            at,
        };
        Some(Self { row, author: of.author.to_string() })
    }
}

/// Takes in a change that arrived.
pub(super) async fn received(
    w: &mut Writing,
    device: &DeviceRow,
    message: &Received,
    mark: Mark,
    now: Millis,
) -> Result<()> {
    contact::heard_of(w, device, message, false, now).await?;
    put(w, device, mark, now).await
}

/// Puts a mark on its message, with its effect and its event. One that was there
/// already, or is older than what is there, changes nothing.
pub(crate) async fn put(w: &mut Writing, device: &DeviceRow, mark: Mark, now: Millis) -> Result<()> {
    let Mark { row: mark, author } = mark;
    if !w.account(&device.account_id).put_mark(&device.id, &mark).await? {
        return Ok(());
    }
    if mark.kind == "reaction" {
        chats::reacted(w, device, &mark, now).await?;
    }
    let mut found = w.account(&device.account_id).chat_messages_under(&device.id, &mark.chat, &mark.target).await?;
    found.retain(|row| row.status != "removed");
    let place = found.iter().position(|row| row.author == author).or_else(|| (!found.is_empty()).then_some(0));
    let Some(place) = place else {
        return tell(w, device, None, &mark, now).await;
    };
    let mut target = found.swap_remove(place);
    if matches!(mark.kind.as_str(), "edit" | "revoke") && !take_effect(w, device, &mut target, &mark).await? {
        return Ok(());
    }
    tell(w, device, Some(target), &mark, now).await
}

/// Lets edits and deletions that came before their message take effect on it.
pub(super) async fn catch_up(w: &mut Writing, device: &DeviceRow, row: &mut ChatMessageRow) -> Result<()> {
    let mut marks = w.account(&device.account_id).marks(&device.id, std::slice::from_ref(&row.wa_id)).await?;
    marks.retain(|mark| mark.chat == row.chat && matches!(mark.kind.as_str(), "edit" | "revoke"));
    for mark in &marks {
        take_effect(w, device, row, mark).await?;
    }
    Ok(())
}

/// Whether the person may change the message's text, or delete it.
async fn may(w: &mut Writing, device: &DeviceRow, row: &ChatMessageRow, mark: &MarkRow) -> Result<bool> {
    if mark.person == row.author || mark.person_lid.as_deref() == Some(row.author.as_str()) {
        return Ok(true);
    }
    let group = row.chat.parse::<Wid>().is_ok_and(|chat| chat.kind() == WidKind::Group);
    if mark.kind != "revoke" || !group || mark.value.as_ref() != Some(&row.author) {
        return Ok(false);
    }
    // WhatsApp's server says that an admin did it; where the members are known
    // here, it is not taken at its word.
    let mut scope = w.account(&device.account_id);
    let lid = mark.person_lid.as_deref().unwrap_or(&mark.person);
    match scope.participant(&device.id, &row.chat, &mark.person, lid).await? {
        Some(member) => Ok(matches!(member.role.as_str(), "admin" | "super_admin")),
        None => Ok(scope.all_participants(&device.id, &row.chat).await?.is_empty()),
    }
}

/// Changes the message's row; false when the person may not, or it is too late.
async fn take_effect(w: &mut Writing, device: &DeviceRow, row: &mut ChatMessageRow, mark: &MarkRow) -> Result<bool> {
    if row.status != "active" || !may(w, device, row, mark).await? {
        return Ok(false);
    }
    let mut doc = Doc::read(row)?;
    let mut scope = w.account(&device.account_id);
    if mark.kind == "revoke" {
        let file = scope.chat_files_of(&device.id, &[row.seq]).await?.pop().and_then(|file| file.filename);
        scope.forget_words(&device.id, row, &doc.search_text(row.body.as_deref(), file.as_deref())).await?;
        doc = Doc { from: doc.from, to: doc.to, meta: doc.meta, ..Doc::default() };
        doc.meta.is_revoked = true;
        row.doc = doc.column()?;
        row.body = None;
        "revoked".clone_into(&mut row.status);
        scope.empty_chat_message(&device.id, row.seq, "revoked", &row.doc).await?;
        scope.end_chat_file(&device.id, row.seq, mark.at).await?;
        return Ok(true);
    }
    let body: Option<String> =
        serde_json::from_str(mark.value.as_deref().unwrap_or("null")).map_err(Error::internal)?;
    // Those of a file's name stay as they are.
    scope.forget_words(&device.id, row, &doc.search_text(row.body.as_deref(), None)).await?;
    let before = std::mem::replace(&mut row.body, body.filter(|text| !text.is_empty()));
    doc.remember(before, iso(mark.at));
    row.doc = doc.column()?;
    row.edited_at = Some(mark.at);
    scope.update_chat_message(&device.id, row).await?;
    scope.index_words(&device.id, row, &doc.search_text(row.body.as_deref(), None), false).await?;
    Ok(true)
}

/// Tells what has changed, along with the message as it is now; with its id
/// alone when the message is not known here.
async fn tell(
    w: &mut Writing,
    device: &DeviceRow,
    target: Option<ChatMessageRow>,
    mark: &MarkRow,
    now: Millis,
) -> Result<()> {
    let mut data = match target {
        Some(row) => {
            let mut scope = w.account(&device.account_id);
            let view = chat_messages::show_one(&mut scope, device, row, Parts::EVENT).await?;
            serde_json::to_value(view).map_err(Error::internal)?
        }
        None => json!({ "id": mark.target, "chat": { "id": mark.chat }, "reactions": [] }),
    };
    let number = |wid: &str| wid.parse::<Wid>().ok().and_then(|wid| wid.phone()).map(String::from);
    let mut said = json!({
        "id": mark.wa_id,
        "from": mark.person,
        "fromNumber": number(&mark.person),
        "date": iso(mark.at),
    });
    let (event, field) = if mark.kind == "reaction" {
        said["emoji"] = json!(mark.value);
        ("message:reaction", "reaction")
    } else {
        describe(&mut said, mark, &data);
        (if mark.chat == CHAT { "status:update" } else { "message:update" }, "update")
    };
    data[field] = said;
    let change = events::Change {
        event,
        object: "message",
        object_id: mark.target.clone(),
        lane: events::lane(&device.id, &mark.chat),
        data,
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, now).await?;
    Ok(())
}

/// What an update says has changed.
fn describe(said: &mut Value, mark: &MarkRow, message: &Value) {
    let read = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let on = mark.value.is_some();
    match mark.kind.as_str() {
        "edit" => {
            said["type"] = json!("edit");
            said["body"] = read(&mark.value).unwrap_or(Value::Null);
        }
        "revoke" => said["type"] = json!("revoke"),
        "vote" => {
            said["type"] = json!("vote");
            let options = message.pointer("/poll/options").and_then(Value::as_array);
            let chosen = options.into_iter().flatten().filter(|option| {
                let voters = option["voters"].as_array();
                voters.is_some_and(|voters| voters.iter().any(|voter| voter["id"] == mark.person.as_str()))
            });
            said["options"] = chosen.map(|option| option["name"].clone()).collect();
        }
        "attend" => {
            said["type"] = json!("attendance");
            said["answer"] = json!(mark.value);
        }
        "pin" => said["type"] = json!(if on { "pin" } else { "unpin" }),
        "star" => said["type"] = json!(if on { "star" } else { "unstar" }),
        _ => said["type"] = json!(if on { "keep" } else { "unkeep" }),
    }
}
