//! Which messages `GET /v1/messages` shows.

use serde::Deserialize;
use sparkbot_core::clock::parse_iso;
use sparkbot_core::phone::Phone;
use sparkbot_core::wid::Wid;
use sparkbot_store::rows::MessageFilter;
use utoipa::IntoParams;
use utoipa::openapi::schema::{Array, Object};

use crate::answer::Paging;
use crate::error::{Answer, Detail, Problem};
use crate::request::plus_kept;
use crate::request::words::{one_of, some_of};

/// Where a message stands in the queue; `pending` is both of the first two.
const STATUS: &[&str] =
    &["queued", "processing", "processed", "failed", "expired", "removed", "pending", "sent", "delivered", "read"];
/// What WhatsApp says of it.
const DELIVERY: &[&str] = &["pending", "queued", "processing", "sent", "delivered", "read", "played", "failed", "cancelled"];
/// Words of `status` that mean what `deliveryStatus` says.
const DELIVERED: &[&str] = &["sent", "delivered", "read"];
const WEBHOOK: &[&str] = &["pending", "success", "notified", "failed", "ignored", "cancelled", "expired"];
const KINDS: &[&str] = &[
    "text", "image", "video", "audio", "voice", "document", "location", "contact", "buttons", "list", "template",
];
const PRIORITY: &[(&str, i64)] = &[("low", 10), ("normal", 20), ("high", 30), ("urgent", 40)];

fn statuses() -> Array {
    some_of(STATUS)
}

fn delivery_statuses() -> Array {
    some_of(DELIVERY)
}

fn webhook_statuses() -> Array {
    some_of(WEBHOOK)
}

fn kinds() -> Array {
    some_of(KINDS)
}

fn priorities() -> Array {
    some_of(&["low", "normal", "high", "urgent"])
}

fn sources() -> Object {
    one_of(&["api", "chat"])
}

fn targets() -> Object {
    one_of(&["user", "group", "channel"])
}

fn orders() -> Object {
    one_of(&["date:desc", "date:asc"])
}

fn size() -> i64 {
    20
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct MessageSearch {
    /// Only with this text in the message, reference, phone number or WhatsApp id.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only with one of these states. `sent`, `delivered` and `read` are what WhatsApp says, as in `deliveryStatus`, and
    /// can't be mixed with the others.
    #[param(schema_with = statuses)]
    #[serde(default)]
    status: Vec<String>,
    /// Only those of which WhatsApp says one of these.
    #[param(schema_with = delivery_statuses)]
    #[serde(default)]
    delivery_status: Vec<String>,
    /// Only with webhooks in one of these states.
    #[param(schema_with = webhook_statuses)]
    #[serde(default)]
    webhook_status: Vec<String>,
    /// Show these in full.
    #[param(schema_with = super::parts)]
    #[serde(default)]
    pub(super) include: Vec<String>,
    /// Only these ids.
    ids: Option<Vec<String>>,
    /// Only in the name of these team members.
    agents: Option<Vec<String>>,
    /// Only from the API, or only from the inbox.
    #[param(schema_with = sources)]
    source: Option<String>,
    /// Only to persons, groups or channels.
    #[param(schema_with = targets)]
    target: Option<String>,
    /// Only of these kinds.
    #[param(rename = "type", schema_with = kinds)]
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
    #[param(schema_with = priorities)]
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
    #[param(schema_with = orders)]
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
        let (status, mut delivery_status) = states(self.status)?;
        if delivery_status.is_empty() {
            delivery_status = pending(self.delivery_status);
        } else if !self.delivery_status.is_empty() {
            delivery_status.retain(|word| self.delivery_status.contains(word));
        }
        Ok(MessageFilter {
            search: self.search,
            status,
            delivery_status,
            webhook_status: self.webhook_status.into_iter().map(|word| if word == "success" { "notified".into() } else { word }).collect(),
            ids: self.ids.unwrap_or_default(),
            agents: self.agents.unwrap_or_default(),
            source: self.source,
            target: self.target,
            kinds: self.kinds,
            wa_ids: self.wa_ids.unwrap_or_default(),
            devices,
            references: self.reference.unwrap_or_default(),
            priorities: PRIORITY.iter().filter(|(word, _)| self.priority.iter().any(|p| p == word)).map(|(_, n)| *n).collect(),
            chats,
            after: time(self.after),
            before: time(self.before),
            created_after: time(self.created_after),
            created_before: time(self.created_before),
            ascending: self.sort.as_deref() == Some("date:asc"),
            size: paging.size(),
            skip: paging.skip(),
        })
    }
}

/// `pending` is what has not left yet.
fn pending(words: Vec<String>) -> Vec<String> {
    let expand = |word: String| if word == "pending" { vec!["queued".to_owned(), "processing".to_owned()] } else { vec![word] };
    words.into_iter().flat_map(expand).collect()
}

/// Words of `status`, split into where a message stands in the queue and what
/// WhatsApp says of it.
fn states(words: Vec<String>) -> Answer<(Vec<String>, Vec<String>)> {
    let (delivery, queue): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| DELIVERED.contains(&word.as_str()));
    if let ([first, ..], [other, ..]) = (delivery.as_slice(), queue.as_slice()) {
        let sentence = format!("'status' can't ask for '{first}' and '{other}' at once: one is what WhatsApp says, the other is the queue.");
        return Err(Problem::faults(vec![Detail::of_property("query:invalid_value", sentence, "status")])
            .hint("Ask for the one in 'deliveryStatus', or ask twice."));
    }
    Ok((pending(queue), delivery))
}

fn chats(phone: Option<String>, group: Option<String>, channel: Option<String>) -> Answer<Vec<String>> {
    let mut chats = Vec::new();
    if let Some(phone) = phone {
        let phone = Phone::parse(&plus_kept(phone)).map_err(|error| Problem::invalid("phone:invalid", format!("{error}.")))?;
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
    use super::states;

    fn split(words: &[&str]) -> Result<(Vec<String>, Vec<String>), String> {
        states(words.iter().map(|word| (*word).to_owned()).collect()).map_err(|problem| problem.message().to_owned())
    }

    #[test]
    fn status_speaks_of_the_queue_or_of_whatsapp() {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(split(&["pending", "failed"]), Ok((owned(&["queued", "processing", "failed"]), vec![])));
        assert_eq!(split(&["sent", "read"]), Ok((vec![], owned(&["sent", "read"]))));
        assert!(split(&["sent", "failed"]).expect_err("mixed").contains("'sent' and 'failed'"));
    }
}
