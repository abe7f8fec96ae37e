//! Making and changing members of the team.

use sparkbot_store::rows::{UserFilter, UserRow};
use sparkbot_store::{StoreError, Writing};

use super::show::Member;
use super::{find, invitation, password};
use crate::access::Role;
use crate::app::Core;
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::page::Page;

/// Colours of people.
pub const COLORS: &[&str] = &[
    "blue",
    "azure",
    "indigo",
    "purple",
    "pink",
    "red",
    "orange",
    "yellow",
    "lime",
    "green",
    "teal",
    "cyan",
    "gray",
    "gray-dark",
];

/// Members of one account at most.
const MOST: i64 = 1000;
/// Characters of a name at most.
const NAME: usize = 60;
/// Characters of an email at most.
const EMAIL: usize = 254;

/// What `POST /v1/devices/{device}/team` says.
#[derive(Debug, Clone, Default)]
pub struct NewMember {
    /// 1 to 60 characters.
    pub display_name: String,
    /// What they log in with.
    pub email: String,
    /// Not kept when they are invited.
    pub password: Option<String>,
    /// `admin`, `supervisor` or `agent`.
    pub role: String,
    /// One of [`COLORS`].
    pub color: Option<String>,
    /// Let them set the password themselves.
    pub invite: bool,
}

/// What `PATCH /v1/team` may change; absent stays.
#[derive(Debug, Clone, Default)]
pub struct MemberChanges {
    /// New name.
    pub display_name: Option<String>,
    /// New email.
    pub email: Option<String>,
    /// New password; ends their logins.
    pub password: Option<String>,
    /// New role.
    pub role: Option<String>,
    /// New colour.
    pub color: Option<String>,
    /// `active` or `suspended`.
    pub status: Option<String>,
    /// A new invitation for who has not accepted the last one.
    pub invite: bool,
}

/// A page of the team, oldest first. People of other numbers than the caller's
/// do not match.
///
/// # Errors
/// `device:notfound`, `device:forbidden` for a number in the filter.
pub async fn list(core: &Core, caller: &Caller, filter: UserFilter) -> Result<Page<Member>> {
    caller.need(Scope::TeamRead)?;
    for id in filter.devices.iter().flatten() {
        let id: DeviceId = id.parse().map_err(|_| Error::invalid("device:invalid", format!("'{id}' is no id.")))?;
        devices::row(core, &caller.account, &id).await?;
    }
    let devices = filter.devices.or_else(|| match &caller.numbers {
        crate::access::Numbers::All => None,
        crate::access::Numbers::Some(ids) => Some(ids.iter().cloned().collect()),
    });
    let filter = UserFilter { devices, ..filter };
    let now = core.now();
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let total = scope.count_users(&filter).await?;
    let items = scope.users(&filter).await?.iter().map(|row| Member::of(row, now)).collect::<Result<_>>()?;
    Ok(Page { items, total })
}

/// Makes a member with access to a number.
///
/// # Errors
/// `device:notfound`, `team:forbidden`, `team:email`, and for values out of range.
pub async fn create(core: &Core, caller: &Caller, device: &DeviceId, new: NewMember) -> Result<Member> {
    caller.need(Scope::TeamWrite)?;
    let email = email(&new.email)?;
    let role: Role = new.role.parse()?;
    let now = core.now();
    let mut row = UserRow::new(&caller.account, &name(&new.display_name)?, role.word(), now);
    row.color = color(new.color.as_deref().unwrap_or("blue"))?;
    match &new.password {
        Some(text) => password::check(text, Some(&email))?,
        None if new.invite => {}
        None => {
            return Err(Error::invalid("team:password", "There is neither a password nor an invitation.")
                .hint("Give 'password', or pass 'invite': true to let the person set one."));
        }
    }
    row.email = Some(email);
    let mut invited = None;
    if new.invite {
        invited = Some(invitation::invite(&mut row, now));
    } else if let Some(text) = new.password {
        row.password = Some(core.passwords().hash(text).await?);
    }
    let (caller, device) = (caller.clone(), device.clone());
    let mut member = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let account = &caller.account;
                w.account(account).device(&device).await?.ok_or_else(|| devices::not_found(&device))?;
                may_make(&caller, role)?;
                if w.account(account).count_users(&UserFilter::default()).await? >= MOST {
                    return Err(Error::conflict("team:full", format!("An account has {MOST} members at most.")));
                }
                w.touches("user", row.id.as_str(), Some(device.as_str()));
                w.account(account).insert_user(&row).await.map_err(|error| taken(error, row.email.as_deref()))?;
                w.account(account).grant(&row.id, &device, now).await?;
                Member::of(&row, now)
            })
        })
        .await?;
    member.invitation = invited;
    Ok(member)
}

