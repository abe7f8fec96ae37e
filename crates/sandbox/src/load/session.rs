//! What a light client says and understands, without a socket.

use std::collections::HashMap;
use std::time::Instant;

use buffa::{Message as _, MessageField};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use wacore::libsignal::protocol::KeyPair;
use wacore::messages::MessageUtils;
use wacore::pair::{DeviceState, PairUtils};
use wacore_binary::{Jid, Node, Server};
use waproto::whatsapp as wa;
use waproto::whatsapp::{ClientPayload, Message, client_payload};

use super::{Load, LoadError};
use crate::ids::{AccountId, DeviceRef};
use crate::phone::party::Party;
use crate::stanza::{Reading as _, node, public_bytes, server_jid, uint};
use crate::world::keys::{Bundle, SignedKey};

/// What all numbers of a crowd begin with; then seven digits.
const PREFIX: &str = "1700";
/// One-time keys that can be used; the others only take up room.
const REAL_KEYS: usize = 32;

/// The digits of an account's number.
pub(super) fn digits(account: u32) -> String {
    format!("{PREFIX}{account:07}")
}

fn address(device: DeviceRef) -> Jid {
    Jid::new(digits(device.account.0), Server::Pn).with_device(device.device)
}

fn device_of(jid: &Jid) -> Option<DeviceRef> {
    let account = jid.user.as_str().strip_prefix(PREFIX)?.parse().ok()?;
    Some(DeviceRef { account: AccountId(account), device: jid.device })
}

/// What came of a stanza.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// What is to be said to it.
    pub(super) answers: Vec<Node>,
    pub(super) received: u64,
    pub(super) undecryptable: u64,
    /// Since when a message waited for the ack that came.
    pub(super) acknowledged: Option<Instant>,
}

/// One companion.
pub(super) struct Session {
    party: Party,
    pub(super) noise: KeyPair,
    secret: [u8; 32],
    pub(super) device: DeviceRef,
    pub(super) rng: StdRng,
    load: Load,
    next: u64,
    sent: HashMap<String, Instant>,
    /// Messages that wait for the bundles asked for under this id.
    waiting: Option<(String, u64)>,
}

impl Session {
    pub(super) fn new(account: u32, companion: u16, load: Load) -> Option<Self> {
        let mut rng = StdRng::seed_from_u64(u64::from(account) << 16 | u64::from(companion));
        let party = Party::generate(&mut rng)?;
        let noise = KeyPair::generate(&mut rng);
        let mut secret = [0; 32];
        rng.fill_bytes(&mut secret);
        let device = DeviceRef::phone(AccountId(account));
        Some(Self { party, noise, secret, device, rng, load, next: 0, sent: HashMap::new(), waiting: None })
    }

    fn id(&mut self) -> String {
        self.next += 1;
        format!("L{}.{}", self.device.device, self.next)
    }

    fn iq(&mut self, xmlns: &'static str, kind: &'static str, children: Vec<Node>) -> (String, Node) {
        let id = self.id();
        let stanza = node("iq").attr("id", id.as_str()).attr("xmlns", xmlns).attr("type", kind);
        (id, stanza.attr("to", server_jid()).children(children).build())
    }

    /// The payload of a client that wants to be linked.
    pub(super) fn registration(&mut self) -> Option<Vec<u8>> {
        let bundle = self.party.take_bundle(&mut self.rng)?;
        let payload = ClientPayload {
            device_pairing_data: MessageField::some(client_payload::DevicePairingRegistrationData {
                e_regid: Some(bundle.registration_id.to_be_bytes().to_vec()),
                e_keytype: Some(vec![5]),
                e_ident: Some(bundle.identity.to_vec()),
                e_skey_id: Some(bundle.signed.id.to_be_bytes()[1..].to_vec()),
                e_skey_val: Some(bundle.signed.public.to_vec()),
                e_skey_sig: Some(bundle.signed.signature.to_vec()),
                ..Default::default()
            }),
            ..Default::default()
        };
        Some(payload.encode_to_vec())
    }

