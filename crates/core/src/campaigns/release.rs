//! One look at a campaign that runs: what has changed about it, and who is next.

use sparkbot_store::Writing;
use sparkbot_store::rows::{CampaignRow, DeviceRow, WaitingFilter};

use super::maker::Maker;
use super::numbers::{self, Number, Standing};
use super::pace::{self, Verdict};
use super::settings::Settings;
use super::state::Status;
use super::tell::{News, tell};
use super::{follow, statistics};
use crate::error::{Error, Result};
use crate::ids::{AccountId, CampaignId, DeviceId};
use crate::network::Millis;
use crate::outbound;

/// People looked at in one transaction: the writer is everybody's.
const PEOPLE: i64 = 96;
/// Without news from its queues a campaign is looked at this often.
const IDLE: Millis = 5_000;
/// People taken back from queues at once.
pub(super) const TAKEN_BACK: i64 = 200;

/// Looks at a campaign; the numbers that have something to send now.
pub(super) async fn look(w: &mut Writing, account: &AccountId, id: &CampaignId, now: Millis) -> Result<Vec<DeviceId>> {
    let Some(mut row) = w.account(account).campaign(id).await? else { return Ok(Vec::new()) };
    let status: Status = row.status.parse()?;
    if !status.runs() {
        row.next_at = None;
        w.account(account).update_campaign(&row).await?;
        return Ok(Vec::new());
    }
    let settings: Settings = serde_json::from_str(&row.settings).map_err(Error::internal)?;
    if status == Status::Pending {
        if let Some(date) = settings.starts_at().filter(|date| *date > now) {
            row.next_at = Some(date);
            w.account(account).update_campaign(&row).await?;
            return Ok(Vec::new());
        }
        set(w, &mut row, Status::Processing, None, now).await?;
    }
    if let Some(ended) = ended(&row, &settings, now) {
        return match ended {
            Some(status) => {
                let reason = (status == Status::Incomplete)
                    .then(|| ("campaign:expired", "Its time was over before everybody had their turn.".to_owned()));
                row.completed_at = Some(now);
                row.next_at = None;
                set(w, &mut row, status, reason, now).await?;
                Ok(Vec::new())
            }
            None => rests(w, row, now + IDLE, None, now).await,
        };
    }
    if let Some(opening) = settings.opening()?
        && !opening.is_open(now)
    {
        let opens = opening.opens(now);
        let reason = ("campaign:hours", "It is outside the hours in which it sends.".to_owned());
        return rests(w, row, opens, Some(reason), now).await;
    }
    if now - row.checked_at >= pace::LOOKS && !healthy(w, &mut row, now).await? {
        return Ok(Vec::new());
    }
    let places = w.account(account).campaign_devices(id).await?;
    let numbers = numbers::of(w, account, places, now).await?;
    if let Some((status, reason)) = over(&numbers) {
        row.next_at = None;
        if status == Status::Paused {
            row.paused_at = Some(now);
        }
        set(w, &mut row, status, Some(reason), now).await?;
        take_back(w, &row, &[], TAKEN_BACK, now).await?;
        return Ok(Vec::new());
    }
    let ready = numbers.iter().any(|number| number.standing == Standing::Ready);
    if ready {
        // People in the queue of a number that can't send go to one that can.
        let away: Vec<&str> = numbers
            .iter()
            .filter(|number| !matches!(number.standing, Standing::Ready | Standing::Briefly) && number.place.open > 0)
            .map(|number| number.place.device_id.as_str())
            .collect();
        if !away.is_empty() {
            take_back(w, &row, &away, TAKEN_BACK, now).await?;
        }
    } else {
        let again = numbers.iter().filter_map(|number| match &number.standing {
            Standing::Away(_, until) => *until,
            _ => None,
        });
        let at = again.min().unwrap_or(now + IDLE).max(now + 1000);
        return rests(w, row, at.min(now + IDLE), nobody(&numbers), now).await;
    }
    release(w, row, &settings, numbers, now).await
}

/// Whether it has come to its end, and how; `Some(None)` while some are still in
/// a queue.
fn ended(row: &CampaignRow, settings: &Settings, now: Millis) -> Option<Option<Status>> {
    let expired = settings.ends_at().is_some_and(|end| end <= now);
    if row.counts.pending > 0 && !expired {
        return None;
    }
    if row.counts.queued > 0 {
        return Some(None);
    }
    Some(Some(if row.counts.pending > 0 { Status::Incomplete } else { Status::Completed }))
}

