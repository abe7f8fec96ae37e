//! Adding, removing and promoting people, and letting in those who wait.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Acting, count, explain};
use crate::app::Core;
use crate::clock::iso;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::keys::Caller;
use crate::network::group::{MemberAction, MemberOutcome};
use crate::outbound::person;
use crate::wid::Wid;

/// Somebody to be put in, and as what.
#[derive(Debug, Clone)]
pub struct NewParticipant {
    /// E.164, or a WhatsApp id.
    pub phone: String,
    /// As an admin.
    pub admin: bool,
}

/// What became of one person.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParticipantResult {
    /// WhatsApp id, as asked.
    pub wid: String,
    /// E.164, where known.
    pub phone: Option<String>,
    /// `added`, `removed`, `promoted`, `demoted`, `approved`, `rejected`, or `failed`.
    pub status: String,
    /// Why not, stable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Why not, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What can be sent to somebody who does not let themselves be added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<ParticipantInvitation>,
}

/// An invitation for one person.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParticipantInvitation {
    /// Its code.
    pub code: String,
    /// Until when it is good, ISO 8601.
    pub expires_at: String,
}

/// Somebody who waits to be let in.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingMember {
    /// WhatsApp id.
    pub wid: String,
    /// E.164, where known.
    pub phone: Option<String>,
    /// Private id, where known.
    pub lid: Option<String>,
    /// Name, where known.
    pub name: Option<String>,
    /// Since when, ISO 8601.
    pub requested_at: Option<String>,
}

/// Who is meant.
#[derive(Debug, Clone)]
pub enum Which {
    /// All who wait.
    All,
    /// These, by phone number or id.
    Phones(Vec<String>),
}

impl ParticipantResult {
    pub(super) fn of(outcome: MemberOutcome, done: &str) -> Self {
        let phone = outcome.wid.phone().map(String::from);
        let (error_code, message) = outcome.error.map(explain::person).unzip();
        Self {
            wid: outcome.wid.to_string(),
            phone,
            status: if outcome.error.is_some() { "failed" } else { done }.to_owned(),
            error_code: error_code.map(str::to_owned),
            message,
            invitation: outcome
                .invitation
                .map(|given| ParticipantInvitation { code: given.code, expires_at: iso(given.expires_at) }),
        }
    }

    /// Somebody of whom nothing was said.
    pub(super) fn unexplained(wid: &Wid) -> Self {
        Self::of(MemberOutcome { wid: wid.clone(), error: Some(0), invitation: None }, "")
    }
}

/// Who is asked for, each once.
pub(super) fn people(asked: &[NewParticipant]) -> Result<Vec<(Wid, bool)>> {
    let mut people: Vec<(Wid, bool)> = Vec::with_capacity(asked.len());
    for one in asked {
        let wid = person(&one.phone)?;
        match people.iter_mut().find(|(known, _)| *known == wid) {
            Some((_, admin)) => *admin |= one.admin,
            None => people.push((wid, one.admin)),
        }
    }
    Ok(people)
}

fn named(phones: &[String]) -> Result<Vec<Wid>> {
    let asked: Vec<_> = phones.iter().map(|phone| NewParticipant { phone: phone.clone(), admin: false }).collect();
    Ok(people(&asked)?.into_iter().map(|(wid, _)| wid).collect())
}

/// Adds people, as admins where asked; what became of each.
///
/// # Errors
/// `group:count`, `phone:invalid`, `group:notfound`, `group:not_member`,
/// `group:not_admin`, `session:offline`.
pub async fn add(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    group: &Wid,
    asked: Vec<NewParticipant>,
) -> Result<Vec<ParticipantResult>> {
    count(asked.len())?;
    let people = people(&asked)?;
    let acting = Acting::new(core, caller, device).await?;
    let wids: Vec<Wid> = people.iter().map(|(wid, _)| wid.clone()).collect();
    let mut results = done(&acting, group, MemberAction::Add, &wids).await?;
    let is_in = |result: &ParticipantResult| {
        result.status == "added" || result.error_code.as_deref() == Some("participant:already")
    };
    let admins: Vec<Wid> = people
        .iter()
        .filter(|(wid, admin)| *admin && results.iter().any(|result| result.wid == wid.as_str() && is_in(result)))
        .map(|(wid, _)| wid.clone())
        .collect();
    if !admins.is_empty() {
        for promoted in done(&acting, group, MemberAction::Promote, &admins).await? {
            let result = results.iter_mut().find(|result| result.wid == promoted.wid);
            if let Some(result) = result.filter(|_| promoted.status == "failed") {
                result.message = Some("The person is in the group, but could not be made an admin.".to_owned());
                result.error_code = promoted.error_code;
            } else if let Some(result) = results.iter_mut().find(|result| result.wid == promoted.wid)
                && result.status == "failed"
            {
                *result = promoted;
            }
        }
    }
    acting.compare(group, false).await?;
    Ok(results)
}

