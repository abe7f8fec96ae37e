//! What requests about groups say.

use serde::Deserialize;
use sparkbot_core::devices::Idempotency;
use sparkbot_core::groups::{
    self, Code, EPHEMERAL, GroupChanges, NewGroup, NewParticipant, ParticipantSearch, WHO, Which,
};
use sparkbot_core::wid::Wid;
use utoipa::{IntoParams, ToSchema};

use crate::answer::Paging;
use crate::error::{Answer, Problem};
use crate::request::words::words;

words! {
    GroupKind = &["group", "community", "broadcast"];
    Who = WHO;
    Ephemeral = EPHEMERAL;
    Role = &["admin", "owner", "participant"];
    Part = &["contact"];
}

fn size() -> i64 {
    20
}

/// Which groups.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GroupSearch {
    /// Only groups, or only communities. WhatsApp tells linked devices of no broadcast lists.
    #[param(value_type = Vec<GroupKind>, inline)]
    #[serde(default)]
    kind: Vec<String>,
    /// Groups a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

impl GroupSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    /// All kinds when none is given.
    pub(super) fn kinds(self) -> Vec<String> {
        if self.kind.is_empty() { vec!["group".to_owned(), "community".to_owned()] } else { self.kind }
    }
}

/// Who may do what in a group.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Permissions {
    /// Who changes name, description, picture and timer.
    #[schema(value_type = Option<Who>, inline)]
    edit: Option<String>,
    /// Who writes.
    #[schema(value_type = Option<Who>, inline)]
    send: Option<String>,
    /// Who adds people.
    #[schema(value_type = Option<Who>, inline)]
    invite: Option<String>,
    /// Whether an admin has to let in who joins by link.
    approval: Option<bool>,
}

/// Somebody to be in a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Participant {
    /// Phone number in E.164, or a WhatsApp id.
    phone: String,
    /// As an admin.
    #[serde(default)]
    #[schema(default = false)]
    admin: bool,
}

impl From<Participant> for NewParticipant {
    fn from(one: Participant) -> Self {
        Self { phone: one.phone, admin: one.admin }
    }
}

/// A new group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Launch team", "description": "Spring launch", "ephemeral": "7d",
    "permissions": {"edit": "admins", "approval": true},
    "participants": [{"phone": "+16001234561", "admin": true}, {"phone": "+16001234562"}]}))]
pub(crate) struct CreateGroup {
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it is about.
    #[schema(max_length = 2048)]
    description: Option<String>,
    /// Who may do what; `all` where nothing is said.
    #[serde(default)]
    permissions: Option<Permissions>,
    /// After which time messages disappear.
    #[schema(value_type = Option<Ephemeral>, inline, default = "off")]
    ephemeral: Option<String>,
    /// Who is to be in it.
    #[schema(min_items = 1, max_items = 1024)]
    participants: Vec<Participant>,
}

impl CreateGroup {
    pub(super) fn into_new(self, idempotency: Option<Idempotency>) -> NewGroup {
        let permissions = self.permissions.unwrap_or_default();
        NewGroup {
            name: self.name,
            description: self.description,
            edit: permissions.edit,
            send: permissions.send,
            invite: permissions.invite,
            approval: permissions.approval.unwrap_or(false),
            ephemeral: self.ephemeral,
            participants: self.participants.into_iter().map(Into::into).collect(),
            idempotency,
        }
    }
}

/// Changes of a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Launch crew", "permissions": {"send": "admins"}, "ephemeral": "24h"}))]
pub(crate) struct ChangeGroup {
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// What it is about; an empty text removes it.
    #[schema(max_length = 2048)]
    description: Option<String>,
    /// Who may do what.
    #[serde(default)]
    permissions: Option<Permissions>,
    /// After which time messages disappear.
    #[schema(value_type = Option<Ephemeral>, inline)]
    ephemeral: Option<String>,
}

