//! The same change for many chats at once.

use serde::Serialize;
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, DeviceRow};
use utoipa::ToSchema;

use super::change::By;
use super::find::{Who, missing, visible};
use super::labels::{self, LabelChange};
use super::owner;
use super::update::{Update, update};
use crate::app::Core;
use crate::contacts::{self, ContactId};
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::DeviceId;
use crate::keys::Caller;
use crate::network::Millis;
use crate::wid::{Wid, WidKind};

/// Chats of one request at most.
const MOST: usize = 100;

/// What to do with a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatAct {
    /// Its status becomes `resolved`.
    Resolve,
    /// A resolved chat becomes `active`.
    Unresolve,
    /// Pinned on the phone, or not.
    Pin(bool),
    /// Muted on the phone, or not.
    Mute(bool),
    /// Given to an agent, a department, or both.
    Assign {
        /// The agent, by id or e-mail address.
        agent: Option<String>,
        /// The department, by id or name.
        department: Option<String>,
    },
    /// Taken from whoever looks after it.
    Unassign,
    /// Its person blocked, or no longer.
    Block(bool),
    /// Read, or marked as unread.
    Read(bool),
    /// Labels put on and taken off.
    Labels {
        /// To be put on.
        add: Vec<String>,
        /// To be taken off.
        remove: Vec<String>,
        /// Whether those to be put on are all there are from now on.
        replace: bool,
    },
}

/// A change for many chats.
#[derive(Debug, Clone)]
pub struct Bulk {
    /// What to do.
    pub action: ChatAct,
    /// With which chats, by WhatsApp id.
    pub chats: Vec<String>,
}

/// What came of a change for many chats.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulkOutcome {
    /// Chats for which it was made, or was not necessary.
    pub updated: usize,
    /// Chats for which it could not be made.
    pub failed: usize,
    /// What came of it for each, in the order asked.
    pub results: Vec<BulkResult>,
}

/// What came of it for one chat.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkResult {
    /// The chat's WhatsApp id.
    pub chat: String,
    /// Whether it was made.
    pub ok: bool,
    /// Why not, `area:code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Why not, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl BulkOutcome {
    fn count(&mut self) {
        self.updated = self.results.iter().filter(|result| result.ok).count();
        self.failed = self.results.len() - self.updated;
    }
}

impl BulkResult {
    fn failed(chat: String, code: &str, sentence: String) -> Self {
        Self { chat, ok: false, error_code: Some(code.to_owned()), message: Some(sentence) }
    }
}

/// Makes the same change for up to 100 chats, each on its own: one that fails
/// holds up no other.
///
/// # Errors
/// `device:notfound`, `chat:count`, and when what is asked for makes no sense for
/// any chat; without the scope `chats:write`. To block and unblock also as
/// [`contacts::block`].
pub async fn bulk(core: &Core, caller: &Caller, device: &DeviceId, asked: Bulk) -> Result<BulkOutcome> {
    let who = Who::may_write(caller)?;
    if asked.chats.is_empty() || asked.chats.len() > MOST {
        return Err(Error::invalid(
            "chat:count",
            format!("{} chats were given; one request changes 1 to {MOST}.", asked.chats.len()),
        ));
    }
    if let ChatAct::Block(blocked) = asked.action {
        return block(core, caller, device, &asked.chats, blocked).await;
    }
    let action = sensible(core, caller, device, asked.action).await?;
    let mut outcome = BulkOutcome { updated: 0, failed: 0, results: Vec::with_capacity(asked.chats.len()) };
    for chat in asked.chats {
        let (id, wid, now) = (device.clone(), chat.clone(), core.now());
        let (who, action) = (who.clone(), action.clone());
        let done = core
            .store()
            .write(move |w| {
                Box::pin(async move {
                    let (device, row) = who.place(w, &id, &wid).await?;
                    act(w, &device, row, &action, &who.by, now).await.map(drop)
                })
            })
            .await;
        outcome.results.push(match done {
            Ok(()) => BulkResult { chat, ok: true, error_code: None, message: None },
            Err(error) if error.kind == Kind::Internal => return Err(error),
            Err(error) => BulkResult::failed(chat, error.code, error.message),
        });
    }
    outcome.count();
    core.chats().wake.notify_one();
    Ok(outcome)
}

