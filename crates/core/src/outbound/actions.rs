//! What a message asks for after it was taken by WhatsApp: assign its chat, label
//! it, and so on.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, ContactRow, DeviceRow, MessageRow};

use super::payload::Payload;
use crate::clock::iso;
use crate::departments;
use crate::error::{Error, Kind, Result};
use crate::events::{self, Change};
use crate::inbox;
use crate::network::Millis;
use crate::team;
use crate::views::{ChatOwner, DeviceRef};

/// Actions of one message at most.
const ACTIONS: usize = 20;

/// An action, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    Assign { agent: Option<String>, department: Option<String> },
    Unassign,
    Resolve,
    Unresolve,
    Read,
    Unread,
    LabelsAdd(Vec<String>),
    LabelsRemove(Vec<String>),
    LabelsSet(Vec<String>),
    MetadataSet(Vec<(String, String)>),
    MetadataAdd(Vec<(String, String)>),
    MetadataRemove(Vec<String>),
}

/// Reads `actions: [{action, params}]`.
pub(super) fn parse(list: &[Value]) -> Result<Vec<Action>> {
    if list.len() > ACTIONS {
        return Err(Error::invalid(
            "action:count",
            format!("There are {} actions; a message takes {ACTIONS}.", list.len()),
        ));
    }
    list.iter().enumerate().map(|(i, value)| one(i, value)).collect()
}

fn one(i: usize, value: &Value) -> Result<Action> {
    let empty = Map::new();
    let bad = |what: &str| Error::invalid("action:invalid", format!("actions[{i}]: {what}."));
    let name = value.get("action").and_then(Value::as_str).ok_or_else(|| bad("it needs 'action', a text"))?;
    let params = match value.get("params") {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(params)) => params,
        Some(_) => return Err(bad("'params' must be an object")),
    };
    let text = |key: &str| params.get(key).and_then(Value::as_str).map(str::to_owned);
    let texts = |key: &str, most: usize, longest: usize| -> Result<Vec<String>> {
        let list =
            params.get(key).and_then(Value::as_array).ok_or_else(|| bad(&format!("'params.{key}' must be a list")))?;
        if list.is_empty() || list.len() > most {
            return Err(bad(&format!("'params.{key}' has {} entries; it needs 1 to {most}", list.len())));
        }
        list.iter()
            .map(|entry| {
                let text = entry.as_str().unwrap_or_default();
                let length = text.chars().count();
                if length == 0 || length > longest {
                    return Err(bad(&format!(
                        "an entry of 'params.{key}' has {length} characters; it needs 1 to {longest}"
                    )));
                }
                Ok(text.to_owned())
            })
            .collect()
    };
    let pairs = || -> Result<Vec<(String, String)>> {
        let list =
            params.get("metadata").and_then(Value::as_array).ok_or_else(|| bad("'params.metadata' must be a list"))?;
        if list.is_empty() || list.len() > 10 {
            return Err(bad(&format!("'params.metadata' has {} entries; it needs 1 to 10", list.len())));
        }
        list.iter()
            .map(|pair| {
                let part = |name: &str| pair.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                let (key, value) = (part("key"), part("value"));
                if key.is_empty() || key.chars().count() > 30 {
                    return Err(bad(&format!("the metadata key '{key}' needs 1 to 30 characters")));
                }
                if value.is_empty() || value.chars().count() > 300 {
                    return Err(bad(&format!("the metadata value of '{key}' needs 1 to 300 characters")));
                }
                Ok((key, value))
            })
            .collect()
    };
    Ok(match name {
        "chat:assign" => {
            let (agent, department) = (text("agent"), text("department"));
            if agent.is_some() == department.is_some() {
                return Err(bad("chat:assign needs either 'params.agent' or 'params.department'"));
            }
            Action::Assign { agent, department }
        }
        "chat:unassign" => Action::Unassign,
        "chat:resolve" => Action::Resolve,
        "chat:unresolve" => Action::Unresolve,
        "chat:read" => Action::Read,
        "chat:unread" => Action::Unread,
        "labels:add" => Action::LabelsAdd(texts("labels", 50, 30)?),
        "labels:remove" => Action::LabelsRemove(texts("labels", 50, 30)?),
        "labels:set" => Action::LabelsSet(texts("labels", 50, 30)?),
        "metadata:set" => Action::MetadataSet(pairs()?),
        "metadata:add" => Action::MetadataAdd(pairs()?),
        "metadata:remove" => Action::MetadataRemove(texts("keys", 30, 30)?),
        other => {
            return Err(bad(&format!(
                "'{other}' is no action; there are chat:assign, chat:unassign, chat:resolve, chat:unresolve, chat:read, \
                 chat:unread, labels:add, labels:remove, labels:set, metadata:set, metadata:add, metadata:remove"
            )));
        }
    })
}

