//! Asking about channels, making, changing and leaving them.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sparkbot_network::NetworkError;
use sparkbot_network::channel::{ChannelChange, ChannelInfo, NewChannel};
use whatsapp_rust::wacore::iq::mex_operations::{
    create_newsletter, delete_newsletter, fetch_all_newsletters_metadata, fetch_newsletter, join_newsletter,
    leave_newsletter, update_newsletter,
};
use whatsapp_rust::{Client, Jid};

use super::info::info;
use crate::http::Http;
use crate::{errors, mex};

/// Names and numbers of a persisted query.
macro_rules! query {
    ($operation:ident) => {
        ($operation::NAME, $operation::DOC_ID)
    };
}
pub(super) use query;

/// All channels that the number runs or follows.
pub(crate) async fn all(client: &Client, http: &Http) -> Result<Vec<ChannelInfo>, NetworkError> {
    let field = "xwa2_newsletter_subscribed";
    let found = mex::ask(client, query!(fetch_all_newsletters_metadata), &json!({}), field).await?;
    Ok(found.as_array().into_iter().flatten().filter_map(|channel| info(http, channel)).collect())
}

/// One channel: `kind` is `JID` for its id, `INVITE` for its link's code.
pub(crate) async fn one(
    client: &Client,
    http: &Http,
    kind: &'static str,
    key: &str,
) -> Result<ChannelInfo, NetworkError> {
    let variables = json!({
        "input": { "key": key, "type": kind, "view_role": "GUEST" },
        "fetch_viewer_metadata": true,
        "fetch_full_image": true,
        "fetch_creation_time": true,
    });
    let found = mex::ask(client, query!(fetch_newsletter), &variables, "xwa2_newsletter").await?;
    // What is gone is answered as an error or as nothing at all.
    let gone = found["state"]["type"].as_str().is_some_and(|state| state.eq_ignore_ascii_case("DELETED"));
    info(http, &found)
        .filter(|_| !gone)
        .ok_or_else(|| NetworkError::Refused { code: 404, reason: "no such channel".to_owned() })
}

pub(crate) async fn create(client: &Client, http: &Http, new: NewChannel) -> Result<ChannelInfo, NetworkError> {
    let input = texts([
        ("name", Some(new.name)),
        ("description", new.description),
        ("picture", new.jpeg.map(|jpeg| STANDARD.encode(jpeg))),
    ]);
    let variables = json!({ "input": input });
    let made = mex::ask(client, query!(create_newsletter), &variables, "xwa2_newsletter_create").await?;
    info(http, &made).ok_or_else(|| NetworkError::State("a channel without an id".to_owned()))
}

pub(crate) async fn change(client: &Client, channel: &Jid, change: ChannelChange) -> Result<(), NetworkError> {
    let updates = texts([
        ("name", change.name),
        ("description", change.description),
        ("picture", change.jpeg.map(|jpeg| STANDARD.encode(jpeg))),
    ]);
    let variables = json!({ "newsletter_id": channel.to_string(), "updates": updates });
    done(client, query!(update_newsletter), &variables, "xwa2_newsletter_update").await
}

pub(crate) async fn delete(client: &Client, channel: &Jid) -> Result<(), NetworkError> {
    of_channel(client, query!(delete_newsletter), channel, "xwa2_newsletter_delete_v2").await
}

pub(crate) async fn follow(client: &Client, channel: &Jid) -> Result<(), NetworkError> {
    of_channel(client, query!(join_newsletter), channel, "xwa2_newsletter_join_v2").await
}

pub(crate) async fn unfollow(client: &Client, channel: &Jid) -> Result<(), NetworkError> {
    of_channel(client, query!(leave_newsletter), channel, "xwa2_newsletter_leave_v2").await
}

/// Has WhatsApp tell of what becomes of posts, for a while.
pub(crate) async fn watch(client: &Client, channel: &Jid) -> Result<Duration, NetworkError> {
    let seconds = client.newsletter().subscribe_live_updates(channel).await;
    seconds.map(Duration::from_secs).map_err(|error| errors::request(&error))
}

async fn of_channel(
    client: &Client,
    query: (&'static str, &'static str),
    channel: &Jid,
    field: &str,
) -> Result<(), NetworkError> {
    done(client, query, &json!({ "newsletter_id": channel.to_string() }), field).await
}

async fn done(
    client: &Client,
    query: (&'static str, &'static str),
    variables: &Value,
    field: &str,
) -> Result<(), NetworkError> {
    match mex::ask(client, query, variables, field).await? {
        Value::Null => Err(NetworkError::Refused { code: 404, reason: "no such channel".to_owned() }),
        _ => Ok(()),
    }
}

/// What is given; what is not given is left out.
fn texts<const N: usize>(all: [(&str, Option<String>); N]) -> Map<String, Value> {
    all.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?.into()))).collect()
}
