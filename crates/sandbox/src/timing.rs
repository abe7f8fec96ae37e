//! How long things last, and which names phones write under.

use serde::{Deserialize, Serialize};

use crate::ids::Domain;

/// How long things last, in milliseconds unless said otherwise. The defaults are
/// WhatsApp's; tests shorten them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Timing {
    /// How long a link code may be typed: 180 s.
    pub link_code_ms: u64,
    /// How many wrong codes are allowed: 3.
    pub link_code_tries: u32,
    /// How long a phone waits for the companion after a code was typed or
    /// scanned: 30 s.
    pub link_wait_ms: u64,
    /// How long the first QR code is valid: 60 s.
    pub qr_first_ms: u64,
    /// How long each of the five others is valid: 20 s.
    pub qr_next_ms: u64,
    /// After what time someone who began to write and was not heard of again
    /// pauses: 25 s.
    pub presence_ms: u64,
    /// After what time everything is written to a client that never asks for
    /// its offline messages: 1 s.
    pub offline_push_ms: u64,
    /// How long after it was sent a message may be edited: 15 minutes.
    pub edit_ms: u64,
    /// How long after it was sent its author may delete a message for all:
    /// 60 hours.
    pub revoke_ms: u64,
    /// Whether companions get what may be viewed only once; WhatsApp keeps it
    /// from them.
    pub view_once_on_companions: bool,
    /// How long an address on the media host can be fetched: 30 days.
    pub media_life_ms: u64,
    /// From which version on a collection of app state is given to a fresh
    /// companion as a snapshot on the media host, and no longer as patches: 10.
    pub snapshot_from: u64,
    /// Switches clients ask for at every start, by their code: `{"10518": "1"}`.
    pub ab_props: std::collections::BTreeMap<u32, String>,
    /// Under which of their two names phones write to someone who has not
    /// written to them yet.
    pub addressing: Addressing,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            link_code_ms: 180_000,
            link_code_tries: 3,
            link_wait_ms: 30_000,
            qr_first_ms: 60_000,
            qr_next_ms: 20_000,
            presence_ms: 25_000,
            offline_push_ms: 1_000,
            edit_ms: 900_000,
            revoke_ms: 216_000_000,
            view_once_on_companions: false,
            media_life_ms: 2_592_000_000,
            snapshot_from: 10,
            ab_props: std::collections::BTreeMap::new(),
            addressing: Addressing::Lid,
        }
    }
}

/// One of an account's two names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Addressing {
    /// The hidden id, `…@lid`, as WhatsApp does now.
    #[default]
    Lid,
    /// The phone number, `…@s.whatsapp.net`.
    Pn,
}

impl From<Addressing> for Domain {
    fn from(addressing: Addressing) -> Self {
        match addressing {
            Addressing::Lid => Self::Lid,
            Addressing::Pn => Self::Pn,
        }
    }
}
