//! Subject and description.

use super::{Answer, Asked, Refused, as_editor, info, notify};
use crate::ids::{AccountId, DeviceRef, Domain, GroupId};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::group::{MAX_DESCRIPTION, MAX_SUBJECT, Noted};

pub(super) fn subject_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let text = String::from_utf8_lossy(asked.what.body()).into_owned();
    set_subject(world, asked.me, asked.group()?, &text)?;
    Ok(Vec::new())
}

/// Names a group.
pub(crate) fn set_subject(world: &mut World, by: AccountId, id: GroupId, text: &str) -> Result<(), Refused> {
    as_editor(world, id, by)?;
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_SUBJECT {
        return Err(Refused::NOT_ACCEPTABLE);
    }
    let at = world.now_secs();
    if let Some(group) = world.groups.change(id) {
        group.subject = Noted { id: String::new(), text: text.to_owned(), by, at };
    }
    let Some(group) = world.groups.get(id).cloned() else {
        return Err(Refused::NOT_FOUND);
    };
    let mut change = node("subject").attr("subject", text).attr("s_t", at).attr("s_o", world.member_jid(&group, by));
    if group.addressing == Domain::Lid {
        change = change.attr("s_o_pn", world.jid(DeviceRef::phone(by), Domain::Pn));
    }
    notify::members(world, &group, Some(by), &change.build(), &[]);
    Ok(())
}

pub(super) fn description_asked(world: &mut World, asked: &Asked<'_>) -> Answer {
    let element = asked.what;
    let text = (element.text_of("delete") != "true")
        .then(|| String::from_utf8_lossy(element.body_of("body")).into_owned())
        .filter(|text| !text.is_empty());
    let (id, prev) = (element.maybe_text("id"), element.maybe_text("prev"));
    set_description(world, asked.me, asked.group()?, text, id, Previous::Id(prev))?;
    Ok(Vec::new())
}

/// Which description a change replaces.
#[derive(Debug, Clone)]
pub(crate) enum Previous {
    /// The one with this id, none when absent.
    Id(Option<String>),
    /// Whichever there is: a person overwrites what he sees.
    Any,
}

/// Describes a group, or removes the description. A change of another version
/// than the current one is a conflict.
pub(crate) fn set_description(
    world: &mut World,
    by: AccountId,
    id: GroupId,
    text: Option<String>,
    text_id: Option<String>,
    previous: Previous,
) -> Result<(), Refused> {
    let group = as_editor(world, id, by)?;
    if text.as_ref().is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        return Err(Refused::NOT_ACCEPTABLE);
    }
    if let Previous::Id(previous) = previous
        && previous != group.description.as_ref().map(|description| description.id.clone())
    {
        return Err(Refused::CONFLICT);
    }
    let text_id = text_id.filter(|id| !id.is_empty()).unwrap_or_else(|| hex::encode_upper(world.random::<4>()));
    let at = world.now_secs();
    if let Some(group) = world.groups.change(id) {
        group.description = text.map(|text| Noted { id: text_id.clone(), text, by, at });
    }
    let Some(group) = world.groups.get(id).cloned() else {
        return Err(Refused::NOT_FOUND);
    };
    let change = match &group.description {
        Some(description) => info::described(world, &group, description),
        None => node("description").attr("id", text_id).children([node("delete").build()]).build(),
    };
    notify::members(world, &group, Some(by), &change, &[]);
    Ok(())
}
