//! The guarded HTTP client for URLs given by users.

use crate::app::Settings;
use crate::error::Result;

/// Reaches URLs given by users, and nothing inside.
#[derive(Clone)]
pub struct Fetcher {}

impl Fetcher {
    pub(crate) fn new(_settings: &Settings) -> Result<Self> {
        todo!()
    }
}
