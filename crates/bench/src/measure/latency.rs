//! One message at a time through a server that has nothing else to do.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{friend, receiver};
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::stats::Latency;
use crate::workplace::{Number, Workplace};

/// How long one message may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two messages, so that nothing of the one before is left.
const PAUSE: Duration = Duration::from_millis(20);
/// Not counted: the first ones make the keys of the conversation.
const WARM_UP: u32 = 5;

pub(super) async fn measure(place: &Workplace, numbers: &[Number], samples: u32) -> Result<Vec<Latency>> {
    let number = numbers.first().ok_or_else(|| Failure::new("latencies need a number"))?;
    let phone = friend(999);
    place.phones.create(&phone).await?;
    Ok(vec![to_phone(place, number, &phone, samples).await?, to_webhook(place, number, &phone, samples).await?])
}

/// From the request to the text on the phone.
async fn to_phone(place: &Workplace, number: &Number, phone: &str, samples: u32) -> Result<Latency> {
    let progress = Progress::new("timing messages from the API to a phone", (samples + WARM_UP).into());
    let mut after = place.phones.newest(phone).await?;
    let mut took = Vec::new();
    for n in 0..samples + WARM_UP {
        let text = format!("out {n}");
        let began = Instant::now();
        place.api.post("/v1/messages", &json!({ "device": number.id, "phone": phone, "message": text })).await?;
        loop {
            let (shown, last) = place.phones.messages(phone, after, PATIENCE).await?;
            after = last;
            if shown.iter().any(|message| message.text == text) {
                break;
            }
            if began.elapsed() > PATIENCE {
                return Err(Failure::new(format!("'{text}' was not on the phone within {PATIENCE:?}")));
            }
        }
        if n >= WARM_UP {
            took.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        progress.step();
        tokio::time::sleep(PAUSE).await;
    }
    Ok(Latency::new("API → phone", took))
}

/// From the moment a person sends to the delivery at a webhook.
async fn to_webhook(place: &Workplace, number: &Number, phone: &str, samples: u32) -> Result<Latency> {
    let progress = Progress::new("timing messages from a phone to a webhook", (samples + WARM_UP).into());
    let (url, mut arrivals) = receiver::listen().await?;
    let webhook = json!({ "name": "Bench", "url": url, "events": ["message:in:new"], "device": number.id });
    place.api.post("/v1/webhooks", &webhook).await?;
    let mut took = Vec::new();
    for n in 0..samples + WARM_UP {
        let text = format!("in {n}");
        let began = Instant::now();
        place.phones.send(phone, &number.phone, &text).await?;
        let arrived = async {
            while let Some((what, at)) = arrivals.recv().await {
                if what == text {
                    return Some(at);
                }
            }
            None
        };
        let at = tokio::time::timeout(PATIENCE, arrived).await.ok().flatten();
        let at = at.ok_or_else(|| Failure::new(format!("'{text}' was not at the webhook within {PATIENCE:?}")))?;
        if n >= WARM_UP {
            took.push(at.duration_since(began).as_secs_f64() * 1000.0);
        }
        progress.step();
        tokio::time::sleep(PAUSE).await;
    }
    Ok(Latency::new("phone → webhook", took))
}
