//! Privacy settings and the tokens of trusted contacts.

use std::collections::BTreeMap;

use super::Request;
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// The most characters of a category or value.
const MAX_TEXT: usize = 64;

/// What a new account allows: everything, to everybody.
pub(crate) fn defaults() -> BTreeMap<String, String> {
    [
        ("readreceipts", "all"),
        ("profile", "all"),
        ("status", "all"),
        ("online", "all"),
        ("last", "all"),
        ("groupadd", "all"),
        ("calladd", "all"),
        ("messages", "all"),
        ("defense", "off"),
        ("stickers", "all"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// All categories.
pub(crate) fn get(world: &mut World, request: &Request<'_>) {
    let Some(account) = request.device.and_then(|me| world.accounts.get(&me.account)) else {
        return;
    };
    let categories: Vec<_> = account
        .privacy
        .iter()
        .map(|(name, value)| node("category").attr("name", name).attr("value", value).build())
        .collect();
    request.result(world, [node("privacy").children(categories).build()]);
}

/// Changes categories the account has.
pub(crate) fn set(world: &mut World, request: &Request<'_>) {
    let (Some(me), Some(privacy)) = (request.device, request.stanza.child("privacy")) else {
        return;
    };
    let mut changed = Vec::new();
    if let Some(account) = world.accounts.get_mut(&me.account) {
        for category in privacy.nodes() {
            let (name, value) = (category.text_of("name").into_owned(), category.text_of("value").into_owned());
            if value.len() > MAX_TEXT || !account.privacy.contains_key(&name) {
                return request.error(world, 400, "bad-request");
            }
            changed.push(node("category").attr("name", &name).attr("value", &value).build());
            account.privacy.insert(name, value);
        }
    }
    request.result(world, [node("privacy").children(changed).build()]);
}

/// Tokens for a contact; they are taken and not yet looked at.
pub(crate) fn tokens(world: &mut World, request: &Request<'_>) {
    request.result(world, []);
}

/// The contacts a category excludes: none.
pub(crate) fn disallowed(world: &mut World, request: &Request<'_>) {
    request.result(world, [node("list").build()]);
}
