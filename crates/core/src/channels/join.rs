//! Following channels.

use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use super::doc::LINK;
use super::{Acting, explain, parse, show};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::views::Channel;
use crate::wid::Wid;

/// What came of joining.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JoinedChannel {
    /// The channel.
    pub id: String,
    /// Always `joined`: channels let everybody in.
    pub status: &'static str,
    /// The channel.
    pub channel: Channel,
}

/// How a channel is named by who wants to follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invitation {
    /// By the code of its link.
    Code(String),
    /// By its id.
    Id(Wid),
}

impl Invitation {
    /// From the code of a link, or a channel's id.
    ///
    /// # Errors
    /// `channel:code`.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.ends_with("@newsletter") {
            return parse(text).map(Self::Id);
        }
        let fine =
            (10..=60).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if fine {
            return Ok(Self::Code(text.to_owned()));
        }
        let shown: String = text.chars().take(60).collect();
        Err(Error::invalid(
            "channel:code",
            format!(
                "'{shown}' is neither the code at the end of a channel's link, such as 0029VaAbCdEfGhIjKlMnOp, nor a \
                 channel's id."
            ),
        ))
    }

    /// From a link: `https://whatsapp.com/channel/<code>`, also with `www.`, with
    /// what follows the code, and as the app writes it.
    ///
    /// # Errors
    /// `channel:url`.
    pub fn of_url(text: &str) -> Result<Self> {
        let shown: String = text.chars().take(100).collect();
        let wrong = || {
            Error::invalid(
                "channel:url",
                format!("'{shown}' is not a link to a channel, such as {LINK}0029VaAbCdEfGhIjKlMnOp."),
            )
        };
        let url: Url = text.trim().parse().map_err(|_| wrong())?;
        let in_query = || url.query_pairs().find(|(key, _)| key == "code").map(|(_, code)| code.into_owned());
        let code = match (url.scheme(), url.host_str()) {
            ("http" | "https", Some("whatsapp.com" | "www.whatsapp.com" | "chat.whatsapp.com")) => {
                let mut parts = url.path_segments().into_iter().flatten();
                (parts.next() == Some("channel")).then(|| parts.next().map(str::to_owned)).flatten()
            }
            ("whatsapp", Some("channel")) | ("http" | "https", Some("web.whatsapp.com")) => in_query(),
            _ => None,
        };
        Self::parse(&code.ok_or_else(wrong)?).map_err(|_| wrong())
    }
}

/// Follows a channel; one that is followed already stays so.
///
/// # Errors
/// `channel:invite_invalid`, `channel:notfound`, `session:offline`.
pub async fn join(core: &Core, caller: &Caller, device: &DeviceId, by: &Invitation) -> Result<JoinedChannel> {
    let acting = Acting::new(core, caller, device, Scope::GroupsWrite).await?;
    let (channel, role) = match by {
        Invitation::Id(channel) => (channel.clone(), acting.channel(channel).await?.role),
        Invitation::Code(code) => {
            let found = acting.link.invited_channel(code).await.map_err(|error| explain::invited(error, code))?;
            (found.facts.wid, found.role)
        }
    };
    if role.is_none() {
        let followed = acting.link.follow_channel(&channel).await;
        followed.map_err(|error| explain::about(error, &channel, role))?;
    }
    acting.compare(&channel).await?;
    let shown = show::kept(core, &acting.account, device, &channel).await?;
    let shown = shown.ok_or_else(|| explain::unknown(&channel))?;
    Ok(JoinedChannel { id: channel.to_string(), status: "joined", channel: shown })
}

#[cfg(test)]
mod tests {
    use super::Invitation;

    #[test]
    fn channels_are_named_by_code_link_and_id() {
        let code = || Invitation::Code("0029VaAbCdEfGhIjKlMnOp".to_owned());
        assert_eq!(Invitation::parse(" 0029VaAbCdEfGhIjKlMnOp ").expect("a code"), code());
        for url in [
            "https://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp",
            "https://www.whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp/123?x=1",
            "http://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp#top",
            "whatsapp://channel/?code=0029VaAbCdEfGhIjKlMnOp",
        ] {
            assert_eq!(Invitation::of_url(url).expect(url), code(), "{url}");
        }
        let id = "120363012345678901@newsletter";
        assert_eq!(Invitation::parse(id).expect("an id"), Invitation::Id(id.parse().expect("an id")));
        for text in ["", "short", "with space in it", "https://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp"] {
            assert_eq!(Invitation::parse(text).expect_err(text).code, "channel:code");
        }
        for url in [
            "",
            "0029VaAbCdEfGhIjKlMnOp",
            "https://example.com/channel/0029VaAbCdEfGhIjKlMnOp",
            "https://whatsapp.com/channel/",
            "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv",
        ] {
            assert_eq!(Invitation::of_url(url).expect_err(url).code, "channel:url");
        }
    }
}
