//! What a webhook has in hand: events read from the log that are on their way,
//! and those it still owes. Nothing here does any I/O.
//!
//! Within a lane events go one after the other. A lane that owes an event owes
//! everything after it too, so that the order stays; the others go on.

use std::collections::{BTreeSet, HashMap, VecDeque};

use sparkbot_store::rows::{EventRow, RetryRow};

/// Events of the log held at a time.
const EVENTS: usize = 256;
/// It is not worth reading the log for less room than this.
const LEAST_ROOM: usize = 64;
/// Events owed at most; beyond it the log is not read on.
const OWED: usize = 10_000;
/// Lists that [`Window::restore`] takes: one window can be owed on top.
pub(super) const RESTORED: i64 = (OWED + 2 * EVENTS) as i64;

/// One event on its way.
#[derive(Debug)]
pub(super) enum Next {
    /// For the first time, straight from the log.
    Fresh(Box<EventRow>),
    /// Again, or after waiting behind another.
    Owed(RetryRow),
}

#[derive(Debug, Default)]
struct Lane {
    /// One event is on its way.
    busy: bool,
    /// In the list of retries, in order; the first one is tried.
    owed: VecDeque<RetryRow>,
    /// Read from the log, in order; empty when something is owed.
    fresh: VecDeque<EventRow>,
}

/// The events of one webhook.
#[derive(Debug)]
pub(super) struct Window {
    lanes: HashMap<String, Lane>,
    /// Positions from the log that are neither delivered nor owed.
    open: BTreeSet<i64>,
    /// Lanes whose first fresh event can go.
    ready: VecDeque<String>,
    /// Lanes whose first owed event goes at this time.
    due: BTreeSet<(i64, String)>,
    read_to: i64,
    owed: usize,
}

impl Window {
    /// A webhook that has come to `position` and owes `rows`.
    pub(super) fn restore(position: i64, rows: Vec<RetryRow>) -> Self {
        let mut window = Self {
            lanes: HashMap::new(),
            open: BTreeSet::new(),
            ready: VecDeque::new(),
            due: BTreeSet::new(),
            read_to: position,
            owed: rows.len(),
        };
        for row in rows {
            window.lanes.entry(row.lane.clone()).or_default().owed.push_back(row);
        }
        for (name, lane) in &window.lanes {
            if let Some(head) = lane.owed.front() {
                window.due.insert((head.next_attempt_at, name.clone()));
            }
        }
        window
    }

    /// Up to here everything is delivered or owed.
    pub(super) fn position(&self) -> i64 {
        self.open.first().map_or(self.read_to, |first| first - 1)
    }

    /// Up to here the log was read.
    pub(super) fn read_to(&self) -> i64 {
        self.read_to
    }

    /// How many events can be read; 0 when it is not worth it.
    pub(super) fn room(&self) -> usize {
        let room = EVENTS - self.open.len().min(EVENTS);
        if self.owed >= OWED || room < LEAST_ROOM { 0 } else { room }
    }

    /// Takes events read from the log, which was read up to `read_to`; what of
    /// them has to wait in the list of retries.
    pub(super) fn accept(&mut self, rows: Vec<EventRow>, read_to: i64, now: i64) -> Vec<RetryRow> {
        let mut waiting = Vec::new();
        for row in rows {
            let name = row.lane.clone();
            let lane = self.lanes.entry(name.clone()).or_default();
            if lane.owed.is_empty() {
                self.open.insert(row.seq);
                if !lane.busy && lane.fresh.is_empty() {
                    self.ready.push_back(name);
                }
                lane.fresh.push_back(row);
            } else {
                let row = behind(&row, now);
                lane.owed.push_back(row.clone());
                self.owed += 1;
                waiting.push(row);
            }
        }
        self.read_to = self.read_to.max(read_to);
        waiting
    }

    /// Makes room when slow lanes fill the window while others may have
    /// something further on: what waits in them goes to the list of retries.
    pub(super) fn spill(&mut self, now: i64) -> Vec<RetryRow> {
        if self.room() > 0 || self.owed >= OWED || !self.ready.is_empty() {
            return Vec::new();
        }
        let mut spilled = Vec::new();
        for lane in self.lanes.values_mut().filter(|lane| lane.busy) {
            for event in lane.fresh.drain(..) {
                self.open.remove(&event.seq);
                let row = behind(&event, now);
                lane.owed.push_back(row.clone());
                self.owed += 1;
                spilled.push(row);
            }
        }
        spilled
    }

