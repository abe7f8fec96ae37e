//! What requests about chats say.

use std::time::Duration;

use serde::Deserialize;
use sparkbot_core::chats::{Bulk, ChatAct, LabelChange, NewNote, STATUSES, Typing};
use sparkbot_core::wid::Wid;
use utoipa::openapi::schema::Object;
use utoipa::{IntoParams, ToSchema};

use crate::chat::place::wid;
use crate::error::{Answer, Problem};
use crate::request::words::one_of;

const ACTIONS: &[&str] = &[
    "resolve",
    "unresolve",
    "pin",
    "unpin",
    "mute",
    "unmute",
    "assign",
    "unassign",
    "block",
    "unblock",
    "read",
    "unread",
    "labels",
];

/// Seconds for which somebody is shown as typing.
const DURATION: std::ops::RangeInclusive<u64> = 2..=30;

fn described(words: &[&str], about: &str) -> Object {
    let mut schema = one_of(words);
    schema.description = Some(about.to_owned());
    schema
}

fn typing_action() -> Object {
    described(&["typing", "recording", "stop"], "What is shown; `stop` ends it.")
}

fn new_status() -> Object {
    described(STATUSES, "The new status.")
}

fn bulk_action() -> Object {
    described(ACTIONS, "What to do with each.")
}

fn seconds() -> u64 {
    2
}

/// What to show in a chat.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"action": "typing", "duration": 5, "chat": "+16001234561"}))]
pub(crate) struct ShowTyping {
    /// What is shown; `stop` ends it.
    #[schema(schema_with = typing_action)]
    action: String,
    /// Seconds after which it ends by itself.
    #[serde(default = "seconds")]
    #[schema(default = 2, minimum = 2, maximum = 30)]
    duration: u64,
    /// With whom: a WhatsApp id, or a phone number in E.164.
    #[schema(max_length = 60)]
    chat: Option<String>,
    /// In which group, by its WhatsApp id.
    #[schema(max_length = 60)]
    group: Option<String>,
}

impl ShowTyping {
    pub(super) fn read(self) -> Answer<(Wid, Typing, Duration)> {
        let place = match (self.chat, self.group) {
            (Some(chat), None) => wid("chat", &chat)?,
            (None, Some(group)) => wid("group", &group)?,
            (Some(_), Some(_)) => {
                return Err(Problem::invalid(
                    "chat:invalid",
                    "The body has both 'chat' and 'group'; it needs one of them.",
                ));
            }
            (None, None) => {
                return Err(Problem::invalid(
                    "chat:invalid",
                    "The body has neither 'chat' nor 'group'; it needs one of them.",
                ));
            }
        };
        if !DURATION.contains(&self.duration) {
            return Err(Problem::invalid(
                "chat:duration",
                format!(
                    "'duration' is {}; it must be from {} to {} seconds.",
                    self.duration,
                    DURATION.start(),
                    DURATION.end()
                ),
            ));
        }
        let typing = match self.action.as_str() {
            "recording" => Typing::Recording,
            "stop" => Typing::Stop,
            _ => Typing::Typing,
        };
        let place = place.parse().map_err(|_| Problem::internal("an id that was read can't be read"))?;
        Ok((place, typing, Duration::from_secs(self.duration)))
    }
}

/// Whether a chat is unread.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"unread": false}))]
pub(crate) struct ReadStatus {
    /// False marks it as read, and tells the senders; true marks it as unread.
    pub(super) unread: bool,
}

/// A status.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"status": "resolved"}))]
pub(crate) struct SetStatus {
    /// The new status.
    #[schema(schema_with = new_status)]
    pub(super) status: String,
}

/// Whom to assign a chat to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"agent": "697dd2285f3c2b9d8e4a7061"}))]
pub(crate) struct SetOwner {
    /// The agent, by id.
    #[schema(max_length = 120)]
    pub(super) agent: Option<String>,
    /// The agent, by e-mail address.
    #[schema(max_length = 120)]
    pub(super) email: Option<String>,
    /// The department, by id or name.
    #[schema(max_length = 60)]
    pub(super) department: Option<String>,
}

/// A note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"message": "Wants the blue one, call back on Monday."}))]
pub(crate) struct WriteNote {
    /// What it says.
    #[schema(min_length = 1, max_length = 6000)]
    message: String,
    /// The message of the chat that it is about, by WhatsApp id.
    #[schema(max_length = 64)]
    quote: Option<String>,
    /// In whose name, by the id of a team member; the caller's when absent.
    #[schema(max_length = 120)]
    author: Option<String>,
}

