//! Tokens of trust: whom an account lets write, look and watch.
//!
//! A person who writes to somebody gives them a token; with it they may answer
//! even if the person accepts nobody unknown. Somebody without one proves with
//! the salt of their own account that they are not a machine that guesses.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use wacore_binary::Node;

use super::World;
use super::account::Account;
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::stanza::{Reading as _, node};

/// Four buckets of a week, as clients count unless told otherwise.
const LIFE_SECS: u64 = 28 * 86_400;
/// The most people one account gives tokens to.
const MAX_TOKENS: usize = 20_000;

/// A token that was given to somebody.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) bytes: Vec<u8>,
    /// Seconds since the epoch.
    pub(crate) given_at: u64,
}

impl World {
    /// `giver` trusts `holder`: all devices of the holder get a token.
    pub(crate) fn give_token(&mut self, giver: AccountId, holder: AccountId, at: u64) {
        if giver == holder || !self.accounts.contains_key(&holder) {
            return;
        }
        let bytes: [u8; 16] = self.random();
        let Some(account) = self.accounts.get_mut(&giver) else {
            return;
        };
        if account.tokens.len() >= MAX_TOKENS && !account.tokens.contains_key(&holder) {
            return;
        }
        account.tokens.insert(holder, Token { bytes: bytes.to_vec(), given_at: at });
        let (pn, lid) = (account.jid(Domain::Pn), account.jid(Domain::Lid));
        let devices = self.accounts.get(&holder).map(Account::device_ids).unwrap_or_default();
        for device in devices {
            let token = node("token").attr("type", "trusted_contact").attr("t", at).bytes(bytes.to_vec()).build();
            let id = self.stanza_id();
            let stanza = node("notification")
                .attr("type", "privacy_token")
                .attr("id", id)
                .attr("t", self.now_secs())
                .attr("from", &pn)
                .attr("sender_lid", &lid)
                .children([node("tokens").children([token]).build()])
                .build();
            self.deliver(DeviceRef { account: holder, device }, None, stanza);
        }
    }

    /// The token `holder` has of `giver`, if it is still good.
    pub(crate) fn token_of(&self, giver: AccountId, holder: AccountId) -> Option<&Token> {
        let token = self.accounts.get(&giver)?.tokens.get(&holder)?;
        (token.given_at + LIFE_SECS > self.now_secs()).then_some(token)
    }

    /// What `from` puts in for lack of a token of `to`.
    pub(crate) fn first_contact_token(&self, from: AccountId, to: AccountId) -> Option<Vec<u8>> {
        let salt = self.accounts.get(&from)?.new_chat_salt.as_deref()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(salt).ok()?;
        mac.update(self.accounts.get(&to)?.jid(Domain::Lid).to_string().as_bytes());
        Some(mac.finalize().into_bytes().to_vec())
    }

    /// Whether `from` may approach `to`, with the tokens among `children`.
    /// Always, unless `to` wants tokens and doesn't know `from`.
    pub(crate) fn may_approach(&self, from: AccountId, to: AccountId, children: &[Node]) -> bool {
        let (Some(account), Some(person)) = (self.accounts.get(&to), self.accounts.get(&from)) else {
            return false;
        };
        if from == to || !account.wants_tokens || account.has_saved(person) || account.wrote_to.contains(&from) {
            return true;
        }
        children.iter().any(|child| match child.tag.as_ref() {
            "tctoken" => self.token_of(to, from).is_some_and(|token| token.bytes == child.body()),
            "cstoken" => self.first_contact_token(from, to).is_some_and(|token| token == child.body()),
            _ => false,
        })
    }
}