/// Makes people admins, or members again; what became of each.
///
/// # Errors
/// As [`add`].
pub async fn update(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    group: &Wid,
    asked: Vec<NewParticipant>,
) -> Result<Vec<ParticipantResult>> {
    count(asked.len())?;
    let people = people(&asked)?;
    let acting = Acting::new(core, caller, device).await?;
    let mut results = Vec::with_capacity(people.len());
    for (action, admin) in [(MemberAction::Promote, true), (MemberAction::Demote, false)] {
        let wids: Vec<Wid> = people.iter().filter(|(_, is)| *is == admin).map(|(wid, _)| wid.clone()).collect();
        if !wids.is_empty() {
            results.extend(done(&acting, group, action, &wids).await?);
        }
    }
    acting.compare(group, false).await?;
    Ok(results)
}

/// Takes people out; what became of each.
///
/// # Errors
/// As [`add`].
pub async fn remove(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    group: &Wid,
    phones: &[String],
) -> Result<Vec<ParticipantResult>> {
    count(phones.len())?;
    let wids = named(phones)?;
    let acting = Acting::new(core, caller, device).await?;
    let results = done(&acting, group, MemberAction::Remove, &wids).await?;
    acting.compare(group, false).await?;
    Ok(results)
}

/// Who waits to be let in.
///
/// # Errors
/// `group:notfound`, `group:not_member`, `group:not_admin`, `session:offline`.
pub async fn pending(core: &Core, caller: &Caller, device: &DeviceId, group: &Wid) -> Result<Vec<PendingMember>> {
    let acting = Acting::new(core, caller, device).await?;
    let state = acting.group(group).await?;
    let asked = acting.link.join_requests(group).await;
    let requests = asked.map_err(|error| explain::about(error, group, Some(&state)))?;
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let mut waiting = Vec::with_capacity(requests.len());
    for request in requests {
        let contact = scope.contact(device, request.who.wid.as_str()).await?;
        waiting.push(PendingMember {
            phone: request.who.wid.phone().map(String::from),
            wid: request.who.wid.to_string(),
            lid: request.who.lid.map(String::from),
            name: contact.and_then(|contact| contact.name.or(contact.push_name)),
            requested_at: request.at.map(iso),
        });
    }
    Ok(waiting)
}

/// Lets in people who wait; what became of each.
///
/// # Errors
/// As [`pending`], and `group:count`, `phone:invalid`.
pub async fn approve(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    group: &Wid,
    which: Which,
) -> Result<Vec<ParticipantResult>> {
    decide(core, caller, device, group, which, MemberAction::Approve).await
}

/// Turns down people who wait; what became of each.
///
/// # Errors
/// As [`approve`].
pub async fn reject(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    group: &Wid,
    which: Which,
) -> Result<Vec<ParticipantResult>> {
    decide(core, caller, device, group, which, MemberAction::Reject).await
}

async fn decide(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    group: &Wid,
    which: Which,
    action: MemberAction,
) -> Result<Vec<ParticipantResult>> {
    let named = match &which {
        Which::All => None,
        Which::Phones(phones) => {
            count(phones.len())?;
            Some(named(phones)?)
        }
    };
    let acting = Acting::new(core, caller, device).await?;
    let wids = match named {
        Some(wids) => wids,
        None => {
            let state = acting.group(group).await?;
            let asked = acting.link.join_requests(group).await;
            let waiting = asked.map_err(|error| explain::about(error, group, Some(&state)))?;
            waiting.into_iter().map(|request| request.who.wid).collect()
        }
    };
    if wids.is_empty() {
        return Ok(Vec::new());
    }
    let results = done(&acting, group, action, &wids).await?;
    acting.compare(group, false).await?;
    Ok(results)
}

async fn done(acting: &Acting, group: &Wid, action: MemberAction, people: &[Wid]) -> Result<Vec<ParticipantResult>> {
    let state = acting.group(group).await?;
    let outcomes = acting.link.change_members(group, action, people).await;
    let outcomes = outcomes.map_err(|error| explain::about(error, group, Some(&state)))?;
    let word = match action {
        MemberAction::Add => "added",
        MemberAction::Remove => "removed",
        MemberAction::Promote => "promoted",
        MemberAction::Demote => "demoted",
        MemberAction::Approve => "approved",
        MemberAction::Reject => "rejected",
    };
    Ok(outcomes.into_iter().map(|outcome| ParticipantResult::of(outcome, word)).collect())
}
