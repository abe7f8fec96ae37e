//! Failures on request: which, for whom, how often.
//!
//! Those of connections strike at once when nothing else is said; all others
//! wait for their moment, `count` times or for `forMs`, each time with
//! `probability`. Every fault has random numbers of its own, from its `seed`:
//! the same faults and the same stanzas give the same run.

mod kind;
mod strike;
mod transfer;
mod trouble;

use std::collections::VecDeque;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use wacore_binary::Node;

pub(crate) use kind::Kind;
pub(crate) use strike::Answering;
pub(crate) use transfer::{Mishap, Transfer};
pub(crate) use trouble::Trouble;

use crate::stanza::node;

/// The most faults pending at once.
const MAX_FAULTS: usize = 1_000;
/// How many faults that are over are still listed.
const MAX_OVER: usize = 100;
/// The longest delay, an hour.
const MAX_DELAY_MS: u64 = 3_600_000;
/// The longest time for which a fault lasts, and the furthest a clock is wrong:
/// ten years.
const MAX_LASTING_MS: u64 = 315_360_000_000;
/// How long a ban lasts that says nothing else.
const BAN_MS: u64 = 3_600_000;
/// The longest namespace of an iq that a fault may be for.
const MAX_XMLNS: usize = 128;

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
    /// Of a stream error, a failure, a refused iq or message, or why a ban.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<u32>,
    /// Only iqs of this namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) xmlns: Option<String>,
    /// How often; when absent, once, or without limit when `forMs` is given.
    /// 0 is without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u32>,
    /// For how long from now; until deleted when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) for_ms: Option<u64>,
    /// Of a delay, a stall, or how long a ban lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ms: Option<u64>,
    /// How far the clock is ahead; behind when negative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) skew_ms: Option<i64>,
    /// Between 0 and 1; always when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) probability: Option<f64>,
    /// Of the fault's own random numbers; made up when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<u64>,
}

impl FaultBody {
    /// Whether it strikes the connections there are now and is over then.
    pub(crate) fn is_immediate(&self) -> bool {
        self.kind.strikes_connections() && self.count.is_none() && self.for_ms.is_none() && self.probability.is_none()
    }

    /// Checks it; the error is a sentence for the caller.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.probability.is_some_and(|probability| !(0.0..=1.0).contains(&probability)) {
            return Err("probability must be between 0 and 1".to_owned());
        }
        let lasting = matches!(self.kind, Kind::Failure | Kind::Ban);
        if self.ms.is_some_and(|ms| ms > if lasting { MAX_LASTING_MS } else { MAX_DELAY_MS }) {
            return Err(format!("ms is at most {}", if lasting { MAX_LASTING_MS } else { MAX_DELAY_MS }));
        }
        if self.for_ms.is_some_and(|ms| ms > MAX_LASTING_MS) {
            return Err(format!("forMs is at most {MAX_LASTING_MS}"));
        }
        if self.kind.needs_ms() && self.ms.is_none() {
            return Err("this kind of fault needs ms".to_owned());
        }
        if self.skew_ms.is_some() != (self.kind == Kind::SkewClock) {
            return Err("skew_clock needs skewMs, and nothing else has it".to_owned());
        }
        if self.skew_ms.is_some_and(|ms| ms.unsigned_abs() > MAX_LASTING_MS) {
            return Err(format!("skewMs is between -{MAX_LASTING_MS} and {MAX_LASTING_MS}"));
        }
        if self.kind == Kind::SkewClock && (self.phone.is_some() || self.device.is_some()) {
            return Err("the server has one clock; skew_clock is for no phone in particular".to_owned());
        }
        if self.kind.is_of_downloads() && (self.phone.is_some() || self.device.is_some()) {
            return Err("an address on the media host does not say who fetches; faults of downloads are for no phone in particular".to_owned());
        }
        if self.kind.is_http_refusal() && self.code.is_some_and(|code| !(400..600).contains(&code)) {
            return Err("code is an HTTP status from 400 to 599".to_owned());
        }
        if self.kind == Kind::Ban && self.phone.is_none() {
            return Err("ban needs phone".to_owned());
        }
        if self.xmlns.as_ref().is_some_and(|xmlns| xmlns.len() > MAX_XMLNS) {
            return Err(format!("xmlns has at most {MAX_XMLNS} characters"));
        }
        Ok(())
    }
}

