//! What a channel is.

use serde_json::Value;
use sparkbot_network::channel::{ChannelFacts, ChannelInfo, ChannelPicture, ChannelRole};
use sparkbot_network::wid::{Wid, WidKind};

use crate::http::Http;

/// Where pictures are given out.
const PICTURES: &str = "https://pps.whatsapp.net";

/// A channel from WhatsApp's description; `None` when its id is none.
pub(super) fn info(http: &Http, channel: &Value) -> Option<ChannelInfo> {
    let wid: Wid = channel["id"].as_str()?.parse().ok()?;
    if wid.kind() != WidKind::Channel {
        return None;
    }
    let thread = &channel["thread_metadata"];
    let state = |word: &str| channel["state"]["type"].as_str().is_some_and(|is| is.eq_ignore_ascii_case(word));
    let viewer = &channel["viewer_metadata"];
    let facts = ChannelFacts {
        wid,
        name: text(&thread["name"]["text"]).unwrap_or_default(),
        name_at: micros(&thread["name"]["update_time"]),
        description: text(&thread["description"]["text"]),
        description_at: micros(&thread["description"]["update_time"]),
        created_at: number(&thread["creation_time"]).filter(|at| *at > 0).map(|seconds| seconds * 1000),
        followers: number(&thread["subscribers_count"]),
        verified: thread["verification"].as_str().is_some_and(|is| is.eq_ignore_ascii_case("VERIFIED")),
        suspended: state("SUSPENDED"),
        geosuspended: state("GEOSUSPENDED"),
        invite_code: text(&thread["invite"]),
        reactions: text(&thread["settings"]["reaction_codes"]["value"]).map(|word| word.to_lowercase()),
        picture: [&thread["picture"], &thread["preview"]].into_iter().find_map(|picture| self::picture(http, picture)),
    };
    let role = viewer["role"].as_str().and_then(|word| match word.to_ascii_lowercase().as_str() {
        "owner" => Some(ChannelRole::Owner),
        "admin" => Some(ChannelRole::Admin),
        "subscriber" => Some(ChannelRole::Subscriber),
        _ => None,
    });
    Some(ChannelInfo { facts, role, muted: is_muted(viewer) })
}

/// Newer answers hold a list of settings, older ones a word.
fn is_muted(viewer: &Value) -> bool {
    let settings = viewer["settings"].as_array().into_iter().flatten();
    let mut told = settings.filter(|setting| setting["type"] == "MUTE_FOLLOWER_ACTIVITY");
    told.next().map_or(&viewer["mute"], |setting| &setting["value"]).as_str() == Some("ON")
}

fn picture(http: &Http, picture: &Value) -> Option<ChannelPicture> {
    let path = text(&picture["direct_path"])?;
    let url = text(&picture["url"]).unwrap_or_else(|| format!("{PICTURES}{path}"));
    let id = text(&picture["id"]).unwrap_or_else(|| path.split('?').next().unwrap_or_default().to_owned());
    Some(ChannelPicture { id, url: http.for_others(url) })
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Numbers come as texts.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn micros(value: &Value) -> Option<i64> {
    number(value).filter(|at| *at > 0).map(|at| at / 1000)
}
