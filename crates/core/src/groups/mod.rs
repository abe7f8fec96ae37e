//! Groups and communities of a number: kept here, so that showing them asks
//! nobody, and kept right by what WhatsApp tells.
//!
//! [`news`] and [`refresh`] are how something is heard, [`keep`] writes it and
//! tells of it. [`create`], [`change`], [`members`], [`invite`] are what people do.
//! [`show`] and [`doc`] are their shape.

mod change;
mod create;
mod doc;
mod explain;
mod invite;
mod keep;
mod members;
mod news;
mod refresh;
mod show;

use std::sync::Arc;

use sparkbot_store::rows::DeviceRow;

use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::network::Link;
use crate::network::group::Someone;
use crate::wid::{Wid, WidKind};

pub use change::{GroupChanges, change, picture};
pub use create::{CreatedGroup, NewGroup, create};
pub(crate) use explain::failed;
pub use invite::{Code, Invite, JoinedGroup, LeftGroup, invite, join, leave, replace_invite};
pub use members::{
    NewParticipant, ParticipantInvitation, ParticipantResult, PendingMember, Which, add, approve, pending, reject,
    remove, update,
};
pub(crate) use news::reported;
pub use refresh::Refreshes;
pub(crate) use refresh::{linked, sync_soon};
pub use show::{ParticipantSearch, get, list, participants};
pub(crate) use show::{chat_groups, people, subject};

use self::doc::State;
use self::refresh::Why;

/// People of one request at most: a group has no more.
pub const MOST_PEOPLE: usize = 1024;
/// Characters of a name.
pub const NAME: usize = 100;
/// Characters of a description.
pub const DESCRIPTION: usize = 2048;
/// Timers for messages that disappear.
pub const EPHEMERAL: &[&str] = &["off", "24h", "7d", "90d"];
/// Who may do something.
pub const WHO: &[&str] = &["all", "admins"];

/// Everything that an action about a number's groups needs.
struct Acting {
    core: Core,
    account: AccountId,
    device: DeviceRow,
    link: Arc<dyn Link>,
}

impl Acting {
    /// # Errors
    /// Without the scope `groups:write`; `device:notfound`; `session:offline`.
    async fn new(core: &Core, caller: &Caller, device: &DeviceId) -> Result<Self> {
        caller.need(Scope::GroupsWrite)?;
        let row = core.store().read().await?.account(&caller.account).device(device).await?;
        let row = row.ok_or_else(|| not_found(device))?;
        let link =
            core.sessions().online(device).ok_or_else(|| crate::sessions::offline(device, &row.session_status))?;
        Ok(Self { core: core.clone(), account: caller.account.clone(), device: row, link })
    }

    /// The number itself, as the author of what is done here.
    fn own(&self) -> Option<Someone> {
        let wid = self.device.wid.as_deref()?.parse().ok()?;
        let lid = self.device.lid.as_deref().and_then(|lid| lid.parse().ok());
        Some(Someone { wid, lid })
    }

    /// A group that the number is or was in. One that is not known here is asked for.
    ///
    /// # Errors
    /// `group:notfound`.
    async fn group(&self, group: &Wid) -> Result<State> {
        if let Some(known) = self.known(group).await? {
            return Ok(known);
        }
        self.compare(group, false).await?;
        self.known(group).await?.ok_or_else(|| unknown(group))
    }

    async fn known(&self, group: &Wid) -> Result<Option<State>> {
        let mut reading = self.core.store().read().await?;
        let row = reading.account(&self.account).group(&self.device.id, group.as_str()).await?;
        row.as_ref().map(State::read).transpose()
    }

    /// Compares the group with WhatsApp after something was done to it.
    async fn compare(&self, group: &Wid, picture: bool) -> Result<()> {
        let why = Why { by: self.own(), picture };
        refresh::one(&self.core, &self.account, &self.device.id, &*self.link, group, &why).await
    }
}

