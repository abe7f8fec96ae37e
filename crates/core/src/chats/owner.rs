//! Who looks after a chat.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, DeviceRow};

use super::change::{self, By};
use super::find::Who;
use super::show::{self, With};
use crate::app::Core;
use crate::clock::iso;
use crate::departments;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::Caller;
use crate::network::Millis;
use crate::team;
use crate::views::{Chat, ChatOwner};

/// Whom to assign a chat to. The department alone takes the chat from its agent;
/// an agent alone leaves the department as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignment {
    /// The agent's id.
    pub agent: Option<String>,
    /// The department's id.
    pub department: Option<String>,
    /// By which rule: `manual`, `round-robin`, `least-busy`, `sticky` or `department`.
    pub kind: &'static str,
}

/// Assigns a chat. `email` names the agent as well as `agent` does.
///
/// # Errors
/// `device:notfound`, `chat:notfound`, `agent:notfound`, `agent:unable`,
/// `department:notfound`, `chat:owner` when nobody is named; without the scope `chats:write`.
pub async fn assign_chat(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    chat: &str,
    agent: Option<String>,
    email: Option<String>,
    department: Option<String>,
) -> Result<Chat> {
    let who = Who::may_write(caller)?;
    if agent.is_some() && email.is_some() {
        return Err(Error::invalid(
            "chat:owner",
            "The body has both 'agent' and 'email'; one of them names the agent.",
        ));
    }
    let agent = agent.or(email);
    if agent.is_none() && department.is_none() {
        return Err(Error::invalid("chat:owner", "The body names neither 'agent', 'email' nor 'department'."));
    }
    let (id, wid, now) = (device.clone(), chat.to_owned(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let (device, row) = who.place(w, &id, &wid).await?;
                let to = named(w, &device, agent.as_deref(), department.as_deref()).await?;
                let row = assign(w, &device, row, &to, &who.by, now).await?;
                show::show_one(&mut w.account(&device.account_id), &device, row, With::default()).await
            })
        })
        .await
}

/// Takes a chat from its agent and its department.
///
/// # Errors
/// As [`assign_chat`].
pub async fn unassign_chat(core: &Core, caller: &Caller, device: &DeviceId, chat: &str) -> Result<Chat> {
    let who = Who::may_write(caller)?;
    let (id, wid, now) = (device.clone(), chat.to_owned(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let (device, row) = who.place(w, &id, &wid).await?;
                let row = unassign(w, &device, row, &who.by, now).await?;
                show::show_one(&mut w.account(&device.account_id), &device, row, With::default()).await
            })
        })
        .await
}

/// Finds whom a request names: an agent by id or e-mail address who may be given
/// chats of the number, a department of it by id or name.
pub(super) async fn named(
    w: &mut Writing,
    device: &DeviceRow,
    agent: Option<&str>,
    department: Option<&str>,
) -> Result<Assignment> {
    let account = &device.account_id;
    let mut to = Assignment { kind: "manual", ..Assignment::default() };
    if let Some(agent) = agent {
        to.agent = Some(team::able(w, account, &device.id, agent).await?.id.to_string());
    }
    if let Some(department) = department {
        to.department = Some(departments::find(w, account, &device.id, department).await?.id.to_string());
    }
    Ok(to)
}

/// Assigns a chat, by hand or by a rule; the chat as it is then. Who is named is
/// not checked here.
///
/// # Errors
/// As the database answers.
pub async fn assign(
    w: &mut Writing,
    device: &DeviceRow,
    before: ChatRow,
    to: &Assignment,
    by: &By,
    now: Millis,
) -> Result<ChatRow> {
    let mut chat = before.clone();
    let mut owner: ChatOwner = serde_json::from_str(&chat.owner).map_err(Error::internal)?;
    let automatic = to.kind != "manual";
    if let Some(department) = &to.department {
        give_department(&mut owner, Some(department), by, automatic, now);
        if to.agent.is_none() {
            give_agent(&mut owner, None, by, automatic, now);
        }
    }
    if let Some(agent) = &to.agent {
        give_agent(&mut owner, Some(agent), by, automatic, now);
    }
    owner.assignment_type = Some(to.kind.to_owned());
    put(&mut chat, &owner)?;
    if chat.agent.is_some() && chat.status == "pending" {
        if chat.archived == 1 {
            "active".clone_into(&mut chat.status);
        } else {
            change::set_status(&mut chat, "active", by, now);
        }
    }
    if chat.agent == before.agent && chat.department == before.department {
        return Ok(before);
    }
    change::save(w, device, &before, &mut chat, by, now).await?;
    Ok(chat)
}

