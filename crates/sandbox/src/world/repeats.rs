//! Recognising a message that a client sends again.

use std::collections::{HashMap, HashSet, VecDeque};

use super::World;
use crate::ids::DeviceRef;

/// How many ids are remembered per device.
const REMEMBERED: usize = 2_000;

/// The last message ids of every device.
#[derive(Debug, Default)]
pub(crate) struct Repeats(HashMap<DeviceRef, (HashSet<String>, VecDeque<String>)>);

impl Repeats {
    /// Remembers an id; false when it is known already.
    fn is_new(&mut self, device: DeviceRef, id: &str) -> bool {
        let (known, order) = self.0.entry(device).or_default();
        if !known.insert(id.to_owned()) {
            return false;
        }
        order.push_back(id.to_owned());
        if order.len() > REMEMBERED
            && let Some(oldest) = order.pop_front()
        {
            known.remove(&oldest);
        }
        true
    }

    pub(crate) fn forget(&mut self, device: DeviceRef) {
        self.0.remove(&device);
    }
}

impl World {
    /// Whether this is the first message of that id from a device.
    pub(crate) fn seen_once(&mut self, device: DeviceRef, id: &str) -> bool {
        self.repeats.is_new(device, id)
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
        assert!(repeats.is_new(one, "A"));
        assert!(!repeats.is_new(one, "A"));
        assert!(repeats.is_new(other, "A"));
        for n in 0..REMEMBERED {
            repeats.is_new(one, &n.to_string());
        }
        assert!(repeats.is_new(one, "A"), "only the last ids are remembered");
    }
}