fn unknown(group: &Wid) -> Error {
    Error::not_found("group:notfound", format!("The number is not in a group {group}, and never was."))
        .hint("GET /v1/devices/{device}/groups lists the groups; an invite link leads into others.")
}

/// A group's id as people write it: `120363…@g.us`, or the part before the `@`.
///
/// # Errors
/// `group:invalid`.
pub fn parse(text: &str) -> Result<Wid> {
    let full = if text.contains('@') { text.to_owned() } else { format!("{text}@g.us") };
    full.parse::<Wid>().ok().filter(|wid| wid.kind() == WidKind::Group).ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        Error::invalid("group:invalid", format!("'{shown}' is not the id of a group, such as 120363012345678901@g.us."))
    })
}

/// Text of at most `most` characters that is not blank.
fn name(text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if !(1..=NAME).contains(&length) {
        return Err(Error::invalid(
            "group:name",
            format!("The name of a group has 1 to {NAME} characters, but this one has {length}."),
        ));
    }
    Ok(text.to_owned())
}

/// `None` for an empty one, which removes it.
fn description(text: &str) -> Result<Option<String>> {
    let length = text.chars().count();
    if length > DESCRIPTION {
        return Err(Error::invalid(
            "group:description",
            format!("The description of a group has at most {DESCRIPTION} characters, but this one has {length}."),
        ));
    }
    Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
}

fn admins_only(name: &str, word: &str) -> Result<bool> {
    match word {
        "admins" => Ok(true),
        "all" => Ok(false),
        other => Err(Error::invalid("group:permission", format!("'{name}' is '{other}'; it is 'all' or 'admins'."))),
    }
}

fn seconds(word: &str) -> Result<u32> {
    let known = doc::TIMERS.iter().find(|(known, _)| *known == word);
    known.map(|(_, seconds)| *seconds).ok_or_else(|| {
        Error::invalid("group:ephemeral", format!("'ephemeral' is '{word}'; it is one of {}.", EPHEMERAL.join(", ")))
    })
}

/// Refuses what only a WhatsApp group has room for.
fn count(people: usize) -> Result<()> {
    if people == 0 || people > MOST_PEOPLE {
        return Err(Error::new(
            Kind::Invalid,
            "group:count",
            format!("There are {people} people; a request takes 1 to {MOST_PEOPLE}."),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{admins_only, count, description, name, parse, seconds};

    #[test]
    fn ids_are_taken_with_and_without_their_end() {
        for text in ["120363012345678901@g.us", "120363012345678901"] {
            assert_eq!(parse(text).expect(text).as_str(), "120363012345678901@g.us");
        }
        assert_eq!(parse("16001234560-1400000000").expect("old ones").as_str(), "16001234560-1400000000@g.us");
        for text in ["", "16001234560@c.us", "120363012345678901@newsletter", "+16001234560", "a b"] {
            assert_eq!(parse(text).expect_err(text).code, "group:invalid");
        }
    }

    #[test]
    fn limits_are_told() {
        assert_eq!(name("  Team ").expect("fine"), "Team");
        assert_eq!(name(&"ä".repeat(100)).expect("fine").chars().count(), 100);
        for text in [String::new(), "  ".to_owned(), "x".repeat(101)] {
            assert_eq!(name(&text).expect_err("refused").code, "group:name");
        }
        assert_eq!(description("").expect("fine"), None);
        assert!(description(&"x".repeat(2048)).expect("fine").is_some());
        assert_eq!(description(&"x".repeat(2049)).expect_err("refused").code, "group:description");
        assert!(count(1).is_ok() && count(1024).is_ok());
        assert_eq!(count(0).expect_err("refused").code, "group:count");
        assert_eq!(count(1025).expect_err("refused").code, "group:count");
        assert_eq!(seconds("7d").expect("fine"), 604_800);
        assert_eq!(seconds("8d").expect_err("refused").code, "group:ephemeral");
        assert!(admins_only("edit", "admins").expect("fine"));
        assert_eq!(admins_only("edit", "some").expect_err("refused").code, "group:permission");
    }
}
