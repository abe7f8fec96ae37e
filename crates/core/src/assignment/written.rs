//! A person has written: the chat is given to somebody, or to somebody else.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, DeviceRow, WaitRow};

use super::choose::{Choice, choose};
use super::people::available;
use super::settings::AutoAssign;
use crate::chats::{self, Assignment, By};
use crate::error::{Error, Result};
use crate::network::Millis;
use crate::team::OperativeHours;
use crate::views::ChatOwner;

/// When it is looked again for somebody who is there.
pub(super) const AGAIN: Millis = 30_000;
/// Until the doors open nobody is looked for, but settings may change.
const WHILE_CLOSED: Millis = 15 * 60_000;
pub(super) const MINUTE: Millis = 60_000;

/// A person has written in a chat: who gets it? `before` is the chat as it was.
///
/// # Errors
/// As the database answers.
pub(crate) async fn written(
    w: &mut Writing,
    device: &DeviceRow,
    before: Option<&ChatRow>,
    chat: &str,
    now: Millis,
) -> Result<()> {
    let rules = AutoAssign::of(device)?;
    if !rules.active {
        return Ok(());
    }
    let Some(row) = w.account(&device.account_id).chat(&device.id, chat).await? else { return Ok(()) };
    if row.kind != "chat" {
        return Ok(());
    }
    let Some(agent) = row.agent.clone() else {
        if w.account(&device.account_id).wait_of(&device.id, chat).await?.is_none() {
            give(w, device, &rules, row, None, now).await?;
        }
        return Ok(());
    };
    let was_resolved = before.is_some_and(|before| before.status == "resolved");
    if rules.reassign && moves_on(w, device, &rules, &agent, was_resolved, now).await? {
        // A new matter is anybody's, also theirs.
        let except = (!was_resolved).then_some(agent.as_str());
        return give(w, device, &rules, row, except, now).await;
    }
    expect_answer(w, device, &rules, &row, now).await
}

/// Whether a chat leaves its agent, now that its person has written again.
async fn moves_on(
    w: &mut Writing,
    device: &DeviceRow,
    rules: &AutoAssign,
    agent: &str,
    was_resolved: bool,
    now: Millis,
) -> Result<bool> {
    let wanted = if was_resolved { rules.reassign_options.resolved } else { rules.reassign_options.active };
    if !wanted {
        return Ok(false);
    }
    if was_resolved && !rules.sticky {
        return Ok(true);
    }
    let Ok(id) = agent.parse() else { return Ok(true) };
    let row = w.account(&device.account_id).user(&id).await?;
    let there = row.map(|row| crate::team::state_of(&row, now)).transpose()?.is_some_and(|state| rules.takes(state));
    Ok(!there)
}

/// Gives a chat to whom the rules choose, other than `except`, from whom it is
/// taken; waits for somebody when nobody is there.
pub(super) async fn give(
    w: &mut Writing,
    device: &DeviceRow,
    rules: &AutoAssign,
    chat: ChatRow,
    except: Option<&str>,
    now: Millis,
) -> Result<()> {
    let department = department(w, device, rules, &chat).await?;
    let choice = choice(w, device, rules, &chat, department.as_deref(), except, now).await?;
    let new_department = department.filter(|_| chat.department.is_none());
    if let Some(Choice { agent, kind }) = choice {
        let to = Assignment { agent: Some(agent), department: new_department, kind };
        let chat = chats::assign(w, device, chat, &to, &By::rule(), now).await?;
        // A wait for somebody is over, and so is one for who had it.
        w.account(&device.account_id).end_wait(&device.id, &chat.wid).await?;
        return expect_answer(w, device, rules, &chat, now).await;
    }
    let wid = chat.wid.clone();
    if let Some(department) = new_department.filter(|_| chat.agent.is_none()) {
        let to = Assignment { agent: None, department: Some(department), kind: "department" };
        chats::assign(w, device, chat, &to, &By::rule(), now).await?;
    } else if chat.agent.is_some() {
        if !rules.reassign_options.unassign {
            return expect_answer(w, device, rules, &chat, now).await;
        }
        chats::release(w, device, chat, &By::rule(), now).await?;
    }
    if rules.mode == "none" && !rules.sticky {
        return Ok(());
    }
    let due_at = look_again(device, now)?;
    let row = WaitRow {
        device_id: device.id.clone(),
        account_id: device.account_id.clone(),
        chat: wid,
        awaits: "agent".to_owned(),
        agent: except.map(str::to_owned),
        due_at,
    };
    Ok(w.account(&device.account_id).put_wait(&row).await?)
}