    /// What was read and not sent at the end goes to the list of retries, so that
    /// the position can pass it: lanes that were ahead repeat nothing.
    pub(super) fn leave(&mut self, now: i64) -> Vec<RetryRow> {
        let mut left = Vec::new();
        for lane in self.lanes.values_mut() {
            for event in lane.fresh.drain(..) {
                self.open.remove(&event.seq);
                left.push(behind(&event, now));
            }
        }
        left
    }

    /// The next one to go: fresh ones and owed ones by turns, as `prefer_owed`
    /// says.
    pub(super) fn next(&mut self, now: i64, prefer_owed: bool) -> Option<Next> {
        if prefer_owed {
            self.next_owed(now).or_else(|| self.next_fresh())
        } else {
            self.next_fresh().or_else(|| self.next_owed(now))
        }
    }

    fn next_fresh(&mut self) -> Option<Next> {
        let lane = self.lanes.get_mut(&self.ready.pop_front()?)?;
        lane.busy = true;
        lane.fresh.pop_front().map(|event| Next::Fresh(Box::new(event)))
    }

    fn next_owed(&mut self, now: i64) -> Option<Next> {
        if self.due.first()?.0 > now {
            return None;
        }
        let (_, name) = self.due.pop_first()?;
        let lane = self.lanes.get_mut(&name)?;
        lane.busy = true;
        lane.owed.front().cloned().map(Next::Owed)
    }

    /// When the next owed event goes.
    pub(super) fn next_due_at(&self) -> Option<i64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Whether a fresh event can go.
    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// An event that was on its way is done with: delivered, given up or gone.
    /// True when it was owed.
    pub(super) fn done(&mut self, name: &str, seq: i64) -> bool {
        let fresh = self.open.remove(&seq);
        if let Some(lane) = self.lanes.get_mut(name)
            && !fresh
            && lane.owed.front().is_some_and(|head| head.event_seq == seq)
        {
            lane.owed.pop_front();
            self.owed -= 1;
        }
        self.settle(name);
        !fresh
    }

    /// An event that was on its way has failed and goes again as `row` says;
    /// what has to be written to the list of retries.
    pub(super) fn failed(&mut self, row: RetryRow, now: i64) -> Vec<RetryRow> {
        let name = row.lane.clone();
        let lane = self.lanes.entry(name.clone()).or_default();
        let mut written = vec![row.clone()];
        if self.open.remove(&row.event_seq) {
            let waiting: Vec<_> = lane.fresh.drain(..).map(|event| behind(&event, now)).collect();
            for event in &waiting {
                self.open.remove(&event.event_seq);
            }
            self.owed += 1 + waiting.len();
            written.extend(waiting.iter().cloned());
            // What was spilled meanwhile comes later in the log.
            for row in waiting.into_iter().rev() {
                lane.owed.push_front(row);
            }
            lane.owed.push_front(row);
        } else if let Some(head) = lane.owed.front_mut() {
            *head = row;
        }
        self.settle(&name);
        written
    }

    /// Lets everything that is owed go now: the receiver is back.
    pub(super) fn hurry(&mut self, now: i64) {
        for (_, name) in std::mem::take(&mut self.due) {
            if let Some(head) = self.lanes.get_mut(&name).and_then(|lane| lane.owed.front_mut()) {
                head.next_attempt_at = head.next_attempt_at.min(now);
                self.due.insert((head.next_attempt_at, name));
            }
        }
    }

    /// Puts a lane where its next event belongs.
    fn settle(&mut self, name: &str) {
        let Some(lane) = self.lanes.get_mut(name) else { return };
        lane.busy = false;
        if let Some(head) = lane.owed.front() {
            self.due.insert((head.next_attempt_at, name.to_owned()));
        } else if lane.fresh.is_empty() {
            self.lanes.remove(name);
        } else {
            self.ready.push_back(name.to_owned());
        }
    }
}

/// An event that waits behind another: it goes as soon as that one is done
/// with, and its patience ends with its own day.
fn behind(event: &EventRow, now: i64) -> RetryRow {
    RetryRow { event_seq: event.seq, lane: event.lane.clone(), attempts: 0, first_failed_at: now, next_attempt_at: now }
}

#[cfg(test)]
mod tests {
    use sparkbot_store::ids::EventId;
    use sparkbot_store::rows::{EventRow, RetryRow};

    use super::{EVENTS, Next, Window};
    use crate::ids::AccountId;

