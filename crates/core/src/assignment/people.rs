//! Who can be given a chat.

use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, UserFilter};

use super::choose::Person;
use super::settings::AutoAssign;
use crate::error::Result;
use crate::ids::DepartmentId;
use crate::network::Millis;
use crate::team;

/// People of one number who are looked at.
const MOST: i64 = 1000;

/// Who is there and may be given chats, in the order of their ids: the agents of
/// the number, or whoever works in the department. Supervisors and
/// administrators get chats by hand, unless they are put into a department.
/// `except` is whom a chat is taken from.
pub(super) async fn available(
    w: &mut Writing,
    device: &DeviceRow,
    rules: &AutoAssign,
    department: Option<&str>,
    except: Option<&str>,
    now: Millis,
) -> Result<Vec<Person>> {
    if !team::OperativeHours::of(device)?.is_open(now) {
        return Ok(Vec::new());
    }
    let mut scope = w.account(&device.account_id);
    let mut filter = UserFilter {
        status: vec!["active".to_owned()],
        devices: Some(vec![device.id.to_string()]),
        size: MOST,
        ..UserFilter::default()
    };
    match department.and_then(|id| id.parse::<DepartmentId>().ok()) {
        Some(department) => {
            filter.ids = scope.department_agents(&department).await?;
            if filter.ids.is_empty() {
                return Ok(Vec::new());
            }
        }
        None => filter.role = vec!["agent".to_owned()],
    }
    let mut people = Vec::new();
    for row in scope.users(&filter).await? {
        let id = row.id.to_string();
        if Some(id.as_str()) != except && rules.takes(team::state_of(&row, now)?) {
            people.push(Person { id, open: 0 });
        }
    }
    people.sort_by(|a, b| a.id.cmp(&b.id));
    if rules.mode == "least-busy" && !people.is_empty() {
        let ids: Vec<String> = people.iter().map(|person| person.id.clone()).collect();
        for (agent, open) in scope.open_chats(&device.id, &ids).await? {
            if let Some(person) = people.iter_mut().find(|person| person.id == agent) {
                person.open = open;
            }
        }
    }
    Ok(people)
}
