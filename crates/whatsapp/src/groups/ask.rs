//! Asking for groups. The client asks the same, but reads who may add people
//! only where WhatsApp writes it as a token; it comes as bytes.

use std::collections::HashMap;

use sparkbot_network::NetworkError;
use sparkbot_network::group::{GroupInfo, JoinRequest};
use whatsapp_rust::wacore::iq::groups::{
    GetMembershipRequestsIq, GroupInfoOutcome, GroupParticipatingIq, GroupQueryIq,
};
use whatsapp_rust::wacore::iq::spec::IqSpec;
use whatsapp_rust::wacore_binary::{NodeContentRef, NodeRef};
use whatsapp_rust::{Client, GroupMetadata, Jid};

use super::info::info;
use super::someone;
use crate::errors;

/// All groups and communities that the number is in.
pub(crate) async fn all(client: &Client) -> Result<Vec<GroupInfo>, NetworkError> {
    let spec = GroupParticipatingIq::new();
    let answer = client.send_iq(spec.build_iq()).await.map_err(|error| errors::request(&error))?;
    let answer = answer.get();
    let found = spec.parse_response(answer).map_err(|error| unreadable(&error))?;
    let lists = ["groups", "communities"].into_iter().filter_map(|tag| answer.get_optional_child(tag));
    let told: HashMap<String, bool> = lists
        .flat_map(|list| list.children().unwrap_or_default().iter())
        .filter_map(|group| Some((group.attrs().optional_string("id")?.into_owned(), admins_invite(group))))
        .collect();
    let mut groups = Vec::with_capacity(found.groups.len());
    for group in found.groups {
        let by_id = told.get(group.id.user_base()).or_else(|| told.get(&group.id.to_string()));
        let admins_invite = by_id.copied().unwrap_or(false);
        groups.extend(info(client, GroupMetadata::from(group), admins_invite).await);
    }
    Ok(groups)
}

/// One group.
pub(crate) async fn one(client: &Client, group: &Jid) -> Result<GroupInfo, NetworkError> {
    let spec = GroupQueryIq::new(group);
    let answer = client.send_iq(spec.build_iq()).await.map_err(|error| errors::request(&error))?;
    let answer = answer.get();
    let admins_invite = ["group", "community"]
        .into_iter()
        .find_map(|tag| answer.get_optional_child(tag))
        .is_some_and(|group| admins_invite(group));
    match spec.parse_response(answer).map_err(|error| unreadable(&error))? {
        GroupInfoOutcome::Full(found) => info(client, GroupMetadata::from(*found), admins_invite).await,
        GroupInfoOutcome::NotModified => None,
    }
    .ok_or_else(|| NetworkError::State("WhatsApp's answer names no group".to_owned()))
}

/// Who waits to be let in. The client asks the same, but drops the second address
/// of people that it does not know yet.
pub(crate) async fn requests(client: &Client, group: &Jid) -> Result<Vec<JoinRequest>, NetworkError> {
    let query = GetMembershipRequestsIq::new(group).build_iq();
    let answer = client.send_iq(query).await.map_err(|error| errors::request(&error))?;
    let Some(list) = answer.get().get_optional_child("membership_approval_requests") else { return Ok(Vec::new()) };
    let mut requests = Vec::new();
    for request in list.get_children_by_tag("membership_approval_request") {
        let mut attrs = request.attrs();
        let Some(jid) = attrs.optional_jid("jid") else { continue };
        let told = attrs.optional_jid("phone_number").or_else(|| attrs.optional_jid("lid"));
        let at = attrs.optional_u64("request_time").and_then(|seconds| i64::try_from(seconds).ok());
        let Some(who) = someone(client, &jid, told.as_ref()).await else { continue };
        requests.push(JoinRequest { who, at: at.map(|seconds| seconds * 1000) });
    }
    Ok(requests)
}

fn admins_invite(group: &NodeRef<'_>) -> bool {
    let mode = group.get_optional_child("member_add_mode").and_then(|mode| mode.content.as_ref());
    match mode {
        Some(NodeContentRef::String(text)) => text.as_bytes() == b"admin_add",
        Some(NodeContentRef::Bytes(bytes)) => bytes.to_vec() == b"admin_add",
        _ => false,
    }
}

fn unreadable(error: &impl std::fmt::Display) -> NetworkError {
    NetworkError::State(errors::scrubbed(&error.to_string()))
}
