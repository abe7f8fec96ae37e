//! What a control request does, without HTTP.

use serde_json::Value;

use crate::ids::AccountId;
use crate::phone::content::make;
use crate::phone::outgoing;
use crate::world::World;

/// A person sends a message made of JSON; gives back its id.
pub(crate) fn said(world: &mut World, from: AccountId, to: AccountId, message: &Value) -> String {
    let now = world.now_ms();
    let mut message = make::from_json(message, now, |id| super::messages::target(world, from, id)).unwrap();
    super::messages::give_secret(&mut message, world.random());
    let sent = outgoing::send(world, from, to, message, None, None).unwrap();
    world.settle();
    sent.id
}

/// A message as the API shows it.
pub(crate) fn shown(world: &World, me: AccountId, id: &str) -> Value {
    let shown = world.accounts[&me].phone.conversations.find(id).unwrap();
    super::shown::shown_json(world, me, shown, false)
}
