//! Addresses on the media host, and the right to upload.
//!
//! Both are signed and nothing about them is kept: a direct path carries its end
//! (`oe`) and its signature (`oh`) as WhatsApp's do, an upload token likewise.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A SHA-256, the name of a file.
pub(crate) type Hash = [u8; 32];

/// What the file name of encrypted media ends with.
const ENCRYPTED: &str = "_n.enc";

/// Why a file can't be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// No such file, or not an address of a file.
    Unknown,
    /// The signature is not ours.
    Forged,
    /// It was good once.
    Expired,
}

/// Signs addresses and upload tokens.
pub(crate) struct Signer([u8; 32]);

/// The parts of a direct path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) hash: Hash,
    /// Seconds since the epoch, as WhatsApp's `oe` counts.
    pub(crate) ends_at: u64,
    /// Counts the addresses that were given out.
    pub(crate) serial: u64,
}

impl Signer {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    fn sign(&self, what: &str) -> String {
        // Any length of key will do for an HMAC.
        let Ok(mut mac) = <Hmac<Sha256>>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(what.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..16])
    }

    /// The direct path of a file, as messages carry it.
    pub(crate) fn direct_path(&self, address: Address, encrypted: bool) -> String {
        let name = BASE64_URL_SAFE_NO_PAD.encode(address.hash);
        let signature = self.of(address);
        let (ends, serial) = (address.ends_at, address.serial);
        let (folder, suffix) = if encrypted { ("/v/t62.7118-24", ENCRYPTED) } else { ("/m1/v/t24", "") };
        format!("{folder}/{name}{suffix}?ccb=11-4&oh={signature}&oe={ends:x}&_nc_oc={serial:x}&_nc_sid=5e03e0")
    }

    fn of(&self, address: Address) -> String {
        self.sign(&format!("{}|{}|{}", hex::encode(address.hash), address.ends_at, address.serial))
    }

    /// Reads a direct path with whatever a client has put behind it.
    ///
    /// Clients append `?auth=…`, `&hash=…&mms-type=…` or the like without looking
    /// whether there is a query already.
    pub(crate) fn read(&self, path_and_query: &str) -> Result<Address, Unreachable> {
        let (path, query) = split(path_and_query);
        let name = path.rsplit('/').next().unwrap_or_default();
        let hash = hash(name.strip_suffix(ENCRYPTED).unwrap_or(name)).ok_or(Unreachable::Unknown)?;
        let number =
            |name| parameter(query, name).and_then(|value| u64::from_str_radix(value, 16).ok()).unwrap_or_default();
        let address = Address { hash, ends_at: number("oe"), serial: number("_nc_oc") };
        if parameter(query, "oh") == Some(self.of(address).as_str()) { Ok(address) } else { Err(Unreachable::Forged) }
    }

    /// A token with which `who` may upload until `ends_at_ms`.
    pub(crate) fn token(&self, who: &str, ends_at_ms: u64) -> String {
        format!("{ends_at_ms:x}.{who}.{}", self.sign(&format!("upload|{who}|{ends_at_ms}")))
    }

    /// Who may upload with a token; nobody when it is not ours, or over.
    pub(crate) fn bearer<'t>(&self, token: &'t str, now_ms: u64) -> Option<&'t str> {
        let mut parts = token.splitn(3, '.');
        let (ends, who) = parts.next().zip(parts.next())?;
        let ends = u64::from_str_radix(ends, 16).ok()?;
        (ends > now_ms && self.token(who, ends) == token).then_some(who)
    }
}

/// The path, and everything behind it.
pub(crate) fn split(path_and_query: &str) -> (&str, &str) {
    path_and_query.split_at(path_and_query.find(['?', '&']).unwrap_or(path_and_query.len()))
}

/// A parameter of a query that may have several beginnings.
pub(crate) fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split(['?', '&']).find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

/// A hash in base64, in the alphabet of URLs, padded or not, escaped or not.
pub(crate) fn hash(text: &str) -> Option<Hash> {
    let text = text.trim_end_matches("%3D").trim_end_matches("%3d").trim_end_matches('=');
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: Address = Address { hash: [7; 32], ends_at: 1_800_000_000, serial: 3 };

    #[test]
    fn an_address_is_read_with_whatever_clients_append() {
        let signer = Signer::new([1; 32]);
        for encrypted in [true, false] {
            let path = signer.direct_path(ADDRESS, encrypted);
            for appended in ["", "?auth=a&token=b", "&hash=x&mms-type=image&__wa-mms=", "&mms3=true"] {
                assert_eq!(signer.read(&format!("{path}{appended}")), Ok(ADDRESS), "{appended}");
            }
        }
    }

    #[test]
    fn an_address_can_be_neither_changed_nor_made_up() {
        let signer = Signer::new([1; 32]);
        let path = signer.direct_path(ADDRESS, true);
        assert_eq!(signer.read(&path.replace("oe=", "oe=1")), Err(Unreachable::Forged));
        assert_eq!(Signer::new([2; 32]).read(&path), Err(Unreachable::Forged));
        assert_eq!(signer.read("/v/t62.7118-24/nothing.enc"), Err(Unreachable::Unknown));
        let (bare, _) = split(&path);
        assert_eq!(signer.read(bare), Err(Unreachable::Forged));
    }

    #[test]
    fn an_upload_token_ends() {
        let signer = Signer::new([1; 32]);
        let token = signer.token("3-1", 1_000);
        assert_eq!(signer.bearer(&token, 999), Some("3-1"));
        assert_eq!(signer.bearer(&token, 1_000), None);
        assert_eq!(signer.bearer(&token.replace("3-1", "4-1"), 0), None);
        assert_eq!(signer.bearer("", 0), None);
    }

    #[test]
    fn a_hash_may_be_padded_and_escaped() {
        let text = BASE64_URL_SAFE_NO_PAD.encode([9; 32]);
        for written in [text.clone(), format!("{text}="), format!("{text}%3D")] {
            assert_eq!(hash(&written), Some([9; 32]));
        }
        assert_eq!(hash("AAAA"), None);
    }
}
