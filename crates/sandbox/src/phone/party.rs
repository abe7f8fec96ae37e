//! The phone as a party of the Signal protocol: its keys and its sessions.
//!
//! The protocol's functions are async only because stores may be; these are
//! maps, so every future is ready at once.

use std::collections::HashMap;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use rand::Rng as _;
use rand::rngs::StdRng;
use wacore::libsignal::protocol::error::Result as SignalResult;
use wacore::libsignal::protocol::{
    CiphertextMessage, CiphertextMessageType, DeviceId, Direction, GenericSignedPreKey as _, IdentityChange,
    IdentityKey, IdentityKeyPair, IdentityKeyStore, KeyPair, PreKeyBundle, PreKeyId, PreKeyRecord, PreKeySignalMessage,
    PreKeyStore, ProtocolAddress, PublicKey, SessionRecord, SessionStore, SignalMessage, SignalProtocolError,
    SignedPreKeyId, SignedPreKeyRecord, SignedPreKeyStore, Timestamp, UsePQRatchet, message_decrypt, message_encrypt,
    process_prekey_bundle,
};

use crate::ids::DeviceRef;
use crate::stanza::public_bytes;
use crate::world::keys::{Bundle, SignedKey};

/// The id of a phone's only signed prekey.
const SIGNED_ID: u32 = 1;
/// Prekey ids travel in three bytes.
const MAX_ID: u32 = 0x00ff_ffff;
/// The most one-time keys given out and not used yet; the oldest is forgotten.
const MAX_ONE_TIME: usize = 10_000;

/// A sealed message.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// `pkmsg` or `msg`, the `type` of an `<enc>`.
    pub(crate) kind: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// Keys and sessions of one phone.
pub(crate) struct Party {
    identity: KeyPair,
    registration_id: u32,
    signed: SignedKey,
    own: Own,
    one_time: OneTimeKeys,
    signed_store: SignedStore,
    sessions: Sessions,
}

impl Party {
    pub(crate) fn generate(rng: &mut StdRng) -> Option<Self> {
        let identity = KeyPair::generate(rng);
        let signed_pair = KeyPair::generate(rng);
        let signature = identity.private_key.calculate_signature(&signed_pair.public_key.serialize(), rng).ok()?;
        // Registration ids have 14 bits.
        let registration_id = 1 + rng.next_u32() % 16_380;
        let record =
            SignedPreKeyRecord::new(SIGNED_ID.into(), Timestamp::from_epoch_millis(0), &signed_pair, &signature);
        Some(Self {
            own: Own {
                pair: IdentityKeyPair::new(IdentityKey::new(identity.public_key), identity.private_key.clone()),
                registration_id,
                known: HashMap::new(),
            },
            registration_id,
            signed: SignedKey {
                id: SIGNED_ID,
                public: public_bytes(&signed_pair.public_key),
                signature: *signature.first_chunk()?,
            },
            one_time: OneTimeKeys { keys: HashMap::new(), next: 1 },
            signed_store: SignedStore(record),
            sessions: Sessions::default(),
            identity,
        })
    }

    /// The account's identity key.
    pub(crate) fn identity(&self) -> &KeyPair {
        &self.identity
    }

    pub(crate) fn registration_id(&self) -> u32 {
        self.registration_id
    }

    /// A bundle with a one-time key made for it.
    pub(crate) fn take_bundle(&mut self, rng: &mut StdRng) -> Option<Bundle> {
        let pair = KeyPair::generate(rng);
        let id = self.one_time.add(&pair);
        Some(Bundle {
            registration_id: self.registration_id,
            identity: public_bytes(&self.identity.public_key),
            signed: self.signed.clone(),
            one_time: Some((id, public_bytes(&pair.public_key))),
            device_identity: None,
        })
    }

    pub(crate) fn has_session(&self, with: DeviceRef) -> bool {
        self.sessions.0.get(&address(with)).is_some_and(|record| record.session_state().is_some())
    }

