//! Where files are uploaded and fetched.

use super::Request;
use crate::media::store::TOKEN_LIFE_SECS;
use crate::stanza::node;
use crate::world::World;

/// Seconds for which the list of hosts is valid.
const HOSTS_LIFE_SECS: u64 = 3_600;
/// How many hosts are spread over by the hash of a file.
const BUCKETS: u64 = 12;
/// How often a client may ask again at once.
const MAX_RETRY: u64 = 3;

/// `<iq xmlns="w:m" type="set"><media_conn/></iq>`
pub(crate) fn connection(world: &mut World, request: &Request<'_>) {
    let Some(device) = request.device else {
        return;
    };
    let hosts = world.media.hosts();
    let fallback = hosts.get(1);
    let hosts = hosts.iter().enumerate().map(|(at, host)| {
        let mut host = node("host").attr("hostname", host).attr("type", if at == 0 { "primary" } else { "fallback" });
        if let (0, Some(fallback)) = (at, fallback) {
            host = host.attr("fallback_hostname", fallback);
        }
        host.children([node("upload").build(), node("download").build()]).build()
    });
    let hosts: Vec<_> = hosts.collect();
    let conn = node("media_conn")
        .attr("auth", world.media.token(device, world.now_ms()))
        .attr("ttl", HOSTS_LIFE_SECS)
        .attr("auth_ttl", TOKEN_LIFE_SECS)
        .attr("max_buckets", BUCKETS)
        .attr("max_manual_retry", MAX_RETRY)
        .attr("max_auto_retry", MAX_RETRY)
        .children(hosts)
        .build();
    request.result(world, [conn]);
}
