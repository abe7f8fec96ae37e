//! Stanzas that are answered so that a client goes on, and nothing more.

use super::Request;
use crate::world::World;

/// An empty result.
pub(crate) fn done(world: &mut World, request: &Request<'_>) {
    request.result(world, []);
}
