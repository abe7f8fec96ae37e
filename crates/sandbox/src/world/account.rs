//! One account: its two names, its phone, its companions, its settings.

use std::collections::{BTreeMap, BTreeSet};

use buffa::Message as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::Rng as _;
use rand::rngs::StdRng;
use sha2::Sha256;
use wacore_binary::{Jid, Server};
use waproto::whatsapp::{
    ADVDeviceIdentity, ADVKeyIndexList, ADVSignedDeviceIdentity, ADVSignedDeviceIdentityHMAC, ADVSignedKeyIndexList,
};

use super::app_state::{AppState, SyncKey};
use super::keys::DeviceKeys;
use super::queue::Queue;
use super::tokens::Token;
use crate::ids::{AccountId, Chat, ConnId, Domain, PhoneNumber};
use crate::phone::Phone;
use crate::stanza::public_bytes;

/// The most companions an account may have; WhatsApp allows four, but tests of
/// failures link and unlink many.
pub(crate) const MAX_COMPANIONS: usize = 32;

/// What the account signature of a device identity is made over, before the
/// identity and the companion's key (`wacore::pair`).
const ACCOUNT_SIGNATURE: [u8; 2] = [6, 0];
/// The same for the list of valid key indexes.
const KEY_INDEX_SIGNATURE: [u8; 2] = [6, 2];
/// The same for the signature a companion gives back.
const DEVICE_SIGNATURE: [u8; 2] = [6, 1];

/// A linked companion.
#[derive(Debug)]
pub(crate) struct Device {
    /// The Noise key it must log in with.
    pub(crate) noise: [u8; 32],
    pub(crate) keys: DeviceKeys,
    /// Its `ADVSignedDeviceIdentity`, with both signatures.
    pub(crate) device_identity: Vec<u8>,
    pub(crate) key_index: u32,
    /// As its device properties call it, `CHROME` for example.
    pub(crate) platform: String,
    pub(crate) os: String,
    pub(crate) linked_at_ms: u64,
    pub(crate) queue: Queue,
    pub(crate) connection: Option<ConnId>,
    /// Whether it says that its person is there.
    pub(crate) available: bool,
    /// Whose presence it has subscribed to on this connection.
    pub(crate) watching: BTreeSet<AccountId>,
    /// Whether it wants all of the history and not only the last months.
    pub(crate) wants_full_history: bool,
}

/// A profile picture.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) id: u64,
    pub(crate) image: Vec<u8>,
    /// A smaller one, if the client made it.
    pub(crate) preview: Option<Vec<u8>>,
}

/// What others may see of an account.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    pub(crate) about: String,
    /// Seconds since the epoch.
    pub(crate) about_set_at: u64,
    pub(crate) picture: Option<Picture>,
    /// A short text with an emoji that stands beside the name.
    pub(crate) text_status: Option<(String, Option<String>)>,
    pub(crate) username: Option<String>,
}

/// One account of the world.
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) number: PhoneNumber,
    /// The user part of its LID.
    pub(crate) lid: String,
    pub(crate) name: String,
    /// Seconds since the epoch.
    pub(crate) created_at: u64,
    raw_id: u32,
    /// Companions by device id; the phone is not among them.
    pub(crate) devices: BTreeMap<u16, Device>,
    pub(crate) phone: Phone,
    pub(crate) app_state: AppState,
    pub(crate) profile: Profile,
    /// A business account's own.
    pub(crate) business: Option<super::business::Business>,
    /// Privacy settings by category.
    pub(crate) privacy: BTreeMap<String, String>,
    pub(crate) blocked: BTreeSet<AccountId>,
    /// Whom it has written to or heard from: they learn of its devices.
    pub(crate) contacts: BTreeSet<AccountId>,
    /// Contacts that a privacy category leaves out.
    pub(crate) disallowed: BTreeMap<String, BTreeSet<AccountId>>,
    /// Whom it has written to.
    pub(crate) wrote_to: BTreeSet<AccountId>,
    /// Tokens it has given, by who holds them.
    pub(crate) tokens: BTreeMap<AccountId, Token>,
    /// Whether it lets nobody approach it who holds no token.
    pub(crate) wants_tokens: bool,
    /// What its companions make tokens of for people who gave them none.
    pub(crate) new_chat_salt: Option<Vec<u8>>,
    /// How long messages of new chats last and since when, in seconds.
    pub(crate) disappearing: (u64, u64),
    /// Devices of others that subscribed to its presence, and under which name.
    pub(crate) watchers: BTreeMap<crate::ids::DeviceRef, Domain>,
    /// To whom its devices are writing, since when and under which name.
    pub(crate) typing: BTreeMap<(u16, Chat), (u64, Domain)>,
    /// Seconds since the epoch, when it was last available.
    pub(crate) last_seen: Option<u64>,
    next_device: u16,
    next_key_index: u32,
}

