//! Business profiles: nobody in the sandbox has one yet.

use super::Request;
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// Verified names and business profiles.
pub(crate) fn get(world: &mut World, request: &Request<'_>) {
    match request.stanza.nodes().first().map(|child| child.tag.to_string()).as_deref() {
        Some("business_profile") => request.result(world, [node("business_profile").build()]),
        Some("verified_name") => request.error(world, 404, "item-not-found"),
        _ => request.result(world, []),
    }
}
