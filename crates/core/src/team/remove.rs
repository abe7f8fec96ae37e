//! Members who leave.

use serde::Serialize;
use utoipa::ToSchema;

use super::handover::{Handover, Held, hand_over};
use super::manage::{last_admin, may_manage, named};
use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::keys::{Caller, Scope};

/// Members that one request takes out at most.
const MOST: usize = 50;

/// A member who is to leave.
#[derive(Debug, Clone)]
pub struct Removal {
    /// Id or email.
    pub who: String,
    /// What becomes of their chats.
    pub handover: Handover,
    /// For good; otherwise they are suspended and can be made active again.
    pub remove: bool,
}

/// What became of a member.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Removed {
    /// 24 hexadecimal digits.
    pub id: String,
    /// Their email.
    pub email: Option<String>,
    /// Whether they are gone for good.
    pub removed: bool,
    /// Their status now: `suspended`, `removed`…
    pub status: String,
    /// Chats that were handed over.
    pub chats: u64,
}

/// Suspends members or removes them for good; their chats are dealt with as
/// each entry says. Unless `force` is given nothing happens when one of them
/// can't leave; with it, those who can't are passed over.
///
/// # Errors
/// `agent:notfound`, `team:forbidden`, `team:self`, `team:last_admin`.
pub async fn remove(core: &Core, caller: &Caller, users: Vec<Removal>, force: bool) -> Result<Vec<Removed>> {
    caller.need(Scope::TeamWrite)?;
    if users.is_empty() || users.len() > MOST {
        return Err(Error::invalid(
            "team:count",
            format!("There are {} users; a request takes 1 to {MOST}.", users.len()),
        ));
    }
    // Everybody is suspended in one transaction; handing over comes after, in
    // steps, since they may have very many chats.
    let (asking, now) = (caller.clone(), core.now());
    let entries = users.clone();
    let gone = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let mut gone = Vec::new();
                for entry in entries {
                    match suspend(w, &asking, &entry, now).await {
                        Ok(row) => gone.push((row, entry)),
                        Err(error) if force && error.kind != Kind::Internal => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(gone)
            })
        })
        .await?;
    let mut done = Vec::with_capacity(gone.len());
    for (row, entry) in gone {
        let chats = hand_over(core, &caller.account, Held::by(&row.id), None, &entry.handover).await?;
        if entry.remove {
            let (account, user) = (caller.account.clone(), row.id.clone());
            core.store()
                .write(move |w| {
                    Box::pin(async move { w.account(&account).delete_user(&user).await.map_err(Error::from) })
                })
                .await?;
        }
        let status = if entry.remove { "removed" } else { "suspended" }.to_owned();
        done.push(Removed { id: row.id.to_string(), email: row.email, removed: entry.remove, status, chats });
    }
    Ok(done)
}

async fn suspend(
    w: &mut sparkbot_store::Writing,
    caller: &Caller,
    entry: &Removal,
    now: i64,
) -> Result<sparkbot_store::rows::UserRow> {
    let account = &caller.account;
    let mut row = named(w, account, &entry.who).await?;
    may_manage(w, caller, &row, false).await?;
    if row.id == caller.user {
        return Err(Error::conflict("team:self", "Nobody can remove themselves.").hint("Ask another administrator."));
    }
    if row.role == "admin" && row.status == "active" {
        last_admin(w, &row).await?;
    }
    entry.handover.check(w, account, &row.id).await?;
    w.touches("user", row.id.as_str(), None);
    "suspended".clone_into(&mut row.status);
    row.invitation = None;
    row.invitation_expires_at = None;
    row.updated_at = now;
    w.account(account).update_user(&row).await?;
    w.account(account).revoke_keys(&row.id, None, None, now).await?;
    Ok(row)
}
