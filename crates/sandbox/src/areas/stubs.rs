//! Stanzas that are answered so that a client goes on, and nothing more.

use super::Request;
use crate::stanza::node;
use crate::world::World;

/// An empty result.
pub(crate) fn done(world: &mut World, request: &Request<'_>) {
    request.result(world, []);
}

/// Nothing is pushed: a companion of the sandbox is connected or it waits.
pub(crate) fn push_settings(world: &mut World, request: &Request<'_>) {
    request.result(world, [node("settings").build()]);
}

/// The list of Meta's own bots, of which there are none.
pub(crate) fn no_bots(world: &mut World, request: &Request<'_>) {
    request.result(world, [node("bot").attr("v", 2).build()]);
}
