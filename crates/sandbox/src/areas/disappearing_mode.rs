//! How long messages of new chats last, unless a chat says otherwise.

use super::{Request, notifications};
use crate::ids::AccountId;
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// The longest time, 90 days and a bit.
const MAX_SECS: u64 = 100 * 86_400;

/// `<disappearing_mode duration/>` of the own account; to read it, ask without.
pub(crate) fn handle(world: &mut World, request: &Request<'_>) {
    let Some(me) = request.device else {
        return;
    };
    if request.stanza.text_of("type") == "set" {
        let wanted = request.stanza.child("disappearing_mode").and_then(|mode| mode.number_of("duration"));
        let Some(duration) = wanted.filter(|duration| *duration <= MAX_SECS) else {
            return request.error(world, 400, "bad-request");
        };
        change(world, me.account, duration);
    }
    let (duration, set_at) = world.accounts.get(&me.account).map_or((0, 0), |account| account.disappearing);
    let mode = node("disappearing_mode").attr("duration", duration).attr("t", set_at).build();
    request.result(world, [mode]);
}

/// Changes it, in seconds, and tells the contacts.
pub(crate) fn change(world: &mut World, account: AccountId, duration: u64) {
    let now = world.now_secs();
    if let Some(account) = world.accounts.get_mut(&account) {
        account.disappearing = (duration, now);
    }
    let mode = node("disappearing_mode").attr("duration", duration).attr("t", now).build();
    notifications::tell_contacts(world, account, "disappearing_mode", &mode);
}