/// Refuses actions that name somebody who is not there.
pub(super) async fn check(w: &mut Writing, device: &DeviceRow, actions: &[Action]) -> Result<()> {
    for action in actions {
        resolved(w, device, action).await?;
    }
    Ok(())
}

/// With ids in place of emails and names.
async fn resolved(w: &mut Writing, device: &DeviceRow, action: &Action) -> Result<Action> {
    let account = &device.account_id;
    Ok(match action {
        Action::Assign { agent: Some(agent), .. } => {
            let user = team::able(w, account, &device.id, agent).await?;
            Action::Assign { agent: Some(user.id.to_string()), department: None }
        }
        Action::Assign { department: Some(department), .. } => {
            let found = departments::find(w, account, &device.id, department).await?;
            Action::Assign { agent: None, department: Some(found.id.to_string()) }
        }
        other => other.clone(),
    })
}

/// Does what a message asked for, now that WhatsApp has it.
pub(super) async fn carry_out(w: &mut Writing, device: &DeviceRow, message: &MessageRow, now: Millis) -> Result<()> {
    let options = Payload::of(message)?.options;
    let list = options.actions;
    let mut actions = parse(&list)?;
    if let Some(label) = options.label {
        actions.push(Action::LabelsAdd(vec![label]));
    }
    if actions.is_empty() {
        return Ok(());
    }
    let account = &device.account_id;
    let Some(mut chat) = w.account(account).chat(&device.id, &message.chat).await? else { return Ok(()) };
    let mut contact = w.account(account).contact(&device.id, &message.chat).await?;
    let before = contact.as_ref().map(|c| c.metadata.clone());
    for action in &actions {
        // Who was there when the message was accepted may have left since.
        match resolved(w, device, action).await {
            Ok(action) => apply(&mut chat, contact.as_mut(), &action, message, now)?,
            Err(error) if error.kind == Kind::Internal => return Err(error),
            Err(error) => {
                tracing::warn!(message = %message.id, error = %error, "an action after a message is left out");
            }
        }
    }
    w.account(account).update_chat(&device.id, &chat).await?;
    if let Some(contact) = contact
        && before.is_some_and(|before| before != contact.metadata)
    {
        w.account(account).update_metadata(&device.id, &contact.wid, &contact.metadata, now).await?;
    }
    let device_ref = DeviceRef::of(device);
    let view = inbox::chat_view(w, device, &message.chat).await?;
    let change = Change {
        event: "chat:update",
        object: "chat",
        object_id: message.chat.clone(),
        lane: events::lane(&device.id, &message.chat),
        data: json!({
            "chat": view,
            "changes": list.iter().filter_map(|a| a.get("action").cloned()).collect::<Vec<_>>(),
            "by": { "user": message.created_by, "message": message.id },
            "date": iso(now),
        }),
    };
    events::append(w, account, Some(&device_ref), change, now).await?;
    Ok(())
}

