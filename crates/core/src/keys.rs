//! API keys: 80 hexadecimal digits, kept as hashes, with scopes.

use rand::RngExt;
use sha2::{Digest, Sha256};
use sparkbot_store::Reading;
pub use sparkbot_store::rows::KeyRow;

pub use crate::access::{Caller, Scope};
use crate::access::{Numbers, Role};
use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, KeyId, UserId};

/// A fresh key; the only moment at which the key itself is known.
#[derive(Clone)]
pub struct NewKey {
    /// 80 hexadecimal digits.
    pub secret: String,
    /// What is kept of it.
    pub row: KeyRow,
}

impl NewKey {
    /// Makes a key; nothing is stored yet.
    #[must_use]
    pub fn generate(
        account: &AccountId,
        user: &UserId,
        name: &str,
        scopes: &[Scope],
        expires_at: Option<i64>,
        now: i64,
    ) -> Self {
        let mut bytes = [0u8; 40];
        rand::rng().fill(&mut bytes);
        let secret = hex::encode(bytes);
        let words: Vec<_> = scopes.iter().map(|s| s.word()).collect();
        let row = KeyRow {
            id: KeyId::new(now),
            account_id: account.clone(),
            user_id: user.clone(),
            kind: "key".to_owned(),
            name: name.to_owned(),
            prefix: secret[..6].to_owned(),
            hash: hash(&secret),
            scopes: serde_json::json!(words).to_string(),
            created_at: now,
            expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        Self { secret, row }
    }
}

/// Keys are random over 320 bits, so a plain hash can't be guessed back, and
/// looking one up by its hash tells nothing by its timing.
fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Who presents `secret`.
///
/// # Errors
/// [`Kind::Unauthorized`] for an unknown, revoked or expired key.
pub async fn authenticate(core: &Core, secret: &str) -> Result<Caller> {
    if secret.len() != 80 || !secret.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(refuse("is not one of this server's: keys have 80 hexadecimal digits"));
    }
    let digest = hash(&secret.to_ascii_lowercase());
    let mut reading = core.store().read().await?;
    let row = reading.server().key_by_hash(&digest).await?.ok_or_else(|| refuse("is unknown"))?;
    let (caller, row) = caller_of(core, reading, row).await?;
    let now = core.now();
    // To the minute: enough to find unused keys, and no write per request.
    if row.last_used_at.is_none_or(|at| now - at > 60_000) {
        let (key, user) = (row.id.clone(), caller.user.clone());
        core.store()
            .write(move |w| {
                Box::pin(async move {
                    w.server().touch_key(&key, now).await?;
                    w.server().touch_user(&user, now).await.map_err(Error::from)
                })
            })
            .await?;
    }
    Ok(caller)
}

/// The same caller as of now: for what goes on long after it was asked for.
///
/// # Errors
/// [`Kind::Unauthorized`] when the key, or the person it acts for, is no longer
/// let in.
pub(crate) async fn still(core: &Core, caller: &Caller) -> Result<Caller> {
    let mut reading = core.store().read().await?;
    let row = reading.account(&caller.account).key(&caller.key).await?.ok_or_else(|| refuse("is unknown"))?;
    Ok(caller_of(core, reading, row).await?.0)
}

fn refuse(why: &str) -> Error {
    Error::new(Kind::Unauthorized, "auth:invalid", format!("The API key {why}."))
        .hint("Send a key in the header 'Token'; `sparkbot key create` makes one.")
}

