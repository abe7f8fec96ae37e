//! Failures on request: which, for whom, how often.
//!
//! Some strike at once (`drop`, `stream_error`, `conflict`, `stall`,
//! `corrupt`); the others wait for their moment, `count` times, each time with
//! `probability` from the world's seeded random numbers.

use rand::RngExt as _;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use wacore_binary::Node;

use crate::stanza::node;

/// The most faults pending at once.
const MAX_FAULTS: usize = 1_000;
/// The longest delay, an hour.
const MAX_DELAY_MS: u64 = 3_600_000;

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The connection is closed without a word.
    Drop,
    /// `<stream:error code>`, then the connection is closed.
    StreamError,
    /// The connection is told that another took its place.
    Conflict,
    /// The server stops reading from the connection and writing to it.
    Stall,
    /// A frame is sent that can't be decrypted.
    Corrupt,
    /// The next login is refused with a reason.
    Failure,
    /// The next request for a link code is answered "too many attempts".
    TooManyLinkCodes,
    /// The next request for a link code is answered by asking for a passkey.
    Passkey,
    /// The ack of the next message is not sent; the message arrives.
    LoseAcks,
    /// The ack of the next message comes `ms` later.
    DelayAcks,
    /// The next message is refused with an error in its ack.
    AckError,
    /// The next message to the companion is written twice.
    Duplicate,
    /// The server does not hear the companion's next ack or receipt.
    LoseReceipts,
    /// The next message to the companion can't be decrypted by it.
    DamageDeliveries,
    /// The next message of the companion can't be decrypted by the others.
    DamageMessages,
}

impl Kind {
    /// Whether it strikes the connections there are, now.
    pub(crate) fn is_immediate(self) -> bool {
        matches!(self, Self::Drop | Self::StreamError | Self::Conflict | Self::Stall | Self::Corrupt)
    }
}

/// What the server is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    LogIn,
    Register,
    LinkCode,
    Passkey,
    LoseAck,
    Delivery,
    DamagedDelivery,
    DamagedMessage,
    ClientAck,
}

/// A fault as a control request asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FaultBody {
    pub(crate) kind: Kind,
    /// Only for this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
    /// Only for this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) device: Option<u16>,
    /// Of a stream error, a failure or a refused message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<u32>,
    /// How often; once when absent, until deleted when 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u32>,
    /// Of a delay, or how long a ban lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ms: Option<u64>,
    /// Between 0 and 1; always when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) probability: Option<f64>,
}

/// A fault that waits for its moment.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fault {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) body: FaultBody,
    /// How often it will still strike; absent when until deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left: Option<u32>,
    /// How often it has struck.
    pub(crate) struck: u64,
}

/// All pending faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pending: Vec<Fault>,
    next: u64,
}

impl Faults {
    /// Checks a fault; the error is a sentence for the caller.
    pub(crate) fn check(body: &FaultBody) -> Result<(), String> {
        if body.probability.is_some_and(|probability| !(0.0..=1.0).contains(&probability)) {
            return Err("probability must be between 0 and 1".to_owned());
        }
        if body.ms.is_some_and(|ms| ms > MAX_DELAY_MS) && body.kind != Kind::Failure {
            return Err(format!("ms is at most {MAX_DELAY_MS}"));
        }
        if body.kind == Kind::DelayAcks && body.ms.is_none() {
            return Err("delay_acks needs ms".to_owned());
        }
        Ok(())
    }

    /// A number for a fault that has struck at once.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Keeps a fault for its moment; `None` when there are too many.
    pub(crate) fn add(&mut self, body: FaultBody) -> Option<u64> {
        if self.pending.len() >= MAX_FAULTS {
            return None;
        }
        let id = self.next_id();
        let left = match body.count {
            None => Some(1),
            Some(0) => None,
            Some(count) => Some(count),
        };
        self.pending.push(Fault { id, body, left, struck: 0 });
        Some(id)
    }

    pub(crate) fn list(&self) -> &[Fault] {
        &self.pending
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.pending.len();
        self.pending.retain(|fault| fault.id != id);
        before != self.pending.len()
    }

    pub(crate) fn clear(&mut self) {
        self.pending.clear();
    }