fn apply(
    chat: &mut ChatRow,
    contact: Option<&mut ContactRow>,
    action: &Action,
    message: &MessageRow,
    now: Millis,
) -> Result<()> {
    let mut labels: Vec<String> = serde_json::from_str(&chat.labels).map_err(Error::internal)?;
    match action {
        Action::Assign { agent, department } => {
            let owner = ChatOwner { agent: agent.clone(), department: department.clone() };
            let mut owner = serde_json::to_value(owner).map_err(Error::internal)?;
            owner["assigner"] = json!(message.created_by);
            owner["assignedAt"] = json!(iso(now));
            chat.owner = owner.to_string();
        }
        Action::Unassign => chat.owner = "{}".to_owned(),
        Action::Resolve => "resolved".clone_into(&mut chat.status),
        Action::Unresolve => "active".clone_into(&mut chat.status),
        Action::Read => chat.unread = 0,
        Action::Unread => chat.unread = chat.unread.max(1),
        Action::LabelsAdd(add) => {
            for label in add {
                if !labels.contains(label) {
                    labels.push(label.clone());
                }
            }
        }
        Action::LabelsRemove(remove) => labels.retain(|label| !remove.contains(label)),
        Action::LabelsSet(set) => {
            let unique: BTreeSet<_> = set.iter().cloned().collect();
            labels = unique.into_iter().collect();
        }
        Action::MetadataSet(_) | Action::MetadataAdd(_) | Action::MetadataRemove(_) => {
            if let Some(contact) = contact {
                contact.metadata = metadata(&contact.metadata, action)?;
            }
        }
    }
    chat.labels = json!(labels).to_string();
    Ok(())
}

fn metadata(column: &str, action: &Action) -> Result<String> {
    let list: Vec<Map<String, Value>> = serde_json::from_str(column).map_err(Error::internal)?;
    let read =
        |pair: &Map<String, Value>, name: &str| pair.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut pairs: Vec<(String, String)> = list.iter().map(|pair| (read(pair, "key"), read(pair, "value"))).collect();
    match action {
        Action::MetadataSet(set) => pairs.clone_from(set),
        Action::MetadataAdd(add) => {
            for (key, value) in add {
                pairs.retain(|(known, _)| known != key);
                pairs.push((key.clone(), value.clone()));
            }
        }
        Action::MetadataRemove(keys) => pairs.retain(|(known, _)| !keys.contains(known)),
        _ => {}
    }
    let list: Vec<Value> = pairs.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    Ok(Value::from(list).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Action, metadata, parse};

    #[test]
    fn wrong_actions_are_named() {
        for (action, part) in [
            (json!({}), "needs 'action'"),
            (json!({"action": "chat:explode"}), "'chat:explode' is no action"),
            (json!({"action": "chat:assign"}), "needs either"),
            (json!({"action": "labels:add", "params": {"labels": []}}), "0 entries"),
            (json!({"action": "metadata:add", "params": {"metadata": [{"key": "", "value": "x"}]}}), "1 to 30"),
        ] {
            let error = parse(std::slice::from_ref(&action)).expect_err("refused");
            assert!(error.message.contains(part), "{action}: {}", error.message);
            assert!(error.message.starts_with("actions[0]"));
        }
    }

    #[test]
    fn metadata_is_set_added_to_and_removed_from() {
        let pair = |k: &str, v: &str| (k.to_owned(), v.to_owned());
        let set = metadata("[]", &Action::MetadataSet(vec![pair("a", "1"), pair("b", "2")])).expect("set");
        let added = metadata(&set, &Action::MetadataAdd(vec![pair("a", "3")])).expect("added");
        assert_eq!(added, r#"[{"key":"b","value":"2"},{"key":"a","value":"3"}]"#);
        let removed = metadata(&added, &Action::MetadataRemove(vec!["b".to_owned()])).expect("removed");
        assert_eq!(removed, r#"[{"key":"a","value":"3"}]"#);
    }
}
