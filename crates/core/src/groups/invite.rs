//! Links into groups; joining and leaving.

use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use super::doc::LINK;
use super::keep::{self, Author, Moves};
use super::{Acting, explain, show};
use crate::app::Core;
use crate::chats::{self, By};
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::Caller;
use crate::views::Group;
use crate::wid::Wid;

/// A link into a group.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Invite {
    /// The group.
    pub id: String,
    /// The code at the link's end.
    pub code: String,
    /// The link.
    pub url: String,
}

/// What came of joining.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JoinedGroup {
    /// The group.
    pub id: String,
    /// `joined`, or `pending` while an admin has to agree.
    pub status: &'static str,
    /// The group, once joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
}

/// What came of leaving.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LeftGroup {
    /// The group.
    pub id: String,
    /// The number is no longer in it.
    pub left: bool,
    /// The group and its chat were forgotten here.
    pub removed: bool,
}

/// The code of an invite link.
#[derive(Debug, Clone)]
pub struct Code(String);

impl Code {
    /// From the code alone.
    ///
    /// # Errors
    /// `group:code`.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let fine =
            (10..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if fine {
            return Ok(Self(text.to_owned()));
        }
        let shown: String = text.chars().take(60).collect();
        Err(Error::invalid(
            "group:code",
            format!("'{shown}' is not an invite code, such as the 22 letters and digits at the end of an invite link."),
        ))
    }

    /// From a link: `https://chat.whatsapp.com/<code>`, also with `/invite/` and
    /// a query, and as WhatsApp Web and the app write it.
    ///
    /// # Errors
    /// `group:url`.
    pub fn of_url(text: &str) -> Result<Self> {
        let shown: String = text.chars().take(100).collect();
        let wrong = || {
            Error::invalid(
                "group:url",
                format!("'{shown}' is not a link into a group, such as {LINK}AbCdEfGhIjKlMnOpQrStUv."),
            )
        };
        let url: Url = text.trim().parse().map_err(|_| wrong())?;
        let in_query = || url.query_pairs().find(|(key, _)| key == "code").map(|(_, code)| code.into_owned());
        let code = match (url.scheme(), url.host_str()) {
            ("http" | "https", Some("chat.whatsapp.com")) => {
                url.path_segments().and_then(|mut parts| parts.next_back().map(str::to_owned))
            }
            ("http" | "https", Some("web.whatsapp.com")) | ("whatsapp", Some("chat")) => in_query(),
            _ => None,
        };
        Self::parse(&code.ok_or_else(wrong)?).map_err(|_| wrong())
    }
}

/// The group's link.
///
/// # Errors
/// `group:notfound`, `group:not_member`, `group:not_admin`, `session:offline`.
pub async fn invite(core: &Core, caller: &Caller, device: &DeviceId, group: &Wid) -> Result<Invite> {
    link(core, caller, device, group, false).await
}

/// Replaces the group's link; the old one leads nowhere from then on.
///
/// # Errors
/// As [`invite`].
pub async fn replace_invite(core: &Core, caller: &Caller, device: &DeviceId, group: &Wid) -> Result<Invite> {
    link(core, caller, device, group, true).await
}

async fn link(core: &Core, caller: &Caller, device: &DeviceId, group: &Wid, replace: bool) -> Result<Invite> {
    let acting = Acting::new(core, caller, device).await?;
    let state = acting.group(group).await?;
    let asked = acting.link.invite_code(group, replace).await;
    let code = asked.map_err(|error| explain::about(error, group, Some(&state)))?;
    let (account, id, wid, known) = (acting.account.clone(), device.clone(), group.to_string(), code.clone());
    let author = Author { by: acting.own(), at: core.now() };
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&account).device(&id).await?.ok_or_else(|| not_found(&id))?;
                let Some(row) = w.account(&account).group(&id, &wid).await? else { return Ok(()) };
                let before = super::State::read(&row)?;
                let mut after = before.clone();
                after.doc.invite_code = Some(known);
                keep::keep(w, &device, Some(&before), after, &Moves::default(), &author, false).await?;
                Ok::<_, Error>(())
            })
        })
        .await?;
    Ok(Invite { id: group.to_string(), url: format!("{LINK}{code}"), code })
}

/// Joins a group.
///
/// # Errors
/// `group:invite_invalid`, `group:banned`, `group:already_member`, `group:full`,
/// `session:offline`.
pub async fn join(core: &Core, caller: &Caller, device: &DeviceId, code: &Code) -> Result<JoinedGroup> {
    let acting = Acting::new(core, caller, device).await?;
    let joined = acting.link.join_group(&code.0).await.map_err(|error| explain::joining(error, &code.0))?;
    let id = joined.group.to_string();
    if joined.waiting {
        return Ok(JoinedGroup { id, status: "pending", group: None });
    }
    acting.compare(&joined.group, true).await?;
    let group = show::whole(core, &acting.account, device, &joined.group).await?;
    Ok(JoinedGroup { id, status: "joined", group: Some(group) })
}

/// Leaves a group, and with `remove` forgets it and its chat here.
///
/// # Errors
/// `group:notfound`, `session:offline`; a group that was left before can still
/// be forgotten.
pub async fn leave(core: &Core, caller: &Caller, device: &DeviceId, group: &Wid, remove: bool) -> Result<LeftGroup> {
    let acting = Acting::new(core, caller, device).await?;
    let state = acting.group(group).await?;
    if state.role.is_some() {
        let left = acting.link.leave_group(group).await;
        left.map_err(|error| explain::about(error, group, Some(&state)))?;
        acting.compare(group, false).await?;
    } else if !remove {
        return Err(Error::conflict("group:left", format!("The number has left the group {group} before."))
            .hint("Pass remove=true to forget it here as well."));
    }
    if remove {
        let (account, id, wid, now) = (acting.account.clone(), device.clone(), group.to_string(), core.now());
        let by = By::user(&caller.user);
        core.store()
            .write(move |w| {
                Box::pin(async move {
                    w.account(&account).delete_group(&id, &wid).await?;
                    chats::forget(w, &account, &id, &wid, &by, now).await?;
                    Ok::<_, Error>(())
                })
            })
            .await?;
    }
    Ok(LeftGroup { id: group.to_string(), left: true, removed: remove })
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_come_alone_and_in_links() {
        let code = "AbCdEfGhIjKlMnOpQrStUv";
        assert_eq!(Code::parse(code).expect("a code").0, code);
        for url in [
            "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv",
            "https://chat.whatsapp.com/invite/AbCdEfGhIjKlMnOpQrStUv?mode=ac_t",
            "http://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv#x",
            "https://web.whatsapp.com/accept/?code=AbCdEfGhIjKlMnOpQrStUv&x=1",
            "whatsapp://chat/?code=AbCdEfGhIjKlMnOpQrStUv",
        ] {
            assert_eq!(Code::of_url(url).expect(url).0, code, "{url}");
        }
        for text in ["", "short", "with space in it", "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv"] {
            assert_eq!(Code::parse(text).expect_err(text).code, "group:code");
        }
        for url in
            ["", "AbCdEfGhIjKlMnOpQrStUv", "https://example.com/AbCdEfGhIjKlMnOpQrStUv", "https://chat.whatsapp.com/"]
        {
            assert_eq!(Code::of_url(url).expect_err(url).code, "group:url");
        }
    }
}
