//! Linking by a code that the person types on the phone.
//!
//! The companion seals an ephemeral key with its code (`companion_hello`); the
//! phone seals its own with what was typed (`primary_hello`); the companion
//! answers with a bundle that opens only if both codes were the same
//! (`companion_finish`). The server never learns the code.

use wacore::libsignal::protocol::KeyPair;
use wacore_binary::Node;

use super::{Request, linking_qr, notifications};
use crate::fault::{Kind, Whom};
use crate::ids::{AccountId, PhoneNumber};
use crate::phone::linking::open_key_bundle;
use crate::stanza::{Reading as _, node, public_bytes, server_jid};
use crate::world::World;
use crate::world::links::{Checking, MAX_CODES, Outcome, PendingCode};

/// Salt, counter block and sealed key of an ephemeral.
const WRAPPED: usize = 80;

/// `<link_code_companion_reg stage>` from a companion.
pub(crate) fn stage(world: &mut World, request: &Request<'_>) {
    let Some(registration) = request.stanza.child("link_code_companion_reg") else {
        return;
    };
    match registration.text_of("stage").as_ref() {
        "companion_hello" => hello(world, request, registration),
        "companion_finish" => finish(world, request, registration),
        _ => request.error(world, 400, "bad-request"),
    }
}

fn number_of(registration: &Node) -> Option<PhoneNumber> {
    PhoneNumber::parse(&registration.jid_of("jid")?.user)
}

fn hello(world: &mut World, request: &Request<'_>, registration: &Node) {
    let Some(number) = number_of(registration) else {
        return request.error(world, 400, "bad-request");
    };
    let wrapped = registration.body_of("link_code_pairing_wrapped_companion_ephemeral_pub").to_vec();
    if wrapped.len() != WRAPPED {
        return request.error(world, 400, "bad-request");
    }
    let phone = number.to_string();
    let whom = Whom { phone: Some(&phone), ..Whom::default() };
    let World { faults, links, .. } = world;
    if faults.happens(Kind::TooManyLinkCodes, whom)
        || (links.codes.len() >= MAX_CODES && !links.codes.contains_key(number.digits()))
    {
        return request.error(world, 429, "rate-overlimit");
    }
    if faults.happens(Kind::Passkey, whom) {
        notifications::passkey_wanted(world, request.conn);
        return request.error(world, 403, "forbidden");
    }
    let random: [u8; 12] = world.random();
    let reference = format!("3@{}", hex::encode(random));
    let pending = PendingCode {
        conn: request.conn,
        reference: reference.clone(),
        wrapped,
        expires_at_ms: world.now_ms() + world.timing.link_code_ms,
        tries_left: world.timing.link_code_tries,
        checking: None,
    };
    world.links.codes.insert(number.digits().to_owned(), pending);
    let answer = node("link_code_companion_reg")
        .attr("stage", "companion_hello")
        .children([node("link_code_pairing_ref").bytes(reference.into_bytes()).build()])
        .build();
    request.result(world, [answer]);
    world.changed();
}

/// Why a typed code is not even tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CantTry {
    NoPendingCode,
    Expired,
    NoTriesLeft,
    /// Another typed code is being checked.
    Busy,
}

/// What the phone needs to seal its side: the companion's sealed key and the
/// ref it belongs to.
pub(crate) fn pending(world: &World, number: &PhoneNumber) -> Result<(String, Vec<u8>), CantTry> {
    let code = world.links.codes.get(number.digits()).ok_or(CantTry::NoPendingCode)?;
    if code.expires_at_ms <= world.now_ms() {
        return Err(CantTry::Expired);
    }
    if code.tries_left == 0 {
        return Err(CantTry::NoTriesLeft);
    }
    if code.checking.is_some() {
        return Err(CantTry::Busy);
    }
    Ok((code.reference.clone(), code.wrapped.clone()))
}

/// What a typed code made of the companion's sealed key, and the phone's own.
pub(crate) struct Typed {
    pub(crate) reference: String,
    pub(crate) companion_ephemeral: [u8; 32],
    pub(crate) ephemeral: KeyPair,
    /// The phone's ephemeral key, sealed with the typed code.
    pub(crate) wrapped: Vec<u8>,
}