    /// What the QR for a ref says.
    pub(super) fn qr(&self, reference: &str) -> String {
        use base64::prelude::{BASE64_STANDARD, Engine as _};
        let identity = public_bytes(&self.party.identity().public_key);
        let parts =
            [public_bytes(&self.noise.public_key), identity, self.secret].map(|part| BASE64_STANDARD.encode(part));
        format!("{reference},{},1", parts.join(","))
    }

    /// The answer to `pair-success`; from now on it has its device id.
    pub(super) fn confirm(&mut self, iq: &Node) -> Result<Node, LoadError> {
        let unexpected = || LoadError::Unexpected(format!("{iq:?}"));
        let success = iq.child("pair-success").ok_or_else(unexpected)?;
        let state = DeviceState {
            identity_key: self.party.identity().clone(),
            noise_key: self.noise.clone(),
            adv_secret_key: self.secret,
        };
        let (identity, key_index) = PairUtils::do_pair_crypto(&state, success.body_of("device-identity"))
            .map_err(|error| LoadError::Unexpected(format!("{error:?}")))?;
        let jid = success.child("device").and_then(|device| device.jid_of("jid"));
        self.device = jid.as_ref().and_then(device_of).ok_or_else(unexpected)?;
        Ok(PairUtils::build_pair_success_response(&iq.text_of("id"), identity, key_index))
    }

    /// The payload of a login.
    pub(super) fn login(&self) -> Vec<u8> {
        let username = digits(self.device.account.0).parse().ok();
        ClientPayload { username, device: Some(self.device.device.into()), ..Default::default() }.encode_to_vec()
    }

    /// What a client says after its login: that it is active, and its keys.
    pub(super) fn begin(&mut self) -> Option<[Node; 2]> {
        let (_, active) = self.iq("passive", "set", vec![node("active").build()]);
        let id = |id: u32| node("id").bytes(id.to_be_bytes()[1..].to_vec()).build();
        let mut keys = Vec::with_capacity(self.load.prekeys);
        let own = self.party.take_bundle(&mut self.rng)?;
        for at in 0..self.load.prekeys {
            let (key, public) = if at < REAL_KEYS {
                self.party.take_bundle(&mut self.rng)?.one_time?
            } else {
                let mut public = [0; 32];
                self.rng.fill_bytes(&mut public);
                (u32::try_from(at).ok()? + 1_000, public)
            };
            keys.push(node("key").children([id(key), node("value").bytes(public.to_vec()).build()]).build());
        }
        let signed = node("skey").children([
            id(own.signed.id),
            node("value").bytes(own.signed.public.to_vec()).build(),
            node("signature").bytes(own.signed.signature.to_vec()).build(),
        ]);
        let children = vec![
            node("registration").bytes(own.registration_id.to_be_bytes().to_vec()).build(),
            node("type").bytes(vec![5]).build(),
            node("identity").bytes(own.identity.to_vec()).build(),
            node("list").children(keys).build(),
            signed.build(),
        ];
        let (_, upload) = self.iq("encrypt", "set", children);
        Some([active, upload])
    }

    /// The devices a message goes to: all of the next account, and its own others.
    fn recipients(&self) -> (AccountId, Vec<DeviceRef>) {
        let own = self.device.account;
        let to = AccountId((own.0 + 1) % self.load.accounts);
        let devices = |account| (0..=self.load.companions).map(move |device| DeviceRef { account, device });
        (to, devices(to).chain(devices(own)).filter(|device| *device != self.device).collect())
    }

    /// One more message, or the question for the keys it needs.
    pub(super) fn write(&mut self) -> Option<Node> {
        if let Some((_, waiting)) = &mut self.waiting {
            *waiting += 1;
            return None;
        }
        let (_, devices) = self.recipients();
        let missing: Vec<DeviceRef> = devices.into_iter().filter(|device| !self.party.has_session(*device)).collect();
        if missing.is_empty() {
            return self.message();
        }
        let users = missing.into_iter().map(|device| node("user").attr("jid", address(device)).build());
        let (id, question) = self.iq("encrypt", "get", vec![node("key").children(users.collect::<Vec<_>>()).build()]);
        self.waiting = Some((id, 1));
        Some(question)
    }

