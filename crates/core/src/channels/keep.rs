//! Writing a channel as it is now, and telling what has changed: the one place
//! where both happen, so that a change is told once, whoever hears of it first.

use serde_json::{Map, Value, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::DeviceRow;

use super::doc::{State, role_word};
use crate::chats::{self, By, Learnt};
use crate::error::{Error, Result};
use crate::events::{self, Change};
use crate::network::Millis;
use crate::views::DeviceRef;
use crate::wid::Wid;

/// Who has changed something, and when.
#[derive(Debug, Clone)]
pub(super) struct Author {
    /// The number itself, for what was done here. WhatsApp does not tell who runs
    /// a channel, so that nobody is named for what others do.
    pub(super) by: Option<Wid>,
    pub(super) at: Millis,
}

/// Writes a channel as it is now. What has changed is told to those who listen,
/// unless `quiet`.
pub(super) async fn keep(
    w: &mut Writing,
    device: &DeviceRow,
    before: Option<&State>,
    mut after: State,
    author: &Author,
    quiet: bool,
) -> Result<()> {
    // One that was left and is followed again is new.
    let before = before.filter(|before| before.role.is_some());
    if before.is_none() && after.role.is_none() {
        return Ok(());
    }
    let (words, previous) =
        before.map_or_else(|| (vec!["membership"], Map::new()), |before| differences(before, &after));
    let channel = after.facts.wid.to_string();
    if !words.is_empty() {
        after.updated_at = after.updated_at.max(author.at);
    }
    w.account(&device.account_id).put_channel(&device.id, &after.row()?).await?;
    if before.is_none_or(|before| before.facts.name != after.facts.name) {
        let known = w.account(&device.account_id).chat(&device.id, &channel).await?.is_some();
        let learnt = Learnt { wid: channel, name: Some(after.facts.name.clone()), ..Learnt::default() };
        if known {
            chats::learnt(w, device, learnt, (!quiet).then_some(&By::phone()), author.at).await?;
        }
    }
    if !words.is_empty() && !quiet {
        tell(w, device, &after, &words, previous, author).await?;
    }
    Ok(())
}

/// Appends the event of a change.
async fn tell(
    w: &mut Writing,
    device: &DeviceRow,
    state: &State,
    words: &[&'static str],
    previous: Map<String, Value>,
    author: &Author,
) -> Result<()> {
    let channel = state.facts.wid.to_string();
    let chat = w.account(&device.account_id).chat(&device.id, &channel).await?;
    let mut data = serde_json::to_value(state.view(chat.as_ref())).map_err(Error::internal)?;
    data["changes"] = json!(words);
    data["previous"] = Value::Object(previous);
    data["by"] = author
        .by
        .as_ref()
        .map_or(Value::Null, |wid| json!({ "wid": wid, "phone": wid.phone().map(String::from), "lid": device.lid }));
    data["date"] = json!(crate::clock::iso(author.at));
    let change = Change {
        event: "group:update",
        object: "channel",
        object_id: channel.clone(),
        lane: events::lane(&device.id, &channel),
        data,
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, author.at).await?;
    Ok(())
}

/// What is another than before, and what it was. That people come and go is no
/// news: large channels would tell of nothing else.
fn differences(before: &State, after: &State) -> (Vec<&'static str>, Map<String, Value>) {
    let (old, new) = (&before.facts, &after.facts);
    let mut words = Vec::new();
    let mut previous = Map::new();
    let mut note = |word: &'static str, differs: bool, was: Value| {
        if differs {
            words.push(word);
            previous.insert(word.to_owned(), was);
        }
    };
    note("name", old.name != new.name, json!(old.name));
    note("description", old.description != new.description, json!(old.description));
    let picture = |state: &State| state.facts.picture.as_ref().map(|picture| picture.id.clone());
    let url = old.picture.as_ref().map(|picture| picture.url.clone());
    note("image", picture(before) != picture(after), json!(url));
    note("role", before.role != after.role, json!(before.role.map(role_word)));
    note("verified", old.verified != new.verified, json!(old.verified));
    note("suspended", old.suspended != new.suspended, json!(old.suspended));
    note("muted", before.muted != after.muted, json!(before.muted));
    // That it has become known is no change.
    note("invite", old.invite_code.is_some() && old.invite_code != new.invite_code, json!(old.invite_code));
    (words, previous)
}
