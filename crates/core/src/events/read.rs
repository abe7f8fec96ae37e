//! Reading the log with a cursor.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::stream::{BoxStream, StreamExt, unfold};
use sparkbot_store::rows::{EventFilter, EventRow};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Event, EventPage, EventQuery};
use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::keys::{self, Caller, Scope};
use crate::webhooks::EVENTS;

const LIMIT: i64 = 500;
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Events that a stream holds at a time.
const STREAM_PAGE: i64 = 100;
/// How often somebody who waits is asked again whether they may.
const STILL: Duration = Duration::from_secs(5);

/// Reads a part of the log.
///
/// # Errors
/// Without the scope `events:read`; for an unknown event or a value out of range.
pub async fn read(core: &Core, caller: &Caller, query: EventQuery) -> Result<EventPage> {
    caller.need(Scope::EventsRead)?;
    check(&query)?;
    if !(1..=LIMIT).contains(&query.limit) {
        return Err(Error::invalid("event:limit", format!("The limit {} is not between 1 and {LIMIT}.", query.limit)));
    }
    let wait = query.wait.unwrap_or_default();
    if wait > LONGEST_WAIT {
        let told = wait.as_secs();
        return Err(Error::invalid(
            "event:wait",
            format!("Waiting {told} seconds is longer than the 60 that are possible."),
        ));
    }
    let mut follower = Follower::new(core, caller, query.after.unwrap_or(0), query.events, query.devices);
    let truncated = match query.after {
        Some(after) => is_truncated(core, after).await?,
        None => false,
    };
    let deadline = Instant::now() + wait;
    let mut rows = follower.next_page(query.limit).await?;
    while rows.is_empty() && follower.grown(Some(deadline)).await {
        rows = follower.next_page(query.limit).await?;
    }
    let events = rows.iter().map(Event::of).collect::<Result<_>>()?;
    Ok(EventPage { events, cursor: follower.cursor, truncated })
}

/// Follows the log, from `after` or from now on; ends when the server stops, and
/// when the caller is no longer let in.
///
/// # Errors
/// Without the scope `events:read`; for an unknown event.
pub fn stream(core: &Core, caller: &Caller, query: EventQuery) -> Result<BoxStream<'static, Result<Event>>> {
    caller.need(Scope::EventsRead)?;
    check(&query)?;
    let after = query.after.unwrap_or_else(|| *core.store().last_event().borrow());
    let follower = Follower::new(core, caller, after, query.events, query.devices);
    let events = unfold((follower, VecDeque::new(), false), |(mut follower, mut rows, failed)| async move {
        if failed {
            return None;
        }
        loop {
            if follower.stopping.is_cancelled() {
                return None;
            }
            if let Some(row) = rows.pop_front() {
                let event = Event::of(&row);
                let failed = event.is_err();
                return Some((event, (follower, rows, failed)));
            }
            match follower.next_page(STREAM_PAGE).await {
                Ok(page) => rows = page.into(),
                // Nobody is told more, nor why: they are told when they ask anew.
                Err(error) if matches!(error.kind, Kind::Unauthorized | Kind::Forbidden) => return None,
                Err(error) => return Some((Err(error), (follower, rows, true))),
            }
            if rows.is_empty() && !follower.grown(None).await {
                return None;
            }
        }
    });
    Ok(events.boxed())
}

fn check(query: &EventQuery) -> Result<()> {
    if let Some(unknown) = query.events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
        let shown: String = unknown.chars().take(60).collect();
        return Err(Error::invalid("event:unknown", format!("There is no event '{shown}'."))
            .hint(format!("There are {}.", EVENTS.join(", "))));
    }
    if let Some(after) = query.after.filter(|after| *after < 0) {
        return Err(Error::invalid("event:after", format!("The position {after} is negative; the log begins at 0.")));
    }
    Ok(())
}

/// Whether something after this position is no longer kept.
pub(crate) async fn is_truncated(core: &Core, after: i64) -> Result<bool> {
    let oldest = core.store().read().await?.server().oldest_event().await?;
    Ok(oldest.is_some_and(|(seq, _)| after.saturating_add(1) < seq))
}

/// A cursor in the log of one account.
struct Follower {
    core: Core,
    caller: Caller,
    /// Time has passed since the caller was let in.
    waited: bool,
    events: Vec<String>,
    devices: Vec<String>,
    cursor: i64,
    log: watch::Receiver<i64>,
    stopping: CancellationToken,
}

impl Follower {
    fn new(core: &Core, caller: &Caller, cursor: i64, events: Vec<String>, devices: Vec<String>) -> Self {
        Self {
            core: core.clone(),
            caller: caller.clone(),
            waited: false,
            events,
            devices,
            cursor,
            log: core.store().last_event(),
            stopping: core.stopping(),
        }
    }

    async fn next_page(&mut self, limit: i64) -> Result<Vec<EventRow>> {
        // What was committed before the query is in its answer.
        let seen = *self.log.borrow_and_update();
        self.ask_again().await?;
        let Some(devices) = self.caller.numbers.only(self.devices.clone()) else {
            self.cursor = seen.max(self.cursor);
            return Ok(Vec::new());
        };
        let filter = EventFilter { after: self.cursor, events: self.events.clone(), devices, limit };
        let rows = self.core.store().read().await?.account(&self.caller.account).events(&filter).await?;
        let last = rows.last().map_or(self.cursor, |row| row.seq);
        // A cursor that passes what does not match reads it only once.
        let whole = i64::try_from(rows.len()).is_ok_and(|n| n < limit);
        self.cursor = if whole { last.max(seen) } else { last };
        Ok(rows)
    }

    /// A key may be revoked, and a person lose a number, while somebody waits.
    async fn ask_again(&mut self) -> Result<()> {
        if self.waited {
            self.caller = keys::still(&self.core, &self.caller).await?;
            self.caller.need(Scope::EventsRead)?;
        }
        Ok(())
    }

    /// Waits until the log has grown, or it is time to ask again whether the
    /// caller is let in; false when there is no time left.
    async fn grown(&mut self, deadline: Option<Instant>) -> bool {
        self.waited = true;
        let late = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = self.log.changed() => changed.is_ok(),
            () = late => false,
            () = tokio::time::sleep(STILL) => true,
            () = self.stopping.cancelled() => false,
        }
    }
}