    fn message(&mut self) -> Option<Node> {
        let (to, devices) = self.recipients();
        let jid = address(DeviceRef::phone(to));
        let id = self.id();
        let plain = Message {
            conversation: Some(format!("message {id} of {}", digits(self.device.account.0))),
            ..Default::default()
        };
        let own = Message {
            device_sent_message: MessageField::some(wa::message::DeviceSentMessage {
                destination_jid: Some(jid.to_string()),
                message: MessageField::some(plain.clone()),
                ..Default::default()
            }),
            ..Default::default()
        };
        let mut copies = Vec::with_capacity(devices.len());
        for device in devices {
            let message = if device.account == self.device.account { &own } else { &plain };
            let sealed = self.party.seal(device, &MessageUtils::pad_message_v2(message.encode_to_vec())).ok()?;
            let enc = node("enc").attr("v", 2).attr("type", sealed.kind).bytes(sealed.bytes).build();
            copies.push(node("to").attr("jid", address(device)).children([enc]).build());
        }
        self.sent.insert(id.clone(), Instant::now());
        let stanza = node("message").attr("to", jid).attr("id", id).attr("type", "text");
        Some(stanza.children([node("participants").children(copies).build()]).build())
    }

    /// Takes in a stanza.
    pub(super) fn hear(&mut self, stanza: &Node) -> Heard {
        let mut heard = Heard::default();
        match stanza.tag.as_ref() {
            "iq" => self.answered(stanza, &mut heard),
            "ack" if stanza.text_of("class") == "message" => {
                heard.acknowledged = self.sent.remove(stanza.text_of("id").as_ref());
            }
            "message" => self.opened(stanza, &mut heard),
            "receipt" | "notification" => heard.answers.extend(ack(stanza)),
            _ => {}
        }
        heard
    }

    /// Starts sessions from the bundles that were asked for.
    fn answered(&mut self, stanza: &Node, heard: &mut Heard) {
        let Some((_, count)) = self.waiting.take_if(|(id, _)| *id == stanza.text_of("id")) else {
            return;
        };
        for user in stanza.child("list").map(crate::stanza::Reading::nodes).unwrap_or_default() {
            if let Some((device, bundle)) = user.jid_of("jid").as_ref().and_then(device_of).zip(bundle(user)) {
                // One that can't be used shows as a message that is not acknowledged.
                let _ = self.party.start(device, &bundle, &mut self.rng);
            }
        }
        for _ in 0..count {
            heard.answers.extend(self.message());
        }
    }

    fn opened(&mut self, stanza: &Node, heard: &mut Heard) {
        let (Some(from), Some(enc)) = (stanza.jid_of("from"), stanza.child("enc")) else {
            return;
        };
        let opened =
            device_of(&from).map(|device| self.party.open(device, &enc.text_of("type"), enc.body(), &mut self.rng));
        match opened {
            Some(Ok(_)) => heard.received += 1,
            _ => heard.undecryptable += 1,
        }
        if from.user.as_str() == digits(self.device.account.0) {
            heard.answers.extend(ack(stanza));
        } else {
            let receipt = node("receipt").attr("id", stanza.text_of("id").as_ref()).attr("to", from);
            heard.answers.push(receipt.build());
        }
    }
}

fn ack(stanza: &Node) -> Option<Node> {
    let ack = node("ack").attr("class", stanza.tag.as_ref()).attr("id", stanza.maybe_text("id")?);
    Some(ack.attr("to", stanza.jid_of("from")?).build())
}

fn bundle(user: &Node) -> Option<Bundle> {
    let signed = user.child("skey")?;
    Some(Bundle {
        registration_id: uint(user.body_of("registration"))?,
        identity: user.body_of("identity").try_into().ok()?,
        signed: SignedKey {
            id: uint(signed.body_of("id"))?,
            public: signed.body_of("value").try_into().ok()?,
            signature: signed.body_of("signature").try_into().ok()?,
        },
        one_time: match user.child("key") {
            Some(key) => Some((uint(key.body_of("id"))?, key.body_of("value").try_into().ok()?)),
            None => None,
        },
        device_identity: None,
    })
}
