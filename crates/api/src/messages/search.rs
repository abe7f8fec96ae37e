//! Which messages `GET /v1/messages` shows.

use serde::Deserialize;
use sparkbot_core::access::Sight;
use sparkbot_core::clock::parse_iso;
use sparkbot_core::outbound::MessageFilter;
use sparkbot_core::phone::Phone;
use sparkbot_core::wid::Wid;
use utoipa::IntoParams;

use crate::answer::Paging;
use crate::error::{Answer, Problem};
use crate::request::plus_kept;
use crate::request::words::words;

/// Where a message stands in the queue; `pending` is both of the first two.
const STATUS: &[&str] =
    &["queued", "processing", "processed", "failed", "expired", "removed", "pending", "sent", "delivered", "read"];
/// What WhatsApp says of it.
const DELIVERY: &[&str] =
    &["pending", "queued", "processing", "sent", "delivered", "read", "played", "failed", "cancelled"];
/// Words of `status` that mean what `deliveryStatus` says.
const DELIVERED: &[&str] = &["sent", "delivered", "read"];
const WEBHOOK: &[&str] = &["pending", "success", "notified", "failed", "ignored", "cancelled", "expired"];
/// `template` is known to clients and never sent from here.
const KINDS: &[&str] = &[
    "text",
    "image",
    "video",
    "audio",
    "voice",
    "document",
    "sticker",
    "location",
    "contact",
    "poll",
    "poll_vote",
    "event",
    "event_response",
    "reaction",
    "product",
    "forward",
    "buttons",
    "list",
    "template",
];
const PRIORITY: &[(&str, i64)] = &[("low", 10), ("normal", 20), ("high", 30), ("urgent", 40)];

words! {
    QueueState = STATUS;
    DeliveryState = DELIVERY;
    WebhookState = WEBHOOK;
    MessageKind = KINDS;
    Priority = &["low", "normal", "high", "urgent"];
    Source = &["api", "chat", "autoreply"];
    Target = &["user", "group", "channel"];
    Order = &["date:desc", "date:asc"];
}

