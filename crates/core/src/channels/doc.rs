//! A channel between its row and its facts, and how it is shown.

use serde::{Deserialize, Serialize};
use sparkbot_store::rows::{ChannelRow, ChatRow};

use crate::clock::iso;
use crate::error::{Error, Result};
use crate::network::Millis;
use crate::network::channel::{ChannelFacts, ChannelInfo, ChannelRole};
use crate::views::{Channel, ChannelChat, ChannelImage, ChatChannel};

/// Where a channel's link leads.
pub(super) const LINK: &str = "https://whatsapp.com/channel/";
/// The row of a channel that the number no longer runs or follows: it stays for
/// a while, so that late answers don't bring the channel back.
pub(super) const GONE: &str = "none";

/// What is kept of a channel besides its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Doc {
    /// What WhatsApp says of it.
    #[serde(flatten)]
    facts: ChannelFacts,
    /// Its posts are silent.
    #[serde(default)]
    muted: bool,
}

/// A channel as it stands.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) facts: ChannelFacts,
    pub(super) muted: bool,
    /// What the number is to it; `None` when it neither runs nor follows it.
    pub(super) role: Option<ChannelRole>,
    /// When WhatsApp was asked.
    pub(super) synced_at: Millis,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
}

impl State {
    /// From its row.
    pub(super) fn read(row: &ChannelRow) -> Result<Self> {
        let doc: Doc = serde_json::from_str(&row.doc).map_err(Error::internal)?;
        Ok(Self {
            facts: doc.facts,
            muted: doc.muted,
            role: role(&row.role),
            synced_at: row.synced_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }

    /// As WhatsApp has described it, with what was known and it did not tell.
    pub(super) fn told(info: ChannelInfo, before: Option<&Self>, asked_at: Millis, now: Millis) -> Self {
        let mut facts = info.facts;
        facts.followers = facts.followers.or_else(|| before.and_then(|before| before.facts.followers));
        Self {
            created_at: facts.created_at.or(before.map(|before| before.created_at)).unwrap_or(now),
            updated_at: before.map_or(now, |before| before.updated_at),
            facts,
            muted: info.muted,
            role: info.role,
            synced_at: asked_at,
        }
    }

    /// For its row.
    pub(super) fn row(&self) -> Result<ChannelRow> {
        let doc = Doc { facts: self.facts.clone(), muted: self.muted };
        Ok(ChannelRow {
            wid: self.facts.wid.to_string(),
            name: self.facts.name.clone(),
            role: self.role.map_or(GONE, role_word).to_owned(),
            doc: serde_json::to_string(&doc).map_err(Error::internal)?,
            synced_at: self.synced_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }

    /// As the outside sees it, with what its chat adds.
    pub(super) fn view(&self, chat: Option<&ChatRow>) -> Channel {
        let facts = &self.facts;
        Channel {
            id: facts.wid.to_string(),
            wid: facts.wid.to_string(),
            kind: "channel".to_owned(),
            name: facts.name.clone(),
            description: facts.description.clone(),
            image_url: facts.picture.as_ref().map(|picture| picture.url.clone()),
            created_at: facts.created_at.map(iso),
            last_message_at: chat.filter(|chat| chat.last_message_at > 0).map(|chat| iso(chat.last_message_at)),
            last_sync_at: iso(self.synced_at),
            updated_at: iso(self.updated_at),
            unread_count: chat.map_or(0, |chat| chat.unread),
            is_archive: chat.is_some_and(|chat| chat.archived == 1),
            is_read_only: self.role < Some(ChannelRole::Admin) || facts.suspended,
            is_pinned: chat.is_some_and(|chat| chat.pinned_at.is_some()),
            is_verified: facts.verified,
            is_muted: self.muted,
            invite_link: facts.invite_code.as_ref().map(|code| format!("{LINK}{code}")),
            invite_code: facts.invite_code.clone(),
            total_participants: facts.followers.unwrap_or(0),
            role: self.role.map(|role| role_word(role).to_owned()),
            io_chat: ChannelChat { channel: self.chat_view() },
        }
    }

    /// What a chat shows of it.
    pub(super) fn chat_view(&self) -> ChatChannel {
        let facts = &self.facts;
        ChatChannel {
            privacy: "public".to_owned(),
            reaction_codes: facts.reactions.clone(),
            description: facts.description.clone(),
            owner: self.role == Some(ChannelRole::Owner),
            membership: self.role.map_or("guest", role_word).to_owned(),
            invite_code: facts.invite_code.clone(),
            suspended: facts.suspended,
            geosuspended: facts.geosuspended,
            verified: facts.verified,
            followers: facts.followers.unwrap_or(0),
            name_updated_at: facts.name_at.map(iso),
            description_updated_at: facts.description_at.map(iso),
            image: facts
                .picture
                .as_ref()
                .map(|picture| ChannelImage { synced_at: iso(self.synced_at), url: picture.url.clone() }),
        }
    }
}

pub(super) fn role_word(role: ChannelRole) -> &'static str {
    match role {
        ChannelRole::Subscriber => "subscriber",
        ChannelRole::Admin => "admin",
        ChannelRole::Owner => "owner",
    }
}

fn role(word: &str) -> Option<ChannelRole> {
    match word {
        "subscriber" => Some(ChannelRole::Subscriber),
        "admin" => Some(ChannelRole::Admin),
        "owner" => Some(ChannelRole::Owner),
        _ => None,
    }
}

/// The rows that a word of the filter `permission` means.
pub(super) fn roles_meant(word: &str) -> &'static [&'static str] {
    match word {
        "owner" => &["owner"],
        "admin" => &["admin"],
        "subscriber" | "read" => &["subscriber"],
        "write" => &["owner", "admin"],
        _ => &["owner", "admin", "subscriber"],
    }
}

#[cfg(test)]
mod tests {
    use super::{GONE, State, roles_meant};
    use crate::network::channel::{ChannelFacts, ChannelInfo, ChannelPicture, ChannelRole};

    fn info(role: Option<ChannelRole>, followers: Option<i64>) -> ChannelInfo {
        let facts = ChannelFacts {
            wid: "120363000000000001@newsletter".parse().expect("an id"),
            name: "News".to_owned(),
            name_at: Some(1),
            description: None,
            description_at: None,
            created_at: Some(2),
            followers,
            verified: true,
            suspended: false,
            geosuspended: false,
            invite_code: Some("0029VaAbC".to_owned()),
            reactions: Some("basic".to_owned()),
            picture: Some(ChannelPicture { id: "9".to_owned(), url: "https://pps.whatsapp.net/p".to_owned() }),
        };
        ChannelInfo { facts, role, muted: true }
    }

    #[test]
    fn a_row_holds_all_of_it() {
        let state = State::told(info(Some(ChannelRole::Admin), Some(7)), None, 5, 6);
        let read = State::read(&state.row().expect("a row")).expect("read");
        assert_eq!((&read.facts, read.muted, read.role), (&state.facts, true, Some(ChannelRole::Admin)));
        assert_eq!((read.synced_at, read.created_at, read.updated_at), (5, 2, 6));
        assert_eq!(State::told(info(None, None), None, 5, 6).row().expect("a row").role, GONE);
    }

    #[test]
    fn what_whatsapp_does_not_tell_again_stays() {
        let before = State::told(info(Some(ChannelRole::Owner), Some(7)), None, 5, 6);
        let after = State::told(info(Some(ChannelRole::Owner), None), Some(&before), 8, 9);
        assert_eq!((after.facts.followers, after.updated_at, after.synced_at), (Some(7), 6, 8));
    }

    #[test]
    fn who_can_post_is_told() {
        let view = |role| State::told(info(role, Some(7)), None, 5, 6).view(None);
        assert!(!view(Some(ChannelRole::Admin)).is_read_only);
        assert!(view(Some(ChannelRole::Subscriber)).is_read_only);
        let guest = view(None);
        assert_eq!((guest.is_read_only, guest.role, guest.io_chat.channel.membership.as_str()), (true, None, "guest"));
        assert_eq!(guest.invite_link.as_deref(), Some("https://whatsapp.com/channel/0029VaAbC"));
    }

    #[test]
    fn words_of_the_filter() {
        assert_eq!(roles_meant("write"), ["owner", "admin"]);
        assert_eq!(roles_meant("read"), roles_meant("subscriber"));
        assert_eq!(roles_meant("all").len(), 3);
    }
}
