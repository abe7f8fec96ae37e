//! The phone's side of linking: scanning a QR code, typing a link code.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use wacore::crypto::hkdf_sha256_into;
use wacore::libsignal::crypto::aes_256_gcm_decrypt;
use wacore::libsignal::protocol::{KeyPair, PublicKey};

/// What clients put before the fields of their QR code.
const LINK_PREFIX: &str = "https://wa.me/settings/linked_devices#";

/// The fields of a QR code: `ref,noise,identity,secret[,client]`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct QrCode {
    pub(crate) reference: String,
    pub(crate) noise: [u8; 32],
    pub(crate) identity: [u8; 32],
    pub(crate) secret: [u8; 32],
}

impl QrCode {
    /// Reads what a camera would see.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix(LINK_PREFIX).unwrap_or(text);
        let mut fields = text.split(',');
        let reference = fields.next().filter(|reference| !reference.is_empty())?.to_owned();
        let mut key = || BASE64_STANDARD.decode(fields.next()?).ok()?.try_into().ok();
        Some(Self { reference, noise: key()?, identity: key()?, secret: key()? })
    }
}

/// Opens the bundle of `companion_finish`: 32 bytes of salt, 12 of nonce, the
/// sealed keys. Gives back the secret the companion will expect.
///
/// `None` means that the companion used another code than the phone.
pub(crate) fn open_key_bundle(
    bundle: &[u8],
    ephemeral: &KeyPair,
    companion_ephemeral: &[u8; 32],
    identity: &KeyPair,
    companion_identity: &[u8; 32],
) -> Option<[u8; 32]> {
    let (salt, rest) = bundle.split_at_checked(32)?;
    let (nonce, sealed) = rest.split_at_checked(12)?;
    let theirs = PublicKey::from_djb_public_key_bytes(companion_ephemeral).ok()?;
    let ephemeral_secret = ephemeral.private_key.calculate_agreement(&theirs).ok()?;
    let mut key = [0; 32];
    hkdf_sha256_into(&ephemeral_secret, Some(salt), b"link_code_pairing_key_bundle_encryption_key", &mut key).ok()?;
    let mut opened = Vec::new();
    aes_256_gcm_decrypt(&key, nonce.try_into().ok()?, b"", sealed, &mut opened).ok()?;
    let (companion, random) = (opened.get(..32)?, opened.get(64..96)?);
    if companion != companion_identity {
        return None;
    }
    let theirs = PublicKey::from_djb_public_key_bytes(companion_identity).ok()?;
    let identity_secret = identity.private_key.calculate_agreement(&theirs).ok()?;
    let mut secret = [0; 32];
    hkdf_sha256_into(&[&ephemeral_secret[..], &identity_secret, random].concat(), None, b"adv_secret", &mut secret)
        .ok()?;
    Some(secret)
}

/// A link code as clients seal with it: eight characters, no dash, upper case.
pub(crate) fn normal_code(typed: &str) -> Option<String> {
    let code: String = typed.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_uppercase()).collect();
    (code.len() == 8 && code.chars().all(|c| c.is_ascii_alphanumeric())).then_some(code)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use wacore::pair_code::PairCodeUtils;

    use super::*;
    use crate::stanza::public_bytes;

    #[test]
    fn reads_a_qr_code_with_and_without_the_link() {
        let key = BASE64_STANDARD.encode([7; 32]);
        for text in [format!("2@abc,{key},{key},{key}"), format!("{LINK_PREFIX}2@abc,{key},{key},{key},1")] {
            let code = QrCode::parse(&text).unwrap();
            assert_eq!((code.reference.as_str(), code.secret), ("2@abc", [7; 32]));
        }
        for text in ["", "2@abc", "2@abc,x,y,z", ",,,"] {
            assert_eq!(QrCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn opens_the_bundle_of_a_companion_with_the_same_code_only() {
        let mut rng = StdRng::seed_from_u64(5);
        let [ephemeral, companion_ephemeral, identity, companion_identity] =
            std::array::from_fn(|_| KeyPair::generate(&mut rng));
        let (bundle, expected) = PairCodeUtils::prepare_key_bundle(
            &companion_ephemeral,
            &public_bytes(&ephemeral.public_key),
            &public_bytes(&identity.public_key),
            &companion_identity,
        )
        .unwrap();
        let open = |companion: &KeyPair| {
            open_key_bundle(
                &bundle,
                &ephemeral,
                &public_bytes(&companion.public_key),
                &identity,
                &public_bytes(&companion_identity.public_key),
            )
        };
        assert_eq!(open(&companion_ephemeral), Some(expected));
        assert_eq!(open(&identity), None);
        assert_eq!(open_key_bundle(&bundle[..40], &ephemeral, &[1; 32], &identity, &[1; 32]), None);
    }

    #[test]
    fn takes_a_code_as_people_type_it() {
        assert_eq!(normal_code("abcd-efgh").as_deref(), Some("ABCDEFGH"));
        assert_eq!(normal_code("ABCD EFG"), None);
    }
}
