//! Labels.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A label that chats can have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Label {
    /// Its name, by which it is known.
    pub name: String,
    /// Colour.
    pub color: String,
    /// What it is for.
    pub description: Option<String>,
    /// `chat`: known here only. `wa`: WhatsApp Business' own, also on the phone.
    pub scope: String,
    /// Always true.
    pub active: bool,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601.
    pub updated_at: String,
}