fn size() -> i64 {
    20
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct MessageSearch {
    /// Only with this text in the message, reference, phone number or WhatsApp id; looked for in the newest 5,000
    /// messages, or in those of the chats, references, agents or statuses that are asked for along with it.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only with one of these states. `sent`, `delivered` and `read` are what WhatsApp says, as in `deliveryStatus`;
    /// `pending` is what has not left yet.
    #[param(value_type = Vec<QueueState>, inline)]
    #[serde(default)]
    status: Vec<String>,
    /// Only those of which WhatsApp says one of these.
    #[param(value_type = Vec<DeliveryState>, inline)]
    #[serde(default)]
    delivery_status: Vec<String>,
    /// Only with webhooks in one of these states.
    #[param(value_type = Vec<WebhookState>, inline)]
    #[serde(default)]
    webhook_status: Vec<String>,
    /// Show these in full.
    #[param(value_type = Vec<super::MessagePart>, inline)]
    #[serde(default)]
    pub(super) include: Vec<String>,
    /// Only these ids.
    ids: Option<Vec<String>>,
    /// Only in the name of these team members.
    agents: Option<Vec<String>>,
    /// Only from the API, only from the inbox, or only what rules have answered.
    #[param(value_type = Option<Source>, inline)]
    source: Option<String>,
    /// Only to persons, groups or channels.
    #[param(value_type = Option<Target>, inline)]
    target: Option<String>,
    /// Only of these kinds.
    #[param(rename = "type", value_type = Vec<MessageKind>, inline)]
    #[serde(default, rename = "type")]
    kinds: Vec<String>,
    /// Only with these WhatsApp ids.
    wa_ids: Option<Vec<String>>,
    /// Only from these numbers.
    devices: Option<Vec<String>>,
    /// Only from this number.
    device: Option<String>,
    /// Only with these references.
    reference: Option<Vec<String>>,
    /// Only of these priorities.
    #[param(value_type = Vec<Priority>, inline)]
    #[serde(default)]
    priority: Vec<String>,
    /// Only to this phone number, in E.164.
    #[param(max_length = 40, example = "+16001234561")]
    phone: Option<String>,
    /// Only to this group, `…@g.us`.
    #[param(max_length = 50)]
    group: Option<String>,
    /// Only to this channel, `…@newsletter`.
    #[param(max_length = 50)]
    channel: Option<String>,
    /// Only for delivery after this time.
    #[param(format = DateTime)]
    after: Option<String>,
    /// Only for delivery before this time.
    #[param(format = DateTime)]
    before: Option<String>,
    /// Only accepted after this time.
    #[param(format = DateTime)]
    created_after: Option<String>,
    /// Only accepted before this time.
    #[param(format = DateTime)]
    created_before: Option<String>,
    /// In which order.
    #[param(value_type = Option<Order>, inline)]
    sort: Option<String>,
    /// Messages a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

impl MessageSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn filter(self) -> Answer<MessageFilter> {
        let paging = self.paging();
        let mut devices = self.devices.unwrap_or_default();
        devices.extend(self.device);
        let chats = chats(self.phone, self.group, self.channel)?;
        let time = |text: Option<String>| text.as_deref().and_then(parse_iso);
        let (status, delivery_status) = states(pending(self.status), pending(self.delivery_status));
        Ok(MessageFilter {
            search: self.search,
            status,
            delivery_status,
            webhook_status: self
                .webhook_status
                .into_iter()
                .map(|word| if word == "success" { "notified".into() } else { word })
                .collect(),
            ids: self.ids.unwrap_or_default(),
            agents: self.agents.unwrap_or_default(),
            source: self.source,
            target: self.target,
            kinds: self.kinds,
            wa_ids: self.wa_ids.unwrap_or_default(),
            devices,
            references: self.reference.unwrap_or_default(),
            priorities: PRIORITY
                .iter()
                .filter(|(word, _)| self.priority.iter().any(|p| p == word))
                .map(|(_, n)| *n)
                .collect(),
            chats,
            after: time(self.after),
            before: time(self.before),
            created_after: time(self.created_after),
            created_before: time(self.created_before),
            sight: Sight::All,
            ascending: self.sort.as_deref() == Some("date:asc"),
            size: paging.size(),
            skip: paging.skip(),
        })
    }
}

/// `pending` is what has not left yet.
fn pending(words: Vec<String>) -> Vec<String> {
    let expand =
        |word: String| if word == "pending" { vec!["queued".to_owned(), "processing".to_owned()] } else { vec![word] };
    words.into_iter().flat_map(expand).collect()
}

/// What WhatsApp says of a message in each state of the queue.
const SAID: &[(&str, &[&str])] = &[
    ("queued", &["queued"]),
    ("processing", &["processing"]),
    ("processed", &["sent", "delivered", "read", "played"]),
    ("failed", &["failed"]),
    ("expired", &["failed"]),
    ("removed", &["cancelled"]),
];

/// Words of `status` are states of the queue or what WhatsApp says, and any of
/// them will do; the filter holds both columns and wants each to match. Since a
/// state of the queue settles what WhatsApp can say, the one is written as the
/// other.
fn states(status: Vec<String>, delivery: Vec<String>) -> (Vec<String>, Vec<String>) {
    let (mut said, mut queue): (Vec<_>, Vec<_>) =
        status.into_iter().partition(|word| DELIVERED.contains(&word.as_str()));
    if said.is_empty() {
        return (queue, delivery);
    }
    let implied =
        SAID.iter().filter(|(state, _)| queue.iter().any(|word| word == state)).flat_map(|(_, said)| said.iter());
    said.extend(implied.map(|word| (*word).to_owned()));
    queue.push("processed".to_owned());
    if !delivery.is_empty() {
        said.retain(|word| delivery.contains(word));
        // An empty filter would mean all.
        if said.is_empty() {
            said.push("nothing".to_owned());
        }
    }
    (queue, said)
}

fn chats(phone: Option<String>, group: Option<String>, channel: Option<String>) -> Answer<Vec<String>> {
    let mut chats = Vec::new();
    if let Some(phone) = phone {
        let phone =
            Phone::parse(&plus_kept(phone)).map_err(|error| Problem::invalid("phone:invalid", format!("{error}.")))?;
        chats.push(Wid::user(&phone).as_str().to_owned());
    }
    for (id, code) in [(group, "group:invalid"), (channel, "channel:invalid")] {
        if let Some(id) = id {
            let wid: Wid = id.parse().map_err(|error| Problem::invalid(code, format!("{error}.")))?;
            chats.push(wid.as_str().to_owned());
        }
    }
    Ok(chats)
}

#[cfg(test)]
mod tests {
    use super::{pending, states};

    fn split(status: &[&str], delivery: &[&str]) -> (String, String) {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let (status, delivery) = states(pending(owned(status)), pending(owned(delivery)));
        (status.join(","), delivery.join(","))
    }

    #[test]
    fn status_speaks_of_the_queue_or_of_whatsapp_or_of_both() {
        for (status, delivery, wanted) in [
            (&["pending", "failed"][..], &[][..], ("queued,processing,failed", "")),
            (&[], &["pending", "sent"], ("", "queued,processing,sent")),
            (&["sent", "read"], &[], ("processed", "sent,read")),
            (&["sent", "failed"], &[], ("failed,processed", "sent,failed")),
            (&["sent", "removed"], &["sent"], ("removed,processed", "sent")),
            (&["sent"], &["failed"], ("processed", "nothing")),
        ] {
            assert_eq!(split(status, delivery), (wanted.0.to_owned(), wanted.1.to_owned()));
        }
    }
}
