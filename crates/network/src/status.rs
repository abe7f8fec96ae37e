//! Status updates: posts that are gone after a day.

use serde::{Deserialize, Serialize};

use crate::wid::Wid;

/// Who sees a status update, and how a text looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusPost {
    /// People, by phone number or private id. The own devices get it in any case.
    pub audience: Vec<Wid>,
    /// How a text looks; files look like themselves.
    pub look: Option<StatusLook>,
}

/// How the text of a status update looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusLook {
    /// The colour behind it, `0xAARRGGBB`.
    pub background: u32,
    /// WhatsApp's number of the font.
    pub font: i32,
}