impl Account {
    /// An account with a phone and no companion; `None` if a key can't be made.
    pub(crate) fn new(
        id: AccountId,
        number: PhoneNumber,
        lid: String,
        name: Option<&str>,
        now_secs: u64,
        rng: &mut StdRng,
    ) -> Option<Self> {
        let name = name.map_or_else(|| number.to_string(), str::to_owned);
        let phone = Phone::new(rng)?;
        let mut new_chat_salt = [0; 32];
        rng.fill_bytes(&mut new_chat_salt);
        let app_state = AppState::new(SyncKey::generate(rng, now_secs), &name, now_secs, rng);
        Some(Self {
            id,
            number,
            lid,
            name,
            created_at: now_secs,
            raw_id: rng.next_u32(),
            devices: BTreeMap::new(),
            phone,
            app_state,
            profile: Profile {
                about: "Hey there! I am using WhatsApp.".to_owned(),
                about_set_at: now_secs,
                ..Profile::default()
            },
            business: None,
            privacy: crate::areas::privacy::defaults(),
            blocked: BTreeSet::new(),
            contacts: BTreeSet::new(),
            disallowed: BTreeMap::new(),
            wrote_to: BTreeSet::new(),
            tokens: BTreeMap::new(),
            wants_tokens: false,
            new_chat_salt: Some(new_chat_salt.to_vec()),
            disappearing: (0, 0),
            watchers: BTreeMap::new(),
            typing: BTreeMap::new(),
            last_seen: None,
            next_device: 1,
            next_key_index: 1,
        })
    }

    /// The account's address without a device.
    pub(crate) fn jid(&self, domain: Domain) -> Jid {
        match domain {
            Domain::Pn => self.number.jid(),
            Domain::Lid => Jid::new(self.lid.as_str(), Server::Lid),
        }
    }

    /// The ids of all its devices, the phone's 0 first.
    pub(crate) fn device_ids(&self) -> Vec<u16> {
        std::iter::once(0).chain(self.devices.keys().copied()).collect()
    }

    /// The id the next companion will have; ids are not used twice.
    pub(crate) fn reserve_device(&mut self) -> Option<(u16, u32)> {
        let device = self.next_device;
        self.next_device = device.checked_add(1)?;
        let key_index = self.next_key_index;
        self.next_key_index += 1;
        Some((device, key_index))
    }

    /// What the phone signs for a companion it lets in: the container of
    /// `pair-success`, authenticated with the secret the companion showed.
    pub(crate) fn admit(
        &self,
        companion_identity: &[u8; 32],
        key_index: u32,
        adv_secret: &[u8; 32],
        now_secs: u64,
        rng: &mut StdRng,
    ) -> Option<Vec<u8>> {
        let details = ADVDeviceIdentity {
            raw_id: Some(self.raw_id),
            timestamp: Some(now_secs),
            key_index: Some(key_index),
            ..Default::default()
        }
        .encode_to_vec();
        let signed_over = [&ACCOUNT_SIGNATURE, details.as_slice(), companion_identity].concat();
        let identity = self.phone.party.identity();
        let signed = ADVSignedDeviceIdentity {
            details: Some(details),
            account_signature_key: Some(public_bytes(&identity.public_key).to_vec()),
            account_signature: Some(identity.private_key.calculate_signature(&signed_over, rng).ok()?.to_vec()),
            device_signature: None,
        }
        .encode_to_vec();
        let mut mac = Hmac::<Sha256>::new_from_slice(adv_secret).ok()?;
        mac.update(&signed);
        let container = ADVSignedDeviceIdentityHMAC {
            hmac: Some(mac.finalize().into_bytes().to_vec()),
            details: Some(signed),
            ..Default::default()
        };
        Some(container.encode_to_vec())
    }

    /// Checks what a companion gives back: both signatures and its place in the
    /// account.
    pub(crate) fn confirms(&self, device_identity: &[u8], companion_identity: &[u8; 32], key_index: u32) -> bool {
        use wacore::libsignal::protocol::PublicKey;
        let Ok(signed) = ADVSignedDeviceIdentity::decode_from_slice(device_identity) else {
            return false;
        };
        let (Some(details), Some(device_signature)) = (signed.details, signed.device_signature) else {
            return false;
        };
        let Ok(identity) = ADVDeviceIdentity::decode_from_slice(&details) else {
            return false;
        };
        let Ok(companion) = PublicKey::from_djb_public_key_bytes(companion_identity) else {
            return false;
        };
        let account_key = public_bytes(&self.phone.party.identity().public_key);
        let signed_over = [&DEVICE_SIGNATURE, details.as_slice(), companion_identity, &account_key].concat();
        identity.raw_id == Some(self.raw_id)
            && identity.key_index == Some(key_index)
            && companion.verify_signature(&signed_over, &device_signature)
    }

    /// The signed list of valid key indexes, as a device list carries it.
    pub(crate) fn key_index_list(&self, now_secs: u64, rng: &mut StdRng) -> Option<Vec<u8>> {
        let list = ADVKeyIndexList {
            raw_id: Some(self.raw_id),
            timestamp: Some(now_secs),
            current_index: Some(self.next_key_index - 1),
            valid_indexes: std::iter::once(0).chain(self.devices.values().map(|device| device.key_index)).collect(),
            ..Default::default()
        }
        .encode_to_vec();
        let signed_over = [&KEY_INDEX_SIGNATURE, list.as_slice()].concat();
        let identity = self.phone.party.identity();
        let signed = ADVSignedKeyIndexList {
            details: Some(list),
            account_signature: Some(identity.private_key.calculate_signature(&signed_over, rng).ok()?.to_vec()),
            account_signature_key: Some(public_bytes(&identity.public_key).to_vec()),
        };
        Some(signed.encode_to_vec())
    }

    /// The app was set up anew: companions of before are strangers.
    pub(crate) fn renew(&mut self, rng: &mut StdRng) {
        self.raw_id = rng.next_u32();
        self.phone.told.clear();
    }

    /// Whether any of its devices says it is available.
    pub(crate) fn is_available(&self) -> bool {
        self.phone.available || self.devices.values().any(|device| device.available)
    }
}
