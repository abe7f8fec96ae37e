//! Recognising a message that a client sends again.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::World;
use crate::ids::DeviceRef;

/// How many ids are remembered per device.
const REMEMBERED: usize = 2_000;

/// The last message ids of every device.
#[derive(Debug, Default)]
pub(crate) struct Repeats(HashMap<DeviceRef, Sent>);

/// What one device has sent.
#[derive(Debug, Default)]
struct Sent {
    /// Each message's id, and the devices that have asked for it again.
    wanted: HashMap<String, BTreeSet<DeviceRef>>,
    order: VecDeque<String>,
}

/// Who gets a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Whoever it is for.
    All,
    /// It was sent before: of those it is for, the ones that could not open it
    /// and asked for it again. Some clients answer by sending it to everybody
    /// once more.
    Only(BTreeSet<DeviceRef>),
}

impl Audience {
    pub(crate) fn has(&self, device: DeviceRef) -> bool {
        match self {
            Self::All => true,
            Self::Only(devices) => devices.contains(&device),
        }
    }
}

impl Repeats {
    /// Remembers an id, and says for whom a message of that id is now.
    fn audience(&mut self, from: DeviceRef, id: &str) -> Audience {
        let sent = self.0.entry(from).or_default();
        if let Some(wanted) = sent.wanted.get_mut(id) {
            return Audience::Only(std::mem::take(wanted));
        }
        sent.wanted.insert(id.to_owned(), BTreeSet::new());
        sent.order.push_back(id.to_owned());
        if sent.order.len() > REMEMBERED
            && let Some(oldest) = sent.order.pop_front()
        {
            sent.wanted.remove(&oldest);
        }
        Audience::All
    }

    fn wanted(&mut self, from: DeviceRef, id: &str) -> Option<&mut BTreeSet<DeviceRef>> {
        self.0.get_mut(&from)?.wanted.get_mut(id)
    }

    pub(crate) fn forget(&mut self, device: DeviceRef) {
        self.0.remove(&device);
    }
}

impl World {
    /// Who gets a message that a device sends now.
    pub(crate) fn audience(&mut self, from: DeviceRef, id: &str) -> Audience {
        self.repeats.audience(from, id)
    }

    /// A device could not open what another has sent it, and asks for it again.
    pub(crate) fn wants_again(&mut self, device: DeviceRef, from: DeviceRef, id: &str) {
        if let Some(wanted) = self.repeats.wanted(from, id) {
            wanted.insert(device);
        }
    }

    /// A device was sent again what it had asked for.
    pub(crate) fn has_again(&mut self, device: DeviceRef, from: DeviceRef, id: &str) {
        if let Some(wanted) = self.repeats.wanted(from, id) {
            wanted.remove(&device);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;

    #[test]
    fn an_id_is_new_once_per_device() {
        let mut repeats = Repeats::default();
        let (one, other) = (DeviceRef::phone(AccountId(1)), DeviceRef { account: AccountId(1), device: 1 });
        let nobody = Audience::Only(BTreeSet::new());
        assert_eq!(repeats.audience(one, "A"), Audience::All);
        assert_eq!(repeats.audience(one, "A"), nobody);
        assert_eq!(repeats.audience(other, "A"), Audience::All);
        for n in 0..REMEMBERED {
            repeats.audience(one, &n.to_string());
        }
        assert_eq!(repeats.audience(one, "A"), Audience::All, "only the last ids are remembered");
    }

    #[test]
    fn a_message_sent_again_is_for_those_who_asked_once() {
        let mut repeats = Repeats::default();
        let (one, other) = (DeviceRef::phone(AccountId(1)), DeviceRef::phone(AccountId(2)));
        assert!(repeats.wanted(one, "A").is_none(), "nothing was sent yet");
        repeats.audience(one, "A");
        repeats.wanted(one, "A").unwrap().insert(other);
        assert_eq!(repeats.audience(one, "A"), Audience::Only([other].into()));
        assert_eq!(repeats.audience(one, "A"), Audience::Only(BTreeSet::new()));
    }
}
