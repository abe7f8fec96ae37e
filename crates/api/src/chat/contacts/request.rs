//! Contacts to make or to change.

use serde::Deserialize;
use sparkbot_core::contacts::{ContactChanges, ContactFields, MetadataPair, NewContact, REMOVABLE};
use utoipa::{IntoParams, ToSchema};

use crate::request::words::words;

words! {
    Removable = REMOVABLE;
}

/// A key and its value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContactFact, example = json!({"key": "plan", "value": "gold"}))]
pub(crate) struct Metadata {
    /// What it is called.
    #[schema(min_length = 1, max_length = 30)]
    key: String,
    /// What it is.
    #[schema(max_length = 1000)]
    value: String,
}

impl Metadata {
    pub(super) fn pair(self) -> MetadataPair {
        MetadataPair { key: self.key, value: self.value }
    }
}

fn pairs(metadata: Vec<Metadata>) -> Vec<MetadataPair> {
    metadata.into_iter().map(Metadata::pair).collect()
}

/// A contact to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"phone": "+16001234561", "name": "Ben", "surname": "Berg", "email": "ben@example.com",
    "metadata": [{"key": "plan", "value": "gold"}]}))]
pub(crate) struct CreateContact {
    /// Phone number in E.164.
    #[schema(max_length = 40)]
    phone: String,
    /// Who looks after the contact's chat: the id of a team member.
    #[schema(max_length = 120)]
    assign: Option<String>,
    /// Change the contact when it is there already.
    #[serde(default)]
    #[schema(default = false)]
    upsert: bool,
    /// What programs keep with it.
    #[serde(default)]
    #[schema(max_items = 50)]
    metadata: Vec<Metadata>,
    #[serde(flatten)]
    fields: ContactFields,
}

impl CreateContact {
    pub(super) fn into_new(self) -> NewContact {
        let changes = ContactChanges {
            fields: self.fields,
            metadata: pairs(self.metadata),
            remove: Vec::new(),
            assign: self.assign,
            upsert: self.upsert,
        };
        NewContact { phone: self.phone, changes }
    }
}

/// What to change of a contact.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"surname": "Berg", "$remove": ["altPhone"]}))]
pub(crate) struct ChangeContact {
    /// Who looks after the contact's chat from now on: the id of a team member.
    #[schema(max_length = 120)]
    assign: Option<String>,
    /// Make the contact when it is not there.
    #[serde(default)]
    #[schema(default = false)]
    upsert: bool,
    /// Put to what programs keep with it.
    #[serde(default)]
    #[schema(max_items = 50)]
    metadata: Vec<Metadata>,
    /// Fields to take away.
    #[serde(default, rename = "$remove")]
    #[schema(value_type = Vec<Removable>, inline)]
    remove: Vec<String>,
    #[serde(flatten)]
    fields: ContactFields,
}

impl ChangeContact {
    pub(super) fn into_changes(self) -> ContactChanges {
        ContactChanges {
            fields: self.fields,
            metadata: pairs(self.metadata),
            remove: self.remove,
            assign: self.assign,
            upsert: self.upsert,
        }
    }
}

/// One of several contacts.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"phone": "+16001234561", "name": "Ben", "companyName": "Berg & Co"}))]
pub(crate) struct ContactToSave {
    /// Phone number in E.164.
    #[schema(max_length = 40)]
    phone: String,
    /// Put to what programs keep with it.
    #[serde(default)]
    #[schema(max_items = 50)]
    metadata: Vec<Metadata>,
    #[serde(flatten)]
    fields: ContactFields,
}

impl ContactToSave {
    pub(super) fn into_new(self) -> NewContact {
        let changes =
            ContactChanges { fields: self.fields, metadata: pairs(self.metadata), ..ContactChanges::default() };
        NewContact { phone: self.phone, changes }
    }
}

fn yes() -> bool {
    true
}

/// How to save several contacts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SaveOptions {
    /// Change those that are there already.
    #[serde(default = "yes")]
    #[param(default = true)]
    pub(super) upsert: bool,
}
