//! Answers as the document shows them.

use sparkbot_core::channels::JoinedChannel;
use sparkbot_core::views::{Channel, ChannelChat, ChannelImage, ChatChannel};

pub(super) const CHANNEL: &str = "120363012345678901@newsletter";
const CODE: &str = "0029VaAbCdEfGhIjKlMnOp";
const NOON: &str = "2026-01-31T12:00:00.000Z";
const LATER: &str = "2026-01-31T12:00:04.250Z";
const PICTURE: &str = "https://pps.whatsapp.net/v/t61.24694-24/channel.jpg";

fn text(text: &str) -> String {
    text.to_owned()
}

fn of(role: Option<&str>) -> Channel {
    let channel = ChatChannel {
        privacy: text("public"),
        reaction_codes: Some(text("all")),
        description: Some(text("Bread of the day")),
        owner: role == Some("owner"),
        membership: text(role.unwrap_or("guest")),
        invite_code: Some(text(CODE)),
        suspended: false,
        geosuspended: false,
        verified: false,
        followers: 512,
        name_updated_at: Some(text(NOON)),
        description_updated_at: Some(text(NOON)),
        image: Some(ChannelImage { synced_at: text(LATER), url: text(PICTURE) }),
    };
    Channel {
        id: text(CHANNEL),
        wid: text(CHANNEL),
        kind: text("channel"),
        name: text("Bakery Lane"),
        description: channel.description.clone(),
        image_url: Some(text(PICTURE)),
        created_at: Some(text(NOON)),
        last_message_at: role.map(|_| text(LATER)),
        last_sync_at: text(LATER),
        updated_at: text(LATER),
        unread_count: 0,
        is_archive: false,
        is_read_only: role != Some("owner"),
        is_pinned: false,
        is_verified: false,
        is_muted: false,
        invite_code: Some(text(CODE)),
        invite_link: Some(format!("https://whatsapp.com/channel/{CODE}")),
        total_participants: 512,
        role: role.map(text),
        io_chat: ChannelChat { channel },
    }
}

pub(super) fn channel() -> Channel {
    of(Some("owner"))
}

pub(super) fn found() -> Channel {
    of(None)
}

pub(super) fn joined() -> JoinedChannel {
    JoinedChannel { id: text(CHANNEL), status: "joined", channel: of(Some("subscriber")) }
}