/// A fault that waits for its moment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fault {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) body: FaultBody,
    /// How often it will still strike; absent when without limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left: Option<u32>,
    /// How often it has struck.
    pub(crate) struck: u64,
    /// Until when it may strike, in milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<u64>,
    #[serde(skip)]
    rng: StdRng,
}

/// Whom something happens to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Whom<'a> {
    pub(crate) phone: Option<&'a str>,
    pub(crate) device: Option<u16>,
    /// The namespace, when it is an iq.
    pub(crate) xmlns: Option<&'a str>,
}

/// All pending faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pending: Vec<Fault>,
    over: VecDeque<Fault>,
    next: u64,
}

impl Faults {
    /// A number for a fault that has struck at once.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Keeps a fault for its moment; `None` when there are too many. `seed` is
    /// for a fault that names none.
    pub(crate) fn add(&mut self, mut body: FaultBody, now_ms: u64, seed: u64) -> Option<&Fault> {
        if self.pending.len() >= MAX_FAULTS {
            return None;
        }
        let id = self.next_id();
        if body.kind == Kind::Ban {
            body.for_ms = Some(body.for_ms.or(body.ms).unwrap_or(BAN_MS));
        }
        let standing = matches!(body.kind, Kind::Ban | Kind::SkewClock) || body.for_ms.is_some();
        let left = match body.count {
            None if standing => None,
            None => Some(1),
            Some(0) => None,
            Some(count) => Some(count),
        };
        let seed = *body.seed.get_or_insert(seed);
        let until = body.for_ms.map(|ms| now_ms.saturating_add(ms));
        self.pending.push(Fault { id, body, left, struck: 0, until, rng: StdRng::seed_from_u64(seed) });
        self.pending.last()
    }

    pub(crate) fn list(&self) -> &[Fault] {
        &self.pending
    }

    /// The last faults that are over, oldest first.
    pub(crate) fn over(&self) -> impl Iterator<Item = &Fault> {
        self.over.iter()
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let at = self.pending.iter().position(|fault| fault.id == id);
        at.map(|at| self.end(at)).is_some()
    }

    pub(crate) fn clear(&mut self) {
        while !self.pending.is_empty() {
            self.end(0);
        }
    }

    /// Ends what lasts no longer.
    pub(crate) fn expire(&mut self, now_ms: u64) {
        while let Some(at) = self.pending.iter().position(|fault| fault.until.is_some_and(|until| until <= now_ms)) {
            self.end(at);
        }
    }

    fn end(&mut self, at: usize) {
        if self.over.len() == MAX_OVER {
            self.over.pop_front();
        }
        self.over.push_back(self.pending.remove(at));
    }

    /// How far the server's clock is wrong.
    pub(crate) fn skew_ms(&self) -> i64 {
        self.pending.iter().filter_map(|fault| fault.body.skew_ms).fold(0, i64::saturating_add)
    }

    /// The fault of a kind that strikes now, counted as struck.
    pub(crate) fn strike(&mut self, kind: Kind, whom: Whom<'_>) -> Option<FaultBody> {
        let at = self.pending.iter_mut().position(|fault| {
            let body = &fault.body;
            body.kind == kind
                && body.phone.as_deref().is_none_or(|wanted| Some(wanted) == whom.phone)
                && body.device.is_none_or(|wanted| Some(wanted) == whom.device)
                && body.xmlns.as_deref().is_none_or(|wanted| Some(wanted) == whom.xmlns)
                && body.probability.is_none_or(|probability| fault.rng.random_bool(probability))
        })?;
        let fault = self.pending.get_mut(at)?;
        fault.struck += 1;
        let body = fault.body.clone();
        if let Some(left) = &mut fault.left {
            *left -= 1;
            if *left == 0 {
                self.end(at);
            }
        }
        Some(body)
    }

    /// Whether something goes wrong now.
    pub(crate) fn happens(&mut self, kind: Kind, whom: Whom<'_>) -> bool {
        self.strike(kind, whom).is_some()
    }

    /// The `<failure>` a login is refused with, or the wish to be linked.
    pub(crate) fn refusal(&mut self, whom: Whom<'_>, now_ms: u64) -> Option<Node> {
        let ban =
            self.pending.iter().find(|fault| fault.body.kind == Kind::Ban && fault.body.phone.as_deref() == whom.phone);
        if let Some(left) = ban.map(|ban| ban.until.unwrap_or(now_ms).saturating_sub(now_ms)) {
            let body = self.strike(Kind::Ban, whom)?;
            return Some(failure(402, body.code, Some(left)));
        }
        if self.happens(Kind::Outdated, whom) {
            return Some(failure(405, None, None));
        }
        let body = self.strike(Kind::Failure, whom)?;
        Some(failure(body.code.unwrap_or(503), None, body.ms))
    }
}

