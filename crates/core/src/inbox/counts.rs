//! What becomes of channels' posts: who reacts is not told, only how many. It is
//! kept as a mark that the channel itself has put on its post.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, MarkRow};

use crate::chat_messages::{self, COUNTS, Parts};
use crate::error::{Error, Result};
use crate::events;
use crate::network::Millis;
use crate::network::channel;
use crate::views::{DeviceRef, PostCounts, ReactionCount};

/// Takes in what has become of a post that is known here. Reactions are told as
/// `channel:in`; that somebody has seen it is only kept.
pub(crate) async fn counted(
    w: &mut Writing,
    device: &DeviceRow,
    channel: &str,
    post: &channel::PostCounts,
    now: Millis,
) -> Result<()> {
    let mut scope = w.account(&device.account_id);
    let mut found = scope.chat_messages_under(&device.id, channel, &post.id).await?;
    found.retain(|row| row.status != "removed");
    let Some(row) = found.pop() else { return Ok(()) };
    let mut marks = scope.marks(&device.id, std::slice::from_ref(&post.id)).await?;
    marks.retain(|mark| mark.chat == channel);
    let before = chat_messages::counts(&marks).unwrap_or_default();
    let reactions = post.reactions.iter().take(MOST);
    let reactions = reactions.map(|(emoji, count)| ReactionCount { emoji: shortened(emoji), count: *count });
    let after = PostCounts { reactions: reactions.collect(), views: post.views.or(before.views) };
    if after == before {
        return Ok(());
    }
    let value = serde_json::to_string(&after).map_err(Error::internal)?;
    let mark = MarkRow {
        target: post.id.clone(),
        chat: channel.to_owned(),
        kind: COUNTS.to_owned(),
        person: channel.to_owned(),
        person_lid: None,
        // Counts come without an id: this tells one from the next.
        wa_id: format!("counts-{}", hex::encode(Sha256::digest(&value))),
        value: Some(value),
        at: now,
    };
    if !scope.put_mark(&device.id, &mark).await? || after.reactions == before.reactions {
        return Ok(());
    }
    let view = chat_messages::show_one(&mut scope, device, row, Parts::EVENT).await?;
    let mut data: Value = serde_json::to_value(view).map_err(Error::internal)?;
    data["update"] = json!({ "type": "reactions", "reactions": after.reactions, "previous": before.reactions });
    let change = events::Change {
        event: "channel:in",
        object: "message",
        object_id: post.id.clone(),
        lane: events::lane(&device.id, channel),
        data,
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, now).await?;
    Ok(())
}

/// Emojis of a post at most.
const MOST: usize = 100;

fn shortened(emoji: &str) -> String {
    emoji.chars().take(16).collect()
}
