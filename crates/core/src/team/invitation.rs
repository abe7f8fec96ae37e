//! Invitations: a token of limited life, with which a person sets a password.
//!
//! There is no mail server here: the answer that makes an invitation tells its
//! link once, and whoever invites passes it on.

use rand::RngExt;
use sha2::{Digest, Sha256};
use sparkbot_store::actor::{self, Actor, Deed};
use sparkbot_store::rows::UserRow;

use super::password;
use super::show::{Invitation, Member};
use crate::access::Numbers;
use crate::app::Core;
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::ids::KeyId;

/// How long an invitation can be accepted.
const LIFE: i64 = 7 * 24 * 3600 * 1000;

/// Invites the person of a row: puts the token's hash there, tells the token.
pub(super) fn invite(row: &mut UserRow, now: i64) -> Invitation {
    let mut bytes = [0u8; 32];
    rand::rng().fill(&mut bytes);
    let token = hex::encode(bytes);
    let ends = now + LIFE;
    row.invitation = Some(hash(&token));
    row.invitation_expires_at = Some(ends);
    "pending".clone_into(&mut row.status);
    Invitation { path: format!("/v1/team/invitations/{token}"), token, expires_at: iso(ends) }
}

/// Tokens are random over 256 bits, so a plain hash can't be guessed back.
fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Accepts an invitation: the person sets a password and is active.
///
/// # Errors
/// `invitation:notfound` for an unknown, used or expired token; `team:password`.
pub async fn accept(core: &Core, token: &str, secret: &str, origin: Option<String>) -> Result<Member> {
    let gone = || {
        Error::not_found("invitation:notfound", "This invitation is unknown, was used or has expired.")
            .hint("Ask for a new one: PATCH /v1/team {\"invite\": true} makes it.")
    };
    let now = core.now();
    let digest = hash(&token.to_ascii_lowercase());
    let fresh = |row: &UserRow| row.status == "pending" && row.invitation_expires_at.is_some_and(|at| at > now);
    let found = core.store().read().await?.server().invited(&digest).await?.filter(fresh).ok_or_else(gone)?;
    password::check(secret, found.email.as_deref())?;
    let password = core.passwords().hash(secret.to_owned()).await?;
    let deed =
        Deed { action: "team.acceptInvitation".to_owned(), changes: true, device: None, object: None, origin, at: now };
    let person = (found.id.clone(), found.name.clone(), found.role.clone());
    // There is no key yet; the line shows the person's own id in its place.
    let key = KeyId::trusted(found.id.to_string());
    actor::act(Actor::new(found.account_id.clone(), person, key, Numbers::All, deed));
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let row = w.server().invited(&digest).await?;
                let mut row = row.filter(|row| row.status == "pending").ok_or_else(gone)?;
                row.password = Some(password);
                row.invitation = None;
                row.invitation_expires_at = None;
                "active".clone_into(&mut row.status);
                row.updated_at = now;
                w.touches("user", row.id.as_str(), None);
                let account = row.account_id.clone();
                w.account(&account).update_user(&row).await?;
                Member::of(&row, now)
            })
        })
        .await
}
