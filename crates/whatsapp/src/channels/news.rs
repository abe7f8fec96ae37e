//! What has happened to a channel.

use serde_json::Value;
use sparkbot_network::channel::PostCounts;
use sparkbot_network::wid::{Wid, WidKind};
use sparkbot_network::{ChannelNews, ChannelReport, Report};
use whatsapp_rust::types::events::MexNotification;
use whatsapp_rust::wacore_binary::NodeRef;

use crate::address;

/// A change that WhatsApp tells of by GraphQL. What it is stands in it only in
/// part and differs from version to version: it is asked for.
pub(crate) fn changed(notification: &MexNotification) -> Option<Report> {
    if !notification.op_name.contains("Newsletter") {
        return None;
    }
    let payload = &notification.payload;
    let told = payload["data"].as_object().into_iter().flat_map(|data| data.values()).map(|told| &told["id"]);
    let updates = payload["updates"].as_array().into_iter().flatten().map(|update| &update["jid"]);
    let channel = told.chain(updates).find_map(channel)?;
    Some(Report::Channel(ChannelReport { channel, news: ChannelNews::Stale }))
}

fn channel(id: &Value) -> Option<Wid> {
    id.as_str()?.parse().ok().filter(|wid: &Wid| wid.kind() == WidKind::Channel)
}

/// What has become of posts: `<notification type="newsletter"><live_updates>…`.
/// The client reads it too, without the posts' ids.
pub(crate) fn live(notification: &NodeRef<'_>) -> Option<Report> {
    let mut attrs = notification.attrs();
    if attrs.optional_string("type")? != "newsletter" {
        return None;
    }
    let channel = address::wid(&attrs.optional_jid("from")?)?;
    let messages = notification.get_optional_child("live_updates")?.get_optional_child("messages")?;
    let posts: Vec<PostCounts> = messages.get_children_by_tag("message").filter_map(|post| counts(post)).collect();
    (!posts.is_empty()).then_some(Report::Channel(ChannelReport { channel, news: ChannelNews::Counts(posts) }))
}

fn counts(post: &NodeRef<'_>) -> Option<PostCounts> {
    let id = post.attrs().optional_string("id")?.into_owned();
    let reactions = post.get_optional_child("reactions");
    let views = post.get_optional_child("views_count");
    if reactions.is_none() && views.is_none() {
        return None;
    }
    let given = reactions.into_iter().flat_map(|all| all.get_children_by_tag("reaction")).filter_map(|reaction| {
        let mut attrs = reaction.attrs();
        let code = attrs.optional_string("code")?.into_owned();
        let count = attrs.optional_u64("count").unwrap_or(0);
        (!code.is_empty() && count > 0).then_some((code, count))
    });
    let views = views.and_then(|views| views.attrs().optional_u64("count"));
    Some(PostCounts { id, reactions: given.collect(), views })
}
