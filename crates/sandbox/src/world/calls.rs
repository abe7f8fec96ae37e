//! Calls that ring or are held, and links to join one by. Sound and pictures
//! are not simulated.

use std::collections::BTreeMap;

use crate::ids::{AccountId, DeviceRef};

/// The most calls at once; the oldest is forgotten.
const MAX_CALLS: usize = 1_000;
/// The most links; the oldest is forgotten.
const MAX_LINKS: usize = 10_000;

/// A call between two accounts.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The device that calls.
    pub(crate) from: DeviceRef,
    pub(crate) to: AccountId,
    pub(crate) video: bool,
    /// Milliseconds since the epoch.
    pub(crate) began_at: u64,
}

/// A link to join a call by.
#[derive(Debug, Clone)]
pub(crate) struct CallLink {
    pub(crate) creator: AccountId,
    pub(crate) video: bool,
    /// Milliseconds since the epoch.
    pub(crate) created_at: u64,
}

/// All calls and links.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    open: BTreeMap<String, Call>,
    links: BTreeMap<String, CallLink>,
}

impl Calls {
    pub(crate) fn begin(&mut self, id: String, call: Call) {
        if self.open.len() >= MAX_CALLS
            && let Some(oldest) = self.open.iter().min_by_key(|(_, call)| call.began_at).map(|(id, _)| id.clone())
        {
            self.open.remove(&oldest);
        }
        self.open.insert(id, call);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Call> {
        self.open.get(id)
    }

    pub(crate) fn end(&mut self, id: &str) -> Option<Call> {
        self.open.remove(id)
    }

    pub(crate) fn link(&mut self, token: String, link: CallLink) {
        if self.links.len() >= MAX_LINKS
            && let Some(oldest) =
                self.links.iter().min_by_key(|(_, link)| link.created_at).map(|(token, _)| token.clone())
        {
            self.links.remove(&oldest);
        }
        self.links.insert(token, link);
    }

    pub(crate) fn linked(&self, token: &str) -> Option<&CallLink> {
        self.links.get(token)
    }

    /// Links of an account.
    pub(crate) fn links_of(&self, account: AccountId) -> impl Iterator<Item = (&String, &CallLink)> {
        self.links.iter().filter(move |(_, link)| link.creator == account)
    }
}
