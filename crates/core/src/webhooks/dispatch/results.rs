//! What the result of a try means for the webhook and for the event.

use sparkbot_store::rows::RetryRow;
use tokio::time::Instant;

use super::target::Attempt;
use super::worker::Worker;
use crate::webhooks::schedule;

/// After so many failures in a row the first success brings everything owed.
const BACK: i64 = 3;

impl Worker {
    /// Takes in what became of a try.
    pub(super) fn settle(&mut self, attempt: Attempt) {
        let now = self.core.now();
        self.moved_at = Instant::now();
        self.row.last_run_at = Some(now);
        if attempt.number > 1 {
            self.row.last_retry_at = Some(now);
        }
        if attempt.outcome.delivered {
            self.succeeded(attempt, now);
        } else {
            self.failed(attempt, now);
        }
    }

    /// Results that come in after the end don't bring a webhook back.
    fn fares(&mut self, status: &str) {
        if !self.out_of_service {
            status.clone_into(&mut self.row.status);
        }
    }

    fn succeeded(&mut self, attempt: Attempt, now: i64) {
        metrics::counter!("sparkbot_webhook_deliveries_total", "outcome" => "delivered").increment(1);
        if self.row.failures >= BACK {
            self.window.hurry(now);
        }
        self.row.failures = 0;
        self.row.failing_since = None;
        self.fares("active");
        if self.window.done(&attempt.event.lane, attempt.event.seq) {
            self.journal.settle(attempt.event.seq);
        }
        self.journal.log(attempt, None, now);
    }

    /// Others may get through: it is this event's fault, and its lane goes on.
    fn give_up(&mut self, attempt: Attempt, why: Option<String>, now: i64) {
        metrics::counter!("sparkbot_webhook_deliveries_total", "outcome" => "given_up").increment(1);
        if self.window.done(&attempt.event.lane, attempt.event.seq) {
            self.journal.settle(attempt.event.seq);
        }
        self.journal.log(attempt, why, now);
    }

    fn failed(&mut self, attempt: Attempt, now: i64) {
        if attempt.outcome.hopeless {
            return self.give_up(attempt, None, now);
        }
        metrics::counter!("sparkbot_webhook_deliveries_total", "outcome" => "failed").increment(1);
        self.row.failures += 1;
        self.row.last_failure_at = Some(now);
        let failing_since = *self.row.failing_since.get_or_insert(now);
        self.fares("pending");
        if let Some(patience) = attempt.outcome.patience {
            self.hold_until = self.hold_until.max(now + i64::try_from(patience.as_millis()).unwrap_or(0));
        }
        let first_failed_at = attempt.first_failed_at.unwrap_or(now);
        let tired = now - first_failed_at >= schedule::GIVE_UP;
        let dead = tired && now - failing_since >= schedule::GIVE_UP;
        if tired && !dead && !attempt.outcome.gone {
            let why = format!("Given up after {} tries in 24 hours.", attempt.number);
            return self.give_up(attempt, Some(why), now);
        }
        let gap = schedule::gap(&self.core.settings().webhook_retry_gaps, attempt.number);
        let row = RetryRow {
            event_seq: attempt.event.seq,
            lane: attempt.event.lane.clone(),
            attempts: attempt.number,
            first_failed_at,
            // The last try is not put off beyond the day.
            next_attempt_at: (now + gap).max(self.hold_until).min((first_failed_at + schedule::GIVE_UP).max(now)),
        };
        let written = self.window.failed(row, now);
        self.journal.owe(written);
        if attempt.outcome.gone {
            "disabled".clone_into(&mut self.row.status);
            self.out_of_service = true;
            tracing::warn!(webhook = %self.row.id, "the receiver is gone for good (410); the webhook was disabled");
            self.journal.log(attempt, None, now);
        } else if dead {
            "failed".clone_into(&mut self.row.status);
            self.out_of_service = true;
            tracing::warn!(webhook = %self.row.id, "nothing got through for 24 hours; the webhook is out of service");
            let why =
                "Nothing got through for 24 hours: the webhook is out of service. Enable it to get what it has missed.";
            self.journal.log(attempt, Some(why.to_owned()), now);
        } else {
            self.journal.log(attempt, None, now);
        }
    }
}
