//! What `POST /v1/messages` may say.

use serde::Deserialize;
use sparkbot_core::devices::Idempotency;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::outbound::{
    ButtonEntry, ContactEntry, Contents, EventEntry, EventReply, Expiration, ForwardEntry, ListEntry, LocationEntry,
    MediaEntry, NewMessage, Options, PollEntry, Receiver, Schedule, VoteEntry,
};
use utoipa::ToSchema;

use super::actions::Action;
use crate::error::{Answer, Problem};
use crate::request::parse_id;
use crate::request::words::words;

words! {
    Priority = &["low", "normal", "high", "urgent"];
    Enqueue = &["", "always", "never", "opportunistic"];
}

/// A message to send: a text, or one of the kinds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"device": crate::examples::DEVICE, "phone": "+16001234561", "message": "hello"}))]
pub(crate) struct SendMessage {
    /// Id of the sending number.
    device: String,
    /// Receiver's phone number in E.164.
    #[schema(max_length = 40)]
    phone: Option<String>,
    /// Receiving group, `…@g.us`.
    #[schema(max_length = 50)]
    group: Option<String>,
    /// Receiving channel, `…@newsletter`.
    #[schema(max_length = 50)]
    channel: Option<String>,
    /// The text, or the text along with media, buttons, a list or a product.
    #[schema(max_length = 6000)]
    message: Option<String>,
    /// A file to send.
    media: Option<MediaEntry>,
    /// A question with answers to choose from.
    poll: Option<PollEntry>,
    /// A vote in a poll; without options it takes an earlier vote back.
    vote: Option<VoteEntry>,
    /// An appointment.
    event: Option<EventEntry>,
    /// An answer to an appointment.
    attend: Option<EventReply>,
    /// The same as `attend`.
    confirm: Option<EventReply>,
    /// A place.
    location: Option<LocationEntry>,
    /// Cards of 1 to 10 people.
    #[schema(min_items = 1, max_items = 10)]
    contacts: Option<Vec<ContactEntry>>,
    /// An emoji for `reactionMessage`; an empty one or `-` takes an earlier one back.
    #[schema(max_length = 10)]
    reaction: Option<String>,
    /// WhatsApp id of the message that `reaction` is for.
    #[schema(max_length = 32)]
    reaction_message: Option<String>,
    /// Id of a product of the own catalog.
    #[schema(max_length = 18)]
    product: Option<String>,
    /// A message to send again.
    forward: Option<ForwardEntry>,
    /// Buttons below the text, 1 to 3.
    #[schema(min_items = 1, max_items = 3)]
    buttons: Option<Vec<ButtonEntry>>,
    /// A list that opens below the text.
    list: Option<ListEntry>,
    /// Small text below buttons.
    #[schema(max_length = 60)]
    footer: Option<String>,
    /// People named in the text as `@digits`, by phone number or WhatsApp id. In groups they are also found in the
    /// text itself.
    #[schema(max_items = 256)]
    mentions: Option<Vec<String>>,
    /// Which messages of the queue leave first.
    #[schema(value_type = Option<Priority>, inline)]
    priority: Option<String>,
    /// Your own id for it, to find it by.
    #[schema(max_length = 128)]
    reference: Option<String>,
    /// Id of the team member in whose name it is sent.
    #[schema(max_length = 24)]
    agent: Option<String>,
    /// Label to put on the chat.
    #[schema(max_length = 30)]
    label: Option<String>,
    /// Send at once, and only when the number is online: before all that waits, and failed instead of queued when
    /// WhatsApp can't be reached.
    live: Option<bool>,
    /// Whether it may wait in the queue: `always` (as without it), `never` (the same as `live`), `opportunistic`
    /// (before all that waits when the number is online, else queued).
    #[schema(value_type = Option<Enqueue>, inline)]
    enqueue: Option<String>,
    /// Tries after the first.
    #[schema(minimum = 0, maximum = 100, default = 25)]
    retries: Option<i64>,
    /// What to do with the chat after delivery.
    #[schema(max_items = 20)]
    actions: Option<Vec<Action>>,
    /// Not before this time, ISO 8601 with a time zone, 366 days ahead at most. One that passes while the server is
    /// down is sent when it is back.
    #[schema(format = DateTime)]
    deliver_at: Option<String>,
    /// Not before a time; the same as `deliverAt` in other words.
    schedule: Option<Scheduled>,
    /// When it is no longer worth sending.
    expiration: Option<Expires>,
    /// How it is shown.
    delivery_options: Option<DeliveryOptions>,
    /// Mark the chat as read first.
    send_read_ack: Option<bool>,
    /// Seconds of "typing…" before it.
    #[schema(minimum = 0, maximum = 30)]
    typing: Option<i64>,
    /// WhatsApp id of the message it answers.
    #[schema(max_length = 32)]
    quote: Option<String>,
    /// Not before what was accepted earlier for the same chat, whatever the priorities.
    order: Option<bool>,
}

