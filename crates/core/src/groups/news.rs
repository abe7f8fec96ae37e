//! What WhatsApp tells of groups becomes rows and events.

use serde_json::{Map, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, ParticipantRow};

use super::doc::{State, role};
use super::keep::{self, Author, Moves};
use super::refresh::{self, Why};
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::{AccountId, DeviceId};
use crate::network::group::{Member, Role, Someone};
use crate::network::{GroupNews, GroupReport, Millis};

/// Writes a change that WhatsApp has told of. What it does not tell in full is
/// asked for afterwards.
pub(crate) async fn reported(core: &Core, account: &AccountId, device: &DeviceId, report: GroupReport) -> Result<()> {
    let (id, owner, now) = (device.clone(), account.clone(), core.now());
    let group = report.group.clone();
    let (ask, by) = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let device = w.account(&owner).device(&id).await?.ok_or_else(|| not_found(&id))?;
                let by = match &report.by {
                    Some(who) => Some(named(w, &device, report.group.as_str(), who).await?),
                    None => None,
                };
                let report = GroupReport { by: by.clone(), ..report };
                Ok::<_, Error>((one(w, &device, report, now).await?, by))
            })
        })
        .await?;
    if let Some(picture) = ask {
        refresh::soon(core, account, device, &group, Why { by, picture });
    }
    Ok(())
}

/// Writes one change. `Some` when WhatsApp has to be asked, with whether the
/// picture is another one.
async fn one(w: &mut Writing, device: &DeviceRow, report: GroupReport, now: Millis) -> Result<Option<bool>> {
    let group = report.group.to_string();
    let Some(row) = w.account(&device.account_id).group(&device.id, &group).await? else {
        let is_over = matches!(report.news, GroupNews::Deleted | GroupNews::Removed(_) | GroupNews::NotAsking(_));
        return Ok((!is_over).then_some(true));
    };
    let before = State::read(&row)?;
    let author = Author { by: report.by, at: now };
    let mut after = before.clone();
    let mut moves = Moves::default();
    let mut ask = None;
    let facts = &mut after.doc.facts;
    match report.news {
        // News may come late, after the group was asked for.
        GroupNews::Name(_) if facts.name_at.is_some_and(|known| known > report.at) => return Ok(None),
        GroupNews::Name(name) => (facts.name, facts.name_at) = (name, Some(report.at)),
        GroupNews::Description(_) if facts.description_at.is_some_and(|known| known > report.at) => return Ok(None),
        GroupNews::Description(text) => {
            facts.description_by = author.by.as_ref().map(|by| by.wid.clone());
            (facts.description, facts.description_at) = (text, Some(report.at));
        }
        GroupNews::AdminsEdit(only) => facts.admins_edit = only,
        GroupNews::AdminsSend(only) => facts.admins_send = only,
        GroupNews::AdminsInvite(only) => facts.admins_invite = only,
        GroupNews::Approval(on) => facts.approval = on,
        GroupNews::Ephemeral(seconds) => facts.ephemeral_seconds = seconds,
        GroupNews::Suspended(is) => facts.suspended = is,
        GroupNews::Added(members) => {
            if members.iter().any(|member| is_own(device, &member.who)) && before.role.is_none() {
                // What has happened while the number was not in it is not known.
                return Ok(Some(true));
            }
            added(w, device, &group, &members, &mut moves, now).await?;
        }
        GroupNews::Removed(people) => {
            for who in &people {
                if is_own(device, who) {
                    after.role = None;
                }
                if let Some(row) = found(w, device, &group, who).await? {
                    moves.went(row);
                }
            }
        }
        GroupNews::Roles(people, new) => {
            for who in &people {
                let Some(row) = found(w, device, &group, who).await? else {
                    ask = Some(false);
                    continue;
                };
                // Who has made the group stays that.
                if new == Role::Admin && role(&row.role) == Role::SuperAdmin {
                    continue;
                }
                moves.role(&row, new);
                if is_own(device, who) && after.role.is_some() {
                    after.role = Some(new);
                }
            }
        }
        GroupNews::Asking(people) => return pending(w, device, &before, "added", &people, &author).await,
        GroupNews::NotAsking(people) => return pending(w, device, &before, "removed", &people, &author).await,
        GroupNews::InviteCode(code) => after.doc.invite_code = code,
        GroupNews::Picture { removed: true } => after.doc.picture = None,
        GroupNews::Picture { removed: false } => return Ok(Some(true)),
        GroupNews::Deleted => after.role = None,
        GroupNews::Stale => return Ok(Some(false)),
    }
    after.size = (after.size + moves.growth()).max(0);
    keep::keep(w, device, Some(&before), after, &moves, &author, false).await?;
    Ok(ask)
}

async fn added(
    w: &mut Writing,
    device: &DeviceRow,
    group: &str,
    members: &[Member],
    moves: &mut Moves,
    now: Millis,
) -> Result<()> {
    for member in members {
        match found(w, device, group, &member.who).await? {
            None => moves.came(member, now),
            Some(row) => moves.role(&row, member.role.max(role(&row.role))),
        }
    }
    Ok(())
}

/// People who wait are WhatsApp's to know: they are only told of.
async fn pending(
    w: &mut Writing,
    device: &DeviceRow,
    state: &State,
    what: &'static str,
    people: &[Someone],
    author: &Author,
) -> Result<Option<bool>> {
    let told: Vec<_> = people.iter().map(keep::someone).collect();
    let extra = Some(("pendingMembers", json!({ what: told })));
    keep::tell(w, device, state, &["pending"], Map::new(), extra, author).await?;
    Ok(None)
}

async fn found(w: &mut Writing, device: &DeviceRow, group: &str, who: &Someone) -> Result<Option<ParticipantRow>> {
    let lid = who.lid.as_ref().map_or(who.wid.as_str(), |lid| lid.as_str());
    let found = w.account(&device.account_id).participant(&device.id, group, who.wid.as_str(), lid).await;
    found.map_err(Error::from)
}

/// Somebody with the number, where the group's members tell it: WhatsApp does not
/// always name both addresses.
async fn named(w: &mut Writing, device: &DeviceRow, group: &str, who: &Someone) -> Result<Someone> {
    if who.wid.phone().is_some() {
        return Ok(who.clone());
    }
    let known = found(w, device, group, who).await?;
    let wid = known.and_then(|row| row.wid.parse().ok()).unwrap_or_else(|| who.wid.clone());
    Ok(Someone { wid, lid: who.lid.clone() })
}

/// Whether somebody is this number itself.
pub(super) fn is_own(device: &DeviceRow, who: &Someone) -> bool {
    let own = [device.wid.as_deref(), device.lid.as_deref()];
    let theirs = [Some(who.wid.as_str()), who.lid.as_ref().map(crate::wid::Wid::as_str)];
    theirs.into_iter().flatten().any(|wid| own.contains(&Some(wid)))
}
