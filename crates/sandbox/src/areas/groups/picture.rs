//! The picture of a group.

use std::sync::Arc;

use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;

use super::{Answer, Asked, Refused, as_editor, existing};
use crate::areas::profile;
use crate::ids::{AccountId, DeviceRef, Domain, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// The most groups one query may name.
const MAX_QUERIED: usize = 1_000;

/// Sets the picture, or removes it when there are no bytes, and tells all
/// members. Gives back its id.
pub(crate) fn set(world: &mut World, by: AccountId, id: GroupId, bytes: Vec<u8>) -> Result<Option<u64>, Refused> {
    as_editor(world, id, by)?;
    if bytes.len() > profile::MAX_PICTURE {
        return Err(Refused::NOT_ACCEPTABLE);
    }
    let version = world.now_ms();
    let Some(group) = world.groups.change(id) else {
        return Err(Refused::NOT_FOUND);
    };
    // Two pictures within a millisecond are two pictures.
    let version = group.picture.as_ref().map_or(version, |(before, _)| version.max(before + 1));
    group.picture = (!bytes.is_empty()).then(|| (version, Arc::new(bytes)));
    let picture = group.picture.as_ref().map(|(version, _)| *version);
    let Some(group) = world.groups.get(id).cloned() else {
        return Err(Refused::NOT_FOUND);
    };
    let change = match picture {
        Some(version) => node("set").attr("id", version),
        None => node("delete"),
    };
    let mut change = change.attr("jid", group.jid()).attr("author", world.member_jid(&group, by));
    if group.addressing == Domain::Lid {
        change = change.attr("author_pn", world.jid(DeviceRef::phone(by), Domain::Pn));
    }
    let change = change.build();
    let stanza_id = world.stanza_id();
    let stanza = node("notification")
        .attr("from", group.jid())
        .attr("type", "picture")
        .attr("id", stanza_id)
        .attr("t", world.now_secs())
        .children([change])
        .build();
    for device in world.devices_in(&group) {
        world.deliver(device, None, stanza.clone());
    }
    Ok(picture)
}

/// Where the picture is, for whoever knows the group.
pub(crate) fn get(world: &World, id: GroupId, kind: &str) -> Result<Node, Refused> {
    let (version, bytes) = existing(world, id)?.picture.as_ref().ok_or(Refused::NOT_FOUND)?;
    profile::located(world, bytes, *version, kind).map(NodeBuilder::build).ok_or(Refused::FULL)
}

/// `<pictures>`: of several groups; those without one are left out.
pub(super) fn several(world: &mut World, asked: &Asked<'_>) -> Answer {
    let pictures: Vec<Node> = asked
        .what
        .nodes()
        .iter()
        .take(MAX_QUERIED)
        .filter_map(|wanted| {
            let id = wanted.jid_of("jid").and_then(|jid| GroupId::of(&jid))?;
            let (version, bytes) = world.groups.get(id)?.picture.as_ref()?;
            let kind = wanted.text_of("type");
            Some(profile::located(world, bytes, *version, &kind)?.attr("jid", id.jid()).build())
        })
        .collect();
    Ok(vec![node("pictures").children(pictures).build()])
}
