//! What becomes of the chats of somebody who leaves.

use sparkbot_store::{StoreError, Writing};

use super::find::able;
use crate::app::Core;
use crate::chats::{self, By};
use crate::error::{Error, Result};
use crate::ids::{AccountId, DepartmentId, DeviceId, UserId};

/// Chats changed in one transaction, so that others get their turn.
const BATCH: i64 = 100;

/// What becomes of chats whose agent leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Handover {
    /// They are nobody's.
    #[default]
    Unassign,
    /// They are somebody else's, by id or email. Where that person has no
    /// access, they are nobody's.
    Reassign(String),
    /// They are nobody's, and resolved.
    Resolve,
}

impl Handover {
    /// `action` and `assign` of a request.
    ///
    /// # Errors
    /// `team:action`.
    pub fn of(action: Option<&str>, assign: Option<String>) -> Result<Self> {
        match (action.unwrap_or("unassign"), assign) {
            ("unassign", None) => Ok(Self::Unassign),
            ("resolve", None) => Ok(Self::Resolve),
            ("reassign", Some(to)) => Ok(Self::Reassign(to)),
            ("reassign", None) => Err(Error::invalid("team:action", "'reassign' needs 'assign': who gets the chats.")),
            (action @ ("unassign" | "resolve"), Some(_)) => {
                Err(Error::invalid("team:action", format!("'assign' makes no sense with the action '{action}'.")))
            }
            (other, _) => Err(Error::invalid(
                "team:action",
                format!("The action is '{other}'; it must be unassign, reassign or resolve."),
            )),
        }
    }

    /// Refuses to hand over to nobody, or to the one who leaves.
    pub(super) async fn check(&self, w: &mut Writing, account: &AccountId, from: &UserId) -> Result<()> {
        let Self::Reassign(to) = self else { return Ok(()) };
        let user = super::agent(w, account, to).await?;
        if user.id == *from || user.status != "active" {
            return Err(Error::conflict("agent:unable", format!("The chats can't be given to '{to}'.")));
        }
        Ok(())
    }
}

/// Who holds the chats.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    /// A member of the team.
    Agent(String),
    /// A department.
    Department(String),
}

impl Held {
    pub(crate) fn by(user: &UserId) -> Self {
        Self::Agent(user.to_string())
    }

    pub(crate) fn by_department(id: &DepartmentId) -> Self {
        Self::Department(id.to_string())
    }

    fn ids(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Agent(id) => (Some(id), None),
            Self::Department(id) => (None, Some(id)),
        }
    }
}

/// Takes all chats from who holds them, of one number or of all; how many there
/// were.
pub(crate) async fn hand_over(
    core: &Core,
    account: &AccountId,
    held: Held,
    device: Option<&DeviceId>,
    handover: &Handover,
) -> Result<u64> {
    let mut all = 0;
    loop {
        let (account, held, handover, now) = (account.clone(), held.clone(), handover.clone(), core.now());
        let device = device.map(ToString::to_string);
        let done = core
            .store()
            .write(move |w| {
                Box::pin(async move {
                    let (agent, department) = held.ids();
                    let chats = w.account(&account).chats_held(agent, department, device.as_deref(), BATCH).await?;
                    for (device, wid) in &chats {
                        let device: DeviceId = device.parse().map_err(Error::internal)?;
                        give(w, &account, &device, wid, &held, &handover, now).await?;
                    }
                    Ok::<_, Error>(chats.len())
                })
            })
            .await?;
        all += done as u64;
        if i64::try_from(done).is_ok_and(|done| done < BATCH) {
            return Ok(all);
        }
    }
}

async fn give(
    w: &mut Writing,
    account: &AccountId,
    device: &DeviceId,
    wid: &str,
    held: &Held,
    handover: &Handover,
    now: i64,
) -> Result<()> {
    let Some(before) = w.account(account).chat(device, wid).await? else { return Ok(()) };
    let (mut chat, by) = (before.clone(), By::rule());
    match held {
        Held::Agent(_) => chats::set_agent(&mut chat, None, &by, now)?,
        Held::Department(_) => chats::set_department(&mut chat, None, &by, now)?,
    }
    if let Handover::Reassign(to) = handover
        && let Ok(user) = able(w, account, device, to).await
    {
        chats::set_agent(&mut chat, Some(user.id.as_str()), &by, now)?;
    }
    if *handover == Handover::Resolve {
        chats::restate(&mut chat, "resolved", &by, now);
    }
    match w.account(account).device(device).await {
        Ok(Some(number)) => chats::save(w, &number, &before, &mut chat, &by, now).await.map(drop),
        // A number that was deleted has nobody to tell.
        Ok(None) | Err(StoreError::NoAccess(_)) => Ok(w.account(account).put_chat(device, &chat).await?),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::Handover;

    #[test]
    fn actions_say_what_they_need() {
        assert_eq!(Handover::of(None, None).expect("the usual"), Handover::Unassign);
        let to = Some("ada@example.com".to_owned());
        assert_eq!(
            Handover::of(Some("reassign"), to.clone()).expect("to Ada"),
            Handover::Reassign(to.clone().expect("x"))
        );
        for (action, to) in [(Some("reassign"), None), (Some("resolve"), to.clone()), (Some("keep"), None)] {
            assert_eq!(Handover::of(action, to).expect_err("wrong").code, "team:action");
        }
    }
}
