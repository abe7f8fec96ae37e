//! AB props: the switches a client asks for at every start.

use wacore_binary::Node;

use super::Request;
use crate::stanza::node;
use crate::world::World;

/// `<iq xmlns=abt><props/>`: those that `PATCH /settings` has set, ask again
/// tomorrow.
pub(crate) fn get(world: &mut World, request: &Request<'_>) {
    let props: Vec<Node> = world
        .timing
        .ab_props
        .iter()
        .map(|(code, value)| node("prop").attr("config_code", *code).attr("config_value", value.as_str()).build())
        .collect();
    request.result(
        world,
        [node("props")
            .attr("protocol", 1)
            .attr("ab_key", "sandbox")
            .attr("hash", "sandbox")
            .attr("refresh", 86_400)
            .attr("refresh_id", 1)
            .children(props)
            .build()],
    );
}

/// `<iq xmlns=w><props/>`, the older form.
pub(crate) fn get_old(world: &mut World, request: &Request<'_>) {
    request.result(world, [node("props").attr("hash", "sandbox").attr("refresh", 86_400).build()]);
}
