//! What proves to a receiver that a delivery is ours.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::{Error, Result};

/// The value of `X-SparkBot-Signature`: HMAC-SHA256 over `timestamp.body`,
/// keyed with the secret as it is shown.
///
/// # Errors
/// Never with a secret that was made here.
pub fn sign(secret: &[u8], timestamp: i64, body: &[u8]) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(Error::internal)?;
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    Ok(format!("sha256={}", hex::encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::sign;

    /// From `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test`.
    #[test]
    fn signs_as_openssl_does() {
        let signature = sign(b"whsec_test", 1_700_000_000, br#"{"a":1}"#).expect("signed");
        assert_eq!(signature, "sha256=38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789");
    }
}
