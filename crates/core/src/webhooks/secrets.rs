//! What a webhook keeps secret: the key of its signature and the values of its
//! extra headers. Sealed for the row they stand in.

use std::collections::BTreeMap;

use sparkbot_store::rows::WebhookRow;
use sparkbot_store::seal::Sealer;

use crate::error::{Error, Result};
use crate::ids::WebhookId;

fn place(id: &WebhookId, what: &str) -> Vec<u8> {
    format!("webhook|{id}|{what}").into_bytes()
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
