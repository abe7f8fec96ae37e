//! What clients ask about groups by GraphQL.

use serde_json::{Value, json};

use super::settings::{self, Change};
use super::{Refused, as_member};
use crate::areas::mex::{self, Query};
use crate::ids::{AccountId, DeviceRef, Domain, GroupId};
use crate::world::World;
use crate::world::group::{Group, Part};

impl From<Refused> for mex::Refused {
    fn from(refused: Refused) -> Self {
        Self::new(refused.0, refused.text())
    }
}

fn group_in(value: &Value) -> Result<GroupId, mex::Refused> {
    value.as_str().and_then(GroupId::parse).ok_or_else(|| Refused::BAD_REQUEST.into())
}

/// Changes a setting that has no stanza of its own.
pub(crate) fn update_property(world: &mut World, query: &Query<'_>) -> Result<Value, mex::Refused> {
    let id = group_in(query.get("group_id"))?;
    let update = query.get("update");
    let word = |name: &str| update.get(name).and_then(Value::as_str);
    let change = match (word("member_link_mode"), word("member_share_group_history_mode")) {
        (Some("ALL_MEMBER_LINK"), _) => Change::AllLink(true),
        (Some("ADMIN_LINK"), _) => Change::AllLink(false),
        (_, Some("ALL_MEMBER_SHARE")) => Change::AllShareHistory(true),
        (_, Some("ADMIN_SHARE")) => Change::AllShareHistory(false),
        _ => match update.pointer("/limit_sharing/limit_sharing_enabled").and_then(Value::as_bool) {
            Some(on) => Change::LimitSharing(on),
            None => return Err(Refused::BAD_REQUEST.into()),
        },
    };
    settings::set(world, query.from.account, id, change)?;
    Ok(json!({"id": id.jid().to_string(), "state": "ACTIVE"}))
}

fn about(world: &World, group: &Group) -> Value {
    let creator = DeviceRef::phone(group.creator);
    json!({
        "id": group.jid().to_string(),
        "subject": {"value": group.subject.text, "creation_time": group.subject.at.to_string()},
        "creation_time": group.created_at.to_string(),
        "creator": {"id": world.jid(creator, group.addressing).to_string(), "pn": world.jid(creator, Domain::Pn).to_string()},
        "total_participants_count": group.members.len(),
        "properties": {"general_chat": if group.part() == Some(Part::General) { "1" } else { "0" }},
    })
}

fn split(world: &World, me: AccountId, id: GroupId) -> Result<(Value, Vec<Value>), mex::Refused> {
    let community = as_member(world, id, me)?;
    let (mut default, mut others) = (Value::Null, Vec::new());
    for group in community.linked().into_iter().filter_map(|id| world.groups.get(id)) {
        if group.part() == Some(Part::Announcement) {
            default = about(world, group);
        } else {
            others.push(json!({"node": about(world, group)}));
        }
    }
    Ok((default, others))
}

/// All groups of a community, and how many people are in each.
pub(crate) fn subgroups(world: &mut World, query: &Query<'_>) -> Result<Value, mex::Refused> {
    let named = if query.get("group_jid").is_null() { query.get("group_id") } else { query.get("group_jid") };
    let id = group_in(named)?;
    let (default, others) = split(world, query.from.account, id)?;
    Ok(json!({"id": id.jid().to_string(), "default_sub_group": default, "sub_groups": {"edges": others}}))
}
