//! Stanzas that are answered so that a client goes on, and nothing more.

use super::Request;
use crate::stanza::node;
use crate::world::World;

/// Seconds for which a media host is valid.
const MEDIA_TTL: u64 = 3_600;

/// An empty result.
pub(crate) fn done(world: &mut World, request: &Request<'_>) {
    request.result(world, []);
}

/// The account is in no group.
pub(crate) fn no_groups(world: &mut World, request: &Request<'_>) {
    request.result(world, [node("groups").build()]);
}

/// Where media would be uploaded. No media host listens yet.
pub(crate) fn media_conn(world: &mut World, request: &Request<'_>) {
    let host = node("host").attr("hostname", "127.0.0.1").build();
    let conn = node("media_conn")
        .attr("auth", "sandbox")
        .attr("ttl", MEDIA_TTL)
        .attr("auth_ttl", MEDIA_TTL)
        .attr("max_buckets", 12)
        .children([host])
        .build();
    request.result(world, [conn]);
}
