//! Where a webhook's deliveries go, and one try of one of them.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use sparkbot_store::rows::{EventRow, WebhookRow};
use sparkbot_store::seal::Sealer;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

use crate::app::Core;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::fetch::{Answer, FetchError, Limits};
use crate::webhooks::{schedule, secrets, signature};

/// Of an answer so many bytes are read: enough for the log's 3,000 characters.
const ANSWER: usize = 12_000;
/// Characters of an answer that the log keeps.
const ANSWER_SHOWN: usize = 3000;
/// Characters of a delivery that the log keeps.
const BODY_SHOWN: usize = 20_000;

/// A webhook, opened and parsed.
pub(super) struct Target {
    url: Url,
    headers: HeaderMap,
    secret: String,
}

/// What became of one try.
pub(super) struct Attempt {
    /// The event.
    pub(super) event: Box<EventRow>,
    /// Which try, from 1.
    pub(super) number: i64,
    /// When the first try failed or the event began to wait.
    pub(super) first_failed_at: Option<i64>,
    /// What the event is about was sent as this.
    pub(super) body: Option<String>,
    /// Milliseconds until the answer.
    pub(super) took: i64,
    /// How it ended.
    pub(super) outcome: Outcome,
}

/// How one try ended.
pub(super) struct Outcome {
    /// Any 2xx.
    pub(super) delivered: bool,
    /// The receiver wants no more, ever.
    pub(super) gone: bool,
    /// It can't be delivered, ever, and not through the receiver's fault.
    pub(super) hopeless: bool,
    /// The receiver asks for patience.
    pub(super) patience: Option<Duration>,
    /// `ok`, `http:500`, `timeout`…
    pub(super) code: String,
    /// A sentence.
    pub(super) message: Option<String>,
    /// HTTP status.
    pub(super) status: Option<i64>,
    /// Content type.
    pub(super) content_type: Option<String>,
    /// The answer's beginning.
    pub(super) answer: Option<String>,
}

impl Target {
    /// From its row.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub(super) fn of(row: &WebhookRow, sealer: &Sealer) -> Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in secrets::open_headers(sealer, row)? {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(Error::internal)?;
            let mut value = HeaderValue::from_str(&value).map_err(Error::internal)?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(Self { url: row.url.parse().map_err(Error::internal)?, headers, secret: secrets::open_secret(sealer, row)? })
    }

    /// Tries to deliver an event.
    pub(super) async fn deliver(
        self: Arc<Self>,
        core: Core,
        slots: Arc<Semaphore>,
        event: Box<EventRow>,
        failed: Option<(i64, i64)>,
    ) -> Attempt {
        // Closed never; without a slot it just goes.
        let _slot = slots.acquire().await.ok();
        let (attempts, first_failed_at) = failed.map_or((0, None), |(attempts, at)| (attempts, Some(at)));
        let started = Instant::now();
        let (body, outcome) = match self.post(&core, &event).await {
            Ok((body, answer)) => (Some(body), explain(answer, core.now())),
            Err(error) => (None, unreadable(&error)),
        };
        let took = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        metrics::histogram!("sparkbot_webhook_delivery_seconds").record(started.elapsed().as_secs_f64());
        let number = attempts + 1;
        Attempt { event, number, first_failed_at, body: body.map(|body| cut(&body, BODY_SHOWN)), took, outcome }
    }

    async fn post(&self, core: &Core, event: &EventRow) -> Result<(String, Result<Answer, FetchError>)> {
        let body = Event::of(event)?.body()?;
        let text = String::from_utf8_lossy(&body).into_owned();
        let timestamp = core.now().div_euclid(1000);
        let mut headers = self.headers.clone();
        let signature = signature::sign(self.secret.as_bytes(), timestamp, &body)?;
        for (name, value) in [
            ("x-sparkbot-delivery", event.id.to_string()),
            ("x-sparkbot-position", event.seq.to_string()),
            ("x-sparkbot-timestamp", timestamp.to_string()),
            ("x-sparkbot-signature", signature),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(&value).map_err(Error::internal)?);
        }
        let limits = Limits { time: core.settings().webhook_timeout, body: ANSWER };
        Ok((text, core.fetcher().post(&self.url, headers, body.into(), limits).await))
    }
}

fn explain(answer: Result<Answer, FetchError>, now: i64) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let code = match &error {
                FetchError::Forbidden => "address:forbidden",
                FetchError::Unknown => "address:unknown",
                FetchError::Timeout(_) => "timeout",
                FetchError::Connect(_) => "connection",
                _ => "connection:broken",
            };
            return Outcome::failure(code, format!("Not delivered: {error}."));
        }
    };
    let status = answer.status.as_u16();
    let text = String::from_utf8_lossy(&answer.body);
    let mut outcome = Outcome {
        status: Some(status.into()),
        content_type: answer.content_type().map(str::to_owned),
        answer: Some(cut(&text, ANSWER_SHOWN)),
        ..Outcome::failure(
            &format!("http:{status}"),
            format!("The receiver answered {status}; any 2xx counts as delivered."),
        )
    };
    match status {
        200..=299 => {
            outcome.delivered = true;
            "ok".clone_into(&mut outcome.code);
            outcome.message = None;
        }
        300..=399 => {
            outcome.message = Some(format!(
                "The receiver answered {status}, a redirect, which is not followed: give the webhook the final URL."
            ));
        }
        410 => {
            outcome.gone = true;
            outcome.message = Some("The receiver answered 410, gone for good: the webhook was disabled.".to_owned());
        }
        429 | 503 => {
            let wait = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            outcome.patience = wait.and_then(|wait| schedule::retry_after(wait, now));
        }
        _ => {}
    }
    outcome
}

fn unreadable(error: &Error) -> Outcome {
    tracing::error!(error = %error, "an event of the log can't be read");
    let failure =
        Outcome::failure("event:unreadable", "The event can't be read; the server's log tells why.".to_owned());
    Outcome { hopeless: true, ..failure }
}

impl Outcome {
    fn failure(code: &str, message: String) -> Self {
        Self {
            delivered: false,
            gone: false,
            hopeless: false,
            patience: None,
            code: code.to_owned(),
            message: Some(message),
            status: None,
            content_type: None,
            answer: None,
        }
    }
}

/// The first characters of a text; a database takes no NUL.
fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect()
}
