//! Which chats a person sees.

use super::{Account, STATUS_CHAT};
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// Which chats one sees of the numbers that one may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Sight {
    /// All.
    #[default]
    All,
    /// Those assigned to the agent, and those assigned to nobody that are of no
    /// department or of one of the agent's.
    Agent {
        /// The agent's id.
        user: String,
        /// Ids of the agent's departments, of all numbers.
        departments: Vec<String>,
    },
}

impl Sight {
    /// Adds the condition to a query. `agent` and `department` name the columns
    /// of the chat's owner; they hold ids, or NULL for nobody.
    pub fn narrow(&self, sql: &mut Sql, agent: &'static str, department: &'static str) {
        let Self::Agent { user, departments } = self else { return };
        sql.and("(").push(agent).push(" = ").bind(user.as_str());
        sql.push(" OR (").push(agent).push(" IS NULL AND (").push(department).push(" IS NULL");
        if !departments.is_empty() {
            sql.push(" OR ").push(department).push(" IN (");
            for (i, id) in departments.iter().enumerate() {
                if i > 0 {
                    sql.push(", ");
                }
                sql.bind(id.as_str());
            }
            sql.push(")");
        }
        sql.push(")))");
    }

    /// Adds the condition to a query of what was said: nothing of chats that the
    /// person does not see. `device` and `chat` name the columns with the ids.
    pub fn narrow_said(&self, sql: &mut Sql, account: &str, device: &'static str, chat: &'static str) {
        let Self::Agent { user, departments } = self else { return };
        sql.and("NOT EXISTS (SELECT 1 FROM chats hidden WHERE hidden.account_id = ").bind(account);
        sql.push(" AND hidden.device_id = ").push(device).push(" AND hidden.wid = ").push(chat);
        sql.push(" AND (hidden.agent <> ").bind(user.as_str());
        sql.push(" OR (hidden.agent IS NULL AND hidden.department IS NOT NULL");
        if !departments.is_empty() {
            sql.push(" AND hidden.department NOT IN (");
            for (i, id) in departments.iter().enumerate() {
                if i > 0 {
                    sql.push(", ");
                }
                sql.bind(id.as_str());
            }
            sql.push(")");
        }
        sql.push(")))");
    }

    /// The same for one chat that was read already.
    #[must_use]
    pub fn sees(&self, agent: Option<&str>, department: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Agent { user, departments } => match agent {
                Some(agent) => agent == user,
                None => department.is_none_or(|id| departments.iter().any(|own| own == id)),
            },
        }
    }
}

/// Chats that are few enough for each to be asked for what was said in it.
const FEW: i64 = 64;

impl Account<'_> {
    /// The chats of a number that a person sees what is said in, if they are few:
    /// who sees little of a large inbox is shown it from there.
    ///
    /// # Errors
    /// As the database answers.
    pub(in crate::rows) async fn few_seen(&mut self, device: &DeviceId, sight: &Sight) -> Result<Option<Vec<String>>> {
        if *sight == Sight::All {
            return Ok(None);
        }
        let mut sql = Sql::new("SELECT wid FROM chats");
        sql.and("device_id = (SELECT id FROM devices WHERE id = ").bind(device.as_str());
        sql.push(" AND account_id = ").bind(self.id.as_str()).push(")");
        sight.narrow(&mut sql, "agent", "department");
        sql.push(" LIMIT ").bind(FEW + 1);
        let mut seen: Vec<String> =
            sql.all::<(String,)>(&mut *self.conn).await?.into_iter().map(|(wid,)| wid).collect();
        if i64::try_from(seen.len()).is_ok_and(|count| count > FEW) {
            return Ok(None);
        }
        // What has no chat of its own is everybody's.
        if !seen.iter().any(|wid| wid == STATUS_CHAT) {
            seen.push(STATUS_CHAT.to_owned());
        }
        Ok(Some(seen))
    }

    /// Whether somebody sees what is said in a chat; one that is not there yet
    /// hides nothing.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn sees(&mut self, device: &DeviceId, chat: &str, sight: &Sight) -> Result<bool> {
        if *sight == Sight::All {
            return Ok(true);
        }
        let row = self.chat_named(device, chat).await?;
        Ok(row.is_none_or(|row| sight.sees(row.agent.as_deref(), row.department.as_deref())))
    }
}

#[cfg(test)]
mod tests {
    use super::Sight;

    #[test]
    fn agents_see_their_own_and_what_waits_for_them() {
        let sight = Sight::Agent { user: "me".to_owned(), departments: vec!["sales".to_owned()] };
        for (agent, department, seen) in [
            (Some("me"), None, true),
            (Some("me"), Some("support"), true),
            (Some("other"), None, false),
            (Some("other"), Some("sales"), false),
            (None, None, true),
            (None, Some("sales"), true),
            (None, Some("support"), false),
        ] {
            assert_eq!(sight.sees(agent, department), seen, "{agent:?} {department:?}");
            assert!(Sight::All.sees(agent, department));
        }
    }
}
