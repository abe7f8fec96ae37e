//! Who may see what of whom.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::World;
use super::account::Account;
use crate::ids::{AccountId, Domain};

/// A category that others' settings have no part in.
const ONLINE: &str = "online";

/// The values each category takes; `None` for a category there is not.
pub(crate) fn values(category: &str) -> Option<&'static [&'static str]> {
    Some(match category {
        "last" | "profile" | "status" | "groupadd" => &["all", "contacts", "contact_blacklist", "none"],
        "readreceipts" => &["all", "none"],
        ONLINE => &["all", "match_last_seen"],
        "calladd" => &["all", "known", "contacts"],
        "messages" => &["all", "contacts"],
        "defense" => &["off", "on_standard"],
        "stickers" => &["all", "contacts", "contact_allowlist", "none"],
        _ => return None,
    })
}

/// Whether a category can leave out single contacts.
pub(crate) fn leaves_out(category: &str) -> bool {
    matches!(category, "last" | "profile" | "status" | "groupadd")
}

impl Account {
    /// Whether somebody stands in the address book of its phone.
    pub(crate) fn has_saved(&self, person: &Self) -> bool {
        let contacts = &self.phone.book.contacts;
        contacts.contains_key(&person.jid(Domain::Pn).to_string())
            || contacts.contains_key(&person.jid(Domain::Lid).to_string())
    }

    /// The hash by which a client knows its copy of a list of people.
    pub(crate) fn list_hash(people: &BTreeSet<AccountId>) -> String {
        let mut hash = Sha256::new();
        for person in people {
            hash.update(person.0.to_be_bytes());
        }
        hex::encode(&hash.finalize()[..8])
    }

    fn setting(&self, category: &str) -> &str {
        self.privacy.get(category).map_or("all", String::as_str)
    }
}

impl World {
    /// Whether `viewer` may see what `owner` shows under a category: `last`,
    /// `online`, `profile`, `status`; or do what it allows: `groupadd`, `calladd`,
    /// `messages`.
    pub(crate) fn may(&self, viewer: AccountId, owner: AccountId, category: &str) -> bool {
        if viewer == owner {
            return true;
        }
        let (Some(owner), Some(viewer)) = (self.accounts.get(&owner), self.accounts.get(&viewer)) else {
            return false;
        };
        if owner.blocked.contains(&viewer.id) {
            return false;
        }
        let saved = || owner.has_saved(viewer);
        match owner.setting(category) {
            "none" => false,
            "contacts" => saved(),
            "contact_blacklist" => {
                saved() && !owner.disallowed.get(category).is_some_and(|left_out| left_out.contains(&viewer.id))
            }
            "known" => saved() || owner.wrote_to.contains(&viewer.id),
            "match_last_seen" => self.may(viewer.id, owner.id, "last"),
            // Who hides when they were there does not see it of others.
            _ if category == "last" => viewer.setting("last") != "none",
            _ => true,
        }
    }
}