/// Not before a time; one of date, delay and delayTo.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Scheduled {
    /// False as if there were no schedule.
    enabled: Option<bool>,
    /// ISO 8601 with a time zone.
    #[schema(format = DateTime)]
    date: Option<String>,
    /// Seconds from now.
    #[schema(minimum = 0, maximum = 31_622_400)]
    delay: Option<i64>,
    /// `15m`, `2h`, `1d`, `1w`… from now.
    #[schema(max_length = 10)]
    delay_to: Option<String>,
}

/// How a message is shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DeliveryOptions {
    /// Whether the first link of a text is shown with a preview.
    #[schema(default = true)]
    preview_url: Option<bool>,
}

/// When a message is no longer worth sending; one of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Expires {
    /// Seconds after it is due.
    #[schema(minimum = 5, maximum = 2_592_000)]
    seconds: Option<i64>,
    /// `10m`, `2h`, `1d`… after it is due.
    #[schema(max_length = 10)]
    duration: Option<String>,
    /// ISO 8601 with a time zone.
    #[schema(format = DateTime)]
    date: Option<String>,
}

impl SendMessage {
    pub(super) fn into_new(self, idempotency: Option<Idempotency>) -> Answer<NewMessage> {
        let device: DeviceId = parse_id(&self.device)?;
        let actions: Result<Vec<_>, _> = self.actions.iter().flatten().map(serde_json::to_value).collect();
        let attend = match (self.attend, self.confirm) {
            (Some(_), Some(_)) => {
                return Err(Problem::invalid(
                    "message:kinds",
                    "'attend' and 'confirm' are the same; give one of them.",
                ));
            }
            (one, other) => one.or(other),
        };
        let schedule = self.schedule.filter(|schedule| schedule.enabled != Some(false));
        Ok(NewMessage {
            device,
            receiver: Receiver {
                phone: given(self.phone),
                group: given(self.group),
                channel: given(self.channel),
                chat: None,
                status: false,
            },
            message: self.message,
            contents: Contents {
                media: self.media,
                poll: self.poll,
                vote: self.vote,
                event: self.event,
                attend,
                location: self.location,
                contacts: self.contacts,
                reaction: self.reaction,
                reaction_message: given(self.reaction_message),
                product: given(self.product),
                forward: self.forward,
                buttons: self.buttons,
                list: self.list,
                footer: given(self.footer),
            },
            options: Options {
                label: given(self.label),
                live: self.live.unwrap_or_default(),
                enqueue: given(self.enqueue),
                typing: self.typing.unwrap_or_default(),
                send_read_ack: self.send_read_ack.unwrap_or_default(),
                order: self.order.unwrap_or_default(),
                preview_url: self.delivery_options.and_then(|options| options.preview_url),
                mentions: self.mentions.unwrap_or_default(),
                status: None,
                actions: actions.map_err(|error| Problem::internal(format!("an action can't be written: {error}")))?,
            },
            priority: self.priority,
            reference: given(self.reference),
            agent: given(self.agent),
            retries: self.retries,
            deliver_at: given(self.deliver_at),
            schedule: schedule.map(|s| Schedule { date: s.date, delay: s.delay, delay_to: s.delay_to }),
            expiration: self.expiration.map(|e| Expiration { seconds: e.seconds, duration: e.duration, date: e.date }),
            quote: given(self.quote),
            idempotency,
        })
    }
}

/// Forms send optional fields that nobody filled in as empty strings.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