/// Takes a chat from whoever looks after it; the chat as it is then.
///
/// # Errors
/// As the database answers.
pub(crate) async fn unassign(
    w: &mut Writing,
    device: &DeviceRow,
    before: ChatRow,
    by: &By,
    now: Millis,
) -> Result<ChatRow> {
    let mut chat = before.clone();
    let mut owner: ChatOwner = serde_json::from_str(&chat.owner).map_err(Error::internal)?;
    let automatic = by.user.is_none();
    give_agent(&mut owner, None, by, automatic, now);
    give_department(&mut owner, None, by, automatic, now);
    put(&mut chat, &owner)?;
    if chat.agent == before.agent && chat.department == before.department {
        return Ok(before);
    }
    change::save(w, device, &before, &mut chat, by, now).await?;
    Ok(chat)
}

/// Takes a chat from its agent; it stays with its department, and its person
/// waits for an answer again.
pub(crate) async fn release(w: &mut Writing, device: &DeviceRow, before: ChatRow, by: &By, now: Millis) -> Result<()> {
    let mut chat = before.clone();
    let mut owner: ChatOwner = serde_json::from_str(&chat.owner).map_err(Error::internal)?;
    give_agent(&mut owner, None, by, by.user.is_none(), now);
    put(&mut chat, &owner)?;
    if chat.status == "active" && chat.archived == 0 {
        change::set_status(&mut chat, "pending", by, now);
    }
    change::save(w, device, &before, &mut chat, by, now).await?;
    Ok(())
}

/// Makes a chat somebody's, or nobody's, without writing it.
pub(crate) fn set_agent(chat: &mut ChatRow, agent: Option<&str>, by: &By, now: Millis) -> Result<()> {
    let mut owner: ChatOwner = serde_json::from_str(&chat.owner).map_err(Error::internal)?;
    give_agent(&mut owner, agent, by, false, now);
    put(chat, &owner)
}

/// Makes a chat a department's, or no department's, without writing it.
pub(crate) fn set_department(chat: &mut ChatRow, department: Option<&str>, by: &By, now: Millis) -> Result<()> {
    let mut owner: ChatOwner = serde_json::from_str(&chat.owner).map_err(Error::internal)?;
    give_department(&mut owner, department, by, false, now);
    put(chat, &owner)
}

fn put(chat: &mut ChatRow, owner: &ChatOwner) -> Result<()> {
    chat.agent.clone_from(&owner.agent);
    chat.department.clone_from(&owner.department);
    chat.owner = serde_json::to_string(owner).map_err(Error::internal)?;
    Ok(())
}

fn give_agent(owner: &mut ChatOwner, agent: Option<&str>, by: &By, automatic: bool, now: Millis) {
    if owner.agent.as_deref() == agent {
        return;
    }
    if let Some(before) = owner.agent.take() {
        owner.previous_agent = Some(before);
        owner.unassigned_at = Some(iso(now));
        if automatic && agent.is_none() {
            owner.auto_unassigned_at = Some(iso(now));
        }
    }
    if let Some(agent) = agent {
        owner.agent = Some(agent.to_owned());
        owner.assigner.clone_from(&by.user);
        owner.assigned_at = Some(iso(now));
        if automatic {
            owner.auto_assign_agent = Some(agent.to_owned());
            owner.auto_assigned_at = Some(iso(now));
        }
    }
}

fn give_department(owner: &mut ChatOwner, department: Option<&str>, by: &By, automatic: bool, now: Millis) {
    if owner.department.as_deref() == department {
        return;
    }
    if let Some(before) = owner.department.take() {
        owner.previous_department = Some(before);
    }
    owner.department = department.map(str::to_owned);
    owner.department_assigner.clone_from(&by.user);
    owner.department_updated_at = Some(iso(now));
    if let Some(department) = department.filter(|_| automatic) {
        owner.auto_assign_department = Some(department.to_owned());
        owner.auto_assign_department_at = Some(iso(now));
    }
}

#[cfg(test)]
mod tests {
    use super::{By, ChatOwner, give_agent, give_department};

    #[test]
    fn the_history_of_owners_is_kept() {
        let (by, mut owner) = (By { user: Some("boss".to_owned()), ..By::rule() }, ChatOwner::default());
        give_agent(&mut owner, Some("ana"), &by, false, 1_000);
        give_agent(&mut owner, Some("ben"), &by, false, 2_000);
        assert_eq!((owner.agent.as_deref(), owner.previous_agent.as_deref()), (Some("ben"), Some("ana")));
        assert_eq!(owner.assigner.as_deref(), Some("boss"));
        assert_eq!(owner.assigned_at.as_deref(), Some("1970-01-01T00:00:02.000Z"));
        give_agent(&mut owner, None, &By::rule(), true, 3_000);
        assert_eq!((owner.agent.as_deref(), owner.previous_agent.as_deref()), (None, Some("ben")));
        assert_eq!(owner.auto_unassigned_at, owner.unassigned_at);
        give_department(&mut owner, Some("sales"), &By::rule(), true, 4_000);
        assert_eq!(owner.auto_assign_department.as_deref(), Some("sales"));
        give_department(&mut owner, None, &by, false, 5_000);
        assert_eq!((owner.department, owner.previous_department.as_deref()), (None, Some("sales")));
    }
}
