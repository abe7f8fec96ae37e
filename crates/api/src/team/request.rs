//! What requests about the team may say.

use serde::Deserialize;
use sparkbot_core::clock::parse_iso;
use sparkbot_core::team::{
    AVAILABILITY_MODES, AvailabilityChange, COLORS, Handover, MemberChanges, NewMember, Removal, UserFilter,
};
use sparkbot_core::{Error, Result};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Paging;
use crate::request::present;
use crate::request::words::words;

words! {
    RoleWord = &["admin", "supervisor", "agent"];
    StatusWord = &["active", "pending", "suspended"];
    SettableStatus = &["active", "suspended"];
    ColorWord = COLORS;
    ModeWord = AVAILABILITY_MODES;
    ActionWord = &["unassign", "reassign", "resolve"];
}

fn size() -> i64 {
    20
}

/// Which members.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct TeamSearch {
    /// Only these ids.
    #[serde(default)]
    ids: Vec<String>,
    /// Only in one of these states.
    #[param(value_type = Vec<StatusWord>, inline)]
    #[serde(default)]
    status: Vec<String>,
    /// Only with one of these roles.
    #[param(value_type = Vec<RoleWord>, inline)]
    #[serde(default)]
    role: Vec<String>,
    /// Only with this text in name or email.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only who may use this WhatsApp number.
    #[param(pattern = "^[0-9A-Fa-f]{24}$")]
    device: Option<String>,
    /// Not these ids.
    #[serde(default)]
    except_ids: Vec<String>,
    /// Only last seen before, ISO 8601.
    #[param(format = DateTime)]
    online_before: Option<String>,
    /// Only last seen after, ISO 8601.
    #[param(format = DateTime)]
    online_after: Option<String>,
    /// Only last logged in before, ISO 8601.
    #[param(format = DateTime)]
    login_before: Option<String>,
    /// Only last logged in after, ISO 8601.
    #[param(format = DateTime)]
    login_after: Option<String>,
    /// Members a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

impl TeamSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn filter(self) -> UserFilter {
        let paging = self.paging();
        let at = |text: Option<String>| text.as_deref().and_then(parse_iso);
        let lower = |ids: Vec<String>| ids.into_iter().map(|id| id.to_ascii_lowercase()).collect();
        UserFilter {
            ids: lower(self.ids),
            except: lower(self.except_ids),
            status: self.status,
            role: self.role,
            search: self.search,
            devices: self.device.map(|device| vec![device.to_ascii_lowercase()]),
            seen_before: at(self.online_before),
            seen_after: at(self.online_after),
            login_before: at(self.login_before),
            login_after: at(self.login_after),
            size: paging.size(),
            skip: paging.skip(),
        }
    }
}

/// A new member of the team.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"displayName": "Ada Lovelace", "email": "ada@example.com", "role": "agent", "color": "blue", "invite": true}))]
pub(crate) struct CreateMember {
    /// What people call them.
    #[schema(min_length = 1, max_length = 60)]
    display_name: String,
    /// What they log in with; nobody else of this server has it.
    #[schema(min_length = 3, max_length = 254)]
    email: String,
    /// What they log in with; not kept when they are invited.
    #[schema(min_length = 8, max_length = 128)]
    password: Option<String>,
    /// What they are in the team; `agent` when absent.
    #[schema(value_type = Option<RoleWord>, inline)]
    role: Option<String>,
    /// Colour in lists.
    #[schema(value_type = Option<ColorWord>, inline)]
    color: Option<String>,
    /// Let them set the password themselves: the answer tells the link.
    #[serde(default)]
    invite: bool,
}

impl CreateMember {
    pub(super) fn into_new(self) -> NewMember {
        let Self { display_name, email, password, role, color, invite } = self;
        let role = role.unwrap_or_else(|| "agent".to_owned());
        NewMember { display_name, email, password, role, color, invite }
    }
}

