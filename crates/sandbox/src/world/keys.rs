//! The Signal keys a companion has uploaded, and the bundles made of them.

use std::collections::VecDeque;

use wacore::iq::prekeys::{OneTimePreKeyNode, PreKeyBundleUserNode, SignedPreKeyNode};
use wacore::libsignal::protocol::PublicKey;
use wacore::protocol::ProtocolNode as _;
use wacore_binary::{Jid, Node};

use super::World;
use crate::ids::DeviceRef;

/// The most one-time keys kept per device; clients upload 812 or fewer at once.
pub(crate) const MAX_ONE_TIME: usize = 5_000;
/// Below this many one-time keys the device is asked for more.
pub(crate) const LOW_ONE_TIME: usize = 10;

/// A signed prekey: id below 2^24, raw public key, XEdDSA signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignedKey {
    pub(crate) id: u32,
    pub(crate) public: [u8; 32],
    pub(crate) signature: [u8; 64],
}

impl SignedKey {
    /// Whether `identity` has signed this key, as clients check it.
    pub(crate) fn signed_by(&self, identity: &[u8; 32]) -> bool {
        let Ok(identity) = PublicKey::from_djb_public_key_bytes(identity) else {
            return false;
        };
        let mut serialized = [5; 33];
        serialized[1..].copy_from_slice(&self.public);
        identity.verify_signature(&serialized, &self.signature)
    }
}

/// The public keys of one companion.
#[derive(Debug, Clone)]
pub(crate) struct DeviceKeys {
    pub(crate) registration_id: u32,
    pub(crate) identity: [u8; 32],
    pub(crate) signed: SignedKey,
    /// Not yet handed out, oldest first.
    pub(crate) one_time: VecDeque<(u32, [u8; 32])>,
    /// Whether the device has ever uploaded one-time keys.
    pub(crate) uploaded: bool,
}

/// What a stranger needs to start a Signal session with a device.
#[derive(Debug, Clone)]
pub(crate) struct Bundle {
    pub(crate) registration_id: u32,
    pub(crate) identity: [u8; 32],
    pub(crate) signed: SignedKey,
    pub(crate) one_time: Option<(u32, [u8; 32])>,
    /// The signed device identity of a companion, proof of its account.
    pub(crate) device_identity: Option<Vec<u8>>,
}

impl Bundle {
    /// `<user jid>` as an answer to a bundle request carries it.
    pub(crate) fn into_node(self, jid: Jid) -> Node {
        PreKeyBundleUserNode {
            jid,
            registration_id: self.registration_id,
            identity_key: self.identity.to_vec(),
            signed_pre_key: SignedPreKeyNode::new(
                self.signed.id,
                self.signed.public.to_vec(),
                self.signed.signature.to_vec(),
            ),
            one_time_pre_key: self.one_time.map(|(id, public)| OneTimePreKeyNode::new(id, public.to_vec())),
            device_identity: self.device_identity,
        }
        .into_node()
    }
}

impl World {
    /// A bundle of the device; its one-time key is never handed out again. A
    /// companion that runs low is told so.
    pub(crate) fn take_bundle(&mut self, device: DeviceRef) -> Option<Bundle> {
        let account = self.accounts.get_mut(&device.account)?;
        if device.is_phone() {
            return account.phone.party.take_bundle(&mut self.rng);
        }
        let companion = account.devices.get_mut(&device.device)?;
        let one_time = companion.keys.one_time.pop_front();
        let left = companion.keys.one_time.len();
        let bundle = Bundle {
            registration_id: companion.keys.registration_id,
            identity: companion.keys.identity,
            signed: companion.keys.signed.clone(),
            one_time,
            device_identity: Some(companion.device_identity.clone()),
        };
        if companion.keys.uploaded && left + 1 == LOW_ONE_TIME {
            crate::areas::notifications::low_keys(self, device, left);
        }
        Some(bundle)
    }
}