impl From<WriteNote> for NewNote {
    fn from(note: WriteNote) -> Self {
        Self { message: note.message, quote: note.quote, author: note.author }
    }
}

/// Notes by their ids.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ids": ["5F3C2B9D8E4A7067697DD228"]}))]
pub(crate) struct NoteIds {
    /// The notes' ids.
    #[schema(min_items = 1, max_items = 100)]
    pub(super) ids: Vec<String>,
}

/// Names of labels.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(max_items = 50, example = json!(["customer", "urgent"]))]
pub(crate) struct LabelNames(pub(super) Vec<String>);

/// What to do with the labels; neither means that they take the place of all there are.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LabelOptions {
    /// Add them to those there are.
    #[serde(default)]
    #[param(default = false)]
    upsert: bool,
    /// Take them off.
    #[serde(default)]
    #[param(default = false)]
    remove: bool,
}

impl LabelOptions {
    pub(super) fn read(&self) -> Answer<LabelChange> {
        match (self.upsert, self.remove) {
            (false, false) => Ok(LabelChange::Replace),
            (true, false) => Ok(LabelChange::Add),
            (false, true) => Ok(LabelChange::Remove),
            (true, true) => {
                Err(Problem::invalid("chat:labels", "'upsert' and 'remove' are both true; one of them can be."))
            }
        }
    }
}

/// How a chat stands on the phone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"pinned": true, "muted": false}))]
pub(crate) struct Attributes {
    /// At the top of the list.
    pub(super) pinned: Option<bool>,
    /// Silent, for ever.
    pub(super) muted: Option<bool>,
}

/// How to delete a chat.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"whatsapp": true}))]
pub(crate) struct DeleteChat {
    /// On the phone, too.
    #[schema(default = false)]
    pub(super) whatsapp: bool,
    /// With `whatsapp`: here in any case, and on the phone as soon as the number is online.
    #[schema(default = false)]
    pub(super) force: bool,
}

/// A change for many chats.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"action": "labels", "chats": ["16001234561@c.us"], "params": {"add": ["customer"]}}))]
pub(crate) struct UpdateChats {
    /// What to do with each.
    #[schema(schema_with = bulk_action)]
    action: String,
    /// With which: WhatsApp ids, or phone numbers in E.164.
    #[schema(min_items = 1, max_items = 100)]
    chats: Vec<String>,
    /// What the actions `assign` and `labels` need.
    #[serde(default)]
    params: Option<BulkParams>,
}

/// What the actions `assign` and `labels` need.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BulkParams {
    /// Labels to be put on.
    #[schema(max_items = 50)]
    add: Option<Vec<String>>,
    /// Labels to be taken off.
    #[schema(max_items = 50)]
    remove: Option<Vec<String>>,
    /// The agent, by id or e-mail address.
    #[schema(max_length = 120)]
    agent: Option<String>,
    /// The department, by id or name.
    #[schema(max_length = 60)]
    department: Option<String>,
}

impl UpdateChats {
    pub(super) fn read(self) -> Answer<Bulk> {
        let mut chats = Vec::with_capacity(self.chats.len());
        for chat in &self.chats {
            chats.push(wid("chats", chat)?);
        }
        let given = self.params.unwrap_or_default();
        let about_labels = given.add.is_some() || given.remove.is_some();
        let about_owner = given.agent.is_some() || given.department.is_some();
        if (about_labels && self.action != "labels") || (about_owner && self.action != "assign") {
            let sentence = format!(
                "'params' does not fit the action '{}': labels are for 'labels', agents and departments for 'assign'.",
                self.action
            );
            return Err(Problem::invalid("chat:params", sentence));
        }
        let action = match self.action.as_str() {
            "resolve" => ChatAct::Resolve,
            "unresolve" => ChatAct::Unresolve,
            "pin" => ChatAct::Pin(true),
            "unpin" => ChatAct::Pin(false),
            "mute" => ChatAct::Mute(true),
            "unmute" => ChatAct::Mute(false),
            "assign" => ChatAct::Assign { agent: given.agent, department: given.department },
            "unassign" => ChatAct::Unassign,
            "block" => ChatAct::Block(true),
            "unblock" => ChatAct::Block(false),
            "read" => ChatAct::Read(true),
            "unread" => ChatAct::Read(false),
            _ => ChatAct::Labels {
                add: given.add.unwrap_or_default(),
                remove: given.remove.unwrap_or_default(),
                replace: false,
            },
        };
        Ok(Bulk { action, chats })
    }
}
