//! One sender per number: claims what is due, hands it to the link, writes the
//! outcome. Messages of one chat go one after the other; different chats side by
//! side.
//!
//! A look at the whole queue costs as much as is queued for chats that are busy.
//! So it is taken when something may have become due anywhere; after a message
//! of a chat has ended, or a new one has come in, only that chat is looked at.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{self, JoinSet};
use tokio_util::sync::CancellationToken;

use super::claim::{Claimed, claim};
use super::deliver::{self, deliver};
use crate::app::Core;
use crate::ids::MessageId;
use crate::network::{Link, Millis};
use crate::sessions::Running;
use crate::views::SessionState;

/// Between a failure that concerns the whole number and the next try.
const REST: Millis = 500;
/// The clock is looked at this often while something is due later: it can jump.
const TICK: Duration = Duration::from_secs(1);
/// Messages of one number on their way at once.
pub(super) const WINDOW: usize = 32;

/// Runs while the link is open.
pub(crate) async fn send_all(core: Core, number: Arc<Running>, link: Arc<dyn Link>, stop: CancellationToken) {
    let mut live = number.live();
    // Tasks of their own: as futures of this one they would stand still while it
    // claims, and with them the database connections they are next in line for.
    let mut under_way = JoinSet::new();
    let mut busy: HashMap<task::Id, (String, MessageId)> = HashMap::new();
    let mut pace = Pace::default();
    number.fresh.everything();
    loop {
        let online = live.borrow_and_update().state == SessionState::Online;
        let now = core.now();
        if online && !stop.is_cancelled() && busy.len() < WINDOW && now >= pace.not_before {
            if pace.wake_at.take_if(|at| *at <= now).is_some() {
                number.fresh.everything();
            }
            let chats: Vec<String> = busy.values().map(|(chat, _)| chat.clone()).collect();
            if let Some(look) = number.fresh.take(&chats) {
                match claim(&core, &number, chats, look).await {
                    Ok(claimed) => {
                        pace.after(&claimed, now);
                        if claimed.more {
                            number.fresh.everything();
                        }
                        for row in claimed.messages {
                            let of = (row.chat.clone(), row.id.clone());
                            let sending = deliver(core.clone(), number.clone(), link.clone(), row);
                            busy.insert(under_way.spawn(sending).id(), of);
                        }
                    }
                    Err(error) => {
                        tracing::error!(device = %number.device, error = %error, "the queue can't be read");
                        number.fresh.everything();
                        pace.rest(now);
                    }
                }
            }
        }
        let wake_at = if online { pace.next(core.now()) } else { None };
        let sleep = wake_at.map_or(Duration::from_secs(3600), |at| {
            Duration::from_millis(u64::try_from(at - core.now()).unwrap_or(0).max(1)).min(TICK)
        });
        tokio::select! {
            // What is under way is finished first: it is on the wire already.
            Some(ended) = under_way.join_next_with_id(), if !under_way.is_empty() => {
                let (id, broken) = match ended {
                    Ok((id, connected)) => {
                        if !connected {
                            pace.rest(core.now());
                        }
                        (id, false)
                    }
                    Err(error) => {
                        tracing::error!(device = %number.device, error = %error, "sending a message broke");
                        (error.id(), true)
                    }
                };
                if let Some((chat, message)) = busy.remove(&id) {
                    if broken {
                        deliver::broke(&core, &number, &message).await;
                    }
                    number.fresh.chat(&chat);
                }
            }
            () = stop.cancelled(), if under_way.is_empty() => return,
            changed = live.changed() => if changed.is_err() { return } else { number.fresh.everything() },
            () = number.wake.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// When to look at the queue again without being told.
#[derive(Default)]
struct Pace {
    /// The pace that people have set, or a short rest after a failure.
    not_before: Millis,
    /// Something becomes due, or a hold ends.
    wake_at: Option<Millis>,
}

impl Pace {
    fn after(&mut self, claimed: &Claimed, now: Millis) {
        if let Some(gap) = claimed.gap
            && !claimed.messages.is_empty()
        {
            self.not_before = now + gap;
        }
        self.wake_at = claimed.wake_at;
    }

    /// Something fails that will not be over in a moment.
    fn rest(&mut self, now: Millis) {
        self.not_before = self.not_before.max(now + REST);
    }

    fn next(&self, now: Millis) -> Option<Millis> {
        self.wake_at.into_iter().chain((self.not_before > now).then_some(self.not_before)).min()
    }
}