    fn event(seq: i64, lane: &str) -> EventRow {
        EventRow {
            seq,
            id: EventId::new(0),
            account_id: AccountId::new(0),
            device_id: None,
            event: "chat:update".to_owned(),
            object: "chat".to_owned(),
            object_id: String::new(),
            lane: lane.to_owned(),
            data: "{}".to_owned(),
            created_at: 0,
        }
    }

    fn next(window: &mut Window, now: i64) -> Option<i64> {
        window.next(now, false).map(|next| match next {
            Next::Fresh(event) => event.seq,
            Next::Owed(row) => row.event_seq,
        })
    }

    fn retry(seq: i64, lane: &str, attempts: i64, at: i64) -> RetryRow {
        RetryRow { event_seq: seq, lane: lane.to_owned(), attempts, first_failed_at: 0, next_attempt_at: at }
    }

    #[test]
    fn lanes_go_side_by_side_and_each_in_order() {
        let mut window = Window::restore(0, Vec::new());
        assert!(window.accept(vec![event(1, "a"), event(2, "a"), event(3, "b")], 5, 0).is_empty());
        assert_eq!((next(&mut window, 0), next(&mut window, 0), next(&mut window, 0)), (Some(1), Some(3), None));
        assert!(!window.done("b", 3));
        assert_eq!(window.position(), 0);
        assert!(!window.done("a", 1));
        assert_eq!((window.position(), next(&mut window, 0)), (1, Some(2)));
        assert!(!window.done("a", 2));
        assert_eq!(window.position(), 5);
    }

    #[test]
    fn a_failed_event_takes_its_lane_along_and_nothing_else() {
        let mut window = Window::restore(0, Vec::new());
        window.accept(vec![event(1, "a"), event(2, "a"), event(3, "b")], 3, 0);
        assert_eq!((next(&mut window, 0), next(&mut window, 0)), (Some(1), Some(3)));
        let written: Vec<_> = window.failed(retry(1, "a", 1, 50), 0).iter().map(|row| row.event_seq).collect();
        assert_eq!(written, [1, 2]);
        window.done("b", 3);
        assert_eq!(window.position(), 3, "what is owed doesn't hold the position");
        // Later ones of the lane join the queue, others don't.
        assert_eq!(window.accept(vec![event(4, "a"), event(5, "c")], 5, 10).len(), 1);
        assert_eq!((next(&mut window, 49), next(&mut window, 49)), (Some(5), None));
        assert_eq!((next(&mut window, 50), next(&mut window, 50)), (Some(1), None));
        assert!(window.done("a", 1));
        assert_eq!(next(&mut window, 50), Some(2));
        assert!(window.done("a", 2));
        assert_eq!(next(&mut window, 50), Some(4));
        assert!(window.done("a", 4));
        assert_eq!(window.owed, 0);
        window.accept(vec![event(6, "a")], 6, 60);
        assert_eq!(next(&mut window, 60), Some(6), "the lane is free again");
    }

    #[test]
    fn what_was_owed_before_a_restart_goes_first() {
        let mut window = Window::restore(9, vec![retry(3, "a", 4, 100), retry(7, "a", 0, 20)]);
        assert_eq!(window.accept(vec![event(10, "a")], 10, 0).len(), 1);
        assert_eq!((window.next_due_at(), next(&mut window, 50)), (Some(100), None));
        window.hurry(50);
        assert_eq!(next(&mut window, 50), Some(3));
        assert_eq!(window.failed(retry(3, "a", 5, 400), 50).len(), 1);
        assert_eq!(window.next_due_at(), Some(400));
    }

    #[test]
    fn a_slow_lane_gives_way() {
        let mut window = Window::restore(0, Vec::new());
        let rows: Vec<_> = (1..=i64::try_from(EVENTS).expect("small")).map(|seq| event(seq, "slow")).collect();
        window.accept(rows, 256, 0);
        assert_eq!((window.room(), next(&mut window, 0)), (0, Some(1)));
        assert_eq!(window.spill(5).len(), 255);
        assert!(window.room() > 0);
        window.accept(vec![event(300, "quick")], 300, 6);
        assert_eq!((next(&mut window, 6), next(&mut window, 6)), (Some(300), None));
        assert!(!window.done("quick", 300));
        assert_eq!(window.position(), 0, "the one on its way holds it");
        // It fails: the order of the lane stays.
        assert_eq!(window.failed(retry(1, "slow", 1, 7), 6).len(), 1);
        assert_eq!(window.position(), 300);
        assert_eq!(next(&mut window, 7), Some(1));
        assert!(window.done("slow", 1));
        assert_eq!(next(&mut window, 7), Some(2));
    }
}