/// Changes a member.
///
/// # Errors
/// `agent:notfound`, `team:forbidden`, `team:last_admin`, `team:email`, and for
/// values out of range.
pub async fn update(core: &Core, caller: &Caller, who: &str, changes: MemberChanges) -> Result<Member> {
    caller.need(Scope::TeamWrite)?;
    let new_name = changes.display_name.as_deref().map(name).transpose()?;
    let new_email = changes.email.as_deref().map(email).transpose()?;
    let new_role = changes.role.as_deref().map(str::parse::<Role>).transpose()?;
    let new_color = changes.color.as_deref().map(color).transpose()?;
    let new_status = changes.status.as_deref().map(status).transpose()?;
    let hash = match changes.password {
        Some(text) => {
            password::check(&text, new_email.as_deref())?;
            Some(core.passwords().hash(text).await?)
        }
        None => None,
    };
    let (caller, who, now, invite) = (caller.clone(), who.to_owned(), core.now(), changes.invite);
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let account = &caller.account;
                let mut row = named(w, account, &who).await?;
                may_manage(w, &caller, &row, false).await?;
                let was_admin = row.role == "admin" && row.status == "active";
                if let Some(role) = new_role.filter(|role| role.word() != row.role) {
                    may_make(&caller, role)?;
                    role.word().clone_into(&mut row.role);
                }
                row.name = new_name.unwrap_or(row.name);
                row.email = new_email.or(row.email);
                row.color = new_color.unwrap_or(row.color);
                row.updated_at = now;
                w.touches("user", row.id.as_str(), None);
                let own = (row.id == caller.user).then_some(&caller.key);
                if let Some(hash) = hash {
                    row.password = Some(hash);
                    if row.status == "pending" {
                        "active".clone_into(&mut row.status);
                    }
                    row.invitation = None;
                    row.invitation_expires_at = None;
                    w.account(account).revoke_keys(&row.id, Some("login"), own, now).await?;
                }
                if let Some(status) = new_status.filter(|status| *status != row.status) {
                    if status == "active" && row.status == "pending" {
                        return Err(Error::conflict(
                            "team:pending",
                            format!("'{who}' was invited and is active once the invitation is accepted."),
                        ));
                    }
                    status.clone_into(&mut row.status);
                    if status == "suspended" {
                        w.account(account).revoke_keys(&row.id, Some("login"), None, now).await?;
                    }
                }
                let mut invited = None;
                if invite {
                    if row.status != "pending" {
                        return Err(Error::conflict(
                            "team:active",
                            format!("'{who}' is '{}' and needs no invitation.", row.status),
                        ));
                    }
                    invited = Some(invitation::invite(&mut row, now));
                }
                let still_admin = row.role == "admin" && row.status == "active";
                if was_admin && !still_admin {
                    last_admin(w, &row).await?;
                }
                w.account(account).update_user(&row).await.map_err(|error| taken(error, row.email.as_deref()))?;
                let mut member = Member::of(&row, now)?;
                member.invitation = invited;
                Ok(member)
            })
        })
        .await
}

