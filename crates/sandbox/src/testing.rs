//! A companion for tests of the rules: it speaks stanzas, not bytes.

use buffa::{Message as _, MessageField};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use wacore::libsignal::protocol::KeyPair;
use wacore::messages::MessageUtils;
use wacore::pair::{DeviceState, PairUtils};
use wacore_binary::{Jid, Node};
use waproto::whatsapp as wa;
use waproto::whatsapp::{ClientPayload, Message, client_payload};

use crate::ids::{AccountId, ConnId, DeviceRef, Domain, PhoneNumber};
use crate::phone::party::Party;
use crate::stanza::{Reading as _, node, public_bytes, server_jid, uint};
use crate::timing::Timing;
use crate::world::keys::{Bundle, SignedKey};
use crate::world::{Output, World};

/// The time at which every test begins, in milliseconds.
pub(crate) const START: u64 = 1_800_000_000_000;

/// A world with a fixed seed.
pub(crate) fn world() -> World {
    World::new(1, Timing::default(), START)
}

/// The account of a number, made if need be.
pub(crate) fn account(world: &mut World, number: &str) -> AccountId {
    world.account_or_new(&PhoneNumber::parse(number).unwrap(), None).unwrap().0
}

/// Lets time pass.
pub(crate) fn pass(world: &mut World, ms: u64) {
    world.set_now(world.now_ms() + ms);
    world.tick();
    world.settle();
}

/// What the server wrote to a connection since it was last asked.
pub(crate) fn written(world: &mut World, conn: ConnId) -> Vec<Node> {
    world.settle();
    let mut mine = Vec::new();
    for output in world.take_outputs() {
        match output {
            Output::Send(to, node) if to == conn => mine.push(node),
            Output::Close(to) | Output::Cut(to) if to == conn => world.closed(conn),
            other => world.requeue(other),
        }
    }
    mine
}

/// The first stanza with this tag.
#[track_caller]
pub(crate) fn one<'n>(stanzas: &'n [Node], tag: &str) -> &'n Node {
    stanzas.iter().find(|node| node.tag == tag).unwrap_or_else(|| panic!("no <{tag}> in {stanzas:#?}"))
}

/// A linked or to be linked client.
pub(crate) struct Companion {
    pub(crate) party: Party,
    pub(crate) noise: [u8; 32],
    pub(crate) secret: [u8; 32],
    pub(crate) conn: ConnId,
    pub(crate) device: DeviceRef,
    rng: StdRng,
    next: u32,
}

impl Companion {
    /// Connects as a client that wants to be linked.
    pub(crate) fn candidate(world: &mut World, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let party = Party::generate(&mut rng).unwrap();
        let noise = public_bytes(&KeyPair::generate(&mut rng).public_key);
        let mut companion = Self {
            party,
            noise,
            secret: [u8::try_from(seed % 251).unwrap(); 32],
            conn: ConnId(0),
            device: DeviceRef::phone(AccountId(0)),
            rng,
            next: 0,
        };
        let bundle = companion.party.take_bundle(&mut companion.rng).unwrap();
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
        companion.conn = world.open("XX", noise, &payload.encode_to_vec());
        companion
    }

    /// A companion that is linked, logged in, has its keys uploaded and has
    /// nothing left to read.
    pub(crate) fn linked(world: &mut World, number: &str, seed: u64) -> Self {
        let mut companion = Self::candidate(world, seed);
        let account = account(world, number);
        let attempt = world.links.attempt(companion.conn);
        crate::areas::linking_qr::admit(world, companion.conn, account, &companion.secret, attempt).unwrap();
        companion.confirm(world);
        companion.log_in(world);
        companion.upload(world, 20);
        companion.read(world);
        companion
    }

    /// Answers `pair-success` as a client does.
    pub(crate) fn confirm(&mut self, world: &mut World) {
        let stanzas = written(world, self.conn);
        let iq = stanzas.iter().find(|node| node.child("pair-success").is_some()).expect("a pair-success");
        let success = iq.child("pair-success").unwrap();
        let state = DeviceState {
            identity_key: self.party.identity().clone(),
            noise_key: self.party.identity().clone(),
            adv_secret_key: self.secret,
        };
        let (identity, key_index) = PairUtils::do_pair_crypto(&state, success.body_of("device-identity")).unwrap();
        self.device = world.find_device(&success.child("device").unwrap().jid_of("jid").unwrap()).unwrap();
        let answer = PairUtils::build_pair_success_response(&iq.text_of("id"), identity, key_index);
        world.received(self.conn, &answer);
    }

    /// Logs in and becomes active; gives back what the server wrote.
    pub(crate) fn log_in(&mut self, world: &mut World) -> Vec<Node> {
        let username = world.accounts[&self.device.account].number.digits().parse().unwrap();
        let payload =
            ClientPayload { username: Some(username), device: Some(self.device.device.into()), ..Default::default() };
        self.conn = world.open("IK", self.noise, &payload.encode_to_vec());
        self.iq(world, "passive", "set", node("active").build());
        written(world, self.conn)
    }

    /// Sends an iq.
    pub(crate) fn iq(&mut self, world: &mut World, xmlns: &str, kind: &str, child: Node) {
        self.next += 1;
        let stanza = node("iq")
            .attr("id", self.next)
            .attr("xmlns", xmlns)
            .attr("type", kind)
            .attr("to", server_jid())
            .children([child]);
        world.received(self.conn, &stanza.build());
    }

    /// Sends an iq and gives back its answer.
    #[track_caller]
    pub(crate) fn ask(&mut self, world: &mut World, xmlns: &str, kind: &str, child: Node) -> Node {
        self.iq(world, xmlns, kind, child);
        let id = self.next.to_string();
        written(world, self.conn)
            .into_iter()
            .find(|node| node.tag == "iq" && node.text_of("id") == id)
            .expect("an answer")
    }

