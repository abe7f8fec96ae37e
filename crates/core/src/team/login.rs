//! Logging in with email and password.

use sparkbot_store::actor::{self, Actor, Deed};
use sparkbot_store::rows::KeyRow;

use super::show::Member;
use crate::access::Numbers;
use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::keys::{Caller, NewKey, Scope};

/// How long a login lasts.
const LIFE: i64 = 7 * 24 * 3600 * 1000;
/// Logins of one person at once; beyond it the oldest ends.
const AT_ONCE: i64 = 20;

/// A person who has come in.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// Who.
    pub member: Member,
    /// Their key, told only this once.
    pub secret: String,
    /// What is kept of it.
    pub key: KeyRow,
}

/// Makes a key of limited life for who knows a password. The caller counts
/// wrong guesses.
///
/// # Errors
/// `login:wrong`, whether email or password is; `login:suspended`.
pub async fn log_in(core: &Core, email: &str, password: &str, origin: Option<String>) -> Result<LoggedIn> {
    let wrong = || {
        Error::new(Kind::Unauthorized, "login:wrong", "Email and password do not belong together.")
            .hint("Somebody who manages the team can set a new password with PATCH /v1/team.")
    };
    let email = email.trim().to_lowercase();
    let row = core.store().read().await?.server().login(&email).await?;
    let hash = row.as_ref().and_then(|row| row.password.clone());
    let right = core.passwords().is(password.to_owned(), hash).await?;
    let row = row.filter(|_| right).ok_or_else(wrong)?;
    if row.status != "active" {
        return Err(Error::new(Kind::Forbidden, "login:suspended", "This member of the team is suspended.")
            .hint("Somebody who manages the team can end that with PATCH /v1/team {\"status\": \"active\"}."));
    }
    let now = core.now();
    let mut key = NewKey::generate(&row.account_id, &row.id, "Login", &[Scope::All], Some(now + LIFE), now);
    key.row.kind = "login".to_owned();
    let deed = Deed { action: "login.create".to_owned(), changes: true, device: None, object: None, origin, at: now };
    let person = (row.id.clone(), row.name.clone(), row.role.clone());
    actor::act(Actor::new(row.account_id.clone(), person, key.row.id.clone(), Numbers::All, deed));
    let (kept, account) = (key.row.clone(), row.account_id.clone());
    let row = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                // The password may have changed while this one was compared.
                let now_kept = w.account(&account).user(&row.id).await?;
                let fresh = now_kept.filter(|kept| kept.password == row.password && kept.status == "active");
                let mut row = fresh.ok_or_else(wrong)?;
                row.last_login_at = Some(now);
                w.touches("key", kept.id.as_str(), None);
                w.account(&account).update_user(&row).await?;
                w.server().touch_user(&row.id, now).await?;
                w.account(&account).insert_key(&kept).await?;
                w.account(&account).trim_logins(&row.id, AT_ONCE, now).await?;
                row.last_seen_at = Some(now);
                Ok::<_, Error>(row)
            })
        })
        .await?;
    Ok(LoggedIn { member: Member::of(&row, now)?, secret: key.secret, key: key.row })
}

/// Ends the caller's own login.
///
/// # Errors
/// `login:none` for a key that no login has made.
pub async fn log_out(core: &Core, caller: &Caller) -> Result<()> {
    let (account, key, now) = (caller.account.clone(), caller.key.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let row = w.account(&account).key(&key).await?;
                if row.is_none_or(|row| row.kind != "login") {
                    return Err(Error::conflict("login:none", "This key was not made by a login.")
                        .hint("Keys are revoked with DELETE /v1/apikeys/{id}, by another key."));
                }
                w.touches("key", key.as_str(), None);
                w.account(&account).revoke_key(&key, now).await?;
                Ok::<_, Error>(())
            })
        })
        .await
}
