//! Calls.

use crate::clock::Millis;
use crate::wid::Wid;

/// Somebody calls this number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// The call's id.
    pub id: String,
    /// Who calls.
    pub from: Wid,
    /// The private id of who calls, where known.
    pub lid: Option<Wid>,
    /// When it began to ring.
    pub at: Millis,
    /// Whether it rings now; a call of while the number was away does not.
    pub ringing: bool,
    /// The address that an answer goes to, in the network's own words.
    pub peer: String,
    /// The device that has begun the call, in the network's own words.
    pub creator: String,
}
