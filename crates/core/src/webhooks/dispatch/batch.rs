//! What a worker has to write down, in one transaction: that something is
//! delivered, what is owed, how far the log is read, and the log lines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use sparkbot_store::Store;
use sparkbot_store::ids::DeliveryId;
use sparkbot_store::rows::{DeliveryRow, RetryRow, WebhookRow};

use super::target::Attempt;
use crate::error::{Error, Result};

/// Log lines kept per webhook.
const LOG: i64 = 1000;
/// Log lines between two looks at their number.
const TRIM_EVERY: usize = 200;

/// Changes that wait to be written.
#[derive(Clone, Default)]
pub(super) struct Batch {
    owed: BTreeMap<i64, RetryRow>,
    settled: BTreeSet<i64>,
    lines: Vec<DeliveryRow>,
    notified: BTreeSet<String>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.owed.is_empty() && self.settled.is_empty() && self.lines.is_empty()
    }

    /// Log lines that wait.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// These are to be tried later.
    pub(super) fn owe(&mut self, rows: Vec<RetryRow>) {
        self.owed.extend(rows.into_iter().map(|row| (row.event_seq, row)));
    }

    /// This is owed no more.
    pub(super) fn settle(&mut self, seq: i64) {
        self.owed.remove(&seq);
        self.settled.insert(seq);
    }

    /// One try, for the log.
    pub(super) fn log(&mut self, attempt: Attempt, given_up: Option<String>, now: i64) {
        let Attempt { event, outcome, .. } = attempt;
        if outcome.delivered && event.event.starts_with("message:out:") {
            self.notified.insert(event.object_id.clone());
            // The queue's own id, should the event be known by WhatsApp's.
            let data = serde_json::from_str::<Value>(&event.data).ok();
            let id = data.as_ref().and_then(|data| data.pointer("/data/id")).and_then(Value::as_str);
            self.notified.extend(id.map(str::to_owned));
        }
        let (code, message) = match given_up {
            Some(message) => ("given_up".to_owned(), Some(message)),
            None => (outcome.code, outcome.message),
        };
        self.lines.push(DeliveryRow {
            id: DeliveryId::new(now).into(),
            event: if outcome.delivered { "delivery" } else { "error" }.to_owned(),
            code,
            event_id: event.id.to_string(),
            object_id: event.object_id,
            device_id: event.device_id,
            object_type: event.object,
            object_event: event.event,
            message,
            body: attempt.body,
            attempt: attempt.number,
            response_time: Some(attempt.took),
            response_status: outcome.status,
            response_type: outcome.content_type,
            response_body: outcome.answer,
            created_at: now,
        });
    }

    /// Puts what could not be written before the rest.
    pub(super) fn restore(&mut self, earlier: Self) {
        let later = std::mem::replace(self, earlier);
        for (seq, row) in later.owed {
            self.owed.insert(seq, row);
        }
        for seq in later.settled {
            self.settle(seq);
        }
        self.lines.extend(later.lines);
        self.notified.extend(later.notified);
    }

    /// Writes everything, and that the webhook has come from `from` to where
    /// `row` says; false when the webhook is gone.
    pub(super) async fn write(
        self: Arc<Self>,
        store: &Store,
        row: WebhookRow,
        from: i64,
        written: usize,
    ) -> Result<bool> {
        // Counted over batches, so that small ones trim too.
        let trim = written / TRIM_EVERY != (written + self.lines.len()) / TRIM_EVERY;
        store
            .write(move |w| {
                Box::pin(async move {
                    let mut server = w.server();
                    if !server.advance_webhook(&row, from).await? {
                        return Ok(false);
                    }
                    for owed in self.owed.values() {
                        server.put_webhook_retry(&row.id, owed).await?;
                    }
                    let settled: Vec<_> = self.settled.iter().copied().collect();
                    for positions in settled.chunks(200) {
                        server.drop_webhook_retries(&row.id, positions).await?;
                    }
                    for line in &self.lines {
                        server.log_delivery(&row, line).await?;
                    }
                    if trim {
                        server.trim_deliveries(&row.id, LOG).await?;
                    }
                    let notified: Vec<_> = self.notified.iter().cloned().collect();
                    for messages in notified.chunks(200) {
                        server.mark_notified(&row.account_id, messages).await?;
                    }
                    Ok::<_, Error>(true)
                })
            })
            .await
    }
}
