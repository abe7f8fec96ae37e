//! On whose behalf rows are read and written.
//!
//! The surface opens a slot around each request ([`slot`]) and fills it once it
//! knows who asks ([`act`]). From there on the store knows by itself, so that
//! no room has to think of it: numbers that the person has no access to can't
//! be loaded, every event says who made it, and the first transaction of a
//! request that changes something writes its line of the audit log. Work that
//! the server does by itself has no actor.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::ids::{AccountId, DeviceId, KeyId, UserId};

/// The WhatsApp numbers that a person may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Numbers {
    /// All of the account.
    #[default]
    All,
    /// These.
    Some(BTreeSet<String>),
}

impl Numbers {
    /// Whether this number is among them.
    #[must_use]
    pub fn has(&self, device: &DeviceId) -> bool {
        match self {
            Self::All => true,
            Self::Some(ids) => ids.contains(device.as_str()),
        }
    }

    /// The filter that is left of `wanted` (all when empty): ids to look for,
    /// or `None` when nothing can match.
    #[must_use]
    pub fn only(&self, wanted: Vec<String>) -> Option<Vec<String>> {
        let Self::Some(ids) = self else { return Some(wanted) };
        let left: Vec<String> = if wanted.is_empty() {
            ids.iter().cloned().collect()
        } else {
            wanted.into_iter().filter(|id| ids.contains(&id.to_ascii_lowercase())).collect()
        };
        (!left.is_empty()).then_some(left)
    }
}

/// A person who acts through a key, and what they are about to do.
#[derive(Debug)]
pub struct Actor {
    /// In which account.
    pub account: AccountId,
    /// Who.
    pub user: UserId,
    /// What they are called.
    pub name: String,
    /// `admin`, `supervisor` or `agent`.
    pub role: String,
    /// With which key.
    pub key: KeyId,
    /// The numbers they may use.
    pub numbers: Numbers,
    /// Id of the operation: `chats.update`.
    pub action: String,
    /// Whether it changes something.
    pub changes: bool,
    /// The number it names.
    pub device: Option<String>,
    /// Kind and id of the thing it names.
    pub object: Option<(String, String)>,
    /// The address that the request came from.
    pub origin: Option<String>,
    /// When.
    pub at: i64,
    audited: AtomicBool,
}

/// What is known when a person begins to act; see [`Actor`].
#[derive(Debug, Clone)]
pub struct Deed {
    /// Id of the operation.
    pub action: String,
    /// Whether it changes something.
    pub changes: bool,
    /// The number it names.
    pub device: Option<String>,
    /// Kind and id of the thing it names.
    pub object: Option<(String, String)>,
    /// The address that the request came from.
    pub origin: Option<String>,
    /// When.
    pub at: i64,
}

impl Actor {
    /// A person about to act.
    #[must_use]
    pub fn new(
        account: AccountId,
        (user, name, role): (UserId, String, String),
        key: KeyId,
        numbers: Numbers,
        deed: Deed,
    ) -> Self {
        let Deed { action, changes, device, object, origin, at } = deed;
        let audited = AtomicBool::new(false);
        Self { account, user, name, role, key, numbers, action, changes, device, object, origin, at, audited }
    }

    /// Whether a change is still without its line in the audit log.
    #[must_use]
    pub fn owes_a_line(&self) -> bool {
        self.changes && !self.audited.load(Ordering::Relaxed)
    }

    pub(crate) fn set_audited(&self, written: bool) {
        self.audited.store(written, Ordering::Relaxed);
    }
}

tokio::task_local! {
    static ACTOR: Arc<OnceLock<Arc<Actor>>>;
}

/// Runs a request's work with an empty slot for who asks.
pub async fn slot<F: Future>(work: F) -> F::Output {
    ACTOR.scope(Arc::default(), work).await
}

/// Fills the slot of this request; the first one stays.
pub fn act(actor: Actor) {
    // Without a slot nobody asks for it: calls from inside, tests of rules.
    let _filled = ACTOR.try_with(|slot| slot.set(Arc::new(actor)).is_ok());
}

/// Who acts in this task.
#[must_use]
pub fn current() -> Option<Arc<Actor>> {
    ACTOR.try_with(|slot| slot.get().cloned()).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn a_filter_never_widens_what_may_be_used() {
        let some = Numbers::Some(["a", "b"].map(str::to_owned).into());
        assert_eq!(some.only(vec![]), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(some.only(vec!["B".to_owned(), "c".to_owned()]), Some(vec!["B".to_owned()]));
        assert_eq!(some.only(vec!["c".to_owned()]), None);
        assert_eq!(Numbers::Some([].into()).only(vec![]), None);
        assert_eq!(Numbers::All.only(vec![]), Some(vec![]));
    }
}
