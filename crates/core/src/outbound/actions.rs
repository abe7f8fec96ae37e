//! What a message asks for after it was taken by WhatsApp: assign its chat, label
//! it, and so on.

use serde_json::{Map, Value, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, MessageRow};

use super::payload::Payload;
use crate::chats::{self, By, ChatAct};
use crate::contacts;
use crate::departments;
use crate::error::{Error, Kind, Result};
use crate::network::Millis;
use crate::team;

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
    let by = By::outbound(&message.created_by, &message.id.to_string());
    let mut metadata_changed = Vec::new();
    for action in actions {
        // Who was there when the message was accepted may have left since.
        let done = match resolved(w, device, &action).await {
            Ok(action) => match on_chat(&action) {
                Some(act) => chats::act(w, device, chat.clone(), &act, &by, now).await,
                None => {
                    metadata_changed.push(action);
                    continue;
                }
            },
            Err(error) => Err(error),
        };
        match done {
            Ok(changed) => chat = changed,
            Err(error) if error.kind == Kind::Internal => return Err(error),
            Err(error) => {
                tracing::warn!(message = %message.id, error = %error, "an action after a message is left out");
            }
        }
    }
    if metadata_changed.is_empty() {
        return Ok(());
    }
    let Some(contact) = w.account(account).contact(&device.id, &message.chat).await? else { return Ok(()) };
    let mut column = contact.metadata.clone();
    for action in &metadata_changed {
        column = metadata(&column, action)?;
    }
    if column != contact.metadata {
        let who = contacts::By::Message { user: &message.created_by, id: message.id.as_str() };
        contacts::set_metadata(w, device, &contact, column, who, now).await?;
        let changes = Map::from_iter([("metadata".to_owned(), Value::Null)]);
        chats::tell(w, device, &chat, changes, &by, now).await?;
    }
    Ok(())
}

/// An action in the words of the chats room; `None` for what is the contact's.
fn on_chat(action: &Action) -> Option<ChatAct> {
    let labels = |add: &[String], remove: &[String], replace| {
        Some(ChatAct::Labels { add: add.to_vec(), remove: remove.to_vec(), replace })
    };
    match action {
        Action::Assign { agent, department } => {
            Some(ChatAct::Assign { agent: agent.clone(), department: department.clone() })
        }
        Action::Unassign => Some(ChatAct::Unassign),
        Action::Resolve => Some(ChatAct::Resolve),
        Action::Unresolve => Some(ChatAct::Unresolve),
        Action::Read => Some(ChatAct::Read(true)),
        Action::Unread => Some(ChatAct::Read(false)),
        Action::LabelsAdd(add) => labels(add, &[], false),
        Action::LabelsRemove(remove) => labels(&[], remove, false),
        Action::LabelsSet(set) => labels(set, &[], true),
        Action::MetadataSet(_) | Action::MetadataAdd(_) | Action::MetadataRemove(_) => None,
    }
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
