//! Who has looked at a status update. The client takes the sender of such a
//! receipt from its address, which is the same for everybody; the stanza itself
//! says who it was.

use sparkbot_network::{Receipt, ReceiptKind, Report};
use whatsapp_rust::wacore_binary::NodeRef;
use whatsapp_rust::{Client, Jid};

use crate::address;

/// The address of all status updates.
const CHAT: &str = "status@broadcast";

/// Whether a stanza is a receipt for a status update.
pub(crate) fn is_look(node: &NodeRef<'_>) -> bool {
    node.tag.as_ref() == "receipt"
        && node.get_attr("from").is_some_and(|from| from.as_str() == CHAT)
        && node.get_attr("participant").is_some()
}

/// The receipt, with who sent it.
pub(crate) async fn report(client: &Client, node: &NodeRef<'_>) -> Option<Report> {
    let text = |name: &str| node.get_attr(name).map(|value| value.as_str().into_owned());
    let kind = match text("type").as_deref() {
        None | Some("inactive") => ReceiptKind::Delivered,
        Some("read" | "view") => ReceiptKind::Read,
        Some("played") => ReceiptKind::Played,
        Some(_) => return None,
    };
    let jid = |name: &str| text(name).and_then(|text| text.parse::<Jid>().ok());
    let by = address::person(client, &jid("participant")?, jid("participant_pn").as_ref()).await?;
    let mut ids: Vec<String> = text("id").into_iter().collect();
    if let Some(list) = node.get_optional_child("list") {
        let more = list.get_children_by_tag("item").filter_map(|item| Some(item.get_attr("id")?.as_str().into_owned()));
        ids.extend(more);
    }
    let seconds: i64 = text("t").and_then(|t| t.parse().ok()).unwrap_or_default();
    Some(Report::Receipt(Receipt {
        ids,
        chat: address::wid(&CHAT.parse().ok()?)?,
        by: by.wid,
        kind,
        at: seconds * 1000,
    }))
}
