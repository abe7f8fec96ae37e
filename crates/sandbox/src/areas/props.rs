//! AB props: the switches a client asks for at every start.

use super::Request;
use crate::stanza::node;
use crate::world::World;

/// `<iq xmlns=abt><props/>`: none is set, ask again tomorrow.
pub(crate) fn get(world: &mut World, request: &Request<'_>) {
    request.result(
        world,
        [node("props")
            .attr("protocol", 1)
            .attr("ab_key", "sandbox")
            .attr("hash", "sandbox")
            .attr("refresh", 86_400)
            .attr("refresh_id", 1)
            .build()],
    );
}

/// `<iq xmlns=w><props/>`, the older form.
pub(crate) fn get_old(world: &mut World, request: &Request<'_>) {
    request.result(world, [node("props").attr("hash", "sandbox").attr("refresh", 86_400).build()]);
}
