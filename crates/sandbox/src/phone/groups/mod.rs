//! Groups and status updates on a phone: what it shows of them, and messages to
//! many.

pub(crate) mod incoming;
pub(crate) mod outgoing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ids::{AccountId, Chat, DeviceRef, GroupId};
use crate::world::group::Group;

/// The longest label a member may have, in characters.
pub(crate) const MAX_LABEL: usize = 30;

/// A group as the phone has last heard of it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) group: Arc<Group>,
    /// Whether the person is in it; a group that was left stays in the list.
    pub(crate) member: bool,
    /// What members call themselves here. The server knows nothing of it.
    pub(crate) labels: BTreeMap<AccountId, String>,
}

/// What a phone keeps about chats with many.
#[derive(Default)]
pub(crate) struct Many {
    pub(crate) groups: BTreeMap<GroupId, Known>,
    /// The devices that have the phone's key for a chat.
    given: BTreeMap<Chat, BTreeSet<DeviceRef>>,
}

impl Many {
    /// Takes over a group as it is now; `None` when the person is not in it.
    pub(crate) fn update(&mut self, id: GroupId, group: Option<Arc<Group>>) {
        match group {
            Some(group) => {
                let labels = self.groups.remove(&id).map(|known| known.labels).unwrap_or_default();
                self.groups.insert(id, Known { group, member: true, labels });
            }
            None => {
                if let Some(known) = self.groups.get_mut(&id) {
                    known.member = false;
                }
            }
        }
    }
}