/// Changes of a member.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"id": "697dd0105f3c2b9d8e4a7071", "displayName": "Ada", "role": "supervisor"}))]
pub(crate) struct ChangeMember {
    /// Whom: id or email.
    #[schema(min_length = 3, max_length = 254)]
    id: String,
    /// New name.
    #[schema(min_length = 1, max_length = 60)]
    display_name: Option<String>,
    /// New email.
    #[schema(min_length = 3, max_length = 254)]
    email: Option<String>,
    /// New password.
    #[schema(min_length = 8, max_length = 128)]
    password: Option<String>,
    /// New role.
    #[schema(value_type = Option<RoleWord>, inline)]
    role: Option<String>,
    /// New colour.
    #[schema(value_type = Option<ColorWord>, inline)]
    color: Option<String>,
    /// Suspends them, or ends that.
    #[schema(value_type = Option<SettableStatus>, inline)]
    status: Option<String>,
    /// A new invitation for who has not accepted the last one.
    #[serde(default)]
    invite: bool,
}

impl ChangeMember {
    pub(super) fn into_changes(self) -> (String, MemberChanges) {
        let Self { id, display_name, email, password, role, color, status, invite } = self;
        (id, MemberChanges { display_name, email, password, role, color, status, invite })
    }
}

/// Members who are to leave.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"users": [{"email": "ada@example.com", "action": "unassign", "remove": true}]}))]
pub(crate) struct RemoveMembers {
    /// Pass over those who can't leave, instead of refusing all.
    #[serde(default)]
    force: bool,
    /// Who.
    #[schema(min_items = 1, max_items = 50)]
    users: Vec<RemoveMember>,
}

/// A member who is to leave.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RemoveMember {
    /// By id …
    id: Option<String>,
    /// … or by email.
    email: Option<String>,
    /// What becomes of their chats.
    #[schema(value_type = Option<ActionWord>, inline)]
    action: Option<String>,
    /// Who gets them with `reassign`: id or email.
    assign: Option<String>,
    /// Remove them for good, instead of suspending them.
    #[serde(default)]
    remove: bool,
}

impl RemoveMembers {
    pub(super) fn into_removals(self) -> Result<(Vec<Removal>, bool)> {
        let users = self.users.into_iter().map(|user| {
            let handover = Handover::of(user.action.as_deref(), user.assign)?;
            Ok(Removal { who: who(user.id, user.email)?, handover, remove: user.remove })
        });
        Ok((users.collect::<Result<_>>()?, self.force))
    }
}

/// Who gets access.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"id": "697dd0105f3c2b9d8e4a7071"}))]
pub(crate) struct Grant {
    /// Id or email.
    #[schema(min_length = 3, max_length = 254)]
    pub(super) id: String,
}

/// Who loses access.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"id": "697dd0105f3c2b9d8e4a7071", "action": "unassign"}))]
pub(crate) struct Revoke {
    /// By id …
    id: Option<String>,
    /// … or by email.
    email: Option<String>,
    /// What becomes of their chats in this number.
    #[schema(value_type = Option<ActionWord>, inline)]
    action: Option<String>,
    /// Who gets them with `reassign`: id or email.
    assign: Option<String>,
    /// Remove them for good when no other number is left to them.
    #[serde(default)]
    remove: bool,
}

impl Revoke {
    pub(super) fn read(self) -> Result<(String, Handover, bool)> {
        let handover = Handover::of(self.action.as_deref(), self.assign)?;
        Ok((who(self.id, self.email)?, handover, self.remove))
    }
}

fn who(id: Option<String>, email: Option<String>) -> Result<String> {
    match (id, email) {
        (Some(who), None) | (None, Some(who)) => Ok(who),
        (None, None) => Err(Error::invalid("team:who", "Nobody is named: give either 'id' or 'email'.")),
        (Some(_), Some(_)) => {
            Err(Error::invalid("team:who", "Both 'id' and 'email' are given; one of them names whom."))
        }
    }
}

/// Whether one is there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"mode": "away", "message": "Back at two"}))]
pub(crate) struct SetAvailability {
    /// `auto` goes by requests.
    #[schema(value_type = Option<ModeWord>, inline)]
    mode: Option<String>,
    /// A few words; empty or null removes them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 140)]
    message: Option<Option<String>>,
}

impl SetAvailability {
    pub(super) fn into_change(self) -> AvailabilityChange {
        AvailabilityChange { mode: self.mode, message: self.message }
    }
}
