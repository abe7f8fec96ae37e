//! What a message may ask for after delivery.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder};

use crate::request::words::one_of;

/// A required word with its description; an inlined type would be joined with a
/// contradicting object for that.
fn action() -> Object {
    let words = one_of(&[
        "chat:assign",
        "chat:unassign",
        "chat:resolve",
        "chat:unresolve",
        "chat:read",
        "chat:unread",
        "labels:add",
        "labels:remove",
        "labels:set",
        "metadata:set",
        "metadata:add",
        "metadata:remove",
    ]);
    ObjectBuilder::from(words).description(Some("What to do.")).build()
}

/// Something to do with the chat.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Action {
    /// What to do.
    #[schema(schema_with = action)]
    action: String,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<ActionParams>,
}

/// With what to do it; each action uses some of these.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActionParams {
    /// Id of a team member, for `chat:assign`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 24)]
    agent: Option<String>,
    /// Id of a department, for `chat:assign`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 24)]
    department: Option<String>,
    /// Label names, for `labels:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 50)]
    labels: Option<Vec<String>>,
    /// Facts about the contact, for `metadata:set` and `metadata:add`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 10)]
    metadata: Option<Vec<Metadata>>,
    /// Names of facts, for `metadata:remove`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 30)]
    keys: Option<Vec<String>>,
}

/// A fact about a contact.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metadata {
    /// Its name.
    #[schema(max_length = 30)]
    key: String,
    /// What it says.
    #[schema(max_length = 300)]
    value: String,
}
