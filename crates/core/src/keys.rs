//! API keys: 80 hexadecimal digits, kept as hashes, with scopes.

use std::fmt;
use std::str::FromStr;

use rand::RngExt;
use sha2::{Digest, Sha256};
pub use sparkbot_store::rows::KeyRow;

use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, KeyId, UserId};

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything, keys included.
    All,
    /// Reading numbers and their sessions.
    DevicesRead,
    /// Making, linking, changing and deleting numbers.
    DevicesWrite,
    /// Reading messages.
    MessagesRead,
    /// Sending messages.
    MessagesWrite,
    /// Reading webhooks and their logs.
    WebhooksRead,
    /// Making, changing, replaying and deleting webhooks.
    WebhooksWrite,
    /// Reading the event log.
    EventsRead,
    /// Reading files.
    FilesRead,
    /// Uploading, changing and deleting files.
    FilesWrite,
    /// Asking WhatsApp about phone numbers.
    NumbersRead,
    /// Making and revoking keys.
    KeysWrite,
}

impl Scope {
    /// Every scope, in the order in which they are shown.
    pub const ALL: &'static [Self] = &[
        Self::All,
        Self::DevicesRead,
        Self::DevicesWrite,
        Self::MessagesRead,
        Self::MessagesWrite,
        Self::WebhooksRead,
        Self::WebhooksWrite,
        Self::EventsRead,
        Self::FilesRead,
        Self::FilesWrite,
        Self::NumbersRead,
        Self::KeysWrite,
    ];

    /// As written in requests and answers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "*",
            Self::DevicesRead => "devices:read",
            Self::DevicesWrite => "devices:write",
            Self::MessagesRead => "messages:read",
            Self::MessagesWrite => "messages:write",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
            Self::EventsRead => "events:read",
            Self::FilesRead => "files:read",
            Self::FilesWrite => "files:write",
            Self::NumbersRead => "numbers:read",
            Self::KeysWrite => "keys:write",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Scope {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|scope| scope.word() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|s| s.word()).collect();
            Error::invalid("scope:unknown", format!("'{text}' is no scope; there are {}.", known.join(", ")))
        })
    }
}

/// Who asks, proven by a key.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Whose data they see.
    pub account: AccountId,
    /// For whom the key acts.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
}

impl Caller {
    /// Whether the key has a scope.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|s| *s == Scope::All || *s == scope)
    }

    /// Refuses a key without the scope.
    ///
    /// # Errors
    /// [`Kind::Forbidden`], naming the missing scope.
    pub fn need(&self, scope: Scope) -> Result<()> {
        if self.may(scope) {
            return Ok(());
        }
        Err(Error::new(Kind::Forbidden, "auth:scope", format!("This API key lacks the scope '{scope}'."))
            .hint("Use a key that has it, or make one with `sparkbot key create --scope …`."))
    }
}

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
    let refuse = |why: &str| {
        Error::new(Kind::Unauthorized, "auth:invalid", format!("The API key {why}."))
            .hint("Send a key in the header 'Token'; `sparkbot key create` makes one.")
    };
    if secret.len() != 80 || !secret.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(refuse("is not one of this server's: keys have 80 hexadecimal digits"));
    }
    let digest = hash(&secret.to_ascii_lowercase());
    let row = core.store().read().await?.server().key_by_hash(&digest).await?.ok_or_else(|| refuse("is unknown"))?;
    let now = core.now();
    if row.revoked_at.is_some() {
        return Err(refuse("was revoked"));
    }
    if row.expires_at.is_some_and(|at| at <= now) {
        return Err(refuse("has expired"));
    }
    // To the minute: enough to find unused keys, and no write per request.
    if row.last_used_at.is_none_or(|at| now - at > 60_000) {
        let id = row.id.clone();
        core.store()
            .write(move |w| Box::pin(async move { w.server().touch_key(&id, now).await.map_err(Error::from) }))
            .await?;
    }
    Ok(Caller {
        account: row.account_id.clone(),
        user: row.user_id.clone(),
        key: row.id.clone(),
        scopes: scopes(&row)?,
    })
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
    let shown = id.clone();
    let done = core
        .store()
        .write(move |w| Box::pin(async move { w.account(&account).revoke_key(&id, now).await.map_err(Error::from) }))
        .await?;
    if done { Ok(()) } else { Err(Error::not_found("key:notfound", format!("There is no live API key {shown}."))) }
}

#[cfg(test)]
mod tests {
    use super::{Caller, NewKey, Scope};
    use crate::ids::{AccountId, KeyId, UserId};

    #[test]
    fn keys_have_80_digits_and_leave_only_a_hash() {
        let (account, user) = (AccountId::new(0), UserId::new(0));
        let key = NewKey::generate(&account, &user, "x", &[Scope::All], None, 0);
        assert_eq!(key.secret.len(), 80);
        assert!(!format!("{:?}", key.row).contains(&key.secret));
    }

    #[test]
    fn a_scope_opens_only_its_door() {
        let caller = Caller {
            account: AccountId::new(0),
            user: UserId::new(0),
            key: KeyId::new(0),
            scopes: vec![Scope::MessagesRead],
        };
        assert!(caller.need(Scope::MessagesRead).is_ok());
        let error = caller.need(Scope::MessagesWrite).expect_err("missing scope");
        assert!(error.message.contains("messages:write"));
    }
}
