//! Adding, removing, promoting; and what became of each person.

use sparkbot_network::NetworkError;
use sparkbot_network::group::{Invitation, MemberAction, MemberOutcome};
use sparkbot_network::wid::Wid;
use whatsapp_rust::wacore::iq::groups::{GROUP_IQ_NAMESPACE, ParticipantChangeResponse};
use whatsapp_rust::wacore::protocol::ProtocolNode;
use whatsapp_rust::wacore::request::InfoQuery;
use whatsapp_rust::wacore_binary::NodeContent;
use whatsapp_rust::{Client, Jid, NodeBuilder};

use super::someone;
use crate::{address, errors};

/// Promotes or demotes. The client can, too, but does not tell whom WhatsApp has
/// refused it.
async fn set_role(
    client: &Client,
    group: &Jid,
    tag: &'static str,
    people: &[Jid],
) -> Result<Vec<ParticipantChangeResponse>, NetworkError> {
    let named = people.iter().map(|jid| NodeBuilder::new("participant").attr("jid", jid).build());
    let action = NodeBuilder::new(tag).children(named.collect::<Vec<_>>()).build();
    let query = InfoQuery::set_ref(GROUP_IQ_NAMESPACE, group, Some(NodeContent::Nodes(vec![action])));
    let answer = client.send_iq(query).await.map_err(|error| errors::request(&error))?;
    let answer = answer.get();
    let Some(done) = answer.get_optional_child(tag) else { return Ok(Vec::new()) };
    let people = done.get_children_by_tag("participant").map(ParticipantChangeResponse::try_from_node_ref);
    people.collect::<Result<_, _>>().map_err(|error| NetworkError::State(errors::scrubbed(&error.to_string())))
}

/// Does something to members; what became of each, in the order asked.
pub(crate) async fn change(
    client: &Client,
    group: &Jid,
    action: MemberAction,
    asked: &[Wid],
    people: &[Jid],
) -> Result<Vec<MemberOutcome>, NetworkError> {
    let groups = client.groups();
    let done = match action {
        MemberAction::Add => groups.add_participants(group, people).await,
        MemberAction::Remove => groups.remove_participants(group, people).await,
        MemberAction::Approve => groups.approve_membership_requests(group, people).await,
        MemberAction::Reject => groups.reject_membership_requests(group, people).await,
        MemberAction::Promote | MemberAction::Demote => {
            let tag = if action == MemberAction::Promote { "promote" } else { "demote" };
            return outcomes(client, asked, set_role(client, group, tag, people).await?).await;
        }
    };
    let told = done.map_err(|error| errors::request(&error))?;
    outcomes(client, asked, told).await
}

/// WhatsApp answers under whichever address it likes, in whichever order.
async fn outcomes(
    client: &Client,
    asked: &[Wid],
    told: Vec<ParticipantChangeResponse>,
) -> Result<Vec<MemberOutcome>, NetworkError> {
    let same_length = told.len() == asked.len();
    let mut known = Vec::with_capacity(told.len());
    for answer in told {
        let names = [Some(&answer.jid), answer.phone_number.as_ref()];
        let mut wids: Vec<Wid> = names.into_iter().flatten().filter_map(address::wid).collect();
        if let Some(who) = someone(client, &answer.jid, answer.phone_number.as_ref()).await {
            wids.push(who.wid);
            wids.extend(who.lid);
        }
        known.push((wids, answer));
    }
    let found = asked.iter().enumerate().map(|(place, wid)| {
        let by_name = known.iter().find(|(wids, _)| wids.contains(wid));
        let answer = by_name.or_else(|| known.get(place).filter(|_| same_length)).map(|(_, answer)| answer);
        let error = answer.and_then(|answer| answer.error.as_deref()).and_then(|code| code.parse().ok());
        let invitation = answer.and_then(|answer| answer.add_request.as_ref()).map(|request| Invitation {
            code: request.code.clone(),
            expires_at: i64::try_from(request.expiration).unwrap_or(i64::MAX / 1000) * 1000,
        });
        MemberOutcome { wid: wid.clone(), error, invitation }
    });
    Ok(found.collect())
}