/// The person has typed a code: tells the companion. The outcome is found under
/// the number given back.
pub(crate) fn primary_hello(
    world: &mut World,
    number: &PhoneNumber,
    account: AccountId,
    typed: Typed,
) -> Result<u64, CantTry> {
    let (reference, _) = pending(world, number)?;
    if reference != typed.reference {
        return Err(CantTry::NoPendingCode);
    }
    let identity = world
        .accounts
        .get(&account)
        .map(|account| public_bytes(&account.phone.party.identity().public_key))
        .ok_or(CantTry::NoPendingCode)?;
    let World { links, .. } = world;
    let code = links.codes.get_mut(number.digits()).ok_or(CantTry::NoPendingCode)?;
    let conn = code.conn;
    let attempt = links.attempt(conn);
    if let Some(code) = links.codes.get_mut(number.digits()) {
        code.checking = Some(Checking {
            attempt,
            account,
            ephemeral: typed.ephemeral,
            companion_ephemeral: typed.companion_ephemeral,
        });
    }
    let registration = node("link_code_companion_reg")
        .attr("stage", "primary_hello")
        .children([
            node("link_code_pairing_wrapped_primary_ephemeral_pub").bytes(typed.wrapped).build(),
            node("primary_identity_pub").bytes(identity.to_vec()).build(),
            node("link_code_pairing_ref").bytes(reference.into_bytes()).build(),
        ])
        .build();
    let stanza = notification(world, registration);
    world.send(conn, stanza);
    Ok(attempt)
}

/// Gives up waiting for a companion that never finished.
pub(crate) fn give_up(world: &mut World, number: &PhoneNumber, attempt: u64) {
    if let Some(code) = world.links.codes.get_mut(number.digits()) {
        code.checking.take_if(|checking| checking.attempt == attempt);
    }
    world.links.end(attempt, Outcome::Gone);
}

fn finish(world: &mut World, request: &Request<'_>, registration: &Node) {
    request.result(world, []);
    let Some(number) = number_of(registration) else {
        return;
    };
    let World { links, accounts, .. } = world;
    let Some(code) = links.codes.get_mut(number.digits()).filter(|code| code.conn == request.conn) else {
        return;
    };
    if registration.body_of("link_code_pairing_ref") != code.reference.as_bytes() {
        return;
    }
    let Some(checking) = code.checking.take() else {
        return;
    };
    let Some(account) = accounts.get(&checking.account) else {
        return links.end(checking.attempt, Outcome::Gone);
    };
    let companion_identity: Option<[u8; 32]> = registration.body_of("companion_identity_public").try_into().ok();
    let bundle = registration.body_of("link_code_pairing_wrapped_key_bundle");
    let secret = companion_identity.and_then(|identity| {
        open_key_bundle(
            bundle,
            &checking.ephemeral,
            &checking.companion_ephemeral,
            account.phone.party.identity(),
            &identity,
        )
    });
    match secret {
        Some(secret) => {
            links.codes.remove(number.digits());
            if linking_qr::admit(world, request.conn, checking.account, &secret, checking.attempt).is_err() {
                world.links.end(checking.attempt, Outcome::Refused);
            }
        }
        None => {
            code.tries_left = code.tries_left.saturating_sub(1);
            let tries_left = code.tries_left;
            links.end(checking.attempt, Outcome::WrongCode { tries_left });
            if tries_left == 0 {
                refresh(world, &number, true);
            }
        }
    }
    world.changed();
}

/// Asks the companion to show another code; with `force`, by its person's hand.
/// Gives back whether a code was pending.
pub(crate) fn refresh(world: &mut World, number: &PhoneNumber, force: bool) -> bool {
    let Some(code) = world.links.codes.get(number.digits()) else {
        return false;
    };
    let conn = code.conn;
    let registration = node("link_code_companion_reg")
        .attr("stage", "refresh_code")
        .attr("force_manual_refresh", force)
        .children([node("link_code_pairing_ref").bytes(code.reference.clone().into_bytes()).build()])
        .build();
    let stanza = notification(world, registration);
    world.send(conn, stanza);
    true
}

fn notification(world: &mut World, registration: Node) -> Node {
    let id = world.stanza_id();
    node("notification")
        .attr("from", server_jid())
        .attr("type", "link_code_companion_reg")
        .attr("id", id)
        .attr("t", world.now_secs())
        .children([registration])
        .build()
}
