//! All groups and communities, found by id, by member and by invite code.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::group::{Group, Member};
use crate::ids::{AccountId, GroupId};

/// The most groups of one sandbox.
pub(crate) const MAX_GROUPS: usize = 20_000;
/// How many revoked invite codes are remembered, to say that they are gone.
const REMEMBERED: usize = 10_000;

/// All groups of a world.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// Phones hold the version they have last seen, hence the `Arc`.
    all: BTreeMap<GroupId, Arc<Group>>,
    by_code: HashMap<String, GroupId>,
    revoked: VecDeque<String>,
    of: HashMap<AccountId, BTreeSet<GroupId>>,
}

/// What an invite code leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    Valid(GroupId),
    Revoked,
    Unknown,
}

impl Groups {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, id: GroupId) -> Option<&Arc<Group>> {
        self.all.get(&id)
    }

    /// The group, to be changed. Members and invite codes are changed through
    /// the functions below, which keep the indexes right.
    pub(crate) fn change(&mut self, id: GroupId) -> Option<&mut Group> {
        self.all.get_mut(&id).map(Arc::make_mut)
    }

    pub(crate) fn insert(&mut self, group: Group) {
        for member in group.members.keys() {
            self.of.entry(*member).or_default().insert(group.id);
        }
        self.by_code.insert(group.code.clone(), group.id);
        self.all.insert(group.id, Arc::new(group));
    }

    /// Forgets a group.
    pub(crate) fn remove(&mut self, id: GroupId) {
        let Some(group) = self.all.remove(&id) else {
            return;
        };
        for member in group.members.keys() {
            self.no_longer_of(*member, id);
        }
        self.by_code.remove(&group.code);
        self.revoke(group.code.clone());
    }

    /// The groups an account is in.
    pub(crate) fn of(&self, account: AccountId) -> Vec<GroupId> {
        self.of.get(&account).map(|groups| groups.iter().copied().collect()).unwrap_or_default()
    }

    /// Takes somebody in, who is then no longer waiting for it.
    pub(crate) fn join(&mut self, id: GroupId, account: AccountId, member: Member) {
        let Some(group) = self.change(id) else {
            return;
        };
        group.members.insert(account, member);
        group.requests.remove(&account);
        group.invitations.remove(&account);
        group.expelled.remove(&account);
        group.version += 1;
        self.of.entry(account).or_default().insert(id);
    }

    /// Takes somebody out; whether they were in.
    pub(crate) fn leave(&mut self, id: GroupId, account: AccountId) -> bool {
        let Some(group) = self.change(id) else {
            return false;
        };
        let was = group.members.remove(&account).is_some();
        group.version += 1;
        self.no_longer_of(account, id);
        was
    }

    fn no_longer_of(&mut self, account: AccountId, id: GroupId) {
        if let Some(groups) = self.of.get_mut(&account) {
            groups.remove(&id);
            if groups.is_empty() {
                self.of.remove(&account);
            }
        }
    }

    /// Gives a group another invite code.
    pub(crate) fn set_code(&mut self, id: GroupId, code: String) {
        let Some(group) = self.change(id) else {
            return;
        };
        let old = std::mem::replace(&mut group.code, code.clone());
        self.by_code.remove(&old);
        self.by_code.insert(code, id);
        self.revoke(old);
    }

    fn revoke(&mut self, code: String) {
        if self.revoked.len() == REMEMBERED {
            self.revoked.pop_front();
        }
        self.revoked.push_back(code);
    }

    pub(crate) fn by_code(&self, code: &str) -> Code {
        match self.by_code.get(code) {
            Some(id) => Code::Valid(*id),
            None if self.revoked.iter().any(|revoked| revoked == code) => Code::Revoked,
            None => Code::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::group::{Kind, Noted, Role, Settings};
    use super::*;
    use crate::ids::Domain;

    fn group(id: u64, members: &[u32]) -> Group {
        let noted = Noted { id: String::new(), text: "Team".to_owned(), by: AccountId(1), at: 0 };
        Group {
            id: GroupId(id),
            addressing: Domain::Lid,
            creator: AccountId(1),
            created_at: 0,
            subject: noted,
            description: None,
            picture: None,
            members: members
                .iter()
                .map(|member| (AccountId(*member), Member { role: Role::Member, joined_at: 0 }))
                .collect(),
            settings: Settings::default(),
            kind: Kind::Plain,
            code: format!("code{id}"),
            requests: BTreeMap::new(),
            invitations: BTreeMap::new(),
            expelled: BTreeSet::new(),
            version: 0,
        }
    }

    #[test]
    fn knows_the_groups_of_a_person_through_all_changes() {
        let mut groups = Groups::default();
        groups.insert(group(1, &[1, 2]));
        groups.insert(group(2, &[2]));
        assert_eq!(groups.of(AccountId(2)), [GroupId(1), GroupId(2)]);
        assert!(groups.leave(GroupId(1), AccountId(2)));
        assert!(!groups.leave(GroupId(1), AccountId(2)));
        groups.join(GroupId(2), AccountId(1), Member { role: Role::Admin, joined_at: 0 });
        assert_eq!(
            (groups.of(AccountId(1)), groups.of(AccountId(2))),
            (vec![GroupId(1), GroupId(2)], vec![GroupId(2)])
        );
        groups.remove(GroupId(2));
        assert_eq!((groups.of(AccountId(1)), groups.of(AccountId(2))), (vec![GroupId(1)], vec![]));
    }

    #[test]
    fn a_code_that_was_replaced_is_known_as_revoked() {
        let mut groups = Groups::default();
        groups.insert(group(1, &[1]));
        groups.set_code(GroupId(1), "new".to_owned());
        assert_eq!(groups.by_code("new"), Code::Valid(GroupId(1)));
        assert_eq!(groups.by_code("code1"), Code::Revoked);
        assert_eq!(groups.by_code("other"), Code::Unknown);
    }

    #[test]
    fn who_holds_a_version_keeps_it_when_the_group_changes() {
        let mut groups = Groups::default();
        groups.insert(group(1, &[1]));
        let seen = groups.get(GroupId(1)).unwrap().clone();
        groups.join(GroupId(1), AccountId(2), Member { role: Role::Member, joined_at: 0 });
        assert_eq!((seen.members.len(), groups.get(GroupId(1)).unwrap().members.len()), (1, 2));
    }
}