impl ChangeGroup {
    pub(super) fn into_changes(self) -> GroupChanges {
        let permissions = self.permissions.unwrap_or_default();
        GroupChanges {
            name: self.name,
            description: self.description,
            edit: permissions.edit,
            send: permissions.send,
            invite: permissions.invite,
            approval: permissions.approval,
            ephemeral: self.ephemeral,
        }
    }
}

/// People of a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"participants": [{"phone": "+16001234561", "admin": true}, {"phone": "+16001234562"}]}))]
pub(crate) struct Participants {
    /// Who.
    #[schema(min_items = 1, max_items = 1024)]
    participants: Vec<Participant>,
}

impl Participants {
    pub(super) fn into_people(self) -> Vec<NewParticipant> {
        self.participants.into_iter().map(Into::into).collect()
    }
}

/// Who of those who wait.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phones": ["+16001234563"]}))]
pub(crate) struct WhichMembers {
    /// All of them.
    #[serde(default)]
    #[schema(default = false)]
    all: bool,
    /// These: phone numbers in E.164, or WhatsApp ids.
    #[schema(max_items = 1024)]
    phones: Option<Vec<String>>,
}

impl WhichMembers {
    pub(super) fn into_which(self) -> Answer<Which> {
        match (self.all, self.phones.filter(|phones| !phones.is_empty())) {
            (true, None) => Ok(Which::All),
            (false, Some(phones)) => Ok(Which::Phones(phones)),
            _ => Err(Problem::invalid(
                "group:members",
                "The body must have either 'all': true or 'phones', and not both.",
            )),
        }
    }
}

/// How to join; one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv"}))]
pub(crate) struct JoinGroup {
    /// The code at the end of an invite link.
    #[schema(max_length = 40)]
    code: Option<String>,
    /// An invite link.
    #[schema(max_length = 300)]
    url: Option<String>,
}

impl JoinGroup {
    pub(super) fn into_code(self) -> Answer<Code> {
        match (self.code, self.url) {
            (Some(code), None) => Ok(Code::parse(&code)?),
            (None, Some(url)) => Ok(Code::of_url(&url)?),
            _ => Err(Problem::invalid("group:join", "The body must have one of 'code' and 'url'.")),
        }
    }
}

/// Which group to leave.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"id": "120363012345678901@g.us", "remove": true}))]
pub(crate) struct LeaveGroup {
    /// The group.
    #[schema(max_length = 60)]
    id: String,
    /// Forget the group and its chat here as well.
    #[serde(default = "yes")]
    #[schema(default = true)]
    remove: bool,
}

fn yes() -> bool {
    true
}

impl LeaveGroup {
    pub(super) fn into_parts(self) -> Answer<(Wid, bool)> {
        Ok((groups::parse(&self.id)?, self.remove))
    }
}

/// Which of a group's people.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ParticipantFilters {
    /// Only with this text in the name, the number or the id.
    #[param(max_length = 100)]
    search: Option<String>,
    /// Only these people: phone numbers in E.164, or WhatsApp ids.
    phone: Option<Vec<String>>,
    /// Only those who may so much. Who has made the group is an admin, too.
    #[param(value_type = Vec<Role>, inline)]
    #[serde(default)]
    role: Vec<String>,
    /// Only those who stand in the number's address book.
    #[serde(default)]
    #[param(default = false)]
    contact: bool,
    /// Show the person with each.
    #[param(value_type = Vec<Part>, inline)]
    #[serde(default)]
    include: Vec<String>,
    /// People a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 1024)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

impl ParticipantFilters {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn into_search(self) -> ParticipantSearch {
        ParticipantSearch {
            search: self.search,
            phones: self.phone.map(|all| all.into_iter().map(crate::request::plus_kept).collect()),
            roles: self.role,
            contacts: self.contact,
            with_contact: self.include.iter().any(|part| part == "contact"),
        }
    }
}