    /// Starts a session from a bundle, replacing one that may exist.
    pub(crate) fn start(&mut self, with: DeviceRef, bundle: &Bundle, rng: &mut StdRng) -> SignalResult<()> {
        let one_time = match bundle.one_time {
            Some((id, public)) => Some((PreKeyId::from(id), PublicKey::from_djb_public_key_bytes(&public)?)),
            None => None,
        };
        let identity = IdentityKey::new(PublicKey::from_djb_public_key_bytes(&bundle.identity)?);
        let bundle = PreKeyBundle::new(
            bundle.registration_id,
            DeviceId::new(0),
            one_time,
            bundle.signed.id.into(),
            PublicKey::from_djb_public_key_bytes(&bundle.signed.public)?,
            bundle.signed.signature.to_vec(),
            identity,
        )?;
        ready(process_prekey_bundle(
            &address(with),
            &mut self.sessions,
            &mut self.own,
            &bundle,
            rng,
            UsePQRatchet::No,
        ))?;
        Ok(())
    }

    /// Seals a padded message for a device with which there is a session.
    pub(crate) fn seal(&mut self, to: DeviceRef, padded: &[u8]) -> SignalResult<Sealed> {
        let sealed = ready(message_encrypt(padded, &address(to), &mut self.sessions, &mut self.own))?;
        let kind = match sealed.message_type() {
            CiphertextMessageType::PreKey => "pkmsg",
            _ => "msg",
        };
        Ok(Sealed { kind, bytes: sealed.serialize().to_vec() })
    }

    /// Opens what a device sealed; still padded.
    pub(crate) fn open(
        &mut self,
        from: DeviceRef,
        kind: &str,
        bytes: &[u8],
        rng: &mut StdRng,
    ) -> SignalResult<Vec<u8>> {
        let message = match kind {
            "pkmsg" => CiphertextMessage::PreKeySignalMessage(PreKeySignalMessage::try_from(bytes)?),
            _ => CiphertextMessage::SignalMessage(SignalMessage::try_from(bytes)?),
        };
        let opened = ready(message_decrypt(
            &message,
            &address(from),
            &mut self.sessions,
            &mut self.own,
            &mut self.one_time,
            &self.signed_store,
            rng,
            UsePQRatchet::No,
        ))?;
        if let Some(id) = opened.consumed_prekey_id {
            self.one_time.keys.remove(&u32::from(id));
        }
        Ok(opened.plaintext)
    }

    /// Forgets the session with a device that no longer exists.
    pub(crate) fn forget(&mut self, device: DeviceRef) {
        self.sessions.0.remove(&address(device));
    }

    /// What a retry receipt carries so that the sender can start again.
    pub(crate) fn retry_keys(&mut self, rng: &mut StdRng) -> Option<Bundle> {
        self.take_bundle(rng)
    }
}

/// The maps answer at once; a future that doesn't is a fault of the library.
pub(super) fn ready<T>(future: impl Future<Output = SignalResult<T>>) -> SignalResult<T> {
    future.now_or_never().unwrap_or_else(|| {
        Err(SignalProtocolError::InvalidState("sandbox", "an in-memory store had to wait".to_owned()))
    })
}

fn address(device: DeviceRef) -> ProtocolAddress {
    ProtocolAddress::new(&format!("{}:{}", device.account.0, device.device), DeviceId::new(0))
}

struct Own {
    pair: IdentityKeyPair,
    registration_id: u32,
    known: HashMap<ProtocolAddress, IdentityKey>,
}

#[async_trait]
impl IdentityKeyStore for Own {
    async fn get_identity_key_pair(&self) -> SignalResult<IdentityKeyPair> {
        Ok(self.pair.clone())
    }

    async fn get_local_registration_id(&self) -> SignalResult<u32> {
        Ok(self.registration_id)
    }

    async fn save_identity(
        &mut self,
        address: &ProtocolAddress,
        identity: &IdentityKey,
    ) -> SignalResult<IdentityChange> {
        let before = self.known.insert(address.clone(), *identity);
        Ok(IdentityChange::from_changed(before.is_some_and(|before| before != *identity)))
    }

    /// A phone in a test trusts whoever it meets.
    async fn is_trusted_identity(&self, _: &ProtocolAddress, _: &IdentityKey, _: Direction) -> SignalResult<bool> {
        Ok(true)
    }

    async fn get_identity(&self, address: &ProtocolAddress) -> SignalResult<Option<IdentityKey>> {
        Ok(self.known.get(address).copied())
    }
}