/// Whether none of its numbers will ever send again.
fn over(numbers: &[Number]) -> Option<(Status, (&'static str, String))> {
    let in_use = || numbers.iter().filter(|number| number.place.position >= 0);
    if in_use().all(|number| number.standing == Standing::Gone) {
        let sentence = "All of its numbers were deleted.".to_owned();
        return Some((Status::Failed, ("device:notfound", sentence)));
    }
    let mut left = in_use().filter(|number| number.standing != Standing::Gone);
    if left.all(|number| number.standing == Standing::Refused) {
        let sentence = format!("WhatsApp has refused {} of its messages in a row from each number.", pace::REFUSALS);
        return Some((Status::Paused, ("campaign:refused", sentence)));
    }
    None
}

/// Why none of the numbers takes anybody for now; nothing while one is just
/// connecting.
fn nobody(numbers: &[Number]) -> Option<(&'static str, String)> {
    if numbers.iter().any(|number| number.standing == Standing::Briefly) {
        return None;
    }
    let why: Vec<String> = numbers
        .iter()
        .filter_map(|number| match (&number.standing, &number.device) {
            (Standing::Away(why, _), Some(device)) => Some(format!("{} {why}", device.alias)),
            (Standing::Refused, Some(device)) => Some(format!("{} was refused too often by WhatsApp", device.alias)),
            _ => None,
        })
        .take(5)
        .collect();
    Some(("campaign:numbers", format!("None of its numbers can send: {}.", why.join("; "))))
}

/// Looks at how its messages arrive; false when it was paused for it.
async fn healthy(w: &mut Writing, row: &mut CampaignRow, now: Millis) -> Result<bool> {
    row.checked_at = now;
    let mut scope = w.account(&row.account_id);
    let (sent, arrived) = scope.campaign_delivery(&row.id, row.healthy_since, now - pace::GRACE, pace::SAMPLE).await?;
    match pace::verdict(sent, arrived, row.slowed) {
        Verdict::Same => w.account(&row.account_id).update_campaign(row).await?,
        Verdict::Slow(slowed) => {
            row.slowed = slowed;
            // What was sent at the old speed says nothing of the new one.
            row.healthy_since = now;
            row.updated_at = now;
            w.account(&row.account_id).update_campaign(row).await?;
            tell(w, row, News { changes: &["speed"], ..News::default() }, now).await?;
        }
        Verdict::Stop => {
            let sentence = format!("Only {arrived} of its last {sent} messages have arrived after ten minutes.");
            row.next_at = None;
            row.paused_at = Some(now);
            set(w, row, Status::Paused, Some(("campaign:delivery", sentence)), now).await?;
            take_back(w, row, &[], TAKEN_BACK, now).await?;
            return Ok(false);
        }
    }
    Ok(true)
}

/// Gives a campaign another state, and tells of it.
pub(super) async fn set(
    w: &mut Writing,
    row: &mut CampaignRow,
    status: Status,
    reason: Option<(&'static str, String)>,
    now: Millis,
) -> Result<()> {
    status.word().clone_into(&mut row.status);
    (row.reason_code, row.reason) = match reason {
        Some((code, sentence)) => (Some(code.to_owned()), Some(sentence)),
        None => (None, None),
    };
    if status == Status::Processing {
        row.started_at.get_or_insert(now);
        row.completed_at = None;
    }
    row.updated_at = now;
    w.account(&row.account_id).update_campaign(row).await?;
    tell(w, row, News { changes: &["status"], ..News::default() }, now).await
}

/// Nothing to do until `at`; why, when that is worth knowing.
async fn rests(
    w: &mut Writing,
    mut row: CampaignRow,
    at: Millis,
    reason: Option<(&'static str, String)>,
    now: Millis,
) -> Result<Vec<DeviceId>> {
    // Its end is an end for those who rest, too.
    let settings: Settings = serde_json::from_str(&row.settings).map_err(Error::internal)?;
    let end = settings.ends_at().filter(|end| *end > now);
    row.next_at = Some(end.map_or(at, |end| end.min(at)));
    let code = reason.as_ref().map(|(code, _)| (*code).to_owned());
    let differs = row.reason_code != code;
    (row.reason_code, row.reason) = (code, reason.map(|(_, sentence)| sentence));
    w.account(&row.account_id).update_campaign(&row).await?;
    if differs {
        tell(w, &row, News { changes: &["failureReason"], ..News::default() }, now).await?;
    }
    Ok(Vec::new())
}

/// Takes people whose message nobody has tried yet back out of the queues of
/// some numbers, or of all; how many.
pub(super) async fn take_back(
    w: &mut Writing,
    row: &CampaignRow,
    devices: &[&str],
    most: i64,
    now: Millis,
) -> Result<u64> {
    let people = w.account(&row.account_id).waiting_campaign_contacts(&row.id, devices, most).await?;
    let count = people.len() as u64;
    for before in people {
        let message = before.message_id.clone();
        statistics::change(w, &before, &follow::waiting_again(&before, now), false).await?;
        withdraw(w, &row.account_id, message, now).await?;
    }
    Ok(count)
}

/// Takes a message that nobody has tried out of its queue. Its person no longer
/// counts on it.
pub(super) async fn withdraw(w: &mut Writing, account: &AccountId, message: Option<String>, now: Millis) -> Result<()> {
    let Some(message) = message else { return Ok(()) };
    let id = message.parse().map_err(Error::internal)?;
    let Some(found) = w.account(account).message(&id).await? else { return Ok(()) };
    let only = WaitingFilter { ids: vec![message], untried: true, ..WaitingFilter::default() };
    match w.account(account).device(&found.device_id).await? {
        Some(device) => {
            outbound::remove_some(w, &device, &only, 1, "Its campaign does not go on.", now).await.map(drop)
        }
        None => Ok(()),
    }
}

/// Puts the next people into the queues of the numbers that take some.
async fn release(
    w: &mut Writing,
    mut row: CampaignRow,
    settings: &Settings,
    numbers: Vec<Number>,
    now: Millis,
) -> Result<Vec<DeviceId>> {
    let paced = pace::gap(settings.speed, row.slowed).is_some();
    let mut open: Vec<(DeviceRow, Millis, i64, i64)> = Vec::new();
    for number in numbers {
        if let (Standing::Ready, Some(device)) = (number.standing, number.device) {
            let room = pace::room(number.place.open, number.place.next_at, paced, now);
            open.push((device, number.place.next_at, number.place.refusals, room));
        }
    }
    let room: i64 = open.iter().map(|(.., room)| room).sum();
    let people = w.account(&row.account_id).pending_campaign_contacts(&row.id, room.min(PEOPLE)).await?;
    let maker = Maker::of(w, &row, settings, &people).await?;
    let mut woken: Vec<DeviceId> = Vec::new();
    let mut turn = 0;
    for before in people {
        // Whoever has room, one after the other.
        let Some(step) = (0..open.len()).find(|step| open[(turn + step) % open.len()].3 > 0) else { break };
        let place = (turn + step) % open.len();
        let (device, next_at, refusals, room) = &mut open[place];
        let after = maker.next(w, &before, device, now).await?;
        statistics::change(w, &before, &after, false).await?;
        if after.status != "processing" {
            tell(w, &row, News { changes: &["contact"], contact: Some(&after), ..News::default() }, now).await?;
            continue;
        }
        turn = place + 1;
        *room -= 1;
        if let Some(gap) = pace::gap(settings.speed, row.slowed) {
            *next_at = now + gap;
            w.account(&row.account_id).pace_campaign(&row.id, &device.id, *next_at, *refusals).await?;
        }
        if !woken.contains(&device.id) {
            woken.push(device.id.clone());
        }
    }
    // What ends in the queues has it looked at before that.
    let paces = open.iter().map(|(_, next_at, ..)| *next_at).filter(|at| *at > now);
    let soon = if open.iter().any(|(.., room)| *room > 0) { now + 50 } else { now + IDLE };
    let at = paces.min().filter(|_| paced).unwrap_or(soon).min(now + 60_000);
    row.counts = w.account(&row.account_id).campaign(&row.id).await?.map_or(row.counts, |fresh| fresh.counts);
    let at = if row.counts.pending == 0 { now + if row.counts.queued == 0 { 0 } else { IDLE } } else { at };
    rests(w, row, at, None, now).await?;
    Ok(woken)
}