/// For whom a key acts, and what they may, when it is let in.
async fn caller_of(core: &Core, mut reading: Reading, row: KeyRow) -> Result<(Caller, KeyRow)> {
    let now = core.now();
    if row.revoked_at.is_some() {
        return Err(refuse("was revoked"));
    }
    if row.expires_at.is_some_and(|at| at <= now) {
        return Err(refuse("has expired"));
    }
    let mut scope = reading.account(&row.account_id);
    let user = scope.user(&row.user_id).await?.ok_or_else(|| refuse("is unknown"))?;
    if user.status != "active" {
        return Err(refuse("acts for a member of the team who was suspended"));
    }
    let role: Role = user.role.parse()?;
    let (numbers, departments) = match role {
        Role::Admin => (Numbers::All, Vec::new()),
        Role::Supervisor | Role::Agent => {
            let access = scope.access(Some(user.id.as_str()), None).await?;
            let numbers = Numbers::Some(access.into_iter().map(|access| access.device_id).collect());
            (numbers, scope.departments_of(&user.id).await?)
        }
    };
    drop(reading);
    let scopes = scopes(&row)?;
    let (account, key) = (row.account_id.clone(), row.id.clone());
    Ok((Caller { account, user: user.id, name: user.name, role, numbers, departments, key, scopes }, row))
}

/// The scopes of a stored key.
///
/// # Errors
/// When the row is unreadable.
pub fn scopes(row: &KeyRow) -> Result<Vec<Scope>> {
    let words: Vec<String> = serde_json::from_str(&row.scopes).map_err(Error::internal)?;
    words.iter().map(|w| w.parse()).collect()
}

/// All keys of the caller's account, newest first.
///
/// # Errors
/// [`Kind::Forbidden`] without the scope.
pub async fn list(core: &Core, caller: &Caller) -> Result<Vec<KeyRow>> {
    caller.need(Scope::KeysWrite)?;
    Ok(core.store().read().await?.account(&caller.account).keys().await?)
}

/// Makes a key; it can't have more scopes than the caller's own.
///
/// # Errors
/// [`Kind::Forbidden`] without the scope, [`Kind::Invalid`] for an empty name.
pub async fn create(
    core: &Core,
    caller: &Caller,
    name: &str,
    scopes: &[Scope],
    expires_at: Option<i64>,
) -> Result<NewKey> {
    caller.need(Scope::KeysWrite)?;
    for scope in scopes {
        caller.need(*scope)?;
    }
    if name.trim().is_empty() || name.chars().count() > 60 {
        return Err(Error::invalid("key:name", "A key needs a name of 1 to 60 characters."));
    }
    if scopes.is_empty() {
        return Err(Error::invalid("key:scopes", "A key needs at least one scope; '*' is all of them."));
    }
    let key = NewKey::generate(&caller.account, &caller.user, name.trim(), scopes, expires_at, core.now());
    let (row, account) = (key.row.clone(), caller.account.clone());
    core.store()
        .write(move |w| Box::pin(async move { w.account(&account).insert_key(&row).await.map_err(Error::from) }))
        .await?;
    Ok(key)
}

/// Revokes a key at once.
///
/// # Errors
/// [`Kind::NotFound`], or [`Kind::Conflict`] for the key that asks.
pub async fn revoke(core: &Core, caller: &Caller, id: &KeyId) -> Result<()> {
    caller.need(Scope::KeysWrite)?;
    if *id == caller.key {
        return Err(Error::conflict("key:own", "A key can't revoke itself.").hint("Use another key for it."));
    }
    let (account, id, now) = (caller.account.clone(), id.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                // Refused in here, so that the audit log does not tell of what was not done.
                match w.account(&account).revoke_key(&id, now).await? {
                    true => Ok(()),
                    false => Err(Error::not_found("key:notfound", format!("There is no live API key {id}."))),
                }
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::{NewKey, Scope};
    use crate::ids::{AccountId, UserId};

    #[test]
    fn keys_have_80_digits_and_leave_only_a_hash() {
        let (account, user) = (AccountId::new(0), UserId::new(0));
        let key = NewKey::generate(&account, &user, "x", &[Scope::All], None, 0);
        assert_eq!(key.secret.len(), 80);
        assert!(!format!("{:?}", key.row).contains(&key.secret));
    }
}