struct OneTimeKeys {
    keys: HashMap<u32, KeyPair>,
    next: u32,
}

impl OneTimeKeys {
    fn add(&mut self, pair: &KeyPair) -> u32 {
        let id = self.next;
        self.next = if id == MAX_ID { 1 } else { id + 1 };
        if self.keys.len() >= MAX_ONE_TIME
            && let Some(oldest) = self.keys.keys().min().copied()
        {
            self.keys.remove(&oldest);
        }
        self.keys.insert(id, pair.clone());
        id
    }
}

#[async_trait]
impl PreKeyStore for OneTimeKeys {
    async fn get_pre_key(&self, id: PreKeyId) -> SignalResult<PreKeyRecord> {
        self.keys
            .get(&u32::from(id))
            .map(|pair| PreKeyRecord::new(id, pair))
            .ok_or(SignalProtocolError::InvalidPreKeyId)
    }

    async fn save_pre_key(&mut self, id: PreKeyId, record: &PreKeyRecord) -> SignalResult<()> {
        self.keys.insert(u32::from(id), record.key_pair()?);
        Ok(())
    }

    async fn remove_pre_key(&mut self, id: PreKeyId) -> SignalResult<()> {
        self.keys.remove(&u32::from(id));
        Ok(())
    }
}

#[derive(Debug)]
struct SignedStore(SignedPreKeyRecord);

#[async_trait]
impl SignedPreKeyStore for SignedStore {
    async fn get_signed_pre_key(&self, id: SignedPreKeyId) -> SignalResult<SignedPreKeyRecord> {
        if u32::from(id) == SIGNED_ID { Ok(self.0.clone()) } else { Err(SignalProtocolError::InvalidSignedPreKeyId) }
    }

    async fn save_signed_pre_key(&mut self, _: SignedPreKeyId, record: &SignedPreKeyRecord) -> SignalResult<()> {
        self.0 = record.clone();
        Ok(())
    }
}

#[derive(Default)]
struct Sessions(HashMap<ProtocolAddress, SessionRecord>);

#[async_trait]
impl SessionStore for Sessions {
    async fn load_session(&self, address: &ProtocolAddress) -> SignalResult<Option<SessionRecord>> {
        Ok(self.0.get(address).cloned())
    }

    async fn has_session(&self, address: &ProtocolAddress) -> SignalResult<bool> {
        Ok(self.0.contains_key(address))
    }

    async fn store_session(&mut self, address: &ProtocolAddress, record: SessionRecord) -> SignalResult<()> {
        self.0.insert(address.clone(), record);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;
    use crate::ids::AccountId;

    #[test]
    fn two_parties_talk_both_ways_and_survive_a_repeated_first_message() {
        let mut rng = StdRng::seed_from_u64(3);
        let (mut ana, mut bob) = (Party::generate(&mut rng).unwrap(), Party::generate(&mut rng).unwrap());
        let (at_ana, at_bob) = (DeviceRef::phone(AccountId(1)), DeviceRef::phone(AccountId(2)));
        let bundle = bob.take_bundle(&mut rng).unwrap();
        ana.start(at_bob, &bundle, &mut rng).unwrap();
        let first = ana.seal(at_bob, b"hello").unwrap();
        assert_eq!(first.kind, "pkmsg");
        assert_eq!(bob.open(at_ana, first.kind, &first.bytes, &mut rng).unwrap(), b"hello");
        assert!(bob.open(at_ana, first.kind, &first.bytes, &mut rng).is_err(), "a ratchet step can't be taken twice");
        let reply = bob.seal(at_ana, b"hi").unwrap();
        assert_eq!(reply.kind, "msg");
        assert_eq!(ana.open(at_bob, reply.kind, &reply.bytes, &mut rng).unwrap(), b"hi");
        let second = ana.seal(at_bob, b"again").unwrap();
        assert_eq!(second.kind, "msg");
    }

    #[test]
    fn bundles_never_share_a_one_time_key() {
        let mut rng = StdRng::seed_from_u64(4);
        let mut party = Party::generate(&mut rng).unwrap();
        let ids: std::collections::HashSet<u32> =
            (0..50).map(|_| party.take_bundle(&mut rng).unwrap().one_time.unwrap().0).collect();
        assert_eq!(ids.len(), 50);
    }
}
