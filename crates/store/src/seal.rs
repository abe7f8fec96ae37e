//! Secrets at rest: AES-256-GCM under a master key, the key's id in front so
//! that it can be rotated, the place of the value as associated data so that
//! it can't be moved to another row.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use rand::RngExt;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::error::{Result, StoreError};

/// Layout of a sealed value: 4 bytes key id, 12 bytes nonce, ciphertext with
/// its 16-byte tag.
const HEADER: usize = 4 + 12;

/// Seals and opens values under one master key; opens under older ones too.
pub struct Sealer {
    current: ([u8; 4], Aes256Gcm),
    older: Vec<([u8; 4], Aes256Gcm)>,
}

/// A master key: 32 bytes, written as 64 hexadecimal digits.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// A new random one.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = Zeroizing::new([0u8; 32]);
        rand::rng().fill(&mut *bytes);
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`StoreError::Seal`] with what is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        hex::decode_to_slice(text.trim(), &mut *bytes)
            .map_err(|_| StoreError::Seal("a master key is 64 hexadecimal digits".to_owned()))?;
        Ok(Self(bytes))
    }

    /// 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(*self.0))
    }

    fn id(&self) -> [u8; 4] {
        let digest = Sha256::new().chain_update(b"sparkbot master key id").chain_update(*self.0).finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*self.0))
    }
}

impl Sealer {
    /// Seals under `current`; opens what `older` keys have sealed too.
    #[must_use]
    pub fn new(current: &MasterKey, older: &[MasterKey]) -> Self {
        Self {
            current: (current.id(), current.cipher()),
            older: older.iter().map(|key| (key.id(), key.cipher())).collect(),
        }
    }

    /// Seals `plain` for the place named by `place`.
    ///
    /// # Errors
    /// [`StoreError::Seal`] when the value is larger than AES-GCM takes.
    pub fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0u8; 12];
        rand::rng().fill(&mut nonce);
        let sealed = self
            .current
            .1
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: place })
            .map_err(|_| StoreError::Seal("value too large".to_owned()))?;
        let mut out = Vec::with_capacity(HEADER + sealed.len());
        out.extend_from_slice(&self.current.0);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Whether the current key has sealed this.
    #[must_use]
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.starts_with(&self.current.0)
    }

    /// Opens what [`Sealer::seal`] made for the same place.
    ///
    /// # Errors
    /// [`StoreError::Seal`] when the key is unknown or the value was changed
    /// or moved.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        let (Some(id), Some(nonce)) = (sealed.first_chunk::<4>(), sealed.get(4..HEADER)) else {
            return Err(StoreError::Seal("too short".to_owned()));
        };
        let cipher = std::iter::once(&self.current)
            .chain(&self.older)
            .find(|(known, _)| known == id)
            .map(|(_, cipher)| cipher)
            .ok_or_else(|| StoreError::Seal("sealed under a master key that is not configured".to_owned()))?;
        let nonce: [u8; 12] = nonce.try_into().map_err(|_| StoreError::Seal("too short".to_owned()))?;
        cipher
            .decrypt(&Nonce::from(nonce), Payload { msg: &sealed[HEADER..], aad: place })
            .map_err(|_| StoreError::Seal("changed, moved or sealed under another key".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{MasterKey, Sealer};

    #[test]
    fn opens_only_in_its_place_and_under_a_known_key() {
        let (first, second) = (MasterKey::random(), MasterKey::random());
        let sealer = Sealer::new(&first, &[]);
        let sealed = sealer.seal(b"here", b"secret").expect("sealed");
        assert!(!sealed.windows(6).any(|w| w == b"secret"));
        assert_eq!(sealer.open(b"here", &sealed).expect("opened"), b"secret");
        assert!(sealer.open(b"there", &sealed).is_err());
        let mut changed = sealed.clone();
        *changed.last_mut().expect("not empty") ^= 1;
        assert!(sealer.open(b"here", &changed).is_err());
        assert!(sealer.open(b"here", &sealed[..10]).is_err());

        let rotated = Sealer::new(&second, &[first]);
        assert_eq!(rotated.open(b"here", &sealed).expect("older key"), b"secret");
        assert!(Sealer::new(&second, &[]).open(b"here", &sealed).is_err());
    }

    #[test]
    fn keys_read_back() {
        let key = MasterKey::random();
        assert_eq!(*MasterKey::parse(&key.to_hex()).expect("hex").0, *key.0);
        assert!(MasterKey::parse("short").is_err());
    }
}
