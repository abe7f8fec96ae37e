//! `<tokens>`: an account trusts somebody.

use wacore_binary::Node;

use super::Request;
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// The most people one request may trust.
const MAX_PEOPLE: usize = 500;

/// `<tokens><token jid t type="trusted_contact"/>…`: gives each person a token,
/// and answers with the tokens they have given.
pub(crate) fn give(world: &mut World, request: &Request<'_>) {
    let (Some(me), Some(tokens)) = (request.device, request.stanza.child("tokens")) else {
        return;
    };
    let mut answers: Vec<Node> = Vec::new();
    for token in tokens.nodes().iter().take(MAX_PEOPLE) {
        let Some((jid, person)) = token.jid_of("jid").and_then(|jid| Some((jid.clone(), world.find(&jid)?))) else {
            continue;
        };
        if token.text_of("type") != "trusted_contact" {
            continue;
        }
        let now = world.now_secs();
        let at = token.number_of("t").filter(|at| *at <= now).unwrap_or(now);
        world.give_token(me.account, person, at);
        if let Some(theirs) = world.token_of(person, me.account) {
            let theirs = node("token")
                .attr("jid", jid)
                .attr("t", theirs.given_at)
                .attr("type", "trusted_contact")
                .bytes(theirs.bytes.clone());
            answers.push(theirs.build());
        }
    }
    request.result(world, (!answers.is_empty()).then(|| node("tokens").children(answers).build()));
}