    /// Uploads one-time keys.
    pub(crate) fn upload(&mut self, world: &mut World, count: usize) {
        let id = |id: u32| node("id").bytes(id.to_be_bytes()[1..].to_vec()).build();
        let bundles: Vec<Bundle> = (0..count).map(|_| self.party.take_bundle(&mut self.rng).unwrap()).collect();
        let keys = bundles
            .iter()
            .filter_map(|bundle| bundle.one_time)
            .map(|(key, public)| node("key").children([id(key), node("value").bytes(public.to_vec()).build()]).build());
        let own = &bundles[0];
        self.next += 1;
        let stanza = node("iq")
            .attr("id", self.next)
            .attr("xmlns", "encrypt")
            .attr("type", "set")
            .attr("to", server_jid())
            .children([
                node("registration").bytes(own.registration_id.to_be_bytes().to_vec()).build(),
                node("type").bytes(vec![5]).build(),
                node("identity").bytes(own.identity.to_vec()).build(),
                node("list").children(keys.collect::<Vec<_>>()).build(),
                node("skey")
                    .children([
                        id(own.signed.id),
                        node("value").bytes(own.signed.public.to_vec()).build(),
                        node("signature").bytes(own.signed.signature.to_vec()).build(),
                    ])
                    .build(),
            ]);
        world.received(self.conn, &stanza.build());
    }

    /// Takes everything that was written, decrypts the messages, acknowledges
    /// all, and gives back the texts with their senders.
    pub(crate) fn read(&mut self, world: &mut World) -> Vec<(Jid, String)> {
        let stanzas = written(world, self.conn);
        let mut texts = Vec::new();
        for stanza in &stanzas {
            if let Some(text) = self.open(world, stanza) {
                texts.push((stanza.jid_of("from").unwrap(), text));
            }
            self.acknowledge(world, stanza);
        }
        texts
    }

    /// The text of a message stanza, its own or another's.
    pub(crate) fn open(&mut self, world: &World, stanza: &Node) -> Option<String> {
        let enc = stanza.child("enc")?;
        let from = world.find_device(&stanza.jid_of("from")?)?;
        let padded = self.party.open(from, &enc.text_of("type"), enc.body(), &mut self.rng).ok()?;
        let message = Message::decode_from_slice(MessageUtils::unpad_message_ref(&padded, 2).ok()?).ok()?;
        match message.device_sent_message.into_option() {
            Some(sent) => sent.message.into_option()?.conversation,
            None => message.conversation,
        }
    }

    /// Answers a stanza with an ack.
    pub(crate) fn acknowledge(&self, world: &mut World, stanza: &Node) {
        if let (Some(id), Some(from)) = (stanza.maybe_text("id"), stanza.jid_of("from")) {
            let ack = node("ack").attr("class", stanza.tag.as_ref()).attr("id", id).attr("to", from);
            world.received(self.conn, &ack.build());
        }
    }

    /// Sends a text to the devices given, sealed for each.
    pub(crate) fn send(
        &mut self,
        world: &mut World,
        id: &str,
        to: AccountId,
        devices: &[DeviceRef],
        text: &str,
        domain: Domain,
    ) -> Node {
        let jid = world.accounts[&to].jid(domain);
        let plain = Message { conversation: Some(text.to_owned()), ..Default::default() };
        let own = Message {
            device_sent_message: MessageField::some(wa::message::DeviceSentMessage {
                destination_jid: Some(jid.to_string()),
                message: MessageField::some(plain.clone()),
                ..Default::default()
            }),
            ..Default::default()
        };
        let participants = devices.iter().map(|device| {
            let message = if device.account == self.device.account { &own } else { &plain };
            let padded = MessageUtils::pad_message_v2(message.encode_to_vec());
            if !self.party.has_session(*device) {
                let bundle = self.bundle(world, world.jid(*device, domain));
                self.party.start(*device, &bundle, &mut self.rng).unwrap();
            }
            let sealed = self.party.seal(*device, &padded).unwrap();
            let enc = node("enc").attr("v", 2).attr("type", sealed.kind).bytes(sealed.bytes).build();
            node("to").attr("jid", world.jid(*device, domain)).children([enc]).build()
        });
        let participants: Vec<Node> = participants.collect();
        let stanza =
            node("message")
                .attr("to", jid)
                .attr("id", id)
                .attr("type", "text")
                .children([node("participants").children(participants).build()]);
        let stanza = stanza.build();
        world.received(self.conn, &stanza);
        stanza
    }

    /// Fetches a bundle as a client does.
    pub(crate) fn bundle(&mut self, world: &mut World, jid: Jid) -> Bundle {
        let answer =
            self.ask(world, "encrypt", "get", node("key").children([node("user").attr("jid", jid).build()]).build());
        let user = answer.child("list").and_then(|list| list.child("user")).expect("a user");
        let signed = user.child("skey").expect("a signed key");
        Bundle {
            registration_id: uint(user.body_of("registration")).unwrap(),
            identity: user.body_of("identity").try_into().unwrap(),
            signed: SignedKey {
                id: uint(signed.body_of("id")).unwrap(),
                public: signed.body_of("value").try_into().unwrap(),
                signature: signed.body_of("signature").try_into().unwrap(),
            },
            one_time: user
                .child("key")
                .map(|key| (uint(key.body_of("id")).unwrap(), key.body_of("value").try_into().unwrap())),
            device_identity: user.child("device-identity").map(|identity| identity.body().to_vec()),
        }
    }
}
