//! Making, changing and deleting departments.

use std::collections::BTreeMap;

use serde::Serialize;
use sparkbot_store::rows::{DepartmentRow, UserFilter};
use sparkbot_store::{StoreError, Writing};
use utoipa::ToSchema;

use super::words::{COLORS, ICONS};
use crate::app::Core;
use crate::clock::iso;
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, DepartmentId, DeviceId, UserId};
use crate::keys::{Caller, Scope};
use crate::team;
use crate::views::{AgentRef, Ref};

/// Departments of one number at most.
const MOST: usize = 100;
/// People of one department at most.
const AGENTS: usize = 500;
/// Characters of a name at most.
const NAME: usize = 60;
/// Characters of a description at most.
const DESCRIPTION: usize = 300;

/// A department as it is shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Department {
    /// 24 hexadecimal digits.
    pub id: String,
    /// Of which number.
    pub device: Ref,
    /// Unique in the number, whatever the case.
    pub name: String,
    /// Icon in lists.
    pub icon: String,
    /// Colour in lists.
    pub color: String,
    /// Free text.
    pub description: Option<String>,
    /// Who works in it.
    pub agents: Vec<AgentRef>,
    /// Who made it.
    pub user: Ref,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601.
    pub updated_at: String,
}

/// What `POST /v1/devices/{device}/departments` says.
#[derive(Debug, Clone, Default)]
pub struct NewDepartment {
    /// 1 to 60 characters.
    pub name: String,
    /// One of [`COLORS`].
    pub color: String,
    /// One of [`ICONS`].
    pub icon: String,
    /// Free text, 300 characters at most.
    pub description: Option<String>,
    /// Who works in it, by id or email.
    pub agents: Vec<String>,
}

/// What `PATCH /v1/devices/{device}/departments` may change; absent stays.
#[derive(Debug, Clone, Default)]
pub struct DepartmentChanges {
    /// New name.
    pub name: Option<String>,
    /// New colour.
    pub color: Option<String>,
    /// New icon.
    pub icon: Option<String>,
    /// New description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// Who works in it from now on.
    pub agents: Option<Vec<String>>,
}

/// A department of a number, by id or name, whatever the name's case.
///
/// # Errors
/// `department:notfound`.
pub async fn find(w: &mut Writing, account: &AccountId, device: &DeviceId, id_or_name: &str) -> Result<DepartmentRow> {
    let found = w.account(account).department(device, &id_or_name.trim().to_lowercase()).await?;
    found.ok_or_else(|| {
        let shown: String = id_or_name.chars().take(NAME).collect();
        Error::invalid("department:notfound", format!("There is no department '{shown}' in this WhatsApp number."))
            .hint("GET /v1/devices/{id}/departments lists them.")
    })
}

/// The same for a request that is about the department.
async fn named(w: &mut Writing, account: &AccountId, device: &DeviceId, id_or_name: &str) -> Result<DepartmentRow> {
    find(w, account, device, id_or_name).await.map_err(|mut error| {
        if error.kind == Kind::Invalid {
            error.kind = Kind::NotFound;
        }
        error
    })
}

/// All departments of a number, by name.
///
/// # Errors
/// `device:notfound`, `device:forbidden`.
pub async fn list(core: &Core, caller: &Caller, device: &DeviceId) -> Result<Vec<Department>> {
    caller.need(Scope::TeamRead)?;
    devices::row(core, &caller.account, device).await?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let mut all = Vec::new();
    for row in scope.departments(device).await? {
        let ids = scope.department_agents(&row.id).await?;
        let size = i64::try_from(ids.len()).unwrap_or(i64::MAX).max(1);
        // Without ids the filter would match everybody.
        let agents = if ids.is_empty() {
            Vec::new()
        } else {
            scope.users(&UserFilter { ids, size, ..UserFilter::default() }).await?
        };
        let agents = agents.into_iter().map(|user| AgentRef {
            id: user.id.to_string(),
            name: Some(user.name),
            role: Some(user.role),
        });
        all.push(shown(row, agents.collect()));
    }
    Ok(all)
}

fn shown(row: DepartmentRow, agents: Vec<AgentRef>) -> Department {
    Department {
        id: row.id.to_string(),
        device: Ref { id: row.device_id.to_string() },
        name: row.name,
        icon: row.icon,
        color: row.color,
        description: row.description,
        agents,
        user: Ref { id: row.created_by },
        created_at: iso(row.created_at),
        updated_at: iso(row.updated_at),
    }
}

/// Makes a department.
///
/// # Errors
/// `device:notfound`, `agent:notfound`, `agent:unable`, `department:name` when
/// the name is taken, and for values out of range.
pub async fn create(core: &Core, caller: &Caller, device: &DeviceId, new: NewDepartment) -> Result<Department> {
    caller.need(Scope::TeamWrite)?;
    let now = core.now();
    let name = name(&new.name)?;
    let row = DepartmentRow {
        id: DepartmentId::new(now),
        account_id: caller.account.clone(),
        device_id: device.clone(),
        name_key: name.to_lowercase(),
        name,
        color: word("color", &new.color, COLORS)?,
        icon: word("icon", &new.icon, ICONS)?,
        description: new.description.map(description).transpose()?.flatten(),
        created_by: caller.user.to_string(),
        created_at: now,
        updated_at: now,
    };
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let account = &row.account_id;
                w.account(account).device(&row.device_id).await?.ok_or_else(|| devices::not_found(&row.device_id))?;
                if w.account(account).departments(&row.device_id).await?.len() >= MOST {
                    return Err(Error::conflict(
                        "department:full",
                        format!("A number has {MOST} departments at most."),
                    ));
                }
                let agents = people(w, account, &row.device_id, &new.agents).await?;
                w.touches("department", row.id.as_str(), Some(row.device_id.as_str()));
                w.account(account).insert_department(&row).await.map_err(|error| taken(error, &row.name))?;
                let agents = put_agents(w, &row, agents).await?;
                Ok(shown(row, agents))
            })
        })
        .await
}

