//! Channels. What concerns a channel as such is asked by GraphQL ([`super::mex`]),
//! posts travel as stanzas.

pub(crate) mod directory;
pub(crate) mod follow;
pub(crate) mod manage;
pub(crate) mod metadata;
pub(crate) mod notify;
pub(crate) mod posts;
pub(crate) mod reading;

use wacore_binary::{Jid, Server};

use super::mex::{Query, Refused};
use crate::world::World;

/// The user part of a channel's address in a variable.
fn id_in<'q>(query: &Query<'q>) -> Result<&'q str, Refused> {
    let jid = query.text("newsletter_id");
    jid.strip_suffix("@newsletter").ok_or_else(|| Refused::new(400, format!("{jid:?} is not a channel")))
}

/// The user part of an address, when it is a channel's.
fn id_of(jid: &Jid) -> Option<String> {
    (jid.server == Server::Newsletter).then(|| jid.user.to_string())
}

/// The account a variable names.
fn user_in(world: &World, query: &Query<'_>) -> Result<crate::ids::AccountId, Refused> {
    query
        .text("user_id")
        .parse::<Jid>()
        .ok()
        .and_then(|jid| world.find(&jid))
        .ok_or_else(|| Refused::new(400, "user_id names nobody"))
}