/// The department whose people get a chat: its own, or the one of the rules.
async fn department(w: &mut Writing, device: &DeviceRow, rules: &AutoAssign, chat: &ChatRow) -> Result<Option<String>> {
    if chat.department.is_some() {
        return Ok(chat.department.clone());
    }
    let Some(id) = &rules.department else { return Ok(None) };
    // It may be gone since.
    Ok(w.account(&device.account_id).department(&device.id, id).await?.map(|row| row.id.to_string()))
}

async fn choice(
    w: &mut Writing,
    device: &DeviceRow,
    rules: &AutoAssign,
    chat: &ChatRow,
    department: Option<&str>,
    except: Option<&str>,
    now: Millis,
) -> Result<Option<Choice>> {
    let people = available(w, device, rules, department, except, now).await?;
    if people.is_empty() {
        return Ok(None);
    }
    let had = if rules.sticky { last_owner(chat)? } else { None };
    let mut scope = w.account(&device.account_id);
    let turn = scope.last_turn(&device.id, department).await?;
    let choice = choose(&rules.mode, &people, had.as_deref(), turn.as_deref());
    if let Some(choice) = choice.as_ref().filter(|choice| choice.kind != "sticky") {
        scope.set_last_turn(&device.id, department, &choice.agent).await?;
    }
    Ok(choice)
}

fn last_owner(chat: &ChatRow) -> Result<Option<String>> {
    let owner: ChatOwner = serde_json::from_str(&chat.owner).map_err(Error::internal)?;
    Ok(owner.agent.or(owner.previous_agent))
}

/// When it makes sense to look again for somebody.
pub(super) fn look_again(device: &DeviceRow, now: Millis) -> Result<Millis> {
    let hours = OperativeHours::of(device)?;
    if hours.is_open(now) {
        return Ok(now + AGAIN);
    }
    let opens = hours.schedule().ok().and_then(|schedule| schedule.opens_next(now)).unwrap_or(i64::MAX);
    Ok(opens.min(now + WHILE_CLOSED))
}

/// Whoever has a chat by a rule has so long to answer, from the first message
/// that is not answered.
async fn expect_answer(
    w: &mut Writing,
    device: &DeviceRow,
    rules: &AutoAssign,
    chat: &ChatRow,
    now: Millis,
) -> Result<()> {
    if rules.reassign_after == 0 || !by_a_rule(chat)? {
        return Ok(());
    }
    let mut scope = w.account(&device.account_id);
    let known = scope.wait_of(&device.id, &chat.wid).await?;
    if known.is_some_and(|row| row.awaits == "answer" && row.agent == chat.agent) {
        return Ok(());
    }
    let row = WaitRow {
        device_id: device.id.clone(),
        account_id: device.account_id.clone(),
        chat: chat.wid.clone(),
        awaits: "answer".to_owned(),
        agent: chat.agent.clone(),
        due_at: now + rules.reassign_after * MINUTE,
    };
    Ok(scope.put_wait(&row).await?)
}

pub(super) fn by_a_rule(chat: &ChatRow) -> Result<bool> {
    let owner: ChatOwner = serde_json::from_str(&chat.owner).map_err(Error::internal)?;
    Ok(owner.agent.is_some() && owner.assignment_type.as_deref().is_some_and(|kind| kind != "manual"))
}

/// Somebody has answered in a chat that a person looks after, here or on the
/// phone: it is waited no longer.
///
/// # Errors
/// As the database answers.
pub(crate) async fn answered(w: &mut Writing, device: &DeviceRow, chat: &ChatRow) -> Result<()> {
    if chat.agent.is_some() && device.auto_assign != "{}" {
        w.account(&device.account_id).end_wait(&device.id, &chat.wid).await?;
    }
    Ok(())
}
