//! Subject, description, picture and switches of a group.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::super::Context;
use super::super::error::{Body, OfPhone, Refusal};
use super::super::people::Picture;
use super::{acting, group_id, refused, shown};
use crate::areas::groups::picture as pictures;
use crate::areas::groups::properties::{self, Previous};
use crate::areas::groups::settings::{self, Change};
use crate::world::group::Settings;

/// The switches of a group, those that are given.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Switches {
    locked: Option<bool>,
    announcement: Option<bool>,
    /// Seconds; 0 switches it off.
    ephemeral: Option<u32>,
    approval: Option<bool>,
    members_add: Option<bool>,
    members_share_link: Option<bool>,
    members_share_history: Option<bool>,
    no_frequently_forwarded: Option<bool>,
    admin_reports: Option<bool>,
    history: Option<bool>,
    limit_sharing: Option<bool>,
    open_creation: Option<bool>,
}

impl Switches {
    fn changes(self) -> Vec<Change> {
        let timer = |seconds: u32| Change::Ephemeral((seconds > 0).then_some((seconds, None)));
        [
            self.locked.map(Change::Locked),
            self.announcement.map(Change::Announcement),
            self.ephemeral.map(timer),
            self.approval.map(Change::Approval),
            self.members_add.map(Change::AllAdd),
            self.members_share_link.map(Change::AllLink),
            self.members_share_history.map(Change::AllShareHistory),
            self.no_frequently_forwarded.map(Change::NoFrequentlyForwarded),
            self.admin_reports.map(Change::AdminReports),
            self.history.map(Change::History),
            self.limit_sharing.map(Change::LimitSharing),
            self.open_creation.map(Change::OpenCreation),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// How a new group begins: members may add others unless it is said
    /// otherwise.
    pub(super) fn of_new_group(self) -> Settings {
        let on = |switch: Option<bool>| switch.unwrap_or(false);
        Settings {
            locked: on(self.locked),
            announcement: on(self.announcement),
            ephemeral: self.ephemeral.filter(|seconds| *seconds > 0).map(|seconds| (seconds, None)),
            approval: on(self.approval),
            all_add: self.members_add.unwrap_or(true),
            all_link: on(self.members_share_link),
            all_share_history: on(self.members_share_history),
            no_frequently_forwarded: on(self.no_frequently_forwarded),
            admin_reports: on(self.admin_reports),
            history: on(self.history),
            limit_sharing: on(self.limit_sharing),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Changes {
    subject: Option<String>,
    /// `null` removes it.
    #[serde(deserialize_with = "given")]
    description: Option<Option<String>>,
    settings: Switches,
}

/// Tells `null` from an absent field.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// `PATCH /phones/{phone}/groups/{group}`
pub(super) async fn change(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, group)): Path<(String, String)>,
    Body(body): Body<Changes>,
) -> Result<Json<Value>, Refusal> {
    let id = group_id(&group)?;
    context.hub.with(|world| {
        let me = acting(world, &of)?;
        if let Some(subject) = &body.subject {
            properties::set_subject(world, me, id, subject).map_err(refused)?;
        }
        if let Some(text) = body.description {
            let text = text.filter(|text| !text.is_empty());
            properties::set_description(world, me, id, text, None, Previous::Any).map_err(refused)?;
        }
        for change in body.settings.changes() {
            settings::set(world, me, id, change).map_err(refused)?;
        }
        world.settle();
        shown::group_json(world, me, id).map(Json)
    })
}

/// `PUT /phones/{phone}/groups/{group}/picture`
pub(super) async fn picture(
    State(context): State<Context>,
    OfPhone(of): OfPhone,
    Path((_, group)): Path<(String, String)>,
    Body(body): Body<Picture>,
) -> Result<Json<Value>, Refusal> {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let id = group_id(&group)?;
    let bytes = body
        .jpeg
        .map(|jpeg| BASE64_STANDARD.decode(jpeg))
        .transpose()
        .map_err(|_| Refusal::invalid("jpeg must be base64"))?;
    context.hub.with(|world| {
        let me = acting(world, &of)?;
        let version = pictures::set(world, me, id, bytes.unwrap_or_default()).map_err(refused)?;
        Ok(Json(json!({ "id": version })))
    })
}
