//! Privacy settings.

use std::collections::BTreeMap;

use wacore_binary::Node;

use super::{Request, notifications};
use crate::ids::{AccountId, Domain};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::account::Account;
use crate::world::privacy::{leaves_out, values};

/// The most contacts one category leaves out.
const MAX_LEFT_OUT: usize = 5_000;

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

fn category(name: &str, value: &str) -> Node {
    node("category").attr("name", name).attr("value", value).build()
}

/// `<privacy/>`: all categories; with a list in it, whom one leaves out.
pub(crate) fn get_or_list(world: &mut World, request: &Request<'_>) {
    if request.stanza.child("privacy").is_some_and(|privacy| privacy.child("list").is_some()) {
        disallowed(world, request);
    } else {
        get(world, request);
    }
}

/// All categories.
fn get(world: &mut World, request: &Request<'_>) {
    let Some(account) = request.device.and_then(|me| world.accounts.get(&me.account)) else {
        return;
    };
    let categories: Vec<_> = account.privacy.iter().map(|(name, value)| category(name, value)).collect();
    request.result(world, [node("privacy").children(categories).build()]);
}

/// One category a client wants changed.
struct Wanted {
    name: String,
    value: String,
    /// Contacts to leave out, or no longer.
    people: Vec<(AccountId, bool)>,
}

/// Changes categories the account has: all that are named or none.
pub(crate) fn set(world: &mut World, request: &Request<'_>) {
    let (Some(me), Some(privacy)) = (request.device, request.stanza.child("privacy")) else {
        return;
    };
    let mut wanted = Vec::new();
    for category in privacy.nodes() {
        match read(world, me.account, category) {
            Ok(category) => wanted.push(category),
            Err((code, text)) => return request.error(world, code, text),
        }
    }
    let changed: Vec<Node> =
        wanted.iter().filter_map(|wanted| change(world, me.account, wanted, Some(me.device))).collect();
    request.result(world, [node("privacy").children(changed).build()]);
}

fn read(world: &World, me: AccountId, category: &Node) -> Result<Wanted, (u32, &'static str)> {
    let (name, value) = (category.text_of("name").into_owned(), category.text_of("value").into_owned());
    if !values(&name).is_some_and(|values| values.contains(&value.as_str())) {
        return Err((400, "bad-request"));
    }
    let mut people = Vec::new();
    if value == "contact_blacklist" {
        let account = world.accounts.get(&me).ok_or((401, "not-authorized"))?;
        let current = account.disallowed.get(&name).map(Account::list_hash).unwrap_or_default();
        // A client that changes a list it knows only an older form of would undo
        // what others did.
        if category
            .maybe_text("dhash")
            .is_some_and(|hash| !hash.is_empty() && !current.is_empty() && hash != current && hash != "none")
        {
            return Err((409, "conflict"));
        }
        for user in category.nodes().iter().take(MAX_LEFT_OUT) {
            let person = ["jid", "pn_jid"].iter().find_map(|key| world.find(&user.jid_of(key)?));
            people.push((person.ok_or((404, "item-not-found"))?, user.text_of("action") != "remove"));
        }
    }
    Ok(Wanted { name, value, people })
}

fn change(world: &mut World, me: AccountId, wanted: &Wanted, except: Option<u16>) -> Option<Node> {
    let account = world.accounts.get_mut(&me)?;
    account.privacy.insert(wanted.name.clone(), wanted.value.clone());
    let mut answer = node("category").attr("name", wanted.name.as_str()).attr("value", wanted.value.as_str());
    if leaves_out(&wanted.name) && wanted.value == "contact_blacklist" {
        let left_out = account.disallowed.entry(wanted.name.clone()).or_default();
        for (person, out) in &wanted.people {
            if !out {
                left_out.remove(person);
            } else if left_out.len() < MAX_LEFT_OUT {
                left_out.insert(*person);
            }
        }
        answer = answer.attr("dhash", Account::list_hash(left_out));
    } else {
        account.disallowed.remove(&wanted.name);
    }
    notifications::privacy_changed(world, me, except, &category(&wanted.name, &wanted.value));
    super::presence::seen_anew(world, me);
    world.changed();
    Some(answer.build())
}

/// The person changes a category on the phone; `left_out` are all contacts it
/// leaves out from now on. `false` when there is no such category or value.
pub(crate) fn change_on_phone(
    world: &mut World,
    me: AccountId,
    name: &str,
    value: &str,
    left_out: Option<&[AccountId]>,
) -> bool {
    if !values(name).is_some_and(|values| values.contains(&value)) {
        return false;
    }
    let before = world.accounts.get(&me).and_then(|account| account.disallowed.get(name)).cloned().unwrap_or_default();
    let mut people = Vec::new();
    if let Some(left_out) = left_out {
        people.extend(before.iter().filter(|person| !left_out.contains(person)).map(|person| (*person, false)));
        people.extend(left_out.iter().map(|person| (*person, true)));
    }
    change(world, me, &Wanted { name: name.to_owned(), value: value.to_owned(), people }, None);
    true
}

/// `<list name value="contact_blacklist"/>`: the contacts a category leaves
/// out.
pub(crate) fn disallowed(world: &mut World, request: &Request<'_>) {
    let Some(account) = request.device.and_then(|me| world.accounts.get(&me.account)) else {
        return;
    };
    let asked = request.stanza.child("privacy").and_then(|privacy| privacy.child("list"));
    let asked = asked.or_else(|| request.stanza.child("list"));
    let name = asked.map(|list| list.text_of("name").into_owned()).unwrap_or_default();
    let left_out = account.disallowed.get(&name).cloned().unwrap_or_default();
    let users: Vec<Node> = left_out
        .iter()
        .filter_map(|person| world.accounts.get(person))
        .map(|person| node("user").attr("jid", person.jid(Domain::Lid)).attr("pn_jid", person.jid(Domain::Pn)).build())
        .collect();
    let list = node("list")
        .attr("name", name)
        .attr("value", "contact_blacklist")
        .attr("dhash", Account::list_hash(&left_out))
        .children(users)
        .build();
    let answer =
        if request.stanza.child("privacy").is_some() { node("privacy").children([list]).build() } else { list };
    request.result(world, [answer]);
}
