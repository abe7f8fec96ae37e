//! POSTs that may be repeated.

use sparkbot_store::rows::IdempotencyRow;
use sparkbot_store::{StoreError, Writing};

use crate::error::{Error, Result};
use crate::ids::AccountId;

/// A repeatable POST.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// As sent, 1 to 255 characters.
    pub key: String,
    /// Hash over method, path and body.
    pub fingerprint: String,
}

impl Idempotency {
    /// The id that this key has made before, when it was the same request.
    ///
    /// # Errors
    /// `idempotency:mismatch` when the key was used for another request.
    pub async fn earlier(&self, w: &mut Writing, account: &AccountId) -> Result<Option<String>> {
        match w.account(account).idempotent(&self.key).await? {
            None => Ok(None),
            Some(row) if row.fingerprint == self.fingerprint => Ok(Some(row.resource_id)),
            Some(_) => Err(Error::conflict(
                "idempotency:mismatch",
                format!("The Idempotency-Key '{}' was used for another request within the last 24 hours.", self.key),
            )
            .hint("Use a fresh key for each new request, and the same one only to repeat it.")),
        }
    }

    /// Remembers what this key has made.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn remember(
        self,
        w: &mut Writing,
        account: &AccountId,
        resource_id: String,
        now: i64,
    ) -> Result<(), StoreError> {
        let row = IdempotencyRow { fingerprint: self.fingerprint, resource_id };
        w.account(account).remember(&self.key, &row, now).await
    }
}
