//! What contacts ask of the chats room.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ContactRow, DeviceRow};

use super::change::By;
use super::names;
use crate::chats::{self, Assignment};
use crate::error::{Error, Result};
use crate::keys::{Caller, Scope};
use crate::network::Millis;
use crate::team;

impl By<'_> {
    /// The same in the words of chats.
    pub(crate) fn of_chat(self) -> chats::By {
        match self {
            Self::Nobody | Self::WhatsApp => chats::By::rule(),
            Self::Phone => chats::By::phone(),
            Self::Caller(caller) => chats::By::user(&caller.user),
            Self::Message { user, id } => chats::By::outbound(user, id),
        }
    }
}

/// Gives the chat of a contact to somebody of the team.
///
/// # Errors
/// `contact:no_chat`, `agent:notfound`, `agent:unable`; without the scope
/// `chats:write`.
pub(super) async fn assign(
    w: &mut Writing,
    device: &DeviceRow,
    by: &Caller,
    wid: &str,
    agent: &str,
    now: Millis,
) -> Result<()> {
    by.need(Scope::ChatsWrite)?;
    let agent = team::able(w, &device.account_id, &device.id, agent).await?;
    let chat = w.account(&device.account_id).chat_named(&device.id, wid).await?;
    let chat = chat.filter(|chat| by.sight().sees(chat.agent.as_deref(), chat.department.as_deref()));
    let Some(chat) = chat else {
        return Err(Error::conflict("contact:no_chat", format!("There is no chat with {wid} that could be assigned."))
            .hint("A chat begins with its first message."));
    };
    let to = Assignment { agent: Some(agent.id.to_string()), department: None, kind: "manual" };
    chats::assign(w, device, chat, &to, &chats::By::user(&by.user), now).await?;
    Ok(())
}

/// Two ids are the same person: so are the chats under them.
pub(super) async fn merged(
    w: &mut Writing,
    device: &DeviceRow,
    from: &str,
    into: &ContactRow,
    now: Millis,
) -> Result<()> {
    chats::merge(w, device, from, &into.wid, now).await
}

/// Chats are found by the names of their people.
pub(super) async fn renamed(
    w: &mut Writing,
    device: &DeviceRow,
    before: &ContactRow,
    row: &ContactRow,
    by: By<'_>,
    now: Millis,
) -> Result<()> {
    if names::brief(before.clone()).name == names::brief(row.clone()).name {
        return Ok(());
    }
    if matches!(by, By::Nobody) {
        return chats::refresh(w, device, &row.wid).await;
    }
    chats::renamed(w, device, &row.wid, None, &by.of_chat(), now).await
}