/// Refuses to leave an account without an active administrator.
pub(super) async fn last_admin(w: &mut Writing, row: &UserRow) -> Result<()> {
    if w.account(&row.account_id).other_admins(&row.id).await? == 0 {
        return Err(Error::conflict("team:last_admin", format!("'{}' is the last administrator.", row.name))
            .hint("Make somebody else an administrator first."));
    }
    Ok(())
}

/// A member by id or email, for a request that is about them.
pub(super) async fn named(w: &mut Writing, account: &AccountId, who: &str) -> Result<UserRow> {
    find::agent(w, account, who).await.map_err(|mut error| {
        if error.kind == Kind::Invalid {
            error.kind = Kind::NotFound;
        }
        error
    })
}

fn may_make(caller: &Caller, role: Role) -> Result<()> {
    if caller.role == Role::Admin || role == Role::Agent {
        return Ok(());
    }
    Err(forbidden(format!("A {} makes agents only, not the role '{role}'.", caller.role)))
}

/// Refuses to manage people whom the caller is not over: supervisors are over
/// the agents all of whose numbers are theirs as well; with `elsewhere` also
/// over those who have other numbers besides.
pub(super) async fn may_manage(w: &mut Writing, caller: &Caller, row: &UserRow, elsewhere: bool) -> Result<()> {
    if caller.role == Role::Admin {
        return Ok(());
    }
    if row.role != Role::Agent.word() {
        return Err(forbidden(format!("A {} manages agents only; '{}' is {}.", caller.role, row.name, row.role)));
    }
    let access = w.account(&caller.account).access(Some(row.id.as_str()), None).await?;
    let theirs = |id: &str| id.parse::<DeviceId>().is_ok_and(|id| caller.numbers.has(&id));
    if elsewhere || access.iter().all(|access| theirs(&access.device_id)) {
        return Ok(());
    }
    Err(forbidden(format!("'{}' works with numbers that you have no access to.", row.name)))
}

fn forbidden(message: String) -> Error {
    Error::new(Kind::Forbidden, "team:forbidden", message).hint("Ask an administrator.")
}

fn taken(error: StoreError, email: Option<&str>) -> Error {
    match error {
        StoreError::Duplicate(_) => Error::conflict(
            "team:email",
            format!("The email '{}' is in use on this server.", email.unwrap_or_default()),
        )
        .hint("Each person of a server has an email of their own, since they log in with it."),
        other => other.into(),
    }
}

fn name(text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > NAME || text.chars().any(char::is_control) {
        return Err(Error::invalid(
            "team:name",
            format!("The name has {length} characters; it needs 1 to {NAME} printable ones."),
        ));
    }
    Ok(text.to_owned())
}

fn email(text: &str) -> Result<String> {
    let email = text.trim().to_lowercase();
    let fine = email.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains('@')
    });
    if !fine || email.len() > EMAIL || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
        return Err(Error::invalid("team:email", format!("'{shown}' is no email address.")));
    }
    Ok(email)
}

fn color(text: &str) -> Result<String> {
    if COLORS.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(Error::invalid("team:color", format!("The colour is '{text}'; it must be one of {}.", COLORS.join(", "))))
}

fn status(text: &str) -> Result<&'static str> {
    ["active", "suspended"].into_iter().find(|known| *known == text).ok_or_else(|| {
        Error::invalid("team:status", format!("The status is '{text}'; it can be set to active or suspended."))
    })
}

#[cfg(test)]
mod tests {
    use super::{email, name};

    #[test]
    fn emails_are_kept_in_small_letters() {
        assert_eq!(email(" Ada@Example.com ").expect("an email"), "ada@example.com");
        for bad in ["", "ada", "@example.com", "ada@", "ada@host", "a b@example.com", "a@b@example.com", "a@.com"] {
            assert_eq!(email(bad).expect_err(bad).code, "team:email");
        }
    }

    #[test]
    fn names_are_short_lines() {
        assert_eq!(name("  Ada ").expect("a name"), "Ada");
        for bad in ["", " ", "a\nb", &"ä".repeat(61)] {
            assert_eq!(name(bad).expect_err(bad).code, "team:name");
        }
    }
}
