//! Finding people by what others call them.

use sparkbot_store::Writing;
use sparkbot_store::rows::UserRow;

use crate::access::{Reach, Role, Scope};
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId, UserId};

/// A member of the team, by id or email.
///
/// # Errors
/// `agent:notfound`.
pub async fn agent(w: &mut Writing, account: &AccountId, id_or_email: &str) -> Result<UserRow> {
    let missing = || {
        let shown: String = id_or_email.chars().take(254).collect();
        Error::invalid("agent:notfound", format!("There is no team member '{shown}' in this account."))
            .hint("Team members are named by id or email; GET /v1/team lists them.")
    };
    let mut scope = w.account(account);
    let found = match id_or_email.parse::<UserId>() {
        Ok(id) => scope.user(&id).await?,
        Err(_) => scope.user_by_email(&id_or_email.trim().to_lowercase()).await?,
    };
    found.ok_or_else(missing)
}

/// A member of the team who can be given chats of this number, by id or email:
/// active, and with access to it.
///
/// # Errors
/// `agent:notfound`; `agent:unable` for somebody suspended, invited or without access.
pub async fn able(w: &mut Writing, account: &AccountId, device: &DeviceId, id_or_email: &str) -> Result<UserRow> {
    let user = agent(w, account, id_or_email).await?;
    if user.status != "active" {
        return Err(Error::conflict(
            "agent:unable",
            format!("The team member '{id_or_email}' can't be given chats: the status is '{}'.", user.status),
        ));
    }
    let role: Role = user.role.parse()?;
    let everywhere = Scope::ChatsRead.reach(role) == Reach::All;
    if !everywhere && w.account(account).access(Some(user.id.as_str()), Some(device.as_str())).await?.is_empty() {
        return Err(Error::conflict(
            "agent:unable",
            format!("The team member '{id_or_email}' has no access to the WhatsApp number {device}."),
        )
        .hint("Grant it with PATCH /v1/devices/{id}/team."));
    }
    Ok(user)
}
