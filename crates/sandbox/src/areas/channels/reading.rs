//! Reading what was posted, and looking on live.

use std::collections::BTreeMap;

use wacore_binary::{Jid, Node};

use super::super::Request;
use super::id_of;
use crate::ids::AccountId;
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::channels::{Channel, Post};

/// The most posts in one answer.
const MAX_LISTED: usize = 300;
/// How long a device gets live updates, in seconds.
const LIVE: u64 = 300;

/// The channel an iq is about: its addressee, or named in the request.
fn asked(request: &Request<'_>, child: &str) -> Option<String> {
    let named = request.stanza.child(child).and_then(|child| child.jid_of("jid"));
    let to = request.stanza.jid_of("to");
    named.iter().chain(&to).find_map(id_of).or_else(|| {
        // By the code of its link.
        request
            .stanza
            .child(child)
            .filter(|child| child.text_of("type") == "invite")
            .map(|child| child.text_of("key").into_owned())
    })
}

fn found<'w>(world: &'w World, request: &Request<'_>, child: &str) -> Option<&'w Channel> {
    let key = asked(request, child)?;
    world.channels.get(&key).or_else(|| world.channels.invited(&key))
}

/// `<messages count before after>`: posts, oldest first.
pub(crate) fn messages(world: &mut World, request: &Request<'_>) {
    list(world, request, "messages", |channel, viewer, posts| {
        let children: Vec<Node> = posts.map(|post| stored(post, viewer)).collect();
        node("messages").attr("jid", channel.jid.clone()).attr("t", channel.created_at).children(children).build()
    });
}

/// `<message_updates count since after>`: reactions and views of posts.
pub(crate) fn message_updates(world: &mut World, request: &Request<'_>) {
    list(world, request, "message_updates", |channel, viewer, posts| {
        let children: Vec<Node> = posts.map(|post| update(post, viewer)).collect();
        let messages =
            node("messages").attr("jid", channel.jid.clone()).attr("t", channel.created_at).children(children);
        node("message_updates").children([messages.build()]).build()
    });
}

fn list(
    world: &mut World,
    request: &Request<'_>,
    child: &str,
    show: impl Fn(&Channel, AccountId, &mut dyn Iterator<Item = &Post>) -> Node,
) {
    let Some((me, asked)) = request.device.zip(request.stanza.child(child)) else {
        return request.error(world, 400, "bad-request");
    };
    let number = |name: &str| asked.number_of(name);
    let count = number("count").and_then(|count| usize::try_from(count).ok()).unwrap_or(50).min(MAX_LISTED);
    let (before, after, since) = (number("before"), number("after"), number("since"));
    let Some(channel) = found(world, request, child) else {
        return request.error(world, 404, "item-not-found");
    };
    let fits = |post: &&Post| {
        before.is_none_or(|before| post.server_id < before)
            && after.is_none_or(|after| post.server_id > after)
            && since.is_none_or(|since| post.at >= since)
    };
    let mut posts: Vec<&Post> = match after {
        Some(_) => channel.posts.iter().filter(fits).take(count).collect(),
        None => channel.posts.iter().rev().filter(fits).take(count).collect(),
    };
    posts.sort_by_key(|post| post.server_id);
    let answer = show(channel, me.account, &mut posts.into_iter());
    request.result(world, [answer]);
}

/// Wants to hear of reactions and views for a while.
pub(crate) fn live_updates(world: &mut World, request: &Request<'_>) {
    let until = world.now_ms() + LIVE * 1000;
    let Some((device, id)) = request.device.zip(asked(request, "live_updates")) else {
        return request.error(world, 400, "bad-request");
    };
    let Some(channel) = world.channels.get_mut(&id) else {
        return request.error(world, 404, "item-not-found");
    };
    channel.watchers.insert(device, until);
    request.result(world, [node("live_updates").attr("duration", LIVE).build()]);
}

/// A post on its way to a follower's device.
pub(crate) fn delivered(channel: &Jid, post: &Post, viewer: AccountId) -> Node {
    let mut message = node("message")
        .attr("from", channel.clone())
        .attr("id", post.id.as_str())
        .attr("server_id", post.server_id)
        .attr("type", post.kind.as_str())
        .attr("t", post.at);
    if post.author == viewer {
        message = message.attr("is_sender", "true");
    }
    let mut children = vec![plaintext(post)];
    if post.revoked {
        message = message.attr("edit", "8");
    } else if let Some(edited) = post.edited_at {
        message = message.attr("edit", "3");
        let meta = node("meta").attr("msg_edit_t", edited * 1000).attr("original_msg_t", post.at);
        children.push(meta.build());
    }
    message.children(children).build()
}

/// A post as history holds it.
fn stored(post: &Post, viewer: AccountId) -> Node {
    let mut message = node("message")
        .attr("id", post.id.as_str())
        .attr("server_id", post.server_id)
        .attr("type", post.kind.as_str())
        .attr("t", post.at);
    if post.author == viewer {
        message = message.attr("is_sender", "true");
    }
    let mut children = vec![plaintext(post)];
    children.extend(counts(post));
    message.children(children).build()
}

/// What has become of a post: reactions and views.
pub(crate) fn update(post: &Post, viewer: AccountId) -> Node {
    let mut message = node("message")
        .attr("id", post.id.as_str())
        .attr("server_id", post.server_id)
        .attr("type", post.kind.as_str())
        .attr("t", post.at);
    if post.author == viewer {
        message = message.attr("is_sender", "true");
    }
    message.children(counts(post)).build()
}

fn plaintext(post: &Post) -> Node {
    let mut plaintext = node("plaintext");
    if let Some(media) = &post.media {
        plaintext = plaintext.attr("mediatype", media.as_str());
    }
    plaintext.bytes(post.plaintext.clone()).build()
}

fn counts(post: &Post) -> Vec<Node> {
    let mut by_code: BTreeMap<&str, u64> = BTreeMap::new();
    for code in post.reactions.values() {
        *by_code.entry(code).or_default() += 1;
    }
    let reactions: Vec<Node> = by_code
        .into_iter()
        .map(|(code, count)| node("reaction").attr("code", code).attr("count", count).build())
        .collect();
    let views = node("views_count").attr("count", post.views).build();
    vec![node("reactions").children(reactions).build(), views]
}
