//! Channels that a number runs or follows: kept here, so that showing them asks
//! nobody, and kept right by what WhatsApp tells.
//!
//! [`refresh`] asks about them, [`keep`] writes them and tells of changes,
//! [`watch`] hears what becomes of posts. [`manage`] and [`join`] are what people
//! do, [`search`] looks into WhatsApp's directory. [`show`] and [`doc`] are their
//! shape. Posts are messages: they are sent by `outbound` and received by `inbox`.

mod doc;
mod explain;
mod join;
mod keep;
mod manage;
mod refresh;
mod search;
mod show;
mod watch;

use std::sync::Arc;

use sparkbot_store::rows::DeviceRow;

use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::network::{ChannelNews, ChannelReport, Link};
use crate::wid::{Wid, WidKind};

pub use join::{Invitation, JoinedChannel, join};
pub use manage::{ChannelChanges, DeletedChannel, NewChannel, change, create, delete, picture};
pub use refresh::Channels;
pub(crate) use refresh::{linked, online};
pub use search::{CATEGORIES, DirectorySearch, SORT_FIELDS, search};
pub(crate) use show::{chat_channels, subject};
pub use show::{get, list};

use self::doc::State;

/// Characters of a name.
pub const NAME: usize = 100;
/// Characters of a description.
pub const DESCRIPTION: usize = 2048;
/// What the list can be narrowed to.
pub const PERMISSIONS: &[&str] = &["all", "owner", "admin", "subscriber", "write", "read"];

/// Everything that an action about a number's channels needs.
struct Acting {
    core: Core,
    account: AccountId,
    device: DeviceRow,
    link: Arc<dyn Link>,
}

impl Acting {
    /// # Errors
    /// Without the scope; `device:notfound`; `session:offline`.
    async fn new(core: &Core, caller: &Caller, device: &DeviceId, scope: Scope) -> Result<Self> {
        caller.need(scope)?;
        let row = core.store().read().await?.account(&caller.account).device(device).await?;
        let row = row.ok_or_else(|| not_found(device))?;
        let link =
            core.sessions().online(device).ok_or_else(|| crate::sessions::offline(device, &row.session_status))?;
        Ok(Self { core: core.clone(), account: caller.account.clone(), device: row, link })
    }

    /// A channel that the number runs or follows, as it is known here; one that
    /// is not known is asked for.
    ///
    /// # Errors
    /// `channel:notfound`.
    async fn channel(&self, channel: &Wid) -> Result<State> {
        let row = {
            let mut reading = self.core.store().read().await?;
            reading.account(&self.account).channel(&self.device.id, channel.as_str()).await?
        };
        let known = row.as_ref().map(State::read).transpose()?;
        match known.filter(|known| known.role.is_some()) {
            Some(known) => Ok(known),
            None => self.compare(channel).await?.ok_or_else(|| explain::unknown(channel)),
        }
    }

    /// Compares the channel with WhatsApp after something was done to it; `None`
    /// when it is gone.
    async fn compare(&self, channel: &Wid) -> Result<Option<State>> {
        let by = self.device.wid.as_deref().and_then(|wid| wid.parse().ok());
        refresh::one(&self.core, &self.account, &self.device.id, &*self.link, channel, by).await
    }
}

/// Takes in what WhatsApp has told of a channel.
///
/// # Errors
/// As the database answers.
pub(crate) async fn reported(core: &Core, account: &AccountId, device: &DeviceId, report: ChannelReport) -> Result<()> {
    match report.news {
        ChannelNews::Stale => {
            refresh::soon(core, account, device, &report.channel);
            Ok(())
        }
        ChannelNews::Counts(posts) => watch::counted(core, account, device, &report.channel, posts).await,
    }
}

/// A channel's id as people write it: `120363…@newsletter`, or the part before
/// the `@`.
///
/// # Errors
/// `channel:invalid`.
pub fn parse(text: &str) -> Result<Wid> {
    let full = if text.contains('@') { text.to_owned() } else { format!("{text}@newsletter") };
    full.parse::<Wid>().ok().filter(|wid| wid.kind() == WidKind::Channel).ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        Error::invalid(
            "channel:invalid",
            format!("'{shown}' is not the id of a channel, such as 120363012345678901@newsletter."),
        )
    })
}

/// Text of 1 to 100 characters.
fn name(text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if !(1..=NAME).contains(&length) {
        return Err(Error::invalid(
            "channel:name",
            format!("The name of a channel has 1 to {NAME} characters, but this one has {length}."),
        ));
    }
    Ok(text.to_owned())
}

/// Text of up to 2,048 characters.
fn description(text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length > DESCRIPTION {
        return Err(Error::invalid(
            "channel:description",
            format!("The description of a channel has at most {DESCRIPTION} characters, but this one has {length}."),
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{description, name, parse};

    #[test]
    fn ids_are_taken_with_and_without_their_end() {
        for text in ["120363012345678901@newsletter", "120363012345678901"] {
            assert_eq!(parse(text).expect(text).as_str(), "120363012345678901@newsletter");
        }
        for text in ["", "16001234560@c.us", "120363012345678901@g.us", "+16001234560", "a b"] {
            assert_eq!(parse(text).expect_err(text).code, "channel:invalid");
        }
    }

    #[test]
    fn limits_are_told() {
        assert_eq!(name("  News ").expect("fine"), "News");
        assert_eq!(name(&"ä".repeat(100)).expect("fine").chars().count(), 100);
        for text in [String::new(), "  ".to_owned(), "x".repeat(101)] {
            assert_eq!(name(&text).expect_err("no name").code, "channel:name");
        }
        assert_eq!(description("").expect("fine"), "");
        assert_eq!(description(&"x".repeat(2048)).expect("fine").len(), 2048);
        assert_eq!(description(&"x".repeat(2049)).expect_err("too long").code, "channel:description");
    }
}