/// `<failure reason>`; 402, a temporary ban, says why (101: too many messages
/// to strangers) and for how many seconds.
fn failure(reason: u32, why: Option<u32>, ms: Option<u64>) -> Node {
    let failure = node("failure").attr("reason", reason).attr("location", "sbx");
    if reason == 402 {
        let seconds = ms.unwrap_or(BAN_MS).div_ceil(1000);
        return failure.attr("code", why.unwrap_or(101)).attr("expire", seconds).build();
    }
    failure.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(faults: &mut Faults, json: serde_json::Value) -> u64 {
        let body: FaultBody = serde_json::from_value(json).unwrap();
        body.check().unwrap();
        faults.add(body, 1_000, 1).unwrap().id
    }

    fn of(phone: &str) -> Whom<'_> {
        Whom { phone: Some(phone), device: Some(1), xmlns: None }
    }

    #[test]
    fn strikes_for_whom_and_as_often_as_asked() {
        let mut faults = Faults::default();
        add(&mut faults, serde_json::json!({"kind": "lose_acks", "phone": "+16001234560", "count": 2}));
        let mut lost = |phone| faults.happens(Kind::LoseAcks, of(phone));
        assert!(!lost("+16001234561"));
        assert!(lost("+16001234560"));
        assert!(lost("+16001234560"));
        assert!(!lost("+16001234560"));
        assert!(faults.list().is_empty());
        assert_eq!(faults.over().map(|fault| fault.struck).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_seed_decides_when_it_strikes() {
        let run = |seed: u64| {
            let mut faults = Faults::default();
            add(&mut faults, serde_json::json!({"kind": "duplicate", "count": 0, "probability": 0.5, "seed": seed}));
            (0..64).map(|_| faults.happens(Kind::Duplicate, Whom::default())).collect::<Vec<_>>()
        };
        assert_eq!(run(9), run(9));
        assert_ne!(run(9), run(10));
        assert!(run(9).contains(&true) && run(9).contains(&false));
    }

    #[test]
    fn a_fault_for_a_time_is_over_after_it() {
        let mut faults = Faults::default();
        add(&mut faults, serde_json::json!({"kind": "lose_acks", "forMs": 500}));
        faults.expire(1_499);
        assert!(faults.happens(Kind::LoseAcks, Whom::default()));
        assert!(faults.happens(Kind::LoseAcks, Whom::default()), "without count it strikes all the time");
        faults.expire(1_500);
        assert!(!faults.happens(Kind::LoseAcks, Whom::default()));
    }

    #[test]
    fn a_ban_says_how_long_it_still_lasts() {
        let mut faults = Faults::default();
        add(&mut faults, serde_json::json!({"kind": "ban", "phone": "+16001234560", "ms": 60_000, "code": 103}));
        assert!(faults.refusal(of("+16001234561"), 1_000).is_none());
        let failure = faults.refusal(of("+16001234560"), 31_000).unwrap();
        let said = |name: &str| failure.attrs.get(name).unwrap().as_str().into_owned();
        assert_eq!((said("reason"), said("code"), said("expire")), ("402".into(), "103".into(), "30".into()));
        faults.expire(61_000);
        assert!(faults.refusal(of("+16001234560"), 61_000).is_none());
    }

    #[test]
    fn says_what_is_wrong_with_a_fault() {
        for (json, says) in [
            (serde_json::json!({"kind": "drop", "probability": 2}), "probability"),
            (serde_json::json!({"kind": "delay_acks"}), "needs ms"),
            (serde_json::json!({"kind": "delay_acks", "ms": 3_600_001}), "ms is at most"),
            (serde_json::json!({"kind": "skew_clock"}), "skewMs"),
            (serde_json::json!({"kind": "drop", "skewMs": 1}), "skewMs"),
            (serde_json::json!({"kind": "ban"}), "phone"),
        ] {
            let body: FaultBody = serde_json::from_value(json).unwrap();
            assert!(body.check().unwrap_err().contains(says), "{body:?}");
        }
    }
}
