//! Accounts and the first start.

use sparkbot_store::rows::{AccountRow, KeyRow, UserRow};

use crate::access::Role;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::keys::{Caller, NewKey, Scope};

/// An account and who asks, as `GET /v1/me` tells.
#[derive(Debug, Clone)]
pub struct Me {
    /// The account.
    pub account: AccountRow,
    /// The person the key acts for.
    pub user: UserRow,
    /// The key, without the key.
    pub key: KeyRow,
}

/// Makes the first account with an administrator and a key, when there is none
/// yet; the key is told only this once.
///
/// # Errors
/// When the database can't be written.
pub async fn first_start(core: &Core) -> Result<Option<NewKey>> {
    if !core.store().read().await?.server().accounts().await?.is_empty() {
        return Ok(None);
    }
    create(core, "Main").await.map(Some)
}

/// Makes an account with an administrator and a key of all scopes.
///
/// # Errors
/// When the database can't be written.
pub async fn create(core: &Core, name: &str) -> Result<NewKey> {
    let now = core.now();
    let account = AccountRow { id: AccountId::new(now), name: name.to_owned(), created_at: now };
    let user = UserRow::new(&account.id, "Administrator", Role::Admin.word(), now);
    let key = NewKey::generate(&account.id, &user.id, "First key", &[Scope::All], None, now);
    let row = key.row.clone();
    core.store()
        .write(move |w| {
            Box::pin(async move {
                w.server().insert_account(&account).await?;
                let mut scope = w.account(&account.id);
                scope.insert_user(&user).await?;
                scope.insert_key(&row).await?;
                Ok::<_, Error>(())
            })
        })
        .await?;
    Ok(key)
}

/// Who asks.
///
/// # Errors
/// When the database can't be read.
pub async fn me(core: &Core, caller: &Caller) -> Result<Me> {
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let gone = || Error::internal("the caller's own rows are gone");
    Ok(Me {
        account: scope.row().await?.ok_or_else(gone)?,
        user: scope.user(&caller.user).await?.ok_or_else(gone)?,
        key: scope.key(&caller.key).await?.ok_or_else(gone)?,
    })
}
