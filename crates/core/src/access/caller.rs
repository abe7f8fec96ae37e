//! Who asks, and what they may.

use sparkbot_store::actor::{self, Actor, Deed};

use super::{Numbers, Reach, Role, Scope, Sight};
use crate::app::Core;
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, DeviceId, KeyId, UserId};

/// Who asks, proven by a key. What they may is what both the key's scopes and
/// the person's role allow.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Whose data they see.
    pub account: AccountId,
    /// For whom the key acts.
    pub user: UserId,
    /// What they are called.
    pub name: String,
    /// What they are in the team.
    pub role: Role,
    /// The numbers that they may use.
    pub numbers: Numbers,
    /// Ids of the departments that they work in, of all numbers.
    pub departments: Vec<String>,
    /// The key.
    pub key: KeyId,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
}

impl Caller {
    /// The person who runs the server, at its command line.
    #[must_use]
    pub fn operator(account: AccountId, user: UserId, key: KeyId) -> Self {
        Self {
            account,
            user,
            name: "Administrator".to_owned(),
            role: Role::Admin,
            numbers: Numbers::All,
            departments: Vec::new(),
            key,
            scopes: vec![Scope::All],
        }
    }

    /// Whether both key and role allow it.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.has(scope) && scope.reach(self.role) != Reach::Not
    }

    fn has(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|s| *s == Scope::All || *s == scope)
    }

    /// Refuses what key or role do not allow.
    ///
    /// # Errors
    /// [`Kind::Forbidden`], naming what is missing.
    pub fn need(&self, scope: Scope) -> Result<()> {
        if !self.has(scope) {
            return Err(Error::new(Kind::Forbidden, "auth:scope", format!("This API key lacks the scope '{scope}'."))
                .hint("Use a key that has it, or make one with `sparkbot key create --scope …`."));
        }
        if scope.reach(self.role) == Reach::Not {
            let role = self.role;
            return Err(Error::new(
                Kind::Forbidden,
                "auth:role",
                format!("The role '{role}' does not include '{scope}': {}", scope.about().to_lowercase()),
            )
            .hint("Ask somebody whose role includes it; the documentation of the team shows the table."));
        }
        Ok(())
    }

    /// Which chats they see of the numbers that they may use.
    #[must_use]
    pub fn sight(&self) -> Sight {
        match self.role {
            Role::Admin | Role::Supervisor => Sight::All,
            Role::Agent => Sight::Agent { user: self.user.to_string(), departments: self.departments.clone() },
        }
    }

    /// What is left of a filter by numbers (all when empty) that they may use;
    /// `None` when nothing is.
    #[must_use]
    pub fn numbers_of(&self, wanted: Vec<String>) -> Option<Vec<String>> {
        self.numbers.only(wanted)
    }

    /// Whether they may use a number, for things that were loaded by themselves.
    ///
    /// # Errors
    /// `device:forbidden`.
    pub fn need_number(&self, device: &DeviceId) -> Result<()> {
        if self.numbers.has(device) { Ok(()) } else { Err(devices::forbidden(device.as_str())) }
    }
}

/// Lets a caller begin: refuses what they may not, and from here on makes what
/// this request does theirs. `number` is the one that the request names.
///
/// # Errors
/// `auth:scope`, `auth:role`, `device:notfound`, `device:forbidden`.
pub async fn enter(
    core: &Core,
    caller: &Caller,
    scope: Option<Scope>,
    number: Option<&DeviceId>,
    deed: Deed,
) -> Result<()> {
    scope.map_or(Ok(()), |scope| caller.need(scope))?;
    let person = (caller.user.clone(), caller.name.clone(), caller.role.word().to_owned());
    actor::act(Actor::new(caller.account.clone(), person, caller.key.clone(), caller.numbers.clone(), deed));
    if let Some(number) = number {
        devices::row(core, &caller.account, number).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Caller, Role, Scope, Sight};
    use crate::ids::{AccountId, KeyId, UserId};

    fn caller(role: Role, scopes: &[Scope]) -> Caller {
        let operator = Caller::operator(AccountId::new(0), UserId::new(0), KeyId::new(0));
        Caller { role, scopes: scopes.to_vec(), ..operator }
    }

    #[test]
    fn a_scope_opens_only_its_door() {
        let reader = caller(Role::Admin, &[Scope::MessagesRead]);
        assert!(reader.need(Scope::MessagesRead).is_ok());
        let error = reader.need(Scope::MessagesWrite).expect_err("missing scope");
        assert!(error.message.contains("messages:write"));
    }

    #[test]
    fn a_key_never_does_more_than_its_person() {
        let agent = caller(Role::Agent, &[Scope::All]);
        assert!(agent.need(Scope::ChatsWrite).is_ok());
        for scope in [Scope::KeysWrite, Scope::WebhooksRead, Scope::DevicesManage, Scope::All] {
            assert_eq!(agent.need(scope).expect_err("not an agent's").code, "auth:role");
        }
    }

    #[test]
    fn only_agents_see_less_than_their_numbers() {
        assert_eq!(caller(Role::Supervisor, &[]).sight(), Sight::All);
        assert!(matches!(caller(Role::Agent, &[]).sight(), Sight::Agent { .. }));
    }
}
