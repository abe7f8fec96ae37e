//! A connection after its handshake: a companion to be, or one logged in.

use buffa::Message as _;
use wacore_binary::Node;
use waproto::whatsapp::{ClientPayload, DeviceProps};

use super::World;
use super::keys::{DeviceKeys, SignedKey};
use crate::fault::{Trouble, Whom};
use crate::ids::{AccountId, ConnId, DeviceRef, PhoneNumber};
use crate::stanza::{node, uint};

/// How far a device has got with what waited for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backlog {
    /// It has not said that it is active; nothing is written yet.
    Waiting,
    /// It is pulling stanzas numbered up to `until`, `total` of them.
    Draining { until: u64, total: usize, written: usize },
    /// It gets stanzas as they come.
    Live,
}

/// A client that shows QR codes or a link code.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) keys: DeviceKeys,
    pub(crate) platform: String,
    pub(crate) os: String,
    pub(crate) wants_full_history: bool,
    /// The refs in its QR codes, and until when each may be scanned.
    pub(crate) refs: Vec<(String, u64)>,
    /// The account that has admitted it, and what it must confirm.
    pub(crate) admitted: Option<Admission>,
}

/// A link that only lacks the companion's confirmation.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    pub(crate) device: DeviceRef,
    pub(crate) key_index: u32,
    pub(crate) stanza_id: String,
    /// The attempt, under which the outcome is told to whoever asked.
    pub(crate) attempt: u64,
}

/// What a connection is.
#[derive(Debug)]
pub(crate) enum Stage {
    Linking(Box<Candidate>),
    LoggedIn(DeviceRef),
    /// Refused or removed; only waits to be closed.
    Ended,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnId,
    pub(crate) opened_at_ms: u64,
    pub(crate) pattern: &'static str,
    pub(crate) client_static: [u8; 32],
    pub(crate) stage: Stage,
    pub(crate) backlog: Backlog,
    pub(crate) trouble: Trouble,
    /// A message that a fault lets come after the next one.
    pub(crate) set_back: Option<Node>,
}

impl Connection {
    pub(crate) fn device(&self) -> Option<DeviceRef> {
        match self.stage {
            Stage::LoggedIn(device) => Some(device),
            _ => None,
        }
    }

    pub(crate) fn candidate(&self) -> Option<&Candidate> {
        match &self.stage {
            Stage::Linking(candidate) => Some(candidate),
            _ => None,
        }
    }

    pub(crate) fn candidate_mut(&mut self) -> Option<&mut Candidate> {
        match &mut self.stage {
            Stage::Linking(candidate) => Some(candidate),
            _ => None,
        }
    }
}

impl World {
    /// Takes in a connection whose handshake is done, and answers its login or
    /// its wish to be linked.
    pub(crate) fn open(&mut self, pattern: &'static str, client_static: [u8; 32], payload: &[u8]) -> ConnId {
        let id = self.new_connection();
        self.connections.insert(
            id,
            Connection {
                id,
                opened_at_ms: self.now_ms(),
                pattern,
                client_static,
                stage: Stage::Ended,
                backlog: Backlog::Waiting,
                trouble: Trouble::None,
                set_back: None,
            },
        );
        let Ok(payload) = ClientPayload::decode_from_slice(payload) else {
            self.refuse(id, 500, "internal-error");
            return id;
        };
        if let Some(candidate) = candidate(&payload) {
            let now = self.now_ms();
            if let Some(refusal) = self.faults.refusal(Whom::default(), now) {
                self.refuse_with(id, &refusal);
                return id;
            }
            self.set_stage(id, Stage::Linking(Box::new(candidate)));
            crate::areas::linking_qr::begin(self, id);
        } else {
            crate::areas::session::log_in(self, id, &payload);
        }
        self.changed();
        id
    }

    pub(crate) fn set_stage(&mut self, conn: ConnId, stage: Stage) {
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.stage = stage;
        }
    }

    /// `<failure reason>` and the end of the connection.
    pub(crate) fn refuse(&mut self, conn: ConnId, reason: u32, location: &str) {
        self.refuse_with(conn, &node("failure").attr("reason", reason).attr("location", location).build());
    }

    pub(crate) fn refuse_with(&mut self, conn: ConnId, failure: &Node) {
        self.send(conn, failure.clone());
        self.set_stage(conn, Stage::Ended);
        self.close(conn);
    }

    /// `<stream:error>` and the end of the connection.
    pub(crate) fn end_stream(&mut self, conn: ConnId, error: Node) {
        self.send(conn, error);
        self.leave(conn);
        self.set_stage(conn, Stage::Ended);
        self.close(conn);
    }

    /// Takes in a stanza.
    pub(crate) fn received(&mut self, conn: ConnId, node: &Node) {
        let Some(connection) = self.connections.get(&conn) else {
            return;
        };
        if !matches!(connection.stage, Stage::Ended) {
            self.take_in(conn, node);
        }
    }

    /// Forgets a connection that is closed.
    pub(crate) fn closed(&mut self, conn: ConnId) {
        self.leave(conn);
        self.links.connection_closed(conn);
        self.connections.remove(&conn);
        self.changed();
    }

    /// Takes the device of a connection off line.
    pub(crate) fn leave(&mut self, conn: ConnId) {
        let Some(device) = self.device_of(conn) else {
            return;
        };
        let Some(companion) =
            self.accounts.get_mut(&device.account).and_then(|account| account.devices.get_mut(&device.device))
        else {
            return;
        };
        if companion.connection == Some(conn) {
            companion.connection = None;
            crate::areas::presence::gone(self, device);
        }
    }
}

fn candidate(payload: &ClientPayload) -> Option<Candidate> {
    let data = payload.device_pairing_data.as_option()?;
    let properties =
        data.device_props.as_deref().and_then(|bytes| DeviceProps::decode_from_slice(bytes).ok()).unwrap_or_default();
    let signed = SignedKey {
        id: uint(data.e_skey_id.as_deref()?)?,
        public: data.e_skey_val.as_deref()?.try_into().ok()?,
        signature: data.e_skey_sig.as_deref()?.try_into().ok()?,
    };
    let identity = data.e_ident.as_deref()?.try_into().ok()?;
    Some(Candidate {
        keys: DeviceKeys {
            registration_id: uint(data.e_regid.as_deref()?)?,
            identity,
            signed,
            one_time: std::collections::VecDeque::new(),
            uploaded: false,
        },
        platform: properties.platform_type.map_or_else(|| "UNKNOWN".to_owned(), |kind| format!("{kind:?}")),
        wants_full_history: properties.require_full_sync == Some(true),
        os: properties.os.unwrap_or_default(),
        refs: Vec::new(),
        admitted: None,
    })
}

/// The account and device a login payload names.
pub(crate) fn login_of(world: &World, payload: &ClientPayload) -> Option<(Option<AccountId>, u16)> {
    let number = PhoneNumber::parse(&payload.username?.to_string())?;
    let device = u16::try_from(payload.device.unwrap_or(0)).ok()?;
    Some((world.find_number(&number), device))
}