    /// The fault that strikes now, counted as struck.
    fn strike(&mut self, kind: Kind, phone: Option<&str>, device: Option<u16>, rng: &mut StdRng) -> Option<FaultBody> {
        let at = self.pending.iter().position(|fault| {
            let body = &fault.body;
            body.kind == kind
                && body.phone.as_deref().is_none_or(|wanted| Some(wanted) == phone)
                && body.device.is_none_or(|wanted| Some(wanted) == device)
                && body.probability.is_none_or(|probability| rng.random_bool(probability))
        })?;
        let fault = self.pending.get_mut(at)?;
        fault.struck += 1;
        let body = fault.body.clone();
        if let Some(left) = &mut fault.left {
            *left -= 1;
            if *left == 0 {
                self.pending.remove(at);
            }
        }
        Some(body)
    }

    /// Whether something goes wrong at this moment.
    pub(crate) fn happens(
        &mut self,
        moment: Moment,
        phone: Option<&str>,
        device: Option<u16>,
        rng: &mut StdRng,
    ) -> bool {
        let kind = match moment {
            Moment::LinkCode => Kind::TooManyLinkCodes,
            Moment::Passkey => Kind::Passkey,
            Moment::LoseAck => Kind::LoseAcks,
            Moment::Delivery => Kind::Duplicate,
            Moment::ClientAck => Kind::LoseReceipts,
            Moment::DamagedDelivery => Kind::DamageDeliveries,
            Moment::DamagedMessage => Kind::DamageMessages,
            Moment::LogIn | Moment::Register => Kind::Failure,
        };
        self.strike(kind, phone, device, rng).is_some()
    }

    /// The `<failure>` a login is refused with.
    pub(crate) fn refusal(
        &mut self,
        moment: Moment,
        phone: Option<&str>,
        device: Option<u16>,
        rng: &mut StdRng,
    ) -> Option<Node> {
        if moment == Moment::Register && self.pending.iter().all(|fault| fault.body.phone.is_some()) {
            return None;
        }
        let body = self.strike(Kind::Failure, phone, device, rng)?;
        let reason = body.code.unwrap_or(503);
        let mut failure = node("failure").attr("reason", reason).attr("location", "sbx");
        if reason == 402 {
            // A temporary ban: why (101, too many messages to strangers) and for
            // how many seconds.
            failure = failure.attr("code", 101).attr("expire", body.ms.unwrap_or(3_600_000) / 1000);
        }
        Some(failure.build())
    }

    /// The code a message is refused with.
    pub(crate) fn ack_error(&mut self, phone: Option<&str>, device: Option<u16>, rng: &mut StdRng) -> Option<u32> {
        self.strike(Kind::AckError, phone, device, rng).map(|body| body.code.unwrap_or(479))
    }

    /// For how many milliseconds an ack is held back.
    pub(crate) fn ack_delay(&mut self, phone: Option<&str>, device: Option<u16>, rng: &mut StdRng) -> Option<u64> {
        self.strike(Kind::DelayAcks, phone, device, rng).and_then(|body| body.ms)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    fn body(json: serde_json::Value) -> FaultBody {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn strikes_for_whom_and_as_often_as_asked() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut faults = Faults::default();
        faults.add(body(serde_json::json!({"kind": "lose_acks", "phone": "+16001234560", "count": 2}))).unwrap();
        let mut lost = |phone: &str| faults.happens(Moment::LoseAck, Some(phone), Some(1), &mut rng);
        assert!(!lost("+16001234561"));
        assert!(lost("+16001234560"));
        assert!(lost("+16001234560"));
        assert!(!lost("+16001234560"));
        assert!(faults.list().is_empty());
    }

    #[test]
    fn the_same_seed_strikes_the_same_times() {
        let run = || {
            let mut rng = StdRng::seed_from_u64(9);
            let mut faults = Faults::default();
            faults.add(body(serde_json::json!({"kind": "duplicate", "count": 0, "probability": 0.5}))).unwrap();
            (0..64).map(|_| faults.happens(Moment::Delivery, None, None, &mut rng)).collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
        assert!(run().contains(&true) && run().contains(&false));
    }

    #[test]
    fn a_temporary_ban_says_for_how_long() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut faults = Faults::default();
        faults.add(body(serde_json::json!({"kind": "failure", "code": 402, "ms": 60_000}))).unwrap();
        let failure = faults.refusal(Moment::LogIn, None, None, &mut rng).unwrap();
        assert_eq!(failure.attrs.get("expire").unwrap().as_str(), "60");
        assert!(faults.refusal(Moment::LogIn, None, None, &mut rng).is_none());
    }
}
