//! What a webhook keeps secret: the key of its signature and the values of its
//! extra headers. Sealed for the row they stand in.

use std::collections::BTreeMap;

use sparkbot_store::rows::{WebhookFilter, WebhookRow};
use sparkbot_store::seal::Sealer;

use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::WebhookId;

fn place(id: &WebhookId, what: &str) -> Vec<u8> {
    format!("webhook|{id}|{what}").into_bytes()
}

/// Seals the secrets of all webhooks again under the current master key; how many
/// webhooks had some under an older one.
///
/// # Errors
/// For a secret that no configured key opens.
pub async fn reseal(core: &Core) -> Result<u64> {
    let accounts = core.store().read().await?.server().accounts().await?;
    let mut changed = 0;
    for account in accounts {
        changed += core
            .store()
            .write(move |w| {
                Box::pin(async move {
                    let all = WebhookFilter { size: i64::MAX, ..WebhookFilter::default() };
                    let mut changed = 0;
                    let rows = w.account(&account.id).webhooks(&all).await?;
                    for mut row in rows {
                        let sealer = w.sealer();
                        let current = |sealed: &Vec<u8>| sealer.is_current(sealed);
                        if current(&row.secret) && row.headers.as_ref().is_none_or(current) {
                            continue;
                        }
                        let (secret, headers) = (open_secret(sealer, &row)?, open_headers(sealer, &row)?);
                        row.secret = seal_secret(sealer, &row.id, &secret)?;
                        row.headers = seal_headers(sealer, &row.id, &headers)?;
                        w.account(&account.id).update_webhook(&row).await?;
                        changed += 1;
                    }
                    Ok::<_, Error>(changed)
                })
            })
            .await?;
    }
    Ok(changed)
}

/// Seals the key of the signature.
pub(super) fn seal_secret(sealer: &Sealer, id: &WebhookId, secret: &str) -> Result<Vec<u8>> {
    Ok(sealer.seal(&place(id, "secret"), secret.as_bytes())?)
}

/// Opens the key of the signature.
pub(super) fn open_secret(sealer: &Sealer, row: &WebhookRow) -> Result<String> {
    let secret = sealer.open(&place(&row.id, "secret"), &row.secret)?;
    String::from_utf8(secret).map_err(Error::internal)
}

/// Seals extra headers; none when there are none.
pub(super) fn seal_headers(
    sealer: &Sealer,
    id: &WebhookId,
    headers: &BTreeMap<String, String>,
) -> Result<Option<Vec<u8>>> {
    if headers.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_vec(headers).map_err(Error::internal)?;
    Ok(Some(sealer.seal(&place(id, "headers"), &text)?))
}

/// Opens the extra headers.
pub(super) fn open_headers(sealer: &Sealer, row: &WebhookRow) -> Result<BTreeMap<String, String>> {
    let Some(sealed) = &row.headers else { return Ok(BTreeMap::new()) };
    let text = sealer.open(&place(&row.id, "headers"), sealed)?;
    serde_json::from_slice(&text).map_err(Error::internal)
}
