//! Calls that ring, or rang while the number was away. Groups ring for
//! everybody and are nobody's to answer.

use sparkbot_network::Report;
use sparkbot_network::report::Ring;
use whatsapp_rust::Client;
use whatsapp_rust::types::call::{CallAction, IncomingCall, MissedCall, MissedReason};

use crate::address;

pub(super) async fn incoming(client: &Client, call: &IncomingCall) -> Option<Report> {
    let CallAction::Offer { call_id, call_creator, caller_pn, group_jid: None, .. } = &call.action else { return None };
    let who = address::person(client, &call.from, caller_pn.as_ref()).await?;
    Some(Report::Ring(Ring {
        id: call_id.clone(),
        from: who.wid,
        lid: who.lid,
        at: call.timestamp.timestamp_millis(),
        ringing: !call.offline,
        peer: call.from.to_string(),
        creator: call_creator.to_string(),
    }))
}

pub(super) async fn missed(client: &Client, call: &MissedCall) -> Option<Report> {
    if !matches!(call.reason, MissedReason::Offline) {
        // It has rung here, and was told of then.
        return None;
    }
    let who = address::person(client, &call.from, None).await?;
    Some(Report::Ring(Ring {
        id: call.call_id.clone(),
        from: who.wid,
        lid: who.lid,
        at: call.timestamp.timestamp_millis(),
        ringing: false,
        peer: call.from.to_string(),
        creator: call.from.to_string(),
    }))
}