/// Changes a department, named by id or name.
///
/// # Errors
/// `department:notfound`, and as for a new one.
pub async fn update(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    department: &str,
    changes: DepartmentChanges,
) -> Result<Department> {
    caller.need(Scope::TeamWrite)?;
    let new_name = changes.name.as_deref().map(name).transpose()?;
    let color = changes.color.as_deref().map(|text| word("color", text, COLORS)).transpose()?;
    let icon = changes.icon.as_deref().map(|text| word("icon", text, ICONS)).transpose()?;
    let about = match changes.description {
        Some(Some(text)) => Some(description(text)?),
        other => other.map(|_| None),
    };
    let (account, device, asked, now) = (caller.account.clone(), device.clone(), department.to_owned(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                w.account(&account).device(&device).await?.ok_or_else(|| devices::not_found(&device))?;
                let mut row = named(w, &account, &device, &asked).await?;
                if let Some(name) = new_name {
                    row.name_key = name.to_lowercase();
                    row.name = name;
                }
                row.color = color.unwrap_or(row.color);
                row.icon = icon.unwrap_or(row.icon);
                row.description = about.unwrap_or(row.description);
                row.updated_at = now;
                w.touches("department", row.id.as_str(), Some(device.as_str()));
                w.account(&account).update_department(&row).await.map_err(|error| taken(error, &row.name))?;
                let ids = match changes.agents {
                    Some(agents) => agents,
                    None => w.account(&account).department_agents(&row.id).await?,
                };
                let agents = people(w, &account, &device, &ids).await?;
                let agents = put_agents(w, &row, agents).await?;
                Ok(shown(row, agents))
            })
        })
        .await
}

/// Deletes a department; its chats keep their agents and are of no department.
///
/// # Errors
/// `department:notfound`.
pub async fn delete(core: &Core, caller: &Caller, device: &DeviceId, department: &str) -> Result<Department> {
    caller.need(Scope::TeamWrite)?;
    let (account, number, asked) = (caller.account.clone(), device.clone(), department.to_owned());
    let row = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                w.account(&account).device(&number).await?.ok_or_else(|| devices::not_found(&number))?;
                let row = named(w, &account, &number, &asked).await?;
                w.touches("department", row.id.as_str(), Some(number.as_str()));
                w.account(&account).delete_department(&row.id).await?;
                Ok::<_, Error>(row)
            })
        })
        .await?;
    let held = team::Held::by_department(&row.id);
    team::hand_over(core, &caller.account, held, Some(device), &team::Handover::Unassign).await?;
    Ok(shown(row, Vec::new()))
}

/// Who is named, each once; all can be given chats of the number.
async fn people(
    w: &mut Writing,
    account: &AccountId,
    device: &DeviceId,
    names: &[String],
) -> Result<BTreeMap<UserId, AgentRef>> {
    if names.len() > AGENTS {
        let count = names.len();
        return Err(Error::invalid("department:agents", format!("There are {count} agents; {AGENTS} are possible.")));
    }
    let mut all = BTreeMap::new();
    for name in names {
        let user = team::able(w, account, device, name).await?;
        let shown = AgentRef { id: user.id.to_string(), name: Some(user.name), role: Some(user.role) };
        all.insert(user.id, shown);
    }
    Ok(all)
}

async fn put_agents(w: &mut Writing, row: &DepartmentRow, agents: BTreeMap<UserId, AgentRef>) -> Result<Vec<AgentRef>> {
    let (ids, shown): (Vec<_>, Vec<_>) = agents.into_iter().unzip();
    w.account(&row.account_id).set_department_agents(&row.id, &ids).await?;
    Ok(shown)
}

fn taken(error: StoreError, name: &str) -> Error {
    match error {
        StoreError::Duplicate(_) => Error::conflict(
            "department:name",
            format!("There is a department '{name}' in this WhatsApp number already."),
        ),
        other => other.into(),
    }
}

fn name(text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > NAME || text.chars().any(char::is_control) {
        return Err(Error::invalid(
            "department:name",
            format!("The name has {length} characters; it needs 1 to {NAME} printable ones."),
        ));
    }
    // It would be mistaken for the id of another one.
    if text.parse::<DepartmentId>().is_ok() {
        return Err(Error::invalid("department:name", format!("The name '{text}' has the form of an id.")));
    }
    Ok(text.to_owned())
}

fn description(text: String) -> Result<Option<String>> {
    let length = text.chars().count();
    if length > DESCRIPTION {
        return Err(Error::invalid(
            "department:description",
            format!("The description has {length} characters; at most {DESCRIPTION} are kept."),
        ));
    }
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

fn word(what: &str, text: &str, known: &[&str]) -> Result<String> {
    if known.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(Error::invalid("department:look", format!("{what} is '{text}'; it must be one of {}.", known.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::{description, name};

    #[test]
    fn names_are_short_lines_and_no_ids() {
        assert_eq!(name("  Sales ").expect("a name"), "Sales");
        for bad in ["", " ", "a\nb", &"ä".repeat(61), "0123456789abcdef01234567"] {
            assert_eq!(name(bad).expect_err(bad).code, "department:name");
        }
        assert_eq!(description("x".repeat(301)).expect_err("long").code, "department:description");
        assert_eq!(description("  ".to_owned()).expect("empty"), None);
    }
}
