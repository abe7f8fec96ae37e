//! What to change of a file.

use serde::Deserialize;
use sparkbot_core::files::FileChanges;
use utoipa::ToSchema;

use super::{Format, Life, Permission};
use crate::error::Answer;
use crate::request::present;

/// What to change of a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"filename": "offer.pdf", "tags": ["spring"], "expiration": "90d"}))]
pub(crate) struct ChangeFile {
    /// What it is called.
    #[schema(max_length = 255)]
    filename: Option<String>,
    /// Your own id for it; null takes it away.
    #[schema(max_length = 128)]
    #[serde(default, deserialize_with = "present")]
    reference: Option<Option<String>>,
    /// How it is sent.
    #[schema(value_type = Option<Format>, inline)]
    format: Option<String>,
    /// Words to find it by, in place of those it has.
    tags: Option<Vec<String>>,
    /// Text that goes along with it; null takes it away.
    #[schema(max_length = 6000)]
    #[serde(default, deserialize_with = "present")]
    message: Option<Option<String>>,
    /// How long it is kept from now on.
    #[schema(value_type = Option<Life>, inline)]
    expiration: Option<String>,
    /// Who may what with it; only its uploader can change that.
    #[schema(value_type = Option<Permission>, inline)]
    permission: Option<String>,
}

impl ChangeFile {
    pub(in crate::files) fn into_changes(self) -> Answer<FileChanges> {
        Ok(FileChanges {
            filename: self.filename,
            reference: self.reference,
            format: self.format,
            tags: self.tags,
            message: self.message,
            expiration: self.expiration.as_deref().map(str::parse).transpose()?,
            permission: self.permission,
        })
    }
}