/// Blocks the people of chats, or no longer. Unlike the other changes this one is
/// made by WhatsApp first, so that it needs the number online.
async fn block(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    chats: &[String],
    blocked: bool,
) -> Result<BulkOutcome> {
    let mut results = Vec::with_capacity(chats.len());
    let mut people = Vec::new();
    for (place, chat) in chats.iter().enumerate() {
        results.push(match person(core, caller, device, chat).await {
            Ok(person) => {
                people.push((place, person));
                BulkResult { chat: chat.clone(), ok: true, error_code: None, message: None }
            }
            Err(error) if error.code == "device:notfound" || error.kind == Kind::Internal => return Err(error),
            Err(error) => BulkResult::failed(chat.clone(), error.code, error.message),
        });
    }
    for part in people.chunks(contacts::MOST_BLOCKED) {
        let asked = part.iter().map(|(_, person)| person.clone()).collect();
        let done = contacts::block(core, caller, device, asked, blocked).await?;
        for ((place, _), done) in part.iter().zip(done) {
            if let Some((code, sentence)) = done.failure() {
                results[*place] = BulkResult::failed(chats[*place].clone(), code, sentence.to_owned());
            }
        }
    }
    let mut outcome = BulkOutcome { updated: 0, failed: 0, results };
    outcome.count();
    Ok(outcome)
}

/// The person of a chat that the caller sees.
async fn person(core: &Core, caller: &Caller, device: &DeviceId, chat: &str) -> Result<ContactId> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    scope.device(device).await?.ok_or_else(|| devices::not_found(device))?;
    let row = scope.chat_named(device, chat).await?.filter(|row| visible(row, &caller.sight()));
    let row = row.ok_or_else(|| missing(chat))?;
    let wid: Wid = row.wid.parse().map_err(Error::internal)?;
    match wid.kind() {
        WidKind::User | WidKind::Lid => Ok(ContactId(wid)),
        _ => Err(Error::invalid(
            "chat:not_person",
            format!("The chat {wid} is not with one person, so nobody can be blocked."),
        )),
    }
}

/// Refuses what would fail for every chat.
async fn sensible(core: &Core, caller: &Caller, device: &DeviceId, action: ChatAct) -> Result<ChatAct> {
    let row = devices::row(core, &caller.account, device).await?;
    Ok(match action {
        ChatAct::Assign { agent: None, department: None } => {
            return Err(Error::invalid(
                "chat:owner",
                "The action 'assign' needs 'params.agent' or 'params.department'.",
            ));
        }
        ChatAct::Assign { agent, department } => {
            let to = core
                .store()
                .write(move |w| {
                    Box::pin(async move { owner::named(w, &row, agent.as_deref(), department.as_deref()).await })
                })
                .await?;
            ChatAct::Assign { agent: to.agent, department: to.department }
        }
        ChatAct::Labels { add, remove, replace } => {
            if add.is_empty() && remove.is_empty() {
                return Err(Error::invalid(
                    "chat:labels",
                    "The action 'labels' needs 'params.add' or 'params.remove'.",
                ));
            }
            ChatAct::Labels { add: labels::checked(add)?, remove: labels::checked(remove)?, replace }
        }
        other => other,
    })
}

/// Does one thing with a chat; the chat as it is then. Who is named by an
/// assignment is not checked here.
pub(crate) async fn act(
    w: &mut Writing,
    device: &DeviceRow,
    row: ChatRow,
    action: &ChatAct,
    by: &By,
    now: Millis,
) -> Result<ChatRow> {
    let asked = match action {
        ChatAct::Resolve => Update::Status("resolved".to_owned()),
        ChatAct::Unresolve if row.status == "resolved" => Update::Status("active".to_owned()),
        ChatAct::Unresolve => return Ok(row),
        ChatAct::Pin(on) => Update::Pinned(*on),
        ChatAct::Mute(on) => Update::Muted(*on),
        ChatAct::Read(read) => Update::Read(*read),
        ChatAct::Unassign => return owner::unassign(w, device, row, by, now).await,
        ChatAct::Block(_) => return Err(Error::internal("people are not blocked within a transaction")),
        ChatAct::Assign { agent, department } => {
            let to = owner::Assignment { agent: agent.clone(), department: department.clone(), kind: "manual" };
            return owner::assign(w, device, row, &to, by, now).await;
        }
        ChatAct::Labels { add, remove, replace } => {
            let how = if *replace { LabelChange::Replace } else { LabelChange::Add };
            let row = if add.is_empty() && !replace {
                row
            } else {
                labels::change(w, device, row, how, add, by, now).await?
            };
            return labels::change(w, device, row, LabelChange::Remove, remove, by, now).await;
        }
    };
    update(w, device, row, &[asked], by, now).await
}
